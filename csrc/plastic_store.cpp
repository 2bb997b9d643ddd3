#include "plastic_store.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "deliver.h"
#include "denormals.h"
#include "parallel.h"

namespace pa {

PlasticStore::PlasticStore(const pa_synapse_kernel* kernel, size_t block, bool late, uint32_t modulator,
                           uint32_t modulator_delay, const std::vector<PlasticArrays>& synapses,
                           const Partition& partition, const std::vector<uint32_t>& lane_bits, double dt_ms,
                           uint64_t seed)
    : kernel_(kernel),
      block_(block),
      late_(late),
      modulator_(modulator),
      modulator_delay_(modulator_delay),
      lane_bits_(lane_bits),
      parts_(partition.threads()) {
  if (kernel->abi_version != PA_ABI_VERSION) throw std::invalid_argument("model compiled for another ABI version");
  find_sources(synapses);
  for (const PlasticArrays& s : synapses) deaf_ = deaf_ || s.input == kNoInput;
  in_parallel(partition.threads(), [&](unsigned t) {
    Part& part = parts_[t];
    part.rows.build(synapses, first_source_, end_source_, partition, block, t, lane_bits[t]);
    part.due = Due(longest_axonal_);
    part.nowhere = zeroed(sizeof(double));
    part.echoed.resize(kernel->n_variables);
    part.view = {};
    part.view.lane = part.rows.lane.as<uint32_t>();
    part.view.dendritic = part.rows.dendritic.as<uint16_t>();
    part.view.dendritic_stride = part.rows.dendritic_stride;
    part.view.number = part.rows.number.as<uint32_t>();
    part.view.target = part.rows.target.as<uint32_t>();
    part.view.row_first = part.rows.first.data();
    part.view.n_rows = part.rows.axonal.size();
    part.view.modulator_delay = modulator_delay;
    part.view.dt_ms = dt_ms;
    part.view.seed = seed;
  });
}

void PlasticStore::find_sources(const std::vector<PlasticArrays>& synapses) {
  uint32_t first = UINT32_MAX, end = 0;
  for (const PlasticArrays& s : synapses)
    for (size_t k = 0; k < s.n; ++k) {
      first = std::min(first, s.source[k]);
      end = std::max(end, s.source[k] + 1);
      longest_axonal_ = std::max<uint32_t>(longest_axonal_, s.axonal[k]);
      longest_dendritic_ = std::max<uint32_t>(longest_dendritic_, s.dendritic[k]);
    }
  if (end > 0) first_source_ = first, end_source_ = end;
}

size_t PlasticStore::bytes() const {
  size_t bytes = 0;
  for (const Part& part : parts_) {
    const size_t n = part.rows.n, rows = part.view.n_rows;
    bytes += 3 * n * sizeof(uint32_t) + part.rows.dendritic_stride * n * sizeof(uint16_t);
    for (uint32_t v = 0; v < kernel_->n_variables; ++v)
      if (!part.state.by_target || !is_of_target(v))
        bytes += (part.state.by_row && is_of_row(v) ? rows : n) * kernel_->state_bytes;
    for (const uint32_t stride : part.state.constant_stride) bytes += stride * n * kernel_->state_bytes;
    const size_t of_row = part.state.by_row ? rows : n;
    for (const auto& [array, size] :
         {std::pair(part.state.last, n), std::pair(part.state.last_post, n), std::pair(part.state.last_pre, of_row),
          std::pair(part.state.row_from, of_row), std::pair(part.state.heard, rows)})
      bytes += array == nullptr ? 0 : size * sizeof(int64_t);
    for (const uint32_t* array : {part.state.seen, part.state.seen_modulator})
      bytes += array == nullptr ? 0 : n * sizeof(uint32_t);
    bytes += part.rows.begin.size() * sizeof(uint64_t) + part.rows.first.size() * (sizeof(uint64_t) + sizeof(uint16_t));
  }
  return bytes;
}

void PlasticStore::attach(unsigned thread, const PlasticState& state, const std::vector<const void*>& post,
                          uint32_t stream) {
  Part& part = parts_[thread];
  part.state = state;
  part.post = post;
  pa_synapses& view = part.view;
  view.variable = part.state.variable.data();
  view.constant = part.state.constant.data();
  view.constant_stride = part.state.constant_stride.data();
  view.last = state.last;
  view.last_pre = state.last_pre;
  view.last_post = state.last_post;
  view.seen = state.seen;
  view.seen_modulator = state.seen_modulator;
  view.row_from = state.row_from;
  view.by_row = state.by_row;
  view.by_target = state.by_target;
  view.heard = state.heard;
  view.recent = echoes_.recent();
  view.previous = echoes_.previous();
  view.history = echoes_.history();
  view.post = part.post.empty() ? nullptr : part.post.data();
  view.stream = stream;
}

void PlasticStore::watch(unsigned thread, pa_train* trains, uint64_t first_new) {
  Part& part = parts_[thread];
  part.trains = trains;
  part.view.train = asks(PA_SYNAPSE_POST) ? trains : nullptr;
  for (size_t k = 0; part.state.by_target && k < part.rows.n; ++k)
    echoes_.set_train_end(part.view.target[k], trains[part.view.target[k]].end);
  for (size_t k = 0; k < part.rows.n; ++k) {
    if (part.view.number[k] < first_new) continue;
    if (part.state.seen != nullptr) part.state.seen[k] = trains[part.view.target[k]].end;
    if (asks(PA_SYNAPSE_MODULATED)) part.state.seen_modulator[k] = part.view.modulator.end;
  }
}

void PlasticStore::settle(uint64_t first, uint64_t end, int64_t last) {
  if (!asks(PA_SYNAPSE_POST)) return;
  const Denormals denormals(Mode::kFlush);
  for (Part& part : parts_)
    for (size_t k = 0; part.state.seen != nullptr && k < part.rows.n; ++k) {
      if (part.view.number[k] < first || part.view.number[k] >= end) continue;
      pa_train& train = part.trains[part.view.target[k]];
      const int64_t back = part.view.dendritic[k * part.view.dendritic_stride];
      const uint32_t seen = part.state.seen[k];
      uint32_t taken = seen;
      while (taken != train.end && train.step[taken - train.first] + back <= last) ++taken;
      if (taken == seen) continue;
      const std::vector<int64_t> steps(taken - seen, last - back);
      const pa_train all = std::exchange(train, pa_train{steps.data(), seen, taken, steps.back()});
      kernel_->catch_up(&part.view, k, k + 1, last);
      train = all;
    }
}

void PlasticStore::prefetch_span(const Part& part, uint64_t begin, size_t count) const {
  const pa_synapses& view = part.view;
  const auto all = [&](const auto* of_all) {
    if (of_all != nullptr) prefetch(of_all + begin, count * sizeof *of_all);
  };
  all(view.lane), all(view.last), all(view.last_post);
  if (view.by_row == 0) all(view.last_pre), all(view.row_from);
  all(view.seen), all(view.seen_modulator);
  if (asks(PA_SYNAPSE_POST)) all(view.target);
  for (uint32_t v = 0; v < kernel_->n_variables; ++v) {
    if ((view.by_row != 0 && is_of_row(v)) || (view.by_target != 0 && is_of_target(v))) continue;
    const char* const variable = static_cast<const char*>(part.state.variable[v]);
    prefetch(variable + begin * kernel_->state_bytes, count * kernel_->state_bytes);
  }
}

void PlasticStore::prefetch_row(const Part& part, uint32_t source) const {
  if (source >= end_source_ - first_source_) return;
  const uint64_t begin = part.rows.first[part.rows.begin[source]];
  prefetch_span(part, begin, part.rows.first[part.rows.begin[source + 1]] - begin);
}

pa_arrival PlasticStore::arrival_at(const Part& part, int64_t event, int64_t emitted, uint32_t repeat,
                                    const Ring& ring) const {
  if (deaf_) return {event, repeat, part.nowhere.as<void>(), 0, 0, emitted, 0, nullptr};
  return {event,
          repeat,
          ring.data<void>(),
          ring.offset(event),
          ring.mask(),
          emitted,
          static_cast<uint32_t>(part.further.size()),
          part.further.data()};
}

uint64_t PlasticStore::deliver(unsigned thread, const uint32_t* neuron, size_t n, int64_t step, const Ring& ring) {
  if (!switches_.transmits && !late_) return 0;
  Part& part = parts_[thread];
  const PlasticRows& rows = part.rows;
  pa_arrival arrival = arrival_at(part, step, step, 0, ring);
  const uint32_t extent = end_source_ - first_source_;
  uint64_t events = 0;
  for (size_t k = 0; k < n; ++k) {
    arrival.repeat = k > 0 && neuron[k] == neuron[k - 1] ? arrival.repeat + 1 : 0;
    const uint32_t source = neuron[k] - first_source_;  // wraps around below the first one
    if (!late_ && k + 1 < n) prefetch_row(part, neuron[k + 1] - first_source_);
    if (source >= extent) continue;
    for (uint64_t sub = rows.begin[source]; sub < rows.begin[source + 1]; ++sub) {
      const uint64_t begin = rows.first[sub], end = rows.first[sub + 1];
      events += end - begin;
      if (late_)
        part.due.at(step + rows.axonal[sub])
            .push_back({begin, static_cast<uint32_t>(end - begin), arrival.repeat, 0, step});
      else
        kernel_->arrive(&part.view, begin, end, &arrival);
    }
  }
  return events;
}

void PlasticStore::take_due(unsigned thread, int64_t event, const Ring& ring) {
  Part& part = parts_[thread];
  std::vector<DueSpan>& bucket = part.due.at(event);
  for (size_t k = 0; switches_.transmits && k < bucket.size(); ++k) {
    const DueSpan& span = bucket[k];
    if (k + 1 < bucket.size()) prefetch_span(part, bucket[k + 1].begin, bucket[k + 1].count);
    pa_arrival arrival = arrival_at(part, event, span.emitted, span.repeat, ring);
    arrival.offset = ring.offset(event + span.shift);
    kernel_->arrive(&part.view, span.begin, span.begin + span.count, &arrival);
  }
  bucket.clear();
}

void PlasticStore::catch_up(unsigned thread, int64_t last) {
  const Denormals denormals(Mode::kFlush);  // as in a run, from which this may be called or not
  if (switches_.held == PA_HELD_ALL)
    pass_over(&parts_[thread], last);
  else if (asks(PA_SYNAPSE_POST | PA_SYNAPSE_MODULATED))
    kernel_->catch_up(&parts_[thread].view, 0, size(thread), last);
}

// What has reached synapses that are held does nothing, now or later.
void PlasticStore::pass_over(Part* part, int64_t last) const {
  const pa_synapses& view = part->view;
  const auto pass = [last](const pa_train& train, int64_t delay, uint32_t* seen) {
    while (*seen != train.end && train.step[*seen - train.first] + delay <= last) ++*seen;
  };
  for (size_t k = 0; k < part->rows.n; ++k) {
    if (asks(PA_SYNAPSE_POST))
      pass(part->trains[view.target[k]], view.dendritic[k * view.dendritic_stride], &view.seen[k]);
    if (asks(PA_SYNAPSE_MODULATED)) pass(view.modulator, modulator_delay_, &view.seen_modulator[k]);
  }
}

void PlasticStore::set_switches(const PlasticSwitches& switches) {
  switches_ = switches;
  for (Part& part : parts_) part.view.held = switches.held;
}

void PlasticStore::tick(unsigned thread, int64_t step) {
  if (!asks(PA_SYNAPSE_CLOCKED) || switches_.held == PA_HELD_ALL) return;
  if ((step - switches_.tick_offset) % switches_.tick_period != 0) return;
  kernel_->tick(&parts_[thread].view, 0, size(thread), step);
}

void PlasticStore::observe(unsigned thread, const uint64_t* index, size_t n, uint32_t variable, int64_t last,
                           double* values) {
  const Denormals denormals(Mode::kFlush);
  kernel_->observe(&parts_[thread].view, index, n, variable, last, values);
}

void PlasticStore::export_pending(int64_t after, Pending* pending) const {
  for (unsigned t = 0; t < parts_.size(); ++t) {
    const Part& part = parts_[t];
    for (int64_t event = after + 1; event <= after + part.due.slots(); ++event)
      for (const DueSpan& span : part.due.at(event))
        for (uint64_t k = span.begin; k < span.begin + span.count; ++k) {
          pending->event.push_back(event);
          pending->emitted.push_back(span.emitted);
          pending->number.push_back(part.view.number[k]);
          pending->repeat.push_back(span.repeat);
          pending->delay.push_back(static_cast<int32_t>(lane_delay(part, t, k)) + span.shift);
        }
  }
}

void PlasticStore::import_pending(const Pending& pending, int64_t after) {
  if (pending.event.empty()) return;
  std::vector<uint32_t> wanted = pending.number;
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  const int64_t longest = *std::max_element(pending.event.begin(), pending.event.end()) - after;
  for (unsigned t = 0; t < parts_.size(); ++t) {
    Part& part = parts_[t];
    part.due = Due(std::max(longest_axonal_, static_cast<uint32_t>(longest)));
    std::vector<uint64_t> found(wanted.size(), UINT64_MAX);
    for (uint64_t k = 0; k < part.rows.n; ++k) {
      const auto at = std::lower_bound(wanted.begin(), wanted.end(), part.view.number[k]);
      if (at != wanted.end() && *at == part.view.number[k]) found[static_cast<size_t>(at - wanted.begin())] = k;
    }
    for (size_t i = 0; i < pending.event.size(); ++i) {
      const auto at = std::lower_bound(wanted.begin(), wanted.end(), pending.number[i]);
      const uint64_t k = found[static_cast<size_t>(at - wanted.begin())];
      if (k == UINT64_MAX) continue;
      const int32_t shift = pending.delay[i] - static_cast<int32_t>(lane_delay(part, t, k));
      part.due.at(pending.event[i]).push_back({k, 1, pending.repeat[i], shift, pending.emitted[i]});
      pending_until_ = std::max(pending_until_, pending.event[i]);
    }
  }
}

void PlasticStore::clear_due() {
  for (Part& part : parts_) part.due.clear();
  pending_until_ = PA_NEVER;
}

void PlasticStore::drop_due(uint32_t first, uint32_t end) {
  for (Part& part : parts_)
    for (uint32_t slot = 0; slot < part.due.slots(); ++slot) {
      std::vector<DueSpan> kept;
      for (const DueSpan& span : part.due.at(slot))
        for (uint64_t k = span.begin; k < span.begin + span.count; ++k)
          if (part.view.target[k] < first || part.view.target[k] >= end)
            kept.push_back({k, 1, span.repeat, span.shift, span.emitted});
      part.due.at(slot) = std::move(kept);
    }
}

}  // namespace pa
