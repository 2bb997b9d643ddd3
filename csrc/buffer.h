// Memory that starts at a cache line, for arrays that are large or that a compiled model sees.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#ifdef __linux__
#include <malloc.h>
#include <sys/mman.h>
#endif

namespace pa {

// Connections and rings are walked at random places, where much of the time goes into finding pages: huge ones took the
// building of a store of 1e7 synapses with one weight from 37 to 20 ns each (one thread, AMD EPYC, a busy machine).
// Contents are undefined.
class Memory {
 public:
  Memory() = default;
  explicit Memory(size_t bytes) {
    const bool huge = bytes >= 2 * kHugePage;
    const size_t unit = huge ? kHugePage : kCacheLine;
    if (bytes > SIZE_MAX - unit) throw std::bad_alloc();
    bytes = (bytes / unit + 1) * unit;
    if (posix_memalign(&data_, unit, bytes) != 0) throw std::bad_alloc();
#ifdef __linux__
    if (huge) madvise(data_, bytes, MADV_HUGEPAGE);  // advice: without it all works the same, slower
#endif
  }
  ~Memory() { std::free(data_); }
  Memory(Memory&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  Memory& operator=(Memory&& other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  static constexpr size_t kHugePage = size_t(2) << 20, kCacheLine = 64;
  void* data_ = nullptr;
};

// Gives what has been freed back to the system: arrays of less than 32 MB are pieces of glibc's heap, which keeps them.
inline void trim_heap() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

inline Memory zeroed(size_t bytes) {
  Memory memory(bytes);
  std::memset(memory.as<char>(), 0, bytes);
  return memory;
}

}  // namespace pa
