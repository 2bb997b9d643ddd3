// Random variates of the equation language that a formula does not give: included by the models that use them.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include "sources/draws.h"

namespace pa {

// A gamma variate of scale 1, a function of one uniform random number: its bits are the key of the draws that rejection
// sampling needs, however many these are.
template <class A, class B>
inline A gamma_variate(A uniform, B shape) {
  const double k = static_cast<double>(shape), key = static_cast<double>(uniform);
  if (!(k > 0.0) || !std::isfinite(k)) return A(0);
  uint64_t seed;
  std::memcpy(&seed, &key, sizeof seed);
  Draws draws(Random{seed, 0x47414D4Du, 0, 0});
  return static_cast<A>(gamma_above(k, 0.0, draws));
}

}  // namespace pa
