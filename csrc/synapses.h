// All synapses with state: what happens to them in a step, and when.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "partition.h"
#include "plastic_store.h"
#include "ring.h"
#include "spikes.h"
#include "synapse_recorder.h"
#include "train.h"

namespace pa {

// Everything here but lay_out, set_* and reset is called by every thread for itself, and touches only what belongs to
// its own neurons.
class Synapses {
 public:
  explicit Synapses(unsigned threads) : changes_(threads), own_(threads) {}

  // Trains are kept; stores and recorders have to be given again.
  void lay_out(const Partition& partition);
  // Spikes of these neurons are kept from now on; returns what stores know them by.
  uint32_t add_modulator(const std::vector<uint32_t>& neurons);
  // Synapses with numbers from `first_new` on have not been in a store before.
  void set_stores(std::vector<std::shared_ptr<PlasticStore>> stores, uint64_t first_new, const Partition& partition);
  void set_recorders(std::vector<std::shared_ptr<SynapseRecorder>> recorders) { recorders_ = std::move(recorders); }
  void reset();
  // A neuron's train, or a modulator's, is what somebody else has kept.
  void load_train(size_t block, uint32_t position, uint32_t first, const int64_t* step, size_t n) {
    trains_[block].load(position, first, step, n);
  }
  void load_modulator(uint32_t modulator, uint32_t first, const int64_t* step, size_t n);
  // Forget arrivals on their way to synapses of the targets [first, end) of a block.
  void drop_due(size_t block, uint32_t first, uint32_t end) {
    for (const auto& store : stores_)
      if (store->block() == block) store->drop_due(first, end);
  }

  bool any() const { return !stores_.empty(); }
  // Whether something has to be done before each step, so that blocks cannot run through a window one after another.
  bool stepwise(int64_t step) const { return stepwise_ || step <= pending_until_; }
  // Whether windows have to be one step long, because of what was on its way when delays were changed.
  bool single_step(int64_t step) const { return step <= pending_until_; }
  // Whether late synapses have targets in this block.
  bool late(size_t block) const { return late_block_[block] != 0; }
  bool watches(size_t block) const { return watched_block_[block] != 0; }

  // Links to neurons are known.
  void begin_run();
  // Whether some add to variables of neurons.
  bool change_neurons() const { return change_neurons_; }

  // Neurons that nothing is added to, by position in each block.
  void set_disabled(const std::vector<std::vector<uint32_t>>& positions) { changes_.set_disabled(positions); }

  // Before neurons are updated.
  void begin_step(unsigned thread, int64_t step, bool first_of_window, const std::vector<Ring>& rings,
                  const std::vector<Ring>& late, const Published& published, size_t real_bytes);
  // When the thread's neurons have been: what synapses add to neurons is gathered.
  void end_step(unsigned thread, int64_t step, const Partition& partition, size_t real_bytes);
  // When all threads' neurons have been: it is added.
  void change(unsigned thread, int64_t step, const std::vector<pa_block>& blocks, size_t real_bytes) {
    changes_.apply(thread, step, blocks, real_bytes);
  }
  // Own neurons of a block that have spiked in this step.
  void spiked(size_t block, unsigned thread, const Partition& partition, const uint32_t* neuron, size_t n,
              int64_t step);
  // Spikes of all neurons, of a whole window.
  void take_modulators(unsigned thread, const std::vector<SpikeSpan>& spans, int64_t first_step);
  // Spikes of all neurons, of one step, and how many synapses they reach; and all of this step have been delivered.
  uint64_t deliver(unsigned thread, const SpikeSpan* begin, const SpikeSpan* end, int64_t step, const Ring& ring);
  void delivered(unsigned thread, int64_t step, bool last_of_window);

 private:
  struct Modulator {
    std::vector<bool> neuron;
    std::vector<Train> train;  // [thread]
  };
  struct Watched {
    size_t block;
    uint32_t position;
  };
  struct alignas(64) Own {
    std::vector<Watched> watched;
    size_t kept = 0;  // spikes since trains were last cut
  };
  void sample(unsigned thread, size_t store, int64_t boundary);
  void cut_trains(unsigned thread, int64_t last);

  std::vector<BlockTrains> trains_;  // [block]
  std::vector<uint8_t> watched_block_, late_block_;
  std::vector<Modulator> modulators_;
  std::vector<std::shared_ptr<PlasticStore>> stores_;
  std::vector<std::shared_ptr<SynapseRecorder>> recorders_;
  NeuronChanges changes_;
  std::vector<Own> own_;  // [thread]
  bool change_neurons_ = false;
  bool stepwise_ = false;
  int64_t pending_until_ = PA_NEVER;
  uint32_t longest_dendritic_ = 0, longest_modulator_delay_ = 0;
};

}  // namespace pa
