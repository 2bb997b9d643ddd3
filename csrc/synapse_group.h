// Synapses side by side: what the loops of synapse_model.h walk, a fixed number at a time.
//
// A loop with a constant trip count has no scalar remainder, whose rounding could differ from the vector loop's. Rows
// are cut differently for different numbers of threads, so a rest shorter than a group is copied, padded with copies of
// one of its synapses, run through the same code and copied back.
#pragma once
#include "abi.h"
#include "fastmath.h"
#include "number_types.h"
#include "philox.h"

namespace pa {

constexpr size_t kGroup = 16;  // a multiple of the elements of any vector register

// What a synapse's equations may read beside their variables and constants.
struct SynapseContext {
  real t_ms, dt_ms, elapsed, since_pre, since_post, t_post;
  real t_emitted, travelled;  // when the spike that arrives was sent, and how long ago
  bool held_weight, held;     // whether the weight, and whether all variables stay as they are
  Random random;
};

constexpr size_t at_least_one(size_t n) { return n > 0 ? n : 1; }

// Constants that all synapses share, repeated for each of a group. Those of a stride are not filled in.
template <class M>
struct UniformConstants {
  alignas(64) real value[at_least_one(M::n_constants)][kGroup];

  explicit UniformConstants(const pa_synapses* all) {
    for (size_t i = 0; i < M::n_constants; ++i) {
      if (all->constant_stride[i] != 0) continue;
      const real shared = *static_cast<const real*>(all->constant[i]);
      for (size_t j = 0; j < kGroup; ++j) value[i][j] = shared;
    }
  }
};

// Variables of rows: see pa_synapses.
template <class M>
constexpr bool is_of_row(size_t variable) {
  return variable < 64 && (M::row_variables >> variable & 1) != 0;
}
template <class M>
constexpr bool has_rows = M::row_variables != 0;

// Variables of targets, likewise.
template <class M>
constexpr bool is_of_target(size_t variable) {
  return variable < 64 && (M::target_variables >> variable & 1) != 0;
}

// What all synapses of a store keep once for several of them.
template <class M>
struct Sharing {
  const bool by_row, by_target;

  explicit Sharing(const pa_synapses* all)
      : by_row(has_rows<M> && all->by_row != 0), by_target(M::echoes && all->by_target != 0) {}
  bool shares(size_t variable) const {
    return (by_row && is_of_row<M>(variable)) || (by_target && is_of_target<M>(variable));
  }
  bool has_last() const { return M::advances && !by_target; }
  bool has_last_pre() const { return (M::flags & PA_SYNAPSE_LAST_PRE) != 0 && !by_row; }
  bool has_last_post() const { return (M::flags & PA_SYNAPSE_LAST_POST) != 0 && !by_target; }
  bool has_row_from() const { return has_rows<M> && !by_row; }
};

// The same pointer, taken from memory by itself. Copied together with others it would wait until all of them have got
// there, for 20 cycles, where they were written a moment ago.
template <class T>
PA_INLINE T* by_itself(T* pointer) {
#ifndef __CUDACC__
  asm("" : "+r"(pointer));
#endif
  return pointer;
}

// Where the data of up to kGroup synapses are, one element each. What an arrival makes of a row's variables goes to
// places of its own: where synapses share them, each group begins with the same values.
template <class M>
struct Group {
  size_t n;
  real *variable[at_least_one(M::n_variables)], *arrived[at_least_one(M::n_variables)];
  const real* constant[at_least_one(M::n_constants)];
  const real* post[at_least_one(M::n_post)];
  int64_t *last, *last_pre, *last_post, *row_from;
  int64_t *arrived_last_pre, *arrived_row_from;
  const uint32_t* number;

  Group() = default;
  Group(const Group& other)
      : n(other.n),
        last(by_itself(other.last)),
        last_pre(by_itself(other.last_pre)),
        last_post(by_itself(other.last_post)),
        row_from(by_itself(other.row_from)),
        arrived_last_pre(by_itself(other.arrived_last_pre)),
        arrived_row_from(by_itself(other.arrived_row_from)),
        number(by_itself(other.number)) {
    for (size_t i = 0; i < M::n_variables; ++i)
      variable[i] = by_itself(other.variable[i]), arrived[i] = by_itself(other.arrived[i]);
    for (size_t i = 0; i < M::n_constants; ++i) constant[i] = by_itself(other.constant[i]);
    for (size_t i = 0; i < M::n_post; ++i) post[i] = by_itself(other.post[i]);
  }

  // Neighbours, in place. Without constants and variables of the target: one synapse at a time reads those where they
  // are.
  Group(const pa_synapses* all, size_t begin, size_t count) : n(count) {
    const Sharing<M> sharing(all);
    for (size_t i = 0; i < M::n_variables; ++i)
      arrived[i] = variable[i] = sharing.shares(i) ? nullptr : static_cast<real*>(all->variable[i]) + begin;
    last = sharing.has_last() ? all->last + begin : nullptr;
    last_pre = sharing.has_last_pre() ? all->last_pre + begin : nullptr;
    last_post = sharing.has_last_post() ? all->last_post + begin : nullptr;
    row_from = sharing.has_row_from() ? all->row_from + begin : nullptr;
    arrived_last_pre = last_pre, arrived_row_from = row_from;
    number = all->number + begin;
  }

  Group(const pa_synapses* all, const UniformConstants<M>& uniform, size_t begin, size_t count)
      : Group(all, begin, count) {
    for (size_t i = 0; i < M::n_constants; ++i)
      constant[i] =
          all->constant_stride[i] == 0 ? uniform.value[i] : static_cast<const real*>(all->constant[i]) + begin;
  }
};

// What the synapses of a row share, repeated for each of a group; nothing if they do not.
template <class M, bool = has_rows<M>>
struct SharedRow {
  SharedRow(const pa_synapses*, size_t) {}
  void point(Group<M>*) const {}
  void put_back(const pa_synapses*) const {}
};

template <class M>
struct SharedRow<M, true> {
  static constexpr bool asked = (M::flags & PA_SYNAPSE_LAST_PRE) != 0;
  const bool shared;
  size_t row = 0;
  alignas(64) real value[M::n_variables][kGroup], arrived[M::n_variables][kGroup];
  alignas(64) int64_t last_pre[kGroup], from[kGroup], arrived_last_pre[kGroup], arrived_from[kGroup];

  // The row of synapse `first`.
  SharedRow(const pa_synapses* all, size_t first) : shared(all->by_row != 0) {
    if (!shared) return;
    row = row_of(all, first);
    for (size_t i = 0; i < M::n_variables; ++i) {
      if (!is_of_row<M>(i)) continue;
      const real of_all = static_cast<const real*>(all->variable[i])[row];
      for (size_t j = 0; j < kGroup; ++j) value[i][j] = of_all;
    }
    for (size_t j = 0; j < kGroup; ++j) from[j] = all->row_from[row];
    for (size_t j = 0; asked && j < kGroup; ++j) last_pre[j] = all->last_pre[row];
  }

  static size_t row_of(const pa_synapses* all, size_t synapse) {
    size_t at = 0, end = all->n_rows;  // the row is at or after `at`, and before `end`
    while (end - at > 1) {
      const size_t middle = at + (end - at) / 2;
      (all->row_first[middle] <= synapse ? at : end) = middle;
    }
    return at;
  }

  void point(Group<M>* g) {
    if (!shared) return;
    for (size_t i = 0; i < M::n_variables; ++i)
      if (is_of_row<M>(i)) g->variable[i] = value[i], g->arrived[i] = arrived[i];
    g->row_from = from, g->arrived_row_from = arrived_from;
    if (asked) g->last_pre = last_pre, g->arrived_last_pre = arrived_last_pre;
  }

  // After an arrival.
  void put_back(const pa_synapses* all) const {
    if (!shared) return;
    for (size_t i = 0; i < M::n_variables; ++i)
      if (is_of_row<M>(i)) static_cast<real*>(all->variable[i])[row] = arrived[i][0];
    all->row_from[row] = arrived_from[0];
    if (asked) all->last_pre[row] = arrived_last_pre[0];
  }
};

// The values that a group's targets have; at(j) is element j among all synapses.
template <class M>
struct TargetValues {
  alignas(64) real value[at_least_one(M::n_post)][kGroup];

  template <class Index>
  void take(const pa_synapses* all, const Index& at, Group<M>* g) {
    for (size_t i = 0; i < M::n_post; ++i) {
      const real* const of_target = static_cast<const real*>(all->post[i]);
      for (size_t j = 0; j < kGroup; ++j) value[i][j] = of_target[all->target[at(j)]];
      g->post[i] = value[i];
    }
  }
};

// Copies of synapses that are not a whole group of neighbours; at(j) is element j among all.
template <class M>
struct Copies {
  alignas(64) real variable[at_least_one(M::n_variables)][kGroup];
  alignas(64) real constant[at_least_one(M::n_constants)][kGroup];
  alignas(64) int64_t last[kGroup], last_pre[kGroup], last_post[kGroup], row_from[kGroup];
  alignas(64) uint32_t number[kGroup];

  template <class Index>
  Group<M> take(const pa_synapses* all, const UniformConstants<M>& uniform, const Index& at, size_t n) {
    Group<M> copy;
    copy.n = n;
    const Sharing<M> sharing(all);
    for (size_t i = 0; i < M::n_variables; ++i) {
      copy.arrived[i] = copy.variable[i] = variable[i];
      if (sharing.shares(i)) continue;
      const real* const from = static_cast<const real*>(all->variable[i]);
      for (size_t j = 0; j < kGroup; ++j) variable[i][j] = from[at(j)];
    }
    for (size_t i = 0; i < M::n_constants; ++i) {
      const real* const from = static_cast<const real*>(all->constant[i]);
      copy.constant[i] = all->constant_stride[i] == 0 ? uniform.value[i] : constant[i];
      if (all->constant_stride[i] == 0) continue;
      for (size_t j = 0; j < kGroup; ++j) constant[i][j] = from[at(j)];
    }
    for (size_t j = 0; j < kGroup; ++j) {
      if (sharing.has_last()) last[j] = all->last[at(j)];
      if (sharing.has_last_pre()) last_pre[j] = all->last_pre[at(j)];
      if (sharing.has_row_from()) row_from[j] = all->row_from[at(j)];
      if (sharing.has_last_post()) last_post[j] = all->last_post[at(j)];
      if (M::draws) number[j] = all->number[at(j)];
    }
    copy.last = last, copy.last_pre = last_pre, copy.last_post = last_post, copy.number = number;
    copy.row_from = row_from, copy.arrived_last_pre = last_pre, copy.arrived_row_from = row_from;
    return copy;
  }

  // What an arrival or a step may have changed.
  template <class Index>
  void put_back(const pa_synapses* all, const Index& at, size_t n) const {
    const Sharing<M> sharing(all);
    for (size_t j = 0; j < n; ++j) {
      for (size_t i = 0; i < M::n_variables; ++i)
        if (!sharing.shares(i)) static_cast<real*>(all->variable[i])[at(j)] = variable[i][j];
      if (sharing.has_last()) all->last[at(j)] = last[j];
      if (sharing.has_last_pre()) all->last_pre[at(j)] = last_pre[j];
      if (sharing.has_row_from()) all->row_from[at(j)] = row_from[j];
    }
  }
};

// Call `run` with neighbours in place, or with copies if there have to be kGroup of them and are fewer.
template <class M, class Run>
inline void run_group(const pa_synapses* all, const UniformConstants<M>& uniform, SharedRow<M>* row, size_t begin,
                      size_t n, const Run& run) {
  const auto at = [=](size_t j) { return begin + (j < n ? j : 0); };
  const bool in_place = !M::vector || n == kGroup;
  Copies<M> copies;
  TargetValues<M> values;
  Group<M> g = in_place ? Group<M>(all, uniform, begin, n) : copies.take(all, uniform, at, n);
  if constexpr (M::n_post > 0) values.take(all, at, &g);
  row->point(&g);
  run(&g);
  if (!in_place) copies.put_back(all, at, n);
}

// One moment at which something happens to synapses.
struct Occasion {
  int64_t event, emitted;
  uint32_t repeat, stream, held;
  uint64_t seed;
  double dt_ms;

  Occasion(const pa_synapses* all, int64_t at, uint32_t count)
      : event(at),
        emitted(at),
        repeat(count),
        stream(all->stream),
        held(all->held),
        seed(all->seed),
        dt_ms(all->dt_ms) {}
  Occasion(const Occasion& other, int64_t at, uint32_t count) : Occasion(other) { event = at, repeat = count; }

  real since(int64_t earlier) const { return static_cast<real>(to_double(event - earlier) * dt_ms); }
  real time(int64_t at) const { return static_cast<real>(to_double(at + 1) * dt_ms); }
};

constexpr uint32_t kDraws = 64;  // random numbers that a model may use; those of further spikes of a step come after

template <class M>
inline SynapseContext context_at(const Occasion& now, const Group<M>& g, size_t j) {
  SynapseContext x{};
  x.t_ms = now.time(now.event);
  x.dt_ms = static_cast<real>(now.dt_ms);
  x.held_weight = now.held != PA_HELD_NONE;
  x.held = now.held == PA_HELD_ALL;
  if constexpr (M::advances) x.elapsed = now.since(g.last[j]);
  x.t_emitted = now.time(now.emitted);
  x.travelled = now.since(now.emitted);
  if constexpr (M::flags & PA_SYNAPSE_LAST_PRE) x.since_pre = now.since(g.last_pre[j]);
  if constexpr (M::flags & PA_SYNAPSE_LAST_POST)
    x.since_post = now.since(g.last_post[j]), x.t_post = now.time(g.last_post[j]);
  x.random = Random{now.seed, now.stream, g.number[j], static_cast<uint32_t>(now.event), kDraws * now.repeat};
  return x;
}

// For equations of a row's variables.
template <class M>
inline SynapseContext row_context_at(const Occasion& now, const Group<M>& g, size_t j) {
  SynapseContext x = context_at<M>(now, g, j);
  x.elapsed = now.since(g.row_from[j]);
  return x;
}

// The constants of synapse k, and the variables of its target.
template <class M>
inline typename M::Constants load_one(const pa_synapses* all, size_t k) {
  const real* constant[at_least_one(M::n_constants)];
  for (size_t i = 0; i < M::n_constants; ++i)
    constant[i] = static_cast<const real*>(all->constant[i]) + k * all->constant_stride[i];
  return M::load_constants(constant, 0);
}

template <class M>
inline typename M::Post load_target(const pa_synapses* all, size_t k) {
  const real* post[at_least_one(M::n_post)];
  for (size_t i = 0; i < M::n_post; ++i) post[i] = static_cast<const real*>(all->post[i]);
  return M::load_post(post, M::n_post > 0 ? all->target[k] : 0);
}

}  // namespace pa
