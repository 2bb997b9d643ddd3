#include "synapse_recorder.h"

#include <utility>

namespace pa {

void SynapseRecorder::add(size_t store, unsigned thread, std::vector<uint64_t> index, std::vector<uint32_t> column) {
  const size_t n = index.size();
  parts_.push_back({store, thread, std::move(index), std::move(column), std::vector<double>(n)});
}

void SynapseRecorder::begin(double* rows, int64_t first_step, int64_t n_rows) {
  rows_ = rows;
  first_step_ = first_step;
  n_rows_ = n_rows;
}

void SynapseRecorder::sample(size_t number, PlasticStore* store, unsigned thread, int64_t boundary) {
  const int64_t since = boundary - first_step_;
  if (since < 0 || since % interval_ != 0 || since / interval_ >= n_rows_) return;
  double* const row = rows_ + static_cast<size_t>(since / interval_) * columns_;
  for (Part& part : parts_) {
    if (part.store != number || part.thread != thread) continue;
    store->observe(thread, part.index.data(), part.index.size(), variable_, boundary - 1, part.values.data());
    for (size_t j = 0; j < part.column.size(); ++j) row[part.column[j]] = part.values[j];
  }
}

}  // namespace pa
