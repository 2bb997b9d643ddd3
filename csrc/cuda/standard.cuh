// What the engine's headers need of the C++ library, for a compiler that has none: NVRTC has the functions of <cmath>
// in the global namespace and no headers. Any other compiler takes its own.
#pragma once
#ifdef __CUDACC_RTC__

using int8_t = signed char;
using uint8_t = unsigned char;
using int16_t = short;
using uint16_t = unsigned short;
using int32_t = int;
using uint32_t = unsigned int;
using int64_t = long long;
using uint64_t = unsigned long long;
using uintptr_t = unsigned long long;
#define INT64_MIN (-9223372036854775807LL - 1)
#define INT64_MAX 9223372036854775807LL
#define UINT32_MAX 0xFFFFFFFFu

namespace std {

using ::abs;
using ::acos;
using ::acosh;
using ::asin;
using ::asinh;
using ::atan;
using ::atan2;
using ::atanh;
using ::cbrt;
using ::ceil;
using ::copysign;
using ::cos;
using ::cosh;
using ::erf;
using ::exp;
using ::expm1;
using ::fabs;
using ::floor;
using ::fmod;
using ::ldexp;
using ::log;
using ::log10;
using ::log1p;
using ::log2;
using ::memcpy;
using ::nearbyint;
using ::pow;
using ::rint;
using ::round;
using ::sin;
using ::sinh;
using ::size_t;
using ::sqrt;
using ::tan;
using ::tanh;

inline bool isfinite(double x) { return fabs(x) <= 1.7976931348623157e308; }
inline bool isnan(double x) { return x != x; }
inline bool isinf(double x) { return fabs(x) > 1.7976931348623157e308; }

template <bool condition, class A, class B>
struct conditional {
  using type = A;
};
template <class A, class B>
struct conditional<false, A, B> {
  using type = B;
};
template <bool condition, class A, class B>
using conditional_t = typename conditional<condition, A, B>::type;
template <class...>
using void_t = void;
template <class A, class B>
using common_type_t = decltype(true ? A() : B());

template <class T, size_t n>
struct array {
  T values[n > 0 ? n : 1];
  constexpr const T& operator[](size_t k) const { return values[k]; }
  constexpr T& operator[](size_t k) { return values[k]; }
  constexpr size_t size() const { return n; }
  constexpr const T* data() const { return values; }
};

template <class T>
struct numeric_limits {
  static constexpr T infinity() { return T(__builtin_bit_cast(double, uint64_t(0x7FF0000000000000))); }
};

template <class T, class Predicate>
inline T partition_point(T begin, T end, Predicate holds) {
  while (begin != end) {
    const T middle = begin + (end - begin) / 2;
    if (holds(*middle))
      begin = middle + 1;
    else
      end = middle;
  }
  return begin;
}

template <class T, class V>
inline T upper_bound(T begin, T end, const V& value) {
  return partition_point(begin, end, [&](const V& other) { return !(value < other); });
}
template <class T>
inline const T& max(const T& a, const T& b) {
  return a < b ? b : a;
}
template <class T>
inline const T& min(const T& a, const T& b) {
  return b < a ? b : a;
}

}  // namespace std

#else
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#endif
