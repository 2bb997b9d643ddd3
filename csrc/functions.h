// Elementary functions of the equation language that <cmath> lacks or that a vector loop needs without a branch.
#pragma once
#include <cmath>
#include <type_traits>

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

// (exp(x) - 1) / x, to rounding error for every x.
template <class A>
inline A exprel(A x) {
  const A y = std::expm1(x) / (x == A(0) ? A(1) : x);
  return x == A(0) ? A(1) : y;
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
