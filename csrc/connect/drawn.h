// Values of connections from counter-based random numbers: each is a function of its place and the key alone, whatever
// the number of threads.
#pragma once
#include <cstddef>
#include <cstdint>

namespace pa {

// Uniform numbers in (low, high).
void draw_uniform(uint64_t key, double low, double high, size_t n, unsigned threads, double* out);

// What becomes of normal numbers outside [low, high].
enum class Outside : int { kKept, kRedrawn, kMoved };

// Throws std::runtime_error if a number lies outside again and again.
void draw_normal(uint64_t key, double mean, double deviation, Outside outside, double low, double high, size_t n,
                 unsigned threads, double* out);

}  // namespace pa
