// What a compiled synapse model includes: the number types, the maths, the loops over synapses and the export of its
// kernel.
//
// A model is a struct M with
//   name, flags, param_names, param_defaults, constant_names, constant_depends, variable_names, variable_inits,
//   post_names                            the metadata of its pa_synapse_kernel
//   vector                                whether what happens at an arrival, and in a step, is fit for a vector loop
//   advances                              whether there are event-driven equations; skips, whether no time needs none
//   struct State, Constants, Post         plain structs of `real`, members in the order of the names
//   State     load_state(real* const*, size_t)           Constants load_constants(const real* const*, size_t)
//   Post      load_post(const real* const*, size_t)      void      derive(const double*, double dt_ms, double*)
//   void      store_pre, store_post, store_tick(real* const*, size_t, const State&)    what the section may change
//   void      advance(State&, const Constants&, const Post&, const SynapseContext&)    event-driven equations
//   real      on_pre(...)                                what the target gets, of the same arguments
//   void      on_post(...), on_modulator(...), tick(...)
// and is exported by PA_EXPORT_SYNAPSE(M). native/print_synapse.py writes such structs from equations.
#pragma once
#include "abi.h"
#include "fastmath.h"
#include "number_types.h"
#include "philox.h"
#include "synapse_group.h"

namespace pa {

// ---- events of the target and of the modulator ----------------------------------------------------------------------

constexpr int64_t kNoEvent = INT64_MAX;

// The spikes of one train that a synapse has not taken yet, as events at the synapse.
struct Pending {
  const int64_t* step;
  uint32_t first, end;
  int64_t delay, until;
  uint32_t seen;
  int64_t before = PA_NEVER;
  uint32_t repeat = 0;

  Pending(const pa_train& train, uint32_t taken, int64_t delay_steps, int64_t last)
      : step(train.step), first(train.first), end(train.end), delay(delay_steps), until(last), seen(taken) {}

  int64_t next() const {
    if (seen == end) return kNoEvent;
    const int64_t event = step[seen - first] + delay;
    return event <= until ? event : kNoEvent;
  }
  // Spikes of one step are always taken together, so that counting them needs no memory.
  uint32_t take(int64_t event) {
    repeat = event == before ? repeat + 1 : 0;
    before = event;
    ++seen;
    return repeat;
  }
};

inline Pending pending_post(const pa_synapses* all, size_t k, int64_t until) {
  return {all->train[all->target[k]], all->seen[k], all->dendritic[k * all->dendritic_stride], until};
}

inline Pending pending_modulator(const pa_synapses* all, size_t k, int64_t until) {
  return {all->modulator, all->seen_modulator[k], all->modulator_delay, until};
}

// Advance the event-driven equations of a synapse to an event.
template <class M>
inline void advance_to(typename M::State& s, const typename M::Constants& c, const typename M::Post& post,
                       const SynapseContext& x) {
  if constexpr (M::advances)
    if (!M::skips || x.elapsed != real(0)) M::advance(s, c, post, x);
}

// Apply the events of one synapse in the order of their times, those of the target before those of the modulator.
template <class M>
__attribute__((noinline)) void apply_events(const pa_synapses* all, const Group<M>& g, size_t j, Pending post,
                                            Pending modulator) {
  const size_t k = g.first + j;
  typename M::State s = M::load_state(g.variable, j);
  const typename M::Constants c = load_one<M>(all, k);
  const typename M::Post target = load_target<M>(all, k);
  for (;;) {
    const int64_t q = post.next(), m = modulator.next();
    if (q == kNoEvent && m == kNoEvent) break;
    const int64_t event = q <= m ? q : m;
    const uint32_t repeat = q <= m ? post.take(event) : modulator.take(event);
    const SynapseContext x = context_at<M>(Occasion(all, event, repeat), g, j);
    advance_to<M>(s, c, target, x);
    if (q <= m) {
      M::on_post(s, c, target, x);
      if constexpr (M::flags & PA_SYNAPSE_LAST_POST) g.last_post[j] = event;
    } else {
      M::on_modulator(s, c, target, x);
    }
    if constexpr (M::advances) g.last[j] = event;
  }
  M::store_post(g.variable, j, s);
  if constexpr (M::flags & PA_SYNAPSE_POST) all->seen[k] = post.seen;
  if constexpr (M::flags & PA_SYNAPSE_MODULATED) all->seen_modulator[k] = modulator.seen;
}

// Bring synapses up to date: events of the target up to `post_until`, or one less where there is no dendritic delay and
// `strictly` says so, and events of the modulator up to `modulator_until`. Most have nothing to do, so that is asked
// first.
template <class M>
inline void take_events(const pa_synapses* all, const Group<M>& g, int64_t until, bool strictly) {
  constexpr bool listens = (M::flags & (PA_SYNAPSE_POST | PA_SYNAPSE_MODULATED)) != 0;
  if constexpr (listens) {
    static constexpr pa_train kSilent = {nullptr, 0, 0};
    for (size_t j = 0; j < g.n; ++j) {
      const size_t k = g.first + j;
      Pending post(kSilent, 0, 0, until), modulator(kSilent, 0, 0, until);
      if constexpr (M::flags & PA_SYNAPSE_POST) {
        const bool after = strictly && all->dendritic[k * all->dendritic_stride] == 0;
        post = pending_post(all, k, until - (after ? 1 : 0));
      }
      if constexpr (M::flags & PA_SYNAPSE_MODULATED) modulator = pending_modulator(all, k, until);
      if (post.next() != kNoEvent || modulator.next() != kNoEvent) apply_events<M>(all, g, j, post, modulator);
    }
  }
}

// ---- arrivals
// ---------------------------------------------------------------------------------------------------------

template <class M>
inline void arrive_at(const Group<M>& g, size_t j, const Occasion& now, acc* input) {
  typename M::State s = M::load_state(g.variable, j);
  const typename M::Constants c = M::load_constants(g.constant, j);
  const typename M::Post post = M::load_post(g.post, j);
  const SynapseContext x = context_at<M>(now, g, j);
  if constexpr (M::advances) M::advance(s, c, post, x);
  input[j] = static_cast<acc>(M::on_pre(s, c, post, x));
  M::store_pre(g.variable, j, s);
  if constexpr (M::advances) g.last[j] = now.event;
  if constexpr (M::flags & PA_SYNAPSE_LAST_PRE) g.last_pre[j] = now.event;
}

template <class M>
__attribute__((noinline)) void arrive_alone(const Group<M>& g, size_t j, const Occasion& now, acc* input) {
  arrive_at<M>(g, j, now, input);
}

// One function for whole groups and for the copies of shorter ones, so that both are rounded alike.
template <class M>
__attribute__((noinline)) void arrive_group(const Group<M>& group, const Occasion& occasion, acc* input) {
  const Group<M> g = group;
  const Occasion now = occasion;
  alignas(64) acc values[kGroup];
  if constexpr (M::vector) {
#pragma GCC ivdep
    for (size_t j = 0; j < kGroup; ++j) arrive_at<M>(g, j, now, values);
  } else {
    for (size_t j = 0; j < g.n; ++j) arrive_alone<M>(g, j, now, values);
  }
  for (size_t j = 0; j < g.n; ++j) input[j] = values[j];
}

// Events first, then advance, on_pre and the sums of each group; input is added in the order of the row.
template <class M>
void arrive(const pa_synapses* all, size_t begin, size_t end, const pa_arrival* arrival) {
  const UniformConstants<M> uniform(all);
  const Occasion now(all, arrival->event, arrival->repeat);
  acc* const sums = static_cast<acc*>(arrival->sums);
  const uint32_t offset = arrival->offset, mask = arrival->mask;
  for (size_t first = begin; first < end; first += kGroup) {
    const Group<M> g(all, uniform, first, end - first < kGroup ? end - first : kGroup);
    take_events<M>(all, g, arrival->event, true);
    alignas(64) acc input[kGroup];
    run_group<M>(all, g, [&](const Group<M>& whole) { arrive_group<M>(whole, now, input); });
    for (size_t j = 0; j < g.n; ++j) sums[(all->lane[first + j] + offset) & mask] += input[j];
  }
}

// ---- the rest of the kernel
// -------------------------------------------------------------------------------------------

template <class M>
void catch_up(const pa_synapses* all, size_t begin, size_t end, int64_t last) {
  for (size_t first = begin; first < end; first += kGroup)
    take_events<M>(all, Group<M>(all, first, end - first < kGroup ? end - first : kGroup), last, false);
}

template <class M>
inline void tick_at(const Group<M>& g, size_t j, const Occasion& now) {
  typename M::State s = M::load_state(g.variable, j);
  M::tick(s, M::load_constants(g.constant, j), M::load_post(g.post, j), context_at<M>(now, g, j));
  M::store_tick(g.variable, j, s);
}

template <class M>
__attribute__((noinline)) void tick_alone(const Group<M>& g, size_t j, const Occasion& now) {
  tick_at<M>(g, j, now);
}

template <class M>
__attribute__((noinline)) void tick_group(const Group<M>& group, const Occasion& occasion) {
  const Group<M> g = group;
  const Occasion now = occasion;
  if constexpr (M::vector) {
#pragma GCC ivdep
    for (size_t j = 0; j < kGroup; ++j) tick_at<M>(g, j, now);
  } else {
    for (size_t j = 0; j < g.n; ++j) tick_alone<M>(g, j, now);
  }
}

template <class M>
void tick(const pa_synapses* all, size_t begin, size_t end, int64_t step) {
  const UniformConstants<M> uniform(all);
  const Occasion now(all, step - 1, 0);  // what is read is as at the beginning of the step
  for (size_t first = begin; first < end; first += kGroup) {
    const Group<M> g(all, uniform, first, end - first < kGroup ? end - first : kGroup);
    run_group<M>(all, g, [&](const Group<M>& whole) { tick_group<M>(whole, now); });
  }
}

template <class M>
void observe(const pa_synapses* all, const uint64_t* index, size_t n, uint32_t variable, int64_t last, double* values) {
  const Occasion now(all, last, 0);
  for (size_t i = 0; i < n; ++i) {
    const size_t k = static_cast<size_t>(index[i]);
    const Group<M> g(all, k, 1);
    take_events<M>(all, g, last, false);
    typename M::State s = M::load_state(g.variable, 0);
    advance_to<M>(s, load_one<M>(all, k), load_target<M>(all, k), context_at<M>(now, g, 0));
    values[i] = static_cast<double>(M::value(s, variable));
  }
}

template <class M>
const pa_synapse_kernel* export_synapse() {
  static const pa_synapse_kernel kernel = {
      PA_ABI_VERSION,    sizeof(real),      sizeof(acc),         M::flags,
      M::name,           M::n_params,       M::param_names,      M::param_defaults,
      M::n_constants,    M::constant_names, M::constant_depends, M::n_variables,
      M::variable_names, M::variable_inits, M::n_post,           M::post_names,
      &M::derive,        &arrive<M>,        &catch_up<M>,        M::flags & PA_SYNAPSE_CLOCKED ? &tick<M> : nullptr,
      &observe<M>,
  };
  return &kernel;
}

}  // namespace pa

// One model per shared object, the just-in-time path.
#define PA_EXPORT_SYNAPSE(M)                                                                               \
  extern "C" __attribute__((visibility("default"))) const pa_synapse_kernel* pa_synapse_kernel_get(void) { \
    return pa::export_synapse<M>();                                                                        \
  }
