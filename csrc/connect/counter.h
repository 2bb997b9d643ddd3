// The counter-based random numbers of one column of connections: functions of its number and a key. Host and device.
#pragma once
#include <cstddef>
#include <cstdint>

#include "connect/portable.h"
#include "philox.h"

namespace pa {

constexpr uint32_t kColumnStream = 0x434F4E4Eu;

// Two numbers for each call of the generator: those of `pair`.
inline Philox4 column_bits(uint64_t key, uint64_t column, uint32_t pair) {
  return philox(key, kColumnStream, static_cast<uint32_t>(column), static_cast<uint32_t>(column >> 32), pair);
}
inline uint64_t first_of(const Philox4& r) { return uint64_t(r.x0) << 32 | r.x1; }
inline uint64_t second_of(const Philox4& r) { return uint64_t(r.x2) << 32 | r.x3; }

// From 0 to size - 1, each with a probability that is right to one part in 2^32: the upper half of a product (Lemire
// 2019, doi 10.1145/3230636).
inline uint32_t bits_below(uint64_t bits, uint32_t size) {
  return static_cast<uint32_t>(((bits >> 32) * size + ((bits & 0xffffffffu) * size >> 32)) >> 32);
}

// The numbers of a column one after the other.
class Column {
 public:
  Column(uint64_t key, uint64_t number) : key_(key), number_(number) {}

  uint64_t bits() {
    if (half_) {
      half_ = false;
      return second_;
    }
    const Philox4 r = column_bits(key_, number_, pair_++);
    second_ = second_of(r);
    half_ = true;
    return first_of(r);
  }

  double uniform() {  // in (0, 1)
    const uint64_t b = bits();
    return to_unit(static_cast<uint32_t>(b >> 32), static_cast<uint32_t>(b));
  }

  uint32_t below(uint32_t size) { return bits_below(bits(), size); }

 private:
  uint64_t key_, number_, second_ = 0;
  uint32_t pair_ = 0;
  bool half_ = false;
};

// Goes through the places below `n` that are chosen with a probability each. The number of those that are skipped has a
// geometric distribution, and its logarithm is that of a uniform number.
class Skips {
 public:
  // `scale`: 1 / log(1 - probability), of no meaning for a probability of 0 or 1.
  Skips(double probability, double scale, uint32_t n, Column* random)
      : p_(probability), scale_(scale), n_(n), random_(random) {}

  bool next() {
    at_ += 1.0;
    if (p_ < 1.0) at_ += p_ > 0.0 ? std::floor(portable_log(random_->uniform()) * scale_) : n_;
    return at_ < n_;
  }

  uint32_t place() const { return static_cast<uint32_t>(at_); }

 private:
  double p_, scale_, n_, at_ = -1.0;
  Column* random_;
};

inline uint32_t lowest_bit(uint64_t word) {
#ifdef __CUDACC__
  return static_cast<uint32_t>(__ffsll(static_cast<long long>(word)) - 1);
#else
  return static_cast<uint32_t>(__builtin_ctzll(word));
#endif
}

// `n` of `size` different places in ascending order, each given to `emit`: Floyd's algorithm (Bentley and Floyd 1987,
// doi 10.1145/30401.315746) marks as many as there are to be, or, if that is less, as many as there are not to be. A
// bit for each place; they are 0 before and after.
template <class Emit>
void choose_places(Column* random, uint64_t* marks, uint32_t n, uint32_t size, const Emit& emit) {
  const bool inverse = n > size / 2;
  const uint32_t few = inverse ? size - n : n;
  for (uint32_t last = size - few; last < size; ++last) {
    const uint32_t drawn = random->below(last + 1);
    const uint32_t place = marks[drawn / 64] >> (drawn % 64) & 1 ? last : drawn;
    marks[place / 64] |= uint64_t(1) << (place % 64);
  }
  for (uint64_t w = 0; w * 64 < size; ++w) {
    uint64_t word = inverse ? ~marks[w] : marks[w];
    if (size - w * 64 < 64) word &= (uint64_t(1) << (size - w * 64)) - 1;
    marks[w] = 0;
    for (; word != 0; word &= word - 1) emit(static_cast<uint32_t>(w * 64) + lowest_bit(word));
  }
}

}  // namespace pa
