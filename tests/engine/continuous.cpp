// Models of continuous transmission, written by hand against csrc/neuron_model.h and csrc/rows_model.h.
#include "neuron_model.h"
#include "rows_model.h"

namespace {
using namespace pa;

// r <- r + 1/2 (drive + sum(exc) + 1/4 mean(r) - r): exact in binary for short runs, so tests can ask for equality.
struct Rate {
  static constexpr const char* name = "Rate";
  static constexpr uint32_t flags = 0;
  static constexpr uint32_t n_params = 1, n_constants = 1, n_state = 2, n_inputs = 2;
  static constexpr const char* param_names[] = {"drive"};
  static constexpr double param_defaults[] = {0};
  static constexpr const char* constant_names[] = {"drive"};
  static constexpr uint64_t constant_depends[] = {1};
  static constexpr const char* state_names[] = {"r", "sum(exc)"};
  static constexpr double state_inits[] = {0, 0};
  static constexpr const char* input_names[] = {"sum(exc)", "mean(r)"};
  struct State {
    real r, sum;
  };
  struct Constants {
    real drive;
  };
  struct Inputs {
    real sum, mean;
  };
  static State load_state(real* const* p, size_t k) { return {p[0][k], p[1][k]}; }
  static void store_state(real* const* p, size_t k, const State& s) { p[0][k] = s.r, p[1][k] = s.sum; }
  static Constants load_constants(const real* const* p, size_t k) { return {p[0][k]}; }
  static Inputs take_inputs(acc* const* p, size_t k) {
    const Inputs in{real(p[0][k]), real(p[1][k])};
    p[0][k] = 0, p[1][k] = 0;
    return in;
  }
  static void derive(const double* params, double, double* out) { out[0] = params[0]; }
  static bool step(State& s, const Constants& c, const Inputs& in, const StepContext&) {
    s.sum = in.sum;
    s.r += real(0.5) * (c.drive + in.sum + real(0.25) * in.mean - s.r);
    return false;
  }
};

// psp: gain * w * pre.r; learning, of everything there is: w += pre.r * post.r / 1024 + theta + level + draws/2^20,
// theta (of a target) += post.r / 64, level (of the projection) += mean(pre.r) / 128.
template <Operation how, bool learning, bool random>
struct Learner {
  static constexpr Operation operation = how;
  static constexpr bool vector = true, draws = random, learns = learning, learns_row = learning,
                        learns_shared = learning;
  static constexpr uint32_t n_params = 1, n_constants = 1, n_variables = 3, n_pre = 1, n_post = 1, n_globals = 1;
  static constexpr const char* param_names[] = {"gain"};
  static constexpr double param_defaults[] = {1};
  static constexpr uint32_t param_locality[] = {PA_LOCAL};
  static constexpr const char* constant_names[] = {"gain"};
  static constexpr uint64_t constant_depends[] = {1};
  static constexpr const char* variable_names[] = {"w", "theta", "level"};
  static constexpr double variable_inits[] = {1, 0, 0};
  static constexpr uint32_t variable_locality[] = {PA_LOCAL, PA_POSTSYNAPTIC, PA_PROJECTION};
  static constexpr const char* pre_names[] = {"r"};
  static constexpr const char* post_names[] = {"r"};
  static constexpr const char* global_names[] = {"mean(pre.r)"};
  struct State {
    real w, theta, level;
  };
  struct Constants {
    real gain;
  };
  struct Pre {
    real r;
  };
  struct Post {
    real r;
  };
  struct Globals {
    real mean;
  };
  static void load_local(State& s, real* const* p, size_t k) { s.w = p[0][k]; }
  static void load_row(State& s, real* const* p, size_t k) { s.theta = p[1][k]; }
  static void load_shared(State& s, real* const* p, size_t k) { s.level = p[2][k]; }
  static void store_weight(real* const* p, size_t k, const State& s) { p[0][k] = s.w; }
  static void store_local(real* const*, size_t, const State&) {}
  static void store_row(real* const* p, size_t k, const State& s) { p[1][k] = s.theta; }
  static void store_shared(real* const* p, size_t k, const State& s) { p[2][k] = s.level; }
  static Constants load_constants(const real* const* p, size_t k) { return {p[0][k]}; }
  static Pre load_pre(const real* const* p, size_t k) { return {p[0][k]}; }
  static Post load_post(const real* const* p, size_t k) { return {p[0][k]}; }
  static Globals load_globals(const real* const* p, size_t k) { return {p[0][k]}; }
  static void derive(const double* params, double, double* out) { out[0] = params[0]; }
  static real psp(const State& s, const Constants& c, const Pre& pre, const Post&, const Globals&, const RowsContext&) {
    return c.gain * s.w * pre.r;
  }
  static void learn_shared(State& s, const Constants&, const Pre&, const Post&, const Globals& g, const RowsContext&) {
    s.level += g.mean / real(128);
  }
  static void learn_row(State& s, const Constants&, const Pre&, const Post& post, const Globals&, const RowsContext&) {
    s.theta += post.r / real(64);
  }
  static void learn(State& s, const Constants&, const Pre& pre, const Post& post, const Globals&,
                    const RowsContext& x) {
    s.w += pre.r * post.r / real(1024) + s.theta + s.level;
    if (random) s.w += real(x.random.uniform(0)) / real(1048576);
  }
};

struct Sum : Learner<Operation::kSum, false, false> {
  static constexpr const char* name = "Sum";
};
struct Max : Learner<Operation::kMax, false, false> {
  static constexpr const char* name = "Max";
};
struct Min : Learner<Operation::kMin, false, false> {
  static constexpr const char* name = "Min";
};
struct Mean : Learner<Operation::kMean, false, false> {
  static constexpr const char* name = "Mean";
};
struct Hebb : Learner<Operation::kSum, true, false> {
  static constexpr const char* name = "Hebb";
};
struct Noisy : Learner<Operation::kSum, true, true> {
  static constexpr const char* name = "Noisy";
};
}  // namespace

extern "C" const pa_neuron_kernel* test_kernel(int) { return pa::export_neuron<Rate>(); }
extern "C" const pa_rows_kernel* test_rows(int number) {
  const pa_rows_kernel* const all[] = {export_rows<Sum>(),  export_rows<Max>(),  export_rows<Min>(),
                                       export_rows<Mean>(), export_rows<Hebb>(), export_rows<Noisy>()};
  return all[number];
}
