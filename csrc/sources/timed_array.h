// ANNarchy's TimedArray: a rate that follows a schedule, and begins it anew after each period.
#pragma once
#include <algorithm>
#include <cmath>

#include "neuron_model.h"
#include "sources/source_data.h"

namespace pa {

// In the step from t to t + dt, `r` becomes the last value whose time is not after t, as an equation r = f(t) would
// have it. Times and the period are rounded to whole steps, so that cycles do not drift. What comes before the first
// value of a cycle is what was there before. Nothing is done in steps in which no value is due.
struct TimedArray {
  static constexpr const char* name = "TimedArray";
  static constexpr uint32_t flags = PA_SOURCE;
  static constexpr uint32_t n_params = 1, n_constants = 1, n_state = 1, n_inputs = 0;
  static constexpr const char* const names[] = {"period", "_period_ms", "r"};
  static constexpr double defaults[] = {-1.0, 0.0};
  static constexpr uint64_t depends[] = {1};
  static constexpr const char* const* param_names = names;
  static constexpr const double* param_defaults = defaults;
  static constexpr const char* const* constant_names = names + 1;
  static constexpr const uint64_t* constant_depends = depends;
  static constexpr const char* const* state_names = names + 2;
  static constexpr const double* state_inits = defaults + 1;
  static constexpr const char* const* input_names = nullptr;
  static void derive(const double* params, double, double* constants) { constants[0] = params[0]; }

  static int64_t steps(double time_ms, double dt_ms) {
    const double n = std::rint(time_ms / dt_ms);
    return n < 9e18 ? static_cast<int64_t>(n) : PA_DUE_NEVER;
  }

  static void update(const pa_block* block, const pa_step* now, size_t chunk_begin, size_t chunk_end, pa_spike_sink*) {
    const pa_source_data* data = static_cast<const pa_source_data*>(block->source_data);
    if (data == nullptr || now->step < 0) return;
    for (size_t chunk = chunk_begin; chunk < chunk_end; ++chunk) {
      const size_t first = chunk * PA_CHUNK;
      int64_t any = 0;
      for (size_t k = first; k < first + PA_CHUNK; ++k) any |= data->due[k] <= now->step ? 1 : 0;
      if (any == 0) continue;
      const real* const period = static_cast<const real*>(block->constant[0]) + chunk * block->constant_stride[0];
      for (size_t k = first; k < first + PA_CHUNK && k < block->n; ++k)
        if (data->due[k] <= now->step)
          data->due[k] = set(block, data, k, now->step, static_cast<double>(period[k - first]));
    }
  }

  // The same for one neuron.
  static void update_neuron(const pa_block* block, const pa_step* now, size_t k, pa_spike_sink*) {
    const pa_source_data* data = static_cast<const pa_source_data*>(block->source_data);
    if (data == nullptr || now->step < 0 || data->due[k] > now->step) return;
    const real* const period = static_cast<const real*>(block->constant[0]);
    const size_t at = k / PA_CHUNK * block->constant_stride[0] + k % PA_CHUNK;
    data->due[k] = set(block, data, k, now->step, static_cast<double>(period[at]));
  }

  // Brings the neuron's rate up to date and returns when that has to be done again.
  static int64_t set(const pa_block* block, const pa_source_data* data, size_t k, int64_t step, double period_ms) {
    if (data->length[k] == 0) return PA_DUE_NEVER;
    const double dt_ms = block->dt_ms;
    const double *const values = data->row[0][k], *const begin = data->row[1][k], *const end = begin + data->length[k];
    const int64_t cycle = period_ms > 0.0 ? std::max<int64_t>(steps(period_ms, dt_ms), 1) : PA_DUE_NEVER;
    const int64_t at = step % cycle;
    const double* next = std::partition_point(begin, end, [&](double t) { return steps(t, dt_ms) <= at; });
    if (next != begin) {
      static_cast<real*>(block->state[0])[k] = static_cast<real>(values[next - begin - 1]);
    } else if (step >= cycle) {
      const double* last = std::partition_point(begin, end, [&](double t) { return steps(t, dt_ms) < cycle; });
      if (last != begin) static_cast<real*>(block->state[0])[k] = static_cast<real>(values[last - begin - 1]);
    }
    const int64_t following = next == end ? cycle : std::min(steps(*next, dt_ms), cycle);
    return following == PA_DUE_NEVER ? PA_DUE_NEVER : step - at + following;
  }
};

}  // namespace pa
