// What neurons show to others: variables at step boundaries, reductions of them, and what of both comes back as input.
#pragma once
#include "cuda/device_continuous.cuh"
#include "cuda/grid.cuh"
#include "cuda/lanes.cuh"
#include "rows_struct.h"

namespace pa {
namespace cuda {

constexpr uint64_t kReducedPiece = 1024;  // values

inline real* published(const Continuous& all, uint64_t variable, int64_t boundary) {
  return all.variable[variable].values + (static_cast<uint64_t>(boundary) % all.slots) * all.n_neurons;
}

// Whether synapses change neurons when all of them have been updated.
inline bool change_late(const Network& net) { return net.plastic() != nullptr && net.plastic()->n_changes > 0; }

// One neuron, as it is now.
inline void publish(const Network& net, const Block& b, uint64_t k, int64_t boundary) {
  const Continuous& all = *net.continuous();
  for (uint64_t v = 0; v < all.n_variables; ++v) {
    const int64_t state = all.variable[v].state[&b - net.block];
    if (state < 0) continue;
    published(all, v, boundary)[b.neurons.neuron[k]] = static_cast<const real*>(b.neurons.state[state])[k];
  }
}

inline void publish_all(const Network& net, const Thread& me, int64_t boundary) {
  for (uint64_t b = 0; b < net.continuous()->n_blocks; ++b)
    for (uint64_t k = me.number(); k < net.block[b].neurons.n; k += me.count()) publish(net, net.block[b], k, boundary);
}

// ---- reductions -----------------------------------------------------------------------------------------------------

inline Operation partial(Operation operation) {
  return operation == Operation::kMax || operation == Operation::kMin ? operation : Operation::kSum;
}

inline real nothing(Operation operation) {
  const real infinity = std::numeric_limits<real>::infinity();
  return operation == Operation::kMax ? -infinity : operation == Operation::kMin ? infinity : real(0);
}

// Of value(0) to value(n - 1), on the first lane.
template <class Value>
inline real joined_values(const Lanes& lanes, Operation operation, uint64_t n, const Value& value) {
  const auto of_lane = [&](uint32_t lane) {
    real sum = nothing(operation);
    for (uint64_t k = lane; k < n; k += lanes.width) sum = joined(operation, sum, value(k));
    return sum;
  };
  return lanes.joined(of_lane, [=](real a, real b) { return joined(operation, a, b); });
}

inline real counted(Operation operation, real x) {
  return operation == Operation::kNorm1 ? static_cast<real>(std::fabs(x)) : operation == Operation::kNorm2 ? x * x : x;
}

inline void reduce_pieces(const Continuous& all, const Thread& me, int64_t boundary) {
  const Lanes lanes{me, kWarp};
  for (uint64_t r = 0; r < all.n_reductions; ++r) {
    const ReducedVariable& of = all.reduction[r];
    const Operation operation = static_cast<Operation>(of.operation);
    const real* const values = published(all, of.variable, boundary);
    lanes.each((of.n + kReducedPiece - 1) / kReducedPiece, [&](uint64_t piece) {
      const uint64_t first = piece * kReducedPiece, n = std::min(of.n - first, kReducedPiece);
      const real sum = joined_values(lanes, partial(operation), n,
                                     [&](uint64_t k) { return counted(operation, values[of.neuron[first + k]]); });
      if (lanes.first()) of.part[piece] = sum;
    });
  }
}

inline void reduce_parts(const Continuous& all, const Thread& me) {
  const Lanes lanes{me, kWarp};
  lanes.each(all.n_reductions, [&](uint64_t r) {
    ReducedVariable& of = all.reduction[r];
    const Operation operation = static_cast<Operation>(of.operation);
    const uint64_t pieces = (of.n + kReducedPiece - 1) / kReducedPiece;
    real sum = joined_values(lanes, partial(operation), pieces, [&](uint64_t k) { return of.part[k]; });
    if (operation == Operation::kMean) sum /= static_cast<real>(of.n);
    if (operation == Operation::kNorm2) sum = std::sqrt(sum);
    if (lanes.first()) of.value = of.n > 0 ? static_cast<double>(sum) : 0.0;
  });
}

inline void reduce(const Grid& grid, const Network& net, int64_t boundary) {
  const Continuous& all = *net.continuous();
  if (all.n_reductions == 0) return;
  grid.phase([&](const Thread& me) { reduce_pieces(all, me, boundary); });
  grid.phase([&](const Thread& me) { reduce_parts(all, me); });
}

// ---- input ----------------------------------------------------------------------------------------------------------

// What all segments of a row transmit together.
inline real row_value(const RowsStore& store, uint32_t row) {
  const Operation operation = static_cast<Operation>(store.operation);
  uint32_t segment = store.first_segment[row];
  real value = store.part[segment];
  while (++segment < store.first_segment[row + 1]) value = joined(operation, value, store.part[segment]);
  const uint64_t n = store.rows.begin[row + 1] - store.rows.begin[row];
  return operation == Operation::kMean ? value / static_cast<real>(n) : value;
}

// What an input of neuron k gets in this step beside spikes.
inline void add_fed(const Network& net, const Block& b, uint64_t k, uint32_t input, acc* sum) {
  const Feeds* const feeds = net.continuous()->feeds[&b - net.block];
  if (feeds == nullptr) return;
  for (uint64_t f = feeds->begin[input]; f < feeds->begin[input + 1]; ++f) {
    const Feed& feed = feeds->feed[f];
    if (feed.store == nullptr) {
      if (k >= feed.first && k < feed.end) *sum += static_cast<acc>(net.continuous()->reduction[feed.reduction].value);
    } else if (feed.row[k] != kNobody) {
      *sum += static_cast<acc>(row_value(*feed.store, feed.row[k]));
    }
  }
}

}  // namespace cuda
}  // namespace pa
