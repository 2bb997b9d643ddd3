#include "published.h"

#include <cstring>
#include <stdexcept>
#include <utility>

namespace pa {

Published::Published(std::vector<PublishedVariable> variables, std::vector<ReductionSpec> reductions, unsigned threads,
                     size_t real_bytes)
    : real_bytes_(real_bytes), variables_(std::move(variables)), reductions_(std::move(reductions)) {
  for (const PublishedVariable& variable : variables_) {
    if (variable.slot.size() != slots()) throw std::invalid_argument("variables differ in their number of slots");
    pointers_.emplace_back(variable.slot.begin(), variable.slot.end());
  }
  values_.assign(threads, std::vector<double>(reductions_.size()));
}

void Published::write(unsigned thread, const std::vector<pa_block>& blocks, const Partition& partition,
                      int64_t boundary) const {
  for (const PublishedVariable& variable : variables_) {
    char* const to = static_cast<char*>(variable.slot[static_cast<size_t>(boundary) % slots()]);
    for (size_t b = 0; b < blocks.size(); ++b) {
      if (variable.state[b] < 0) continue;
      const Share& share = partition.share(thread, b);
      const char* const from = static_cast<const char*>(blocks[b].state[variable.state[b]]);
      const uint32_t* const neuron = blocks[b].neuron;
      const size_t end = std::min<size_t>(blocks[b].n, size_t(share.chunk_end) * PA_CHUNK);
      // Neurons of one population have neighbouring numbers: one copy for each run of them.
      for (size_t first = size_t(share.chunk_begin) * PA_CHUNK, last; first < end; first = last) {
        last = first + 1;
        while (last < end && neuron[last] == neuron[last - 1] + 1) ++last;
        std::memcpy(to + real_bytes_ * neuron[first], from + real_bytes_ * first, real_bytes_ * (last - first));
      }
    }
  }
}

void Published::reduce(unsigned thread, int64_t boundary) {
  for (size_t i = 0; i < reductions_.size(); ++i) values_[thread][i] = reduce_one(reductions_[i], boundary);
}

double Published::reduce_one(const ReductionSpec& spec, int64_t boundary) const {
  const void* const values = pointers_[spec.variable][static_cast<size_t>(boundary) % slots()];
  const uint32_t* const neuron = spec.neurons.data();
  const size_t n = spec.neurons.size();
  if (n == 0) return 0;
  if (real_bytes_ == sizeof(float)) {
    const float* const x = static_cast<const float*>(values);
    return reduced<float>(spec.operation, n, [=](size_t k) { return x[neuron[k]]; });
  }
  const double* const x = static_cast<const double*>(values);
  return reduced<double>(spec.operation, n, [=](size_t k) { return x[neuron[k]]; });
}

}  // namespace pa
