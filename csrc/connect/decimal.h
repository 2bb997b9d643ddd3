// Numbers as text.
#pragma once
#include <cstddef>

namespace pa {

constexpr size_t kLongestNumber = 28;  // "-1.797693134862315708e+308" and a separator, or the zero that snprintf adds

// Writes a number as C's "%.18e" does, to the last digit, without a zero at the end; returns the length.
size_t to_decimal(double value, char* out);

}  // namespace pa
