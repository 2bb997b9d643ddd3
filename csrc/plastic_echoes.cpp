// What synapses with state keep once for all of a target: kept up to date, and given back to every synapse.
#include <algorithm>
#include <cstring>

#include "denormals.h"
#include "plastic_store.h"

namespace pa {

bool PlasticStore::may_echo() const {
  return kernel_->echo != nullptr &&
         std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.rows.dendritic_stride == 0; });
}

void PlasticStore::begin_echoes(size_t n_targets, const std::vector<double>& first, int64_t began) {
  std::vector<char> values(first.size() * kernel_->state_bytes);
  for (size_t v = 0; v < first.size(); ++v) {
    const float single = static_cast<float>(first[v]);
    if (kernel_->state_bytes == sizeof(float))
      std::memcpy(&values[v * sizeof(float)], &single, sizeof(float));
    else
      std::memcpy(&values[v * sizeof(double)], &first[v], sizeof(double));
  }
  echoes_.begin(n_targets, values.size(), values.data());
  for (Part& part : parts_) part.view.began = began;
}

// In the step of the spike, that is before any synapse asks.
void PlasticStore::echo(unsigned thread, uint32_t target, int64_t step) {
  Part& part = parts_[thread];
  if (part.view.by_target == 0 || part.rows.n == 0) return;
  std::memcpy(part.echoed.data(), echoes_.value(target, 0), echoes_.value_bytes());
  kernel_->echo(&part.view, target, step + part.view.dendritic[0], part.echoed.data());
  echoes_.append(target, step, part.echoed.data());
}

void PlasticStore::drop_echoes(unsigned thread, uint32_t target, int64_t last) {
  const pa_synapses& view = parts_[thread].view;
  if (view.by_target != 0 && parts_[thread].rows.n != 0) echoes_.drop(target, last - view.dendritic[0]);
}

void PlasticStore::part_targets(unsigned thread, int64_t last, const PlasticState& to) {
  catch_up(thread, last);
  const Part& part = parts_[thread];
  const pa_synapses& view = part.view;
  const size_t bytes = kernel_->state_bytes;
  for (size_t k = 0; k < part.rows.n; ++k) {
    const uint32_t target = view.target[k];
    const size_t waiting = echoes_.spikes_after(target, last - view.dendritic[0]);
    const int64_t step = echoes_.step(target, waiting), event = step + view.dendritic[0];
    const char* value = echoes_.value(target, waiting);
    if (to.last != nullptr) to.last[k] = std::max(event, view.began);
    if (to.last_post != nullptr) to.last_post[k] = step == PA_NEVER ? PA_NEVER : event;
    to.seen[k] = echoes_.train_end(target) - static_cast<uint32_t>(waiting);
    for (uint32_t v = 0; v < kernel_->n_variables; ++v)
      if (is_of_target(v)) std::memcpy(static_cast<char*>(to.variable[v]) + k * bytes, value, bytes), value += bytes;
  }
}

}  // namespace pa
