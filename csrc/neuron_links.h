// What synapses with state read of their sources and add to neurons: internal variables of theirs, which the engine
// fills before each step, and empties after it.
#pragma once
#include <cstdint>
#include <vector>

#include "abi.h"
#include "partition.h"

namespace pa {

// Variable "_source.x" takes what the source had when what arrives now was sent.
struct SourceLink {
  uint32_t variable, published;
};

// Variable "_pre.x" or "_post.x" is added to a state variable of the source or of the target.
struct ChangeLink {
  uint32_t variable;
  bool of_source;
  std::vector<int32_t> state;  // [block], -1 where there is no such neuron
};

struct NeuronLinks {
  std::vector<SourceLink> sources;
  std::vector<ChangeLink> changes;

  bool any() const { return !sources.empty() || !changes.empty(); }
};

// What one synapse adds to one neuron in one step.
struct NeuronChange {
  Place neuron;
  uint32_t state, number, variable;  // of the neuron; the synapse; of the synapse
  double value;
};

// The changes of one step, by the thread that has made them, and their way to the threads that own the neurons. Those
// write the lists of one step while others may still read those of the step before.
class NeuronChanges {
 public:
  explicit NeuronChanges(unsigned threads) : lists_{Lists(threads), Lists(threads)} {}

  // Neurons that nothing is added to: positions[block], in ascending order.
  void set_disabled(const std::vector<std::vector<uint32_t>>& positions) { disabled_ = positions; }
  std::vector<NeuronChange>& of(unsigned thread, int64_t step) { return lists_[step & 1][thread].changes; }
  // To be called when all threads have made theirs. Sums are made in the order of the synapses' numbers, so that they
  // do not depend on how many threads there are.
  void apply(unsigned thread, int64_t step, const std::vector<pa_block>& blocks, size_t real_bytes);

 private:
  struct alignas(64) List {
    std::vector<NeuronChange> changes;
  };
  using Lists = std::vector<List>;
  bool is_disabled(const Place& neuron) const;

  Lists lists_[2];
  std::vector<std::vector<uint32_t>> disabled_;  // [block]
};

}  // namespace pa
