// Arrivals that are on their way to synapses: one bucket for each event to come.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "ring.h"

namespace pa {

// A spike on its way to neighbouring synapses of one source.
struct DueSpan {
  uint64_t begin;
  uint32_t count;
  uint32_t repeat;  // see pa_arrival
  int32_t shift;    // steps to be added to the synapses' own delays, which changed after the spike was sent
  int64_t emitted;  // see pa_arrival
};

// Events are steps: what is due in a step is taken before anything is added that is due `slots` steps later.
class Due {
 public:
  explicit Due(uint32_t longest = 0) : buckets_(size_t(1) << bits_for(longest + uint64_t(1))) {}

  uint32_t slots() const { return static_cast<uint32_t>(buckets_.size()); }
  std::vector<DueSpan>& at(int64_t event) { return buckets_[static_cast<size_t>(event) & (buckets_.size() - 1)]; }
  const std::vector<DueSpan>& at(int64_t event) const { return const_cast<Due*>(this)->at(event); }
  void clear() {
    for (std::vector<DueSpan>& bucket : buckets_) bucket.clear();
  }

 private:
  std::vector<std::vector<DueSpan>> buckets_;
};

}  // namespace pa
