// Connection stores: who is connected to whom, in the form in which spikes walk it.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "in_flight.h"
#include "partition.h"
#include "ring.h"
#include "synapse_columns.h"

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
  const SynapseColumns* columns = nullptr;  // if not null, there are no arrays: synapses are made when they are wanted
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

// The synapses of one projection among those of a store, by what no other one of them has in common with it.
struct Selection {
  uint32_t first_source, end_source, first_target, end_target;
  std::vector<int32_t> receptor;  // as in SynapseArrays
};

// Static synapses: 4 bytes each if they share one weight, else 4 and a weight.
class StaticStore : public Store {
 public:
  // Lists of n synapses as they were given, ordered by source, target and delay, those that agree in all three in order
  // of creation. Arrays may be null. Throws if there are not n. Weights come back rounded to what sums are made of.
  virtual void recall(const Selection& selection, size_t n, uint32_t* source, uint32_t* target, uint16_t* delay,
                      double* weight) const = 0;
};

// A store is made in two passes over the projections, so that arrays may go as soon as they have been put into it.
class StoreBuilder {
 public:
  virtual ~StoreBuilder() = default;
  virtual void count(const SynapseArrays& synapses) = 0;  // all of them, before any is put
  virtual void put(const SynapseArrays& synapses) = 0;
  // Several at once, of which some may be without arrays: each thread puts what is onto its own neurons. This is for
  // what is made when it is wanted, and for few synapses, as each thread reads all arrays.
  virtual void count(const std::vector<SynapseArrays>& projections) = 0;
  virtual void put(const std::vector<SynapseArrays>& projections) = 0;
  // Once; of what has been put, even if that is not all that was counted.
  virtual std::shared_ptr<const StaticStore> finish() = 0;
};
std::unique_ptr<StoreBuilder> make_static_store(bool uniform_weight, const Partition& partition,
                                                const std::vector<uint32_t>& lane_bits, size_t acc_bytes);

// Where a list of synapses differs from the order in which a store recalls it: element `where[k]` of the list is
// element `from[k]` of what is recalled. False if sources and targets themselves are in another order.
bool recallable(size_t n, const uint32_t* source, const uint32_t* target, const uint16_t* delay,
                std::vector<uint32_t>* where, std::vector<uint32_t>* from);

}  // namespace pa
