// What happens to one synapse with state: a thread runs the functions that the CPU's loops call for each of a group.
#pragma once
#include "cuda/device_neurons.cuh"
#include "cuda/device_plastic.cuh"
#include "synapse_model.h"

namespace pa {
namespace cuda {

template <class M>
struct Kind {
  using Model = M;
};

template <class M>
inline Group<M> group_of(const pa_synapses& all, uint64_t k) {
  Group<M> g(&all, k, 1);
  for (size_t i = 0; i < M::n_constants; ++i)
    g.constant[i] = static_cast<const real*>(all.constant[i]) + k * all.constant_stride[i];
  for (size_t i = 0; i < M::n_post; ++i) g.post[i] = static_cast<const real*>(all.post[i]) + all.target[k];
  return g;
}

template <class M, bool of_target>
inline void hear_one(const PlasticStore& store, uint64_t k, int64_t event) {
  const pa_synapses& all = store.synapses;
  uint32_t& seen = (of_target ? all.seen : all.seen_modulator)[k];
  uint32_t repeat = 0;
  if constexpr (M::draws) repeat = earlier_in_step(of_target ? all.train[all.target[k]] : *store.modulator, seen);
  hear_at<M, of_target>(group_of<M>(all, k), 0, Occasion(&all, event, repeat));
  if constexpr (M::advances) all.last[k] = event;
  if constexpr (of_target && (M::flags & PA_SYNAPSE_LAST_POST) != 0) all.last_post[k] = event;
  ++seen;
}

// Take what the target and the modulator have sent, as take_events of synapse_events.h.
template <class M>
inline void take_events_of(const PlasticStore& store, uint64_t k, int64_t until, bool strictly) {
  constexpr bool post = (M::flags & PA_SYNAPSE_POST) != 0, modulated = (M::flags & PA_SYNAPSE_MODULATED) != 0;
  const pa_synapses& all = store.synapses;
  while (post || modulated) {
    int64_t q = kNoEvent, m = kNoEvent;
    if constexpr (post) {
      const pa_train& train = all.train[all.target[k]];
      const int64_t delay = all.dendritic[k * all.dendritic_stride];
      if (all.seen[k] != train.end) q = train.step[all.seen[k] - train.first] + delay;
      if (q > until - (strictly && delay == 0 ? 1 : 0)) q = kNoEvent;
    }
    if constexpr (modulated) {
      const pa_train& train = *store.modulator;
      if (all.seen_modulator[k] != train.end) m = train.step[all.seen_modulator[k] - train.first] + all.modulator_delay;
      if (m > until) m = kNoEvent;
    }
    if (q == kNoEvent && m == kNoEvent) return;
    if (all.held == PA_HELD_ALL) {  // what reaches synapses that are held does nothing, now or later
      if constexpr (post) all.seen[k] += q <= m;
      if constexpr (modulated) all.seen_modulator[k] += m < q;
      continue;
    }
    if constexpr (post)
      if (q <= m) hear_one<M, true>(store, k, q);
    if constexpr (modulated)
      if (m < q) hear_one<M, false>(store, k, m);
  }
}

// Input of one synapse, in whole units of each lane.
inline void add_to_ring(const Network& net, const PlasticStore& store, uint64_t k, int64_t step, acc input) {
  if (store.deaf != 0) return;
  const uint64_t lanes = (uint64_t(1) << net.lane_bits) - 1, offset = uint64_t(step) << net.lane_bits;
  for (uint64_t f = 0; f <= store.n_further; ++f) {
    const uint64_t at = (store.synapses.lane[k] + offset + (f > 0 ? store.further[f - 1] : 0)) & net.mask;
    const double units = std::nearbyint(static_cast<double>(input) * net.plastic()->scale[at & lanes]);
    if (std::fabs(units) < static_cast<double>(kFixedLimit))
      add(reinterpret_cast<uint64_t*>(net.ring) + at, static_cast<uint64_t>(static_cast<int64_t>(units)));
    else
      add(&net.status->overflow, 1);
  }
}

template <class M>
inline void arrive_one(const Network& net, const PlasticStore& store, uint64_t k, int64_t event, int64_t emitted,
                       uint32_t repeat, int64_t shift) {
  const pa_synapses& all = store.synapses;
  take_events_of<M>(store, k, event, true);
  Occasion now(&all, event, repeat);
  now.emitted = emitted;
  Group<M> g = group_of<M>(all, k);
  real advanced[at_least_one(M::n_variables)];
  if constexpr (has_rows<M>) {
    real* to[M::n_variables];
    for (size_t i = 0; i < M::n_variables; ++i) to[i] = advanced + i;
    advance_row_at<M>(g, 0, now, to);
    for (size_t i = 0; i < M::n_variables; ++i)
      if (is_of_row<M>(i)) g.variable[i] = to[i];
  }
  acc input;
  arrive_at<M>(g, 0, now, &input);
  add_to_ring(net, store, k, event + shift, input);
}

template <class M>
inline void tick_one(const PlasticStore& store, uint64_t k, int64_t step) {
  const pa_synapses& all = store.synapses;
  if constexpr ((M::flags & PA_SYNAPSE_CLOCKED) != 0)
    if (all.held != PA_HELD_ALL && (step - store.tick_offset) % store.tick_period == 0)
      tick_at<M>(group_of<M>(all, k), 0, Occasion(&all, step - 1, 0));
}

// What is given in every step.
template <class M>
inline void transmit_one(const Network& net, const PlasticStore& store, uint64_t k, int64_t step) {
  if constexpr ((M::flags & PA_SYNAPSE_TRANSMITS) != 0) {
    acc input;
    psp_at<M>(group_of<M>(store.synapses, k), 0, Occasion(&store.synapses, step, 0), &input);
    add_to_ring(net, store, k, step + store.ahead, input);
  }
}

// A variable when all events up to `last` have been taken.
template <class M>
inline double observe_one(const PlasticStore& store, uint64_t k, uint32_t variable, int64_t last) {
  const Occasion now(&store.synapses, last, 0);
  const Group<M> g = group_of<M>(store.synapses, k);
  typename M::State s = M::load_state(g.variable, 0);
  const typename M::Constants c = M::load_constants(g.constant, 0);
  const typename M::Post post = M::load_post(g.post, 0);
  if constexpr (has_rows<M>) advance_row_to<M>(s, c, post, row_context_at<M>(now, g, 0));
  advance_to<M>(s, c, post, context_at<M>(now, g, 0));
  return static_cast<double>(M::value(s, variable));
}

}  // namespace cuda
}  // namespace pa
