// Rows of static synapses by source, made on the device of lists in order of creation: counted, put in place, and their
// weights brought into fixed point. Each function is one cooperative launch; nothing depends on its grid.
#pragma once
#include "cuda/device_scan.cuh"

namespace pa {
namespace cuda {

// Every member is one 64-bit word: native/cuda/row_layout.py writes this struct.
struct Layout {
  uint64_t* arrived;  // of Grid
  uint64_t n_neurons;

  // The synapses of one projection.
  uint64_t size;
  const uint32_t* source;
  const uint32_t* target;
  const uint16_t* delay;
  const double* given_weight;
  uint64_t delay_stride, weight_stride;  // 0 if all have the same
  const uint64_t* input_shift;           // [blocks] from a neuron's first lane to that of the input they act on
  uint64_t* disorder;                    // how many have a smaller source than the one before
  uint32_t* order[2];                    // [size] each, if there is disorder: what comes k-th, and scratch
  uint64_t sorters;                      // how many threads sort
  uint64_t* digits;                      // [kDigits * sorters]: scratch

  // Neurons, inputs.
  const uint32_t* first_lane;    // [neurons] of input 0
  const uint32_t* block_of;      // [neurons]
  uint64_t lane_bits, n_inputs;  // of all blocks together
  const uint64_t* input_begin;   // [n_inputs + 1] the lanes of each

  // Rows.
  uint64_t* row_begin;  // [neurons + 1]
  uint64_t* next;       // [neurons] where the next synapse of each goes
  uint64_t* first;      // [neurons] of a projection's synapses in order of their sources: scratch
  uint64_t* sums;       // [threads + blocks]: scratch
  uint64_t n_synapses;
  uint32_t* synapse;  // delay << lane bits | lane
  uint64_t* weight;   // the bits of a double; of a whole number when they have been fixed

  // Sums of weights, by input and by lane.
  uint64_t* largest;        // [n_inputs] the bits of the largest weight without its sign
  uint64_t* lane_sum;       // [lanes] of weights without their signs, in 2^-31 of the power of two above the largest
  uint64_t* largest_sum;    // [n_inputs]
  const int64_t* exponent;  // [n_inputs] of the unit of fixed point
};
static_assert(sizeof(Layout) == 31 * 8, "native/cuda/row_layout.py writes this struct word by word");

constexpr uint32_t kDigits = 256;
constexpr int kSumBits = 31;  // a lane may have 2^32 synapses

constexpr uint64_t kSign = uint64_t(1) << 63;

inline uint64_t bits_of(double x) {
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}
inline double of_bits(uint64_t bits) {
  double x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

// The exponent of the smallest power of two that is larger than a number with these bits, which is not negative; 1 of
// 0.
inline int exponent_above(uint64_t bits) {
  if (bits == 0) return 1;
  if (bits >> 52 > 0) return static_cast<int>(bits >> 52) - 1022;
  int exponent = -1022;
  for (; std::ldexp(of_bits(bits), 1 - exponent) < 1.0; --exponent) {
  }
  return exponent;
}

inline void count_sources(const Grid& grid, const Layout& all) {
  grid.phase([&](const Thread& me) {
    uint64_t disorder = 0;
    for (uint64_t k = me.number(); k < all.size; k += me.count()) {
      add(all.row_begin + all.source[k], 1);
      disorder += k > 0 && all.source[k] < all.source[k - 1];
    }
    if (disorder > 0) add(all.disorder, disorder);
  });
}

// From counts to where rows begin.
inline void begin_rows(const Grid& grid, const Layout& all) {
  sums_before(grid, all.row_begin, all.n_neurons + 1, all.sums);
  grid.phase([&](const Thread& me) {
    for (uint64_t i = me.number(); i < all.n_neurons; i += me.count()) all.next[i] = all.row_begin[i];
  });
}

// A stable order by source, digit after digit from the lowest, each thread with a part of the list (Knuth, The Art of
// Computer Programming 3, 5.2.5). Returns which of the two arrays it ends up in.
inline int order_by_source(const Grid& grid, const Layout& all) {
  int from = 0;
  grid.phase([&](const Thread& me) {
    for (uint64_t k = me.number(); k < all.size; k += me.count()) all.order[0][k] = static_cast<uint32_t>(k);
  });
  for (uint32_t shift = 0; shift < 32 && (all.n_neurons - 1) >> shift > 0; shift += 8, from = 1 - from) {
    const uint32_t* const before = all.order[from];
    uint32_t* const after = all.order[1 - from];
    const auto digit = [&](uint64_t k) { return all.source[before[k]] >> shift & (kDigits - 1); };
    grid.phase([&](const Thread& me) {
      for (uint64_t sorter = me.number(); sorter < all.sorters; sorter += me.count()) {
        for (uint32_t d = 0; d < kDigits; ++d) all.digits[d * all.sorters + sorter] = 0;
        const Share mine(all.size, sorter, all.sorters);
        for (uint64_t k = mine.begin; k < mine.end; ++k) ++all.digits[digit(k) * all.sorters + sorter];
      }
    });
    sums_before(grid, all.digits, kDigits * all.sorters, all.sums);
    grid.phase([&](const Thread& me) {
      for (uint64_t sorter = me.number(); sorter < all.sorters; sorter += me.count()) {
        const Share mine(all.size, sorter, all.sorters);
        for (uint64_t k = mine.begin; k < mine.end; ++k)
          after[all.digits[digit(k) * all.sorters + sorter]++] = before[k];
      }
    });
  }
  return from;
}

// The synapses of a projection go to the next places of their rows. Their weights stay as they are.
inline void place(const Grid& grid, const Layout& all) {
  const uint32_t* const order = *all.disorder > 0 ? all.order[order_by_source(grid, all)] : nullptr;
  const auto creation = [&](uint64_t k) { return order == nullptr ? k : order[k]; };
  const auto source = [&](uint64_t k) { return all.source[creation(k)]; };
  grid.phase([&](const Thread& me) {
    for (uint64_t k = me.number(); k < all.size; k += me.count())
      if (k == 0 || source(k) != source(k - 1)) all.first[source(k)] = k;
  });
  grid.phase([&](const Thread& me) {
    for (uint64_t k = me.number(); k < all.size; k += me.count()) {
      const uint64_t at = creation(k), to = all.next[all.source[at]] + (k - all.first[all.source[at]]);
      const uint32_t target = all.target[at];
      const uint64_t lane = all.first_lane[target] + all.input_shift[all.block_of[target]];
      all.synapse[to] = static_cast<uint32_t>(uint64_t(all.delay[at * all.delay_stride]) << all.lane_bits | lane);
      all.weight[to] = bits_of(all.given_weight[at * all.weight_stride]);
    }
  });
  grid.phase([&](const Thread& me) {
    for (uint64_t k = me.number(); k < all.size; k += me.count())
      if (k + 1 == all.size || source(k + 1) != source(k)) all.next[source(k)] += k + 1 - all.first[source(k)];
  });
}

// The input that lanes belong to: neighbours mostly belong to the same one.
class InputOf {
 public:
  explicit InputOf(const Layout& all) : all_(all) {}

  // Whether it is another one than that of the last lane.
  bool changes(uint64_t lane) {
    if (lane >= begin_ && lane < end_) return false;
    input_ = std::upper_bound(all_.input_begin, all_.input_begin + all_.n_inputs, lane) - all_.input_begin - 1;
    begin_ = all_.input_begin[input_], end_ = all_.input_begin[input_ + 1];
    return true;
  }
  uint64_t number() const { return input_; }

 private:
  const Layout& all_;
  uint64_t input_ = 0, begin_ = 0, end_ = 0;
};

// Raises `most` of each input to the largest value(k) of what lies on its lanes.
template <class LaneOf, class Value>
void raise_inputs(const Layout& all, const Thread& me, uint64_t n, uint64_t* most, const LaneOf& lane,
                  const Value& value) {
  InputOf input(all);
  uint64_t largest = 0, of = 0;
  for (uint64_t k = me.number(); k < n; k += me.count()) {
    if (input.changes(lane(k))) {
      if (largest > 0) raise(most + of, largest);
      largest = 0, of = input.number();
    }
    const uint64_t found = value(k);
    if (found > largest) largest = found;
  }
  if (largest > 0) raise(most + of, largest);
}

// The largest weights, and the largest sums onto one neuron. What was in these arrays has to be 0.
inline void weigh(const Grid& grid, const Layout& all) {
  const uint64_t mask = (uint64_t(1) << all.lane_bits) - 1;
  const auto lane_of = [&](uint64_t k) { return all.synapse[k] & mask; };
  grid.phase([&](const Thread& me) {
    raise_inputs(all, me, all.n_synapses, all.largest, lane_of, [&](uint64_t k) { return all.weight[k] & ~kSign; });
  });
  grid.phase([&](const Thread& me) {
    InputOf input(all);
    int scale = 0;
    for (uint64_t k = me.number(); k < all.n_synapses; k += me.count()) {
      if (input.changes(lane_of(k))) scale = kSumBits - exponent_above(all.largest[input.number()]);
      const double part = std::nearbyint(std::ldexp(of_bits(all.weight[k] & ~kSign), scale));
      add(all.lane_sum + lane_of(k), static_cast<uint64_t>(part));
    }
  });
  grid.phase([&](const Thread& me) {
    raise_inputs(
        all, me, all.input_begin[all.n_inputs], all.largest_sum, [](uint64_t lane) { return lane; },
        [&](uint64_t lane) { return all.lane_sum[lane]; });
  });
}

// Weights as whole numbers of the unit of their input, in the place of what they were.
inline void fix(const Grid& grid, const Layout& all) {
  grid.phase([&](const Thread& me) {
    InputOf input(all);
    int scale = 0;
    for (uint64_t k = me.number(); k < all.n_synapses; k += me.count()) {
      if (input.changes(all.synapse[k] & ((uint64_t(1) << all.lane_bits) - 1)))
        scale = -static_cast<int>(all.exponent[input.number()]);
      all.weight[k] =
          static_cast<uint64_t>(static_cast<int64_t>(std::nearbyint(std::ldexp(of_bits(all.weight[k]), scale))));
    }
  });
}

}  // namespace cuda
}  // namespace pa
