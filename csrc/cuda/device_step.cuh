// The time loop: two phases a step, for many steps in one cooperative launch. What a program adds is Models::update,
// which calls update_block for each of its blocks.
#pragma once
#include "cuda/device_delivery.cuh"
#include "cuda/device_neurons.cuh"
#include "cuda/device_plasticity.cuh"

namespace pa {
namespace cuda {

template <class Models>
void run_steps(const Network& net, int64_t first_step, int64_t end_step) {
  const Grid grid{&net.status->arrived};
  int64_t step = first_step;
  while (step < end_step) {
    if (net.plastic != nullptr) begin_synapses<Models>(grid, net, step);
    grid.phase([&](const Thread& me) { Models::update(net, me, step); });
    grid.phase([&](const Thread& me) {
      deliver(net, me, step);
      if (net.plastic != nullptr) note_spikes(net, me, step);
      record(net, me, step);
      sample(net, me, step + 1);
      if (me.number() > 0) return;
      const pa_spike_sink& spikes = net.spikes[step & 1];
      if (spikes.count > spikes.capacity) net.status->lost += spikes.count - spikes.capacity;
      net.spikes[(step + 1) & 1].count = 0;  // which nobody reads now
    });
    if (net.plastic != nullptr) end_synapses<Models>(grid, net, step);
    ++step;
    // No thread writes these before all have come through the next barrier, so all see the same.
    if (net.status->lost > 0 || net.status->recorded + net.spikes[0].capacity > net.record_capacity) break;
  }
  if (net.plastic != nullptr) finish_synapses<Models>(grid, net, step - 1);
  grid.phase([&](const Thread& me) {
    if (me.number() == 0) net.status->end_step = step;
  });
}

}  // namespace cuda
}  // namespace pa
