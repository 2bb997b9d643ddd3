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

// A rate that may be infinite (a time constant of 0), so large that it is as good as that and times 0 is still 0.
inline double finite_rate(double rate) { return minimum(maximum(rate, -1e30), 1e30); }

// ln(k!), by Stirling's series where its error is below 1e-14; std::lgamma writes a global variable.
inline double log_factorial(double k) {
  if (k < 16.0) {
    double product = 1.0;
    for (double j = 2.0; j <= k; j += 1.0) product *= j;
    return std::log(product);
  }
  const double x = k + 1.0, y = 1.0 / (x * x);
  const double series = (1.0 / 12.0 - y * (1.0 / 360.0 - y * (1.0 / 1260.0 - y * (1.0 / 1680.0)))) / x;
  return (x - 0.5) * std::log(x) - x + 0.918938533204672741780 + series;
}

// How many of n trials succeed with probability p, from one uniform random number: the quantile function, by adding up
// probabilities. Where they begin to count is known: Chernoff's bound leaves less than 1e-21 below 14 standard
// deviations. At most some 30 of these are added, and n p terms if that is less.
template <class A>
inline A binomial(A uniform, A n_trials, A probability) {
  const double n = std::nearbyint(static_cast<double>(n_trials)), p0 = static_cast<double>(probability);
  if (!(n >= 1.0) || !(p0 > 0.0)) return A(0);
  if (p0 >= 1.0) return static_cast<A>(n);
  const bool swapped = p0 > 0.5;
  const double p = swapped ? 1.0 - p0 : p0, q = 1.0 - p;
  double left = swapped ? 1.0 - static_cast<double>(uniform) : static_cast<double>(uniform);
  double k = std::floor(n * p - 14.0 * std::sqrt(n * p * q));
  k = k > 0.0 ? k : 0.0;
  double logarithm = k * std::log(p) + (n - k) * std::log1p(-p);
  if (k > 0.0) logarithm += log_factorial(n) - log_factorial(k) - log_factorial(n - k);
  double mass = std::exp(logarithm);
  while (left > mass && k < n) {
    left -= mass;
    mass *= (n - k) / (k + 1.0) * (p / q);
    k += 1.0;
    if (mass == 0.0 && k > n * p) break;  // rounding left something over
  }
  return static_cast<A>(swapped ? n - k : k);
}

}  // namespace pa
