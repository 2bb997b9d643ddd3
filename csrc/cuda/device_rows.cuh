// What happens to continuous synapses in a step, in phases of its own: see abi_rows.h for their order. A program's
// Models::rows(model, visit) calls `visit` with the Kind of a store's model.
#pragma once
#include "cuda/device_plasticity.cuh"
#include "cuda/device_published.cuh"

namespace pa {
namespace cuda {

// What a synapse of a store reads: rows_model.h's RowWalk, without its groups.
template <class M>
class RowReader {
 public:
  // `delayed`: sources as they were when what they transmit was sent.
  RowReader(const Continuous& all, const RowsStore& store, int64_t step, bool delayed)
      : all_(all),
        store_(store),
        step_(step),
        delayed_(delayed),
        slots_(static_cast<uint32_t>(all.slots)),
        now_(static_cast<uint32_t>(static_cast<uint64_t>(delayed ? step : step + 1) % all.slots)) {}

  real* const* variables() const { return reinterpret_cast<real* const*>(store_.rows.variable); }

  typename M::Constants constants(uint64_t row, uint64_t k) const {
    const real* at[some(M::n_constants)];
    for (size_t i = 0; i < M::n_constants; ++i) {
      const uint32_t locality = store_.rows.constant_locality[i];
      at[i] = static_cast<const real*>(store_.rows.constant[i]) + (locality == PA_LOCAL          ? k
                                                                   : locality == PA_POSTSYNAPTIC ? row
                                                                                                 : 0);
    }
    return M::load_constants(at, 0);
  }

  typename M::Pre pre(uint64_t row, uint64_t k) const {
    const pa_rows& rows = store_.rows;
    const uint64_t j = k - rows.begin[row];
    const uint32_t source =
        rows.source == nullptr ? rows.first_source + static_cast<uint32_t>(j) : rows.source[rows.shared != 0 ? j : k];
    const uint32_t back = delayed_ ? rows.delay[k * rows.delay_stride] - 1u : 0u;  // less than there are slots
    const uint64_t slot = now_ >= back ? now_ - back : now_ + slots_ - back;  // a division takes longer than the rest
    const real* at[some(M::n_pre)];
    for (size_t i = 0; i < M::n_pre; ++i) at[i] = all_.variable[store_.pre[i]].values + slot * all_.n_neurons + source;
    return M::load_pre(at, 0);
  }

  typename M::Post post(uint64_t row) const { return M::load_post(store_.post, store_.rows.target[row]); }

  typename M::Globals globals() const {
    real values[some(M::n_globals)];
    const real* at[some(M::n_globals)];
    for (size_t i = 0; i < M::n_globals; ++i) {
      values[i] = static_cast<real>(all_.reduction[store_.global[i]].value);
      at[i] = values + i;
    }
    return M::load_globals(at, 0);
  }

  RowsContext context(uint32_t element) const {
    const double dt_ms = store_.rows.dt_ms;
    const Random random{store_.rows.seed, store_.rows.stream, element, static_cast<uint32_t>(step_)};
    return {static_cast<real>(static_cast<double>(step_) * dt_ms), static_cast<real>(dt_ms), random};
  }

 private:
  const Continuous& all_;
  const RowsStore& store_;
  const int64_t step_;
  const bool delayed_;
  const uint32_t slots_, now_;
};

// Call `one(first synapse, how many, row, segment)` for each segment of a store, by all lanes that share it.
template <class One>
inline void each_segment(const RowsStore& store, const Lanes& lanes, const One& one) {
  lanes.each(store.n_segments, [&](uint64_t segment) {
    const uint32_t row = store.row_of[segment];
    const uint64_t end = store.rows.begin[row + 1];
    const uint64_t first = store.rows.begin[row] + (segment - store.first_segment[row]) * store.segment;
    one(first, std::min(end - first, store.segment), row, segment);
  });
}

template <class M>
inline void sum_segments(const Continuous& all, const RowsStore& store, const Thread& me, int64_t step) {
  const Lanes lanes{me, static_cast<uint32_t>(store.lanes)};
  const RowReader<M> read(all, store, step, true);
  const typename M::Globals globals = read.globals();
  each_segment(store, lanes, [&](uint64_t first, uint64_t n, uint32_t row, uint64_t segment) {
    const typename M::Post post = read.post(row);
    const real sum = joined_values(lanes, partial(M::operation), n, [&](uint64_t j) {
      const uint64_t k = first + j;
      typename M::State s;
      M::load_shared(s, read.variables(), 0);
      M::load_row(s, read.variables(), row);
      M::load_local(s, read.variables(), k);
      const RowsContext x = read.context(M::draws ? store.rows.number[k] : 0);
      return M::psp(s, read.constants(row, k), read.pre(row, k), post, globals, x);
    });
    if (lanes.first()) store.part[segment] = sum;
  });
}

// The equations of what all synapses of a store have in common: of one thread.
template <class M>
inline void learn_shared(const Continuous& all, const RowsStore& store, int64_t step) {
  const RowReader<M> read(all, store, step, false);
  typename M::State s;
  M::load_shared(s, read.variables(), 0);
  M::learn_shared(s, read.constants(0, 0), {}, {}, read.globals(), read.context(UINT32_MAX));
  M::store_shared(read.variables(), 0, s);
}

template <class M>
inline void learn_row(const Continuous& all, const RowsStore& store, const Thread& me, int64_t step) {
  const RowReader<M> read(all, store, step, false);
  for (uint64_t row = me.number(); row < store.rows.n_rows; row += me.count()) {
    typename M::State s;
    M::load_shared(s, read.variables(), 0);
    M::load_row(s, read.variables(), row);
    const RowsContext x = read.context(store.rows.row_number[row]);
    M::learn_row(s, read.constants(row, store.rows.begin[row]), {}, read.post(row), read.globals(), x);
    M::store_row(read.variables(), row, s);
  }
}

template <class M>
inline void learn_segments(const Continuous& all, const RowsStore& store, const Thread& me, int64_t step) {
  const Lanes lanes{me, static_cast<uint32_t>(store.lanes)};
  const RowReader<M> read(all, store, step, false);
  const typename M::Globals globals = read.globals();
  each_segment(store, lanes, [&](uint64_t first, uint64_t n, uint32_t row, uint64_t) {
    const typename M::Post post = read.post(row);
    lanes.every([&](uint32_t lane) {
      for (uint64_t k = first + lane; k < first + n; k += lanes.width) {
        typename M::State s;
        M::load_shared(s, read.variables(), 0);
        M::load_row(s, read.variables(), row);
        M::load_local(s, read.variables(), k);
        const RowsContext x = read.context(M::draws ? store.rows.number[k] : 0);
        M::learn(s, read.constants(row, k), read.pre(row, k), post, globals, x);
        M::store_local(read.variables(), k, s);
        if (store.frozen == 0) M::store_weight(read.variables(), k, s);
      }
    });
  });
}

inline void sample_rows(const Continuous& all, const Thread& me, int64_t boundary) {
  for (uint64_t j = 0; j < all.n_signals; ++j) {
    const SynapseSignal& signal = all.signal[j];
    const int64_t row = row_at(signal, boundary);
    if (row < 0) continue;
    const real* const values = static_cast<const real*>(all.store[signal.store].rows.variable[signal.variable]);
    for (uint64_t k = me.number(); k < signal.columns; k += me.count())
      signal.rows[row * signal.row_length + signal.column[k]] = static_cast<double>(values[signal.index[k]]);
  }
}

// ---- phases ---------------------------------------------------------------------------------------------------------

// What every run begins with: values and reductions as they are now, whatever has been changed meanwhile.
inline void begin_continuous(const Grid& grid, const Network& net, int64_t boundary) {
  grid.phase([&](const Thread& me) { publish_all(net, me, boundary); });
  reduce(grid, net, boundary);
}

// Before neurons are updated.
template <class Models>
void sum_rows(const Grid& grid, const Network& net, int64_t step) {
  const Continuous& all = *net.continuous();
  if (all.n_stores == 0) return;
  grid.phase_if(step >= 0, [&](const Thread& me) {
    sample_rows(all, me, step);
    for (uint64_t s = 0; s < all.n_stores; ++s)
      if (all.store[s].transmits != 0)
        Models::rows(all.store[s].model,
                     [&](auto kind) { sum_segments<typename decltype(kind)::Model>(all, all.store[s], me, step); });
  });
}

template <class Models, class Learn>
void each_due(const Continuous& all, int64_t step, const Learn& learn) {
  for (uint64_t s = 0; s < all.n_stores; ++s) {
    const RowsStore& store = all.store[s];
    if (store.learns != 0 && (step - store.learn_offset) % store.learn_period == 0)
      Models::rows(store.model, [&](auto kind) { learn(store, kind); });
  }
}

// When all have been published.
template <class Models>
void learn_rows(const Grid& grid, const Network& net, int64_t step) {
  const Continuous& all = *net.continuous();
  reduce(grid, net, step + 1);
  if (all.n_stores == 0) return;
  if constexpr (Models::learns_shared)
    grid.phase_if(step >= 0, [&](const Thread& me) {
      each_due<Models>(all, step, [&](const RowsStore& store, auto kind) {
        using Model = typename decltype(kind)::Model;
        if constexpr (Model::learns_shared)
          if (me.number() == 0 && store.leads != 0) learn_shared<Model>(all, store, step);
      });
    });
  if constexpr (Models::learns_row)
    grid.phase_if(step >= 0, [&](const Thread& me) {
      each_due<Models>(all, step, [&](const RowsStore& store, auto kind) {
        using Model = typename decltype(kind)::Model;
        if constexpr (Model::learns_row) learn_row<Model>(all, store, me, step);
      });
    });
  if constexpr (Models::learns)
    grid.phase_if(step >= 0, [&](const Thread& me) {
      each_due<Models>(all, step, [&](const RowsStore& store, auto kind) {
        using Model = typename decltype(kind)::Model;
        if constexpr (Model::learns) learn_segments<Model>(all, store, me, step);
      });
    });
}

inline void finish_rows(const Grid& grid, const Network& net, int64_t last) {
  const Continuous& all = *net.continuous();
  if (all.n_signals > 0) grid.phase([&](const Thread& me) { sample_rows(all, me, last + 1); });
}

}  // namespace cuda
}  // namespace pa
