// One number from the values that a variable has in many neurons: mean(r), max(r), ...
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace pa {

// native/published.py has their names in this order.
enum class Operation { kSum, kMean, kMax, kMin, kNorm1, kNorm2 };

// In one order, whoever computes it: eight partial results, so that a vector loop may be made of it, then those.
template <class real, class Term, class Join>
real folded(size_t n, real start, const Term& term, const Join& join) {
  constexpr size_t kParts = 8;
  real part[kParts];
  for (real& p : part) p = start;
  const size_t whole = n / kParts * kParts;
  for (size_t k = 0; k < whole; k += kParts)
    for (size_t j = 0; j < kParts; ++j) part[j] = join(part[j], term(k + j));
  for (size_t k = whole; k < n; ++k) part[k - whole] = join(part[k - whole], term(k));
  for (size_t width = kParts / 2; width > 0; width /= 2)
    for (size_t j = 0; j < width; ++j) part[j] = join(part[j], part[j + width]);
  return part[0];
}

// Of n values, at least one; `value(k)` is the k-th.
template <class real, class Value>
real reduced(Operation operation, size_t n, const Value& value) {
  const auto add = [](real a, real b) { return a + b; };
  switch (operation) {
    case Operation::kMax:
      return folded<real>(n, value(0), value, [](real a, real b) { return a > b ? a : b; });
    case Operation::kMin:
      return folded<real>(n, value(0), value, [](real a, real b) { return a < b ? a : b; });
    case Operation::kNorm1:
      return folded<real>(n, real(0), [&](size_t k) { return std::abs(value(k)); }, add);
    case Operation::kNorm2:
      return std::sqrt(folded<real>(n, real(0), [&](size_t k) { return value(k) * value(k); }, add));
    case Operation::kMean:
      return folded<real>(n, real(0), value, add) / static_cast<real>(n);
    default:
      return folded<real>(n, real(0), value, add);
  }
}

}  // namespace pa
