// One step of the neurons of one block, a thread a neuron, by the structs that the CPU's loop calls.
#pragma once
#include "cuda/device_coupling.cuh"
#include "cuda/device_network.cuh"
#include "cuda/device_published.cuh"
#include "neuron_model.h"

namespace pa {
namespace cuda {

constexpr int64_t kFixedLimit = int64_t(1) << 62;

template <class M>
void take_input(const Network& net, const Block& b, uint32_t k, int64_t step, acc* input) {
  int64_t* const row = net.ring + ((uint64_t(step) << net.lane_bits) & net.mask) + b.first_lane + k;
  for (uint32_t j = 0; j < M::n_inputs; ++j) {
    int64_t& sum = row[j * b.lanes];
    if (sum > kFixedLimit || sum < -kFixedLimit) add(&net.status->overflow, 1);
    input[j] = static_cast<acc>(static_cast<double>(sum) * b.unit[j]);
    sum = 0;
    if (net.continuous() != nullptr) add_fed(net, b, k, j, input + j);
  }
}

// What arrives at a neuron that is left as it is.
template <class M>
void lose_input(const Network& net, const Block& b, uint32_t k, int64_t step) {
  int64_t* const row = net.ring + ((uint64_t(step) << net.lane_bits) & net.mask) + b.first_lane + k;
  for (uint32_t j = 0; j < M::n_inputs; ++j) row[j * b.lanes] = 0;
}

inline real injected(const Network& net, const Block& b, uint32_t k, int64_t step) {
  real sum = 0;
  for (uint32_t j = b.injection_begin == nullptr ? 0 : b.injection_begin[k];
       b.injection_begin != nullptr && j < b.injection_begin[k + 1]; ++j)
    sum += static_cast<real>(net.waveform[b.injection[j] * net.waveform_steps + (step - net.first_waveform_step)]);
  if (net.coupling() != nullptr) sum += coupling_current(net, b, k);
  return sum;
}

// A model of equations.
template <class M, class = void>
struct Advance {
  static void one(const Network& net, const Block& b, uint32_t k, int64_t step, pa_spike_sink* out) {
    if (step < 0 && (M::flags & PA_SOURCE) == 0) return;
    const pa_block& block = b.neurons;
    real* state[M::n_state];
    const real* constant[M::n_constants > 0 ? M::n_constants : 1];
    acc input[M::n_inputs > 0 ? M::n_inputs : 1];
    acc* from[M::n_inputs > 0 ? M::n_inputs : 1];
    for (uint32_t j = 0; j < M::n_state; ++j) state[j] = static_cast<real*>(block.state[j]);
    for (uint32_t j = 0; j < M::n_constants; ++j)
      constant[j] =
          static_cast<const real*>(block.constant[j]) + (k / PA_CHUNK) * block.constant_stride[j] + k % PA_CHUNK;
    if (M::n_inputs > 0) take_input<M>(net, b, k, step, input);
    for (uint32_t j = 0; j < M::n_inputs; ++j) from[j] = input + j;
    typename M::State s = M::load_state(state, k);
    const typename M::Constants own = M::load_constants(constant, 0);
    const typename M::Inputs in = M::take_inputs(from, 0);
    const double t_ms = static_cast<double>(step) * block.dt_ms;
    const StepContext x{injected(net, b, k, step), static_cast<real>(t_ms), static_cast<real>(block.dt_ms),
                        Random{block.seed, block.stream, block.neuron[k], static_cast<uint32_t>(step)}};
    const bool spikes = step_alone<M>(s, own, in, x);
    M::store_state(state, k, s);
    if (spikes && net.coupling() != nullptr) note_reset(net, b, k);
    if (spikes && (M::flags & PA_SPIKING))
      push_spike(out, block.neuron[k], static_cast<double>(step + 1) * block.dt_ms);
  }
};

// A hand-written source, which may emit several spikes.
template <class M>
struct Advance<M, std::void_t<decltype(&M::update_neuron)>> {
  static void one(const Network&, const Block& b, uint32_t k, int64_t step, pa_spike_sink* out) {
    const pa_step now{step,
                      static_cast<double>(step) * b.neurons.dt_ms,
                      static_cast<double>(step + 1) * b.neurons.dt_ms,
                      nullptr,
                      nullptr,
                      0};
    M::update_neuron(&b.neurons, &now, k, out);
  }
};

template <class M>
void update_block(const Network& net, const Block& b, const Thread& me, int64_t step) {
  const bool shown = net.continuous() != nullptr && net.coupling() == nullptr && !change_late(net) && step >= 0;
  for (uint64_t k = me.number(); k < b.neurons.n; k += me.count()) {
    if (b.disabled == nullptr || b.disabled[k] == 0)
      Advance<M>::one(net, b, static_cast<uint32_t>(k), step, &net.spikes[step & 1]);
    else if (step >= 0)
      lose_input<M>(net, b, static_cast<uint32_t>(k), step);
    if (shown) publish(net, b, k, step + 1);
  }
}

}  // namespace cuda
}  // namespace pa
