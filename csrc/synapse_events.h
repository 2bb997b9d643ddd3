// What the targets and the modulator of synapses have sent: found out by comparing counters, and applied to many
// synapses at a time.
//
// The order of events matters within a synapse alone. So a row is walked in rounds, in each of which every synapse that
// still waits for something takes the earliest: those synapses are gathered into whole groups and go through the same
// vector code, however few they are. That takes a quarter off what arrivals and events of pair-based STDP cost
// together.
#pragma once
#include "abi.h"
#include "synapse_group.h"

namespace pa {

constexpr int64_t kNoEvent = INT64_MAX;
constexpr int64_t kSilence[] = {kNoEvent / 2};  // a step to which a delay can be added

// The earliest spike that a synapse has not taken. Without a branch, because nobody could predict it; as numbers,
// because compilers make a branch of a choice between pointers. Mostly it is the last one that there is, which lies
// beside the counters: the others are memory that has not been touched for long.
inline const int64_t* next_spike(const pa_train& train, uint32_t seen) {
  const uintptr_t spike = reinterpret_cast<uintptr_t>(train.step + static_cast<uint32_t>(seen - train.first));
  const uintptr_t latest = reinterpret_cast<uintptr_t>(&train.latest), none = reinterpret_cast<uintptr_t>(kSilence);
  const uintptr_t is_latest = uintptr_t(0) - uintptr_t(seen + 1 == train.end);
  const uintptr_t is_none = uintptr_t(0) - uintptr_t(seen == train.end);
  const uintptr_t chosen = spike ^ ((spike ^ latest) & is_latest);
  return reinterpret_cast<const int64_t*>(chosen ^ ((chosen ^ none) & is_none));
}

// How many spikes of the same step come before one. They are kept as long as it is.
inline uint32_t earlier_in_step(const pa_train& train, uint32_t spike) {
  const int64_t* const at = train.step + (spike - train.first);
  uint32_t count = 0;
  while (at - count > train.step && at[-1 - static_cast<ptrdiff_t>(count)] == *at) ++count;
  return count;
}

// One event of each of some synapses.
struct EventList {
  static constexpr size_t kMost = 512;
  size_t n = 0;
  size_t synapse[kMost];
  int64_t event[kMost];

  void append_if(bool really, size_t k, int64_t at) {
    synapse[n] = k;
    event[n] = at;
    n += really;
  }
  // Repeat the last one until there are whole groups.
  void fill_up() {
    for (size_t i = n; i % kGroup != 0; ++i) synapse[i] = synapse[n - 1], event[i] = event[n - 1];
  }
};

// Advance the event-driven equations of a synapse to an event.
template <class M>
inline void advance_to(typename M::State& s, const typename M::Constants& c, const typename M::Post& post,
                       const SynapseContext& x) {
  if constexpr (M::advances)
    if (!M::skips || x.elapsed != real(0)) M::advance(s, c, post, x);
}

// Likewise those of its row.
template <class M>
inline void advance_row_to(typename M::State& s, const typename M::Constants& c, const typename M::Post& post,
                           const SynapseContext& x) {
  if constexpr (has_rows<M>)
    if (!M::skips || x.elapsed != real(0)) M::advance_row(s, c, post, x);
}

template <class M, bool of_target>
inline void hear_at(const Group<M>& g, size_t j, const Occasion& now) {
  typename M::State s = M::load_state(g.variable, j);
  const typename M::Constants c = M::load_constants(g.constant, j);
  const typename M::Post post = M::load_post(g.post, j);
  const SynapseContext x = context_at<M>(now, g, j);
  if constexpr (has_rows<M>) M::advance_row(s, c, post, row_context_at<M>(now, g, j));
  if constexpr (M::advances) M::advance(s, c, post, x);
  if constexpr (of_target)
    M::on_post(s, c, post, x);
  else
    M::on_modulator(s, c, post, x);
  M::store_post(g.variable, j, s);
}

template <class M, bool of_target>
__attribute__((noinline)) void hear_alone(const Group<M>& g, size_t j, const Occasion& now) {
  hear_at<M, of_target>(g, j, now);
}

template <class M, bool of_target>
__attribute__((noinline)) void hear_group(const Group<M>& group, const Occasion& occasion, const int64_t* event,
                                          const uint32_t* repeat) {
  const Group<M> g = group;
  const Occasion now = occasion;
  if constexpr (M::vector) {
#pragma GCC ivdep
    for (size_t j = 0; j < kGroup; ++j) hear_at<M, of_target>(g, j, Occasion(now, event[j], repeat[j]));
  } else {
    for (size_t j = 0; j < g.n; ++j) hear_alone<M, of_target>(g, j, Occasion(now, event[j], repeat[j]));
  }
}

// Likewise what a target's spike does to variables that are not the target's, if it comes after the event `heard`.
template <class M>
inline void hear_other_at(const Group<M>& g, size_t j, const Occasion& now, int64_t heard) {
  const typename M::State before = M::load_state(g.variable, j);
  typename M::State s = before;
  const typename M::Constants c = M::load_constants(g.constant, j);
  const typename M::Post post{};
  const SynapseContext x = context_at<M>(now, g, j);
  M::advance_row(s, c, post, row_context_at<M>(now, g, j));
  if constexpr (M::advances) M::advance(s, c, post, x);
  M::on_post(s, c, post, x);
  M::store_heard(g.variable, j, M::either(now.event > heard, s, before));
}

template <class M>
__attribute__((noinline)) void hear_other_alone(const Group<M>& g, size_t j, const Occasion& now, int64_t heard) {
  hear_other_at<M>(g, j, now, heard);
}

template <class M>
__attribute__((noinline)) void hear_others(const Group<M>& group, const Occasion& occasion, const int64_t* event,
                                           const uint32_t* repeat, int64_t after) {
  const Group<M> g = group;
  const Occasion now = occasion;
  const int64_t heard = after;
  if constexpr (M::vector) {
#pragma GCC ivdep
    for (size_t j = 0; j < kGroup; ++j) hear_other_at<M>(g, j, Occasion(now, event[j], repeat[j]), heard);
  } else {
    for (size_t j = 0; j < g.n; ++j) hear_other_alone<M>(g, j, Occasion(now, event[j], repeat[j]), heard);
  }
}

// The first n of these kGroup synapses take an event each; the others repeat one of them.
template <class M, bool of_target>
inline void hear_some(const pa_synapses* all, const UniformConstants<M>& uniform, SharedRow<M>* row,
                      const size_t* synapse, const int64_t* event, size_t n) {
  const auto at = [=](size_t j) { return synapse[j]; };
  const Group<M> whole(all, 0, 0);
  uint32_t* const seen = of_target ? all->seen : all->seen_modulator;
  Copies<M> copies;
  TargetValues<M> values;
  Group<M> g = copies.take(all, uniform, at, n);
  if constexpr (M::n_post > 0) values.take(all, at, &g);
  row->point(&g);
  alignas(64) uint32_t repeat[kGroup] = {};
  for (size_t j = 0; M::draws && j < kGroup; ++j)
    repeat[j] = earlier_in_step(of_target ? all->train[all->target[at(j)]] : all->modulator, seen[at(j)]);
  hear_group<M, of_target>(g, Occasion(all, 0, 0), event, repeat);
  for (size_t j = 0; j < n; ++j) {
    const size_t k = at(j);
    M::store_post(whole.variable, k, M::load_state(g.variable, j));
    if constexpr (M::advances) whole.last[k] = event[j];
    if constexpr (of_target && (M::flags & PA_SYNAPSE_LAST_POST) != 0) whole.last_post[k] = event[j];
    ++seen[k];
  }
}

template <class M, bool of_target>
inline void hear(const pa_synapses* all, const UniformConstants<M>& uniform, SharedRow<M>* row, EventList* list) {
  list->fill_up();
  for (size_t i = 0; i < list->n; i += kGroup)
    hear_some<M, of_target>(all, uniform, row, list->synapse + i, list->event + i,
                            list->n - i < kGroup ? list->n - i : kGroup);
}

// Synapses that may have something to take.
template <class M>
struct Waiting {
  static constexpr bool post = (M::flags & PA_SYNAPSE_POST) != 0, modulated = (M::flags & PA_SYNAPSE_MODULATED) != 0;
  size_t n;
  size_t synapse[EventList::kMost];

  Waiting(size_t first, size_t count) : n(count) {
    for (size_t i = 0; i < n; ++i) synapse[i] = first + i;
  }

  // What comes first at each, by targets alone. Those that then have no more are dropped. In two passes, so that spikes
  // that lie far away are on their way from memory while others are looked for.
  void sort_out_targets(const pa_synapses* all, int64_t until, bool strictly, EventList* of_target) {
    const size_t own_delay = all->dendritic_stride == 0 ? 0 : SIZE_MAX;
    const int64_t* spike[EventList::kMost];
    bool is_latest[EventList::kMost];
    size_t found = 0, still = 0;
    for (size_t i = 0; i < n; ++i) {
      const size_t k = synapse[i];
      const pa_train& train = all->train[all->target[k]];
      const uint32_t seen = all->seen[k];
      const int64_t* const next = next_spike(train, seen);
      __builtin_prefetch(next);
      synapse[found] = k;
      spike[found] = next;
      is_latest[found] = seen + 1 == train.end;
      found += seen != train.end;
    }
    of_target->n = 0;
    for (size_t i = 0; i < found; ++i) {
      const size_t k = synapse[i];
      const int64_t delay = all->dendritic[k & own_delay], q = *spike[i] + delay;
      const bool taken = q <= until - (strictly & (delay == 0));
      of_target->append_if(taken, k, q);
      synapse[still] = k;
      still += taken & !is_latest[i];
    }
    n = still;
  }

  // Likewise, the target's events before the modulator's.
  void sort_out(const pa_synapses* all, int64_t until, bool strictly, EventList* of_target, EventList* of_modulator) {
    const size_t own_delay = all->dendritic_stride == 0 ? 0 : SIZE_MAX;
    size_t still = 0;
    of_target->n = of_modulator->n = 0;
    for (size_t i = 0; i < n; ++i) {
      const size_t k = synapse[i];
      int64_t q = kNoEvent, m = kNoEvent, q_until = 0;
      bool by_target = false, by_modulator = false, more = false;
      if constexpr (post) {
        const pa_train& train = all->train[all->target[k]];
        const uint32_t seen = all->seen[k];
        const int64_t delay = all->dendritic[k & own_delay];
        q = *next_spike(train, seen) + delay;
        q_until = until - (strictly & (delay == 0));
        by_target = q <= q_until;
        more = by_target & (seen + 1 != train.end);
      }
      if constexpr (modulated) {
        m = *next_spike(all->modulator, all->seen_modulator[k]) + all->modulator_delay;
        by_target = by_target & (q <= m);
        by_modulator = (m <= until) & !by_target;
        more = by_target | by_modulator;
      }
      if constexpr (post) of_target->append_if(by_target, k, q);
      if constexpr (modulated) of_modulator->append_if(by_modulator, k, m);
      synapse[still] = k;
      still += more;
    }
    n = still;
  }
};

// Bring synapses up to date: with all events up to `until`, but without those of the target at `until` itself where
// there is no dendritic delay and `strictly` says so. If they share a row's variables, all are of that row.
template <class M>
inline void take_events(const pa_synapses* all, const UniformConstants<M>& uniform, SharedRow<M>* row, size_t begin,
                        size_t end, int64_t until, bool strictly) {
  if constexpr (Waiting<M>::post || Waiting<M>::modulated) {
    if (all->held == PA_HELD_ALL) return;
    EventList of_target, of_modulator;
    for (size_t first = begin; first < end; first += EventList::kMost) {
      Waiting<M> waiting(first, end - first < EventList::kMost ? end - first : EventList::kMost);
      while (waiting.n > 0) {
        if constexpr (Waiting<M>::modulated)
          waiting.sort_out(all, until, strictly, &of_target, &of_modulator);
        else
          waiting.sort_out_targets(all, until, strictly, &of_target);
        if constexpr (Waiting<M>::post) hear<M, true>(all, uniform, row, &of_target);
        if constexpr (Waiting<M>::modulated) hear<M, false>(all, uniform, row, &of_modulator);
      }
    }
  }
}

}  // namespace pa
