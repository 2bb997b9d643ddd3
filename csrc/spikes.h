// The spikes of one window: written by their own thread, then read by all.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include "abi.h"

namespace pa {

// What one thread's neurons emitted during one window: block by block and step by step within a block, or the other
// way.
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
  void begin(size_t blocks, size_t steps, bool step_by_step) {
    sink_.count = 0;
    block_stride_ = step_by_step ? 1 : steps;
    step_stride_ = step_by_step ? blocks : 1;
    end_.assign(blocks * steps, 0);
  }
  // To be called after each step of each block, in order.
  void mark(size_t block, size_t step) { end_[place(block, step)] = sink_.count; }

  size_t first(size_t block, size_t step) const {
    const size_t k = place(block, step);
    return k == 0 ? 0 : end_[k - 1];
  }
  size_t last(size_t block, size_t step) const { return end_[place(block, step)]; }
  const uint32_t* neuron() const { return sink_.neuron; }
  const double* time_ms() const { return sink_.time_ms; }

 private:
  size_t place(size_t block, size_t step) const { return block * block_stride_ + step * step_stride_; }

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
  size_t block_stride_ = 0, step_stride_ = 0;
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
