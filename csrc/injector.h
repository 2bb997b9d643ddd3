// Adds the current sources up for the neurons they are injected into.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "buffer.h"
#include "current.h"
#include "partition.h"

namespace pa {

struct Injection {
  std::shared_ptr<const Waveform> waveform;
  std::vector<uint32_t> neurons;  // global numbers; a repeated one gets the current again
};

class Injector {
 public:
  Injector() = default;
  Injector(const std::vector<Injection>& injections, const Partition& partition, size_t real_bytes);

  // Bring the thread's neurons of this block to the currents of this step, and say where they stand.
  // Currents are added in order of creation; while none of them changes, nothing is touched.
  void apply(unsigned thread, size_t block, int64_t step);
  const void* current(size_t block) const { return blocks_[block].memory.as<void>(); }
  uint32_t stride(size_t block) const { return blocks_[block].stride; }

 private:
  struct Share {
    std::vector<const Waveform*> waveform;
    std::vector<double> value;                    // what is in memory now
    std::vector<std::vector<uint32_t>> position;  // [waveform]
    bool fresh = true;
  };
  struct Block {
    Memory memory;  // real[padded n], or one chunk of zeros if nothing is injected
    uint32_t stride;
    std::vector<Share> shares;  // [thread]
  };
  template <class real>
  static void add_up(const Share& share, real* memory, size_t first, size_t last);

  size_t real_bytes_ = 0;
  std::vector<Block> blocks_;
  std::vector<std::vector<pa::Share>> owned_;  // [block][thread]
  std::vector<std::shared_ptr<const Waveform>> alive_;
};

}  // namespace pa
