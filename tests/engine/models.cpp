// Models whose output can be worked out by hand, and one that makes chaos. They export an array of kernels.
#include "neuron_model.h"
#include "sources/source_data.h"

namespace {
using namespace pa;

// Shows what arrives: the input of this step, and how much came in all.
struct Probe {
  static constexpr const char* name = "Probe";
  static constexpr uint32_t flags = PA_INJECTABLE;
  static constexpr uint32_t n_params = 2, n_constants = 2, n_state = 4, n_inputs = 2;
  static constexpr const char* param_names[] = {"gain", "offset"};
  static constexpr double param_defaults[] = {1, 0};
  static constexpr const char* constant_names[] = {"gain", "offset"};
  static constexpr uint64_t constant_depends[] = {1, 2};
  static constexpr const char* state_names[] = {"exc", "inh", "total", "injected"};
  static constexpr double state_inits[] = {0, 0, 0, 0};
  static constexpr const char* input_names[] = {"excitatory", "inhibitory"};
  struct State {
    real exc, inh, total, injected;
  };
  struct Constants {
    real gain, offset;
  };
  struct Inputs {
    real exc, inh;
  };
  static State load_state(real* const* p, size_t k) { return {p[0][k], p[1][k], p[2][k], p[3][k]}; }
  static void store_state(real* const* p, size_t k, const State& s) {
    p[0][k] = s.exc, p[1][k] = s.inh, p[2][k] = s.total, p[3][k] = s.injected;
  }
  static Constants load_constants(const real* const* p, size_t k) { return {p[0][k], p[1][k]}; }
  static Inputs take_inputs(acc* const* p, size_t k) {
    const Inputs in{real(p[0][k]), real(p[1][k])};
    p[0][k] = p[1][k] = 0;
    return in;
  }
  static void derive(const double* p, double, double* c) { c[0] = p[0], c[1] = p[1]; }
  static bool step(State& s, const Constants& c, const Inputs& in, const StepContext& x) {
    s.exc = in.exc, s.inh = in.inh;
    s.total += c.gain * (in.exc + in.inh) + c.offset;
    s.injected = x.injected;
    return false;
  }
};

// Spikes at the step boundaries phase, phase + period, ...; at 0, too.
struct Clock {
  static constexpr const char* name = "Clock";
  static constexpr uint32_t flags = PA_SPIKING | PA_SOURCE;
  static constexpr uint32_t n_params = 2, n_constants = 2, n_state = 1, n_inputs = 0;
  static constexpr const char* param_names[] = {"period", "phase"};
  static constexpr double param_defaults[] = {10, 0};
  static constexpr const char* constant_names[] = {"period", "phase"};
  static constexpr uint64_t constant_depends[] = {1, 2};
  static constexpr const char* state_names[] = {"_next"};
  static constexpr double state_inits[] = {-1};
  static constexpr const char* const* input_names = nullptr;
  struct State {
    real next;
  };
  struct Constants {
    real period, phase;
  };
  struct Inputs {};
  static State load_state(real* const* p, size_t k) { return {p[0][k]}; }
  static void store_state(real* const* p, size_t k, const State& s) { p[0][k] = s.next; }
  static Constants load_constants(const real* const* p, size_t k) { return {p[0][k], p[1][k]}; }
  static Inputs take_inputs(acc* const*, size_t) { return {}; }
  static void derive(const double* p, double, double* c) { c[0] = p[0], c[1] = p[1]; }
  static bool step(State& s, const Constants& c, const Inputs&, const StepContext& x) {
    const real now = std::rint(x.t_ms / x.dt_ms) + real(1);
    const real next = s.next < 0 ? c.phase : s.next;
    const bool spikes = now >= next;
    s.next = spikes ? now + c.period : next;
    return spikes;
  }
};

// Spikes in every step with a probability.
struct Coin {
  static constexpr const char* name = "Coin";
  static constexpr uint32_t flags = PA_SPIKING | PA_SOURCE;
  static constexpr uint32_t n_params = 1, n_constants = 1, n_state = 1, n_inputs = 0;
  static constexpr const char* param_names[] = {"p"};
  static constexpr double param_defaults[] = {0.02};
  static constexpr const char* constant_names[] = {"p"};
  static constexpr uint64_t constant_depends[] = {1};
  static constexpr const char* state_names[] = {"u"};
  static constexpr double state_inits[] = {0};
  static constexpr const char* const* input_names = nullptr;
  struct State {
    real u;
  };
  struct Constants {
    real p;
  };
  struct Inputs {};
  static State load_state(real* const* p, size_t k) { return {p[0][k]}; }
  static void store_state(real* const* p, size_t k, const State& s) { p[0][k] = s.u; }
  static Constants load_constants(const real* const* p, size_t k) { return {p[0][k]}; }
  static Inputs take_inputs(acc* const*, size_t) { return {}; }
  static void derive(const double* p, double, double* c) { c[0] = p[0]; }
  static bool step(State& s, const Constants& c, const Inputs&, const StepContext& x) {
    s.u = real(x.random.uniform(0));
    return s.u < c.p;
  }
};

// Leaky integrate-and-fire with exponential currents: every number differs after a while if a single sum does.
struct Lif {
  static constexpr const char* name = "Lif";
  static constexpr uint32_t flags = PA_SPIKING | PA_INJECTABLE;
  static constexpr uint32_t n_params = 5, n_constants = 6, n_state = 4, n_inputs = 2;
  static constexpr const char* param_names[] = {"tau_m", "tau_syn", "v_thresh", "i_offset", "t_refrac"};
  static constexpr double param_defaults[] = {20, 5, 15, 0.9, 2};
  static constexpr const char* constant_names[] = {"decay_m", "decay_syn", "gain", "v_thresh", "i_offset", "n_refrac"};
  static constexpr uint64_t constant_depends[] = {1, 2, 1, 4, 8, 16};
  static constexpr const char* state_names[] = {"v", "isyn_exc", "isyn_inh", "_refractory"};
  static constexpr double state_inits[] = {0, 0, 0, 0};
  static constexpr const char* input_names[] = {"excitatory", "inhibitory"};
  struct State {
    real v, exc, inh, refractory;
  };
  struct Constants {
    real decay_m, decay_syn, gain, v_thresh, i_offset, n_refrac;
  };
  struct Inputs {
    real exc, inh;
  };
  static State load_state(real* const* p, size_t k) { return {p[0][k], p[1][k], p[2][k], p[3][k]}; }
  static void store_state(real* const* p, size_t k, const State& s) {
    p[0][k] = s.v, p[1][k] = s.exc, p[2][k] = s.inh, p[3][k] = s.refractory;
  }
  static Constants load_constants(const real* const* p, size_t k) {
    return {p[0][k], p[1][k], p[2][k], p[3][k], p[4][k], p[5][k]};
  }
  static Inputs take_inputs(acc* const* p, size_t k) {
    const Inputs in{real(p[0][k]), real(p[1][k])};
    p[0][k] = p[1][k] = 0;
    return in;
  }
  static void derive(const double* p, double dt, double* c) {
    c[0] = std::exp(-dt / p[0]), c[1] = std::exp(-dt / p[1]), c[2] = 20 * (1 - c[0]);
    c[3] = p[2], c[4] = p[3], c[5] = std::nearbyint(p[4] / dt);
  }
  static bool step(State& s, const Constants& c, const Inputs& in, const StepContext& x) {
    const real v = s.v * c.decay_m + c.gain * (c.i_offset + x.injected + s.exc - s.inh);
    s.v = s.refractory > 0 ? s.v : v;
    s.refractory = s.refractory > 0 ? s.refractory - real(1) : real(0);
    s.exc = s.exc * c.decay_syn + in.exc;
    s.inh = s.inh * c.decay_syn + in.inh;
    const bool spikes = s.v >= c.v_thresh;
    s.v = spikes ? real(0) : s.v;
    s.refractory = spikes ? c.n_refrac : s.refractory;
    return spikes;
  }
};

// Spikes once for every number of its last sequence, in the step whose end is nearest.
struct Player {
  static constexpr const char* name = "Player";
  static constexpr uint32_t flags = PA_SPIKING | PA_SOURCE;
  static constexpr uint32_t n_params = 0, n_constants = 0, n_state = 1, n_inputs = 0;
  static constexpr const char* const* param_names = nullptr;
  static constexpr const double* param_defaults = nullptr;
  static constexpr const char* const* constant_names = nullptr;
  static constexpr const uint64_t* constant_depends = nullptr;
  static constexpr const char* state_names[] = {"_next"};
  static constexpr double state_inits[] = {0};
  static constexpr const char* const* input_names = nullptr;
  static void derive(const double*, double, double*) {}
  static void update(const pa_block* block, const pa_step* now, size_t chunk_begin, size_t chunk_end,
                     pa_spike_sink* out) {
    for (size_t k = chunk_begin * PA_CHUNK; k < chunk_end * PA_CHUNK; ++k) update_neuron(block, now, k, out);
  }
  static void update_neuron(const pa_block* block, const pa_step* now, size_t k, pa_spike_sink* out) {
    const pa_source_data* data = static_cast<const pa_source_data*>(block->source_data);
    const double half = 0.5 * block->dt_ms;
    real& next = static_cast<real*>(block->state[0])[k];
    if (data->due[k] == PA_DUE_NEVER) return;
    if (data->due[k] == PA_DUE_UNKNOWN) next = 0;
    data->due[k] = 0;
    const double* const time = data->row[0][k];
    for (; next < real(data->length[k]) && time[size_t(next)] < now->t_end_ms + half; ++next)
      if (time[size_t(next)] > now->t_ms + half) push_spike(out, block->neuron[k], now->t_end_ms);
  }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const pa_neuron_kernel* test_kernel(int number) {
  switch (number) {
    case 0:
      return pa::export_neuron<Probe>();
    case 1:
      return pa::export_neuron<Clock>();
    case 2:
      return pa::export_neuron<Coin>();
    case 3:
      return pa::export_neuron<Lif>();
    case 4:
      return pa::export_neuron<Player>();
    default:
      return nullptr;
  }
}
