#include "engine.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "denormals.h"
#include "parallel.h"

namespace pa {

namespace {
constexpr std::chrono::milliseconds kPollInterval{50};
// Pulling pays where the sums of a thread that a spike may reach exceed the cache, and pieces are not too short.
constexpr size_t kCacheBytes = size_t(1) << 20, kMinPiece = 8;
}  // namespace

Engine::Engine(double dt_ms, uint64_t seed, unsigned threads, size_t real_bytes, size_t acc_bytes)
    : dt_ms_(dt_ms),
      seed_(seed),
      threads_(threads),
      real_bytes_(real_bytes),
      acc_bytes_(acc_bytes),
      synapses_(threads) {
  for (auto& buffers : spikes_)
    for (unsigned t = 0; t < threads; ++t) buffers.push_back(std::make_unique<SpikeBuffer>());
  lay_out({}, 0, 1, 1, 0, threads);
}

bool Engine::lay_out(std::vector<BlockSpec> blocks, uint32_t n_neurons, uint32_t max_delay, uint32_t window,
                     uint32_t late_slots, unsigned working) {
  std::vector<BlockShape> shapes;
  for (const BlockSpec& block : blocks) {
    if (block.kernel->abi_version != PA_ABI_VERSION)
      throw std::invalid_argument("model compiled for another ABI version");
    if (block.kernel->state_bytes != real_bytes_ || block.kernel->acc_bytes != acc_bytes_)
      throw std::invalid_argument("model compiled for another precision");
    shapes.push_back({block.n, block.kernel->n_inputs, block.neuron});
  }
  const bool moved = !same_shape(shapes, n_neurons, working);
  auto partition = moved ? std::make_unique<Partition>(shapes, n_neurons, threads_, working) : nullptr;
  const Partition& next = moved ? *partition : *partition_;
  // A shorter ring than before could not hold what is in flight.
  const auto outgrown = [&](const std::vector<Ring>& rings, uint32_t slots) {
    return rings.empty() ? slots > 0 : moved || slots > rings[0].slots();
  };
  const bool new_rings = outgrown(rings_, max_delay), new_late_rings = outgrown(late_rings_, late_slots);
  std::vector<Ring> rings, late_rings;
  if (new_rings) rings = resized(rings_, next, max_delay);
  if (new_late_rings) late_rings = resized(late_rings_, next, late_slots);
  if (new_rings) rings_ = std::move(rings);
  if (new_late_rings) late_rings_ = std::move(late_rings);
  if (moved) partition_ = std::move(partition);

  specs_ = std::move(blocks);
  blocks_.clear();
  for (const BlockSpec& s : specs_)
    blocks_.push_back({s.n, s.neuron, s.state.data(), s.constant.data(), s.constant_stride.data(), s.source_data,
                       dt_ms_, seed_, s.stream});
  window_ = window;
  if (moved) {
    set_stores({});
    synapses_.lay_out(*partition_);
    set_injections({});
    coupling_ = Coupling();
    disabled_ = Disabled();
    rows_ = Rows();
    set_signals({});
    set_spike_logs({});
  }
  return moved;
}

bool Engine::same_shape(const std::vector<BlockShape>& shapes, uint32_t n_neurons, unsigned working) const {
  if (!partition_ || partition_->working() != working || partition_->n_neurons() != n_neurons ||
      partition_->n_blocks() != shapes.size())
    return false;
  for (size_t b = 0; b < shapes.size(); ++b)
    if (partition_->block(b).n != shapes[b].n) return false;
  return true;
}

std::vector<Ring> Engine::resized(const std::vector<Ring>& rings, const Partition& to, uint32_t slots) const {
  if (!rings.empty()) slots = std::max(slots, rings[0].slots());
  std::vector<Ring> next;
  for (unsigned t = 0; t < threads_; ++t) next.emplace_back(to.lanes(t), slots, acc_bytes_);
  if (!rings.empty()) move_input(rings, to, &next);
  return next;
}

void Engine::move_input(const std::vector<Ring>& old_rings, const Partition& to, std::vector<Ring>* rings) const {
  const size_t bytes = PA_CHUNK * acc_bytes_;
  const Partition& from = *partition_;
  for (size_t b = 0; b < from.n_blocks(); ++b)
    for (uint32_t at = 0; at < from.block(b).n; at += PA_CHUNK) {
      const Ring& old_ring = old_rings[from.owner(b, at)];
      const Ring& new_ring = (*rings)[to.owner(b, at)];
      for (uint32_t r = 0; r < from.block(b).n_inputs; ++r) {
        const size_t old_lane = acc_bytes_ * from.share(from.owner(b, at), b).lane(r, at);
        const size_t new_lane = acc_bytes_ * to.share(to.owner(b, at), b).lane(r, at);
        for (int64_t s = next_step_; s < next_step_ + old_ring.slots(); ++s)
          std::memcpy(new_ring.row(s) + new_lane, old_ring.row(s) + old_lane, bytes);
      }
    }
}

void Engine::set_stores(std::vector<std::shared_ptr<const Store>> stores) { stores_ = std::move(stores); }

std::shared_ptr<PlasticStore> Engine::make_plastic_store(const pa_synapse_kernel* kernel, size_t block, bool late,
                                                         uint32_t modulator, uint32_t modulator_delay,
                                                         const std::vector<PlasticArrays>& synapses) const {
  if (kernel->state_bytes != real_bytes_ || kernel->acc_bytes != acc_bytes_)
    throw std::invalid_argument("model compiled for another precision");
  return std::make_shared<PlasticStore>(kernel, block, late, modulator, modulator_delay, synapses, *partition_,
                                        lane_bits(), dt_ms_, seed_);
}

void Engine::set_plastic_stores(std::vector<std::shared_ptr<PlasticStore>> stores, uint64_t first_new) {
  synapses_.set_stores(std::move(stores), first_new, *partition_);
}

void Engine::set_synapse_recorders(std::vector<std::shared_ptr<SynapseRecorder>> recorders) {
  synapses_.set_recorders(std::move(recorders));
}

void Engine::set_injections(const std::vector<Injection>& injections) {
  injector_ = Injector(injections, *partition_, real_bytes_);
}

void Engine::set_coupling(const GapJunctions& junctions) {
  GapJunctions placed = junctions;
  for (const uint32_t neuron : junctions.neuron) {
    const Place at = partition_->place(neuron);
    placed.block.push_back(at.block);
    placed.position.push_back(at.position);
  }
  coupling_ = Coupling(placed, *partition_, real_bytes_, dt_ms_);
}

void Engine::set_rows(Published published, std::vector<RowsStore> stores, std::vector<ReducedInput> inputs) {
  rows_ = Rows(std::move(published), std::move(stores), std::move(inputs), *partition_, real_bytes_, acc_bytes_);
}

void Engine::set_rows_recorders(std::vector<std::shared_ptr<RowsRecorder>> recorders) {
  rows_.set_recorders(std::move(recorders));
}

void Engine::set_signals(std::vector<std::shared_ptr<SignalRecorder>> signals) {
  signals_.assign(specs_.size(), {});
  for (auto& signal : signals) {
    signal->lay_out(*partition_);
    signals_[signal->block()].push_back(std::move(signal));
  }
}

void Engine::set_spike_logs(std::vector<SpikeRouter::Entry> entries) {
  router_ = SpikeRouter(std::move(entries), partition_->n_neurons());
}

void Engine::set_disabled(const std::vector<std::vector<uint32_t>>& positions) {
  disabled_ = Disabled(positions, blocks_, *partition_, real_bytes_);
  synapses_.set_disabled(positions);
}

void Engine::clear_input(size_t block, uint32_t first, uint32_t end) {
  if (block >= partition_->n_blocks()) return;  // nothing has been sent to it yet
  end = std::min(end, partition_->block(block).n);
  for (uint32_t position = first; position < end; ++position) {
    const unsigned thread = partition_->owner(block, position);
    for (const auto* rings : {&rings_, &late_rings_})
      for (uint32_t slot = 0; !rings->empty() && slot < (*rings)[thread].slots(); ++slot)
        for (uint32_t r = 0; r < partition_->block(block).n_inputs; ++r)
          std::memset((*rings)[thread].row(slot) + acc_bytes_ * partition_->share(thread, block).lane(r, position), 0,
                      acc_bytes_);
  }
  synapses_.drop_due(block, first, end);
}

std::vector<uint32_t> Engine::lane_bits() const {
  std::vector<uint32_t> bits;
  for (const Ring& ring : rings_) bits.push_back(ring.shift());
  return bits;
}

void Engine::measure(bool on) {
  measured_ = on;
  phases_.assign(threads_, {});
}

void Engine::reset() {
  uint32_t slots = rings_[0].slots();
  for (unsigned t = 0; t < threads_; ++t) rings_[t] = Ring(partition_->lanes(t), slots, acc_bytes_);
  for (unsigned t = 0; t < late_rings_.size(); ++t)
    late_rings_[t] = Ring(partition_->lanes(t), late_rings_[t].slots(), acc_bytes_);
  synapses_.reset();
  next_step_ = -1;
}

uint32_t Engine::steps_in_window(int64_t step, int64_t end) const {
  if (step < 0 || synapses_.single_step(step)) return 1;
  return static_cast<uint32_t>(std::min<int64_t>(window_, end - step));
}

bool Engine::pulls() const {
  if (delivery_ == Delivery::kPushed || synapses_.any()) return false;  // those may push into the same sums
  if (delivery_ == Delivery::kPulled) return true;
  size_t synapses = 0, pieces = 0;
  for (const auto& store : stores_) synapses += store->n_synapses(), pieces += store->n_pieces();
  const size_t steps = rings_[0].slots() - std::min(window_, rings_[0].slots());
  return steps * acc_bytes_ * partition_->lanes(0) > kCacheBytes && synapses > kMinPiece * pieces;
}

// What earlier runs have left is in rings_, for as many steps as these have; then they are left alone, so that the sums
// of all steps are the same few cache lines.
void Engine::begin_pulling(int64_t n_steps) {
  pulling_ = pulls();
  const bool long_enough = pulling_ && n_steps > rings_[0].slots();
  near_from_ = long_enough ? std::max<int64_t>(next_step_, 0) + rings_[0].slots() : INT64_MAX;
  near_rings_.clear();
  for (unsigned t = 0; long_enough && t < threads_; ++t)
    near_rings_.emplace_back(partition_->lanes(t), window_, acc_bytes_);
}

void Engine::land(unsigned thread, InFlight* in_flight, int64_t step, uint32_t steps) const {
  for (int64_t s = step; s < step + steps; ++s) {
    const Ring& ring = rings_of(s)[thread];
    if (acc_bytes_ == sizeof(float))
      in_flight->land<float>(s, ring);
    else
      in_flight->land<double>(s, ring);
  }
}

void Engine::settle(unsigned thread, InFlight* in_flight) const {
  if (acc_bytes_ == sizeof(float))
    in_flight->settle<float>(rings_[thread]);
  else
    in_flight->settle<double>(rings_[thread]);
}

int64_t Engine::run(int64_t n_steps, Poll poll) {
  if (n_steps <= 0) return 0;
  const int64_t before = step();
  synapses_.begin_run();
  begin_pulling(n_steps);
  Run run{next_step_,
          n_steps,
          poll,
          Barrier(partition_->working()),
          {INT64_MAX},
          std::vector<Worker>(partition_->working()),
          std::chrono::steady_clock::now() + kPollInterval,
          next_step_};
  for (const auto& buffers : spikes_)
    for (const auto& buffer : buffers) buffer->reserve(specs_.size(), window_);
  in_parallel(partition_->working(), [&](unsigned thread) { work(&run, thread); });
  next_step_ = run.end_step;
  for (const Worker& worker : run.workers)
    if (worker.error) std::rethrow_exception(worker.error);
  return step() - before;
}

// Only one barrier a window: what a thread delivers and updates is its own alone, and it writes the next window's
// spikes to the other buffer. A thread that fails goes on meeting the others until all stop at the same window.
void Engine::work(Run* run, unsigned thread) {
  const Denormals denormals(Mode::kFlush);
  Worker& own = run->workers[thread];
  const int64_t end = std::max<int64_t>(run->first_step, 0) + run->n_steps;
  int64_t step = run->first_step;
  const bool coupled = !coupling_.empty(), continuous = rows_.any();  // then a window is one step
  const bool unfinished = coupled || synapses_.change_neurons();  // what neurons are is known after the barrier only
  if (coupled) coupling_.begin(thread, blocks_);
  if (continuous) rows_.publish(thread, blocks_, *partition_, std::max<int64_t>(step, 0));
  if (coupled || continuous) run->barrier.wait(&own.sense);
  if (continuous) rows_.met(thread, std::max<int64_t>(step, 0));
  PhaseTimes times;  // written back in the end: threads do not share cache lines meanwhile
  Stopwatch watch(measured_, &times);
  for (int64_t window = 0; step < end; ++window) {
    const uint32_t steps = steps_in_window(step, end);
    const size_t parity = static_cast<size_t>(window & 1);
    SpikeBuffer& spikes = *spikes_[parity][thread];
    spikes.begin(specs_.size(), steps, synapses_.stepwise(step));
    if (pulling_ && step >= 0) {
      land(thread, &own.in_flight, step, steps);
      watch.lap(Phase::kDeliver);
    }
    try {
      if (!own.error) update(thread, &own, &spikes, step, steps);
      if (thread == 0) poll(run, window, step + steps);
    } catch (...) {
      own.error = std::current_exception();
    }
    watch.lap(Phase::kUpdate);
    if (own.error) run->last_window.store(window, std::memory_order_relaxed);
    if (coupled && step >= 0) {
      run->barrier.wait(&own.sense);
      coupling_.solve(thread, blocks_);
    }
    if (continuous && !unfinished && step >= 0) rows_.publish(thread, blocks_, *partition_, step + 1);
    run->barrier.wait(&own.sense);
    if (unfinished && step >= 0) finish_step(thread, step);
    if (continuous && unfinished && step >= 0) {
      rows_.publish(thread, blocks_, *partition_, step + 1);
      run->barrier.wait(&own.sense);
    }
    watch.lap(Phase::kExchange);
    try {
      if (continuous && step >= 0) {
        rows_.met(thread, step + 1);
        rows_.learn(thread, blocks_, step);
      }
      collect(parity, steps, &own.spans);
      times.events += synapses_.any() ? deliver_stepwise(thread, own.spans, step, steps)
                                      : deliver(thread, own.spans, step, pulling_ ? &own.in_flight : nullptr);
      watch.lap(Phase::kDeliver);
      log(thread, own.spans);
    } catch (...) {
      own.error = std::current_exception();
    }
    watch.lap(Phase::kRecord);
    step += steps;
    if (run->last_window.load(std::memory_order_relaxed) == window) break;
  }
  if (thread == 0) run->end_step = step;
  settle(thread, &own.in_flight);
  watch.lap(Phase::kDeliver);
  if (!measured_) return;
  for (size_t k = 0; k < times.seconds.size(); ++k) phases_[thread].seconds[k] += times.seconds[k];
  phases_[thread].events += times.events;
  const int64_t steps_done = step - std::max<int64_t>(run->first_step, 0);
  if (thread == 0) phases_[0].updates += partition_->n_neurons() * static_cast<uint64_t>(steps_done);
}

void Engine::poll(Run* run, int64_t window, int64_t step) {
  const auto now = std::chrono::steady_clock::now();
  if (now < run->next_poll) return;
  const Denormals denormals(Mode::kKeep);
  if (run->poll.call(run->poll.context, step) != 0) run->last_window.store(window, std::memory_order_relaxed);
  run->next_poll = std::chrono::steady_clock::now() + kPollInterval;
}

void Engine::update(unsigned thread, Worker* worker, SpikeBuffer* spikes, int64_t step, uint32_t steps) {
  if (rows_.any() && step >= 0) rows_.sum(thread, blocks_, *partition_, step, rings_of(step)[thread]);
  if (synapses_.stepwise(step)) {
    for (uint32_t s = 0; s < steps; ++s) {
      if (step >= 0)
        synapses_.begin_step(thread, step + s, s == 0, rings_, late_rings_, rows_.published(), real_bytes_);
      for (size_t b = 0; b < blocks_.size(); ++b) {
        update_step(thread, worker, b, step + s, spikes->sink());
        spikes->mark(b, s);
      }
      if (step >= 0 && synapses_.change_neurons()) synapses_.end_step(thread, step + s, *partition_, real_bytes_);
    }
    return;
  }
  for (size_t b = 0; b < blocks_.size(); ++b)
    for (uint32_t s = 0; s < steps; ++s) {
      update_step(thread, worker, b, step + s, spikes->sink());
      spikes->mark(b, s);
    }
}

void Engine::update_step(unsigned thread, Worker* worker, size_t b, int64_t step, pa_spike_sink* sink) {
  const Share& share = partition_->share(thread, b);
  const pa_neuron_kernel& kernel = *specs_[b].kernel;
  if (share.chunk_begin == share.chunk_end || (step < 0 && (kernel.flags & PA_SOURCE) == 0)) return;
  if (!late_rings_.empty() && synapses_.late(b)) add_late_input(thread, b, step);
  // The model counts from the beginning of the block, the lanes from the beginning of the thread's share of it.
  const uintptr_t row = reinterpret_cast<uintptr_t>(rings_of(step)[thread].row(step));
  worker->input.resize(kernel.n_inputs);
  for (uint32_t r = 0; r < kernel.n_inputs; ++r) {
    const uintptr_t lane = row + acc_bytes_ * share.lane(r, share.chunk_begin * PA_CHUNK);
    worker->input[r] = reinterpret_cast<void*>(lane - acc_bytes_ * PA_CHUNK * share.chunk_begin);
  }
  injector_.apply(thread, b, step);
  const void* injected = injector_.current(b);
  uint32_t stride = injector_.stride(b);
  const bool coupled = coupling_.has(b);
  if (coupled) {
    injected = coupling_.injected(thread, b, injected, stride);
    stride = PA_CHUNK;
  }
  const pa_step now{
      step,  static_cast<double>(step) * dt_ms_, static_cast<double>(step + 1) * dt_ms_, worker->input.data(), injected,
      stride};
  const size_t before = sink->count;
  const bool some_disabled = disabled_.has(thread, b);
  if (some_disabled) disabled_.keep(thread, b, blocks_[b], kernel.n_state);
  kernel.update(&blocks_[b], &now, share.chunk_begin, share.chunk_end, sink);
  if (some_disabled) disabled_.restore(thread, b, blocks_[b], kernel.n_state, sink, before);
  if (synapses_.watches(b)) synapses_.spiked(b, thread, *partition_, sink->neuron + before, sink->count - before, step);
  if (coupled)
    coupling_.note(sink->neuron + before, sink->count - before);
  else if (step < 0 || !synapses_.change_neurons())
    for (const auto& signal : signals_[b]) signal->sample(thread, blocks_[b], real_bytes_, step + 1);
}

// What the coupling has made of v, what synapses add to neurons, and the samples that have to wait for it.
void Engine::finish_step(unsigned thread, int64_t step) {
  if (!coupling_.empty()) coupling_.store(thread, blocks_);
  if (synapses_.change_neurons()) synapses_.change(thread, step, blocks_, real_bytes_);
  for (size_t b = 0; b < blocks_.size(); ++b)
    if (coupling_.has(b) || synapses_.change_neurons())
      for (const auto& signal : signals_[b]) signal->sample(thread, blocks_[b], real_bytes_, step + 1);
}

void Engine::add_late_input(unsigned thread, size_t b, int64_t step) const {
  const Share& share = partition_->share(thread, b);
  const size_t n = size_t(share.lanes_per_receptor()) * specs_[b].kernel->n_inputs;
  const auto move = [&](auto* from, auto* to) {
    for (size_t k = 0; k < n; ++k) to[k] += from[k];
    std::fill(from, from + n, 0);
  };
  const size_t at = acc_bytes_ * share.first_lane;
  char *const from = late_rings_[thread].row(step) + at, *const to = rings_[thread].row(step) + at;
  if (acc_bytes_ == sizeof(float))
    move(reinterpret_cast<float*>(from), reinterpret_cast<float*>(to));
  else
    move(reinterpret_cast<double*>(from), reinterpret_cast<double*>(to));
}

void Engine::collect(size_t parity, uint32_t steps, std::vector<SpikeSpan>* spans) const {
  spans->clear();
  for (uint32_t s = 0; s < steps; ++s)
    for (uint32_t b = 0; b < blocks_.size(); ++b)
      for (unsigned t = 0; t < partition_->working(); ++t) {
        const SpikeBuffer& spikes = *spikes_[parity][t];
        const size_t first = spikes.first(b, s), last = spikes.last(b, s);
        if (first < last) spans->push_back({spikes.neuron() + first, spikes.time_ms() + first, last - first, b, s});
      }
}

uint64_t Engine::deliver(unsigned thread, const std::vector<SpikeSpan>& spans, int64_t step,
                         InFlight* in_flight) const {
  // By step first, so that sums do not depend on how a run is cut into windows; then by store, as its rows share a
  // cache.
  uint64_t events = 0;
  for (size_t begin = 0, end = 0; begin < spans.size(); begin = end) {
    while (end < spans.size() && spans[end].step == spans[begin].step) ++end;
    events += deliver_step(thread, spans.data() + begin, spans.data() + end, step + spans[begin].step, in_flight);
  }
  return events;
}

uint64_t Engine::deliver_step(unsigned thread, const SpikeSpan* begin, const SpikeSpan* end, int64_t step,
                              InFlight* in_flight) const {
  uint64_t events = 0;
  for (const auto& store : stores_)
    for (const SpikeSpan* span = begin; span != end; ++span) {  // neuron numbers ascend within it
      if (span->neuron[0] >= store->end_source() || span->neuron[span->count - 1] < store->first_source()) continue;
      if (in_flight != nullptr)
        events += store->send(thread, span->neuron, span->count, step, rings_[thread].shift(), in_flight);
      else
        events += store->deliver(thread, span->neuron, span->count, step, rings_[thread]);
    }
  return events;
}

// Synapses with state are asked for their values at the end of every step, whether there were spikes or not.
uint64_t Engine::deliver_stepwise(unsigned thread, const std::vector<SpikeSpan>& spans, int64_t step, uint32_t steps) {
  synapses_.take_modulators(thread, spans, step);
  const SpikeSpan *begin = spans.data(), *const last = begin + spans.size();
  uint64_t events = 0;
  for (uint32_t s = 0; s < steps; ++s) {
    const SpikeSpan* end = begin;
    while (end != last && end->step == s) ++end;
    events += deliver_step(thread, begin, end, step + s);
    events += synapses_.deliver(thread, begin, end, step + s, rings_[thread]);
    synapses_.delivered(thread, step + s, s + 1 == steps);
    begin = end;
  }
  return events;
}

void Engine::log(unsigned thread, const std::vector<SpikeSpan>& spans) const {
  if (router_.empty()) return;
  for (const SpikeSpan& span : spans)
    if (span.block % partition_->working() == thread) router_.append(span.neuron, span.time_ms, span.count);
}

}  // namespace pa
