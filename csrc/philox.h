// Counter-based random numbers: a pure function of (seed, stream, element, step, draw), so no state is kept and
// results do not depend on threads, ranks or order. Philox4x32-10 of Salmon et al. 2011, doi 10.1145/2063384.2063405.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

namespace pa {

struct Philox4 {
  uint32_t x0, x1, x2, x3;
};

inline Philox4 philox(uint64_t seed, uint32_t stream, uint32_t element, uint32_t step, uint32_t draw) {
  uint32_t k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  Philox4 c{step, element, stream, draw};
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t(0xD2511F53u) * c.x0;
    const uint64_t p1 = uint64_t(0xCD9E8D57u) * c.x2;
    c = {static_cast<uint32_t>(p1 >> 32) ^ c.x1 ^ k0, static_cast<uint32_t>(p1),
         static_cast<uint32_t>(p0 >> 32) ^ c.x3 ^ k1, static_cast<uint32_t>(p0)};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c;
}

// 52 random bits in (0, 1): never 0 (its logarithm is taken) and never 1 (which 53 bits and a half would round to). The
// bits become the fraction of a number in [1, 2); AVX2 has no conversion from 64-bit integers, and loops would stay
// scalar.
inline double to_unit(uint32_t hi, uint32_t lo) {
  const uint64_t bits = (uint64_t(hi) << 32 | lo) >> 12 | 0x3FF0000000000000u;
  double one_and;
  std::memcpy(&one_and, &bits, sizeof one_and);
  return one_and - (1.0 - 0.5 / 4503599627370496.0);  // exact: (bits + 1/2) / 2^52
}

// The random numbers of one neuron (or synapse, or current source) in one step.
struct Random {
  uint64_t seed;
  uint32_t stream, element, step;
  uint32_t first = 0;  // where the draws of this occasion begin, if there are several in one step

  double uniform(uint32_t draw) const {
    const Philox4 r = philox(seed, stream, element, step, first + draw);
    return to_unit(r.x0, r.x1);
  }
  double exponential(uint32_t draw) const { return -std::log(uniform(draw)); }
  double normal(uint32_t draw) const {  // Box-Muller, the cosine branch
    const Philox4 r = philox(seed, stream, element, step, first + draw);
    return std::sqrt(-2.0 * std::log(to_unit(r.x0, r.x1))) * std::cos(6.283185307179586476925 * to_unit(r.x2, r.x3));
  }
};

}  // namespace pa
