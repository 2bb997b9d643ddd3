// Static synapses that are known by what they are drawn from (native/drawn.py): sources, weights and delays are
// functions of their places and of keys, so that whoever wants some of them makes those. The same on the CPU and on
// devices, if it is compiled without fused products and sums, which would round otherwise.
#pragma once
#include "connect/counter.h"
#include "connect/ziggurat.h"

namespace pa {

// How the sources of a column are chosen: any of them at any time; different ones, but all as often as there have to be
// more than that; each with a probability.
enum SourceRule : uint64_t { kReplaced, kDifferent, kProbable };

// What a weight in nA or uS, or a delay in ms, is drawn from.
struct Variate {
  uint64_t kind;  // 0: none, all have the same; 1: uniform from a to b; 2: normal of mean a and deviation b
  uint64_t key;
  double a, b;
  uint64_t outside;  // Outside: what becomes of normal numbers outside of ...
  double low, high;
};

// Every member is one 64-bit word: native/drawn_words.py writes this struct.
struct DrawnSynapses {
  uint64_t size, n_post;
  const uint64_t* begin;  // [n_post + 1] of the connections onto each cell, which come one cell after the other
  const uint32_t* pre;    // [n_pre] neuron numbers
  const uint32_t* post;   // [n_post]
  uint64_t key, n_pre;
  uint64_t rule;          // SourceRule
  const int64_t* barred;  // [n_post] the cell that each is not connected to, or -1
  double probability, scale;
  Variate weight, delay;
  const double* width;  // of the layers of the ziggurat
  const double* height;
  double dt_ms;
};
static_assert(sizeof(Variate) == 7 * 8 && sizeof(DrawnSynapses) == 28 * 8,
              "native/drawn_words.py writes these structs word by word");

inline Philox4 variate_bits(const Variate& of, uint64_t pair) {
  const uint32_t low = static_cast<uint32_t>(pair), high = static_cast<uint32_t>(pair >> 32);
  return philox(of.key, of.kind == 1 ? kUniformStream : kPairStream, low, high, 0);
}

// Number `k`, from its 64 random bits.
inline double variate(const Ziggurat& ziggurat, const Variate& of, uint64_t k, uint64_t bits) {
  if (of.kind == 1) return uniform_number(of.a, of.b, bits);
  return normal_number(ziggurat, {of.a, of.b, static_cast<Outside>(of.outside), of.low, of.high}, of.key, k, bits);
}

// A delay that is not below half a step: 0.35 / 0.1 is less than 3.5.
inline uint16_t nearest_step(double delay_ms, double dt_ms) {
  return static_cast<uint16_t>(static_cast<int32_t>(delay_ms / dt_ms + 0.5 + 1e-9));
}

// Calls emit(place) for the sources of a column that are connected with a probability.
template <class Emit>
void each_probable(const DrawnSynapses& all, uint64_t column, const Emit& emit) {
  Column random(all.key, column);
  for (Skips skips(all.probability, all.scale, static_cast<uint32_t>(all.n_pre), &random); skips.next();)
    if (static_cast<int64_t>(skips.place()) != all.barred[column]) emit(skips.place());
}

// The places among the pre-synaptic cells from which a column's are chosen: all of them, but one that is barred.
class Places {
 public:
  Places(const DrawnSynapses& all, uint64_t column)
      : gap_(all.barred[column]), size_(static_cast<uint32_t>(all.n_pre) - (gap_ >= 0)) {}
  uint32_t size() const { return size_; }
  uint32_t operator[](uint32_t place) const { return place + (gap_ >= 0 && int64_t(place) >= gap_); }

 private:
  int64_t gap_;
  uint32_t size_;
};

// Calls emit(place) for the different sources of a column; `marks`: a bit for each pre-synaptic cell, all 0.
template <class Emit>
void each_different(const DrawnSynapses& all, uint64_t column, uint64_t* marks, const Emit& emit) {
  const Places places(all, column);
  const uint64_t count = all.begin[column + 1] - all.begin[column];
  if (count == 0) return;
  for (uint64_t round = 0; round < count / places.size(); ++round)
    for (uint32_t place = 0; place < places.size(); ++place) emit(places[place]);
  Column random(all.key, column);
  choose_places(&random, marks, static_cast<uint32_t>(count % places.size()), places.size(),
                [&](uint32_t place) { emit(places[place]); });
}

// The random bits of numbers 2 * pair and 2 * pair + 1 of a column, each of which is drawn below the number of cells.
inline Philox4 replaced_bits(const DrawnSynapses& all, uint64_t column, uint64_t pair) {
  return column_bits(all.key, column, static_cast<uint32_t>(pair));
}

}  // namespace pa
