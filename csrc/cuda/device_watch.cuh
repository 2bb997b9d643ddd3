// Where the time of a step goes, seen by the first thread of the first block, which never has fewer neurons or spikes
// than others: its work by phase, and the time that it waits for everybody at the barriers.
#pragma once
#include "cuda/standard.cuh"
#include "cuda/thread.cuh"

namespace pa {
namespace cuda {

enum class Lap : uint32_t { kUpdate, kExchange, kDeliver, kRecord };

// Every member is one 64-bit word: native/cuda/watch.py reads this struct.
struct Watch {
  uint64_t last;    // the time of the last lap, 0 before the first of a launch
  uint64_t ns[4];   // [Lap]
  uint64_t events;  // how many synapses a spike was sent to
};

#ifdef __CUDACC__
inline uint64_t now_ns() {
  uint64_t now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
}
inline bool watches(const Thread& me) { return me.number() == 0; }
#else
inline uint64_t now_ns() {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count());
}
inline bool watches(const Thread&) { return true; }  // one after the other, so the times of all add up
#endif

// What has passed since the last lap belongs to this phase. Without a watch it costs a branch.
inline void lap(Watch* watch, const Thread& me, Lap phase) {
  if (watch == nullptr || !watches(me)) return;
  const uint64_t now = now_ns();
  if (watch->last != 0) watch->ns[static_cast<uint32_t>(phase)] += now - watch->last;
  watch->last = now;
}

}  // namespace cuda
}  // namespace pa
