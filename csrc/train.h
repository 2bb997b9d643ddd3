// Spikes that some synapse may not have taken yet: of neurons that synapses watch, and of modulatory neurons.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "abi.h"

namespace pa {

// Counts never start again, so what a synapse has taken stays true whatever is dropped.
class Train {
 public:
  void append(int64_t step) {
    steps_.push_back(step);
    ++end_;
  }
  // Forget the spikes up to a step.
  void drop(int64_t last_step) {
    const auto keep = std::upper_bound(steps_.begin(), steps_.end(), last_step);
    first_ += static_cast<uint32_t>(keep - steps_.begin());
    steps_.erase(steps_.begin(), keep);
  }
  // Become a train that was kept elsewhere, of which `first` spikes have been dropped.
  void load(uint32_t first, const int64_t* step, size_t n) {
    steps_.assign(step, step + n);
    first_ = first;
    end_ = first + static_cast<uint32_t>(n);
  }
  pa_train view() const { return {steps_.data(), first_, end_, steps_.empty() ? 0 : steps_.back()}; }

 private:
  std::vector<int64_t> steps_;
  uint32_t first_ = 0, end_ = 0;
};

// The trains of one block's neurons, by position. Each is written and read by the thread that owns the neuron alone.
class BlockTrains {
 public:
  // Blocks only grow; trains that are there are kept.
  void resize(uint32_t n) {
    trains_.resize(n);
    views_.resize(n, pa_train{nullptr, 0, 0, 0});
    watched_.resize(n, 0);
  }
  bool watched(uint32_t position) const { return watched_[position] != 0; }
  void watch(uint32_t position) { watched_[position] = 1; }
  void append(uint32_t position, int64_t step) {
    trains_[position].append(step);
    views_[position] = trains_[position].view();
  }
  void drop(uint32_t position, int64_t last_step) {
    trains_[position].drop(last_step);
    views_[position] = trains_[position].view();
  }
  void load(uint32_t position, uint32_t first, const int64_t* step, size_t n) {
    trains_[position].load(first, step, n);
    views_[position] = trains_[position].view();
  }
  void clear() {
    std::fill(trains_.begin(), trains_.end(), Train());
    std::fill(views_.begin(), views_.end(), pa_train{nullptr, 0, 0, 0});
  }
  // What synapses see, by position; stays in place until the next resize.
  pa_train* views() { return views_.data(); }

 private:
  std::vector<Train> trains_;
  std::vector<pa_train> views_;
  std::vector<uint8_t> watched_;
};

}  // namespace pa
