// What neurons show to others in every step, and continuous synapses, in device memory. Every member is one 64-bit
// word, or a pa_rows, which is written as such: native/cuda/continuous.py and rows_store.py write these structs.
#pragma once
#include "abi_rows.h"
#include "cuda/device_network.cuh"
#include "cuda/device_plastic.cuh"
#include "reduction.h"

namespace pa {
namespace cuda {

// A variable of all neurons of the network that have it, by neuron number: values at boundary b are in slot b % slots.
struct PublishedVariable {
  real* values;          // [slots][neurons]
  const int64_t* state;  // [blocks] which state variable, -1 where nobody wants it
};

// One number for some neurons, that of the last boundary: of pieces of them first, then of those.
struct ReducedVariable {
  uint64_t operation, variable;
  const uint32_t* neuron;  // [n]
  uint64_t n;
  real* part;  // [pieces of kReducedPiece]
  double value;
};

// Synapses of one model onto one block. A row is cut into segments, each the work of some lanes of a warp: one longer
// than the others does not keep them waiting.
struct RowsStore {
  pa_rows rows;
  uint64_t model;
  const uint64_t* pre;      // [n_pre] which published variable
  const real* const* post;  // [n_post] states of the block
  const uint64_t* global;   // [n_globals] which reduction
  uint64_t lanes, segment;  // threads of a segment, and its synapses
  uint64_t n_segments;
  const uint32_t* row_of;                                // [n_segments]
  const uint32_t* first_segment;                         // [n_rows + 1]
  real* part;                                            // [n_segments] what they transmit in this step
  uint64_t operation, transmits, learns, frozen, leads;  // of pa_moment
  int64_t learn_period, learn_offset;
};

// What an input of neurons gets beside spikes: sums of rows, or a reduction.
struct Feed {
  const RowsStore* store;          // null for a reduction
  const uint32_t* row;             // [neurons of the block] kNobody where there is none
  uint64_t reduction, first, end;  // positions in the block
};

struct Feeds {
  const uint64_t* begin;  // [inputs + 1]
  const Feed* feed;
};

struct Continuous {
  uint64_t n_variables;
  const PublishedVariable* variable;
  uint64_t slots, n_neurons, n_blocks;
  uint64_t n_reductions;
  ReducedVariable* reduction;
  uint64_t n_stores;
  const RowsStore* store;
  const Feeds* const* feeds;  // [blocks] or null
  uint64_t n_signals;
  const SynapseSignal* signal;  // of stores here
};

static_assert(sizeof(pa_rows) == 15 * 8 && sizeof(PublishedVariable) == 2 * 8 && sizeof(ReducedVariable) == 6 * 8 &&
                  sizeof(RowsStore) == (15 + 17) * 8 && sizeof(Feed) == 5 * 8 && sizeof(Feeds) == 2 * 8 &&
                  sizeof(Continuous) == 12 * 8,
              "native/cuda/ writes these structs word by word");

}  // namespace cuda
}  // namespace pa
