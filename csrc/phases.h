// Where the time of runs goes, counted by each thread for itself while `Engine::measure` is on.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>

namespace pa {

enum class Phase { kUpdate, kExchange, kDeliver, kRecord };

struct PhaseTimes {
  std::array<double, 4> seconds{};  // [Phase]
  uint64_t updates = 0;             // neurons times steps: those of all threads, counted by the first
  uint64_t events = 0;              // how many synapses a spike has reached
};

// Off, it costs a branch a lap; on, reading a clock: some 25 ns.
class Stopwatch {
 public:
  Stopwatch(bool on, PhaseTimes* times) : on_(on), times_(times) {
    if (on_) last_ = Clock::now();
  }

  // What has passed since the last lap belongs to this phase.
  void lap(Phase phase) {
    if (!on_) return;
    const Clock::time_point now = Clock::now();
    times_->seconds[static_cast<size_t>(phase)] += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }

 private:
  using Clock = std::chrono::steady_clock;
  const bool on_;
  PhaseTimes* const times_;
  Clock::time_point last_;
};

}  // namespace pa
