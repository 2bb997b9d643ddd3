// What the spikes of one block's neurons have left behind for the synapses of one store onto them: see
// pa_synapses.by_target.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "abi.h"
#include "buffer.h"

namespace pa {

// By position in the block. Each is written and read by the thread that owns the neuron alone.
class EchoStore {
 public:
  // Forget all spikes. `first`: what there is before any, so many bytes.
  void begin(size_t n_targets, size_t bytes, const void* first) {
    bytes_ = bytes;
    stride_ = sizeof(pa_recent) + bytes;
    recent_ = Memory(n_targets * stride_);
    previous_ = Memory(n_targets * bytes);
    for (size_t target = 0; target < n_targets; ++target) {
      recent(target)->latest = PA_NEVER;
      std::fill_n(recent(target)->earlier, PA_RECENT, PA_LONG_AGO);
      recent(target)->earlier[0] = 0;
      copy(recent_value(target), first);
      copy(previous_value(target), first);
    }
    kept_.assign(n_targets, Kept());
    ends_.assign(n_targets, 0);
    history_.assign(n_targets, pa_history{nullptr, nullptr, 0});
  }

  void append(size_t target, int64_t step, const void* value) {
    Kept& kept = kept_[target];
    pa_recent* const last = recent(target);
    char* const values = recent_value(target);
    if (kept.step.empty()) push(&kept, last->latest, values);
    push(&kept, step, value);
    ++ends_[target];
    const int64_t gap = step - last->latest;
    for (size_t k = PA_RECENT - 1; k > 0; --k)
      last->earlier[k] = static_cast<int16_t>(std::min<int64_t>(last->earlier[k - 1] + gap, PA_LONG_AGO));
    last->latest = step;
    copy(previous_value(target), values);
    copy(values, value);
    show(target);
  }
  // Forget spikes up to a step but the last of them.
  void drop(size_t target, int64_t last_step) {
    Kept& kept = kept_[target];
    const auto after = std::upper_bound(kept.step.begin(), kept.step.end(), last_step);
    const auto n = after - kept.step.begin() - 1;
    if (n <= 0) return;
    kept.step.erase(kept.step.begin(), kept.step.begin() + n);
    kept.value.erase(kept.value.begin(), kept.value.begin() + n * static_cast<ptrdiff_t>(bytes_));
    show(target);
  }

  size_t spikes_after(size_t target, int64_t step) const {
    const std::vector<int64_t>& steps = kept_[target].step;
    return static_cast<size_t>(steps.end() - std::upper_bound(steps.begin(), steps.end(), step));
  }
  // The step of the spike with so many after it, and what it left behind.
  int64_t step(size_t target, size_t back) const {
    return back == 0 ? recent(target)->latest : kept_[target].step[place(target, back)];
  }
  const char* value(size_t target, size_t back) const {
    return back == 0 ? recent_value(target) : kept_[target].value.data() + place(target, back) * bytes_;
  }

  // How many spikes the target's train has had, which is said once and counted on.
  uint32_t train_end(size_t target) const { return ends_[target]; }
  void set_train_end(size_t target, uint32_t end) { ends_[target] = end; }

  const void* recent() const { return recent_.as<void>(); }
  const void* previous() const { return previous_.as<void>(); }
  const pa_history* history() const { return history_.data(); }
  size_t value_bytes() const { return bytes_; }

 private:
  struct Kept {
    std::vector<int64_t> step;
    std::vector<char> value;
  };
  pa_recent* recent(size_t target) const { return reinterpret_cast<pa_recent*>(recent_.as<char>() + target * stride_); }
  char* recent_value(size_t target) const { return recent_.as<char>() + target * stride_ + sizeof(pa_recent); }
  size_t place(size_t target, size_t back) const { return kept_[target].step.size() - 1 - back; }
  char* previous_value(size_t target) const { return previous_.as<char>() + target * bytes_; }
  void copy(char* to, const void* value) const {
    if (bytes_ > 0) std::memcpy(to, value, bytes_);
  }
  void push(Kept* kept, int64_t step, const void* value) {
    const char* const bytes = static_cast<const char*>(value);
    kept->value.insert(kept->value.end(), bytes, bytes + bytes_);
    kept->step.push_back(step);
  }
  void show(size_t target) {
    const Kept& kept = kept_[target];
    history_[target] = {kept.step.data(), kept.value.data(), kept.step.size()};
  }

  size_t bytes_ = 0, stride_ = 0;
  Memory recent_, previous_;
  std::vector<Kept> kept_;
  std::vector<pa_history> history_;
  std::vector<uint32_t> ends_;
};

}  // namespace pa
