// Conductances that decay without input end as denormal numbers, which stay there for ever and cost a hundred times a
// normal one (after 0.4 s of silence in float, 3.5 s in double). While a Denormals(Mode::kFlush) lives, its thread
// treats them as 0; Denormals(Mode::kKeep) inside it is for calls to code that is none of ours.
#pragma once
#include <cstdint>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace pa {

enum class Mode { kKeep, kFlush };

class Denormals {
 public:
  explicit Denormals(Mode mode) : saved_(read()) {
    write(mode == Mode::kFlush ? saved_ | kFlushBits : saved_ & ~kFlushBits);
  }
  ~Denormals() { write(saved_); }
  Denormals(const Denormals&) = delete;
  Denormals& operator=(const Denormals&) = delete;

 private:
#if defined(__SSE2__)
  static constexpr uint64_t kFlushBits = 0x8040;  // flush to zero, denormals are zero
  static uint64_t read() { return _mm_getcsr(); }
  static void write(uint64_t bits) { _mm_setcsr(static_cast<unsigned>(bits)); }
#elif defined(__aarch64__)
  static constexpr uint64_t kFlushBits = uint64_t(1) << 24;
  static uint64_t read() {
    uint64_t bits;
    asm volatile("mrs %0, fpcr" : "=r"(bits));
    return bits;
  }
  static void write(uint64_t bits) { asm volatile("msr fpcr, %0" : : "r"(bits)); }
#else
  static constexpr uint64_t kFlushBits = 0;
  static uint64_t read() { return 0; }
  static void write(uint64_t) {}
#endif
  const uint64_t saved_;
};

}  // namespace pa
