// The spikes of one window: written by their own thread, then read by all.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include "abi.h"

namespace pa {

// What one thread's neurons emitted during one window, block by block, step by step within a block.
class alignas(64) SpikeBuffer {
 public:
  SpikeBuffer() : sink_{nullptr, nullptr, 0, 0, &SpikeBuffer::grow} {}
  ~SpikeBuffer() {
    std::free(sink_.neuron);
    std::free(sink_.time_ms);
  }
  SpikeBuffer(const SpikeBuffer&) = delete;
  SpikeBuffer& operator=(const SpikeBuffer&) = delete;

  pa_spike_sink* sink() { return &sink_; }
  // Makes begin() for so many free of allocation: it must not fail while other threads wait.
  void reserve(size_t blocks, size_t steps) { end_.reserve(blocks * steps); }
  void begin(size_t blocks, size_t steps) {
    sink_.count = 0;
    steps_ = steps;
    end_.assign(blocks * steps, 0);
  }
  // To be called after each step of each block, in order.
  void mark(size_t block, size_t step) { end_[block * steps_ + step] = sink_.count; }

  size_t first(size_t block, size_t step) const {
    const size_t k = block * steps_ + step;
    return k == 0 ? 0 : end_[k - 1];
  }
  size_t last(size_t block, size_t step) const { return end_[block * steps_ + step]; }
  const uint32_t* neuron() const { return sink_.neuron; }
  const double* time_ms() const { return sink_.time_ms; }

 private:
  static void grow(pa_spike_sink* sink, size_t at_least) {
    const size_t capacity = at_least > 2 * sink->capacity ? at_least + 64 : 2 * sink->capacity;
    void* neuron = std::realloc(sink->neuron, capacity * sizeof(uint32_t));
    if (neuron == nullptr) throw std::bad_alloc();
    sink->neuron = static_cast<uint32_t*>(neuron);
    void* time_ms = std::realloc(sink->time_ms, capacity * sizeof(double));
    if (time_ms == nullptr) throw std::bad_alloc();
    sink->time_ms = static_cast<double*>(time_ms);
    sink->capacity = capacity;
  }

  pa_spike_sink sink_;
  size_t steps_ = 0;
  std::vector<size_t> end_;
};

// A run of spikes of one (step, block, thread). Walked in this order, spikes come in the one global order: by step, by
// block, by place in the block.
struct SpikeSpan {
  const uint32_t* neuron;
  const double* time_ms;
  size_t count;
  uint32_t block;
  uint32_t step;  // within the window
};

}  // namespace pa
