// Values of connections from counter-based random numbers: each is a function of its place and the key alone, whatever
// the number of threads.
#pragma once
#include <cstddef>
#include <cstdint>

#include "connect/drawn_synapses.h"

namespace pa {

// Numbers first ... first + n - 1; NaN for one that lies outside again and again.
void draw_variates(const Ziggurat& ziggurat, const Variate& of, uint64_t first, size_t n, double* out);

// The first n; throws std::runtime_error if one lies outside again and again.
void draw_variates(const Variate& of, size_t n, unsigned threads, double* out);

// What a ziggurat is made of: widths and heights.
struct ZigguratTables {
  ZigguratTables();
  double width[Ziggurat::kLayers + 1], height[Ziggurat::kLayers + 1];
};
const ZigguratTables& ziggurat_tables();

}  // namespace pa
