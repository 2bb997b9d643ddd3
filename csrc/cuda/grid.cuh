// The threads of one cooperative launch, and the barrier between its phases. On the CPU the same phases are loops over
// the same threads, one thread after the other, and atomics are plain operations.
#pragma once
#include "cuda/standard.cuh"

namespace pa {
namespace cuda {

// A thread, in words that mean the same on both sides.
struct Thread {
  uint32_t block, blocks, lane, width;
  uint64_t number() const { return uint64_t(block) * width + lane; }
  uint64_t count() const { return uint64_t(blocks) * width; }
};

#ifdef __CUDACC__
#define PA_GLOBAL __global__

inline uint64_t add(uint64_t* where, uint64_t value) { return atomicAdd(where, value); }
inline uint32_t add(uint32_t* where, uint32_t value) { return atomicAdd(where, value); }

// All blocks have to be resident. `arrived` counts for ever; it is 0 before the first launch of a grid of this size.
struct Grid {
  uint64_t* arrived;

  template <class Phase>
  void phase(const Phase& run) const {
    run(Thread{blockIdx.x, gridDim.x, threadIdx.x, blockDim.x});
    __syncthreads();
    if (threadIdx.x == 0) {
      __threadfence();
      const uint64_t before = atomicAdd(arrived, uint64_t(1));
      const uint64_t all = (before / gridDim.x + 1) * gridDim.x;
      while (*static_cast<volatile uint64_t*>(arrived) < all) {
      }
      __threadfence();
    }
    __syncthreads();
  }
};

#else
#define PA_GLOBAL

template <class T>
inline T add(T* where, T value) {
  const T before = *where;
  *where += value;
  return before;
}
inline uint64_t add(uint64_t* where, uint64_t value) { return add<uint64_t>(where, value); }
inline uint32_t add(uint32_t* where, uint32_t value) { return add<uint32_t>(where, value); }

inline uint32_t& emulated_blocks() {
  static uint32_t blocks = 1;
  return blocks;
}
inline uint32_t& emulated_width() {
  static uint32_t width = 1;
  return width;
}

struct Grid {
  uint64_t* arrived;

  template <class Phase>
  void phase(const Phase& run) const {
    for (uint32_t block = 0; block < emulated_blocks(); ++block)
      for (uint32_t lane = 0; lane < emulated_width(); ++lane)
        run(Thread{block, emulated_blocks(), lane, emulated_width()});
  }
};
#endif

}  // namespace cuda
}  // namespace pa
