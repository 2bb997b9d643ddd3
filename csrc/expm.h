// The propagator of a small linear system x' = A x + c with constant c: x(t+h) = P x(t) + Q c, where
//   P = exp(A h)   and   Q = integral of exp(A s) ds from 0 to h.
// No eigenvalues are needed, so there is no special case where two time constants are equal, or one is infinite.
#pragma once
#include <cmath>

namespace pa {

// Scaling and squaring: Q by its Taylor series where |A h| <= 1/2 (22 terms: 1e-26), and E = P - 1 = A Q, then
// Q(2h) = 2 Q + E Q and E(2h) = 2 E + E E. With P in place of E, what is slow would be lost in the 1 of P where
// something else is fast. In long double, which on x86 has eleven bits to lose in the squarings.
template <int n>
inline void propagator(const double* a, double h, double* p, double* q) {
#ifdef PA_ON_DEVICE
  using wide = double;  // there is no other
#else
  using wide = long double;
#endif
  if constexpr (n == 1) {
    const double x = a[0] * h;
    p[0] = std::exp(x);
    q[0] = x == 0.0 ? h : h * (std::expm1(x) / x);
    return;
  }
  wide norm = 0;
  for (int i = 0; i < n; ++i) {
    wide row = 0;
    for (int j = 0; j < n; ++j) row += std::fabs(static_cast<wide>(a[i * n + j]) * h);
    norm = row > norm || row != row ? row : norm;
  }
  int doublings = 0;
  for (wide rest = norm; rest > 0.5L && doublings < 1100; rest *= 0.5L) ++doublings;
  const wide span = std::ldexp(static_cast<wide>(h), -doublings);

  wide m[n * n], term[n * n], sum[n * n], product[n * n], change[n * n];
  const auto multiply = [](const wide* x, const wide* y, wide* z) {
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        wide dot = 0;
        for (int k = 0; k < n; ++k) dot += x[i * n + k] * y[k * n + j];
        z[i * n + j] = dot;
      }
  };
  for (int i = 0; i < n * n; ++i) {
    m[i] = a[i] * span;
    term[i] = sum[i] = i % (n + 1) == 0 ? span : 0;
  }
  for (int k = 2; k <= 22; ++k) {  // term = span (A span)^(k-1) / k!
    multiply(term, m, product);
    for (int i = 0; i < n * n; ++i) sum[i] += term[i] = product[i] / k;
  }
  for (int i = 0; i < n * n; ++i) m[i] = a[i];
  multiply(m, sum, change);
  for (int step = 0; step < doublings; ++step) {
    multiply(change, sum, product);
    for (int i = 0; i < n * n; ++i) sum[i] += sum[i] + product[i];
    multiply(change, change, product);
    for (int i = 0; i < n * n; ++i) change[i] += change[i] + product[i];
  }
  for (int i = 0; i < n * n; ++i) {
    p[i] = static_cast<double>(change[i] + (i % (n + 1) == 0 ? 1 : 0));
    q[i] = static_cast<double>(sum[i]);
  }
}

}  // namespace pa
