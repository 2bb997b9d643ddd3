// Connections as what users read: matrices and text.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pa {

enum class Multiple : int { kLast, kFirst, kSum, kMin, kMax };

// Puts values into a matrix; connections of the same pair follow each other, and `multiple` says what becomes of them.
void to_matrix(const uint32_t* pre, const uint32_t* post, const double* value, size_t n, size_t n_post,
               Multiple multiple, double* matrix);

struct NumberColumn {
  const double* data;
  ptrdiff_t stride;  // from one row to the next, in numbers
};

// Rows of numbers as lines of text, as C's "%.18e" with tabs between them prints them. Each thread has a part of the
// rows and writes lengths[t] bytes, the first of them to where `out` has room for all rows before at their longest.
void to_lines(const std::vector<NumberColumn>& columns, size_t begin, size_t end, unsigned threads, char* out,
              size_t* lengths);

}  // namespace pa
