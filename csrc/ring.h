// Input that is on its way: one sum for each (step of arrival, lane) of one thread.
#pragma once
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "buffer.h"

namespace pa {

inline uint32_t bits_for(uint64_t values) {
  uint32_t bits = 0;
  while ((uint64_t(1) << bits) < values) ++bits;
  return bits;
}

// Only the owning thread reads or writes it, so there is nothing to lock. Steps and lanes are both padded to powers of
// two: the place of lane l at step s is (s << shift | l) modulo the size, so that a synapse packed as
// (delay << shift | lane) finds its place with one addition and one mask.
//
// A spike of the last window arrives after that window's end and at most max_delay steps after its own step, so
// max_delay slots suffice: those of the window are read, and zeroed by the models, before anything is delivered.
class Ring {
 public:
  Ring(uint32_t lanes, uint32_t max_delay, size_t acc_bytes)
      : acc_bytes_(acc_bytes), shift_(bits_for(lanes)), slot_bits_(bits_for(max_delay)) {
    if (shift_ + slot_bits_ > 32)
      throw std::invalid_argument("delays times neurons per thread exceed 2^32: use more threads or shorter delays");
    memory_ = Memory(acc_bytes << (shift_ + slot_bits_));
    for (uint32_t slot = 0; slot < slots(); ++slot) std::memset(row(slot), 0, lanes * acc_bytes);  // not the padding
  }

  uint32_t shift() const { return shift_; }
  uint32_t slots() const { return uint32_t(1) << slot_bits_; }
  uint32_t mask() const { return static_cast<uint32_t>((uint64_t(1) << (shift_ + slot_bits_)) - 1); }
  // To be added to a packed synapse, modulo mask(), for a spike of this step.
  uint32_t offset(int64_t step) const { return static_cast<uint32_t>(static_cast<uint64_t>(step) << shift_); }
  template <class acc>
  acc* data() const {
    return memory_.as<acc>();
  }
  // The sums that arrive at the end of this step.
  char* row(int64_t step) const { return memory_.as<char>() + acc_bytes_ * (offset(step) & mask()); }

 private:
  size_t acc_bytes_;
  uint32_t shift_, slot_bits_;
  Memory memory_;
};

}  // namespace pa
