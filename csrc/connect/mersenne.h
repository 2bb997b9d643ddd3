// The Mersenne Twister MT19937 of Matsumoto and Nishimura 1998, doi 10.1145/272991.272995, and what numpy's RandomState
// makes of its numbers. That stream is frozen (NEP 19), so the same numbers come out here, bit for bit.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pa {

class Mersenne {
 public:
  static constexpr size_t kWords = 624;

  Mersenne(const uint32_t* key, size_t position, bool has_normal, double normal)
      : at_(position), has_normal_(has_normal), normal_(normal) {
    std::memcpy(key_, key, sizeof key_);
    temper();
  }

  const uint32_t* key() const { return key_; }
  size_t position() const { return at_; }
  bool has_normal() const { return has_normal_; }
  double kept_normal() const { return normal_; }

  uint32_t word() {
    if (at_ == kWords) refill();
    return word_[at_++];
  }

  // 53 bits: the uniform number in [0, 1) is this over 2^53.
  uint64_t bits53() {
    const uint64_t high = word() >> 5;
    return high << 26 | word() >> 6;
  }

  double uniform() { return static_cast<double>(bits53()) / 9007199254740992.0; }

  // Two at a time by the polar method of Marsaglia and Bray 1964; the second one is kept for the next call.
  double normal() {
    if (has_normal_) {
      has_normal_ = false;
      const double kept = normal_;
      normal_ = 0.0;
      return kept;
    }
    double x, y, square;
    do {
      x = 2.0 * uniform() - 1.0;
      y = 2.0 * uniform() - 1.0;
      square = x * x + y * y;
    } while (square >= 1.0 || square == 0.0);
    const double factor = std::sqrt(-2.0 * std::log(square) / square);
    normal_ = factor * x;
    has_normal_ = true;
    return factor * y;
  }

  // From 0 to `last`: words cut to as many bits as that has, until one is not above it.
  uint32_t up_to(uint32_t last) {
    if (last == 0) return 0;
    const uint32_t mask = mask_of(last);
    uint32_t value;
    do value = word() & mask;
    while (value > last);
    return value;
  }

  // A random order, from the last place to the second.
  void shuffle(uint32_t* cells, size_t n) {
    for (size_t k = n; k-- > 1;) {
      const uint32_t other = up_to(static_cast<uint32_t>(k));
      const uint32_t moved = cells[k];
      cells[k] = cells[other];
      cells[other] = moved;
    }
  }

 private:
  static uint32_t mask_of(uint32_t last) {
    uint32_t mask = last;
    for (unsigned shift = 1; shift < 32; shift *= 2) mask |= mask >> shift;
    return mask;
  }

  static uint32_t twist(uint32_t first, uint32_t second) {
    const uint32_t y = (first & 0x80000000u) | (second & 0x7fffffffu);
    return y >> 1 ^ ((0u - (y & 1u)) & 0x9908b0dfu);
  }

  void refill() {
    constexpr size_t kAhead = 397, kLate = kWords - kAhead;
    for (size_t k = 0; k < kLate; ++k) key_[k] = key_[k + kAhead] ^ twist(key_[k], key_[k + 1]);
    for (size_t k = kLate; k + 1 < kWords; ++k) key_[k] = key_[k - kLate] ^ twist(key_[k], key_[k + 1]);
    key_[kWords - 1] = key_[kAhead - 1] ^ twist(key_[kWords - 1], key_[0]);
    at_ = 0;
    temper();
  }

  void temper() {
    for (size_t k = 0; k < kWords; ++k) {
      uint32_t y = key_[k];
      y ^= y >> 11;
      y ^= y << 7 & 0x9d2c5680u;
      y ^= y << 15 & 0xefc60000u;
      word_[k] = y ^ y >> 18;
    }
  }

  uint32_t key_[kWords], word_[kWords];
  size_t at_;
  bool has_normal_;
  double normal_;
};

}  // namespace pa
