#include "store.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "buffer.h"
#include "deliver.h"
#include "parallel.h"
#include "sort_row.h"

namespace pa {

namespace {

// The synapses onto one thread's neurons: row s holds those of source first_source + s, by (delay, lane), equal ones in
// order of creation.
template <class acc>
struct Rows {
  std::vector<uint64_t> begin;  // [sources + 1]
  Memory synapses, weights;     // the latter empty if all are equal
  size_t pieces = 0;            // runs of synapses of one source and delay

  uint32_t* synapse(uint64_t k) const { return synapses.as<uint32_t>() + k; }  // delay << lane bits | lane
  acc* weight(uint64_t k) const { return weights.as<acc>() + k; }
};

template <class acc>
class StaticStore : public Store {
 public:
  StaticStore(const std::vector<SynapseArrays>& synapses, bool uniform, const Partition& partition,
              const std::vector<uint32_t>& lane_bits)
      : uniform_(uniform), parts_(partition.threads()) {
    find_sources(synapses);
    if (uniform)
      for (const SynapseArrays& s : synapses) weight_ = static_cast<acc>(s.weight_all);
    in_parallel(partition.threads(), [&](unsigned t) { build(synapses, partition, t, lane_bits[t]); });
  }

  uint64_t deliver(unsigned thread, const uint32_t* neuron, size_t n, int64_t step, const Ring& ring) const override {
    const Rows<acc>& rows = parts_[thread];
    acc* const sums = ring.data<acc>();
    const uint32_t offset = ring.offset(step), mask = ring.mask(), extent = end_source_ - first_source_;
    uint64_t events = 0;
    for (size_t k = 0; k < n; ++k) {
      const uint32_t source = neuron[k] - first_source_;  // wraps around below the first one
      if (k + kAhead < n) prefetch_row(rows, neuron[k + kAhead] - first_source_);
      if (source >= extent) continue;
      const uint64_t begin = rows.begin[source], count = rows.begin[source + 1] - begin;
      events += count;
      if (uniform_)
        add_uniform(rows.synapse(begin), count, weight_, offset, mask, sums);
      else
        add_weighted(rows.synapse(begin), rows.weight(begin), count, offset, mask, sums);
    }
    return events;
  }

  uint64_t send(unsigned thread, const uint32_t* neuron, size_t n, int64_t step, uint32_t shift,
                InFlight* in_flight) const override {
    const Rows<acc>& rows = parts_[thread];
    const uint32_t extent = end_source_ - first_source_;
    uint64_t events = 0;
    for (size_t k = 0; k < n; ++k) {
      const uint32_t source = neuron[k] - first_source_;  // wraps around below the first one
      if (k + kAhead < n) prefetch_row(rows, neuron[k + kAhead] - first_source_);
      if (source >= extent) continue;
      const uint64_t begin = rows.begin[source], count = rows.begin[source + 1] - begin;
      events += count;
      in_flight->add(rows.synapse(begin), uniform_ ? nullptr : rows.weight(begin), weight_, count, step, shift);
    }
    return events;
  }

  size_t n_pieces() const override {
    size_t n = 0;
    for (const Rows<acc>& rows : parts_) n += rows.pieces;
    return n;
  }

  size_t n_synapses() const override {
    size_t n = 0;
    for (const Rows<acc>& rows : parts_) n += rows.begin.back();
    return n;
  }

  size_t bytes() const override {
    const size_t rows = parts_.size() * (end_source_ - first_source_ + size_t(1)) * sizeof(uint64_t);
    return rows + n_synapses() * (sizeof(uint32_t) + (uniform_ ? 0 : sizeof(acc)));
  }

 private:
  static constexpr size_t kAhead = 2;  // spikes

  void prefetch_row(const Rows<acc>& rows, uint32_t source) const {
    if (source >= end_source_ - first_source_) return;
    const uint64_t begin = rows.begin[source], count = rows.begin[source + 1] - begin;
    prefetch(rows.synapse(begin), count * sizeof(uint32_t));
    if (!uniform_) prefetch(rows.weight(begin), count * sizeof(acc));
  }

  void find_sources(const std::vector<SynapseArrays>& synapses) {
    uint32_t first = UINT32_MAX, last = 0;
    bool any = false;
    for (const SynapseArrays& s : synapses) {
      for (size_t k = 0; k < s.n; ++k) {
        first = std::min(first, s.source[k]);
        last = std::max(last, s.source[k]);
      }
      any = any || s.n > 0;
    }
    if (any) first_source_ = first, end_source_ = last + 1;
  }

  // Counting sort by source, then each row by (delay, lane): linear in the number of synapses.
  void build(const std::vector<SynapseArrays>& synapses, const Partition& partition, unsigned thread,
             uint32_t lane_bits) {
    Rows<acc>& rows = parts_[thread];
    rows.begin.assign(end_source_ - first_source_ + size_t(1), 0);
    for (const SynapseArrays& s : synapses)
      for (size_t k = 0; k < s.n; ++k)
        if (partition.place(s.target[k]).thread == thread) ++rows.begin[s.source[k] - first_source_ + 1];
    for (size_t k = 1; k < rows.begin.size(); ++k) rows.begin[k] += rows.begin[k - 1];
    rows.synapses = Memory(rows.begin.back() * sizeof(uint32_t));
    if (!uniform_) rows.weights = Memory(rows.begin.back() * sizeof(acc));
    std::vector<uint64_t> cursor(rows.begin.begin(), rows.begin.end() - 1);
    for (const SynapseArrays& s : synapses) scatter(s, partition, thread, lane_bits, &cursor);
    RowSorter<acc> sorter;
    for (size_t k = 0; k + 1 < rows.begin.size(); ++k) {
      const size_t n = rows.begin[k + 1] - rows.begin[k];
      sorter.sort(rows.synapse(rows.begin[k]), uniform_ ? nullptr : rows.weight(rows.begin[k]), n);
      rows.pieces += count_pieces(rows.synapse(rows.begin[k]), n, lane_bits);
    }
  }

  static size_t count_pieces(const uint32_t* synapse, size_t n, uint32_t lane_bits) {
    size_t pieces = n > 0;
    for (size_t k = 1; k < n; ++k) pieces += synapse[k] >> lane_bits != synapse[k - 1] >> lane_bits;
    return pieces;
  }

  void scatter(const SynapseArrays& s, const Partition& partition, unsigned thread, uint32_t lane_bits,
               std::vector<uint64_t>* cursor) {
    Rows<acc>& rows = parts_[thread];
    for (size_t k = 0; k < s.n; ++k) {
      const Place place = partition.place(s.target[k]);
      if (place.thread != thread) continue;
      const int32_t receptor = s.receptor[place.block];
      if (receptor < 0) throw std::invalid_argument("neuron " + std::to_string(s.target[k]) + " lacks the receptor");
      const uint32_t lane = partition.share(thread, place.block).lane(static_cast<uint32_t>(receptor), place.position);
      const uint32_t delay = s.delay != nullptr ? s.delay[k] : s.delay_all;
      const uint64_t at = (*cursor)[s.source[k] - first_source_]++;
      *rows.synapse(at) = static_cast<uint32_t>(uint64_t(delay) << lane_bits) | lane;
      if (!uniform_) *rows.weight(at) = static_cast<acc>(s.weight != nullptr ? s.weight[k] : s.weight_all);
    }
  }

  const bool uniform_;
  acc weight_ = 0;
  std::vector<Rows<acc>> parts_;
};

}  // namespace

std::shared_ptr<const Store> make_static_store(const std::vector<SynapseArrays>& synapses, bool uniform_weight,
                                               const Partition& partition, const std::vector<uint32_t>& lane_bits,
                                               size_t acc_bytes) {
  if (acc_bytes == sizeof(float))
    return std::make_shared<StaticStore<float>>(synapses, uniform_weight, partition, lane_bits);
  return std::make_shared<StaticStore<double>>(synapses, uniform_weight, partition, lane_bits);
}

}  // namespace pa
