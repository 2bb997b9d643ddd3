// Values of connections from counter-based random numbers: each is a function of its place and the key alone, whatever
// the number of threads.
#pragma once
#include <cstddef>
#include <cstdint>

#include "connect/ziggurat.h"

namespace pa {

// Uniform numbers in (low, high).
void draw_uniform(uint64_t key, double low, double high, size_t n, unsigned threads, double* out);

// Throws std::runtime_error if a number lies outside again and again.
void draw_normal(uint64_t key, double mean, double deviation, Outside outside, double low, double high, size_t n,
                 unsigned threads, double* out);

// What a ziggurat is made of: widths and heights.
struct ZigguratTables {
  ZigguratTables();
  double width[Ziggurat::kLayers + 1], height[Ziggurat::kLayers + 1];
};
const ZigguratTables& ziggurat_tables();

}  // namespace pa
