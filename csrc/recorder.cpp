#include "recorder.h"

#include <utility>

namespace pa {

SignalRecorder::SignalRecorder(uint32_t block, uint32_t state, std::vector<uint32_t> positions, int64_t interval)
    : block_(block), state_(state), positions_(std::move(positions)), interval_(interval) {}

void SignalRecorder::lay_out(const Partition& partition) {
  columns_.assign(partition.threads(), {});
  for (size_t k = 0; k < positions_.size(); ++k)
    columns_[partition.owner(block_, positions_[k])].push_back({positions_[k], static_cast<uint32_t>(k)});
}

void SignalRecorder::begin(void* rows, int64_t first_step, int64_t n_rows) {
  rows_ = static_cast<char*>(rows);
  first_step_ = first_step;
  n_rows_ = n_rows;
}

void SignalRecorder::sample(unsigned thread, const pa_block& block, size_t state_bytes, int64_t boundary) const {
  const int64_t since = boundary - first_step_;
  if (since < 0 || since % interval_ != 0 || since / interval_ >= n_rows_) return;
  char* const row = rows_ + static_cast<size_t>(since / interval_) * positions_.size() * state_bytes;
  const auto copy = [&](auto* to) {
    const auto* from = static_cast<const decltype(to)>(block.state[state_]);
    for (const Column& c : columns_[thread]) to[c.column] = from[c.position];
  };
  if (state_bytes == sizeof(float))
    copy(reinterpret_cast<float*>(row));
  else
    copy(reinterpret_cast<double*>(row));
}

SpikeRouter::SpikeRouter(std::vector<Entry> entries, uint32_t n_neurons)
    : entries_(std::move(entries)), begin_(n_neurons + size_t(1), 0) {
  for (const Entry& entry : entries_)
    for (const uint32_t neuron : entry.neurons) ++begin_.at(neuron + size_t(1));
  for (size_t k = 1; k < begin_.size(); ++k) begin_[k] += begin_[k - 1];
  logs_.resize(begin_.back());
  std::vector<uint32_t> cursor(begin_.begin(), begin_.end() - 1);
  for (const Entry& entry : entries_)
    for (const uint32_t neuron : entry.neurons) logs_[cursor[neuron]++] = entry.log.get();
}

void SpikeRouter::append(const uint32_t* neuron, const double* time_ms, size_t n) const {
  for (size_t k = 0; k < n; ++k)
    for (uint32_t j = begin_[neuron[k]]; j < begin_[neuron[k] + size_t(1)]; ++j) {
      logs_[j]->neuron.push_back(neuron[k]);
      logs_[j]->time_ms.push_back(time_ms[k]);
    }
}

}  // namespace pa
