// The adaptive Runge-Kutta pair of Dormand and Prince (1980), order 5 with an estimate of order 4,
// doi 10.1016/0771-050X(80)90013-3, run inside one time step of the engine.
#pragma once
#include <cmath>

namespace pa {

// What a substep may be wrong by: absolute + relative * |y|, for every variable. Measured in double over 60 ms of a
// firing Hodgkin-Huxley cell at dt = 0.1 ms, where small errors become shifts of the spikes: 1e-8 leaves an error of
// 8e-6 mV where v < -40 mV, 1e-9 one of 7e-7 mV at 1.45 times the cost; under a bombardment they are six times as
// large.
template <class real>
struct Tolerance {
  static constexpr double absolute = sizeof(real) == 8 ? 1e-9 : 1e-6;
  static constexpr double relative = sizeof(real) == 8 ? 1e-9 : 1e-6;
};

template <class real, int n, class Slope>
struct Dopri5 {
  const Slope& slope;
  int watched;  // a variable that stops, for the rest of the step, where it reaches `level`; -1 for none
  double level;
  bool crossed = false;
  double k[7][n];

  void evaluate(double t, const double* y, double* dy) const {
    slope(t, y, dy);
    if (crossed) dy[watched] = 0.0;
  }

  // Try a substep from y, with k[0] the slopes there. Returns its error in units of the tolerance (NaN if it left the
  // range of numbers); next is the result and k[6] the slopes there.
  double attempt(double t, double h, const double* y, double* next) {
    stage<1>(t, h / 5, h, y, next, 1.0 / 5);
    stage<2>(t, h * 3 / 10, h, y, next, 3.0 / 40, 9.0 / 40);
    stage<3>(t, h * 4 / 5, h, y, next, 44.0 / 45, -56.0 / 15, 32.0 / 9);
    stage<4>(t, h * 8 / 9, h, y, next, 19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729);
    stage<5>(t, h, h, y, next, 9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656);
    stage<6>(t, h, h, y, next, 35.0 / 384, 0.0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84);
    double worst = 0;
    for (int i = 0; i < n; ++i) {
      const double error = 71.0 / 57600 * k[0][i] - 71.0 / 16695 * k[2][i] + 71.0 / 1920 * k[3][i] -
                           17253.0 / 339200 * k[4][i] + 22.0 / 525 * k[5][i] - 1.0 / 40 * k[6][i];
      const double size = std::fabs(y[i]) > std::fabs(next[i]) ? std::fabs(y[i]) : std::fabs(next[i]);
      const double ratio = std::fabs(h * error) / (Tolerance<real>::absolute + Tolerance<real>::relative * size);
      worst = ratio <= worst ? worst : ratio;
      if (worst != worst) break;
    }
    return worst;
  }

  // The slopes of one stage, at t + shift, from the weighted slopes of the stages before it.
  template <int which, class... Weights>
  void stage(double t, double shift, double h, const double* y, double* next, Weights... weights) {
    const double a[] = {weights...};
    for (int i = 0; i < n; ++i) {
      double sum = a[0] * k[0][i];
      for (int j = 1; j < which; ++j) sum += a[j] * k[j][i];
      next[i] = y[i] + h * sum;
    }
    evaluate(t + shift, next, k[which]);
  }

  // Advance y from t by dt. substep is the length to try first (0: dt), and on return the one to try next. A substep of
  // dt / 100000 is accepted whatever its error, so that no singularity can stop the run; once a variable is not a
  // number, nothing is left to do, and it stays visible in the result.
  void run(double* y, double t, double dt, double& substep) {
    const double smallest = dt * 1e-5;
    double done = 0, proposed = substep > 0 ? substep : dt;
    watch(y);
    evaluate(t, y, k[0]);
    while (done < dt) {
      const bool last = proposed >= (dt - done) * (1 - 1e-9);
      const double h = last ? dt - done : proposed;
      double next[n];
      const double error = attempt(t + done, h, y, next);
      const bool number = error < 1e300;
      const double change = error > 1e-8 ? 0.9 * std::pow(error, -0.2) : 5.0;
      if (!(error <= 1.0) && h > smallest) {
        proposed = longest(h * (number ? longest(change, 0.1) : 0.1), smallest);
        continue;
      }
      done = last || !number ? dt : done + h;
      for (int i = 0; i < n; ++i) {
        y[i] = next[i];
        k[0][i] = k[6][i];
      }
      if (watch(y)) evaluate(t + done, y, k[0]);
      const double growth = change < 5.0 ? change : 5.0;
      if (!last || h * growth > proposed) proposed = longest(h * growth, smallest);
    }
    substep = proposed < dt ? proposed : dt;
  }

  static double longest(double a, double b) { return a > b ? a : b; }

  // Stop the watched variable at its level; true if that happened now.
  bool watch(double* y) {
    if (watched < 0 || crossed || !(y[watched] >= level)) return false;
    y[watched] = level;
    return crossed = true;
  }
};

// Integrate n variables over one step; true if the watched one has reached its level.
template <class real, int n, class Slope>
inline bool dopri5(double* y, double t, double dt, real& substep, const Slope& slope, int watched = -1,
                   double level = 0.0) {
  Dopri5<real, n, Slope> solver{slope, watched, level, false, {}};
  double h = substep;
  solver.run(y, t, dt, h);
  substep = static_cast<real>(h);
  return solver.crossed;
}

}  // namespace pa
