// The constants of a model's neurons or synapses from their parameters.
#pragma once
#include <cstddef>
#include <vector>

#include "abi.h"

namespace pa {

// parameters: [n_params][n], constants: [n_constants][n].
template <class Kernel>
void derive_constants(const Kernel& kernel, const double* parameters, size_t n, double dt_ms, double* constants) {
  std::vector<double> of_one(kernel.n_params), derived(kernel.n_constants);
  for (size_t k = 0; k < n; ++k) {
    for (size_t p = 0; p < of_one.size(); ++p) of_one[p] = parameters[p * n + k];
    kernel.derive(of_one.data(), dt_ms, derived.data());
    for (size_t c = 0; c < derived.size(); ++c) constants[c * n + k] = derived[c];
  }
}

}  // namespace pa
