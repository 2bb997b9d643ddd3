// What no network can go below on this GPU: the barrier of a whole grid, a chain of loads that wait for each other, and
// the bandwidth of memory. Compiled by NVRTC; arguments are 64-bit words, as of the engine's own functions.
typedef unsigned long long word;

// `n` barriers of all blocks, as csrc/cuda/grid.cuh makes them.
extern "C" __global__ void barriers(word* arrived, word n) {
  for (word k = 0; k < n; ++k) {
    __syncthreads();
    if (threadIdx.x == 0) {
      __threadfence();
      const word before = atomicAdd(arrived, word(1));
      const word all = (before / gridDim.x + 1) * gridDim.x;
      while (*static_cast<volatile word*>(arrived) < all) {
      }
      __threadfence();
    }
    __syncthreads();
  }
}

// One thread follows `n` links from place to place.
extern "C" __global__ void chain(const word* next, word n, word* end) {
  word at = 0;
  for (word k = 0; k < n; ++k) at = next[at];
  *end = at;
}

// to = from + by, the traffic of which is 16 bytes an element.
extern "C" __global__ void stream(const double* from, double* to, word n) {
  const word width = word(gridDim.x) * blockDim.x;
  for (word k = word(blockIdx.x) * blockDim.x + threadIdx.x; k < n; k += width) to[k] = from[k] + 1.0;
}
