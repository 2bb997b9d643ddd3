// Sums and largest numbers over all threads of a launch: whole numbers, so no result depends on the grid.
#pragma once
#include "cuda/grid.cuh"

namespace pa {
namespace cuda {

#ifdef __CUDACC__
inline void raise(uint64_t* where, uint64_t value) {
  if (*static_cast<volatile uint64_t*>(where) < value) atomicMax(where, value);
}
#else
inline void raise(uint64_t* where, uint64_t value) {
  if (*where < value) *where = value;
}
#endif

// The part of n things that a thread has, if neighbours are to be with the same one.
struct Share {
  uint64_t begin, end;
  Share(uint64_t n, uint64_t thread, uint64_t threads)
      : begin(part(n, thread, threads)), end(part(n, thread + 1, threads)) {}

 private:
  static uint64_t part(uint64_t n, uint64_t thread, uint64_t threads) {  // n * thread / threads, which may overflow
    const uint64_t each = n / threads, rest = n % threads;
    return thread * each + (thread < rest ? thread : rest);
  }
};

// Replaces each number by the sum of those before it: three phases. `sums` has room for one number of each thread, and
// behind these one of each block.
template <class T>
void sums_before(const Grid& grid, T* values, uint64_t n, T* sums) {
  grid.phase([&](const Thread& me) {
    const Share mine(n, me.number(), me.count());
    T sum = 0;
    for (uint64_t k = mine.begin; k < mine.end; ++k) sum += values[k];
    sums[me.number()] = sum;
  });
  grid.phase([&](const Thread& me) {
    if (me.lane != 0) return;
    T sum = 0;
    for (uint32_t lane = 0; lane < me.width; ++lane) {
      T& of_thread = sums[uint64_t(me.block) * me.width + lane];
      const T before = sum;
      sum += of_thread;
      of_thread = before;
    }
    sums[me.count() + me.block] = sum;
  });
  grid.phase([&](const Thread& me) {
    T sum = sums[me.number()];
    for (uint32_t block = 0; block < me.block; ++block) sum += sums[me.count() + block];
    const Share mine(n, me.number(), me.count());
    for (uint64_t k = mine.begin; k < mine.end; ++k) {
      const T value = values[k];
      values[k] = sum;
      sum += value;
    }
  });
}

}  // namespace cuda
}  // namespace pa
