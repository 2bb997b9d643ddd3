// What is kept of a run: samples of state variables and spikes.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "partition.h"
#include "spikes.h"

namespace pa {

// One state variable of some neurons of one block, sampled every `interval` steps. The rows are the caller's memory,
// made before a run for all of its samples, so that every thread writes the columns of its own neurons without asking.
class SignalRecorder {
 public:
  SignalRecorder(uint32_t block, uint32_t state, std::vector<uint32_t> positions, int64_t interval);

  uint32_t block() const { return block_; }
  void lay_out(const Partition& partition);
  // Row k of `rows` takes the state at step boundary first_step + k * interval.
  void begin(void* rows, int64_t first_step, int64_t n_rows);
  // The state at a step boundary, as far as it is the thread's; nothing if the boundary is not to be sampled.
  void sample(unsigned thread, const pa_block& block, size_t state_bytes, int64_t boundary) const;

 private:
  struct Column {
    uint32_t position, column;
  };
  uint32_t block_, state_;
  std::vector<uint32_t> positions_;
  int64_t interval_;
  std::vector<std::vector<Column>> columns_;  // [thread]
  char* rows_ = nullptr;
  int64_t first_step_ = 0, n_rows_ = 0;
};

// Spikes of some neurons, in the global order.
struct SpikeLog {
  std::vector<uint32_t> neuron;
  std::vector<double> time_ms;
};

// Which spikes go to which logs. A neuron may be in several.
class SpikeRouter {
 public:
  struct Entry {
    std::shared_ptr<SpikeLog> log;
    std::vector<uint32_t> neurons;
  };
  SpikeRouter() = default;
  SpikeRouter(std::vector<Entry> entries, uint32_t n_neurons);
  bool empty() const { return logs_.empty(); }
  // Logs belong to one block each; calls for different blocks may run at the same time.
  void append(const uint32_t* neuron, const double* time_ms, size_t n) const;

 private:
  std::vector<Entry> entries_;
  std::vector<uint32_t> begin_;  // [neurons + 1] into logs_
  std::vector<SpikeLog*> logs_;
};

}  // namespace pa
