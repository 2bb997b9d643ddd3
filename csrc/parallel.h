// Running one function on several threads, the calling one included, and getting the first exception back.
#pragma once
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace pa {

// The function may wait for its siblings: none of them starts before all exist.
template <class Function>
void in_parallel(unsigned threads, const Function& function) {
  std::exception_ptr error;
  std::mutex guard, gate;
  bool cancelled = false;
  const auto guarded = [&](unsigned thread) {
    try {
      function(thread);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(guard);
      if (!error) error = std::current_exception();
    }
  };
  const auto gated = [&](unsigned thread) {
    {
      const std::lock_guard<std::mutex> lock(gate);
      if (cancelled) return;
    }
    guarded(thread);
  };
  std::vector<std::thread> others;
  {
    const std::lock_guard<std::mutex> lock(gate);
    try {
      for (unsigned t = 1; t < threads; ++t) others.emplace_back(gated, t);
    } catch (...) {
      cancelled = true;
      error = std::current_exception();
    }
  }
  if (!cancelled) guarded(0);
  for (std::thread& thread : others) thread.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace pa
