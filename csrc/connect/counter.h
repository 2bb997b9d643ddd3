// The counter-based random numbers of one column of connections: functions of its number and a key. Host and device.
#pragma once
#include <cstddef>
#include <cstdint>

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

}  // namespace pa
