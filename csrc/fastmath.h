// Branch-free elementary functions that the compiler can vectorise on any target, without libmvec or -ffast-math.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#define PA_INLINE inline __attribute__((always_inline))

namespace pa {

// exp(x), relative error below 2e-15 (double) or 2e-7 (float) for -700 < x < 700 (-87 < x < 88); clamped outside.
// Cody-Waite reduction to |r| <= ln2/2, then a Taylor polynomial of the degree that rounding error makes invisible.
PA_INLINE double vexp(double x) {
  x = x > 709.0 ? 709.0 : x;
  x = x < -708.0 ? -708.0 : x;
  const double shift = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to the nearest integer
  const double kd = x * 1.4426950408889634074 + shift;
  int64_t ki;
  std::memcpy(&ki, &kd, sizeof ki);
  const double k = kd - shift;
  const double r = (x - k * 6.93145751953125e-1) - k * 1.42860682030941723212e-6;
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  const uint64_t bits = (static_cast<uint64_t>(ki) + 1023u) << 52;  // the low bits of kd are k; shift drops the rest
  double scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

PA_INLINE float vexp(float x) {
  x = x > 88.0f ? 88.0f : x;
  x = x < -87.0f ? -87.0f : x;
  const float shift = 12582912.0f;  // 1.5 * 2^23
  const float kd = x * 1.44269504088896341f + shift;
  int32_t ki;
  std::memcpy(&ki, &kd, sizeof ki);
  const float k = kd - shift;
  const float r = (x - k * 0.693359375f) - k * -2.12194440e-4f;
  float p = 1.0f / 5040.0f;
  p = p * r + 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const uint32_t bits = (static_cast<uint32_t>(ki) + 127u) << 23;
  float scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

// phi1(x) = (exp(x) - 1) / x, the weight of a constant drive in an exponential integrator, without cancellation at
// small x; exp(x) = 1 + x * phi1(x). From the [4/5] Pade approximant of exp at x/8, doubled three times by phi1(2y) =
// phi1(y) (1 + y phi1(y) / 2): one division, no table and no branch, a third of the cost of exp() and a quotient. As
// that approximant goes to 0 for y -> -inf, phi1 goes to -1 / x: a strong decay is stable, to -1e10 in single
// precision. The relative error is below 1e-15 for |x| < 1, 2e-11 for |x| < 4, 7e-12 for all x < 0, 3e-8 up to 8. Above
// 40, before the denominator's zero at 48, the argument is cut off.
template <class real>
inline real phi1(real x) {
  x = x > real(40) ? real(40) : x;
  const real y = x * real(0.125), y2 = y * y;
  const real above = ((y2 + real(420)) * y2 + real(15120)) - y * (y2 * real(20) + real(840));
  const real below = ((y2 * real(25) + real(2100)) * y2 + real(15120)) - y * ((y2 + real(300)) * y2 + real(8400));
  const real p1 = above / below;
  const real p2 = p1 * (real(1) + real(0.5) * y * p1);
  const real p4 = p2 * (real(1) + y * p2);
  return p4 * (real(1) + (y + y) * p4);
}

// The interval in which a polynomial of degree 9 gives phi1 to 2e-16 and rounding: a step below half of what a cell's
// membrane, with all its conductances, has for a time constant.
template <class real>
inline bool near_zero(real x) {
  return (x >= real(-0.5)) & (x <= real(0.0625));
}

// Negative where x is outside of it: for a loop over many, which collects signs faster than it compares.
template <class real>
inline auto outside(real x) {
  std::conditional_t<sizeof(real) == 8, int64_t, int32_t> below, above;
  const real from_low = x - real(-0.5), from_high = real(0.0625) - x;
  std::memcpy(&below, &from_low, sizeof below);
  std::memcpy(&above, &from_high, sizeof above);
  return below | above;
}

// phi1 in that interval, by interpolation at Chebyshev's points; even and odd powers apart, which halves the chain. Its
// coefficients are an object that a loop's author makes before the loop: as literals they would be loaded anew for
// every four numbers, and loads are what limits such a loop.
template <class real>
struct Phi1Near {
  real c0 = real(0.9999999999999999), c1 = real(0.4999999999999965), c2 = real(0.16666666666683033),
       c3 = real(0.04166666666968391), c4 = real(0.008333333317897056), c5 = real(0.0013888882965123128),
       c6 = real(0.00019840784805177732), c7 = real(2.4782149785896808e-05), c8 = real(2.713203081430265e-06),
       c9 = real(2.2625198620648824e-07);

  PA_INLINE real operator()(real x) const {
    const real x2 = x * x;
    const real high = (c4 + c5 * x) + x2 * ((c6 + c7 * x) + x2 * (c8 + c9 * x));
    return (c0 + c1 * x) + x2 * ((c2 + c3 * x) + x2 * high);
  }
};

// phi1 by the one or the other, so that a number does not depend on its neighbours: kNear says that all are near.
template <bool kNear, class real>
PA_INLINE real phi1_if(real x, const Phi1Near<real>& near) {
  if (kNear) return near(x);
  const real there = near(x), anywhere = phi1(x);
  return near_zero(x) ? there : anywhere;
}

}  // namespace pa
