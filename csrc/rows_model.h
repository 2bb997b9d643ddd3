// What a compiled model of continuous synapses includes: the loops over rows and synapses and the export of its kernel.
// See rows_struct.h for what a model is; it is exported by PA_EXPORT_ROWS(M).
#pragma once
#include "rows_struct.h"

namespace pa {

constexpr size_t kRowGroup = 16;  // as many partial results as the sum of a row has

// Up to kRowGroup neighbouring synapses of a row; element j is synapse first + j.
template <class M>
struct RowGroup {
  size_t first, n;
  real* variable[some(M::n_variables)];  // of local ones
  const real* constant[some(M::n_constants)];
  size_t constant_step[some(M::n_constants)];  // from one group to the next: kRowGroup, or 0 if shared
  const real* pre[some(M::n_pre)];             // side by side where there is a next group
  const uint32_t* number;

  void next() {
    for (size_t i = 0; i < M::n_variables; ++i)
      if (M::variable_locality[i] == PA_LOCAL) variable[i] += kRowGroup;
    for (size_t i = 0; i < M::n_constants; ++i) constant[i] += constant_step[i];
    for (size_t i = 0; i < M::n_pre; ++i) pre[i] += kRowGroup;
    if (M::draws) number += kRowGroup;
  }
};

// One moment for one thread's rows of a store.
template <class M>
class RowWalk {
 public:
  RowWalk(const pa_rows* all, const pa_moment* now, bool delayed) : all_(all), now_(now), delayed_(delayed) {
    x_.t_ms = static_cast<real>(to_double(now->step) * all->dt_ms);
    x_.dt_ms = static_cast<real>(all->dt_ms);
    x_.random = Random{all->seed, all->stream, 0, static_cast<uint32_t>(now->step)};
    for (size_t i = 0; i < M::n_globals; ++i) global_[i] = static_cast<real>(now->global[i]);
    for (size_t i = 0; i < M::n_variables; ++i) variable_[i] = static_cast<real*>(all->variable[i]);
    for (size_t i = 0; i < M::n_constants; ++i)
      if (all->constant_locality[i] == PA_PROJECTION) repeat(i, 0);
    const real* global[some(M::n_globals)];
    for (size_t i = 0; i < M::n_globals; ++i) global[i] = &global_[i];
    globals = M::load_globals(global, 0);
    alike_ = !delayed || all->delay_stride == 0;
    aside_ = all->source == nullptr && alike_;
    for (size_t i = 0; i < M::n_pre; ++i) boundary_[i] = slot(i, 0);
  }

  typename M::Globals globals;
  typename M::Post post;
  typename M::State state;  // with what all synapses, or those of the row, have in common

  void begin_all() { M::load_shared(state, variable_, 0); }

  void begin_row(size_t row) {
    begin_ = all_->begin[row], end_ = all_->begin[row + 1];
    for (size_t i = 0; i < M::n_constants; ++i)
      if (all_->constant_locality[i] == PA_POSTSYNAPTIC) repeat(i, row);
    const real* of_target[some(M::n_post)];
    for (size_t i = 0; i < M::n_post; ++i) of_target[i] = static_cast<const real*>(now_->post[i]);
    post = M::load_post(of_target, all_->target[row]);
    M::load_row(state, variable_, row);
  }

  // Constants of the row, or of all: valid where the model reads no local ones.
  typename M::Constants common() const {
    const real* constant[some(M::n_constants)];
    for (size_t i = 0; i < M::n_constants; ++i) constant[i] = shared_[i];
    return M::load_constants(constant, 0);
  }

  size_t begin() const { return begin_; }
  size_t end() const { return end_; }
  real* const* variable() const { return variable_; }
  RowsContext context() const { return x_; }
  RowsContext context(uint32_t element) const {
    RowsContext x = x_;
    x.random.element = element;
    return x;
  }

  // How many whole groups from here on need no gathering, at least one if any are left: one call may do them all.
  size_t run(size_t first) const {
    const size_t left = (end_ - first) / kRowGroup;
    return aside_ || left == 0 ? left : 1;
  }

  // Fills the space that values which are not side by side are gathered in.
  RowGroup<M> group(size_t first) {
    RowGroup<M> g;
    g.first = first;
    g.n = end_ - first < kRowGroup ? end_ - first : kRowGroup;
    for (size_t i = 0; i < M::n_variables; ++i)
      g.variable[i] = M::variable_locality[i] == PA_LOCAL ? variable_[i] + first : variable_[i];
    for (size_t i = 0; i < M::n_constants; ++i) {
      const bool local = all_->constant_locality[i] == PA_LOCAL;
      g.constant[i] = local ? static_cast<const real*>(all_->constant[i]) + first : shared_[i];
      g.constant_step[i] = local ? kRowGroup : 0;
    }
    g.number = M::draws ? all_->number + first : nullptr;
    if (M::n_pre > 0 && aside_ && g.n == kRowGroup)
      for (size_t i = 0; i < M::n_pre; ++i) g.pre[i] = boundary_[i] + all_->first_source + (first - begin_);
    else
      gather(&g);
    return g;
  }

  // Copies of a group that is not whole, made so by copies of its first synapse.
  RowGroup<M> padded(const RowGroup<M>& g) {
    RowGroup<M> copy = g;
    for (size_t j = 0; j < kRowGroup; ++j) {
      const size_t from = j < g.n ? j : 0;
      for (size_t i = 0; i < M::n_variables; ++i)
        if (M::variable_locality[i] == PA_LOCAL) copies_[i][j] = g.variable[i][from];
      for (size_t i = 0; i < M::n_constants; ++i)
        if (all_->constant_locality[i] == PA_LOCAL) shared_[i][j] = g.constant[i][from];
      if (M::draws) numbers_[j] = g.number[from];
    }
    for (size_t i = 0; i < M::n_variables; ++i)
      if (M::variable_locality[i] == PA_LOCAL) copy.variable[i] = copies_[i];
    for (size_t i = 0; i < M::n_constants; ++i) copy.constant[i] = shared_[i];
    if (M::draws) copy.number = numbers_;
    return copy;
  }

  void put_back(const RowGroup<M>& g) const {
    for (size_t i = 0; i < M::n_variables; ++i)
      if (M::variable_locality[i] == PA_LOCAL)
        for (size_t j = 0; j < g.n; ++j) g.variable[i][j] = copies_[i][j];
  }

 private:
  void repeat(size_t constant, size_t at) {
    const real value = static_cast<const real*>(all_->constant[constant])[at];
    for (size_t j = 0; j < kRowGroup; ++j) shared_[constant][j] = value;
  }
  uint32_t source(size_t k) const {
    if (all_->source == nullptr) return all_->first_source + static_cast<uint32_t>(k - begin_);
    return all_->source[all_->shared ? k - begin_ : k];
  }
  const real* slot(size_t i, size_t k) const {
    const int64_t back = delayed_ ? int64_t(all_->delay[k * all_->delay_stride]) - 1 : -1;
    const int64_t boundary = now_->step - back + now_->slots;  // never negative
    return static_cast<const real*>(now_->pre[i][static_cast<uint64_t>(boundary) % now_->slots]);
  }
  void gather(RowGroup<M>* g) {
    for (size_t i = 0; i < M::n_pre; ++i) {
      for (size_t j = 0; j < kRowGroup; ++j) {
        const size_t k = g->first + (j < g->n ? j : 0);
        pre_[i][j] = (alike_ ? boundary_[i] : slot(i, k))[source(k)];
      }
      g->pre[i] = pre_[i];
    }
  }

  const pa_rows* all_;
  const pa_moment* now_;
  bool delayed_;
  bool alike_, aside_;  // all synapses see the same boundary; and sources are side by side
  const real* boundary_[some(M::n_pre)];
  RowsContext x_;
  size_t begin_ = 0, end_ = 0;
  real* variable_[some(M::n_variables)];
  real global_[some(M::n_globals)];
  alignas(64) real shared_[some(M::n_constants)][kRowGroup];
  alignas(64) real copies_[some(M::n_variables)][kRowGroup];
  alignas(64) real pre_[some(M::n_pre)][kRowGroup];
  alignas(64) uint32_t numbers_[kRowGroup];
};

// ---- transmission ---------------------------------------------------------------------------------------------------

template <class M>
inline real psp_at(const RowGroup<M>& g, size_t j, typename M::State s, const typename M::Post& post,
                   const typename M::Globals& globals, RowsContext x) {
  M::load_local(s, g.variable, j);
  if (M::draws) x.random.element = g.number[j];
  return M::psp(s, M::load_constants(g.constant, j), M::load_pre(g.pre, j), post, globals, x);
}

// Join what whole groups transmit to partial results, or begin with the first group's. Padded copies of a rest go the
// same way, so that all are rounded alike. One call for
// many groups keeps the partial results in registers: a call for each made a dense row take 2.5 times as long.
template <class M>
__attribute__((noinline)) void join_groups(const RowGroup<M>& group, size_t count, const typename M::State& state,
                                           const typename M::Post& target, const typename M::Globals& all,
                                           const RowsContext& context, bool begin, real* partial) {
  RowGroup<M> g = group;
  const typename M::State s = state;
  const typename M::Post post = target;
  const typename M::Globals globals = all;
  const RowsContext x = context;
  alignas(64) real part[kRowGroup];
  if (begin) {
#pragma GCC ivdep
    for (size_t j = 0; j < kRowGroup; ++j) part[j] = psp_at<M>(g, j, s, post, globals, x);
    g.next();
  } else {
    for (size_t j = 0; j < kRowGroup; ++j) part[j] = partial[j];
  }
  for (size_t i = begin ? 1 : 0; i < count; ++i, g.next()) {
#pragma GCC ivdep
    for (size_t j = 0; j < kRowGroup; ++j)
      part[j] = joined(M::operation, part[j], psp_at<M>(g, j, s, post, globals, x));
  }
  for (size_t j = 0; j < kRowGroup; ++j) partial[j] = part[j];
}

// As many partial results as a group has synapses, then those in a tree: one order for every way of storing a row.
template <class M>
real row_value(RowWalk<M>* walk) {
  alignas(64) real part[kRowGroup], rest[kRowGroup];
  const size_t begin = walk->begin(), n = walk->end() - begin;
  size_t first = begin;
  for (size_t count; (count = walk->run(first)) > 0; first += count * kRowGroup)
    join_groups<M>(walk->group(first), count, walk->state, walk->post, walk->globals, walk->context(), first == begin,
                   part);
  if (first < walk->end()) {
    const RowGroup<M> g = walk->group(first);
    join_groups<M>(walk->padded(g), 1, walk->state, walk->post, walk->globals, walk->context(), true, rest);
    for (size_t j = 0; j < g.n; ++j) part[j] = first == begin ? rest[j] : joined(M::operation, part[j], rest[j]);
  }
  for (size_t count = n < kRowGroup ? n : kRowGroup; count > 1; count = (count + 1) / 2)
    for (size_t j = 0; j < count / 2; ++j) part[j] = joined(M::operation, part[j], part[j + (count + 1) / 2]);
  return M::operation == Operation::kMean ? part[0] / static_cast<real>(n) : part[0];
}

template <class M>
void sum_rows(const pa_rows* all, size_t row_begin, size_t row_end, const pa_moment* now) {
  RowWalk<M> walk(all, now, true);
  walk.begin_all();
  for (size_t row = row_begin; row < row_end; ++row) {
    walk.begin_row(row);
    static_cast<acc*>(now->sums)[all->target[row]] += static_cast<acc>(row_value<M>(&walk));
  }
}

// ---- learning -------------------------------------------------------------------------------------------------------

template <class M>
inline void learn_at(const RowGroup<M>& g, size_t j, typename M::State s, const typename M::Post& post,
                     const typename M::Globals& globals, RowsContext x, bool frozen) {
  M::load_local(s, g.variable, j);
  if (M::draws) x.random.element = g.number[j];
  M::learn(s, M::load_constants(g.constant, j), M::load_pre(g.pre, j), post, globals, x);
  M::store_local(g.variable, j, s);
  if (!frozen) M::store_weight(g.variable, j, s);
}

template <class M>
__attribute__((noinline)) void learn_groups(const RowGroup<M>& group, size_t count, const typename M::State& state,
                                            const typename M::Post& target, const typename M::Globals& all,
                                            const RowsContext& context, bool frozen) {
  RowGroup<M> g = group;
  const typename M::State s = state;
  const typename M::Post post = target;
  const typename M::Globals globals = all;
  const RowsContext x = context;
  for (size_t i = 0; i < count; ++i, g.next()) {
    if (frozen) {
#pragma GCC ivdep
      for (size_t j = 0; j < kRowGroup; ++j) learn_at<M>(g, j, s, post, globals, x, true);
    } else {
#pragma GCC ivdep
      for (size_t j = 0; j < kRowGroup; ++j) learn_at<M>(g, j, s, post, globals, x, false);
    }
  }
}

template <class M>
void learn_row_of(RowWalk<M>* walk, const pa_rows* all, size_t row, bool frozen) {
  walk->begin_row(row);
  if constexpr (M::learns_row) {
    M::learn_row(walk->state, walk->common(), {}, walk->post, walk->globals, walk->context(all->row_number[row]));
    M::store_row(walk->variable(), row, walk->state);
  }
  if constexpr (M::learns) {
    size_t first = walk->begin();
    for (size_t count; (count = walk->run(first)) > 0; first += count * kRowGroup)
      learn_groups<M>(walk->group(first), count, walk->state, walk->post, walk->globals, walk->context(), frozen);
    if (first < walk->end()) {
      const RowGroup<M> g = walk->group(first);
      learn_groups<M>(walk->padded(g), 1, walk->state, walk->post, walk->globals, walk->context(), frozen);
      walk->put_back(g);
    }
  }
}

template <class M>
void learn_rows(const pa_rows* all, size_t row_begin, size_t row_end, const pa_moment* now) {
  RowWalk<M> walk(all, now, false);
  walk.begin_all();
  if constexpr (M::learns_shared)
    if (now->leads != 0) {
      M::learn_shared(walk.state, walk.common(), {}, {}, walk.globals, walk.context(UINT32_MAX));
      M::store_shared(walk.variable(), 0, walk.state);
    }
  for (size_t row = row_begin; row < row_end; ++row) learn_row_of<M>(&walk, all, row, now->frozen != 0);
}

template <class M>
const pa_rows_kernel* export_rows() {
  constexpr bool any = M::learns || M::learns_row || M::learns_shared;
  static const pa_rows_kernel kernel = {
      PA_ABI_VERSION,
      sizeof(real),
      sizeof(acc),
      M::draws,
      M::name,
      M::n_params,
      M::param_names,
      M::param_defaults,
      M::param_locality,
      M::n_constants,
      M::constant_names,
      M::constant_depends,
      M::n_variables,
      M::variable_names,
      M::variable_inits,
      M::variable_locality,
      M::n_pre,
      M::pre_names,
      M::n_post,
      M::post_names,
      M::n_globals,
      M::global_names,
      &M::derive,
      &sum_rows<M>,
      any ? &learn_rows<M> : nullptr,
  };
  return &kernel;
}

}  // namespace pa

// One model per shared object, the just-in-time path.
#define PA_EXPORT_ROWS(M)                                                                            \
  extern "C" __attribute__((visibility("default"))) const pa_rows_kernel* pa_rows_kernel_get(void) { \
    return pa::export_rows<M>();                                                                     \
  }
