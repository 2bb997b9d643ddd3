// What a compiled neuron model includes: the number types, the maths, the update loop and the export of its kernel.
//
// A model is a struct M with
//   name, flags, param_names, param_defaults, constant_names, constant_depends, state_names, state_inits, input_names
//   struct State, Constants, Inputs       plain structs of `real`, members in the order of the names
//   State     load_state(real* const*, size_t)              Constants load_constants(const real* const*, size_t)
//   void      store_state(real* const*, size_t, State)      Inputs    take_inputs(acc* const*, size_t)
//   void      derive(const double* params, double dt_ms, double* constants)
//   bool      step(State&, const Constants&, const Inputs&, const StepContext&)    true when the neuron spikes
// and is exported by PA_EXPORT_NEURON(M). native/printer.py writes such structs from equations.
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

#ifndef PA_ON_DEVICE  // which has a loop of its own, csrc/cuda/device_neurons.cuh
// `kShared`: every constant is the same in all chunks, so that it is read once, into a register or a place at a known
// distance from the stack pointer; with 16 constants a fifth of the time of a step is that of loading their addresses.
template <class M, bool kShared>
void update_chunks(const pa_block* block, const pa_step* now, size_t chunk_begin, size_t chunk_end,
                   pa_spike_sink* out) {
  const real t_ms = static_cast<real>(now->t_ms), dt_ms = static_cast<real>(block->dt_ms);
  const uint32_t step = static_cast<uint32_t>(now->step);
  const real* constant[M::n_constants > 0 ? M::n_constants : 1];
  for (size_t j = 0; j < M::n_constants; ++j) constant[j] = static_cast<const real*>(block->constant[j]);
  const typename M::Constants shared = M::load_constants(constant, 0);
  for (size_t chunk = chunk_begin; chunk < chunk_end; ++chunk) {
    const size_t first = chunk * PA_CHUNK;
    real* state[M::n_state];
    acc* input[M::n_inputs > 0 ? M::n_inputs : 1];
    for (size_t j = 0; j < M::n_state; ++j) state[j] = static_cast<real*>(block->state[j]) + first;
    for (size_t j = 0; j < M::n_constants; ++j)
      constant[j] = static_cast<const real*>(block->constant[j]) + chunk * block->constant_stride[j];
    for (size_t j = 0; j < M::n_inputs; ++j) input[j] = static_cast<acc*>(now->input[j]) + first;
    const real* injected = static_cast<const real*>(now->injected) + chunk * now->injected_stride;

    alignas(64) flag spiked[PA_CHUNK];
#pragma GCC ivdep
    for (size_t k = 0; k < PA_CHUNK; ++k) {
      typename M::State s = M::load_state(state, k);
      const typename M::Constants own = kShared ? shared : M::load_constants(constant, k);
      const typename M::Inputs in = M::take_inputs(input, k);
      const StepContext ctx{injected[k], t_ms, dt_ms,
                            Random{block->seed, block->stream, block->neuron[first + k], step}};
      const bool spikes = M::step(s, own, in, ctx);
      M::store_state(state, k, s);
      spiked[k] = spikes ? flag(1) : flag(0);
    }
    if (M::flags & PA_SPIKING) {
      flag any = 0;
      for (size_t k = 0; k < PA_CHUNK; ++k) any |= spiked[k];
      if (any == 0) continue;
      for (size_t k = 0; k < PA_CHUNK && first + k < block->n; ++k)
        if (spiked[k] != 0) push_spike(out, block->neuron[first + k], now->t_end_ms);
    }
  }
}

template <class M>
void update(const pa_block* block, const pa_step* now, size_t chunk_begin, size_t chunk_end, pa_spike_sink* out) {
  uint32_t strides = 0;
  for (size_t j = 0; j < M::n_constants; ++j) strides |= block->constant_stride[j];
  if (strides == 0)
    update_chunks<M, true>(block, now, chunk_begin, chunk_end, out);
  else
    update_chunks<M, false>(block, now, chunk_begin, chunk_end, out);
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
