// Some neighbouring threads of a warp that work together: what each does, and one value from those of all. On the CPU
// the first of them does the work of all, in the order in which a device joins it.
#pragma once
#include "cuda/thread.cuh"
#include "number_types.h"

namespace pa {
namespace cuda {

constexpr uint32_t kWarp = 32;

struct Lanes {
  Thread me;
  uint32_t width;  // a power of two up to kWarp

  bool first() const { return me.lane % width == 0; }

  // Call `one(item)` for every item below n that is of these lanes.
  template <class One>
  void each(uint64_t n, const One& one) const {
#ifndef __CUDACC__
    if (!first()) return;
#endif
    for (uint64_t item = me.number() / width; item < n; item += me.count() / width) one(item);
  }

  template <class Work>
  void every(const Work& work) const {
#ifdef __CUDACC__
    work(me.lane % width);
#else
    for (uint32_t lane = 0; lane < width; ++lane) work(lane);
#endif
  }

  // Of value(lane) of all lanes; only the first one has it.
  template <class Value, class Join>
  real joined(const Value& value, const Join& join) const {
#ifdef __CUDACC__
    const uint32_t here = me.lane % kWarp / width * width;
    const uint32_t mask = (width == kWarp ? ~uint32_t(0) : (uint32_t(1) << width) - 1) << here;
    real all = value(me.lane % width);
    for (uint32_t half = width / 2; half > 0; half /= 2) {
      const real other = __shfl_down_sync(mask, all, half, width);
      all = join(all, other);
    }
    return all;
#else
    real part[kWarp];
    for (uint32_t lane = 0; lane < width; ++lane) part[lane] = value(lane);
    for (uint32_t half = width / 2; half > 0; half /= 2)
      for (uint32_t lane = 0; lane < half; ++lane) part[lane] = join(part[lane], part[lane + half]);
    return part[0];
#endif
  }
};

}  // namespace cuda
}  // namespace pa
