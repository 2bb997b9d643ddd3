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

constexpr uint32_t kUniformStream = 0x554E4946u, kPairStream = 0x4E4F524Du, kAgainStream = 0x41474149u;
constexpr int kMostRedraws = 1000;  // as PyNN

// The further random numbers of one element, which few need.
class Further {
 public:
  Further(uint64_t key, uint64_t element)
      : key_(key), low_(static_cast<uint32_t>(element)), high_(static_cast<uint32_t>(element >> 32)) {}
  uint64_t bits() {
    const Philox4 r = philox(key_, kAgainStream, low_, high_, draw_++);
    return uint64_t(r.x0) << 32 | r.x1;
  }
  double uniform() {
    const uint64_t b = bits();
    return to_unit(static_cast<uint32_t>(b >> 32), static_cast<uint32_t>(b));
  }

 private:
  uint64_t key_;
  uint32_t low_, high_, draw_ = 0;
};

// The ziggurat of Marsaglia and Tsang 2000, doi 10.18637/jss.v005.i08: the area under exp(-x^2/2), x >= 0, is covered
// by 256 layers of one size, the lowest of which has the tail beyond `kTail`. Layer, sign and place come from different
// bits of one number, so what Doornik found fault with (2005) does not arise. 98.8 % need neither exp nor log.
class Ziggurat {
 public:
  Ziggurat() {
    const double area = kTail * height(kTail) + std::sqrt(std::acos(-1.0) / 2.0) * std::erfc(kTail / std::sqrt(2.0));
    width_[0] = area / height(kTail);
    width_[1] = kTail;
    for (uint32_t k = 1; k + 1 < kLayers; ++k)
      width_[k + 1] = std::sqrt(-2.0 * std::log(area / width_[k] + height(width_[k])));
    width_[kLayers] = 0.0;
    for (uint32_t k = 0; k <= kLayers; ++k) height_[k] = height(width_[k]);
  }

  // A normal number from these random bits and, if they do not do, from further ones of the element.
  double operator()(uint64_t bits, uint64_t key, uint64_t element) const {
    const uint32_t layer = bits & (kLayers - 1);
    const double x = place(bits, layer);
    if (__builtin_expect(x < width_[layer + 1], 1)) return with_sign(x, bits);
    Further further(key, element);
    return at_an_edge(bits, &further);
  }

  double operator()(Further* further) const { return at_an_edge(further->bits(), further); }

 private:
  static constexpr uint32_t kLayers = 256;
  static constexpr double kTail = 3.6541528853610088;  // with which the uppermost layer ends at exp(0)

  __attribute__((noinline)) double at_an_edge(uint64_t bits, Further* further) const {
    for (;; bits = further->bits()) {
      const uint32_t layer = bits & (kLayers - 1);
      const double x = place(bits, layer);
      if (x < width_[layer + 1]) return with_sign(x, bits);
      if (layer == 0) return with_sign(beyond(further), bits);
      if (height_[layer] + further->uniform() * (height_[layer + 1] - height_[layer]) < height(x))
        return with_sign(x, bits);
    }
  }

  double place(uint64_t bits, uint32_t layer) const {
    return static_cast<double>(static_cast<int64_t>(bits >> 11)) * (1.0 / 9007199254740992.0) * width_[layer];
  }

  // Half of the numbers are negative, which no processor predicts.
  static double with_sign(double x, uint64_t bits) {
    uint64_t all;
    std::memcpy(&all, &x, sizeof all);
    all |= (bits & uint64_t(kLayers)) << 55;
    std::memcpy(&x, &all, sizeof x);
    return x;
  }

  static double height(double x) { return std::exp(-0.5 * x * x); }

  static double beyond(Further* further) {
    for (;;) {
      const double x = -std::log(further->uniform()) / kTail, y = -std::log(further->uniform());
      if (2.0 * y > x * x) return kTail + x;
    }
  }

  double width_[kLayers + 1], height_[kLayers + 1];
};

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

double redrawn(const Ziggurat& normal, uint64_t key, size_t k, double mean, double deviation, double low, double high) {
  Further further(key, uint64_t(k) | uint64_t(1) << 63);  // not those that the first one may have needed
  for (int redraws = 0; redraws < kMostRedraws; ++redraws) {
    const double x = mean + deviation * normal(&further);
    if (x >= low && x <= high) return x;
  }
  throw std::runtime_error("normal_clipped: a number was outside " + std::to_string(kMostRedraws) + " times");
}

}  // namespace

void draw_uniform(uint64_t key, double low, double high, size_t n, unsigned threads, double* out) {
  for_each_drawn(key, kUniformStream, n, threads, [&](size_t k, uint64_t bits) {
    const double u = to_unit(static_cast<uint32_t>(bits >> 32), static_cast<uint32_t>(bits));
    out[k] = low + (high - low) * u;
  });
}

void draw_normal(uint64_t key, double mean, double deviation, Outside outside, double low, double high, size_t n,
                 unsigned threads, double* out) {
  static const Ziggurat normal;
  const double inside_from = outside == Outside::kKept ? -HUGE_VAL : low;
  const double inside_to = outside == Outside::kKept ? HUGE_VAL : high;
  for_each_drawn(key, kPairStream, n, threads, [&](size_t k, uint64_t bits) {
    const double x = mean + deviation * normal(bits, key, k);
    if (x >= inside_from && x <= inside_to)
      out[k] = x;
    else
      out[k] = outside == Outside::kMoved ? std::min(std::max(x, low), high)
                                          : redrawn(normal, key, k, mean, deviation, low, high);
  });
}

}  // namespace pa
