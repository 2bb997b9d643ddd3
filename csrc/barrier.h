// The one synchronisation of the time loop: all threads meet once per window.
#pragma once
#include <atomic>
#include <thread>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace pa {

inline void cpu_relax() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Sense-reversing barrier. Waiting threads spin for about ten microseconds, the usual imbalance of a window, and then
// yield, so that more threads than cores still make progress. What a thread wrote before wait() is visible to every
// thread after it. With one thread nothing atomic is executed.
class Barrier {
 public:
  explicit Barrier(unsigned threads) : threads_(threads), missing_(threads) {}

  // `sense` belongs to the calling thread and starts as false.
  void wait(bool* sense) {
    if (threads_ == 1) return;
    *sense = !*sense;
    if (missing_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      missing_.store(threads_, std::memory_order_relaxed);
      released_.store(*sense, std::memory_order_release);
      return;
    }
    for (int spin = 0; spin < kSpins; ++spin) {
      if (released_.load(std::memory_order_acquire) == *sense) return;
      cpu_relax();
    }
    while (released_.load(std::memory_order_acquire) != *sense) std::this_thread::yield();
  }

 private:
  static constexpr int kSpins = 400;
  const unsigned threads_;
  alignas(64) std::atomic<unsigned> missing_;
  alignas(64) std::atomic<bool> released_{false};
};

}  // namespace pa
