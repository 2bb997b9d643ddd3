// Normal numbers from counter-based random bits, the same on the CPU and on devices.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "connect/portable.h"
#include "fastmath.h"
#include "philox.h"

namespace pa {

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
  static constexpr uint32_t kLayers = 256;
  static constexpr double kTail = 3.6541528853610088;  // with which the uppermost layer ends at exp(0)

  // The width of each layer and the height at which it begins, kLayers + 1 each: `ziggurat_tables()`.
  Ziggurat(const double* width, const double* height) : width_(width), height_(height) {}

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
  __attribute__((noinline)) double at_an_edge(uint64_t bits, Further* further) const {
    for (;; bits = further->bits()) {
      const uint32_t layer = bits & (kLayers - 1);
      const double x = place(bits, layer);
      if (x < width_[layer + 1]) return with_sign(x, bits);
      if (layer == 0) return with_sign(beyond(further), bits);
      if (height_[layer] + further->uniform() * (height_[layer + 1] - height_[layer]) < vexp(-0.5 * x * x))
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

  static double beyond(Further* further) {
    for (;;) {
      const double x = -portable_log(further->uniform()) / kTail, y = -portable_log(further->uniform());
      if (2.0 * y > x * x) return kTail + x;
    }
  }

  const double* width_;
  const double* height_;
};

// What becomes of normal numbers outside [low, high].
enum class Outside : int { kKept, kRedrawn, kMoved };

struct Normal {
  double mean, deviation;
  Outside outside;
  double low, high;
};

// Number `k`, from its 64 random bits; NaN if it is outside again and again.
inline double normal_number(const Ziggurat& normal, const Normal& of, uint64_t key, uint64_t k, uint64_t bits) {
  const double x = of.mean + of.deviation * normal(bits, key, k);
  if (of.outside == Outside::kKept || (x >= of.low && x <= of.high)) return x;
  if (of.outside == Outside::kMoved) return x < of.low ? of.low : of.high;
  Further further(key, k | uint64_t(1) << 63);  // not those that the first one may have needed
  for (int redraws = 0; redraws < kMostRedraws; ++redraws) {
    const double again = of.mean + of.deviation * normal(&further);
    if (again >= of.low && again <= of.high) return again;
  }
  const uint64_t nan = 0x7FF8000000000000u;
  double none;
  std::memcpy(&none, &nan, sizeof none);
  return none;
}

inline double uniform_number(double low, double high, uint64_t bits) {
  return low + (high - low) * to_unit(static_cast<uint32_t>(bits >> 32), static_cast<uint32_t>(bits));
}

}  // namespace pa
