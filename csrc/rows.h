// Continuous synapses, by target: what they transmit in every step, and their own equations.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "abi_rows.h"
#include "partition.h"
#include "published.h"
#include "ring.h"

namespace pa {

// Synapses of one model onto one block. The arrays, one set for each thread, are the caller's.
struct RowsStore {
  const pa_rows_kernel* kernel;
  size_t block;
  uint32_t input;                            // of the block's model
  std::vector<uint32_t> pre;                 // [n_pre] which published variable
  std::vector<uint32_t> post;                // [n_post] which state of the block
  std::vector<uint32_t> globals;             // [n_globals] which reduction
  std::vector<std::vector<void*>> variable;  // [thread][n_variables], only those of the whole projection differ
  std::vector<const void*> constant;
  std::vector<uint32_t> constant_locality;
  pa_rows rows;  // all but the pointers to these
  bool transmits = true, learns = true, frozen = false;
  bool leads = true;                           // it is the first one of its projection
  int64_t learn_period = 1, learn_offset = 0;  // it learns in the steps that are offset modulo period

  std::vector<pa_rows> parts;     // [thread], filled in by Rows
  std::vector<size_t> row_begin;  // [threads + 1] which rows are whose, likewise
};

// An input of neurons that is a reduction, not a sum over synapses.
struct ReducedInput {
  size_t block;
  uint32_t input, reduction;
  uint32_t first, end;  // positions in the block
};

// Samples of one variable of some synapses.
class RowsRecorder {
 public:
  RowsRecorder(uint32_t variable, size_t columns, int64_t interval)
      : variable_(variable), columns_(columns), interval_(interval) {}
  void clear() { parts_.clear(); }
  // Column column[j] is element index[j] of the variable's array, which this thread writes, in a store.
  void add(size_t store, unsigned thread, std::vector<uint64_t> index, std::vector<uint32_t> column);
  // Row k of `rows` takes the values at step boundary first_step + k * interval.
  void begin(double* rows, int64_t first_step, int64_t n_rows);
  void sample(const std::vector<RowsStore>& stores, unsigned thread, size_t real_bytes, int64_t boundary) const;

 private:
  struct Part {
    size_t store;
    unsigned thread;
    std::vector<uint64_t> index;
    std::vector<uint32_t> column;
  };
  const uint32_t variable_;
  const size_t columns_;
  const int64_t interval_;
  std::vector<Part> parts_;
  double* rows_ = nullptr;
  int64_t first_step_ = 0, n_rows_ = 0;
};

// In each step every thread calls, with a barrier wherever "meet" stands:
//   (before the first step: begin, meet, met) sum, then its neurons are updated; publish; meet; met; learn.
class Rows {
 public:
  Rows() = default;
  Rows(Published published, std::vector<RowsStore> stores, std::vector<ReducedInput> inputs, const Partition& partition,
       size_t real_bytes, size_t acc_bytes);
  const RowsStore& store(size_t number) const { return stores_.at(number); }
  bool any() const { return !stores_.empty() || !inputs_.empty() || published_.any(); }
  const Published& published() const { return published_; }
  void set_recorders(std::vector<std::shared_ptr<RowsRecorder>> recorders) { recorders_ = std::move(recorders); }

  void publish(unsigned thread, const std::vector<pa_block>& blocks, const Partition& partition,
               int64_t boundary) const {
    published_.write(thread, blocks, partition, boundary);
  }
  void met(unsigned thread, int64_t boundary) { published_.reduce(thread, boundary); }
  void sum(unsigned thread, const std::vector<pa_block>& blocks, const Partition& partition, int64_t step,
           const Ring& ring);
  void learn(unsigned thread, const std::vector<pa_block>& blocks, int64_t step);

 private:
  // What one thread hands to a kernel.
  struct Moment {
    std::vector<const void*> post;
    std::vector<double> global;
    std::vector<const void* const*> pre;
    pa_moment moment;
  };
  void share_out(RowsStore* store, const Partition& partition) const;
  void look(unsigned thread, const RowsStore& store, const std::vector<pa_block>& blocks, int64_t step,
            Moment* m) const;
  char* lane(unsigned thread, const Partition& partition, size_t block, uint32_t input, int64_t step,
             const Ring& ring) const;

  size_t real_bytes_ = 8, acc_bytes_ = 8;
  Published published_;
  std::vector<RowsStore> stores_;
  std::vector<ReducedInput> inputs_;
  std::vector<std::shared_ptr<RowsRecorder>> recorders_;
};

}  // namespace pa
