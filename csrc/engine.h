// The time loop of a laid-out network: update, exchange, deliver, window by window, on all threads.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

#include "abi.h"
#include "barrier.h"
#include "coupling.h"
#include "disabled.h"
#include "in_flight.h"
#include "injector.h"
#include "partition.h"
#include "phases.h"
#include "recorder.h"
#include "ring.h"
#include "rows.h"
#include "spikes.h"
#include "store.h"
#include "synapses.h"

namespace pa {

// All neurons of one model. Every pointer is the caller's and stays valid until the next lay_out.
struct BlockSpec {
  const pa_neuron_kernel* kernel;
  uint32_t n;
  const uint32_t* neuron;
  std::vector<void*> state;
  std::vector<const void*> constant;
  std::vector<uint32_t> constant_stride;
  const void* source_data;
  uint32_t stream;
};

// Called from the calling thread between windows, about every 50 ms; not 0 stops the run at the end of the window.
struct Poll {
  int (*call)(void* context, int64_t step);
  void* context;
};

// How spikes reach static synapses (in_flight.h). The results are the same.
enum class Delivery { kChosen, kPushed, kPulled };

class Engine {
 public:
  Engine(double dt_ms, uint64_t seed, unsigned threads, size_t real_bytes, size_t acc_bytes);

  // Blocks only grow and are only appended to; input in flight moves along. `window` steps run between two exchanges:
  // no delay may be shorter. `late_slots`: steps from when a late synapse is processed to its input, that one counted,
  // 0 without such synapses. Of the threads, the first `working` share the neurons. Returns whether neurons or lanes
  // have moved: stores, injections, signals and spike logs, which refer to them, are then dropped and have to be given
  // again.
  bool lay_out(std::vector<BlockSpec> blocks, uint32_t n_neurons, uint32_t max_delay, uint32_t window,
               uint32_t late_slots, unsigned working);
  void set_stores(std::vector<std::shared_ptr<const Store>> stores);
  uint32_t add_modulator(const std::vector<uint32_t>& neurons) { return synapses_.add_modulator(neurons); }
  // For an engine that keeps the books of another one, which runs.
  Synapses* synapses() { return &synapses_; }
  std::shared_ptr<PlasticStore> make_plastic_store(const pa_synapse_kernel* kernel, size_t block, bool late,
                                                   uint32_t modulator, uint32_t modulator_delay,
                                                   const std::vector<PlasticArrays>& synapses) const;
  // Synapses with numbers from `first_new` on are new.
  void set_plastic_stores(std::vector<std::shared_ptr<PlasticStore>> stores, uint64_t first_new);
  void set_synapse_recorders(std::vector<std::shared_ptr<SynapseRecorder>> recorders);
  void set_injections(const std::vector<Injection>& injections);
  void set_coupling(const GapJunctions& junctions);
  void set_rows(Published published, std::vector<RowsStore> stores, std::vector<ReducedInput> inputs);
  void set_rows_recorders(std::vector<std::shared_ptr<RowsRecorder>> recorders);
  // [threads + 1] which rows of a store are whose.
  const std::vector<size_t>& rows_begin(size_t store) const { return rows_.store(store).row_begin; }
  void set_signals(std::vector<std::shared_ptr<SignalRecorder>> signals);
  void set_spike_logs(std::vector<SpikeRouter::Entry> entries);
  // Neurons, by position in each block, that are left as they are and emit nothing; input to them is lost.
  void set_disabled(const std::vector<std::vector<uint32_t>>& positions);
  // Forget what is on its way to the neurons [first, end) of a block.
  void clear_input(size_t block, uint32_t first, uint32_t end);

  const Partition& partition() const { return *partition_; }
  std::vector<uint32_t> lane_bits() const;
  size_t acc_bytes() const { return acc_bytes_; }

  // Steps done, fewer than n_steps only if poll said so. On an exception the network is at the end of a window, too.
  int64_t run(int64_t n_steps, Poll poll);
  void set_delivery(Delivery delivery) { delivery_ = delivery; }
  // Whether the next run pulls.
  bool pulls() const;
  // Whether runs count where their time goes, from now on; that begins anew.
  void measure(bool on);
  const std::vector<PhaseTimes>& phases() const { return phases_; }  // [thread]
  // Back to step 0 with nothing in flight; the states are the caller's business.
  void reset();
  int64_t step() const { return next_step_ < 0 ? 0 : next_step_; }

 private:
  // What a thread needs of its own during a run.
  struct alignas(64) Worker {
    bool sense = false;
    std::exception_ptr error;
    std::vector<SpikeSpan> spans;
    std::vector<void*> input;
    InFlight in_flight;
  };
  struct Run {
    int64_t first_step, n_steps;
    Poll poll;
    Barrier barrier;
    std::atomic<int64_t> last_window{INT64_MAX};
    std::vector<Worker> workers;
    std::chrono::steady_clock::time_point next_poll;
    int64_t end_step = 0;
  };

  uint32_t steps_in_window(int64_t step, int64_t end) const;
  void work(Run* run, unsigned thread);
  void update(unsigned thread, Worker* worker, SpikeBuffer* spikes, int64_t step, uint32_t steps);
  void update_step(unsigned thread, Worker* worker, size_t block, int64_t step, pa_spike_sink* sink);
  void add_late_input(unsigned thread, size_t block, int64_t step) const;
  // Where the input of this step is summed.
  const std::vector<Ring>& rings_of(int64_t step) const { return step < near_from_ ? rings_ : near_rings_; }
  void begin_pulling(int64_t n_steps);
  void land(unsigned thread, InFlight* in_flight, int64_t step, uint32_t steps) const;
  void settle(unsigned thread, InFlight* in_flight) const;
  void finish_step(unsigned thread, int64_t step);
  void collect(size_t parity, uint32_t steps, std::vector<SpikeSpan>* spans) const;
  uint64_t deliver(unsigned thread, const std::vector<SpikeSpan>& spans, int64_t step, InFlight* in_flight) const;
  // To the ring or, if it is not null, to what is in flight.
  uint64_t deliver_step(unsigned thread, const SpikeSpan* begin, const SpikeSpan* end, int64_t step,
                        InFlight* in_flight = nullptr) const;
  uint64_t deliver_stepwise(unsigned thread, const std::vector<SpikeSpan>& spans, int64_t step, uint32_t steps);
  void log(unsigned thread, const std::vector<SpikeSpan>& spans) const;
  void poll(Run* run, int64_t window, int64_t step);
  bool same_shape(const std::vector<BlockShape>& shapes, uint32_t n_neurons, unsigned working) const;
  std::vector<Ring> resized(const std::vector<Ring>& rings, const Partition& to, uint32_t slots) const;
  void move_input(const std::vector<Ring>& from, const Partition& to, std::vector<Ring>* rings) const;

  const double dt_ms_;
  const uint64_t seed_;
  const unsigned threads_;
  const size_t real_bytes_, acc_bytes_;
  int64_t next_step_ = -1;  // -1: spike sources have still to be asked for spikes at t = 0
  uint32_t window_ = 1;

  std::vector<BlockSpec> specs_;
  std::vector<pa_block> blocks_;
  std::unique_ptr<Partition> partition_;
  std::vector<Ring> rings_, late_rings_;  // [thread]; the latter are for synapses that are processed late, if any
  Delivery delivery_ = Delivery::kChosen;
  bool pulling_ = false;           // in the run that is on
  int64_t near_from_ = INT64_MAX;  // steps from this one on find nothing in rings_
  std::vector<Ring> near_rings_;   // [thread] the sums of one window, if the run gets as far as that
  std::vector<std::shared_ptr<const Store>> stores_;
  Synapses synapses_;
  Injector injector_;
  Coupling coupling_;
  Disabled disabled_;
  Rows rows_;
  std::vector<std::vector<std::shared_ptr<SignalRecorder>>> signals_;  // [block]
  SpikeRouter router_;
  bool measured_ = false;
  std::vector<PhaseTimes> phases_;
  // Written in turn: a thread that is one window ahead does not overwrite what others still read.
  std::vector<std::unique_ptr<SpikeBuffer>> spikes_[2];  // [thread]
};

}  // namespace pa
