// Many calls of the counter-based generator at once, for which processors have instructions.
#pragma once
#include <cstddef>
#include <cstdint>

#include "philox.h"

namespace pa {

// What is counted up from call to call: the element or the draw of philox().
enum class Counted { kElement, kDraw };

// Two numbers of 64 bits from each of `n_calls` of philox(key, stream, element, step, draw), the first one with these
// counters: as if one call were made after the other.
void random_bits(uint64_t key, uint32_t stream, uint32_t element, uint32_t step, uint32_t draw, Counted counted,
                 size_t n_calls, uint64_t* bits);

}  // namespace pa
