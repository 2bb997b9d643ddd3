#include "rows.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace pa {

Rows::Rows(Published published, std::vector<RowsStore> stores, std::vector<ReducedInput> inputs,
           const Partition& partition, size_t real_bytes, size_t acc_bytes)
    : real_bytes_(real_bytes),
      acc_bytes_(acc_bytes),
      published_(std::move(published)),
      stores_(std::move(stores)),
      inputs_(std::move(inputs)) {
  for (RowsStore& store : stores_) {
    if (store.kernel->abi_version != PA_ABI_VERSION)
      throw std::invalid_argument("model compiled for another ABI version");
    if (store.kernel->state_bytes != real_bytes || store.kernel->acc_bytes != acc_bytes)
      throw std::invalid_argument("model compiled for another precision");
    share_out(&store, partition);
  }
}

void Rows::share_out(RowsStore* store, const Partition& partition) const {
  const uint32_t *const target = store->rows.target, *const end = target + store->rows.n_rows;
  store->row_begin.assign(1, 0);
  for (unsigned thread = 0; thread < partition.threads(); ++thread) {
    const uint32_t last = partition.share(thread, store->block).chunk_end * PA_CHUNK;
    const size_t after = static_cast<size_t>(std::lower_bound(target, end, last) - target);
    store->row_begin.push_back(std::max(after, store->row_begin.back()));
    store->parts.push_back(store->rows);
    store->parts.back().variable = store->variable[thread].data();
    store->parts.back().constant = store->constant.data();
    store->parts.back().constant_locality = store->constant_locality.data();
  }
}

// Such that lane[position in the block] is the neuron's; only those of the thread's share are.
char* Rows::lane(unsigned thread, const Partition& partition, size_t block, uint32_t input, int64_t step,
                 const Ring& ring) const {
  const Share& share = partition.share(thread, block);
  const uint32_t first = share.chunk_begin * PA_CHUNK;
  const uintptr_t row = reinterpret_cast<uintptr_t>(ring.row(step)) + acc_bytes_ * share.lane(input, first);
  return reinterpret_cast<char*>(row - acc_bytes_ * first);
}

void Rows::look(unsigned thread, const RowsStore& store, const std::vector<pa_block>& blocks, int64_t step,
                Moment* m) const {
  for (uint32_t variable : store.pre) m->pre.push_back(published_.slots_of(variable));
  for (uint32_t state : store.post) m->post.push_back(blocks[store.block].state[state]);
  for (uint32_t number : store.globals) m->global.push_back(published_.reduction(thread, number));
  m->moment = {step,    m->pre.data(), published_.slots(), m->post.data(), m->global.data(),
               nullptr, store.frozen,  store.leads};
}

void Rows::sum(unsigned thread, const std::vector<pa_block>& blocks, const Partition& partition, int64_t step,
               const Ring& ring) {
  for (const auto& recorder : recorders_) recorder->sample(stores_, thread, real_bytes_, step);
  for (const ReducedInput& in : inputs_) {
    const Share& share = partition.share(thread, in.block);
    const size_t first = std::max<size_t>(in.first, size_t(share.chunk_begin) * PA_CHUNK);
    const size_t end = std::min<size_t>(in.end, size_t(share.chunk_end) * PA_CHUNK);
    if (first >= end) continue;
    const double value = published_.reduction(thread, in.reduction);
    char* const to = lane(thread, partition, in.block, in.input, step, ring);
    if (acc_bytes_ == sizeof(float))
      std::fill(reinterpret_cast<float*>(to) + first, reinterpret_cast<float*>(to) + end, static_cast<float>(value));
    else
      std::fill(reinterpret_cast<double*>(to) + first, reinterpret_cast<double*>(to) + end, value);
  }
  for (const RowsStore& store : stores_) {
    const pa_rows& part = store.parts[thread];
    const size_t begin = store.row_begin[thread], end = store.row_begin[thread + 1];
    if (!store.transmits || begin == end) continue;
    Moment m;
    look(thread, store, blocks, step, &m);
    m.moment.sums = lane(thread, partition, store.block, store.input, step, ring);
    store.kernel->sum(&part, begin, end, &m.moment);
  }
}

void Rows::learn(unsigned thread, const std::vector<pa_block>& blocks, int64_t step) {
  for (const RowsStore& store : stores_) {
    const pa_rows& part = store.parts[thread];
    const bool due = store.learns && (step - store.learn_offset) % store.learn_period == 0;
    if (store.kernel->learn == nullptr || !due)
      continue;  // without rows, too: what all have in common is every thread's
    Moment m;
    look(thread, store, blocks, step, &m);
    store.kernel->learn(&part, store.row_begin[thread], store.row_begin[thread + 1], &m.moment);
  }
  for (const auto& recorder : recorders_) recorder->sample(stores_, thread, real_bytes_, step + 1);
}

// ---- samples --------------------------------------------------------------------------------------------------------

void RowsRecorder::add(size_t store, unsigned thread, std::vector<uint64_t> index, std::vector<uint32_t> column) {
  parts_.push_back({store, thread, std::move(index), std::move(column)});
}

void RowsRecorder::begin(double* rows, int64_t first_step, int64_t n_rows) {
  rows_ = rows;
  first_step_ = first_step;
  n_rows_ = n_rows;
}

void RowsRecorder::sample(const std::vector<RowsStore>& stores, unsigned thread, size_t real_bytes,
                          int64_t boundary) const {
  const int64_t since = boundary - first_step_;
  if (since < 0 || since % interval_ != 0 || since / interval_ >= n_rows_) return;
  double* const row = rows_ + static_cast<size_t>(since / interval_) * columns_;
  for (const Part& part : parts_) {
    if (part.thread != thread) continue;
    const void* const values = stores[part.store].parts[thread].variable[variable_];
    for (size_t j = 0; j < part.column.size(); ++j)
      row[part.column[j]] = real_bytes == sizeof(float) ? static_cast<const float*>(values)[part.index[j]]
                                                        : static_cast<const double*>(values)[part.index[j]];
  }
}

}  // namespace pa
