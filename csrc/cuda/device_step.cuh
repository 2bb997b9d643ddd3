// The time loop: two phases a step, and those of synapses with state. What a program adds is Models::update, which
// calls update_block for each of its blocks.
//
// One cooperative launch does many steps, its phases separated by barriers. Where there is none, a graph of kernels
// does: each is launched for one phase, and next_step before those of a step says which step it is.
#pragma once
#include "cuda/device_coupling.cuh"
#include "cuda/device_delivery.cuh"
#include "cuda/device_links.cuh"
#include "cuda/device_neurons.cuh"
#include "cuda/device_plasticity.cuh"
#include "cuda/device_rows.cuh"
#include "cuda/grid.cuh"

namespace pa {
namespace cuda {

template <class Models>
void one_step(const Grid& grid, const Network& net, int64_t step) {
  if (net.continuous() != nullptr) sum_rows<Models>(grid, net, step);
  if (net.plastic() != nullptr) begin_synapses<Models>(grid, net, step);
  const auto update = [&](const auto& what) {
    return [&net, what](const Thread& me) {
      what(me);
      lap(net.watch, me, Lap::kUpdate);
    };
  };
  if (net.coupling() != nullptr) grid.phase_if(step >= 0, update([&](const Thread& me) { prepare_coupling(net, me); }));
  grid.phase(update([&](const Thread& me) { Models::update(net, me, step); }));
  const bool changing = change_late(net);
  if (net.coupling() != nullptr) grid.phase_if(step >= 0, update([&](const Thread& me) { move_coupled(net, me); }));
  grid.phase([&](const Thread& me) {
    deliver(net, me, step);
    if (net.plastic() != nullptr) note_spikes(net, me, step);
    lap(net.watch, me, Lap::kDeliver);
    record(net, me, step);
    lap(net.watch, me, Lap::kRecord);
    if (!changing) sample(net, me, step + 1);
    lap(net.watch, me, Lap::kUpdate);
    if (me.number() > 0) return;
    const pa_spike_sink& spikes = net.spikes[step & 1];
    if (spikes.count > spikes.capacity) add(&net.status->lost, spikes.count - spikes.capacity);
    net.spikes[(step + 1) & 1].count = 0;  // which nobody reads now
  });
  if (changing) change_neurons<Models>(grid, net, step);
  if (changing || (net.coupling() != nullptr && net.continuous() != nullptr))
    grid.phase(update([&](const Thread& me) {
      if (changing) sample(net, me, step + 1);
      if (net.continuous() != nullptr && step >= 0) publish_all(net, me, step + 1);
    }));
  if (net.plastic() != nullptr) end_synapses<Models>(grid, net, step);
  if (net.continuous() != nullptr) learn_rows<Models>(grid, net, step);
}

template <class Models>
void run_steps(const Network& net, int64_t first_step, int64_t end_step, uint64_t only) {
  const bool together = only == kEveryPhase;
  const Grid grid{&net.status->arrived, net.watch, only, 0, !together && net.status->stopped != 0};
  int64_t step = together ? first_step : net.status->step;
  do {
    one_step<Models>(grid, net, step);
    ++step;
    // No thread writes what `full` reads before all have come through the next barrier, so all see the same.
  } while (together && step < end_step && !full(net));
  const uint64_t in_a_step = grid.passed;
  grid.idle = false;
  if (net.plastic() != nullptr) finish_synapses<Models>(grid, net, step - 1);
  if (net.continuous() != nullptr) finish_rows(grid, net, step - 1);
  if (together)
    grid.phase([&](const Thread& me) {
      if (me.number() == 0) net.status->step = step - 1;
    });
  else if (only == kNoPhase)
    net.status->phases = in_a_step | (grid.passed - in_a_step) << 32;
}

// Before the first step of a run: one of the phases that bring what neurons show up to date, a launch each.
inline void begin_run(const Network& net, int64_t first_step, uint64_t only) {
  const Grid grid{&net.status->arrived, net.watch, only};
  begin_continuous(grid, net, first_step > 0 ? first_step : 0);
}

// Between two steps of a graph: a launch of one thread, so that all others see the same.
inline void next_step(const Network& net) {
  Status& status = *net.status;
  if (status.step + 1 >= status.end_step || full(net)) status.stopped = 1;
  if (status.stopped == 0) ++status.step;
}

}  // namespace cuda
}  // namespace pa
