// The phases of a step and what separates them: the barrier of all threads of one cooperative launch, or the end of a
// kernel. On the CPU the same phases are loops over the same threads, one thread after the other, and atomics are plain
// operations.
#pragma once
#include "cuda/device_watch.cuh"
#include "cuda/thread.cuh"

namespace pa {
namespace cuda {

constexpr uint64_t kEveryPhase = ~uint64_t(0);  // of Grid::only
constexpr uint64_t kNoPhase = kEveryPhase - 1;  // they are only counted

#ifndef __CUDACC__
inline uint32_t& emulated_blocks() {
  static uint32_t blocks = 1;
  return blocks;
}
inline uint32_t& emulated_width() {
  static uint32_t width = 1;
  return width;
}
#endif

// A launch runs all phases, or one of them and then `only` is its number: every launch comes by the same phases in the
// same order, so whether there is one may depend on nothing but the network. What depends on the step is for phase_if.
struct Grid {
  uint64_t* arrived;  // counts for ever; it is 0 before the first launch of a grid of this size
  Watch* watch = nullptr;
  uint64_t only = kEveryPhase;
  mutable uint64_t passed = 0;
  mutable bool idle = false;  // phases are counted, and left out

  template <class Phase>
  void phase(const Phase& run) const {
    phase_if(true, run);
  }

  template <class Phase>
  void phase_if(bool wanted, const Phase& run) const {
    if (only == kEveryPhase ? !wanted : (passed++ != only || !wanted || idle)) return;
    everyone(run);
  }

 private:
#ifdef __CUDACC__
  template <class Phase>
  void everyone(const Phase& run) const {
    const Thread me{blockIdx.x, gridDim.x, threadIdx.x, blockDim.x};
    if (only != kEveryPhase) lap(watch, me, Lap::kExchange);  // since the kernel before
    run(me);
    lap(watch, me, Lap::kDeliver);
    if (only != kEveryPhase) return;
    wait();
    lap(watch, me, Lap::kExchange);
  }

  // All blocks have to be resident.
  void wait() const {
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
#else
  template <class Phase>
  void everyone(const Phase& run) const {
    lap(watch, Thread{0, 1, 0, 1}, Lap::kExchange);
    for (uint32_t block = 0; block < emulated_blocks(); ++block)
      for (uint32_t lane = 0; lane < emulated_width(); ++lane) {
        const Thread me{block, emulated_blocks(), lane, emulated_width()};
        run(me);
        lap(watch, me, Lap::kDeliver);
      }
  }
#endif
};

}  // namespace cuda
}  // namespace pa
