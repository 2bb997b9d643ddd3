#include "neuron_model.h"
#include "functions.h"
#include "variates.h"

namespace {

using namespace pa;

struct NoisyRate {
  static constexpr const char* name = "NoisyRate";
  static constexpr uint32_t flags = 0;
  static constexpr uint32_t n_params = 5, n_constants = 6, n_state = 3, n_inputs = 0;
  static constexpr const char* param_names[] = {"tau", "top", "mu", "sg", "gain"};
  static constexpr double param_defaults[] = {10.0, 2.0, 0.0, 0.1, 3.0};
  static constexpr const char* constant_names[] = {"noise_constant", "sg", "mu", "x_self", "x_noise", "top"};
  static constexpr uint64_t constant_depends[] = {0x0u, 0x8u, 0x4u, 0x1u, 0x11u, 0x2u};
  static constexpr const char* state_names[] = {"noise", "x", "r"};
  static constexpr double state_inits[] = {0.0, 1.0, 0.0};
  static constexpr const char* input_names[] = {""};

  struct Parameters {
    double tau, top, mu, sg, gain;
  };
  struct State {
    real noise, x, r;
  };
  struct Constants {
    real noise_constant, sg, mu, x_self, x_noise, top;
  };
  struct Inputs {};

  static State load_state(real* const* p, size_t k) {
    return {p[0][k], p[1][k], p[2][k]};
  }
  static void store_state(real* const* p, size_t k, const State& s) {
    p[0][k] = s.noise;
    p[1][k] = s.x;
    p[2][k] = s.r;
  }
  static Constants load_constants(const real* const* p, size_t k) {
    return {p[0][k], p[1][k], p[2][k], p[3][k], p[4][k], p[5][k]};
  }
  static Inputs take_inputs(acc* const* p, size_t k) {
    const Inputs in{};
    return in;
  }

  // Constants of one neuron, computed when a parameter has changed.
  static void derive(const double* params, double dt_ms, double* out) {
    (void)params, (void)dt_ms, (void)out;
    const Parameters p{params[0], params[1], params[2], params[3], params[4]};
    out[0] = 100.0 + 0.001 * dt_ms;  // noise_constant
    out[1] = p.sg;  // sg
    out[2] = p.mu;  // mu
    out[3] = 1.0 - dt_ms * exprel(-dt_ms / p.tau) / p.tau;  // x_self
    out[4] = p.gain * dt_ms * exprel(-dt_ms / p.tau) / p.tau;  // x_noise
    out[5] = p.top;  // top
  }

  // One step; true if the neuron spikes.
  static inline bool step(State& s, const Constants& c, const Inputs& in, const StepContext& x) {
    (void)c, (void)in, (void)x;
    const real normal_0 = real(x.random.normal(0));
    const real uniform_1 = real(x.random.uniform(1));

    // ---- noise: assigned
    // noise = Normal(mu, sg) + if t > 100: Gamma(2.0, sg) else: 0
    s.noise = c.mu + c.sg * normal_0 + select(c.noise_constant < x.t_ms, c.sg * gamma_variate(uniform_1, real(2)), real(0));

    // ---- x: exponential
    // tau*dx/dt + x = gain*noise : init=top/2, exponential
    const real x_next = c.x_noise * s.noise + c.x_self * s.x;

    // ---- new values
    s.x = x_next;

    // ---- r: assigned
    // r = sigmoid(x) : max=top
    s.r = minimum(real(1) / (real(1) + vexp(-s.x)), c.top);
    return false;
  }
};

}  // namespace

PA_EXPORT_NEURON(NoisyRate)
