// Synapses with state of one model onto one block: kept, and brought up to date when something happens to them.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "abi.h"
#include "due.h"
#include "echo_store.h"
#include "neuron_links.h"
#include "plastic_rows.h"
#include "ring.h"

namespace pa {

class Published;

// Where the state of one thread's synapses is, one element per synapse of the store's order. The arrays are the
// caller's; see pa_synapses for their meaning.
struct PlasticState {
  std::vector<void*> variable;
  std::vector<const void*> constant;
  std::vector<uint32_t> constant_stride;
  int64_t *last, *last_pre, *last_post;
  uint32_t *seen, *seen_modulator;
  int64_t *row_from, *heard;
  bool by_row = false, by_target = false;
};

// What synapses of one store do at all.
struct PlasticSwitches {
  bool transmits = true;  // else what reaches a synapse is lost
  uint32_t held = PA_HELD_NONE;
  int64_t tick_period = 1, tick_offset = 0;  // equations of every step: in those that are offset modulo period
};

// Arrivals that were on their way when synapses were laid out anew, in the order in which they act.
struct Pending {
  std::vector<int64_t> event, emitted;
  std::vector<uint32_t> number, repeat;
  std::vector<int32_t> delay;  // from the event to the target's input
};

class PlasticStore {
 public:
  static constexpr uint32_t kNoModulator = UINT32_MAX;

  // `late`: a spike is processed at the step in which it reaches the synapses, not when it is delivered.
  PlasticStore(const pa_synapse_kernel* kernel, size_t block, bool late, uint32_t modulator, uint32_t modulator_delay,
               const std::vector<PlasticArrays>& synapses, const Partition& partition,
               const std::vector<uint32_t>& lane_bits, double dt_ms, uint64_t seed);

  const pa_synapse_kernel& kernel() const { return *kernel_; }
  size_t block() const { return block_; }
  bool late() const { return late_; }
  bool asks(uint32_t flags) const { return (kernel_->flags & flags) != 0; }
  bool reads_targets() const { return kernel_->n_post > 0; }
  bool changes_neurons() const { return !links_.changes.empty(); }
  // Whether events have to be applied in their step, because the equations of every step or the neurons go on.
  bool every_step() const { return asks(PA_SYNAPSE_CLOCKED | PA_SYNAPSE_TRANSMITS) || reads_targets() || links_.any(); }
  uint32_t modulator() const { return modulator_; }
  uint32_t modulator_delay() const { return modulator_delay_; }
  uint32_t first_source() const { return first_source_; }
  uint32_t end_source() const { return end_source_; }
  uint32_t longest_dendritic() const { return longest_dendritic_; }

  size_t size(unsigned thread) const { return parts_[thread].rows.n; }
  const uint32_t* number(unsigned thread) const { return parts_[thread].rows.number.as<uint32_t>(); }
  const std::vector<uint64_t>& row_first(unsigned thread) const { return parts_[thread].rows.first; }
  const uint32_t* target(unsigned thread) const { return parts_[thread].rows.target.as<uint32_t>(); }
  size_t bytes() const;

  // To be called for every thread before anything happens, and again when arrays have moved.
  void attach(unsigned thread, const PlasticState& state, const std::vector<const void*>& post, uint32_t stream);
  // Synapses with numbers from `first_new` on are new: spikes that there have been are not theirs to take.
  void watch(unsigned thread, pa_train* trains, uint64_t first_new);
  // After the dendritic delays of synapses first ... end - 1 became shorter: what would have arrived by the event
  // `last` does so at it.
  void settle(uint64_t first, uint64_t end, int64_t last);
  // Whether what targets' spikes leave behind may be kept once for all synapses of a target, by position in the block.
  bool may_echo() const;
  // Before the first attach with by_target, and whenever all is as it began at an event: the values of the variables.
  void begin_echoes(size_t n_targets, const std::vector<double>& first, int64_t began);
  // Before an attach without by_target after one with it: events up to `last` have happened, and every synapse gets its
  // own target variables, last, last_post and seen.
  void part_targets(unsigned thread, int64_t last, const PlasticState& to);
  void set_links(NeuronLinks links);
  // Input goes to others of the target's inputs as well, by how far these are from the first; what is transmitted in
  // every step goes to the row of a later step.
  void set_outlets(const std::vector<uint32_t>& inputs, uint32_t ahead, const Partition& partition);
  void set_switches(const PlasticSwitches& switches);
  void set_modulator(unsigned thread, const pa_train& train) { parts_[thread].view.modulator = train; }

  // A target has spiked; and all synapses have taken what arrived up to an event.
  void echo(unsigned thread, uint32_t target, int64_t step);
  void drop_echoes(unsigned thread, uint32_t target, int64_t last);
  // Spikes of one step; input goes to the ring, or it is noted when it will.
  uint64_t deliver(unsigned thread, const uint32_t* neuron, size_t n, int64_t step, const Ring& ring);
  // Process what reaches the synapses at this event; input goes to the ring of late synapses.
  void take_due(unsigned thread, int64_t event, const Ring& ring);
  // Before a step: bring what synapses read of their sources.
  void look_at_sources(unsigned thread, int64_t step, const Published& published, size_t real_bytes);
  // What is transmitted at the end of a step, whether there are spikes or not.
  void transmit(unsigned thread, int64_t step, const Ring& ring);
  // After a step: what synapses add to neurons.
  void take_changes(unsigned thread, const Partition& partition, size_t real_bytes, std::vector<NeuronChange>* changes);
  void catch_up(unsigned thread, int64_t last);
  void tick(unsigned thread, int64_t step);
  void observe(unsigned thread, const uint64_t* index, size_t n, uint32_t variable, int64_t last, double* values);

  // What is on its way after an event, and to put it back into other synapses than it was taken from.
  void export_pending(int64_t after, Pending* pending) const;
  void import_pending(const Pending& pending, int64_t after);
  // The last event that was put back: up to it, there is something due in a store that is not late, too.
  int64_t pending_until() const { return pending_until_; }
  void clear_due();
  // Forget arrivals that are on their way to synapses of targets [first, end), by position in the block.
  void drop_due(uint32_t first, uint32_t end);

 private:
  struct alignas(64) Part {
    PlasticRows rows;
    PlasticState state;
    std::vector<const void*> post;
    pa_synapses view;
    Due due;
    std::vector<uint32_t> further;  // see pa_arrival
    Memory nowhere;                 // where input goes that means nothing to its targets: one number
    pa_train* trains = nullptr;
    std::vector<double> echoed;  // scratch for the values of one target
  };
  pa_arrival arrival_at(const Part& part, int64_t event, int64_t emitted, uint32_t repeat, const Ring& ring) const;
  void find_sources(const std::vector<PlasticArrays>& synapses);
  void pass_over(Part* part, int64_t last) const;
  uint32_t lane_delay(const Part& part, unsigned thread, uint64_t synapse) const {
    return part.rows.lane.as<uint32_t>()[synapse] >> lane_bits_[thread];
  }
  bool is_of_row(uint32_t variable) const { return variable < 64 && (kernel_->row_variables >> variable & 1) != 0; }
  bool is_of_target(uint32_t variable) const {
    return variable < 64 && (kernel_->target_variables >> variable & 1) != 0;
  }
  void prefetch_span(const Part& part, uint64_t begin, size_t count) const;
  void prefetch_row(const Part& part, uint32_t source) const;

  const pa_synapse_kernel* kernel_;
  const size_t block_;
  const bool late_;
  bool deaf_ = false;  // the targets have no input
  const uint32_t modulator_, modulator_delay_;
  PlasticSwitches switches_;
  NeuronLinks links_;
  uint32_t ahead_ = 0;
  uint32_t first_source_ = 0, end_source_ = 0, longest_axonal_ = 0, longest_dendritic_ = 0;
  int64_t pending_until_ = PA_NEVER;
  std::vector<uint32_t> lane_bits_;  // [thread]
  std::vector<Part> parts_;          // [thread]
  EchoStore echoes_;
};

}  // namespace pa
