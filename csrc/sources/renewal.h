// Spike sources whose intervals depend on nothing but the time since the last event.
#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "neuron_model.h"
#include "sources/draws.h"

namespace pa {

constexpr double kNever = std::numeric_limits<double>::infinity();

// A time in two numbers of the state's type: the second one is what rounding took from the first. In single precision
// that makes 48 bits, less than 1e-6 ms after a day; in double precision the second is 0.
struct StoredTime {
  real *head, *rest;

  double get(size_t k) const { return static_cast<double>(head[k]) + static_cast<double>(rest[k]); }
  void set(size_t k, double time_ms) const {
    head[k] = static_cast<real>(time_ms);
    rest[k] = std::isfinite(head[k]) ? static_cast<real>(time_ms - static_cast<double>(head[k])) : real(0);
  }
};

template <class T, size_t n, size_t m>
constexpr std::array<T, n + m> joined(const std::array<T, n>& a, const std::array<T, m>& b) {
  std::array<T, n + m> all{};
  for (size_t j = 0; j < n; ++j) all[j] = a[j];
  for (size_t j = 0; j < m; ++j) all[n + j] = b[j];
  return all;
}

// A renewal process inside a window of time [start, stop), exact at any rate: the next event is drawn when the last one
// has passed, and a step emits the events in (t, t + dt], several of them as several spikes.
//
// The process begins in equilibrium, so that its rate is the mean rate from the start on. When its parameters change it
// keeps its age: the next event is drawn again from the new distribution, given how long ago the last one was. A
// process that was silent begins anew. Single precision rounds the parameters, but not the times of events.
//
// Interval has
//   name, param_names, param_defaults                the last two parameters are start and duration in ms
//   shape_names, shape_depends                       constants that describe an interval, and the parameters they need
//   void derive(const double* params, double* shape)
//   Interval(const real* const* shape, const pa_block*, size_t neuron, size_t lane)
//   bool silent()                                    no event will come
//   double begin(double from, Draws&)                when the last event was, in a stationary process
//   double next(double last, double from, Draws&)    the event after `last`, given that there is none up to `from`
//   bool renewed(const pa_block*, size_t first)      whether data of this chunk besides the parameters were replaced
//   bool renew(const pa_block*, size_t neuron)       whether those of this neuron were; forgets it
template <class Interval>
struct RenewalSource {
  static constexpr std::array<const char*, 2> window_names{"_start_ms", "_stop_ms"};
  static constexpr auto used_names = joined(Interval::shape_names, window_names);
  static constexpr size_t n_shape = Interval::shape_names.size(), n_used = used_names.size();
  static constexpr size_t i_start = n_shape, i_stop = n_shape + 1;
  static constexpr uint64_t start_bit = uint64_t(1) << (Interval::param_names.size() - 2), duration_bit = 2 * start_bit;
  static constexpr auto depends =
      joined(Interval::shape_depends, std::array<uint64_t, 2>{start_bit, start_bit | duration_bit});
  static constexpr auto all_states =
      joined(std::array<const char*, 4>{"_next_ms", "_next_rest_ms", "_last_ms", "_last_rest_ms"}, used_names);
  static constexpr auto all_inits() {  // no parameter is -kNever, so whatever is given counts as changed
    std::array<double, all_states.size()> inits{kNever, 0, kNever, 0};
    for (size_t j = 4; j < inits.size(); ++j) inits[j] = -kNever;
    return inits;
  }
  static constexpr auto inits = all_inits();

  static constexpr const char* name = Interval::name;
  static constexpr uint32_t flags = PA_SPIKING | PA_SOURCE;
  static constexpr uint32_t n_params = Interval::param_names.size(), n_constants = n_used, n_inputs = 0;
  static constexpr uint32_t n_state = all_states.size();
  static constexpr const char* const* param_names = Interval::param_names.data();
  static constexpr const double* param_defaults = Interval::param_defaults.data();
  static constexpr const char* const* constant_names = used_names.data();
  static constexpr const uint64_t* constant_depends = depends.data();
  static constexpr const char* const* state_names = all_states.data();
  static constexpr const double* state_inits = inits.data();
  static constexpr const char* const* input_names = nullptr;

  static void derive(const double* params, double, double* constants) {
    Interval::derive(params, constants);
    constants[i_start] = params[n_params - 2];
    constants[i_stop] = params[n_params - 2] + params[n_params - 1];
  }

  // The states and constants of one chunk.
  struct Chunk {
    StoredTime next, last;
    real* used[n_used];
    const real* constant[n_used];

    Chunk(const pa_block* block, size_t chunk) {
      const auto state = [&](size_t j) { return static_cast<real*>(block->state[j]) + chunk * PA_CHUNK; };
      next = {state(0), state(1)};
      last = {state(2), state(3)};
      for (size_t j = 0; j < n_used; ++j) {
        used[j] = state(4 + j);
        constant[j] = static_cast<const real*>(block->constant[j]) + chunk * block->constant_stride[j];
      }
    }
    // Who has an event or new parameters; whether nobody has. Cheap, as it is all that a quiet source costs. Rounding
    // to `real` keeps order, so no event is overlooked.
    bool quiet(double t_end_ms, flag* busy) const {
      const real limit = static_cast<real>(t_end_ms);
      for (size_t k = 0; k < PA_CHUNK; ++k) busy[k] = next.head[k] <= limit ? flag(1) : flag(0);
      for (size_t j = 0; j < n_used; ++j)
        for (size_t k = 0; k < PA_CHUNK; ++k) busy[k] |= used[j][k] != constant[j][k] ? flag(1) : flag(0);
      flag any = 0;
      for (size_t k = 0; k < PA_CHUNK; ++k) any |= busy[k];
      return any == 0;
    }
    bool changed(size_t k) const {
      bool any = false;
      for (size_t j = 0; j < n_used; ++j) any = any || used[j][k] != constant[j][k];
      return any;
    }
    void use(size_t k) const {
      for (size_t j = 0; j < n_used; ++j) used[j][k] = constant[j][k];
    }
    // Whether the process was running, so that it has an age.
    bool running(size_t k, double at_ms) const {
      return used[i_start][k] <= at_ms && at_ms < used[i_stop][k] && last.get(k) <= at_ms;
    }
  };

  static void update(const pa_block* block, const pa_step* now, size_t chunk_begin, size_t chunk_end,
                     pa_spike_sink* out) {
    if (now->step < 0) return;  // an event at t = 0 has probability 0
    for (size_t c = chunk_begin; c < chunk_end; ++c) {
      const Chunk chunk(block, c);
      alignas(64) flag busy[PA_CHUNK];
      const bool quiet = chunk.quiet(now->t_end_ms, busy), renewed = Interval::renewed(block, c * PA_CHUNK);
      if (quiet && !renewed) continue;
      for (size_t k = 0; k < PA_CHUNK; ++k) {
        if (busy[k] == 0 && !renewed) continue;
        if (c * PA_CHUNK + k < block->n)
          update_one(block, now, chunk, c * PA_CHUNK + k, k, out);
        else
          chunk.use(k);  // padding stays quiet
      }
    }
  }

  // The same for one neuron.
  static void update_neuron(const pa_block* block, const pa_step* now, size_t k, pa_spike_sink* out) {
    if (now->step >= 0) update_one(block, now, Chunk(block, k / PA_CHUNK), k, k % PA_CHUNK, out);
  }

  static void update_one(const pa_block* block, const pa_step* now, const Chunk& chunk, size_t neuron, size_t k,
                         pa_spike_sink* out) {
    const bool changed = Interval::renew(block, neuron) | chunk.changed(k);
    double next = chunk.next.get(k);
    if (!changed && next > now->t_end_ms) return;
    const Interval interval(chunk.constant, block, neuron, k);
    Draws draws(Random{block->seed, block->stream, block->neuron[neuron], static_cast<uint32_t>(now->step)});
    const double start = chunk.constant[i_start][k], stop = chunk.constant[i_stop][k];
    double last = chunk.last.get(k);
    if (changed) {
      const double from = now->t_ms > start ? now->t_ms : start;
      const bool over = interval.silent() || from >= stop;
      if (over)
        last = kNever;
      else if (from > now->t_ms || !chunk.running(k, from))
        last = interval.begin(from, draws);
      next = over ? kNever : interval.next(last, from, draws);
      chunk.use(k);
    }
    for (; next < stop && next <= now->t_end_ms; next = interval.next(last, last, draws)) {
      push_spike(out, block->neuron[neuron], now->t_end_ms);
      last = next;
    }
    chunk.next.set(k, next < stop ? next : kNever);
    chunk.last.set(k, last);
  }
};

}  // namespace pa
