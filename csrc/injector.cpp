#include "injector.h"

#include <algorithm>

namespace pa {

Injector::Injector(const std::vector<Injection>& injections, const Partition& partition, size_t real_bytes)
    : real_bytes_(real_bytes), blocks_(partition.n_blocks()), owned_(partition.n_blocks()) {
  std::vector<bool> used(partition.n_blocks(), false);
  for (const Injection& injection : injections)
    for (const uint32_t neuron : injection.neurons) used[partition.place(neuron).block] = true;
  for (size_t b = 0; b < blocks_.size(); ++b) {
    const size_t chunks = used[b] ? (partition.block(b).n + PA_CHUNK - 1) / PA_CHUNK : 1;
    blocks_[b].memory = zeroed(chunks * PA_CHUNK * real_bytes);
    blocks_[b].stride = used[b] ? PA_CHUNK : 0;
    blocks_[b].shares.resize(partition.threads());
    for (unsigned t = 0; t < partition.threads(); ++t) owned_[b].push_back(partition.share(t, b));
  }
  for (const Injection& injection : injections) {
    alive_.push_back(injection.waveform);
    const Waveform* const waveform = injection.waveform.get();
    for (const uint32_t neuron : injection.neurons) {
      const Place place = partition.place(neuron);
      Share& share = blocks_[place.block].shares[place.thread];
      if (share.waveform.empty() || share.waveform.back() != waveform) {
        share.waveform.push_back(waveform);
        share.value.push_back(0.0);
        share.position.emplace_back();
      }
      share.position.back().push_back(place.position);
    }
  }
}

void Injector::apply(unsigned thread, size_t block, int64_t step) {
  Share& share = blocks_[block].shares[thread];
  if (share.waveform.empty()) return;
  bool changed = share.fresh;
  for (size_t k = 0; k < share.waveform.size(); ++k) {
    const double value = share.waveform[k]->at(step);
    changed = changed || value != share.value[k];
    share.value[k] = value;
  }
  if (!changed) return;
  share.fresh = false;
  const size_t first = size_t(owned_[block][thread].chunk_begin) * PA_CHUNK;
  const size_t last = size_t(owned_[block][thread].chunk_end) * PA_CHUNK;
  if (real_bytes_ == sizeof(float))
    add_up(share, blocks_[block].memory.as<float>(), first, last);
  else
    add_up(share, blocks_[block].memory.as<double>(), first, last);
}

template <class real>
void Injector::add_up(const Share& share, real* memory, size_t first, size_t last) {
  std::fill(memory + first, memory + last, real(0));
  for (size_t k = 0; k < share.waveform.size(); ++k) {
    const real value = static_cast<real>(share.value[k]);
    for (const uint32_t position : share.position[k]) memory[position] += value;
  }
}

}  // namespace pa
