#include "neuron_links.h"

#include <algorithm>
#include <tuple>

namespace pa {

bool NeuronChanges::is_disabled(const Place& neuron) const {
  if (neuron.block >= disabled_.size()) return false;
  const std::vector<uint32_t>& positions = disabled_[neuron.block];
  return std::binary_search(positions.begin(), positions.end(), neuron.position);
}

void NeuronChanges::apply(unsigned thread, int64_t step, const std::vector<pa_block>& blocks, size_t real_bytes) {
  std::vector<NeuronChange> mine;
  for (const List& list : lists_[step & 1])
    for (const NeuronChange& change : list.changes)
      if (change.neuron.thread == thread && !is_disabled(change.neuron)) mine.push_back(change);
  std::sort(mine.begin(), mine.end(), [](const NeuronChange& a, const NeuronChange& b) {
    return std::tie(a.neuron.block, a.state, a.neuron.position, a.number, a.variable) <
           std::tie(b.neuron.block, b.state, b.neuron.position, b.number, b.variable);
  });
  for (const NeuronChange& change : mine) {
    void* const variable = blocks[change.neuron.block].state[change.state];
    if (real_bytes == sizeof(float))
      static_cast<float*>(variable)[change.neuron.position] += static_cast<float>(change.value);
    else
      static_cast<double*>(variable)[change.neuron.position] += change.value;
  }
}

}  // namespace pa
