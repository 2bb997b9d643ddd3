// Spikes of targets that have left behind the same for all synapses of the target, so that it is kept once: see
// pa_synapses.by_target. A synapse then remembers nothing of its target. Its row remembers up to which event it has
// taken what its targets have sent, and what it still waits for is found by comparing steps.
//
// Most synapses wait for no spike or for one: a first round lets all of the row that wait take one, in place, and
// leaves the others as they are. Those that wait for more are gathered.
#pragma once
#include <cstring>

#include "abi.h"
#include "fastmath.h"
#include "synapse_events.h"
#include "synapse_group.h"

namespace pa {

template <class M>
constexpr size_t n_echoed() {
  size_t n = 0;
  for (size_t i = 0; i < M::n_variables; ++i) n += is_of_target<M>(i);
  return n;
}

// What a spike of a target has left behind.
struct EchoAt {
  int64_t step;
  const real* value;
};

// How many of these steps, sorted from 0 up, are less than one.
PA_INLINE uint32_t count_less(const int16_t* sorted, int16_t than) {
#ifdef __SSE2__
  typedef int16_t steps __attribute__((vector_size(16)));
  typedef char bytes __attribute__((vector_size(16)));
  steps all;
  std::memcpy(&all, sorted, sizeof all);
  const int less = __builtin_ia32_pmovmskb128((bytes)(all < than));
  return static_cast<uint32_t>(__builtin_ctz(~static_cast<unsigned>(less))) / 2;
#else
  uint32_t n = 0;
  for (size_t k = 0; k < PA_RECENT; ++k) n += static_cast<uint32_t>(sorted[k] < than);
  return n;
#endif
}

// The spikes of one target; a spike is known by how many came after it.
template <class M>
class Target {
 public:
  static constexpr size_t kStride = sizeof(pa_recent) + n_echoed<M>() * sizeof(real);

  Target(const pa_synapses* all, size_t target) : all_(all), target_(target) {}

  static void prefetch(const pa_synapses* all, size_t target) {
    __builtin_prefetch(static_cast<const char*>(all->recent) + kStride * target);
  }

  PA_INLINE int64_t latest() const { return recent().latest; }

  // How many came after a step.
  PA_INLINE uint32_t count_after(int64_t step) const {
    int64_t since = latest() - step;
    since = since < 0 ? 0 : since;
    if (since >= PA_LONG_AGO) return in_history(step);
    const uint32_t n = count_less(recent().earlier, static_cast<int16_t>(since));
    return n < PA_RECENT ? n : in_history(step);
  }

  // The step of the first of those that have been counted; any if there are none.
  PA_INLINE int64_t counted(uint32_t n) const {
    const int16_t earlier = recent().earlier[(n - 1) % PA_RECENT];
    if (n > PA_RECENT || (earlier == PA_LONG_AGO && n > 0)) return older(n - 1).step;
    return latest() - earlier;
  }

  // `back` is no more than what has been counted.
  PA_INLINE int64_t step(size_t back) const {
    if (back >= PA_RECENT || recent().earlier[back] == PA_LONG_AGO) return older(back).step;
    return latest() - recent().earlier[back];
  }

  PA_INLINE EchoAt at(size_t back) const {
    if (back == 0) return {latest(), reinterpret_cast<const real*>(&recent() + 1)};
    if (back > 1) return older(back);
    return {step(1), static_cast<const real*>(all_->previous) + n_echoed<M>() * target_};
  }

 private:
  const pa_recent& recent() const {
    return *reinterpret_cast<const pa_recent*>(static_cast<const char*>(all_->recent) + kStride * target_);
  }
  __attribute__((noinline)) EchoAt older(size_t back) const {
    const pa_history& history = all_->history[target_];
    const size_t k = history.n - 1 - back;
    return {history.step[k], static_cast<const real*>(history.value) + n_echoed<M>() * k};
  }
  __attribute__((noinline)) uint32_t in_history(int64_t step) const {
    const pa_history& history = all_->history[target_];
    size_t n = 0;
    while (n < history.n && history.step[history.n - 1 - n] > step) ++n;
    return static_cast<uint32_t>(n);
  }

  const pa_synapses* const all_;
  const size_t target_;
};

// What targets have left behind at some moment.
template <class M, size_t n>
struct Left {
  alignas(64) real value[at_least_one(M::n_variables)][n];
  alignas(64) int64_t step[n];

  PA_INLINE void take(size_t k, const EchoAt& echo) {
    step[k] = echo.step;
    size_t e = 0;
    for (size_t v = 0; v < M::n_variables; ++v)
      if (is_of_target<M>(v)) value[v][k] = echo.value[e++];
  }
};

// Let a group's synapses find it.
template <class M>
class LeftOfGroup {
 public:
  template <size_t n>
  PA_INLINE void point(Group<M>* g, Left<M, n>* left, size_t first, int64_t delay, int64_t began) {
    const int64_t* const step = left->step + first;
    int64_t* const last = last_;
    int64_t* const last_post = last_post_;
#pragma GCC ivdep
    for (size_t j = 0; j < kGroup; ++j) {
      const int64_t event = step[j] + delay, late = -int64_t(event > began), never = -int64_t(step[j] == PA_NEVER);
      last[j] = (event & late) | (began & ~late);
      last_post[j] = (event & ~never) | (PA_NEVER & never);
    }
    attach(g, left, first);
  }

  // Whatever it was before, as nothing depends on it.
  template <size_t n>
  PA_INLINE void attach(Group<M>* g, Left<M, n>* left, size_t first) {
    for (size_t v = 0; v < M::n_variables; ++v)
      if (is_of_target<M>(v)) g->variable[v] = g->arrived[v] = left->value[v] + first;
    g->last = last_, g->last_post = last_post_;
  }

 private:
  alignas(64) int64_t last_[kGroup] = {}, last_post_[kGroup] = {};
};

// Up to kMost neighbouring synapses of a row.
template <class M>
class Echoes {
 public:
  static constexpr size_t kMost = 256;

  // They may take what arrives after the event `heard` and not after `until`.
  Echoes(const pa_synapses* all, size_t first, size_t n, int64_t heard, int64_t until)
      : all_(all), target_(all->target + first), first_(first), n_(n), delay_(all->dendritic[0]), heard_(heard) {
    constexpr size_t kAhead = 16;
    const int64_t to = until > heard ? until - delay_ : heard - delay_;
    Found found{0, 0};
    size_t i = 0;
    for (; i + kAhead < n; ++i) {
      Target<M>::prefetch(all, target_[i + kAhead]);
      look(i, to, &found);
    }
    for (; i < n; ++i) look(i, to, &found);
    any_ = found.any, n_more_ = found.more;
    for (; i % kGroup != 0; ++i) {
      event_[i] = heard, left_.step[i] = left_.step[n - 1];
      for (size_t v = 0; v < M::n_variables; ++v)
        if (is_of_target<M>(v)) left_.value[v][i] = left_.value[v][n - 1];
    }
  }

  void take(const UniformConstants<M>& uniform, SharedRow<M>* row) {
    if (any_ == 0) return;
    for (size_t i = 0; i < n_; i += kGroup) take_in_place(uniform, row, i, n_ - i < kGroup ? n_ - i : kGroup);
    for (size_t i = 0; n_more_ > 0 && i < n_; ++i) {
      newer_[i] -= static_cast<uint32_t>(waiting_[i] != 0);
      waiting_[i] -= static_cast<uint32_t>(waiting_[i] != 0);
    }
    while (n_more_ > 0) {
      for (size_t i = 0; i < n_more_; i += kGroup)
        take_gathered(uniform, row, more_ + i, n_more_ - i < kGroup ? n_more_ - i : kGroup);
      size_t still = 0;
      for (size_t i = 0; i < n_more_; ++i) {
        more_[still] = more_[i];
        still += waiting_[more_[i]] != 0;
      }
      n_more_ = still;
    }
  }

  // What targets have left at synapses from i on, before what they may not take yet.
  void point(Group<M>* g, size_t i) { left_of_group_.point(g, &left_, i, delay_, all_->began); }

 private:
  struct Found {
    uint32_t any;
    size_t more;
  };

  // What a synapse waits for, if its spikes after the step `to` are not to be taken.
  PA_INLINE void look(size_t i, int64_t to, Found* found) {
    const Target<M> target(all_, target_[i]);
    const uint32_t newer = target.count_after(heard_ - delay_),
                   later = target.latest() > to ? target.count_after(to) : 0;
    const uint32_t waiting = newer - later;
    newer_[i] = newer, waiting_[i] = waiting;
    const int64_t event = target.counted(newer) + delay_;
    event_[i] = waiting != 0 ? event : heard_;
    left_.take(i, target.at(later));
    found->any |= waiting;
    more_[found->more] = static_cast<uint32_t>(i);
    found->more += waiting > 1;
  }

  // How many spikes of the same step come before what a synapse takes next.
  uint32_t repeat(size_t i) const {
    const Target<M> target(all_, target_[i]);
    uint32_t n = 0;
    if (waiting_[i] != 0)
      while (target.step(newer_[i] + n) == target.step(newer_[i] - 1)) ++n;
    return n;
  }

  // Some of the synapses, of which at(j) is element j, take what comes next at each. Their events are there.
  template <class At>
  void take_next(Group<M>* g, const At& at, const int64_t* event) {
    alignas(64) uint32_t repeats[kGroup] = {};
    Left<M, kGroup> left;
    for (size_t j = 0; M::draws && j < kGroup; ++j) repeats[j] = repeat(at(j));
    if constexpr (M::heeds) {
      for (size_t j = 0; j < kGroup; ++j) left.take(j, Target<M>(all_, target_[at(j)]).at(newer_[at(j)]));
      left_of_group_.point(g, &left, 0, delay_, all_->began);
    } else {
      left_of_group_.attach(g, &left_, 0);
    }
    hear_others<M>(*g, Occasion(all_, 0, 0), event, repeats, heard_);
  }

  void take_in_place(const UniformConstants<M>& uniform, SharedRow<M>* row, size_t i, size_t n) {
    run_group<M>(all_, uniform, row, first_ + i, n,
                 [&](Group<M>* g) { take_next(g, [=](size_t j) { return i + (j < n ? j : 0); }, event_ + i); });
  }

  void take_gathered(const UniformConstants<M>& uniform, SharedRow<M>* row, const uint32_t* place, size_t n) {
    const auto at = [=](size_t j) { return size_t(place[j < n ? j : 0]); };
    const Group<M> whole(all_, first_, 0);
    alignas(64) int64_t event[kGroup];
    for (size_t j = 0; j < kGroup; ++j) event[j] = Target<M>(all_, target_[at(j)]).step(newer_[at(j)] - 1) + delay_;
    Copies<M> copies;
    Group<M> g = copies.take(all_, uniform, [&](size_t j) { return first_ + at(j); }, n);
    row->point(&g);
    take_next(&g, at, event);
    for (size_t j = 0; j < n; ++j) {
      for (size_t v = 0; v < M::n_variables; ++v)
        if (whole.variable[v] != nullptr) whole.variable[v][at(j)] = g.variable[v][j];
      --newer_[at(j)], --waiting_[at(j)];
    }
  }

  const pa_synapses* const all_;
  const uint32_t* const target_;
  const size_t first_, n_;
  const int64_t delay_, heard_;
  uint32_t any_ = 0;
  size_t n_more_ = 0;
  uint32_t newer_[kMost], waiting_[kMost];  // spikes after what was taken, and how many of them may be
  uint32_t more_[kMost + 1];
  alignas(64) int64_t event_[kMost];  // what each takes first, or heard_
  Left<M, kMost> left_;
  LeftOfGroup<M> left_of_group_;
};

// Bring the synapses [begin, end) of a row to the event `until`, and go on with each part of them.
template <class M, class Then>
inline void take_echoes(const pa_synapses* all, const UniformConstants<M>& uniform, SharedRow<M>* row, size_t begin,
                        size_t end, int64_t until, bool strictly, const Then& then) {
  int64_t& heard = all->heard[row->row];
  const int64_t to = until - (strictly && all->dendritic[0] == 0);
  for (size_t first = begin; first < end; first += Echoes<M>::kMost) {
    const size_t n = end - first < Echoes<M>::kMost ? end - first : Echoes<M>::kMost;
    Echoes<M> echoes(all, first, n, heard, to);
    echoes.take(uniform, row);
    then(&echoes, first, n);
  }
  if (to > heard) heard = to;
}

// What a spike leaves behind, from what the one before did. As one of a group, for the same rounding.
template <class M>
void echo(const pa_synapses* all, size_t target, int64_t event, void* values) {
  real* const value = static_cast<real*>(values);
  Copies<M> copies{};
  Left<M, kGroup> left;
  LeftOfGroup<M> left_of_group;
  Group<M> g;
  g.n = 1;
  const EchoAt latest{Target<M>(all, target).step(0), value};
  int64_t events[kGroup];
  const uint32_t repeat[kGroup] = {};
  for (size_t j = 0; j < kGroup; ++j) {
    left.take(j, latest);
    for (size_t i = 0; i < M::n_constants; ++i) copies.constant[i][j] = *static_cast<const real*>(all->constant[i]);
    events[j] = event;
  }
  for (size_t i = 0; i < M::n_variables; ++i) g.variable[i] = g.arrived[i] = copies.variable[i];
  for (size_t i = 0; i < M::n_constants; ++i) g.constant[i] = copies.constant[i];
  left_of_group.point(&g, &left, 0, all->dendritic[0], all->began);
  g.last_pre = g.arrived_last_pre = copies.last_pre;
  g.row_from = g.arrived_row_from = copies.row_from, g.number = copies.number;
  hear_group<M, true>(g, Occasion(all, 0, 0), events, repeat);
  size_t e = 0;
  for (size_t i = 0; i < M::n_variables; ++i)
    if (is_of_target<M>(i)) value[e++] = g.variable[i][0];
}

}  // namespace pa
