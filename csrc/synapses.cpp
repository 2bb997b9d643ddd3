#include "synapses.h"

#include <algorithm>
#include <utility>

#include "parallel.h"

namespace pa {

namespace {

constexpr size_t kWorthThreads = 100000;  // synapses; fewer take less time than to start threads

}  // namespace

void Synapses::lay_out(const Partition& partition) {
  trains_.resize(partition.n_blocks());
  for (size_t b = 0; b < trains_.size(); ++b) trains_[b].resize(partition.block(b).n);
  set_recorders({});
  set_stores({}, 0, partition);
}

uint32_t Synapses::add_modulator(const std::vector<uint32_t>& neurons) {
  Modulator modulator;
  for (const uint32_t neuron : neurons) {
    if (neuron >= modulator.neuron.size()) modulator.neuron.resize(neuron + size_t(1), false);
    modulator.neuron[neuron] = true;
  }
  modulator.train.resize(own_.size());
  modulators_.push_back(std::move(modulator));
  return static_cast<uint32_t>(modulators_.size() - 1);
}

void Synapses::set_stores(std::vector<std::shared_ptr<PlasticStore>> stores, uint64_t first_new,
                          const Partition& partition) {
  stores_ = std::move(stores);
  watched_block_.assign(trains_.size(), 0);
  late_block_.assign(trains_.size(), 0);
  stepwise_ = false;
  pending_until_ = PA_NEVER;
  longest_dendritic_ = longest_modulator_delay_ = 0;
  for (Own& own : own_) own.watched.clear();
  for (const auto& store : stores_) {
    const size_t b = store->block();
    stepwise_ = stepwise_ || store->late() || store->every_step();
    late_block_[b] = 1;
    pending_until_ = std::max(pending_until_, store->pending_until());
    longest_dendritic_ = std::max(longest_dendritic_, store->longest_dendritic());
    longest_modulator_delay_ = std::max(longest_modulator_delay_, store->modulator_delay());
    if (store->asks(PA_SYNAPSE_POST)) watched_block_[b] = 1;
    const auto watch = [&](unsigned t) {
      if (store->asks(PA_SYNAPSE_MODULATED)) store->set_modulator(t, modulators_[store->modulator()].train[t].view());
      if (store->asks(PA_SYNAPSE_POST))
        for (size_t k = 0; k < store->size(t); ++k) trains_[b].watch(store->target(t)[k]);
      store->watch(t, trains_[b].views(), first_new);
    };
    size_t synapses = 0;
    for (unsigned t = 0; t < partition.threads(); ++t) synapses += store->size(t);
    if (synapses >= kWorthThreads) {
      in_parallel(partition.threads(), watch);  // each has targets of its own
    } else {
      for (unsigned t = 0; t < partition.threads(); ++t) watch(t);
    }
  }
  for (size_t b = 0; b < trains_.size(); ++b)
    for (unsigned t = 0; watched_block_[b] != 0 && t < partition.threads(); ++t) {
      const Share& share = partition.share(t, b);
      const uint32_t end = std::min(share.chunk_end * PA_CHUNK, partition.block(b).n);
      for (uint32_t i = share.chunk_begin * PA_CHUNK; i < end; ++i)
        if (trains_[b].watched(i)) own_[t].watched.push_back({b, i});
    }
}

void Synapses::reset() {
  for (BlockTrains& trains : trains_) trains.clear();
  for (Modulator& modulator : modulators_) modulator.train.assign(own_.size(), Train());
  for (const auto& store : stores_) {
    store->clear_due();
    for (unsigned t = 0; store->asks(PA_SYNAPSE_MODULATED) && t < own_.size(); ++t)
      store->set_modulator(t, modulators_[store->modulator()].train[t].view());
  }
  for (Own& own : own_) own.kept = 0;
  pending_until_ = PA_NEVER;
}

void Synapses::load_modulator(uint32_t modulator, uint32_t first, const int64_t* step, size_t n) {
  for (unsigned t = 0; t < own_.size(); ++t) {
    Train& train = modulators_[modulator].train[t];
    train.load(first, step, n);
    for (const auto& store : stores_)
      if (store->modulator() == modulator) store->set_modulator(t, train.view());
  }
}

void Synapses::begin_run() {
  change_neurons_ = std::any_of(stores_.begin(), stores_.end(), [](const auto& s) { return s->changes_neurons(); });
}

void Synapses::begin_step(unsigned thread, int64_t step, bool first_of_window, const std::vector<Ring>& rings,
                          const std::vector<Ring>& late, const Published& published, size_t real_bytes) {
  for (size_t s = 0; s < stores_.size(); ++s) {
    PlasticStore& store = *stores_[s];
    if (store.late() && !first_of_window) sample(thread, s, step);
    if (store.every_step()) store.catch_up(thread, step - 1);
    store.look_at_sources(thread, step, published, real_bytes);
    store.tick(thread, step);
    if (store.late() || step <= store.pending_until()) store.take_due(thread, step, late[thread]);
    // What comes back with this event reads the target as the arrivals do, whether there is one at its synapse or not.
    if (store.reads_targets()) store.catch_up(thread, step);
    store.transmit(thread, step, rings[thread]);
  }
}

void Synapses::end_step(unsigned thread, int64_t step, const Partition& partition, size_t real_bytes) {
  std::vector<NeuronChange>& changes = changes_.of(thread, step);
  changes.clear();
  for (const auto& store : stores_) {
    if (!store->changes_neurons()) continue;
    store->catch_up(thread, step);
    store->take_changes(thread, partition, real_bytes, &changes);
  }
}

void Synapses::spiked(size_t block, unsigned thread, const Partition& partition, const uint32_t* neuron, size_t n,
                      int64_t step) {
  BlockTrains& trains = trains_[block];
  for (size_t k = 0; k < n; ++k) {
    const uint32_t position = partition.place(neuron[k]).position;
    if (!trains.watched(position)) continue;
    trains.append(position, step);
    ++own_[thread].kept;
    for (const auto& store : stores_)
      if (store->block() == block) store->echo(thread, position, step);
  }
}

void Synapses::take_modulators(unsigned thread, const std::vector<SpikeSpan>& spans, int64_t first_step) {
  for (uint32_t m = 0; m < modulators_.size(); ++m) {
    const std::vector<bool>& wanted = modulators_[m].neuron;
    Train& train = modulators_[m].train[thread];
    const uint32_t before = train.view().end;
    for (const SpikeSpan& span : spans)
      for (size_t k = 0; k < span.count; ++k)
        if (span.neuron[k] < wanted.size() && wanted[span.neuron[k]]) train.append(first_step + span.step);
    own_[thread].kept += train.view().end - before;
    for (const auto& store : stores_)
      if (store->modulator() == m) store->set_modulator(thread, train.view());
  }
}

uint64_t Synapses::deliver(unsigned thread, const SpikeSpan* begin, const SpikeSpan* end, int64_t step,
                           const Ring& ring) {
  uint64_t events = 0;
  for (const auto& store : stores_)
    for (const SpikeSpan* span = begin; span != end; ++span) {
      if (span->neuron[0] >= store->end_source() || span->neuron[span->count - 1] < store->first_source()) continue;
      events += store->deliver(thread, span->neuron, span->count, step, ring);
    }
  return events;
}

void Synapses::delivered(unsigned thread, int64_t step, bool last_of_window) {
  for (size_t s = 0; s < stores_.size(); ++s)
    if (!stores_[s]->late() || last_of_window) sample(thread, s, step + 1);
  if (!last_of_window) return;
  // Whoever reads or changes variables of targets between runs finds that all events so far have been applied.
  for (const auto& store : stores_)
    if (store->every_step()) store->catch_up(thread, step);
  cut_trains(thread, step);
}

void Synapses::sample(unsigned thread, size_t store, int64_t boundary) {
  for (const auto& recorder : recorders_) recorder->sample(store, stores_[store].get(), thread, boundary);
}

// Whatever has reached a synapse is taken by it, and then of no more use. Asking all synapses costs about as much as a
// few spikes at each of them, so it is done when there have been several of them.
void Synapses::cut_trains(unsigned thread, int64_t last) {
  constexpr size_t kSpikes = 16, kAtLeast = 4096;
  Own& own = own_[thread];
  if (own.kept < std::max(kAtLeast, kSpikes * own.watched.size())) return;
  own.kept = 0;
  for (const auto& store : stores_) store->catch_up(thread, last);
  for (const Watched& w : own.watched) {
    trains_[w.block].drop(w.position, last - longest_dendritic_);
    for (const auto& store : stores_)
      if (store->block() == w.block) store->drop_echoes(thread, w.position, last);
  }
  for (uint32_t m = 0; m < modulators_.size(); ++m) {
    Train& train = modulators_[m].train[thread];
    train.drop(last - longest_modulator_delay_);
    for (const auto& store : stores_)
      if (store->modulator() == m) store->set_modulator(thread, train.view());
  }
}

}  // namespace pa
