// Who is connected to whom by synapses with state: one thread's, by source.
#pragma once
#include <cstdint>
#include <vector>

#include "buffer.h"
#include "partition.h"

namespace pa {

constexpr uint32_t kNoInput = UINT32_MAX;

// Steps of some synapses, one number each, or one for all with stride 0.
struct Steps {
  const uint16_t* at;
  size_t stride;

  uint16_t operator[](size_t k) const { return at[k * stride]; }
};

// Some synapses of one projection onto neurons of one block, in order of creation. The arrays are the caller's and are
// needed for building only.
struct PlasticArrays {
  size_t n;
  const uint32_t* source;  // [n] global neuron numbers
  const uint32_t* target;  // [n] likewise
  const uint32_t* number;  // [n] of the synapse, in the network; none if they are first_number, first_number + 1, ...
  uint32_t first_number;
  Steps delay;      // from when a synapse is processed to when the target gets its input
  Steps axonal;     // from a spike to when the synapse is processed; 0: as soon as it is delivered
  Steps dendritic;  // from a spike of the target to the synapse
  uint32_t input;   // of the target's model; kNoInput for targets to which what arrives means nothing

  uint32_t number_of(size_t k) const { return number != nullptr ? number[k] : first_number + static_cast<uint32_t>(k); }
};

// The synapses of source first_source + s are those of sub-rows begin[s] ... begin[s + 1] - 1, one for each axonal
// delay, shortest first. Within one they are ordered by (delay, lane), equal ones in order of creation.
struct PlasticRows {
  std::vector<uint64_t> begin;   // [sources + 1]
  std::vector<uint64_t> first;   // [sub-rows + 1] synapses
  std::vector<uint16_t> axonal;  // [sub-rows]
  size_t n = 0;
  Memory lane, number, target, dendritic;  // as in pa_synapses; target: position in the block
  uint32_t dendritic_stride = 0;

  void build(const std::vector<PlasticArrays>& synapses, uint32_t first_source, uint32_t end_source,
             const Partition& partition, size_t block, unsigned thread, uint32_t lane_bits);

 private:
  void make_room(const std::vector<PlasticArrays>& synapses);
  void sort_row(uint64_t begin, uint64_t end, uint16_t* axonal_of_each);
};

}  // namespace pa
