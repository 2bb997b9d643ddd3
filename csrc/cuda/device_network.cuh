// A laid-out network in device memory. Every member is one 64-bit word: native/cuda/layout.py writes these structs.
#pragma once
#include "abi.h"
#include "cuda/device_watch.cuh"
#include "number_types.h"

namespace pa {
namespace cuda {

// Input is summed in whole multiples of a power of two, so that the order of summation does not matter. Element
// [slot][lane] of the ring is what arrives at the end of a step; lanes are first_lane + input * lanes + position.
struct Block {
  pa_block neurons;
  uint64_t first_lane, lanes;
  const double* unit;               // [inputs] what 1 in the ring means
  const uint32_t* injection_begin;  // [n + 1] into injection, or null
  const uint32_t* injection;        // rows of the waveforms' table
  const uint8_t* disabled;          // [n], or null
};

struct Signal {
  const real* state;
  const uint32_t* position;  // [columns]
  real* rows;
  uint64_t columns;
  int64_t first_step, interval, n_rows;
};

struct Status {
  uint64_t arrived;   // of Grid
  uint64_t recorded;  // spikes at the ends of steps
  uint64_t off_grid;  // spikes at other times
  uint64_t lost;      // spikes of one step that had no room
  uint64_t overflow;  // inputs that have left the range of the fixed point
  int64_t step;       // the last one, or the one that phases with kernels of their own are at
  int64_t end_step;
  uint64_t stopped;  // such phases have no more to do
  uint64_t phases;   // how many there are in a step, and << 32 at the end of a launch
};

// Spikes of one launch: steps since its beginning << rank bits | rank. Ranks are numbers in the order in which the host
// keeps spikes, so that it has nothing to sort but words.
struct Record {
  const uint32_t* rank;  // [neurons] kNobody if the neuron's spikes are not kept
  void* word;            // [capacity] uint64_t, or uint32_t if all fit
  uint64_t wide, rank_bits, capacity;
  uint64_t* off_grid_word;  // [off_grid_capacity]
  double* off_grid_time;
  uint64_t off_grid_capacity, off_grid_room;  // there is room for what one step may bring
  int64_t first_step;
  double dt_ms;
};

constexpr uint32_t kNobody = ~uint32_t(0);

// What a program has no code for, because its network has no such thing. One kernel does everything, so it would take
// as many registers as the greediest part of all, and half as many threads would be resident.
#ifndef PA_PARTS
#define PA_PARTS 7
#endif
constexpr bool kPlastic = (PA_PARTS & 1) != 0, kCoupled = (PA_PARTS & 2) != 0, kContinuous = (PA_PARTS & 4) != 0;

struct Plastic;     // device_plastic.cuh
struct Coupling;    // device_coupling.cuh
struct Continuous;  // device_continuous.cuh

struct Network {
  Block* block;
  pa_spike_sink* spikes;  // [2]: of even and of odd steps
  Status* status;
  int64_t* ring;
  uint64_t lane_bits, mask;
  const uint64_t* row_begin;  // [neurons + 1] rows of synapses by source
  const uint32_t* synapse;    // delay << lane bits | lane
  const int64_t* weight;      // in units of the lane
  const Record* record;
  Signal* signal;
  uint64_t n_signals;
  const double* waveform;  // [waveforms][waveform_steps] nA, from first_waveform_step on
  int64_t first_waveform_step, waveform_steps;
  const Plastic* with_plastic;
  Watch* watch;  // or null
  const Coupling* with_coupling;
  const Continuous* with_continuous;

  // Each may be null.
  const Plastic* plastic() const { return kPlastic ? with_plastic : nullptr; }              // synapses with state
  const Coupling* coupling() const { return kCoupled ? with_coupling : nullptr; }           // gap junctions
  const Continuous* continuous() const { return kContinuous ? with_continuous : nullptr; }  // what neurons show others
};

static_assert(sizeof(pa_spike_sink) == 5 * 8 && sizeof(Block) == 15 * 8 && sizeof(Signal) == 7 * 8 &&
                  sizeof(Status) == 9 * 8 && sizeof(Record) == 11 * 8 && sizeof(Network) == 19 * 8 &&
                  sizeof(Watch) == 6 * 8,
              "native/cuda/ writes these structs word by word");

}  // namespace cuda
}  // namespace pa
