// PyNN's SpikeSourceInhGamma: a gamma process whose parameters change with time, in bins (Muller et al. 2007, Neural
// Computation 19:2958).
#pragma once
#include <algorithm>

#include "sources/source_data.h"
#include "sources/spike_source_gamma.h"

namespace pa {

// The rate of events at time t, given the age of the process, is that of a gamma process with shape a(t) and scale
// b(t). Muller et al. thin a faster Poisson process to get it. Here the next event is drawn bin by bin, given that it
// was not before the bin, which has the same distribution and needs no bound on the rate. The last bin does not end,
// nothing comes before the first, and in a bin whose a or b is not a positive number nothing comes, either. A replaced
// schedule counts as a change of parameters.
struct InhGammaInterval {
  static constexpr const char* name = "SpikeSourceInhGamma";
  static constexpr std::array<const char*, 2> param_names{"start", "duration"};
  static constexpr std::array<double, 2> param_defaults{0.0, 1e10};
  static constexpr std::array<const char*, 0> shape_names{};
  static constexpr std::array<uint64_t, 0> shape_depends{};

  const double *a = nullptr, *b = nullptr, *tbins = nullptr;
  size_t n = 0;

  static const pa_source_data* data(const pa_block* block) {
    return static_cast<const pa_source_data*>(block->source_data);
  }
  static void derive(const double*, double*) {}
  InhGammaInterval(const real* const*, const pa_block* block, size_t neuron, size_t) {
    if (data(block) == nullptr || data(block)->length[neuron] == 0) return;
    n = data(block)->length[neuron];
    a = data(block)->row[0][neuron];
    b = data(block)->row[1][neuron];
    tbins = data(block)->row[2][neuron];
  }

  bool active(size_t i) const { return a[i] > 0 && b[i] > 0 && a[i] < kNever && b[i] < kNever; }
  double end(size_t i) const { return i + 1 < n ? tbins[i + 1] : kNever; }
  // The first bin that is not over at this time and has events.
  size_t bin(double from) const {
    size_t i = static_cast<size_t>(std::upper_bound(tbins, tbins + n, from) - tbins);
    if (i > 0) --i;
    while (i < n && !(active(i) && end(i) > from)) ++i;
    return i;
  }
  bool silent() const { return n == 0; }
  double begin(double from, Draws& draws) const {
    const size_t i = bin(from);
    return i == n ? kNever : stationary_gamma(a[i], 1000.0 * b[i], std::max(from, tbins[i]), draws);
  }
  double next(double last, double from, Draws& draws) const {
    for (size_t i = bin(from); i < n; i = bin(from)) {
      from = std::max(from, tbins[i]);
      const double scale = 1000.0 * b[i];
      const double event = std::max(last + scale * gamma_above(a[i], (from - last) / scale, draws), from);
      if (event < end(i)) return event;
      from = end(i);
    }
    return kNever;
  }

  static bool renewed(const pa_block* block, size_t first) {
    if (data(block) == nullptr) return false;
    const int64_t* due = data(block)->due + first;
    flag any = 0;
    for (size_t k = 0; k < PA_CHUNK; ++k) any |= due[k] == PA_DUE_UNKNOWN ? flag(1) : flag(0);
    return any != 0;
  }
  static bool renew(const pa_block* block, size_t neuron) {
    if (data(block) == nullptr || data(block)->due[neuron] != PA_DUE_UNKNOWN) return false;
    data(block)->due[neuron] = PA_DUE_NEVER;
    return true;
  }
};

using SpikeSourceInhGamma = RenewalSource<InhGammaInterval>;

}  // namespace pa
