#include "decimal.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace pa {

namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr int kDigits = 18;                                             // after the point
constexpr uint64_t kLeast = 1000000000000000000u, kMost = 10 * kLeast;  // what has one digit before it
constexpr int kLowest = -37, kHighest = 18;                             // decimal exponents whose scaling is exact

// 5^k for each scaling by 10^k, k = 18 - exponent: all that fit into 128 bits.
constexpr std::array<Wide, kDigits - kLowest + 1> powers_of_five() {
  std::array<Wide, kDigits - kLowest + 1> powers{};
  Wide power = 1;
  for (Wide& each : powers) {
    each = power;
    power *= 5;
  }
  return powers;
}

constexpr auto kFives = powers_of_five();

struct Scaled {
  uint64_t whole;
  int rounding;  // of what is cut off, against a half: -1, 0 or 1
};

// mantissa * 2^exponent * 10^k, exactly, if its whole part has at most 64 bits.
Scaled scaled(uint64_t mantissa, int exponent, int k) {
  const Wide five = kFives[k];
  const Wide low = static_cast<Wide>(mantissa) * static_cast<uint64_t>(five);
  const Wide high = static_cast<Wide>(mantissa) * static_cast<uint64_t>(five >> 64) + (low >> 64);
  const Wide product = (high << 64) | static_cast<uint64_t>(low);  // its lower 128 bits
  const uint64_t top = static_cast<uint64_t>(high >> 64);
  const int shift = -(exponent + k);
  if (shift <= 0) return {static_cast<uint64_t>(product << -shift), -1};
  uint64_t whole = static_cast<uint64_t>(product >> shift);
  if (shift > 64) whole |= top << (128 - shift);
  const Wide half = static_cast<Wide>(1) << (shift - 1), rest = product & (2 * half - 1);
  return {whole, rest < half ? -1 : rest > half};
}

void print_pair(uint32_t number, char* out) {
  static constexpr char kPairs[] =
      "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
      "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
  std::memcpy(out, kPairs + 2 * number, 2);
}

void print_nine(uint32_t number, char* out) {
  out[0] = static_cast<char>('0' + number / 100000000u);
  number %= 100000000u;
  const uint32_t left = number / 10000u, right = number % 10000u;
  print_pair(left / 100u, out + 1);
  print_pair(left % 100u, out + 3);
  print_pair(right / 100u, out + 5);
  print_pair(right % 100u, out + 7);
}

size_t print_digits(uint64_t digits, int exponent, char* out) {
  const uint64_t after = digits % kLeast;
  out[0] = static_cast<char>('0' + digits / kLeast);
  out[1] = '.';
  print_nine(static_cast<uint32_t>(after / 1000000000u), out + 2);
  print_nine(static_cast<uint32_t>(after % 1000000000u), out + 11);
  out[20] = 'e';
  out[21] = exponent < 0 ? '-' : '+';
  print_pair(static_cast<uint32_t>(exponent < 0 ? -exponent : exponent), out + 22);
  return 24;
}

size_t print_any(double value, char* out) {
#if defined(__cpp_lib_to_chars)
  if (std::isfinite(value))
    return std::to_chars(out, out + kLongestNumber, value, std::chars_format::scientific, kDigits).ptr - out;
#endif
  const double printed = std::isnan(value) ? std::fabs(value) : value;  // Python's has no sign
  return static_cast<size_t>(std::snprintf(out, kLongestNumber, "%.*e", kDigits, printed));
}

// The least numbers of each decimal exponent from kLowest on, as nearly as a double has them.
constexpr double kTens[] = {1e-37, 1e-36, 1e-35, 1e-34, 1e-33, 1e-32, 1e-31, 1e-30, 1e-29, 1e-28, 1e-27, 1e-26,
                            1e-25, 1e-24, 1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14,
                            1e-13, 1e-12, 1e-11, 1e-10, 1e-9,  1e-8,  1e-7,  1e-6,  1e-5,  1e-4,  1e-3,  1e-2,
                            1e-1,  1e0,   1e1,   1e2,   1e3,   1e4,   1e5,   1e6,   1e7,   1e8,   1e9,   1e10,
                            1e11,  1e12,  1e13,  1e14,  1e15,  1e16,  1e17,  1e18,  1e19};

}  // namespace

size_t to_decimal(double value, char* out) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const size_t sign = bits >> 63;
  out[0] = '-';
  const double size = std::fabs(value);
  if (size == 0.0) return sign + print_digits(0, 0, out + sign);
  if (!(size >= kTens[1] && size < kTens[kHighest - kLowest + 1])) return print_any(value, out);
  const int binary = static_cast<int>((bits >> 52) & 0x7ff) - 1023;
  const uint64_t mantissa = (bits & 0xfffffffffffffu) | (uint64_t{1} << 52);
  int exponent = (binary * 1233) >> 12;  // log10(2): right, or one too low
  if (size >= kTens[exponent + 1 - kLowest]) ++exponent;
  Scaled number = scaled(mantissa, binary - 52, kDigits - exponent);
  if (number.whole < kLeast)  // just below a power of ten that is no double
    number = scaled(mantissa, binary - 52, kDigits - --exponent);
  uint64_t digits = number.whole + (number.rounding > 0 || (number.rounding == 0 && number.whole % 2 == 1));
  if (digits == kMost) {
    digits = kLeast;
    ++exponent;
  }
  return sign + print_digits(digits, exponent, out + sign);
}

}  // namespace pa
