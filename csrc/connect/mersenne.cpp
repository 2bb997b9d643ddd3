#include "mersenne.h"

// A faster version where the processor has AVX2, chosen when the module is loaded; ThreadSanitizer's own functions,
// which the choice would call, are not there yet at that time.
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_THREAD__)
#define PA_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define PA_WIDE
#endif

namespace pa {

namespace {

constexpr size_t kAhead = 397, kLate = Mersenne::kWords - kAhead;

inline uint32_t twist(uint32_t first, uint32_t second) {
  const uint32_t y = (first & 0x80000000u) | (second & 0x7fffffffu);
  return y >> 1 ^ ((0u - (y & 1u)) & 0x9908b0dfu);
}

}  // namespace

PA_WIDE void twist_words(uint32_t* key) {
  for (size_t k = 0; k < kLate; ++k) key[k] = key[k + kAhead] ^ twist(key[k], key[k + 1]);
  for (size_t k = kLate; k + 1 < Mersenne::kWords; ++k) key[k] = key[k - kLate] ^ twist(key[k], key[k + 1]);
  key[Mersenne::kWords - 1] = key[kAhead - 1] ^ twist(key[Mersenne::kWords - 1], key[0]);
}

PA_WIDE void temper_words(const uint32_t* key, uint32_t* word) {
  for (size_t k = 0; k < Mersenne::kWords; ++k) {
    uint32_t y = key[k];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    word[k] = y ^ y >> 18;
  }
}

// Sixteen numbers at a time are looked at by their upper 27 bits, which nearly always decide that there is none.
PA_WIDE size_t below_words(const uint32_t* word, uint64_t limit, uint32_t first, uint32_t end, uint32_t* row) {
  constexpr uint32_t kGroup = 16;
  const uint32_t high = static_cast<uint32_t>(limit >> 26);
  size_t found = 0;
  uint32_t i = first;
  const auto look = [&] {
    const uint64_t bits = uint64_t(word[0] >> 5) << 26 | word[1] >> 6;
    row[found] = i++;
    found += bits < limit;
    word += 2;
  };
  if (high < (1u << 27) / 8) {
    for (; i + kGroup <= end;) {
      uint32_t any = 0;
      for (uint32_t k = 0; k < kGroup; ++k) any |= (word[2 * k] >> 5) <= high;
      if (any != 0) {
        for (uint32_t k = 0; k < kGroup; ++k) look();
      } else {
        i += kGroup;
        word += 2 * kGroup;
      }
    }
  }
  while (i < end) look();
  return found;
}

}  // namespace pa
