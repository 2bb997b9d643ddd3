#include "partition.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace pa {

namespace {

uint32_t chunks_of(uint32_t neurons) { return (neurons + PA_CHUNK - 1) / PA_CHUNK; }

// Chunks per thread of one block; the ones that are left over go to the threads with the least to do so far.
std::vector<uint32_t> split(uint32_t chunks, const std::vector<uint64_t>& load) {
  const size_t threads = load.size();
  std::vector<uint32_t> counts(threads, static_cast<uint32_t>(chunks / threads));
  std::vector<size_t> order(threads);
  for (size_t t = 0; t < threads; ++t) order[t] = t;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return load[a] < load[b]; });
  for (size_t k = 0; k < chunks % threads; ++k) ++counts[order[k]];
  return counts;
}

}  // namespace

Partition::Partition(const std::vector<BlockShape>& blocks, uint32_t n_neurons, unsigned threads, unsigned working)
    : threads_(threads),
      working_(working),
      blocks_(blocks),
      shares_(threads * blocks.size(), Share{0, 0, 0}),
      lanes_(threads, 0),
      places_(n_neurons) {
  if (blocks.size() > UINT16_MAX || threads > UINT16_MAX)
    throw std::invalid_argument("at most 65535 models and threads");
  if (working < 1 || working > threads) throw std::invalid_argument("of the threads, at least one works");
  std::vector<uint64_t> load(working, 0), lanes(working, 0);
  for (size_t b = 0; b < blocks.size(); ++b) {
    const std::vector<uint32_t> counts = split(chunks_of(blocks[b].n), load);
    uint32_t chunk = 0;
    for (unsigned t = 0; t < working; ++t) {
      Share& share = shares_[t * blocks.size() + b];
      share = {chunk, chunk + counts[t], static_cast<uint32_t>(lanes[t])};
      chunk += counts[t];
      load[t] += counts[t];
      lanes[t] += uint64_t(share.lanes_per_receptor()) * blocks[b].n_inputs;
      if (lanes[t] > UINT32_MAX)
        throw std::invalid_argument("more than 2^32 input lanes for one thread: use more threads");
      const uint32_t end = std::min(share.chunk_end * PA_CHUNK, blocks[b].n);
      for (uint32_t i = share.chunk_begin * PA_CHUNK; i < end; ++i)
        places_.at(blocks[b].neuron[i]) = {i, static_cast<uint16_t>(b), static_cast<uint16_t>(t)};
    }
  }
  for (unsigned t = 0; t < working; ++t) lanes_[t] = static_cast<uint32_t>(lanes[t]);
  for (BlockShape& block : blocks_) block.neuron = nullptr;  // the caller's arrays may go
}

unsigned Partition::owner(size_t block, uint32_t position) const {
  const uint32_t chunk = position / PA_CHUNK;
  for (unsigned t = 0; t < working_; ++t)
    if (chunk < share(t, block).chunk_end) return t;
  throw std::out_of_range("no neuron " + std::to_string(position) + " in block " + std::to_string(block));
}

}  // namespace pa
