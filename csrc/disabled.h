// Neurons that are not updated for the time being.
#pragma once
#include <cstdint>
#include <vector>

#include "abi.h"
#include "partition.h"

namespace pa {

// A model updates whole chunks, and populations share them. So disabled neurons are updated with the others, and then
// what that has done is undone: they cost what they cost when enabled, and a little for the copies.
class Disabled {
 public:
  Disabled() = default;
  // positions[block]: in ascending order.
  Disabled(const std::vector<std::vector<uint32_t>>& positions, const std::vector<pa_block>& blocks,
           const Partition& partition, size_t real_bytes);

  bool has(unsigned thread, size_t block) const { return !parts_.empty() && !part(thread, block).position.empty(); }
  // Before an update, and after it: the spikes from `before` on are this update's.
  void keep(unsigned thread, size_t b, const pa_block& block, uint32_t n_state);
  void restore(unsigned thread, size_t b, const pa_block& block, uint32_t n_state, pa_spike_sink* sink,
               size_t before) const;

 private:
  struct alignas(64) Part {
    std::vector<uint32_t> position, neuron;
    std::vector<char> kept;  // [n_state][positions] real
  };
  const Part& part(unsigned thread, size_t block) const { return parts_[thread * n_blocks_ + block]; }

  size_t n_blocks_ = 0, real_bytes_ = 8;
  std::vector<Part> parts_;  // [thread][block]
};

}  // namespace pa
