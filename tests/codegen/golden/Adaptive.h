#include "neuron_model.h"
#include "functions.h"
#include "dopri5.h"

namespace {

using namespace pa;

struct Adaptive {
  static constexpr const char* name = "Adaptive";
  static constexpr uint32_t flags = PA_SPIKING | PA_INJECTABLE;
  static constexpr uint32_t n_params = 9, n_constants = 13, n_state = 3, n_inputs = 0;
  static constexpr const char* param_names[] = {"c", "g", "e", "slope", "v_t", "a", "b", "tau_w", "v_r"};
  static constexpr double param_defaults[] = {200.0, 10.0, -70.0, 2.0, -50.0, 2.0, 60.0, 120.0, -58.0};
  static constexpr const char* constant_names[] = {
      "_upstroke_constant", "inv_slope", "_upstroke_factor", "inv_c", "dv_injected", "dv_v_now", "dv_constant",
      "dv_factor", "inv_tau_w", "dw_constant", "dw_v_now", "v_r", "b"};
  static constexpr uint64_t constant_depends[] = {
      0x18u, 0x8u, 0xau, 0x1u, 0x1u, 0x3u, 0x7u, 0xbu, 0x80u, 0xa4u, 0xa0u, 0x100u, 0x40u};
  static constexpr const char* state_names[] = {"v", "w", "_h"};
  static constexpr double state_inits[] = {-70.0, 0.0, 0.0};
  static constexpr const char* input_names[] = {""};

  struct Parameters {
    double c, g, e, slope, v_t, a, b, tau_w, v_r;
  };
  struct State {
    real v, w, _h;
  };
  struct Constants {
    real
      _upstroke_constant, inv_slope, _upstroke_factor, inv_c, dv_injected, dv_v_now, dv_constant, dv_factor, inv_tau_w,
      dw_constant, dw_v_now, v_r, b;
  };
  struct Inputs {};

  static State load_state(real* const* p, size_t k) {
    return {p[0][k], p[1][k], p[2][k]};
  }
  static void store_state(real* const* p, size_t k, const State& s) {
    p[0][k] = s.v;
    p[1][k] = s.w;
    p[2][k] = s._h;
  }
  static Constants load_constants(const real* const* p, size_t k) {
    return {
      p[0][k], p[1][k], p[2][k], p[3][k], p[4][k], p[5][k], p[6][k], p[7][k], p[8][k], p[9][k], p[10][k], p[11][k],
      p[12][k]};
  }
  static Inputs take_inputs(acc* const* p, size_t k) {
    const Inputs in{};
    return in;
  }

  // Constants of one neuron, computed when a parameter has changed.
  static void derive(const double* params, double dt_ms, double* out) {
    (void)params, (void)dt_ms, (void)out;
    const Parameters p{params[0], params[1], params[2], params[3], params[4], params[5], params[6], params[7], params[8]};
    out[0] = p.v_t / p.slope;  // _upstroke_constant
    out[1] = 1.0 / p.slope;  // inv_slope
    out[2] = p.g * p.slope;  // _upstroke_factor
    out[3] = 1.0 / p.c;  // inv_c
    out[4] = 1000.0 / p.c;  // dv_injected
    out[5] = p.g / p.c;  // dv_v_now
    out[6] = p.e * p.g / p.c;  // dv_constant
    out[7] = p.g * p.slope / p.c;  // dv_factor
    out[8] = 1.0 / p.tau_w;  // inv_tau_w
    out[9] = p.a * p.e / p.tau_w;  // dw_constant
    out[10] = p.a / p.tau_w;  // dw_v_now
    out[11] = p.v_r;  // v_r
    out[12] = p.b;  // b
  }

  // One step; true if the neuron spikes.
  static inline bool step(State& s, const Constants& c, const Inputs& in, const StepContext& x) {
    (void)c, (void)in, (void)x;

    // ---- _upstroke_now: assigned
    // _upstroke = g*slope*exp((v - v_t)/slope)  (written out where it is read)

    // ---- v, w: rk45
    const auto slope = [&](double t_now, const double* y, double* dy) {
      (void)t_now;
      using real = double;
      const double v_now = y[0], w_now = y[1];
      // c*dv/dt = g*(e - v) + _upstroke - w + 1000*i_inj : init=-70.0
      dy[0] = c.dv_constant + c.dv_factor * vexp(c.inv_slope * v_now - c._upstroke_constant) + c.dv_injected * x.injected - c.dv_v_now * v_now - c.inv_c * w_now;
      // tau_w*dw/dt = a*(v - e) - w
      dy[1] = c.dw_v_now * v_now - c.dw_constant - c.inv_tau_w * w_now;
    };
    double slope_y[] = {double(s.v), double(s.w)};
    const bool v_crossed = dopri5<real, 2>(slope_y, x.t_ms, x.dt_ms, s._h, slope, 0, real(0));
    const real v_end = real(slope_y[0]), w_end = real(slope_y[1]);
    const real v_next = v_end;
    const real w_next = w_end;

    // ---- new values
    s.v = v_next;
    s.w = w_next;

    // ---- spike
    // v > 0
    const bool spikes = v_crossed | (real(0) < s.v);

    // ---- reset
    // v = v_r
    s.v = select(spikes, c.v_r, s.v);
    // w += b
    s.w = select(spikes, c.b + s.w, s.w);
    return spikes;
  }
};

}  // namespace
