// Spikes of one step to the ring, to the record; and samples of signals.
#pragma once
#include "cuda/device_network.cuh"

namespace pa {
namespace cuda {

// A row of synapses is cut into pieces where there are fewer spikes than blocks, so that no block is without work.
inline void deliver(const Network& net, const Thread& me, int64_t step) {
  const pa_spike_sink& spikes = net.spikes[step & 1];
  const uint64_t count = spikes.count < spikes.capacity ? spikes.count : spikes.capacity;
  if (count == 0) return;
  const uint64_t pieces = count < me.blocks ? (me.blocks + count - 1) / count : 1;
  const uint64_t offset = uint64_t(step) << net.lane_bits;
  for (uint64_t item = me.block; item < count * pieces; item += me.blocks) {
    const uint32_t source = spikes.neuron[item / pieces];
    const uint64_t begin = net.row_begin[source], end = net.row_begin[source + 1];
    if (net.watch != nullptr && item % pieces == 0 && me.lane == 0) add(&net.watch->events, end - begin);
    for (uint64_t k = begin + (item % pieces) * me.width + me.lane; k < end; k += pieces * me.width)
      add(reinterpret_cast<uint64_t*>(net.ring) + ((net.synapse[k] + offset) & net.mask),
          static_cast<uint64_t>(net.weight[k]));
  }
}

inline void record(const Network& net, const Thread& me, int64_t step) {
  const pa_spike_sink& spikes = net.spikes[step & 1];
  const uint64_t count = spikes.count < spikes.capacity ? spikes.count : spikes.capacity;
  const Record& record = *net.record;
  const uint64_t since = uint64_t(step - record.first_step) << record.rank_bits;
  const double end_ms = static_cast<double>(step + 1) * record.dt_ms;
  for (uint64_t k = me.number(); k < count; k += me.count()) {
    const uint32_t rank = record.rank[spikes.neuron[k]];
    if (rank == kNobody) continue;
    if (spikes.time_ms[k] == end_ms) {
      const uint64_t at = add(&net.status->recorded, 1);
      if (record.wide != 0)
        static_cast<uint64_t*>(record.word)[at] = since | rank;
      else
        static_cast<uint32_t*>(record.word)[at] = static_cast<uint32_t>(since | rank);
    } else {
      const uint64_t at = add(&net.status->off_grid, 1);
      if (at >= record.off_grid_capacity) {
        add(&net.status->lost, 1);
        continue;
      }
      record.off_grid_word[at] = since | rank;
      record.off_grid_time[at] = spikes.time_ms[k];
    }
  }
}

// Whether another step could bring more spikes than there is room for, or has.
inline bool full(const Network& net) {
  const Status& status = *net.status;
  return status.lost > 0 || status.recorded + net.spikes[0].capacity > net.record->capacity ||
         status.off_grid + net.record->off_grid_room > net.record->off_grid_capacity;
}

inline void sample(const Network& net, const Thread& me, int64_t boundary) {
  for (uint64_t j = 0; j < net.n_signals; ++j) {
    const Signal& signal = net.signal[j];
    const int64_t since = boundary - signal.first_step;
    if (since < 0 || since % signal.interval != 0 || since / signal.interval >= signal.n_rows) continue;
    real* const row = signal.rows + (since / signal.interval) * signal.columns;
    for (uint64_t k = me.number(); k < signal.columns; k += me.count()) row[k] = signal.state[signal.position[k]];
  }
}

}  // namespace cuda
}  // namespace pa
