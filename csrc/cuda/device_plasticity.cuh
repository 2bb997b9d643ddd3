// What happens to synapses with state in a step, in phases of its own: see docs/architecture.md for their order.
// A program's Models::synapse(model, visit) calls `visit` with the Kind of a store's model.
#pragma once
#include "cuda/device_published.cuh"
#include "cuda/device_synapse.cuh"

namespace pa {
namespace cuda {

// Call `one(store, k, kind)` for every synapse of the stores that are wanted, a thread a synapse.
template <class Models, class Wanted, class One>
inline void each_synapse(const Plastic& p, const Thread& me, const Wanted& wanted, const One& one) {
  for (uint64_t s = 0; s < p.n_stores; ++s) {
    const PlasticStore& store = p.store[s];
    if (!wanted(store)) continue;
    Models::synapse(store.model, [&](auto kind) {
      for (uint64_t k = me.number(); k < store.n; k += me.count()) one(store, k, kind);
    });
  }
}

template <class Models, class Wanted>
inline void catch_up_synapses(const Plastic& p, const Thread& me, int64_t last, const Wanted& wanted) {
  each_synapse<Models>(p, me, wanted, [&](const PlasticStore& store, uint64_t k, auto kind) {
    take_events_of<typename decltype(kind)::Model>(store, k, last, false);
  });
}

// A block takes a row, or a piece of it where there are fewer rows than blocks.
struct Pieces {
  uint64_t each;
  Pieces(uint64_t rows, uint32_t blocks) : each(rows > 0 && rows < blocks ? (blocks + rows - 1) / rows : 1) {}
};

template <class Models>
inline void arrive_at_row(const Network& net, const PlasticStore& store, const Thread& me, uint64_t row, uint64_t piece,
                          uint64_t pieces, int64_t event, uint32_t times) {
  if (store.transmits == 0) return;
  const int64_t emitted = event - static_cast<int64_t>(store.axonal[row]);
  Models::synapse(store.model, [&](auto kind) {
    for (uint64_t k = store.row_first[row] + piece * me.width + me.lane; k < store.row_first[row + 1];
         k += pieces * me.width)
      for (uint32_t repeat = 0; repeat < times; ++repeat)
        arrive_one<typename decltype(kind)::Model>(net, store, k, event, emitted, repeat, 0);
  });
}

template <class Models>
inline void take_postponed(const Network& net, const Thread& me, int64_t event) {
  const Plastic& p = *net.plastic();
  for (uint64_t s = 0; s < p.n_stores; ++s) {
    const PlasticStore& store = p.store[s];
    const Postponed& all = store.postponed;
    for (uint64_t j = me.number(); j < all.n && store.transmits != 0; j += me.count()) {
      if (all.event[j] != event) continue;
      Models::synapse(store.model, [&](auto kind) {
        for (uint64_t i = all.first[j]; i < all.first[j + 1]; ++i)
          arrive_one<typename decltype(kind)::Model>(net, store, all.synapse[j], event, all.emitted[i],
                                                     static_cast<uint32_t>(all.repeat[i]), all.shift[i]);
      });
    }
  }
}

// What reaches late synapses at this event. The list of sources of the step before is emptied for its next use.
template <class Models>
inline void take_due(const Network& net, const Thread& me, int64_t event) {
  const Plastic& p = *net.plastic();
  const uint64_t before = (event - 1) & 1;
  for (uint64_t k = me.number(); k < p.n_sources[before]; k += me.count())
    p.times[p.sources[before * p.n_neurons + k]] = 0;
  if (me.number() == 0) p.n_sources[event & 1] = p.crowded[event & 1] = 0;
  for (uint64_t s = 0; s < p.n_stores && event >= 0; ++s) {
    const PlasticStore& store = p.store[s];
    const uint64_t slot = uint64_t(event) & store.due_mask, first = slot * store.n_rows, n = store.n_due[slot];
    const uint64_t pieces = Pieces(n, me.blocks).each;
    for (uint64_t item = me.block; item < n * pieces; item += me.blocks) {
      const uint64_t at = first + item / pieces;
      arrive_at_row<Models>(net, store, me, store.due_row[at], item % pieces, pieces, event, store.due_times[at]);
    }
  }
}

inline void append(const Network& net, pa_train* train, uint64_t room, int64_t step) {
  const uint32_t at = add(&train->end, 1) - train->first;
  if (at < room) {
    const_cast<int64_t*>(train->step)[at] = step;
    train->latest = step;
  } else {
    add(&net.status->lost, 1);
  }
  if (at >= room / 2) net.plastic()->crowded[step & 1] = 1;
}

// Who has spiked in this step, and how often; and the trains that synapses watch.
inline void note_spikes(const Network& net, const Thread& me, int64_t step) {
  const Plastic& p = *net.plastic();
  const pa_spike_sink& spikes = net.spikes[step & 1];
  const uint64_t count = spikes.count < spikes.capacity ? spikes.count : spikes.capacity, list = step & 1;
  for (uint64_t k = me.number(); k < count; k += me.count()) {
    const uint32_t neuron = spikes.neuron[k];
    if (add(p.times + neuron, 1) == 0) p.sources[list * p.n_neurons + add(p.n_sources + list, 1)] = neuron;
    if (p.train_of[neuron] != nullptr) append(net, p.train_of[neuron], p.train_room, step);
    for (uint64_t m = 0; m < p.n_modulators; ++m)
      if (p.modulates[m * p.n_neurons + neuron] != 0) append(net, p.modulator + m, p.modulator_room, step);
  }
  for (uint64_t s = me.number(); s < p.n_stores; s += me.count())
    p.store[s].n_due[uint64_t(step) & p.store[s].due_mask] = 0;
}

// Spikes of this step go to early synapses, and are noted for late ones.
template <class Models>
inline void send_spikes(const Network& net, const Thread& me, int64_t step) {
  const Plastic& p = *net.plastic();
  const uint64_t list = step & 1, n = p.n_sources[list], pieces = Pieces(n, me.blocks).each;
  for (uint64_t item = me.block; item < n * pieces; item += me.blocks) {
    const uint32_t source = p.sources[list * p.n_neurons + item / pieces];
    for (uint64_t s = 0; s < p.n_stores; ++s) {
      const PlasticStore& store = p.store[s];
      if (source < store.first_source || source >= store.end_source) continue;
      const uint64_t* const row_of = store.rows_of + (source - store.first_source);
      if (net.watch != nullptr && item % pieces == 0 && me.lane == 0)
        add(&net.watch->events, (store.row_first[row_of[1]] - store.row_first[row_of[0]]) * p.times[source]);
      for (uint64_t row = row_of[0]; row < row_of[1]; ++row)
        if (store.late == 0) {
          arrive_at_row<Models>(net, store, me, row, item % pieces, pieces, step, p.times[source]);
        } else if (item % pieces == 0 && me.lane == 0) {
          const uint64_t slot = uint64_t(step + static_cast<int64_t>(store.axonal[row])) & store.due_mask;
          const uint64_t at = slot * store.n_rows + add(store.n_due + slot, 1);
          store.due_row[at] = static_cast<uint32_t>(row);
          store.due_times[at] = p.times[source];
        }
    }
  }
}

inline void cut_train(pa_train* train, int64_t last) {
  int64_t* const step = const_cast<int64_t*>(train->step);
  uint32_t gone = 0;
  const uint32_t n = train->end - train->first;
  while (gone < n && step[gone] <= last) ++gone;
  for (uint32_t k = gone; k < n; ++k) step[k - gone] = step[k];
  train->first += gone;
}

inline void cut_trains(const Plastic& p, const Thread& me, int64_t last) {
  for (uint64_t k = me.number(); k < p.n_neurons; k += me.count())
    if (p.train_of[k] != nullptr) cut_train(p.train_of[k], last - p.longest_dendritic);
  for (uint64_t m = me.number(); m < p.n_modulators; m += me.count())
    cut_train(p.modulator + m, last - p.longest_modulator_delay);
}

inline int64_t row_at(const SynapseSignal& signal, int64_t boundary) {
  const int64_t since = boundary - signal.first_step;
  return since < 0 || since % signal.interval != 0 || since / signal.interval >= signal.n_rows
             ? -1
             : since / signal.interval;
}

template <class Models>
inline void sample_synapses(const Plastic& p, const Thread& me, int64_t boundary) {
  for (uint64_t j = 0; j < p.n_signals; ++j) {
    const SynapseSignal& signal = p.signal[j];
    const int64_t row = row_at(signal, boundary);
    if (row < 0) continue;
    const PlasticStore& store = p.store[signal.store];
    Models::synapse(store.model, [&](auto kind) {
      for (uint64_t k = me.number(); k < signal.columns; k += me.count())
        signal.rows[row * signal.row_length + signal.column[k]] = observe_one<typename decltype(kind)::Model>(
            store, signal.index[k], static_cast<uint32_t>(signal.variable), boundary - 1);
    });
  }
}

// Let a synapse see its source.
inline void look_at_source(const Network& net, const PlasticStore& store, uint64_t k, int64_t step) {
  for (uint64_t j = 0; j < store.n_links; ++j) {
    const SourceLink& link = store.link[j];
    const int64_t boundary = step + 1 - store.source_delay[k] + static_cast<int64_t>(net.continuous()->slots);
    static_cast<real*>(store.synapses.variable[link.variable])[k] =
        published(*net.continuous(), link.published, boundary)[store.source[k]];
  }
}

// Before neurons are updated.
template <class Models>
void begin_synapses(const Grid& grid, const Network& net, int64_t step) {
  const Plastic& p = *net.plastic();
  const auto stepwise = [](const PlasticStore& store) { return store.every_step != 0; };
  if (p.every_step != 0)
    grid.phase_if(step >= 0, [&](const Thread& me) {
      each_synapse<Models>(p, me, stepwise, [&](const PlasticStore& store, uint64_t k, auto kind) {
        using Model = typename decltype(kind)::Model;
        take_events_of<Model>(store, k, step - 1, false);
        look_at_source(net, store, k, step);
        tick_one<Model>(store, k, step);
      });
    });
  grid.phase_if(step <= p.postponed_until, [&](const Thread& me) { take_postponed<Models>(net, me, step); });
  grid.phase([&](const Thread& me) { take_due<Models>(net, me, step); });
  // What comes back with this event reads the target as the arrivals do.
  if (p.read_targets != 0)
    grid.phase_if(step >= 0, [&](const Thread& me) {
      catch_up_synapses<Models>(p, me, step, [](const PlasticStore& store) { return store.synapses.post != nullptr; });
    });
  if (p.transmit != 0)
    grid.phase_if(step >= 0, [&](const Thread& me) {
      const auto speaks = [](const PlasticStore& store) { return store.transmits != 0; };
      each_synapse<Models>(p, me, speaks, [&](const PlasticStore& store, uint64_t k, auto kind) {
        transmit_one<typename decltype(kind)::Model>(net, store, k, step);
      });
    });
}

// When spikes of the step have been noted.
template <class Models>
void end_synapses(const Grid& grid, const Network& net, int64_t step) {
  const Plastic& p = *net.plastic();
  const auto any = [](const PlasticStore&) { return true; };
  grid.phase([&](const Thread& me) { send_spikes<Models>(net, me, step); });
  bool sampled = false;
  for (uint64_t j = 0; j < p.n_signals; ++j) sampled = sampled || row_at(p.signal[j], step + 1) >= 0;
  const bool crowded = p.crowded[step & 1] != 0;
  grid.phase_if(sampled || crowded, [&](const Thread& me) { catch_up_synapses<Models>(p, me, step, any); });
  grid.phase_if(sampled, [&](const Thread& me) { sample_synapses<Models>(p, me, step + 1); });
  grid.phase_if(crowded, [&](const Thread& me) { cut_trains(p, me, step); });
}

// Whoever reads or changes variables of targets between launches finds that all events so far have been applied.
template <class Models>
void finish_synapses(const Grid& grid, const Network& net, int64_t last) {
  const Plastic& p = *net.plastic();
  if (p.every_step != 0)
    grid.phase([&](const Thread& me) {
      catch_up_synapses<Models>(p, me, last, [](const PlasticStore& store) { return store.every_step != 0; });
    });
}

}  // namespace cuda
}  // namespace pa
