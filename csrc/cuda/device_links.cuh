// What synapses with state read of their sources and add to neurons: see neuron_links.h.
#pragma once
#include "cuda/device_plasticity.cuh"
#include "cuda/device_published.cuh"

namespace pa {
namespace cuda {

// When spikes of the step have been noted: what synapses have to say to neurons by now is said.
template <class Models>
void change_neurons(const Grid& grid, const Network& net, int64_t step) {
  const Plastic& p = *net.plastic();
  grid.phase_if(step >= 0, [&](const Thread& me) {
    catch_up_synapses<Models>(p, me, step, [](const PlasticStore& store) { return store.changes != 0; });
  });
  grid.phase_if(step >= 0, [&](const Thread& me) {
    for (uint64_t c = 0; c < p.n_changes; ++c) {
      const NeuronChange& change = p.change[c];
      const Block& b = net.block[change.block];
      real* const state = static_cast<real*>(b.neurons.state[change.state]);
      for (uint64_t j = me.number(); j < change.n; j += me.count()) {
        const uint32_t k = change.position[j];
        const bool heeds = b.disabled == nullptr || b.disabled[k] == 0;
        for (uint64_t e = change.begin[j]; e < change.begin[j + 1]; ++e) {
          real& value = *static_cast<real*>(change.value[e]);
          if (value != 0 && heeds) state[k] += value;
          value = 0;
        }
      }
    }
  });
}

}  // namespace cuda
}  // namespace pa
