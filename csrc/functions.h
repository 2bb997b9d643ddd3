// Elementary functions of the equation language that <cmath> lacks or that a vector loop needs without a branch.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "fastmath.h"

namespace pa {

// Argument types may differ in the "single" precision, where an adaptive integrator computes in double.
template <class A, class B>
inline std::common_type_t<A, B> minimum(A a, B b) {
  return a < b ? a : b;
}

template <class A, class B>
inline std::common_type_t<A, B> maximum(A a, B b) {
  return a > b ? a : b;
}

template <class A>
inline A sign(A x) {
  return x > A(0) ? A(1) : (x < A(0) ? A(-1) : A(0));
}

// One of two values. By bits, because compilers turn ?: into branches on the condition and merge those of different
// lines, after which they do not find the way back to a vector loop (GCC 12, jump threading).
template <class A>
inline A select(bool condition, A chosen, A other) {
  using bits = std::conditional_t<sizeof(A) == 8, uint64_t, uint32_t>;
  bits a, b;
  std::memcpy(&a, &chosen, sizeof a);
  std::memcpy(&b, &other, sizeof b);
  const bits mask = bits(0) - bits(condition);
  const bits result = (a & mask) | (b & ~mask);
  std::memcpy(&chosen, &result, sizeof chosen);
  return chosen;
}

// (exp(x) - 1) / x, relative error below 2e-15 (5e-7 in float): by its series for |x| < 1/2, where the quotient
// cancels.
template <class A>
inline A exprel(A x) {
  A series = A(1.0 / 87178291200.0);
  series = series * x + A(1.0 / 6227020800.0);
  series = series * x + A(1.0 / 479001600.0);
  series = series * x + A(1.0 / 39916800.0);
  series = series * x + A(1.0 / 3628800.0);
  series = series * x + A(1.0 / 362880.0);
  series = series * x + A(1.0 / 40320.0);
  series = series * x + A(1.0 / 5040.0);
  series = series * x + A(1.0 / 720.0);
  series = series * x + A(1.0 / 120.0);
  series = series * x + A(1.0 / 24.0);
  series = series * x + A(1.0 / 6.0);
  series = series * x + A(1.0 / 2.0);
  series = series * x + A(1);
  return std::abs(x) < A(0.5) ? series : (vexp(x) - A(1)) / x;
}

// x to a positive whole power, by repeated squaring.
template <int n, class A>
inline A power(A x) {
  if constexpr (n == 1) {
    return x;
  } else if constexpr (n % 2 == 0) {
    const A half = power<n / 2>(x);
    return half * half;
  } else {
    return x * power<n - 1>(x);
  }
}

}  // namespace pa
