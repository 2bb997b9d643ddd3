#include "neuron_model.h"
#include "functions.h"
#include "expm.h"

namespace {

using namespace pa;

struct Conductance {
  static constexpr const char* name = "Conductance";
  static constexpr uint32_t flags = PA_SPIKING | PA_INJECTABLE;
  static constexpr uint32_t n_params = 7, n_constants = 10, n_state = 3, n_inputs = 1;
  static constexpr const char* param_names[] = {"tau", "cm", "v_rest", "e_exc", "tau_exc", "v_thresh", "tau_refrac"};
  static constexpr double param_defaults[] = {20.0, 1.0, -65.0, 0.0, 5.0, -50.0, 2.0};
  static constexpr const char* constant_names[] = {
      "g_exc_self", "v_rate_constant", "v_rate_g_exc", "v_drive_injected", "v_drive_constant", "v_by_g_exc_constant",
      "v_by_g_exc_injected", "v_thresh", "v_rest", "_refractory_constant"};
  static constexpr uint64_t constant_depends[] = {0x10u, 0x1u, 0x12u, 0x2u, 0x5u, 0x1fu, 0x12u, 0x20u, 0x4u, 0x40u};
  static constexpr const char* state_names[] = {"g_exc", "v", "_refractory"};
  static constexpr double state_inits[] = {0.0, -65.0, 0.0};
  static constexpr const char* input_names[] = {"excitatory"};

  struct Parameters {
    double tau, cm, v_rest, e_exc, tau_exc, v_thresh, tau_refrac;
  };
  struct State {
    real g_exc, v, _refractory;
  };
  struct Constants {
    real
      g_exc_self, v_rate_constant, v_rate_g_exc, v_drive_injected, v_drive_constant, v_by_g_exc_constant,
      v_by_g_exc_injected, v_thresh, v_rest, _refractory_constant;
  };
  struct Inputs {
    real excitatory;
  };

  static State load_state(real* const* p, size_t k) {
    return {p[0][k], p[1][k], p[2][k]};
  }
  static void store_state(real* const* p, size_t k, const State& s) {
    p[0][k] = s.g_exc;
    p[1][k] = s.v;
    p[2][k] = s._refractory;
  }
  static Constants load_constants(const real* const* p, size_t k) {
    return {p[0][k], p[1][k], p[2][k], p[3][k], p[4][k], p[5][k], p[6][k], p[7][k], p[8][k], p[9][k]};
  }
  static Inputs take_inputs(acc* const* p, size_t k) {
    const Inputs in{real(p[0][k])};
    p[0][k] = 0;
    return in;
  }

  // Constants of one neuron, computed when a parameter has changed.
  static void derive(const double* params, double dt_ms, double* out) {
    (void)params, (void)dt_ms, (void)out;
    const Parameters p{params[0], params[1], params[2], params[3], params[4], params[5], params[6]};
    const double A0[] = {-1.0 / p.tau_exc};
    double P0[1], Q0[1];
    propagator<1>(A0, dt_ms, P0, Q0);
    const double A1[] = {-1.0 / p.tau_exc};
    double P1[1], Q1[1];
    propagator<1>(A1, 0.1127016653792583 * dt_ms, P1, Q1);
    const double A2[] = {-1.0 / p.tau_exc};
    double P2[1], Q2[1];
    propagator<1>(A2, 0.5 * dt_ms, P2, Q2);
    const double A3[] = {-1.0 / p.tau_exc};
    double P3[1], Q3[1];
    propagator<1>(A3, 0.8872983346207417 * dt_ms, P3, Q3);
    out[0] = P0[0];  // g_exc_self
    out[1] = 1.0 * dt_ms / p.tau;  // v_rate_constant
    out[2] = (-0.2777777777777778 * P1[0] / p.cm - 0.2777777777777778 * P3[0] / p.cm - 0.4444444444444444 * P2[0] / p.cm) * dt_ms;  // v_rate_g_exc
    out[3] = dt_ms / p.cm;  // v_drive_injected
    out[4] = p.v_rest * dt_ms / p.tau;  // v_drive_constant
    out[5] = (dt_ms * dt_ms) * (p.e_exc * 0.10758287072798381 * P3[0] / p.cm - p.e_exc * 0.10758287072798381 * P1[0] / p.cm) / p.tau + (p.e_exc * 0.2777777777777778 * P1[0] / p.cm + p.e_exc * 0.2777777777777778 * P3[0] / p.cm + p.e_exc * 0.4444444444444444 * P2[0] / p.cm) * dt_ms + p.v_rest * (0.10758287072798381 * P1[0] / p.cm - 0.10758287072798381 * P3[0] / p.cm) * (dt_ms * dt_ms) / p.tau;  // v_by_g_exc_constant
    out[6] = (0.10758287072798381 * P1[0] / p.cm - 0.10758287072798381 * P3[0] / p.cm) * (dt_ms * dt_ms) / p.cm;  // v_by_g_exc_injected
    out[7] = p.v_thresh;  // v_thresh
    out[8] = p.v_rest;  // v_rest
    out[9] = std::nearbyint(p.tau_refrac / dt_ms);  // _refractory_constant
  }

  static constexpr uint32_t n_work = 2;
  struct Work {
    real v_change, v_rate;
  };
  static Work load_work(const real* const* p, size_t k) {
    return {p[0][k], p[1][k]};
  }
  static void store_work(real* const* p, size_t k, const Work& w) {
    p[0][k] = w.v_change;
    p[1][k] = w.v_rate;
  }
  static void store_first(real* const* p, size_t k, const State& s) {
    p[0][k] = s.g_exc;
  }
  static void store_second(real* const* p, size_t k, const State& s) {
    p[1][k] = s.v;
    p[2][k] = s._refractory;
  }

  // A step up to phi1; negative if an argument of that is so far from 0 that no polynomial will do.
  static inline flag begin(State& s, const Constants& c, const Inputs& in, const StepContext& x, Work& w) {
    (void)c, (void)in, (void)x, (void)w;

    // ---- refractoriness

    // ---- g_exc: exact
    // dg_exc/dt = -g_exc/tau_exc
    const real g_exc_next = c.g_exc_self * s.g_exc;

    // ---- v: magnus
    const real v_rate = c.v_rate_g_exc * s.g_exc - c.v_rate_constant;
    const real v_drive = c.v_drive_constant + c.v_drive_injected * x.injected;
    const real v_by_g_exc = c.v_by_g_exc_constant + c.v_by_g_exc_injected * x.injected;
    const real v_change = v_drive + s.g_exc * v_by_g_exc + s.v * v_rate;

    // ---- new values
    s.g_exc = g_exc_next;

    // ---- input that arrives at the end of the step
    s.g_exc = in.excitatory + s.g_exc;

    // ---- for the second half
    w.v_change = v_change;
    w.v_rate = v_rate;
    return outside(v_rate);
  }

  // The rest of the step; true if the neuron spikes.
  template <bool kNear>
  static inline bool finish(State& s, const Constants& c, const Work& w, const StepContext& x) {
    (void)c, (void)w, (void)x;

    // ---- known from the first half
    const bool active = s._refractory <= real(0);

    // ---- v: magnus
    // dv/dt = (v_rest - v)/tau + (g_exc*(e_exc - v) + i_inj)/cm : init=-65.0
    const real v_next = select(active, s.v + w.v_change * x.phi1<kNear>(w.v_rate), s.v);

    // ---- new values
    s.v = v_next;

    // ---- spike
    // v >= v_thresh
    const bool spikes = active & (c.v_thresh <= s.v);

    // ---- reset
    // v = v_rest
    s.v = select(spikes, c.v_rest, s.v);
    // refractory = tau_refrac
    s._refractory = select(spikes, c._refractory_constant, s._refractory - real(1));
    return spikes;
  }
};

}  // namespace
