#include "drawn.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>

#include "../parallel.h"
#include "../philox.h"

namespace pa {

namespace {

double height(double x) { return std::exp(-0.5 * x * x); }

// Calls function(element, its 64 random bits): a call of the generator gives those of two.
template <class Function>
void for_each_drawn(uint64_t key, uint32_t stream, size_t n, unsigned threads, const Function& function) {
  const size_t pairs = (n + 1) / 2;
  in_parallel(threads, [&](unsigned t) {
    for (size_t p = pairs * t / threads; p < pairs * (t + 1) / threads; ++p) {
      const Philox4 r = philox(key, stream, static_cast<uint32_t>(p), static_cast<uint32_t>(uint64_t(p) >> 32), 0);
      function(2 * p, uint64_t(r.x0) << 32 | r.x1);
      if (2 * p + 1 < n) function(2 * p + 1, uint64_t(r.x2) << 32 | r.x3);
    }
  });
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

void draw_uniform(uint64_t key, double low, double high, size_t n, unsigned threads, double* out) {
  for_each_drawn(key, kUniformStream, n, threads,
                 [&](size_t k, uint64_t bits) { out[k] = uniform_number(low, high, bits); });
}

void draw_normal(uint64_t key, double mean, double deviation, Outside outside, double low, double high, size_t n,
                 unsigned threads, double* out) {
  const Ziggurat normal(ziggurat_tables().width, ziggurat_tables().height);
  const Normal of{mean, deviation, outside, low, high};
  for_each_drawn(key, kPairStream, n, threads, [&](size_t k, uint64_t bits) {
    out[k] = normal_number(normal, of, key, k, bits);
    if (__builtin_expect(out[k] != out[k], 0))
      throw std::runtime_error("normal_clipped: a number was outside " + std::to_string(kMostRedraws) + " times");
  });
}

}  // namespace pa
