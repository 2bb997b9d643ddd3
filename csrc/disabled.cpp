#include "disabled.h"

#include <algorithm>
#include <cstring>

namespace pa {

Disabled::Disabled(const std::vector<std::vector<uint32_t>>& positions, const std::vector<pa_block>& blocks,
                   const Partition& partition, size_t real_bytes)
    : n_blocks_(partition.n_blocks()), real_bytes_(real_bytes), parts_(partition.threads() * partition.n_blocks()) {
  for (size_t b = 0; b < positions.size(); ++b)
    for (const uint32_t position : positions[b]) {
      Part& part = parts_[partition.owner(b, position) * n_blocks_ + b];
      part.position.push_back(position);
      part.neuron.push_back(blocks[b].neuron[position]);
    }
}

void Disabled::keep(unsigned thread, size_t b, const pa_block& block, uint32_t n_state) {
  Part& own = parts_[thread * n_blocks_ + b];
  own.kept.resize(n_state * own.position.size() * real_bytes_);
  char* to = own.kept.data();
  for (uint32_t s = 0; s < n_state; ++s)
    for (const uint32_t position : own.position) {
      std::memcpy(to, static_cast<const char*>(block.state[s]) + position * real_bytes_, real_bytes_);
      to += real_bytes_;
    }
}

void Disabled::restore(unsigned thread, size_t b, const pa_block& block, uint32_t n_state, pa_spike_sink* sink,
                       size_t before) const {
  const Part& own = part(thread, b);
  const char* from = own.kept.data();
  for (uint32_t s = 0; s < n_state; ++s)
    for (const uint32_t position : own.position) {
      std::memcpy(static_cast<char*>(block.state[s]) + position * real_bytes_, from, real_bytes_);
      from += real_bytes_;
    }
  size_t count = before;
  for (size_t k = before; k < sink->count; ++k) {
    if (std::binary_search(own.neuron.begin(), own.neuron.end(), sink->neuron[k])) continue;
    sink->neuron[count] = sink->neuron[k];
    sink->time_ms[count++] = sink->time_ms[k];
  }
  sink->count = count;
}

}  // namespace pa
