// Synapses side by side: what the loops of synapse_model.h walk, a fixed number at a time.
//
// A loop with a constant trip count has no scalar remainder, whose rounding could differ from the vector loop's. Rows
// are cut differently for different numbers of threads, so a rest shorter than a group is copied, padded with copies of
// one of its synapses, run through the same code and copied back.
#pragma once
#include "abi.h"
#include "number_types.h"
#include "philox.h"

namespace pa {

constexpr size_t kGroup = 16;  // a multiple of the elements of any vector register

// What a synapse's equations may read beside their variables and constants.
struct SynapseContext {
  real t_ms, dt_ms, elapsed, since_pre, since_post, t_pre, t_post;
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

// Where the data of up to kGroup neighbouring synapses are; element j is synapse first + j.
template <class M>
struct Group {
  size_t first, n;
  real* variable[at_least_one(M::n_variables)];
  const real* constant[at_least_one(M::n_constants)];
  const real* post[at_least_one(M::n_post)];
  int64_t *last, *last_pre, *last_post;
  const uint32_t* number;

  Group() = default;

  // Without constants and variables of the target: one synapse at a time reads those where they are.
  Group(const pa_synapses* all, size_t begin, size_t count) : first(begin), n(count) {
    for (size_t i = 0; i < M::n_variables; ++i) variable[i] = static_cast<real*>(all->variable[i]) + begin;
    last = all->last + begin;
    last_pre = M::flags & PA_SYNAPSE_LAST_PRE ? all->last_pre + begin : nullptr;
    last_post = M::flags & PA_SYNAPSE_LAST_POST ? all->last_post + begin : nullptr;
    number = all->number + begin;
  }

  Group(const pa_synapses* all, const UniformConstants<M>& uniform, size_t begin, size_t count)
      : Group(all, begin, count) {
    for (size_t i = 0; i < M::n_constants; ++i)
      constant[i] =
          all->constant_stride[i] == 0 ? uniform.value[i] : static_cast<const real*>(all->constant[i]) + begin;
  }
};

// The values that a group's targets have.
template <class M>
struct TargetValues {
  alignas(64) real value[at_least_one(M::n_post)][kGroup];

  void take(const pa_synapses* all, Group<M>& g) {
    for (size_t i = 0; i < M::n_post; ++i) {
      const real* const of_target = static_cast<const real*>(all->post[i]);
      for (size_t j = 0; j < kGroup; ++j) value[i][j] = of_target[all->target[g.first + (j < g.n ? j : 0)]];
      g.post[i] = value[i];
    }
  }
};

// Copies of the synapses of a group that is not whole.
template <class M>
struct Copies {
  alignas(64) real variable[at_least_one(M::n_variables)][kGroup];
  alignas(64) real constant[at_least_one(M::n_constants)][kGroup];
  alignas(64) int64_t last[kGroup], last_pre[kGroup], last_post[kGroup];
  alignas(64) uint32_t number[kGroup];

  // `shared` says which constants are repeated already.
  Group<M> take(const Group<M>& g, const uint32_t* constant_stride) {
    Group<M> copy = g;
    for (size_t j = 0; j < kGroup; ++j) {
      const size_t from = j < g.n ? j : 0;
      for (size_t i = 0; i < M::n_variables; ++i) variable[i][j] = g.variable[i][from];
      for (size_t i = 0; i < M::n_constants; ++i)
        if (constant_stride[i] != 0) constant[i][j] = g.constant[i][from];
      if (M::advances) last[j] = g.last[from];
      if (M::flags & PA_SYNAPSE_LAST_PRE) last_pre[j] = g.last_pre[from];
      if (M::flags & PA_SYNAPSE_LAST_POST) last_post[j] = g.last_post[from];
      number[j] = g.number[from];
    }
    for (size_t i = 0; i < M::n_variables; ++i) copy.variable[i] = variable[i];
    for (size_t i = 0; i < M::n_constants; ++i)
      if (constant_stride[i] != 0) copy.constant[i] = constant[i];
    copy.last = last, copy.last_pre = last_pre, copy.last_post = last_post, copy.number = number;
    return copy;
  }

  void put_back(const Group<M>& g) const {
    for (size_t j = 0; j < g.n; ++j) {
      for (size_t i = 0; i < M::n_variables; ++i) g.variable[i][j] = variable[i][j];
      if (M::advances) g.last[j] = last[j];
      if (M::flags & PA_SYNAPSE_LAST_PRE) g.last_pre[j] = last_pre[j];
    }
  }
};

// Call `run` with a group, or with copies if it has to be whole and is not.
template <class M, class Run>
inline void run_group(const pa_synapses* all, const Group<M>& group, const Run& run) {
  Group<M> g = group;
  TargetValues<M> values;
  if constexpr (M::n_post > 0) values.take(all, g);
  if (!M::vector || g.n == kGroup) {
    run(g);
    return;
  }
  Copies<M> copies;
  run(copies.take(g, all->constant_stride));
  copies.put_back(g);
}

// One moment at which something happens to synapses.
struct Occasion {
  int64_t event;
  uint32_t repeat, stream;
  uint64_t seed;
  double dt_ms;

  Occasion(const pa_synapses* all, int64_t at, uint32_t count)
      : event(at), repeat(count), stream(all->stream), seed(all->seed), dt_ms(all->dt_ms) {}

  real since(int64_t earlier) const { return static_cast<real>(to_double(event - earlier) * dt_ms); }
  real time(int64_t at) const { return static_cast<real>(to_double(at + 1) * dt_ms); }
};

constexpr uint32_t kDraws = 64;  // random numbers that a model may use; those of further spikes of a step come after

template <class M>
inline SynapseContext context_at(const Occasion& now, const Group<M>& g, size_t j) {
  SynapseContext x{};
  x.t_ms = now.time(now.event);
  x.dt_ms = static_cast<real>(now.dt_ms);
  if constexpr (M::advances) x.elapsed = now.since(g.last[j]);
  if constexpr (M::flags & PA_SYNAPSE_LAST_PRE)
    x.since_pre = now.since(g.last_pre[j]), x.t_pre = now.time(g.last_pre[j]);
  if constexpr (M::flags & PA_SYNAPSE_LAST_POST)
    x.since_post = now.since(g.last_post[j]), x.t_post = now.time(g.last_post[j]);
  x.random = Random{now.seed, now.stream, g.number[j], static_cast<uint32_t>(now.event), kDraws * now.repeat};
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
