// What a compiled neuron model includes: the number types, the maths, the update loop and the export of its kernel.
//
// A model is a struct M with
//   name, flags, param_names, param_defaults, constant_names, constant_depends, state_names, state_inits, input_names
//   struct State, Constants, Inputs       plain structs of `real`, members in the order of the names
//   State     load_state(real* const*, size_t)              Constants load_constants(const real* const*, size_t)
//   void      store_state(real* const*, size_t, State)      Inputs    take_inputs(acc* const*, size_t)
//   void      derive(const double* params, double dt_ms, double* constants)
//   bool      step(State&, const Constants&, const Inputs&, const StepContext&)    true when the neuron spikes
// or, if that calls phi1, its two halves: a struct Work of `n_work` numbers, with load_work and store_work, and
//   flag      begin(State&, const Constants&, const Inputs&, const StepContext&, Work&)    negative if far from 0
//   bool      finish<kNear>(State&, const Constants&, const Work&, const StepContext&)
// with store_first and store_second, which store what the halves change. It is exported by PA_EXPORT_NEURON(M).
// native/printer.py writes such structs from equations.
#pragma once
#include <type_traits>

#include "abi.h"
#include "fastmath.h"
#include "number_types.h"
#include "philox.h"

namespace pa {

struct StepContext {
  real injected;  // nA, constant during the step
  real t_ms;      // start of the step
  real dt_ms;
  Random random;
  Phi1Near<real> near = {};

  template <bool kNear>
  PA_INLINE real phi1(real y) const {
    return phi1_if<kNear>(y, near);
  }
};

#ifdef PA_ON_DEVICE  // one list for all threads, in any order; what has no room is counted
inline void push_spike(pa_spike_sink* out, uint32_t neuron, double time_ms) {
  const uint64_t at = cuda::add(reinterpret_cast<uint64_t*>(&out->count), 1);
  if (at >= out->capacity) return;
  out->neuron[at] = neuron;
  out->time_ms[at] = time_ms;
}
#else
inline void push_spike(pa_spike_sink* out, uint32_t neuron, double time_ms) {
  if (out->count == out->capacity) out->grow(out, out->count + 1);
  out->neuron[out->count] = neuron;
  out->time_ms[out->count] = time_ms;
  ++out->count;
}
#endif

// Whether a step comes in halves.
template <class M, class = void>
struct Halved {
  static constexpr bool value = false;
};
template <class M>
struct Halved<M, std::void_t<typename M::Work>> {
  static constexpr bool value = true;
};

// One step of one neuron; true if it spikes.
template <class M>
inline bool step_alone(typename M::State& s, const typename M::Constants& c, const typename M::Inputs& in,
                       const StepContext& x) {
  if constexpr (Halved<M>::value) {
    typename M::Work w;
    return M::begin(s, c, in, x, w) < 0 ? M::template finish<false>(s, c, w, x) : M::template finish<true>(s, c, w, x);
  } else {
    return M::step(s, c, in, x);
  }
}

#ifndef PA_ON_DEVICE  // which has a loop of its own, csrc/cuda/device_neurons.cuh
// How a loop may be simplified: `kShared`: every constant is the same in all chunks, so that it is read once, into a
// register or a place at a known distance from the stack pointer; with 16 constants a fifth of the time of a step is
// that of loading their addresses. `kStill`: the injected current is the same for all, too, and what it is multiplied
// with leaves the loop. `kNear`: nothing is far from 0 in the whole chunk.

// The same, but no longer known to the compiler, which would write literals into the loop.
inline Phi1Near<real> in_registers(Phi1Near<real> near) {
  asm("" : "+m"(near));
  return near;
}

// Where one chunk's numbers are.
template <class M>
struct Chunk {
  real* state[M::n_state > 0 ? M::n_state : 1];
  acc* input[M::n_inputs > 0 ? M::n_inputs : 1];
  const real* constant[M::n_constants > 0 ? M::n_constants : 1];
  const real* injected;
  const uint32_t* neuron;

  PA_INLINE Chunk(const pa_block* block, const pa_step* now, size_t chunk) {
    const size_t first = chunk * PA_CHUNK;
    for (size_t j = 0; j < M::n_state; ++j) state[j] = static_cast<real*>(block->state[j]) + first;
    for (size_t j = 0; j < M::n_inputs; ++j) input[j] = static_cast<acc*>(now->input[j]) + first;
    for (size_t j = 0; j < M::n_constants; ++j)
      constant[j] = static_cast<const real*>(block->constant[j]) + chunk * block->constant_stride[j];
    injected = static_cast<const real*>(now->injected) + chunk * now->injected_stride;
    neuron = block->neuron + first;
  }
};

// What all neurons of a step share; those without a current of their own, that current, too.
template <class M, bool kShared, bool kStill>
struct Loop {
  const typename M::Constants shared;
  const StepContext common;

  PA_INLINE typename M::Constants constants(const Chunk<M>& at, size_t k) const {
    return kShared ? shared : M::load_constants(at.constant, k);
  }
  PA_INLINE StepContext context(const Chunk<M>& at, size_t k) const {
    StepContext x = common;
    if (!kStill) x.injected = at.injected[k];
    x.random.element = at.neuron[k];
    return x;
  }

  // These advance a chunk, and return whether any of it has spiked.
  PA_INLINE flag step(const Chunk<M>& at, flag* spiked) const {
    flag any = 0;
#pragma GCC ivdep
    for (size_t k = 0; k < PA_CHUNK; ++k) {
      typename M::State s = M::load_state(at.state, k);
      const typename M::Inputs in = M::take_inputs(at.input, k);
      spiked[k] = M::step(s, constants(at, k), in, context(at, k)) ? flag(1) : flag(0);
      M::store_state(at.state, k, s);
      any |= spiked[k];
    }
    return any;
  }
  PA_INLINE flag in_halves(const Chunk<M>& at, flag* spiked) const {
    alignas(64) real memory[M::n_work][PA_CHUNK];
    real* work[M::n_work];
    for (size_t j = 0; j < M::n_work; ++j) work[j] = memory[j];
    flag far = 0;
#pragma GCC ivdep
    for (size_t k = 0; k < PA_CHUNK; ++k) {
      typename M::State s = M::load_state(at.state, k);
      typename M::Work w;
      far |= M::begin(s, constants(at, k), M::take_inputs(at.input, k), context(at, k), w);
      M::store_first(at.state, k, s);
      M::store_work(work, k, w);
    }
    return far < 0 ? finish<false>(at, work, spiked) : finish<true>(at, work, spiked);
  }
  template <bool kNear>
  PA_INLINE flag finish(const Chunk<M>& at, real* const* work, flag* spiked) const {
    flag any = 0;
#pragma GCC ivdep
    for (size_t k = 0; k < PA_CHUNK; ++k) {
      typename M::State s = M::load_state(at.state, k);
      const typename M::Work w = M::load_work(work, k);
      spiked[k] = M::template finish<kNear>(s, constants(at, k), w, context(at, k)) ? flag(1) : flag(0);
      M::store_second(at.state, k, s);
      any |= spiked[k];
    }
    return any;
  }
};

template <class M, bool kShared, bool kStill>
void update_chunks(const pa_block* block, const pa_step* now, size_t chunk_begin, size_t chunk_end,
                   pa_spike_sink* out) {
  const Chunk<M> beginning(block, now, 0);
  const Loop<M, kShared, kStill> loop{
      M::load_constants(beginning.constant, 0),
      {kStill ? *beginning.injected : real(0), static_cast<real>(now->t_ms), static_cast<real>(block->dt_ms),
       Random{block->seed, block->stream, 0, static_cast<uint32_t>(now->step)}, in_registers(Phi1Near<real>{})}};
  for (size_t chunk = chunk_begin; chunk < chunk_end; ++chunk) {
    const Chunk<M> at(block, now, chunk);
    alignas(64) flag spiked[PA_CHUNK];
    flag any;
    if constexpr (Halved<M>::value)
      any = loop.in_halves(at, spiked);
    else
      any = loop.step(at, spiked);
    if (!(M::flags & PA_SPIKING) || any == 0) continue;
    for (size_t k = 0; k < PA_CHUNK && chunk * PA_CHUNK + k < block->n; ++k)
      if (spiked[k] != 0) push_spike(out, at.neuron[k], now->t_end_ms);
  }
}

template <class M>
void update(const pa_block* block, const pa_step* now, size_t chunk_begin, size_t chunk_end, pa_spike_sink* out) {
  uint32_t strides = 0;
  for (size_t j = 0; j < M::n_constants; ++j) strides |= block->constant_stride[j];
  if (strides != 0)
    update_chunks<M, false, false>(block, now, chunk_begin, chunk_end, out);
  else if (now->injected_stride != 0)
    update_chunks<M, true, false>(block, now, chunk_begin, chunk_end, out);
  else
    update_chunks<M, true, true>(block, now, chunk_begin, chunk_end, out);
}

// A model that has an `update` of its own is updated by that, any other by the loop above.
template <class M, class = void>
struct Update {
  static constexpr auto of = &update<M>;
};
template <class M>
struct Update<M, std::void_t<decltype(&M::update)>> {
  static constexpr auto of = &M::update;
};

template <class M>
const pa_neuron_kernel* export_neuron() {
  static const pa_neuron_kernel kernel = {
      PA_ABI_VERSION,      sizeof(real),   sizeof(acc),       M::flags,       M::name,
      M::n_params,         M::param_names, M::param_defaults, M::n_constants, M::constant_names,
      M::constant_depends, M::n_state,     M::state_names,    M::state_inits, M::n_inputs,
      M::input_names,      &M::derive,     Update<M>::of,
  };
  return &kernel;
}
#endif

}  // namespace pa

// One model per shared object, the just-in-time path.
#define PA_EXPORT_NEURON(M)                                                                              \
  extern "C" __attribute__((visibility("default"))) const pa_neuron_kernel* pa_neuron_kernel_get(void) { \
    return pa::export_neuron<M>();                                                                       \
  }
