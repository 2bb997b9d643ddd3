// Which thread owns which neurons, and where their input is accumulated.
#pragma once
#include <cstdint>
#include <vector>

#include "abi.h"

namespace pa {

struct BlockShape {
  uint32_t n;              // neurons
  uint32_t n_inputs;       // receptors
  const uint32_t* neuron;  // [n] global numbers
};

// One thread's share of one block: whole chunks, and a lane of the thread's ring for each (receptor, neuron) of them.
struct Share {
  uint32_t chunk_begin, chunk_end;
  uint32_t first_lane;
  uint32_t lanes_per_receptor() const { return (chunk_end - chunk_begin) * PA_CHUNK; }
  uint32_t lane(uint32_t receptor, uint32_t position) const {
    return first_lane + receptor * lanes_per_receptor() + (position - chunk_begin * PA_CHUNK);
  }
};

// Where a neuron lives: which element of which block.
struct Place {
  uint32_t position;
  uint16_t block;
  uint16_t thread;
};

class Partition {
 public:
  // All neurons belong to the first `working` threads; whatever is kept for each thread is there for the others, too.
  Partition(const std::vector<BlockShape>& blocks, uint32_t n_neurons, unsigned threads, unsigned working);

  unsigned threads() const { return threads_; }
  unsigned working() const { return working_; }
  size_t n_blocks() const { return blocks_.size(); }
  const BlockShape& block(size_t b) const { return blocks_[b]; }
  const Share& share(unsigned thread, size_t block) const { return shares_[thread * blocks_.size() + block]; }
  uint32_t lanes(unsigned thread) const { return lanes_[thread]; }
  uint32_t n_neurons() const { return static_cast<uint32_t>(places_.size()); }
  const Place& place(uint32_t neuron) const { return places_[neuron]; }
  unsigned owner(size_t block, uint32_t position) const;

 private:
  unsigned threads_, working_;
  std::vector<BlockShape> blocks_;
  std::vector<Share> shares_;
  std::vector<uint32_t> lanes_;
  std::vector<Place> places_;
};

}  // namespace pa
