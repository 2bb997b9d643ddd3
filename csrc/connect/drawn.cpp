#include "drawn.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>

#include "../parallel.h"
#include "random_bits.h"

namespace pa {

namespace {

double height(double x) { return std::exp(-0.5 * x * x); }

constexpr size_t kPairsAtOnce = 64;

// The random bits of 2 * n_pairs numbers from an even one on.
void draw_bits(const Variate& of, uint64_t first_pair, uint64_t n_pairs, uint64_t* bits) {
  const uint32_t stream = of.kind == 1 ? kUniformStream : kPairStream;
  while (n_pairs > 0) {
    const uint32_t low = static_cast<uint32_t>(first_pair), high = static_cast<uint32_t>(first_pair >> 32);
    const uint64_t n = std::min(n_pairs, (uint64_t(1) << 32) - low);  // until the lower half is full
    random_bits(of.key, stream, low, high, 0, Counted::kElement, n, bits);
    first_pair += n, n_pairs -= n, bits += 2 * n;
  }
}

}  // namespace

ZigguratTables::ZigguratTables() {
  constexpr uint32_t last = Ziggurat::kLayers;
  const double tail = Ziggurat::kTail;
  const double area = tail * pa::height(tail) + std::sqrt(std::acos(-1.0) / 2.0) * std::erfc(tail / std::sqrt(2.0));
  width[0] = area / pa::height(tail);
  width[1] = tail;
  for (uint32_t k = 1; k + 1 < last; ++k)
    width[k + 1] = std::sqrt(-2.0 * std::log(area / width[k] + pa::height(width[k])));
  width[last] = 0.0;
  for (uint32_t k = 0; k <= last; ++k) height[k] = pa::height(width[k]);
}

const ZigguratTables& ziggurat_tables() {
  static const ZigguratTables tables;
  return tables;
}

void draw_variates(const Ziggurat& ziggurat, const Variate& of, uint64_t first, size_t n, double* out) {
  uint64_t bits[2 * kPairsAtOnce];
  const uint64_t end = first + n;
  for (uint64_t begin = first & ~uint64_t(1); begin < end; begin += 2 * kPairsAtOnce) {
    const uint64_t last = std::min(end, begin + 2 * kPairsAtOnce);
    draw_bits(of, begin / 2, (last - begin + 1) / 2, bits);
    for (uint64_t k = std::max(first, begin); k < last; ++k) out[k - first] = variate(ziggurat, of, k, bits[k - begin]);
  }
}

void draw_variates(const Variate& of, size_t n, unsigned threads, double* out) {
  const Ziggurat ziggurat(ziggurat_tables().width, ziggurat_tables().height);
  in_parallel(threads, [&](unsigned t) {
    const size_t first = n * t / threads, end = n * (t + 1) / threads;
    draw_variates(ziggurat, of, first, end - first, out + first);
    for (size_t k = first; k < end; ++k)
      if (__builtin_expect(out[k] != out[k], 0))
        throw std::runtime_error("normal_clipped: a number was outside " + std::to_string(kMostRedraws) + " times");
  });
}

}  // namespace pa
