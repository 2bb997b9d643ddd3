// Connections that a device draws by itself: sources, weights and delays are functions of their places and of keys, the
// same as csrc/connect makes on the host. To be compiled without fused products and sums, which would round otherwise.
#pragma once
#include "connect/counter.h"
#include "connect/ziggurat.h"
#include "cuda/device_scan.cuh"

namespace pa {
namespace cuda {

// How the sources of a column are chosen: any of them at any time; different ones, but all as often as there have to be
// more than that; each with a probability.
enum Choice : uint64_t { kReplaced, kDifferent, kProbable };

// What a weight in nA or uS, or a delay in ms, is drawn from.
struct Distribution {
  uint64_t kind;  // 0: none, all have the same; 1: uniform from a to b; 2: normal of mean a and deviation b
  uint64_t key;
  double a, b;
  uint64_t outside;  // Outside: what becomes of normal numbers outside of ...
  double low, high;
};

// Every member is one 64-bit word: native/cuda/drawing.py writes this struct.
struct Draw {
  uint64_t* arrived;  // of Grid
  uint64_t size, n_post;
  const uint64_t* begin;  // [n_post + 1] of the connections onto each cell, which come one cell after the other
  const uint32_t* pre;    // [n_pre] neuron numbers
  const uint32_t* post;   // [n_post]
  uint64_t key, n_pre;
  uint64_t rule;          // Choice
  const int64_t* barred;  // [n_post] the cell that each is not connected to, or -1
  double probability, scale;
  uint64_t* marks;  // [choosers][n_pre / 64 + 1], all 0
  uint64_t choosers;
  Distribution weight, delay;
  const double* width;  // of the layers of the ziggurat
  const double* height;
  double dt_ms;

  uint32_t* count;   // [n_post]
  uint32_t* source;  // [size]
  uint32_t* target;
  double* given_weight;  // [size], if they are drawn; null: they are not wanted
  uint16_t* steps;
  uint64_t* extremes;  // lowest and highest weight, and delay: ranked() of them, the lowest inverted; and what failed
};
static_assert(sizeof(Distribution) == 7 * 8 && sizeof(Draw) == 37 * 8,
              "native/cuda/drawing.py writes these structs word by word");

// Whole numbers in the order of the numbers with these bits.
inline uint64_t ranked(double x) {
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | uint64_t(1) << 63;
}

inline double number_of(const Draw& all, const Distribution& of, uint64_t k) {
  const uint64_t pair = k / 2;
  const uint32_t low = static_cast<uint32_t>(pair), high = static_cast<uint32_t>(pair >> 32);
  const Philox4 r = philox(of.key, of.kind == 1 ? kUniformStream : kPairStream, low, high, 0);
  const uint64_t bits = k % 2 == 0 ? first_of(r) : second_of(r);
  if (of.kind == 1) return uniform_number(of.a, of.b, bits);
  const Normal normal{of.a, of.b, static_cast<Outside>(of.outside), of.low, of.high};
  return normal_number(Ziggurat(all.width, all.height), normal, of.key, k, bits);
}

// The bounds of what would be drawn.
inline void find_extremes(const Grid& grid, const Draw& all) {
  grid.phase([&](const Thread& me) {
    for (uint32_t which = 0; which < 2; ++which) {
      const Distribution& of = which == 0 ? all.weight : all.delay;
      uint64_t lowest = 0, highest = 0, failed = 0;
      for (uint64_t k = me.number(); of.kind != 0 && k < all.size; k += me.count()) {
        const double x = number_of(all, of, k);
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

// The sources of a column that are connected with a probability.
template <class Emit>
void each_probable(const Draw& all, uint64_t column, const Emit& emit) {
  Column random(all.key, column);
  for (Skips skips(all.probability, all.scale, static_cast<uint32_t>(all.n_pre), &random); skips.next();)
    if (static_cast<int64_t>(skips.place()) != all.barred[column]) emit(skips.place());
}

inline void count_probable(const Grid& grid, const Draw& all) {
  grid.phase([&](const Thread& me) {
    for (uint64_t column = me.number(); column < all.n_post; column += me.count()) {
      uint32_t count = 0;
      each_probable(all, column, [&](uint32_t) { ++count; });
      all.count[column] = count;
    }
  });
}

// As choose_number in csrc/connect/counted.cpp; `marks` are those of the thread.
inline void choose_column(const Draw& all, uint64_t column, uint64_t* marks) {
  uint32_t* out = all.source + all.begin[column];
  const int64_t gap = all.barred[column];
  const uint32_t free = static_cast<uint32_t>(all.n_pre) - (gap >= 0);
  const auto take = [&](uint32_t place) { *out++ = all.pre[place + (gap >= 0 && int64_t(place) >= gap)]; };
  const uint64_t count = all.begin[column + 1] - all.begin[column];
  if (count == 0) return;
  for (uint64_t round = 0; round < count / free; ++round)
    for (uint32_t place = 0; place < free; ++place) take(place);
  Column random(all.key, column);
  choose_places(&random, marks, static_cast<uint32_t>(count % free), free, take);
}

// Number i of a column is drawn below the number of cells.
inline uint32_t replaced_source(const Draw& all, uint64_t column, uint64_t k) {
  const uint64_t i = k - all.begin[column];
  const Philox4 r = column_bits(all.key, column, static_cast<uint32_t>(i / 2));
  const int64_t gap = all.barred[column];
  const uint32_t free = static_cast<uint32_t>(all.n_pre) - (gap >= 0);
  const uint32_t place = bits_below(i % 2 == 0 ? first_of(r) : second_of(r), free);
  return all.pre[place + (gap >= 0 && int64_t(place) >= gap)];
}

inline void draw_sources(const Grid& grid, const Draw& all) {
  grid.phase([&](const Thread& me) {
    if (all.rule == kDifferent)
      for (uint64_t chooser = me.number(); chooser < all.choosers; chooser += me.count())
        for (uint64_t column = chooser; column < all.n_post; column += all.choosers)
          choose_column(all, column, all.marks + chooser * (all.n_pre / 64 + 1));
    if (all.rule == kProbable)
      for (uint64_t column = me.number(); column < all.n_post; column += me.count()) {
        uint32_t* out = all.source + all.begin[column];
        each_probable(all, column, [&](uint32_t place) { *out++ = all.pre[place]; });
      }
    if (all.rule == kReplaced)
      for (uint64_t k = me.number(); k < all.size; k += me.count())
        all.source[k] = replaced_source(all, std::upper_bound(all.begin, all.begin + all.n_post, k) - all.begin - 1, k);
  });
}

inline void draw_values(const Grid& grid, const Draw& all) {
  grid.phase([&](const Thread& me) {
    for (uint64_t k = me.number(); k < all.size; k += me.count()) {
      all.target[k] = all.post[std::upper_bound(all.begin, all.begin + all.n_post, k) - all.begin - 1];
      if (all.weight.kind != 0) all.given_weight[k] = number_of(all, all.weight, k);
      if (all.delay.kind != 0)  // as to_steps in csrc/connect/order.cpp
        all.steps[k] = static_cast<uint16_t>(std::floor(number_of(all, all.delay, k) / all.dt_ms + 0.5 + 1e-9));
    }
  });
}

}  // namespace cuda
}  // namespace pa
