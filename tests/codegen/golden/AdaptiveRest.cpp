#include "neuron_model.h"
#include "functions.h"
#include "expm.h"

namespace {

using namespace pa;

struct AdaptiveRest {
  static constexpr const char* name = "AdaptiveRest";
  static constexpr uint32_t flags = PA_SPIKING | PA_INJECTABLE;
  static constexpr uint32_t n_params = 5, n_constants = 11, n_state = 5, n_inputs = 1;
  static constexpr const char* param_names[] = {"tau", "tau_exc", "el", "rest", "gm"};
  static constexpr double param_defaults[] = {20.0, 5.0, -65.0, 2.0, 4.0};
  static constexpr const char* constant_names[] = {
      "g_exc_self", "v_solved_constant", "v_solved_g_exc", "v_solved_injected", "v_solved_constant_2", "gm",
      "spikes_constant", "el", "dt", "rest", "_refractory_factor"};
  static constexpr uint64_t constant_depends[] = {0x2u, 0x1u, 0x1u, 0x1u, 0x5u, 0x10u, 0x0u, 0x4u, 0x0u, 0x8u, 0x0u};
  static constexpr const char* state_names[] = {"g_exc", "v", "period", "t_last", "_refractory"};
  static constexpr double state_inits[] = {0.0, -65.0, 0.0, -1000000000.0, 0.0};
  static constexpr const char* input_names[] = {"exc"};

  struct Parameters {
    double tau, tau_exc, el, rest, gm;
  };
  struct State {
    real g_exc, v, period, t_last, _refractory;
  };
  struct Constants {
    real
      g_exc_self, v_solved_constant, v_solved_g_exc, v_solved_injected, v_solved_constant_2, gm, spikes_constant, el,
      dt, rest, _refractory_factor;
  };
  struct Inputs {
    real exc;
  };

  static State load_state(real* const* p, size_t k) {
    return {p[0][k], p[1][k], p[2][k], p[3][k], p[4][k]};
  }
  static void store_state(real* const* p, size_t k, const State& s) {
    p[0][k] = s.g_exc;
    p[1][k] = s.v;
    p[2][k] = s.period;
    p[3][k] = s.t_last;
    p[4][k] = s._refractory;
  }
  static Constants load_constants(const real* const* p, size_t k) {
    return {p[0][k], p[1][k], p[2][k], p[3][k], p[4][k], p[5][k], p[6][k], p[7][k], p[8][k], p[9][k], p[10][k]};
  }
  static Inputs take_inputs(acc* const* p, size_t k) {
    const Inputs in{real(p[0][k])};
    p[0][k] = 0;
    return in;
  }

  // Constants of one neuron, computed when a parameter has changed.
  static void derive(const double* params, double dt_ms, double* out) {
    (void)params, (void)dt_ms, (void)out;
    const Parameters p{params[0], params[1], params[2], params[3], params[4]};
    const double A0[] = {-1.0 / p.tau_exc};
    double P0[1], Q0[1];
    propagator<1>(A0, dt_ms, P0, Q0);
    out[0] = P0[0];  // g_exc_self
    out[1] = 1.0 + dt_ms / p.tau;  // v_solved_constant
    out[2] = dt_ms / p.tau;  // v_solved_g_exc
    out[3] = 100.0 * dt_ms / p.tau;  // v_solved_injected
    out[4] = p.el * dt_ms / p.tau;  // v_solved_constant_2
    out[5] = p.gm;  // gm
    out[6] = 1.001 * dt_ms;  // spikes_constant
    out[7] = p.el;  // el
    out[8] = dt_ms;  // dt
    out[9] = p.rest;  // rest
    out[10] = 1.0 / dt_ms;  // _refractory_factor
  }

  // One step; true if the neuron spikes.
  static inline bool step(State& s, const Constants& c, const Inputs& in, const StepContext& x) {
    (void)c, (void)in, (void)x;

    // ---- refractoriness
    const bool active = s._refractory <= real(0);

    // ---- g_exc: exact
    // tau_exc*dg_exc/dt = -g_exc : max=gm
    const real g_exc_next = c.g_exc_self * s.g_exc;

    // ---- v: implicit
    const real v_solved = (c.v_solved_constant_2 + s.v + c.v_solved_injected * x.injected) / (c.v_solved_constant + c.v_solved_g_exc * s.g_exc);
    // tau*dv/dt = el - v + g_exc*(0 - v) + 100*i_inj : init=el, implicit
    const real v_next = select(active, v_solved, s.v);

    // ---- new values
    s.g_exc = g_exc_next;
    s.v = v_next;

    // ---- period: assigned
    // period = period
    s.period = s.period;

    // ---- input that arrives at the end of the step
    s.g_exc = in.exc + s.g_exc;

    // ---- bounds
    s.g_exc = minimum(s.g_exc, c.gm);

    // ---- spike
    // (v > -50) and not (t < 10)
    const bool spikes = active & (((-real(50)) < s.v) & !((c.spikes_constant + x.t_ms) < real(10)));

    // ---- reset
    // v = el
    s.v = select(spikes, c.el, s.v);
    // period = t - t_last
    s.period = select(spikes, c.dt + x.t_ms - s.t_last, s.period);
    s.t_last = select(spikes, c.dt + x.t_ms, s.t_last);
    // refractory = min(rest, period/2)
    s._refractory = select(spikes, std::nearbyint(c._refractory_factor * minimum(c.rest, real(0.5) * s.period)), s._refractory - real(1));
    return spikes;
  }
};

}  // namespace

PA_EXPORT_NEURON(AdaptiveRest)
