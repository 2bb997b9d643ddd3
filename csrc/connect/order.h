// Bringing connections into order, in linear time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pa {

struct Column64 {  // values to take along
  const double* from;
  double* to;
};

// From columns (by target) to rows (by source): within a row by target, equal pairs in the order that they have. The
// threads share the sources.
void by_source(const uint64_t* begin, size_t n_post, const uint32_t* pre, size_t n_pre, unsigned threads,
               uint32_t* source, uint32_t* target, const std::vector<Column64>& values);

// The stable order of keys below `n_keys`: `order[k]` is the place of what comes k-th. `before`, if not null, is the
// order in which they are looked at.
void stable_order(const uint32_t* key, size_t n, size_t n_keys, const uint32_t* before, uint32_t* order);

// Delays in ms as the nearest whole numbers of steps, half steps up; returns the first place at which one is outside of
// [lowest, highest] steps, n if there is none.
size_t to_steps(const double* delay_ms, size_t n, double dt_ms, double lowest, double highest, unsigned threads,
                uint16_t* steps);

}  // namespace pa
