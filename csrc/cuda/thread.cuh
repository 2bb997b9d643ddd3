// A thread of a launch, and what it adds to memory that others add to.
#pragma once
#include "cuda/standard.cuh"

// Threads of a block as native/cuda/launcher.py has them, and blocks that a multiprocessor holds at the least: fewer
// registers than that leaves would be spilled to memory.
#ifdef __CUDACC__
#define PA_GLOBAL __global__
#define PA_RESIDENT __launch_bounds__(256, 2)
#else
#define PA_GLOBAL
#define PA_RESIDENT
#endif

namespace pa {
namespace cuda {

// In words that mean the same on both sides.
struct Thread {
  uint32_t block, blocks, lane, width;
  uint64_t number() const { return uint64_t(block) * width + lane; }
  uint64_t count() const { return uint64_t(blocks) * width; }
};

#ifdef __CUDACC__
inline uint64_t add(uint64_t* where, uint64_t value) { return atomicAdd(where, value); }
inline uint32_t add(uint32_t* where, uint32_t value) { return atomicAdd(where, value); }
#else
template <class T>
inline T add(T* where, T value) {
  const T before = *where;
  *where += value;
  return before;
}
inline uint64_t add(uint64_t* where, uint64_t value) { return add<uint64_t>(where, value); }
inline uint32_t add(uint32_t* where, uint32_t value) { return add<uint32_t>(where, value); }
#endif

}  // namespace cuda
}  // namespace pa
