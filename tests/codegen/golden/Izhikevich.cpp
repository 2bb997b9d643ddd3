#include "neuron_model.h"
#include "functions.h"

namespace {

using namespace pa;

struct Izhikevich {
  static constexpr const char* name = "Izhikevich";
  static constexpr uint32_t flags = PA_SPIKING;
  static constexpr uint32_t n_params = 5, n_constants = 8, n_state = 5, n_inputs = 2;
  static constexpr const char* param_names[] = {"a", "b", "c", "d", "I"};
  static constexpr double param_defaults[] = {0.02, 0.2, -65.0, 8.0, 0.0};
  static constexpr const char* constant_names[] = {
      "v_k1_constant", "a", "u_k1_v", "v_y2_v_k1", "v_v_k2", "c", "d", "_refractory_constant"};
  static constexpr uint64_t constant_depends[] = {0x10u, 0x1u, 0x3u, 0x0u, 0x0u, 0x4u, 0x8u, 0x0u};
  static constexpr const char* state_names[] = {"v", "u", "g_exc", "g_inh", "_refractory"};
  static constexpr double state_inits[] = {-65.0, -13.0, 0.0, 0.0, 0.0};
  static constexpr const char* input_names[] = {"exc", "inh"};

  struct Parameters {
    double a, b, c, d, I;
  };
  struct State {
    real v, u, g_exc, g_inh, _refractory;
  };
  struct Constants {
    real v_k1_constant, a, u_k1_v, v_y2_v_k1, v_v_k2, c, d, _refractory_constant;
  };
  struct Inputs {
    real exc, inh;
  };

  static State load_state(real* const* p, size_t k) {
    return {p[0][k], p[1][k], p[2][k], p[3][k], p[4][k]};
  }
  static void store_state(real* const* p, size_t k, const State& s) {
    p[0][k] = s.v;
    p[1][k] = s.u;
    p[2][k] = s.g_exc;
    p[3][k] = s.g_inh;
    p[4][k] = s._refractory;
  }
  static Constants load_constants(const real* const* p, size_t k) {
    return {p[0][k], p[1][k], p[2][k], p[3][k], p[4][k], p[5][k], p[6][k], p[7][k]};
  }
  static Inputs take_inputs(acc* const* p, size_t k) {
    const Inputs in{real(p[0][k]), real(p[1][k])};
    p[0][k] = 0;
    p[1][k] = 0;
    return in;
  }

  // Constants of one neuron, computed when a parameter has changed.
  static void derive(const double* params, double dt_ms, double* out) {
    (void)params, (void)dt_ms, (void)out;
    const Parameters p{params[0], params[1], params[2], params[3], params[4]};
    out[0] = 140.0 + p.I;  // v_k1_constant
    out[1] = p.a;  // a
    out[2] = p.a * p.b;  // u_k1_v
    out[3] = 0.5 * dt_ms;  // v_y2_v_k1
    out[4] = 1.0 * dt_ms;  // v_v_k2
    out[5] = p.c;  // c
    out[6] = p.d;  // d
    out[7] = std::nearbyint(2.0 / dt_ms);  // _refractory_constant
  }

  // One step; true if the neuron spikes.
  static inline bool step(State& s, const Constants& c, const Inputs& in, const StepContext& x) {
    (void)c, (void)in, (void)x;

    // ---- refractoriness
    const bool active = s._refractory <= real(0);

    // ---- v, u: midpoint
    const real x1_0 = c.v_k1_constant + s.g_exc - s.g_inh;
    // dv/dt = 0.04*v^2 + 5*v + 140 - u + I + g_exc - g_inh : init=-65.0, midpoint
    const real v_k1 = x1_0 + real(0.04) * (s.v * s.v) + real(5) * s.v - s.u;
    // du/dt = a*(b*v - u) : init=-13.0
    const real u_k1 = c.u_k1_v * s.v - c.a * s.u;
    const real v_y2 = s.v + c.v_y2_v_k1 * v_k1;
    const real u_y2 = s.u + c.v_y2_v_k1 * u_k1;
    const real v_k2 = x1_0 + real(0.04) * (v_y2 * v_y2) + real(5) * v_y2 - u_y2;
    const real u_k2 = c.u_k1_v * v_y2 - c.a * u_y2;
    // dv/dt = 0.04*v^2 + 5*v + 140 - u + I + g_exc - g_inh : init=-65.0, midpoint
    const real v_next = select(active, s.v + c.v_v_k2 * v_k2, s.v);
    // du/dt = a*(b*v - u) : init=-13.0
    const real u_next = select(active, s.u + c.v_v_k2 * u_k2, s.u);

    // ---- new values
    s.v = v_next;
    s.u = u_next;

    // ---- input that arrives at the end of the step
    s.g_exc = in.exc;
    s.g_inh = in.inh;

    // ---- spike
    // v >= 30.0
    const bool spikes = active & (real(30) <= s.v);

    // ---- reset
    // v = c
    s.v = select(spikes, c.c, s.v);
    // u += d
    s.u = select(spikes, c.d + s.u, s.u);
    // refractory = 2.0
    s._refractory = select(spikes, c._refractory_constant, s._refractory - real(1));
    return spikes;
  }
};

}  // namespace

PA_EXPORT_NEURON(Izhikevich)
