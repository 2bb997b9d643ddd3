// How synapses with state see their sources, change neurons, and transmit in every step.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "plastic_store.h"
#include "published.h"

namespace pa {

void PlasticStore::set_links(NeuronLinks links) { links_ = std::move(links); }

void PlasticStore::set_outlets(const std::vector<uint32_t>& inputs, uint32_t ahead, const Partition& partition) {
  ahead_ = ahead;
  for (unsigned t = 0; t < parts_.size(); ++t) {
    parts_[t].further.clear();
    for (const uint32_t input : inputs)
      parts_[t].further.push_back(input * partition.share(t, block_).lanes_per_receptor());
  }
}

void PlasticStore::look_at_sources(unsigned thread, int64_t step, const Published& published, size_t real_bytes) {
  Part& part = parts_[thread];
  const PlasticRows& rows = part.rows;
  const int64_t slots = published.slots();
  const auto fill = [&](auto* values, const void* const* slot) {
    using Real = std::remove_reference_t<decltype(*values)>;
    for (size_t s = 0; s + 1 < rows.begin.size(); ++s)
      for (uint64_t sub = rows.begin[s]; sub < rows.begin[s + 1]; ++sub) {
        const int64_t boundary = step + 1 - rows.axonal[sub];
        const Real* const at = static_cast<const Real*>(slot[((boundary % slots) + slots) % slots]);
        std::fill(values + rows.first[sub], values + rows.first[sub + 1], at[first_source_ + s]);
      }
  };
  for (const SourceLink& link : links_.sources) {
    void* const values = part.state.variable[link.variable];
    if (real_bytes == sizeof(float))
      fill(static_cast<float*>(values), published.slots_of(link.published));
    else
      fill(static_cast<double*>(values), published.slots_of(link.published));
  }
}

void PlasticStore::take_changes(unsigned thread, const Partition& partition, size_t real_bytes,
                                std::vector<NeuronChange>* changes) {
  Part& part = parts_[thread];
  const PlasticRows& rows = part.rows;
  const auto take = [&](auto* values, const ChangeLink& link) {
    for (size_t s = 0; s + 1 < rows.begin.size(); ++s)
      for (uint64_t k = rows.first[rows.begin[s]]; k < rows.first[rows.begin[s + 1]]; ++k) {
        if (values[k] == 0) continue;
        const Place of_target{part.view.target[k], static_cast<uint16_t>(block_), static_cast<uint16_t>(thread)};
        const Place place = link.of_source ? partition.place(static_cast<uint32_t>(first_source_ + s)) : of_target;
        changes->push_back({place, static_cast<uint32_t>(link.state[place.block]), part.view.number[k], link.variable,
                            static_cast<double>(values[k])});
        values[k] = 0;
      }
  };
  for (const ChangeLink& link : links_.changes) {
    void* const values = part.state.variable[link.variable];
    if (real_bytes == sizeof(float))
      take(static_cast<float*>(values), link);
    else
      take(static_cast<double*>(values), link);
  }
}

void PlasticStore::transmit(unsigned thread, int64_t step, const Ring& ring) {
  if (!asks(PA_SYNAPSE_TRANSMITS) || !switches_.transmits) return;
  const Part& part = parts_[thread];
  pa_arrival arrival = arrival_at(part, step, step, 0, ring);
  arrival.offset = ring.offset(step + ahead_);
  kernel_->transmit(&part.view, 0, part.rows.n, &arrival);
}

}  // namespace pa
