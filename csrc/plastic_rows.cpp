#include "plastic_rows.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace pa {

namespace {

struct Synapse {
  uint32_t lane, number, target;
  uint16_t axonal, dendritic;

  bool operator<(const Synapse& other) const {
    return axonal != other.axonal ? axonal < other.axonal : lane < other.lane;
  }
};

// The thread's synapses by source, each source's in order of creation; `end` of each source.
std::vector<Synapse> scatter(const std::vector<PlasticArrays>& synapses, uint32_t first_source, size_t sources,
                             const Partition& partition, size_t block, unsigned thread, uint32_t lane_bits,
                             std::vector<uint64_t>* end) {
  const auto mine = [&](uint32_t target) {
    const Place place = partition.place(target);
    if (place.block != block) throw std::invalid_argument("neuron " + std::to_string(target) + " is of another model");
    return place.thread == thread;
  };
  std::vector<uint64_t> cursor(sources + 1, 0);
  for (const PlasticArrays& s : synapses)
    for (size_t k = 0; k < s.n; ++k)
      if (mine(s.target[k])) ++cursor[s.source[k] - first_source + size_t(1)];
  for (size_t k = 1; k < cursor.size(); ++k) cursor[k] += cursor[k - 1];
  std::vector<Synapse> sorted(cursor.back());
  for (const PlasticArrays& s : synapses)
    for (size_t k = 0; k < s.n; ++k) {
      if (!mine(s.target[k])) continue;
      const uint32_t position = partition.place(s.target[k]).position;
      const uint32_t lane = s.input == kNoInput ? 0 : partition.share(thread, block).lane(s.input, position);
      sorted[cursor[s.source[k] - first_source]++] = {static_cast<uint32_t>(uint64_t(s.delay[k]) << lane_bits) | lane,
                                                      s.number[k], position, s.axonal[k], s.dendritic[k]};
    }
  cursor.pop_back();
  *end = std::move(cursor);
  return sorted;
}

}  // namespace

void PlasticRows::build(const std::vector<PlasticArrays>& synapses, uint32_t first_source, uint32_t end_source,
                        const Partition& partition, size_t block, unsigned thread, uint32_t lane_bits) {
  std::vector<uint64_t> end;
  std::vector<Synapse> sorted =
      scatter(synapses, first_source, end_source - first_source, partition, block, thread, lane_bits, &end);
  n = sorted.size();
  begin.assign(1, 0);
  first.clear();
  axonal.clear();
  uint64_t at = 0;
  for (const uint64_t row_end : end) {
    const auto row = sorted.begin() + static_cast<ptrdiff_t>(at),
               stop = sorted.begin() + static_cast<ptrdiff_t>(row_end);
    if (!std::is_sorted(row, stop)) std::stable_sort(row, stop);
    for (const uint64_t row_begin = at; at < row_end; ++at)
      if (at == row_begin || sorted[at].axonal != sorted[at - 1].axonal) {
        first.push_back(at);
        axonal.push_back(sorted[at].axonal);
      }
    begin.push_back(first.size());
  }
  first.push_back(n);

  const bool uniform = std::all_of(sorted.begin(), sorted.end(),
                                   [&](const Synapse& s) { return s.dendritic == sorted.front().dendritic; });
  dendritic_stride = uniform ? 0 : 1;
  lane = Memory(n * sizeof(uint32_t));
  number = Memory(n * sizeof(uint32_t));
  target = Memory(n * sizeof(uint32_t));
  dendritic = zeroed((uniform ? 1 : n) * sizeof(uint16_t));
  for (size_t k = 0; k < n; ++k) {
    lane.as<uint32_t>()[k] = sorted[k].lane;
    number.as<uint32_t>()[k] = sorted[k].number;
    target.as<uint32_t>()[k] = sorted[k].target;
    dendritic.as<uint16_t>()[k * dendritic_stride] = sorted[k].dendritic;
  }
}

}  // namespace pa
