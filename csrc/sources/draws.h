// Random numbers of one neuron in one step, as many as a sampler needs, and gamma variates made from them.
#pragma once
#include <cmath>
#include <cstdint>

#include "philox.h"

namespace pa {

// Counts the draws of one (neuron, step). The step stands where a count of events might: it is known without being
// kept, and never repeats within a segment, whereas a count kept in single precision stops counting at 2^24.
class Draws {
 public:
  explicit Draws(const Random& random) : random_(random) {}
  double uniform() { return random_.uniform(next_++); }
  double exponential() { return random_.exponential(next_++); }
  double normal() { return random_.normal(next_++); }

 private:
  Random random_;
  uint32_t next_ = 0;
};

// A gamma variate of shape >= 1 and scale 1: Marsaglia and Tsang 2000, doi 10.1145/358407.358414. More than 0.95 of the
// trials succeed.
inline double gamma_from_one(double shape, Draws& draws) {
  const double d = shape - 1.0 / 3.0, c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = draws.normal(), y = 1.0 + c * x;
    if (y <= 0.0) continue;
    const double v = y * y * y;
    if (std::log(draws.uniform()) < 0.5 * x * x + d * (1.0 - v + std::log(v))) return d * v;
  }
}

// A gamma variate of shape >= 1 beyond a truncation > shape, from a shifted exponential that touches the density's
// tail: Dagpunar 1978. Its rate is the one that is accepted most often, 0.6 of the trials at least.
inline double gamma_tail(double shape, double above, Draws& draws) {
  const double slack = above - shape;
  const double rate = (slack + std::sqrt(slack * slack + 4.0 * above)) / (2.0 * above);
  const double power = shape - 1.0, tilt = 1.0 - rate;
  // The ratio of the densities is largest where its slope is 0, or at the truncation if that lies beyond.
  const double top = tilt > 0.0 && power > above * tilt ? power / tilt : above;
  for (;;) {
    const double x = above + draws.exponential() / rate;
    if (std::log(draws.uniform()) < power * std::log(x / top) - tilt * (x - top)) return x;
  }
}

// A gamma variate of shape < 1 beyond a truncation >= 0: x^(shape-1) covers the density below 1, exp(-x) beyond it, as
// in Ahrens and Dieter 1974, doi 10.1007/BF02293108. More than half of the trials succeed.
inline double gamma_below_one(double shape, double above, Draws& draws) {
  if (above >= 1.0) {
    for (;;) {
      const double x = above + draws.exponential();
      if (std::log(draws.uniform()) < (shape - 1.0) * std::log(x / above)) return x;
    }
  }
  const double base = std::pow(above, shape);
  const double low = (1.0 - base) / shape, high = std::exp(-1.0);
  for (;;) {
    if (draws.uniform() * (low + high) < low) {
      const double x = std::pow(base + draws.uniform() * (1.0 - base), 1.0 / shape);
      if (draws.uniform() < std::exp(-x)) return x;
    } else {
      const double x = 1.0 + draws.exponential();
      if (draws.uniform() < std::pow(x, shape - 1.0)) return x;
    }
  }
}

// A gamma variate of scale 1, given that it is greater than `above`: all of them for 0. Exact for every shape, and no
// slower far out in the tail.
inline double gamma_above(double shape, double above, Draws& draws) {
  if (shape < 1.0) return gamma_below_one(shape, above, draws);
  if (above > shape) return gamma_tail(shape, above, draws);
  for (;;) {  // at least exp(-1) of all variates are greater than their shape
    const double x = gamma_from_one(shape, draws);
    if (x > above) return x;
  }
}

}  // namespace pa
