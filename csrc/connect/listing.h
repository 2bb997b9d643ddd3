// Connections as what users read: matrices and text.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace pa {

enum class Multiple : int { kLast, kFirst, kSum, kMin, kMax };

// Puts values into a matrix; connections of the same pair follow each other, and `multiple` says what becomes of them.
void to_matrix(const uint32_t* pre, const uint32_t* post, const double* value, size_t n, size_t n_post,
               Multiple multiple, double* matrix);

// Rows of numbers as lines of text, as C's "%.18e" with tabs between them prints them.
std::string to_text(const double* rows, size_t n_rows, size_t n_columns, unsigned threads);

}  // namespace pa
