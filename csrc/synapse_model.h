// What a compiled synapse model includes: the number types, the maths, the loops over synapses and the export of its
// kernel.
//
// A model is a struct M with
//   name, flags, param_names, param_defaults, constant_names, constant_depends, variable_names, variable_inits,
//   post_names                            the metadata of its pa_synapse_kernel
//   vector, draws                         whether what happens is fit for a vector loop, and needs random numbers
//   advances                              whether there are event-driven equations; skips, whether no time needs none
//   stays                                 whether an arrival changes nothing that is advanced: then it is advanced on a
//                                         copy, and nothing of it is written
//   row_variables, row_parameters         of its pa_synapse_kernel; row variables have equations of their own
//   echoes, target_variables, target_parameters    likewise; echoes: whether by_target is for this model; heeds:
//                                         whether what a target's spike does to others depends on target variables
//   struct State, Constants, Post         plain structs of `real`, members in the order of the names
//   State     load_state(real* const*, size_t)           Constants load_constants(const real* const*, size_t)
//   Post      load_post(const real* const*, size_t)      void      derive(const double*, double dt_ms, double*)
//   State     either(bool, const State&, const State&)
//   void      store_pre, store_post, store_heard, store_tick(real* const*, size_t, const State&)    what the section
//   may change void      store_row(real* const*, size_t, const State&)                            the variables of rows
//   void      advance(State&, const Constants&, const Post&, const SynapseContext&)    event-driven equations
//   void      advance_row(...)                           those of the variables of rows
//   real      on_pre(...)                                what the target gets, of the same arguments
//   void      on_post(...), on_modulator(...), tick(...)
//   real      psp(...)                                   what the target gets in every step, if it gets anything
// and is exported by PA_EXPORT_SYNAPSE(M). native/print_synapse.py writes such structs from equations.
#pragma once
#include "abi.h"
#include "fastmath.h"
#include "number_types.h"
#include "philox.h"
#include "synapse_echo.h"
#include "synapse_events.h"
#include "synapse_group.h"

namespace pa {

// ---- arrivals -------------------------------------------------------------------------------------------------------

// The variables of rows are advanced apart, because where synapses share them, once for all is enough.
template <class M>
inline void advance_row_at(const Group<M>& g, size_t j, const Occasion& now, real* const* advanced) {
  typename M::State s = M::load_state(g.variable, j);
  M::advance_row(s, M::load_constants(g.constant, j), M::load_post(g.post, j), row_context_at<M>(now, g, j));
  M::store_row(advanced, j, s);
}

template <class M>
__attribute__((noinline)) void advance_row_alone(const Group<M>& g, size_t j, const Occasion& now,
                                                 real* const* advanced) {
  advance_row_at<M>(g, j, now, advanced);
}

template <class M>
__attribute__((noinline)) void advance_rows(const Group<M>& group, const Occasion& occasion, real* const* advanced) {
  const Group<M> g = group;
  const Occasion now = occasion;
  if constexpr (M::vector) {
#pragma GCC ivdep
    for (size_t j = 0; j < kGroup; ++j) advance_row_at<M>(g, j, now, advanced);
  } else {
    for (size_t j = 0; j < g.n; ++j) advance_row_alone<M>(g, j, now, advanced);
  }
}

template <class M>
inline void arrive_at(const Group<M>& g, size_t j, const Occasion& now, acc* input) {
  typename M::State s = M::load_state(g.variable, j);
  const typename M::Constants c = M::load_constants(g.constant, j);
  const typename M::Post post = M::load_post(g.post, j);
  const SynapseContext x = context_at<M>(now, g, j);
  if constexpr (M::advances) M::advance(s, c, post, x);
  input[j] = static_cast<acc>(M::on_pre(s, c, post, x));
  M::store_pre(g.variable, j, s);
  if constexpr (has_rows<M>) {
    M::store_row(g.arrived, j, s);
    g.arrived_row_from[j] = x.held ? g.row_from[j] : now.event;
  }
  if constexpr (M::advances && !M::stays) g.last[j] = x.held ? g.last[j] : now.event;
  if constexpr (M::flags & PA_SYNAPSE_LAST_PRE) g.arrived_last_pre[j] = x.held ? g.last_pre[j] : now.event;
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

// What all of a row's synapses share is advanced with its first group.
template <class M, bool = has_rows<M>>
struct AdvancedRow {
  void take(Group<M>*, const Occasion&, bool) {}
};

template <class M>
struct AdvancedRow<M, true> {
  alignas(64) real value[M::n_variables][kGroup];

  void take(Group<M>* g, const Occasion& now, bool again) {
    real* to[M::n_variables];
    for (size_t i = 0; i < M::n_variables; ++i) to[i] = value[i];
    if (again) advance_rows<M>(*g, now, to);
    for (size_t i = 0; i < M::n_variables; ++i)
      if (is_of_row<M>(i)) g->variable[i] = value[i];
  }
};

// In the order of the row.
inline void add_input(const pa_synapses* all, const pa_arrival& arrival, size_t first, size_t n, const acc* input) {
  acc* const sums = static_cast<acc*>(arrival.sums);
  const uint32_t offset = arrival.offset, mask = arrival.mask;
  for (size_t j = 0; j < n; ++j) sums[(all->lane[first + j] + offset) & mask] += input[j];
  for (uint32_t f = 0; f < arrival.n_further; ++f) {
    const uint32_t further = offset + arrival.further[f];
    for (size_t j = 0; j < n; ++j) sums[(all->lane[first + j] + further) & mask] += input[j];
  }
}

// Events first, then advance, on_pre and the sums of each group.
template <class M>
void arrive(const pa_synapses* all, size_t begin, size_t end, const pa_arrival* arrival) {
  const UniformConstants<M> uniform(all);
  Occasion now(all, arrival->event, arrival->repeat);
  now.emitted = arrival->emitted;
  SharedRow<M> row(all, begin);
  AdvancedRow<M> advanced;
  const auto take_all = [&](size_t from, size_t to, const auto& look_at_targets) {
    for (size_t first = from; first < to; first += kGroup) {
      const size_t n = to - first < kGroup ? to - first : kGroup;
      alignas(64) acc input[kGroup];
      run_group<M>(all, uniform, &row, first, n, [&](Group<M>* g) {
        look_at_targets(g, first - from);
        advanced.take(g, now, all->by_row == 0 || first == begin);
        arrive_group<M>(*g, now, input);
      });
      add_input(all, *arrival, first, n, input);
    }
  };
  if (Sharing<M>(all).by_target) {
    if constexpr (M::echoes)
      take_echoes<M>(all, uniform, &row, begin, end, arrival->event, true, [&](Echoes<M>* at, size_t first, size_t n) {
        take_all(first, first + n, [at](Group<M>* g, size_t i) { at->point(g, i); });
      });
  } else {
    take_events<M>(all, uniform, &row, begin, end, arrival->event, true);
    take_all(begin, end, [](Group<M>*, size_t) {});
  }
  row.put_back(all);
}

// ---- what is transmitted in every step ------------------------------------------------------------------------------

template <class M>
inline void psp_at(const Group<M>& g, size_t j, const Occasion& now, acc* input) {
  const typename M::State s = M::load_state(g.variable, j);
  input[j] =
      static_cast<acc>(M::psp(s, M::load_constants(g.constant, j), M::load_post(g.post, j), context_at<M>(now, g, j)));
}

template <class M>
__attribute__((noinline)) void psp_alone(const Group<M>& g, size_t j, const Occasion& now, acc* input) {
  psp_at<M>(g, j, now, input);
}

template <class M>
__attribute__((noinline)) void psp_group(const Group<M>& group, const Occasion& occasion, acc* input) {
  const Group<M> g = group;
  const Occasion now = occasion;
  alignas(64) acc values[kGroup];
  if constexpr (M::vector) {
#pragma GCC ivdep
    for (size_t j = 0; j < kGroup; ++j) psp_at<M>(g, j, now, values);
  } else {
    for (size_t j = 0; j < g.n; ++j) psp_alone<M>(g, j, now, values);
  }
  for (size_t j = 0; j < g.n; ++j) input[j] = values[j];
}

template <class M>
void transmit(const pa_synapses* all, size_t begin, size_t end, const pa_arrival* arrival) {
  const UniformConstants<M> uniform(all);
  const Occasion now(all, arrival->event, 0);
  SharedRow<M> row(all, begin);
  for (size_t first = begin; first < end; first += kGroup) {
    const size_t n = end - first < kGroup ? end - first : kGroup;
    alignas(64) acc input[kGroup];
    run_group<M>(all, uniform, &row, first, n, [&](Group<M>* g) { psp_group<M>(*g, now, input); });
    add_input(all, *arrival, first, n, input);
  }
}

template <class M>
constexpr auto transmitter() -> decltype(pa_synapse_kernel::transmit) {
  if constexpr ((M::flags & PA_SYNAPSE_TRANSMITS) != 0)
    return &transmit<M>;
  else
    return nullptr;
}

// ---- the rest of the kernel -----------------------------------------------------------------------------------------

// Apply what targets and modulators have sent to synapses, of one row if they share its variables.
template <class M>
inline void bring_to(const pa_synapses* all, const UniformConstants<M>& uniform, SharedRow<M>* row, size_t begin,
                     size_t end, int64_t last) {
  if constexpr (M::echoes)
    if (all->by_target != 0) {
      if (all->heard[row->row] < last)
        take_echoes<M>(all, uniform, row, begin, end, last, false, [](Echoes<M>*, size_t, size_t) {});
      return;
    }
  take_events<M>(all, uniform, row, begin, end, last, false);
}

template <class M>
void catch_up(const pa_synapses* all, size_t begin, size_t end, int64_t last) {
  const UniformConstants<M> uniform(all);
  while (begin < end) {
    SharedRow<M> row(all, begin);
    size_t stop = end;
    if constexpr (has_rows<M>)
      if (row.shared && all->row_first[row.row + 1] < end) stop = static_cast<size_t>(all->row_first[row.row + 1]);
    bring_to<M>(all, uniform, &row, begin, stop, last);
    begin = stop;
  }
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
  SharedRow<M> row(all, begin);
  for (size_t first = begin; first < end; first += kGroup) {
    const size_t n = end - first < kGroup ? end - first : kGroup;
    run_group<M>(all, uniform, &row, first, n, [&](Group<M>* g) { tick_group<M>(*g, now); });
  }
}

// A variable of element j of a group, synapse k, which has taken all there is, at the time of an event.
template <class M>
inline double observed(const pa_synapses* all, const Group<M>& g, size_t j, size_t k, const Occasion& now,
                       uint32_t variable) {
  typename M::State s = M::load_state(g.variable, j);
  const typename M::Constants c = load_one<M>(all, k);
  const typename M::Post post = load_target<M>(all, k);
  if constexpr (has_rows<M>) advance_row_to<M>(s, c, post, row_context_at<M>(now, g, j));
  advance_to<M>(s, c, post, context_at<M>(now, g, j));
  return static_cast<double>(M::value(s, variable));
}

// The same for neighbours, of one row if they share its variables. Cold, and by itself: what is inlined here must not
// change what the compiler does with arrivals, which took twice the time once.
template <class M>
__attribute__((noinline, cold)) void observe_run(const pa_synapses* all, const UniformConstants<M>& uniform,
                                                 SharedRow<M>* row, size_t begin, size_t end, const Occasion& now,
                                                 uint32_t variable, double* values) {
  const auto group = [&](size_t first, size_t n, auto&& point) {
    Group<M> g(all, first, n);
    row->point(&g);
    point(&g);
    for (size_t j = 0; j < n; ++j) *values++ = observed<M>(all, g, j, first + j, now, variable);
  };
  if constexpr (M::echoes)
    if (all->by_target != 0) {
      bring_to<M>(all, uniform, row, all->row_first[row->row], all->row_first[row->row + 1], now.event);
      for (size_t first = begin; first < end; first += Echoes<M>::kMost) {
        const size_t n = end - first < Echoes<M>::kMost ? end - first : Echoes<M>::kMost;
        Echoes<M> echoes(all, first, n, now.event, now.event);
        for (size_t i = 0; i < n; i += kGroup)
          group(first + i, n - i < kGroup ? n - i : kGroup, [&](Group<M>* g) { echoes.point(g, i); });
      }
      return;
    }
  take_events<M>(all, uniform, row, begin, end, now.event, false);
  for (size_t first = begin; first < end; first += kGroup)
    group(first, end - first < kGroup ? end - first : kGroup, [](Group<M>*) {});
}

// A row is looked up once for all of its synapses that follow one another in `index`.
template <class M>
__attribute__((cold)) void observe(const pa_synapses* all, const uint64_t* index, size_t n, uint32_t variable,
                                   int64_t last, double* values) {
  const UniformConstants<M> uniform(all);
  const Occasion now(all, last, 0);
  for (size_t i = 0, next = 0; i < n; i = next) {
    const size_t begin = static_cast<size_t>(index[i]);
    SharedRow<M> row(all, begin);
    size_t end = SIZE_MAX;
    if constexpr (has_rows<M>)
      if (row.shared) end = static_cast<size_t>(all->row_first[row.row + 1]);
    for (next = i + 1; next < n && index[next] == index[next - 1] + 1 && index[next] < end;) ++next;
    observe_run<M>(all, uniform, &row, begin, begin + (next - i), now, variable, values + i);
  }
}

template <class M>
constexpr auto echoing() -> decltype(pa_synapse_kernel::echo) {
  if constexpr (M::echoes)
    return &echo<M>;
  else
    return nullptr;
}

template <class M>
const pa_synapse_kernel* export_synapse() {
  static const pa_synapse_kernel kernel = {
      PA_ABI_VERSION,
      sizeof(real),
      sizeof(acc),
      M::flags,
      M::name,
      M::n_params,
      M::param_names,
      M::param_defaults,
      M::n_constants,
      M::constant_names,
      M::constant_depends,
      M::n_variables,
      M::variable_names,
      M::variable_inits,
      M::n_post,
      M::post_names,
      &M::derive,
      &arrive<M>,
      &catch_up<M>,
      M::flags & PA_SYNAPSE_CLOCKED ? &tick<M> : nullptr,
      &observe<M>,
      transmitter<M>(),
      M::row_variables,
      M::row_parameters,
      M::target_variables,
      M::target_parameters,
      echoing<M>(),
  };
  return &kernel;
}

}  // namespace pa

// One model per shared object, the just-in-time path.
#define PA_EXPORT_SYNAPSE(M)                                                                               \
  extern "C" __attribute__((visibility("default"))) const pa_synapse_kernel* pa_synapse_kernel_get(void) { \
    return pa::export_synapse<M>();                                                                        \
  }
