#include "random_bits.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define PA_HAS_AVX2_CLONE
#include <immintrin.h>
#endif

namespace pa {

namespace {

constexpr uint32_t kFirstFactor = 0xD2511F53u, kSecondFactor = 0xCD9E8D57u;  // as philox()
constexpr uint32_t kFirstStep = 0x9E3779B9u, kSecondStep = 0xBB67AE85u;

#ifdef PA_HAS_AVX2_CLONE
__attribute__((target("avx2"))) inline __m256i all(uint32_t x) { return _mm256_set1_epi64x(x); }

// Four calls side by side, each number in the lower half of 64 bits: a product reads no more than that, and what is in
// the upper half is never looked at. 12 instructions for a number instead of some 50.
__attribute__((target("avx2"))) size_t by_four(uint64_t key, uint32_t stream, uint32_t element, uint32_t step,
                                               uint32_t draw, Counted counted, size_t n_calls, uint64_t* bits) {
  const __m256i first_factor = all(kFirstFactor), second_factor = all(kSecondFactor);
  const __m256i lower = all(0xFFFFFFFFu), places = _mm256_set_epi64x(3, 2, 1, 0);
  size_t call = 0;
  for (; call + 4 <= n_calls; call += 4) {
    const __m256i ahead = _mm256_add_epi64(places, all(static_cast<uint32_t>(call)));
    __m256i x0 = all(step), x1 = all(element), x2 = all(stream), x3 = all(draw);
    if (counted == Counted::kElement)
      x1 = _mm256_add_epi32(x1, ahead);
    else
      x3 = _mm256_add_epi32(x3, ahead);
    uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
      const __m256i p0 = _mm256_mul_epu32(first_factor, x0), p1 = _mm256_mul_epu32(second_factor, x2);
      x0 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p1, 32), x1), all(k0));
      x2 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p0, 32), x3), all(k1));
      x1 = p1;
      x3 = p0;
      k0 += kFirstStep;
      k1 += kSecondStep;
    }
    const __m256i first = _mm256_or_si256(_mm256_slli_epi64(x0, 32), _mm256_and_si256(x1, lower));
    const __m256i second = _mm256_or_si256(_mm256_slli_epi64(x2, 32), _mm256_and_si256(x3, lower));
    const __m256i even = _mm256_unpacklo_epi64(first, second), odd = _mm256_unpackhi_epi64(first, second);
    __m256i* const out = reinterpret_cast<__m256i*>(bits + 2 * call);
    _mm256_storeu_si256(out, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(out + 1, _mm256_permute2x128_si256(even, odd, 0x31));
  }
  return call;
}

size_t some_by_four(uint64_t key, uint32_t stream, uint32_t element, uint32_t step, uint32_t draw, Counted counted,
                    size_t n_calls, uint64_t* bits) {
  static const bool possible = __builtin_cpu_supports("avx2");
  return possible ? by_four(key, stream, element, step, draw, counted, n_calls, bits) : 0;
}
#else
size_t some_by_four(uint64_t, uint32_t, uint32_t, uint32_t, uint32_t, Counted, size_t, uint64_t*) { return 0; }
#endif

}  // namespace

void random_bits(uint64_t key, uint32_t stream, uint32_t element, uint32_t step, uint32_t draw, Counted counted,
                 size_t n_calls, uint64_t* bits) {
  for (size_t call = some_by_four(key, stream, element, step, draw, counted, n_calls, bits); call < n_calls; ++call) {
    const uint32_t ahead = static_cast<uint32_t>(call);
    const Philox4 r = counted == Counted::kElement ? philox(key, stream, element + ahead, step, draw)
                                                   : philox(key, stream, element, step, draw + ahead);
    bits[2 * call] = uint64_t(r.x0) << 32 | r.x1;
    bits[2 * call + 1] = uint64_t(r.x2) << 32 | r.x3;
  }
}

}  // namespace pa
