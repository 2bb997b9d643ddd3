#include "listing.h"

#include <algorithm>
#include <cstring>

#include "../parallel.h"
#include "decimal.h"

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

void to_lines(const std::vector<NumberColumn>& columns, size_t begin, size_t end, unsigned threads, char* out,
              size_t* lengths) {
  in_parallel(threads, [&](unsigned t) {
    const size_t n_rows = end - begin, first = n_rows * t / threads, last = n_rows * (t + 1) / threads;
    char* const start = out + first * columns.size() * kLongestNumber;
    char* at = start;
    struct Written {
      uint64_t bits;
      const char* text;
      size_t length;
    };
    // A source stays for a while, a delay for ever: a number that was in the row before is copied from there.
    std::vector<Written> before(columns.size(), Written{0, nullptr, 0});
    for (size_t k = begin + first; k < begin + last; ++k) {
      for (size_t c = 0; c < columns.size(); ++c) {
        const double value = columns[c].data[static_cast<ptrdiff_t>(k) * columns[c].stride];
        uint64_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        Written& known = before[c];
        if (known.text == nullptr || bits != known.bits)
          known = {bits, at, to_decimal(value, at)};
        else
          known.text = static_cast<const char*>(std::memcpy(at, known.text, known.length));
        at += known.length;
        *at++ = c + 1 < columns.size() ? '\t' : '\n';
      }
    }
    lengths[t] = at - start;
  });
}

}  // namespace pa
