#include "listing.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "../parallel.h"

namespace pa {

void to_matrix(const uint32_t* pre, const uint32_t* post, const double* value, size_t n, size_t n_post,
               Multiple multiple, double* matrix) {
  for (size_t k = 0; k < n; ++k) {
    double& there = matrix[pre[k] * n_post + post[k]];
    const bool another = k > 0 && pre[k] == pre[k - 1] && post[k] == post[k - 1];
    if (!another || multiple == Multiple::kLast)
      there = value[k];
    else if (multiple == Multiple::kSum)
      there += value[k];
    else if (multiple == Multiple::kMin)
      there = std::min(there, value[k]);
    else if (multiple == Multiple::kMax)
      there = std::max(there, value[k]);
  }
}

namespace {

constexpr size_t kLongest = 32;  // "-1.797693134862315708e+308" and a separator
constexpr int kDigits = 18;

size_t print(double value, char* out) {
#if defined(__cpp_lib_to_chars)
  if (std::isfinite(value))
    return std::to_chars(out, out + kLongest, value, std::chars_format::scientific, kDigits).ptr - out;
#endif
  return static_cast<size_t>(std::snprintf(out, kLongest, "%.*e", kDigits, value));
}

// Prints numbers; indices of cells, which come again and again, are copied from a table.
class Printer {
 public:
  Printer() : table_(kIndices * kWidth, '\0') {}

  size_t operator()(double value, char* out) {
    if (!(value >= 0.0 && value < kIndices) || value != std::floor(value) || std::signbit(value))
      return print(value, out);
    char* const known = table_.data() + static_cast<size_t>(value) * kWidth;
    if (known[0] == '\0') print(value, known);
    std::memcpy(out, known, kWidth);
    return kWidth;
  }

 private:
  static constexpr size_t kIndices = 1 << 15, kWidth = kDigits + 6;  // one digit, point, 18 digits, "e+04"
  std::vector<char> table_;
};

}  // namespace

std::string to_text(const double* rows, size_t n_rows, size_t n_columns, unsigned threads) {
  std::vector<std::string> parts(threads);
  in_parallel(threads, [&](unsigned t) {
    const size_t first = n_rows * t / threads, end = n_rows * (t + 1) / threads;
    Printer printer;
    std::string& text = parts[t];
    text.resize((end - first) * n_columns * kLongest);
    size_t at = 0;
    for (size_t k = first; k < end; ++k)
      for (size_t c = 0; c < n_columns; ++c) {
        at += printer(rows[k * n_columns + c], &text[at]);
        text[at++] = c + 1 < n_columns ? '\t' : '\n';
      }
    text.resize(at);
  });
  std::string whole = std::move(parts[0]);
  for (unsigned t = 1; t < threads; ++t) whole += parts[t];
  return whole;
}

}  // namespace pa
