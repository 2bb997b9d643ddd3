// The Mersenne Twister MT19937 of Matsumoto and Nishimura 1998, doi 10.1145/272991.272995, and what numpy's RandomState
// makes of its numbers. That stream is frozen (NEP 19), so the same numbers come out here, bit for bit.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pa {

// The next state of the generator; the words that it gives; and which of the uniform numbers first ... end - 1, made of
// two words each, are below limit / 2^53.
void twist_words(uint32_t* key);
void temper_words(const uint32_t* key, uint32_t* word);
size_t below_words(const uint32_t* word, uint64_t limit, uint32_t first, uint32_t end, uint32_t* row);

class Mersenne {
 public:
  static constexpr size_t kWords = 624;

  Mersenne(const uint32_t* key, size_t position, bool has_normal, double normal)
      : at_(position), has_normal_(has_normal), normal_(normal) {
    std::memcpy(key_, key, sizeof key_);
    temper_words(key_, word_);
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

  // A random order, from the last place to the second. Which words are taken is decided without branches, a part of the
  // places at a time, and then the cells change places: half of all words being rejected, a branch would mostly be
  // mispredicted.
  void shuffle(uint32_t* cells, size_t n) {
    constexpr size_t kPart = 256;
    uint32_t other[kPart + 1];
    for (size_t k = n; k-- > 1;) {
      const uint32_t mask = mask_of(static_cast<uint32_t>(k));
      const size_t lowest = size_t(mask / 2) + 1;  // places from here on have the same mask
      const size_t part = k - lowest + 1 < kPart ? k - lowest + 1 : kPart;
      for (size_t taken = 0; taken < part;) {
        const uint32_t value = word() & mask;
        other[taken] = value;
        taken += value <= k - taken;
      }
      for (size_t t = 0; t < part; ++t) {
        const uint32_t moved = cells[k - t];
        cells[k - t] = cells[other[t]];
        cells[other[t]] = moved;
      }
      k -= part - 1;
    }
  }

  // Appends to `row` the places, of `n`, of uniform numbers below limit / 2^53; returns how many.
  size_t below(uint64_t limit, uint32_t n, uint32_t* row) {
    size_t found = 0;
    for (uint32_t i = 0; i < n;) {
      const size_t pairs = (kWords - at_) / 2;
      if (pairs == 0) {
        row[found] = i++;
        found += bits53() < limit;
        continue;
      }
      const uint32_t end = n - i < pairs ? n : i + static_cast<uint32_t>(pairs);
      found += below_words(word_ + at_, limit, i, end, row + found);
      at_ += 2 * size_t(end - i);
      i = end;
    }
    return found;
  }

 private:
  static uint32_t mask_of(uint32_t last) {
    uint32_t mask = last;
    for (unsigned shift = 1; shift < 32; shift *= 2) mask |= mask >> shift;
    return mask;
  }

  void refill() {
    twist_words(key_);
    at_ = 0;
    temper_words(key_, word_);
  }

  uint32_t key_[kWords], word_[kWords];
  size_t at_;
  bool has_normal_;
  double normal_;
};

}  // namespace pa
