// Connection stores: who is connected to whom, in the form in which spikes walk it.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "in_flight.h"
#include "partition.h"
#include "ring.h"

namespace pa {

// The synapses of one projection, one element each, in order of creation. The arrays are the caller's.
struct SynapseArrays {
  size_t n;
  const uint32_t* source;  // global neuron numbers
  const uint32_t* target;
  const uint16_t* delay;  // steps; if null, delay_all holds for every synapse
  const double* weight;   // if null, weight_all
  uint16_t delay_all;
  double weight_all;
  std::vector<int32_t> receptor;  // [block] which input of the target's model, -1: the model has none of this name
};

// One kind of synapse. Plastic kinds will be further subclasses.
class Store {
 public:
  virtual ~Store() = default;
  // Add the effect of spikes of one step to the thread's own lanes; how many synapses that were.
  virtual uint64_t deliver(unsigned thread, const uint32_t* neuron, size_t n, int64_t step, const Ring& ring) const = 0;
  // The same, to be added when it arrives.
  virtual uint64_t send(unsigned thread, const uint32_t* neuron, size_t n, int64_t step, uint32_t shift,
                        InFlight* in_flight) const = 0;
  virtual size_t n_synapses() const = 0;
  // In how many pieces rows arrive: one for each source and delay.
  virtual size_t n_pieces() const = 0;
  virtual size_t bytes() const = 0;
  // Sources outside [first, end) have no synapse here.
  uint32_t first_source() const { return first_source_; }
  uint32_t end_source() const { return end_source_; }

 protected:
  uint32_t first_source_ = 0, end_source_ = 0;
};

// Static synapses: 4 bytes each if they share one weight, else 4 and a weight.
std::shared_ptr<const Store> make_static_store(const std::vector<SynapseArrays>& synapses, bool uniform_weight,
                                               const Partition& partition, const std::vector<uint32_t>& lane_bits,
                                               size_t acc_bytes);

}  // namespace pa
