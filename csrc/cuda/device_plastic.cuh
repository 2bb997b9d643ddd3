// Synapses with state in device memory. Every member is one 64-bit word, or a pa_synapses, which is written as such:
// native/cuda/plastic_store.py and plasticity.py write these structs.
#pragma once
#include "abi.h"
#include "cuda/thread.cuh"

namespace pa {
namespace cuda {

// Arrivals that were on their way when synapses were laid out anew: groups of those of one synapse and one event.
struct Postponed {
  uint64_t n;
  const int64_t* event;     // [n]
  const uint64_t* synapse;  // [n]
  const uint64_t* first;    // [n + 1] in the following, in the order in which they act
  const int64_t* emitted;   // see pa_arrival
  const int64_t* repeat;
  const int64_t* shift;  // steps to be added to the synapse's own delay
};

// A variable that takes what the source had when what arrives now was sent.
struct SourceLink {
  uint64_t variable, published;
};

// What synapses add to a state variable of some neurons of a block, to each in the order of the synapses' numbers.
struct NeuronChange {
  uint64_t block, state, n;
  const uint32_t* position;  // [n]
  const uint64_t* begin;     // [n + 1] in the following
  void* const* value;        // a real each
};

// Those of one model onto one block, by source; a row is what has one source and one axonal delay. `synapses` has one
// element a synapse of everything (by_row is 0), so that no thread waits for another one.
struct PlasticStore {
  pa_synapses synapses;
  uint64_t model, n, n_rows;
  uint64_t first_source, end_source;
  const uint64_t* rows_of;    // [sources + 1] rows
  const uint64_t* row_first;  // [n_rows + 1] synapses
  const uint64_t* axonal;     // [n_rows]
  uint32_t* due_row;          // [slots][n_rows] rows at which something arrives
  uint32_t* due_times;        // [slots][n_rows] and how often
  uint64_t* n_due;            // [slots] an event has one, modulo their number
  uint64_t due_mask;
  uint64_t late;        // spikes are processed when they reach the synapses, not when they are sent
  uint64_t transmits;   // else what arrives is lost
  uint64_t every_step;  // events have to be applied in their step
  uint64_t deaf;        // the targets have no input
  uint64_t n_further;
  const uint64_t* further;  // how far other lanes are that get the same
  int64_t tick_period, tick_offset;
  int64_t ahead;  // by how many steps what is given in every step comes later
  const pa_train* modulator;
  uint64_t n_links;
  const SourceLink* link;
  const uint32_t* source;        // [n] neuron numbers, if there are links
  const uint32_t* source_delay;  // [n] steps that spikes take to the synapses
  uint64_t changes;              // whether they change neurons
  Postponed postponed;
};

struct SynapseSignal {
  uint64_t store, variable, columns;
  const uint64_t* index;   // [columns] synapses of the store
  const uint64_t* column;  // [columns] where they go in a row
  double* rows;
  uint64_t row_length;
  int64_t first_step, interval, n_rows;
};

struct Plastic {
  uint64_t n_stores;
  PlasticStore* store;
  const double* scale;  // [lanes] input in units of the lane
  uint64_t n_neurons;
  uint32_t* times;            // [neurons] how often each has spiked in this step
  uint32_t* sources;          // [2][neurons] which have, in even and in odd steps
  uint64_t* n_sources;        // [2]
  pa_train* const* train_of;  // [neurons] null if nobody watches
  uint64_t train_room;
  uint64_t n_modulators;
  const uint8_t* modulates;  // [modulators][neurons]
  pa_train* modulator;
  uint64_t modulator_room;
  int64_t longest_dendritic, longest_modulator_delay;
  uint64_t* crowded;  // [2] whether some train is half full after even, and after odd steps
  int64_t postponed_until;
  uint64_t every_step, read_targets, transmit;  // whether any store is such
  uint64_t n_signals;
  const SynapseSignal* signal;
  uint64_t n_changes;
  const NeuronChange* change;
};

static_assert(sizeof(pa_synapses) == 32 * 8 && sizeof(Postponed) == 7 * 8 &&
                  sizeof(PlasticStore) == (32 + 27 + 7) * 8 && sizeof(SynapseSignal) == 10 * 8 &&
                  sizeof(Plastic) == 24 * 8 && sizeof(pa_train) == 3 * 8 && sizeof(SourceLink) == 2 * 8 &&
                  sizeof(NeuronChange) == 6 * 8,
              "native/cuda/ writes these structs word by word");

}  // namespace cuda
}  // namespace pa
