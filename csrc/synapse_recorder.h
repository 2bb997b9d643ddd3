// Samples of a variable of some synapses, as they are at step boundaries.
#pragma once
#include <cstdint>
#include <vector>

#include "plastic_store.h"

namespace pa {

// Sampled every `interval` steps into rows of doubles that are the caller's, as SignalRecorder's are.
class SynapseRecorder {
 public:
  SynapseRecorder(uint32_t variable, size_t columns, int64_t interval)
      : variable_(variable), columns_(columns), interval_(interval) {}

  // Forget where the synapses are.
  void clear() { parts_.clear(); }
  // Column column[j] is synapse index[j] of a thread's share of a store.
  void add(size_t store, unsigned thread, std::vector<uint64_t> index, std::vector<uint32_t> column);
  // Row k of `rows` takes the values at step boundary first_step + k * interval.
  void begin(double* rows, int64_t first_step, int64_t n_rows);
  // The values at a step boundary, when all that is due before it has reached the thread's synapses of the store.
  void sample(size_t number, PlasticStore* store, unsigned thread, int64_t boundary);

 private:
  struct Part {
    size_t store;
    unsigned thread;
    std::vector<uint64_t> index;
    std::vector<uint32_t> column;
    std::vector<double> values;
  };
  const uint32_t variable_;
  const size_t columns_;
  const int64_t interval_;
  std::vector<Part> parts_;
  double* rows_ = nullptr;
  int64_t first_step_ = 0, n_rows_ = 0;
};

}  // namespace pa
