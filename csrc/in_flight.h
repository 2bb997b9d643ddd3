// Spikes on their way to static synapses that are walked a delay at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "deliver.h"
#include "ring.h"

namespace pa {

// There are two ways to bring a spike to its synapses. Pushed, it adds to the sums of all the steps in which it arrives
// at once; where delays differ, these sums are spread over a ring far larger than any cache. Pulled, it waits here, and
// in each step takes the part of its row that is due, which is contiguous as rows are sorted by delay: all spikes add
// to the sums of one step. Both add in the same order (step of the spike, store, place), so the results are the same.
class InFlight {
 public:
  // `weight`: one for each synapse, or null for `common`. n synapses, sorted, all of which come after their spike.
  void add(const uint32_t* synapse, const void* weight, double common, size_t n, int64_t emitted, uint32_t shift) {
    if (n > 0) spikes_.push_back({synapse, weight, common, emitted, static_cast<uint32_t>(n), *synapse >> shift});
  }

  // Add what arrives at this step to its sums.
  template <class acc>
  void land(int64_t step, const Ring& ring) {
    acc* const sums = reinterpret_cast<acc*>(ring.row(step));
    const uint32_t shift = ring.shift();
    size_t kept = 0;
    for (size_t k = 0; k < spikes_.size(); ++k) {
      if (k + kAhead < spikes_.size()) prefetch_due<acc>(spikes_[k + kAhead], step);
      Spike& spike = spikes_[k];
      if (step - spike.emitted == spike.delay) take<acc>(&spike, shift, sums);
      if (spike.left > 0) spikes_[kept++] = spike;
    }
    spikes_.resize(kept);
  }

  // Push what is left, as nobody will ask for it any more: rows are about to change.
  template <class acc>
  void settle(const Ring& ring) {
    for (const Spike& spike : spikes_)
      if (spike.weight == nullptr)
        add_uniform(spike.synapse, spike.left, static_cast<acc>(spike.common), ring.offset(spike.emitted), ring.mask(),
                    ring.data<acc>());
      else
        add_weighted(spike.synapse, static_cast<const acc*>(spike.weight), spike.left, ring.offset(spike.emitted),
                     ring.mask(), ring.data<acc>());
    spikes_.clear();
  }

 private:
  struct Spike {
    const uint32_t* synapse;  // the next one: delay << shift | lane
    const void* weight;
    double common;
    int64_t emitted;
    uint32_t left;   // synapses
    uint32_t delay;  // of the next one
  };
  // Of the pieces that come next, the beginning: the hardware finds the rest (a hundred synapses, where it matters).
  static constexpr size_t kAhead = 16, kSynapseLines = 1, kWeightLines = 2;

  template <class acc>
  static void prefetch_due(const Spike& spike, int64_t step) {
    if (step - spike.emitted != spike.delay) return;
    prefetch(spike.synapse, spike.left * sizeof(uint32_t), kSynapseLines);
    if (spike.weight != nullptr) prefetch(spike.weight, spike.left * sizeof(acc), kWeightLines);
  }

  template <class acc>
  static void take(Spike* spike, uint32_t shift, acc* __restrict sums) {
    const uint32_t lanes = static_cast<uint32_t>((uint64_t(1) << shift) - 1), last = *spike->synapse | lanes;
    const uint32_t n = count_up_to(spike->synapse, spike->left, last);
    if (spike->weight == nullptr) {
      add_uniform(spike->synapse, n, static_cast<acc>(spike->common), 0, lanes, sums);
    } else {
      add_weighted(spike->synapse, static_cast<const acc*>(spike->weight), n, 0, lanes, sums);
      spike->weight = static_cast<const acc*>(spike->weight) + n;
    }
    spike->synapse += n;
    spike->left -= n;
    if (spike->left > 0) spike->delay = *spike->synapse >> shift;
  }

  static uint32_t count_up_to(const uint32_t* synapse, uint32_t n, uint32_t last) {
    uint32_t k = 1;
    while (k < n && synapse[k] <= last) ++k;
    return k;
  }

  std::vector<Spike> spikes_;
};

}  // namespace pa
