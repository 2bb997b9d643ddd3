// PyNN's SpikeSourcePoissonRefractory: a Poisson process with a dead time after each event.
#pragma once
#include <algorithm>

#include "sources/renewal.h"

namespace pa {

// `rate` is the rate of the events that come, so the dead time is a part of the mean interval. At 1000 / tau_refrac it
// is all of it, and the process is periodic; a higher rate is not possible.
struct PoissonRefractoryInterval {
  static constexpr const char* name = "SpikeSourcePoissonRefractory";
  static constexpr std::array<const char*, 4> param_names{"rate", "tau_refrac", "start", "duration"};
  static constexpr std::array<double, 4> param_defaults{1.0, 0.0, 0.0, 1e10};
  static constexpr std::array<const char*, 2> shape_names{"_dead_ms", "_mean_ms"};
  static constexpr std::array<uint64_t, 2> shape_depends{2, 3};

  double dead, mean;  // the mean of what follows the dead time

  static void derive(const double* params, double* shape) {
    shape[0] = params[1];
    shape[1] = std::max(1000.0 / params[0] - params[1], 0.0);
  }
  PoissonRefractoryInterval(const real* const* shape, const pa_block*, size_t, size_t k)
      : dead(shape[0][k]), mean(shape[1][k]) {}
  bool silent() const { return mean == kNever; }
  // An age has the density (1 - distribution of intervals) / mean interval: flat while dead, then exponential.
  double begin(double from, Draws& draws) const {
    const double x = draws.uniform() * (dead + mean);
    return from - (x < dead ? x : dead + mean * draws.exponential());
  }
  double next(double last, double from, Draws& draws) const {
    return std::max(last + dead, from) + mean * draws.exponential();
  }
  static bool renewed(const pa_block*, size_t) { return false; }
  static bool renew(const pa_block*, size_t) { return false; }
};

using SpikeSourcePoissonRefractory = RenewalSource<PoissonRefractoryInterval>;

}  // namespace pa
