// Connections that a device draws by itself: sources, weights and delays are functions of their places and of keys, the
// same as csrc/connect makes on the host. To be compiled without fused products and sums, which would round otherwise.
#pragma once
#include "connect/drawn_synapses.h"
#include "cuda/device_scan.cuh"

namespace pa {
namespace cuda {

// Every member is one 64-bit word: native/cuda/drawing.py writes this struct.
struct Draw {
  uint64_t* arrived;  // of Grid
  DrawnSynapses of;
  uint64_t* marks;  // [choosers][n_pre / 64 + 1], all 0
  uint64_t choosers;

  uint32_t* count;   // [n_post]
  uint32_t* source;  // [size]
  uint32_t* target;
  double* given_weight;  // [size], if they are drawn; null: they are not wanted
  uint16_t* steps;
  uint64_t* extremes;  // lowest and highest weight, and delay: ranked() of them, the lowest inverted; and what failed
};
static_assert(sizeof(Draw) == (9 + 28) * 8, "native/cuda/drawing.py writes this struct word by word");

// Whole numbers in the order of the numbers with these bits.
inline uint64_t ranked(double x) {
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | uint64_t(1) << 63;
}

inline uint64_t column_of(const DrawnSynapses& all, uint64_t k) {
  return static_cast<uint64_t>(std::upper_bound(all.begin, all.begin + all.n_post, k) - all.begin) - 1;
}

inline double number_of(const DrawnSynapses& all, const Variate& of, uint64_t k) {
  const Philox4 r = variate_bits(of, k / 2);
  return variate(Ziggurat(all.width, all.height), of, k, k % 2 == 0 ? first_of(r) : second_of(r));
}

// The bounds of what would be drawn.
inline void find_extremes(const Grid& grid, const Draw& all) {
  grid.phase([&](const Thread& me) {
    for (uint32_t which = 0; which < 2; ++which) {
      const Variate& of = which == 0 ? all.of.weight : all.of.delay;
      uint64_t lowest = 0, highest = 0, failed = 0;
      for (uint64_t k = me.number(); of.kind != 0 && k < all.of.size; k += me.count()) {
        const double x = number_of(all.of, of, k);
        failed += x != x;
        if (ranked(x) > highest) highest = ranked(x);
        if (~ranked(x) > lowest) lowest = ~ranked(x);
      }
      raise(all.extremes + 2 * which, lowest);
      raise(all.extremes + 2 * which + 1, highest);
      if (failed > 0) add(all.extremes + 4, failed);
    }
  });
}

inline void count_probable(const Grid& grid, const Draw& all) {
  grid.phase([&](const Thread& me) {
    for (uint64_t column = me.number(); column < all.of.n_post; column += me.count()) {
      uint32_t count = 0;
      each_probable(all.of, column, [&](uint32_t) { ++count; });
      all.count[column] = count;
    }
  });
}

inline uint32_t replaced_source(const DrawnSynapses& all, uint64_t column, uint64_t k) {
  const uint64_t i = k - all.begin[column];
  const Philox4 r = replaced_bits(all, column, i / 2);
  const Places places(all, column);
  return all.pre[places[bits_below(i % 2 == 0 ? first_of(r) : second_of(r), places.size())]];
}

inline void choose_column(const Draw& all, uint64_t column, uint64_t* marks) {
  uint32_t* out = all.source + all.of.begin[column];
  each_different(all.of, column, marks, [&](uint32_t place) { *out++ = all.of.pre[place]; });
}

inline void draw_sources(const Grid& grid, const Draw& all) {
  grid.phase([&](const Thread& me) {
    if (all.of.rule == kDifferent)
      for (uint64_t chooser = me.number(); chooser < all.choosers; chooser += me.count())
        for (uint64_t column = chooser; column < all.of.n_post; column += all.choosers)
          choose_column(all, column, all.marks + chooser * (all.of.n_pre / 64 + 1));
    if (all.of.rule == kProbable)
      for (uint64_t column = me.number(); column < all.of.n_post; column += me.count()) {
        uint32_t* out = all.source + all.of.begin[column];
        each_probable(all.of, column, [&](uint32_t place) { *out++ = all.of.pre[place]; });
      }
    if (all.of.rule == kReplaced)
      for (uint64_t k = me.number(); k < all.of.size; k += me.count())
        all.source[k] = replaced_source(all.of, column_of(all.of, k), k);
  });
}

inline void draw_values(const Grid& grid, const Draw& all) {
  grid.phase([&](const Thread& me) {
    for (uint64_t k = me.number(); k < all.of.size; k += me.count()) {
      all.target[k] = all.of.post[column_of(all.of, k)];
      if (all.of.weight.kind != 0) all.given_weight[k] = number_of(all.of, all.of.weight, k);
      if (all.of.delay.kind != 0) all.steps[k] = nearest_step(number_of(all.of, all.of.delay, k), all.of.dt_ms);
    }
  });
}

}  // namespace cuda
}  // namespace pa
