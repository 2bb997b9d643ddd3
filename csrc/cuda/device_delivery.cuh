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
    for (uint64_t k = begin + (item % pieces) * me.width + me.lane; k < end; k += pieces * me.width)
      add(reinterpret_cast<uint64_t*>(net.ring) + ((net.synapse[k] + offset) & net.mask),
          static_cast<uint64_t>(net.weight[k]));
  }
}

inline void record(const Network& net, const Thread& me, int64_t step) {
  const pa_spike_sink& spikes = net.spikes[step & 1];
  const uint64_t count = spikes.count < spikes.capacity ? spikes.count : spikes.capacity;
  for (uint64_t k = me.number(); k < count; k += me.count()) {
    if (net.watched[spikes.neuron[k]] == 0) continue;
    const uint64_t at = add(&net.status->recorded, 1);
    net.record_neuron[at] = spikes.neuron[k];
    net.record_step[at] = step;
    net.record_time[at] = spikes.time_ms[k];
  }
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
