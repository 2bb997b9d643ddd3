// Logarithms that are the same bits on every processor and on GPUs, whose libraries differ in the last one: sums,
// products and quotients only, in a program that is compiled without fused ones. So is vexp, in fastmath.h.
#pragma once
#include <cstdint>
#include <cstring>

namespace pa {

// log(x) of a positive number from 2^-1022 on, to 1 unit in the last place or so: x = 2^k m with sqrt(1/2) <= m <
// sqrt(2), and log(m) = 2 artanh(s) of s = (m - 1) / (m + 1), |s| < 0.172, by its series.
inline double portable_log(double x) {
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  const uint64_t above = bits - 0x3FE6A09E667F3BCDu;  // the bits of sqrt(1/2)
  const int64_t k = static_cast<int64_t>(above) >> 52;
  bits -= static_cast<uint64_t>(k) << 52;
  double m;
  std::memcpy(&m, &bits, sizeof m);
  const double f = m - 1.0, s = f / (2.0 + f), z = s * s;
  double p = 1.0 / 21.0;
  p = p * z + 1.0 / 19.0;
  p = p * z + 1.0 / 17.0;
  p = p * z + 1.0 / 15.0;
  p = p * z + 1.0 / 13.0;
  p = p * z + 1.0 / 11.0;
  p = p * z + 1.0 / 9.0;
  p = p * z + 1.0 / 7.0;
  p = p * z + 1.0 / 5.0;
  p = p * z + 1.0 / 3.0;
  p = p * z;
  const double n = static_cast<double>(k);
  // 2 s = f - s f exactly; the high part of log(2) has 21 zeros behind it, so its product is exact
  return n * 6.93147180369123816490e-01 + (f - (s * f - (2.0 * s * p + n * 1.90821492927058770002e-10)));
}

}  // namespace pa
