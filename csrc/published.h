// What neurons show to all threads: variables as they were at the last step boundaries, and reductions of them.
#pragma once
#include <cstdint>
#include <vector>

#include "abi.h"
#include "partition.h"
#include "reduction.h"

namespace pa {

// One variable of all neurons of the network that have it, by neuron number. The memory is the caller's.
struct PublishedVariable {
  std::vector<int32_t> state;  // [block] which state variable, -1 where nobody wants it
  std::vector<void*> slot;     // [slots] real[neurons]: values at boundary b are in slot b % slots
};

// One number for some neurons, that of the last boundary.
struct ReductionSpec {
  Operation operation;
  uint32_t variable;  // published
  std::vector<uint32_t> neurons;
};

// A thread writes boundary b + 1 while others still read boundary b and older ones, so there is one slot more than the
// longest delay.
class Published {
 public:
  Published() = default;
  Published(std::vector<PublishedVariable> variables, std::vector<ReductionSpec> reductions, unsigned threads,
            size_t real_bytes);

  uint32_t slots() const { return variables_.empty() ? 1 : static_cast<uint32_t>(variables_[0].slot.size()); }
  bool any() const { return !variables_.empty(); }
  const void* const* slots_of(uint32_t variable) const { return pointers_[variable].data(); }
  // A thread's own neurons, as they are now.
  void write(unsigned thread, const std::vector<pa_block>& blocks, const Partition& partition, int64_t boundary) const;
  // When all threads have written: reductions, which every thread computes for itself.
  void reduce(unsigned thread, int64_t boundary);
  double reduction(unsigned thread, uint32_t number) const { return values_[thread][number]; }

 private:
  double reduce_one(const ReductionSpec& spec, int64_t boundary) const;

  size_t real_bytes_ = 8;
  std::vector<PublishedVariable> variables_;
  std::vector<std::vector<const void*>> pointers_;
  std::vector<ReductionSpec> reductions_;
  std::vector<std::vector<double>> values_;  // [thread][reduction]
};

}  // namespace pa
