// Memory that starts at a cache line and is zero, for arrays that a compiled model sees.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

namespace pa {

class ZeroedBuffer {
 public:
  ZeroedBuffer() = default;
  // calloc and not memset: pages of a large buffer that nobody touches never become real memory.
  explicit ZeroedBuffer(size_t bytes) : raw_(std::calloc(1, bytes + kAlign)) {
    if (raw_ == nullptr) throw std::bad_alloc();
    const uintptr_t address = reinterpret_cast<uintptr_t>(raw_);
    data_ = reinterpret_cast<char*>((address + kAlign - 1) / kAlign * kAlign);
  }
  ~ZeroedBuffer() { std::free(raw_); }
  ZeroedBuffer(ZeroedBuffer&& other) noexcept { swap(other); }
  ZeroedBuffer& operator=(ZeroedBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ZeroedBuffer(const ZeroedBuffer&) = delete;
  ZeroedBuffer& operator=(const ZeroedBuffer&) = delete;

  char* data() const { return data_; }

 private:
  static constexpr size_t kAlign = 64;
  void swap(ZeroedBuffer& other) noexcept {
    std::swap(raw_, other.raw_);
    std::swap(data_, other.data_);
  }
  void* raw_ = nullptr;
  char* data_ = nullptr;
};

}  // namespace pa
