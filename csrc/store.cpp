#include "store.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "buffer.h"
#include "deliver.h"
#include "parallel.h"
#include "sort_row.h"

namespace pa {

namespace {

struct Lane {
  uint32_t neuron;
  uint16_t block, input;
};

// The synapses onto one thread's neurons: row s holds those of source first_source + s, by (delay, lane), equal ones in
// order of creation.
template <class acc>
struct Rows {
  std::vector<uint64_t> begin;  // [sources + 1]
  Memory synapses, weights;     // the latter empty if all are equal
  size_t pieces = 0;            // runs of synapses of one source and delay
  uint32_t lane_bits = 0;
  std::vector<Lane> lanes;

  uint32_t* synapse(uint64_t k) const { return synapses.as<uint32_t>() + k; }  // delay << lane bits | lane
  acc* weight(uint64_t k) const { return weights.as<acc>() + k; }
};

template <class acc>
class RowStore : public StaticStore {
 public:
  RowStore(bool uniform, unsigned threads) : uniform_(uniform), parts_(threads) {}

  uint64_t deliver(unsigned thread, const uint32_t* neuron, size_t n, int64_t step, const Ring& ring) const override {
    acc* const sums = ring.data<acc>();
    const uint32_t offset = ring.offset(step), mask = ring.mask();
    return walk(thread, neuron, n, [&](const uint32_t* synapse, const acc* weight, size_t count) {
      if (uniform_)
        add_uniform(synapse, count, weight_, offset, mask, sums);
      else
        add_weighted(synapse, weight, count, offset, mask, sums);
    });
  }

  uint64_t send(unsigned thread, const uint32_t* neuron, size_t n, int64_t step, uint32_t shift,
                InFlight* in_flight) const override {
    return walk(thread, neuron, n, [&](const uint32_t* synapse, const acc* weight, size_t count) {
      in_flight->add(synapse, uniform_ ? nullptr : weight, weight_, count, step, shift);
    });
  }

  size_t n_synapses() const override {
    size_t n = 0;
    for (const Rows<acc>& rows : parts_) n += rows.begin.back();
    return n;
  }

  size_t n_pieces() const override {
    size_t n = 0;
    for (const Rows<acc>& rows : parts_) n += rows.pieces;
    return n;
  }

  size_t bytes() const override {
    const size_t rows = parts_.size() * (end_source_ - first_source_ + size_t(1)) * sizeof(uint64_t);
    return rows + n_synapses() * (sizeof(uint32_t) + (uniform_ ? 0 : sizeof(acc)));
  }

  void recall(const Selection& selection, size_t n, uint32_t* source, uint32_t* target, uint16_t* delay,
              double* weight) const override {
    const uint32_t first = selection.first_source, rows = selection.end_source - first;
    std::vector<uint64_t> begin(rows + size_t(1), 0);
    const unsigned threads = static_cast<unsigned>(parts_.size());
    const auto share = [&](unsigned t) { return static_cast<uint32_t>(uint64_t(rows) * t / threads); };
    in_parallel(threads, [&](unsigned t) {
      for (uint32_t s = share(t); s < share(t + 1); ++s)
        selected(selection, first + s, [&](uint32_t, uint32_t, acc) { ++begin[s + 1]; });
    });
    for (uint32_t s = 0; s < rows; ++s) begin[s + 1] += begin[s];
    if (begin[rows] != n) throw std::logic_error("a projection has other synapses than were stored");
    in_parallel(threads, [&](unsigned t) {
      std::vector<Found> found;
      for (uint32_t s = share(t); s < share(t + 1); ++s) {
        found.clear();
        selected(selection, first + s, [&](uint32_t to, uint32_t d, acc w) { found.push_back({to, d, w}); });
        std::stable_sort(found.begin(), found.end(),
                         [](const Found& a, const Found& b) { return a.target < b.target; });
        for (size_t k = 0; k < found.size(); ++k) {
          const uint64_t at = begin[s] + k;
          if (source != nullptr) source[at] = first + s;
          if (target != nullptr) target[at] = found[k].target;
          if (delay != nullptr) delay[at] = static_cast<uint16_t>(found[k].delay);
          if (weight != nullptr) weight[at] = static_cast<double>(found[k].weight);
        }
      }
    });
  }

 private:
  template <class>
  friend class RowBuilder;
  struct Found {
    uint32_t target, delay;
    acc weight;
  };
  static constexpr size_t kAhead = 2;  // spikes

  // Calls function(synapses, their weights, how many) for the row of each neuron; returns how many in all.
  template <class Function>
  uint64_t walk(unsigned thread, const uint32_t* neuron, size_t n, const Function& function) const {
    const Rows<acc>& rows = parts_[thread];
    const uint32_t extent = end_source_ - first_source_;
    uint64_t events = 0;
    for (size_t k = 0; k < n; ++k) {
      const uint32_t source = neuron[k] - first_source_;  // wraps around below the first one
      if (k + kAhead < n) prefetch_row(rows, neuron[k + kAhead] - first_source_);
      if (source >= extent) continue;
      const uint64_t begin = rows.begin[source], count = rows.begin[source + 1] - begin;
      events += count;
      function(rows.synapse(begin), uniform_ ? nullptr : rows.weight(begin), count);
    }
    return events;
  }

  void prefetch_row(const Rows<acc>& rows, uint32_t source) const {
    if (source >= end_source_ - first_source_) return;
    const uint64_t begin = rows.begin[source], count = rows.begin[source + 1] - begin;
    prefetch(rows.synapse(begin), count * sizeof(uint32_t));
    if (!uniform_) prefetch(rows.weight(begin), count * sizeof(acc));
  }

  // Calls function(target, delay, weight) for the synapses of a source, by delay onto one thread after the other.
  template <class Function>
  void selected(const Selection& selection, uint32_t source, const Function& function) const {
    if (source < first_source_ || source >= end_source_) return;
    for (const Rows<acc>& rows : parts_)
      for (uint64_t k = rows.begin[source - first_source_]; k < rows.begin[source - first_source_ + 1]; ++k) {
        const uint32_t packed = *rows.synapse(k), delay = static_cast<uint32_t>(uint64_t(packed) >> rows.lane_bits);
        const Lane& lane = rows.lanes[packed - static_cast<uint32_t>(uint64_t(delay) << rows.lane_bits)];
        if (lane.neuron < selection.first_target || lane.neuron >= selection.end_target) continue;
        if (selection.receptor[lane.block] != lane.input) continue;
        function(lane.neuron, delay, uniform_ ? weight_ : *rows.weight(k));
      }
  }

  const bool uniform_;
  acc weight_ = 0;
  std::vector<Rows<acc>> parts_;
};

template <class acc>
class RowBuilder : public StoreBuilder {
 public:
  RowBuilder(bool uniform, const Partition& partition, const std::vector<uint32_t>& lane_bits)
      : partition_(partition), store_(std::make_shared<RowStore<acc>>(uniform, partition.threads())) {
    for (unsigned t = 0; t < partition.threads(); ++t) {
      store_->parts_[t].lane_bits = lane_bits[t];
      store_->parts_[t].begin.assign(partition.n_neurons() + size_t(1), 0);
    }
    cursors_.resize(partition.threads());
  }

  void count(const SynapseArrays& s) override {
    if (by_source(s)) {
      in_parallel(partition_.threads(), [&](unsigned worker) { count_runs(s, worker); });
      return;
    }
    in_parallel(partition_.threads(), [&](unsigned thread) { count_own(s, thread); });
  }

  void put(const SynapseArrays& s) override {
    if (store_->uniform_) store_->weight_ = static_cast<acc>(s.weight_all);
    if (by_source(s) && s.n >= partition_.n_neurons()) {
      const std::vector<Found> targets = find_targets(s);
      in_parallel(partition_.threads(), [&](unsigned thread) {
        if (cursors_[thread].empty()) begin_rows(thread);
      });
      in_parallel(partition_.threads(), [&](unsigned worker) { put_runs(s, targets, worker); });
      return;
    }
    in_parallel(partition_.threads(), [&](unsigned thread) {
      if (cursors_[thread].empty()) begin_rows(thread);
      scatter(s, thread);
    });
  }

  void count(const std::vector<SynapseArrays>& projections) override {
    in_parallel(partition_.threads(), [&](unsigned thread) {
      for (const SynapseArrays& s : projections) s.columns != nullptr ? count_columns(s, thread) : count_own(s, thread);
    });
  }

  void put(const std::vector<SynapseArrays>& projections) override {
    if (store_->uniform_) store_->weight_ = static_cast<acc>(projections.back().weight_all);
    in_parallel(partition_.threads(), [&](unsigned thread) {
      if (cursors_[thread].empty()) begin_rows(thread);
      for (const SynapseArrays& s : projections) s.columns != nullptr ? put_columns(s, thread) : scatter(s, thread);
    });
  }

  std::shared_ptr<const StaticStore> finish() override {
    in_parallel(partition_.threads(), [&](unsigned thread) {
      if (cursors_[thread].empty()) begin_rows(thread);
      close_gaps(thread);
    });
    find_sources();
    in_parallel(partition_.threads(), [&](unsigned thread) { finish(thread); });
    return store_;
  }

 private:
  static constexpr uint32_t kNoLane = UINT32_MAX;
  static constexpr size_t kPutAtOnce = 64;

  // Where input to a neuron goes.
  struct Found {
    uint32_t lane;
    uint16_t thread;
  };

  // As most lists are: then each worker takes some of the sources, and writes to the rows of all threads.
  static bool by_source(const SynapseArrays& s) {
    uint32_t descents = 0;
    for (size_t k = 1; k < s.n; ++k) descents |= s.source[k] < s.source[k - 1];
    return descents == 0;
  }

  // The first synapse of a worker's sources.
  size_t first_of(const SynapseArrays& s, unsigned worker) const {
    size_t k = static_cast<size_t>(uint64_t(s.n) * worker / partition_.threads());
    while (k > 0 && k < s.n && s.source[k] == s.source[k - 1]) ++k;
    return k;
  }

  // Calls function(source, begin, end) for each of a worker's sources.
  template <class Function>
  void for_runs(const SynapseArrays& s, unsigned worker, const Function& function) const {
    const size_t last = first_of(s, worker + 1);
    for (size_t begin = first_of(s, worker), end = begin; begin < last; begin = end) {
      while (end < last && s.source[end] == s.source[begin]) ++end;
      function(s.source[begin], begin, end);
    }
  }

  void count_runs(const SynapseArrays& s, unsigned worker) {
    std::vector<uint64_t> counts(partition_.threads());
    for_runs(s, worker, [&](uint32_t source, size_t begin, size_t end) {
      std::fill(counts.begin(), counts.end(), 0);
      if (partition_.threads() == 1)
        counts[0] = end - begin;
      else
        for (size_t k = begin; k < end; ++k) ++counts[partition_.place(s.target[k]).thread];
      for (unsigned t = 0; t < partition_.threads(); ++t) store_->parts_[t].begin[source + size_t(1)] += counts[t];
    });
  }

  // Synapses onto the thread's neurons.
  void count_own(const SynapseArrays& s, unsigned thread) {
    std::vector<uint64_t>& begin = store_->parts_[thread].begin;
    for (size_t k = 0; k < s.n; ++k)
      if (partition_.place(s.target[k]).thread == thread) ++begin[s.source[k] + size_t(1)];
  }

  // Calls function(reader, column, place) for each column of a thread's neurons.
  template <class Function>
  void for_columns(const SynapseColumns& columns, unsigned thread, const Function& function) const {
    const std::unique_ptr<SynapseColumns::Reader> reader = columns.reader();
    for (size_t column = 0; column < columns.n_columns(); ++column) {
      const Place& place = partition_.place(columns.target(column));
      if (place.thread == thread) function(reader.get(), column, place);
    }
  }

  void count_columns(const SynapseArrays& s, unsigned thread) {
    uint64_t* const length = store_->parts_[thread].begin.data() + 1;
    for_columns(*s.columns, thread, [&](SynapseColumns::Reader* reader, size_t column, const Place&) {
      const SynapseColumn found = reader->sources(column);
      for (size_t k = 0; k < found.n; ++k) ++length[found.source[k]];
    });
  }

  void put_columns(const SynapseArrays& s, unsigned thread) {
    for_columns(*s.columns, thread, [&](SynapseColumns::Reader* reader, size_t column, const Place& place) {
      put_column(s, reader->column(column), lane_of(s.receptor, place, s.columns->target(column)), thread);
    });
  }

  // Rows are far apart, so each place would be waited for if it were not asked for some time before.
  void put_column(const SynapseArrays& s, const SynapseColumn& column, uint32_t lane, unsigned thread) {
    Rows<acc>& rows = store_->parts_[thread];
    uint64_t* const next = cursors_[thread].data();
    const bool weighted = !store_->uniform_;
    uint64_t to[kPutAtOnce];
    for (size_t first = 0; first < column.n; first += kPutAtOnce) {
      const size_t n = std::min(kPutAtOnce, column.n - first);
      for (size_t k = 0; k < n; ++k) {
        to[k] = next[column.source[first + k]]++;
        __builtin_prefetch(rows.synapse(to[k]), 1);
        if (weighted) __builtin_prefetch(rows.weight(to[k]), 1);
      }
      for (size_t k = 0; k < n; ++k) {
        const uint32_t delay = column.delay != nullptr ? column.delay[first + k] : s.delay_all;
        *rows.synapse(to[k]) = static_cast<uint32_t>(uint64_t(delay) << rows.lane_bits) | lane;
      }
      for (size_t k = 0; weighted && k < n; ++k)
        *rows.weight(to[k]) = static_cast<acc>(column.weight != nullptr ? column.weight[first + k] : s.weight_all);
    }
  }

  uint32_t lane_of(const std::vector<int32_t>& receptor, const Place& place, uint32_t neuron) const {
    const int32_t input = receptor[place.block];
    if (input < 0) throw std::invalid_argument("neuron " + std::to_string(neuron) + " lacks the receptor");
    return partition_.share(place.thread, place.block).lane(static_cast<uint32_t>(input), place.position);
  }

  std::vector<Found> find_targets(const SynapseArrays& s) const {
    std::vector<Found> found(partition_.n_neurons(), Found{kNoLane, 0});
    for (uint32_t neuron = 0; neuron < partition_.n_neurons(); ++neuron) {
      const Place place = partition_.place(neuron);
      const int32_t receptor = s.receptor[place.block];
      if (receptor < 0) continue;
      const Share& share = partition_.share(place.thread, place.block);
      found[neuron] = {share.lane(static_cast<uint32_t>(receptor), place.position), place.thread};
    }
    return found;
  }

  void put_runs(const SynapseArrays& s, const std::vector<Found>& targets, unsigned worker) {
    struct Row {
      uint32_t* synapse;
      acc* weight;
      uint32_t lane_bits;
    };
    std::vector<Row> rows(partition_.threads());
    for_runs(s, worker, [&](uint32_t source, size_t begin, size_t end) {
      for (unsigned t = 0; t < partition_.threads(); ++t) {
        const Rows<acc>& part = store_->parts_[t];
        const uint64_t at = cursors_[t][source];
        rows[t] = {part.synapse(at), store_->uniform_ ? nullptr : part.weight(at), part.lane_bits};
      }
      for (size_t k = begin; k < end; ++k) {
        const Found& target = targets[s.target[k]];
        if (target.lane == kNoLane)
          throw std::invalid_argument("neuron " + std::to_string(s.target[k]) + " lacks the receptor");
        Row& row = rows[target.thread];
        const uint32_t delay = s.delay != nullptr ? s.delay[k] : s.delay_all;
        *row.synapse++ = static_cast<uint32_t>(uint64_t(delay) << row.lane_bits) | target.lane;
        if (row.weight != nullptr) *row.weight++ = static_cast<acc>(s.weight != nullptr ? s.weight[k] : s.weight_all);
      }
      for (unsigned t = 0; t < partition_.threads(); ++t)
        cursors_[t][source] = static_cast<uint64_t>(rows[t].synapse - store_->parts_[t].synapse(0));
    });
  }

  void begin_rows(unsigned thread) {
    Rows<acc>& rows = store_->parts_[thread];
    for (size_t k = 1; k < rows.begin.size(); ++k) rows.begin[k] += rows.begin[k - 1];
    rows.synapses = Memory(rows.begin.back() * sizeof(uint32_t));
    if (!store_->uniform_) rows.weights = Memory(rows.begin.back() * sizeof(acc));
    cursors_[thread] = rows.begin;
    find_lanes(thread, &rows.lanes);  // now: what finish() needs memory for may be missing then
  }

  // Rows are shorter than was counted where not everything has been put. Nothing moves if it has.
  void close_gaps(unsigned thread) {
    Rows<acc>& rows = store_->parts_[thread];
    uint64_t end = 0;
    for (size_t s = 0; s + 1 < rows.begin.size(); ++s) {
      const uint64_t from = std::exchange(rows.begin[s], end), n = cursors_[thread][s] - from;
      if (from != end) {
        std::copy_n(rows.synapse(from), n, rows.synapse(end));
        if (!store_->uniform_) std::copy_n(rows.weight(from), n, rows.weight(end));
      }
      end += n;
    }
    rows.begin.back() = end;
  }

  void find_sources() {
    uint32_t first = partition_.n_neurons(), end = 0;
    for (const Rows<acc>& rows : store_->parts_)
      for (uint32_t s = 0; s < partition_.n_neurons(); ++s)
        if (rows.begin[s + size_t(1)] > rows.begin[s]) first = std::min(first, s), end = std::max(end, s + 1);
    if (first < end) store_->first_source_ = first, store_->end_source_ = end;
  }

  // Of a counting sort by source.
  void scatter(const SynapseArrays& s, unsigned thread) {
    Rows<acc>& rows = store_->parts_[thread];
    for (size_t k = 0; k < s.n; ++k) {
      const Place place = partition_.place(s.target[k]);
      if (place.thread != thread) continue;
      const uint32_t lane = lane_of(s.receptor, place, s.target[k]);
      const uint32_t delay = s.delay != nullptr ? s.delay[k] : s.delay_all;
      const uint64_t at = cursors_[thread][s.source[k]]++;
      *rows.synapse(at) = static_cast<uint32_t>(uint64_t(delay) << rows.lane_bits) | lane;
      if (!store_->uniform_) *rows.weight(at) = static_cast<acc>(s.weight != nullptr ? s.weight[k] : s.weight_all);
    }
  }

  // Each row by (delay, lane): linear in the number of synapses, too.
  void finish(unsigned thread) {
    Rows<acc>& rows = store_->parts_[thread];
    const uint32_t first = store_->first_source_, end = store_->end_source_;
    cursors_[thread] = {};
    rows.begin.erase(rows.begin.begin() + end + 1, rows.begin.end());
    rows.begin.erase(rows.begin.begin(), rows.begin.begin() + first);
    rows.begin.shrink_to_fit();
    RowSorter<acc> sorter;
    for (size_t k = 0; k + 1 < rows.begin.size(); ++k) {
      const size_t n = rows.begin[k + 1] - rows.begin[k];
      acc* const weight = store_->uniform_ ? nullptr : rows.weight(rows.begin[k]);
      sorter.sort(rows.synapse(rows.begin[k]), weight, n, rows.lane_bits);
      rows.pieces += count_pieces(rows.synapse(rows.begin[k]), n, rows.lane_bits);
    }
  }

  void find_lanes(unsigned thread, std::vector<Lane>* lanes) const {
    lanes->resize(partition_.lanes(thread));
    for (uint32_t neuron = 0; neuron < partition_.n_neurons(); ++neuron) {
      const Place& place = partition_.place(neuron);
      if (place.thread != thread) continue;
      for (uint16_t r = 0; r < partition_.block(place.block).n_inputs; ++r)
        (*lanes)[partition_.share(thread, place.block).lane(r, place.position)] = {neuron, place.block, r};
    }
  }

  static size_t count_pieces(const uint32_t* synapse, size_t n, uint32_t lane_bits) {
    size_t pieces = n > 0;
    for (size_t k = 1; k < n; ++k) pieces += synapse[k] >> lane_bits != synapse[k - 1] >> lane_bits;
    return pieces;
  }

  const Partition& partition_;
  const std::shared_ptr<RowStore<acc>> store_;
  std::vector<std::vector<uint64_t>> cursors_;  // [thread][source] the next place in its row
};

}  // namespace

std::unique_ptr<StoreBuilder> make_static_store(bool uniform_weight, const Partition& partition,
                                                const std::vector<uint32_t>& lane_bits, size_t acc_bytes) {
  if (acc_bytes == sizeof(float)) return std::make_unique<RowBuilder<float>>(uniform_weight, partition, lane_bits);
  return std::make_unique<RowBuilder<double>>(uniform_weight, partition, lane_bits);
}

bool recallable(size_t n, const uint32_t* source, const uint32_t* target, const uint16_t* delay,
                std::vector<uint32_t>* where, std::vector<uint32_t>* from) {
  if (n >= UINT32_MAX) return false;
  const auto pair = [&](size_t k) { return uint64_t(source[k]) << 32 | target[k]; };
  std::vector<uint32_t> group;
  for (size_t begin = 0, end = 0; begin < n; begin = end) {
    bool ascending = true;
    for (end = begin + 1; end < n && pair(end) == pair(begin); ++end)
      if (delay != nullptr) ascending &= delay[end - 1] <= delay[end];
    if (end < n && pair(end) < pair(begin)) return false;
    if (ascending) continue;
    group.clear();
    for (size_t k = begin; k < end; ++k) group.push_back(static_cast<uint32_t>(k));
    std::stable_sort(group.begin(), group.end(), [&](uint32_t a, uint32_t b) { return delay[a] < delay[b]; });
    for (size_t k = 0; k < group.size(); ++k)
      if (group[k] != begin + k) where->push_back(group[k]), from->push_back(static_cast<uint32_t>(begin + k));
  }
  return true;
}

}  // namespace pa
