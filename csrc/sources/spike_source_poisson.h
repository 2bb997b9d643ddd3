// PyNN's SpikeSourcePoisson: events at a constant rate, independent of each other.
#pragma once
#include "sources/renewal.h"

namespace pa {

struct PoissonInterval {
  static constexpr const char* name = "SpikeSourcePoisson";
  static constexpr std::array<const char*, 3> param_names{"rate", "start", "duration"};
  static constexpr std::array<double, 3> param_defaults{1.0, 0.0, 1e10};
  static constexpr std::array<const char*, 1> shape_names{"_mean_ms"};
  static constexpr std::array<uint64_t, 1> shape_depends{1};

  double mean;

  static void derive(const double* params, double* shape) { shape[0] = 1000.0 / params[0]; }
  PoissonInterval(const real* const* shape, const pa_block*, size_t, size_t k) : mean(shape[0][k]) {}
  bool silent() const { return mean == kNever; }
  double begin(double from, Draws&) const { return from; }
  double next(double, double from, Draws& draws) const { return from + mean * draws.exponential(); }
  static bool renewed(const pa_block*, size_t) { return false; }
  static bool renew(const pa_block*, size_t) { return false; }
};

using SpikeSourcePoisson = RenewalSource<PoissonInterval>;

}  // namespace pa
