// PyNN's SpikeSourceArray: events at given times.
#pragma once
#include <algorithm>
#include <cmath>

#include "neuron_model.h"
#include "sources/source_data.h"

namespace pa {

// An event is emitted in the step that ends at or after it, with its own time. Nothing but the step of each neuron's
// next event is kept, and the schedule is searched for it when that has come: what lies in the past is passed over.
struct SpikeSourceArray {
  static constexpr const char* name = "SpikeSourceArray";
  static constexpr uint32_t flags = PA_SPIKING | PA_SOURCE;
  static constexpr uint32_t n_params = 0, n_constants = 0, n_state = 0, n_inputs = 0;
  static constexpr const char* const* param_names = nullptr;
  static constexpr const double* param_defaults = nullptr;
  static constexpr const char* const* constant_names = nullptr;
  static constexpr const uint64_t* constant_depends = nullptr;
  static constexpr const char* const* state_names = nullptr;
  static constexpr const double* state_inits = nullptr;
  static constexpr const char* const* input_names = nullptr;
  static void derive(const double*, double, double*) {}

  // After how many steps a time has come. Times that are whole steps but for rounding stay there.
  static int64_t steps_to(double time_ms, double dt_ms) {
    const double steps = std::ceil(time_ms / dt_ms - 1e-6);
    return steps < 9e18 ? static_cast<int64_t>(steps) : PA_DUE_NEVER;
  }

  static void update(const pa_block* block, const pa_step* now, size_t chunk_begin, size_t chunk_end,
                     pa_spike_sink* out) {
    const pa_source_data* data = static_cast<const pa_source_data*>(block->source_data);
    if (data == nullptr) return;
    const int64_t done = now->step + 1;
    for (size_t first = chunk_begin * PA_CHUNK; first < chunk_end * PA_CHUNK; first += PA_CHUNK) {
      int64_t any = 0;
      for (size_t k = 0; k < PA_CHUNK; ++k) any |= data->due[first + k] <= done ? 1 : 0;
      if (any == 0) continue;
      for (size_t k = first; k < first + PA_CHUNK && k < block->n; ++k)
        if (data->due[k] <= done) data->due[k] = emit(block, data, k, done, out);
    }
  }

  // The same for one neuron.
  static void update_neuron(const pa_block* block, const pa_step* now, size_t k, pa_spike_sink* out) {
    const pa_source_data* data = static_cast<const pa_source_data*>(block->source_data);
    if (data != nullptr && data->due[k] <= now->step + 1) data->due[k] = emit(block, data, k, now->step + 1, out);
  }

  // Emits the neuron's events of one step and returns when the next one is due.
  static int64_t emit(const pa_block* block, const pa_source_data* data, size_t k, int64_t done, pa_spike_sink* out) {
    if (data->length[k] == 0) return PA_DUE_NEVER;
    const double* const begin = data->row[0][k];
    const double* const end = begin + data->length[k];
    const double* time = std::partition_point(begin, end, [&](double t) { return steps_to(t, block->dt_ms) < done; });
    for (; time != end; ++time) {
      const int64_t steps = steps_to(*time, block->dt_ms);
      if (steps > done) return steps;
      push_spike(out, block->neuron[k], *time);
    }
    return PA_DUE_NEVER;
  }
};

}  // namespace pa
