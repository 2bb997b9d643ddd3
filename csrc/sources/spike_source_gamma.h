// PyNN's SpikeSourceGamma: intervals are gamma distributed with shape alpha and mean alpha / beta.
#pragma once
#include <algorithm>

#include "sources/renewal.h"

namespace pa {

// When the last event was in a stationary gamma process: intervals that cover a given time are longer than others by
// their own length, which makes them gamma distributed with a shape one greater, and it lies anywhere in them.
inline double stationary_gamma(double shape, double scale_ms, double at_ms, Draws& draws) {
  const double part = draws.uniform();
  return at_ms - part * scale_ms * gamma_from_one(shape + 1.0, draws);
}

struct GammaInterval {
  static constexpr const char* name = "SpikeSourceGamma";
  static constexpr std::array<const char*, 4> param_names{"alpha", "beta", "start", "duration"};
  static constexpr std::array<double, 4> param_defaults{2.0, 1.0, 0.0, 1e10};
  static constexpr std::array<const char*, 2> shape_names{"_shape", "_scale_ms"};
  static constexpr std::array<uint64_t, 2> shape_depends{1, 2};

  double shape, scale;

  static void derive(const double* params, double* shape) {
    shape[0] = params[0];
    shape[1] = 1000.0 / params[1];
  }
  GammaInterval(const real* const* constant, const pa_block*, size_t, size_t k)
      : shape(constant[0][k]), scale(constant[1][k]) {}
  bool silent() const { return scale == kNever; }
  double begin(double from, Draws& draws) const { return stationary_gamma(shape, scale, from, draws); }
  double next(double last, double from, Draws& draws) const {
    return std::max(last + scale * gamma_above(shape, (from - last) / scale, draws), from);
  }
  static bool renewed(const pa_block*, size_t) { return false; }
  static bool renew(const pa_block*, size_t) { return false; }
};

using SpikeSourceGamma = RenewalSource<GammaInterval>;

}  // namespace pa
