// The number types of a compiled model, which the compiler's command line defines, and what loops need of them.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

#ifndef PA_REAL
#define PA_REAL double  // precision "double" and "mixed"; float in "single"
#endif
#ifndef PA_ACC
#define PA_ACC PA_REAL  // weights and input buffers: float in "mixed" and "single"
#endif

namespace pa {

using real = PA_REAL;
using acc = PA_ACC;
using flag =
    std::conditional_t<sizeof(real) == 8, int64_t, int32_t>;  // as wide as real, so that loops stay one vector type

// A whole number below 2^51 as a floating-point one. By its bits, because AVX2 has no conversion from 64-bit integers
// and a loop would stay scalar: 2^52 + 2^51 + n has n in the low bits of its fraction.
inline double to_double(int64_t n) {
  const int64_t bits = n + 0x4338000000000000;
  double shifted;
  std::memcpy(&shifted, &bits, sizeof shifted);
  return shifted - 6755399441055744.0;
}

}  // namespace pa
