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

// One thread's targets in one block.
struct Targets {
  const Partition& partition;
  size_t block;
  unsigned thread;

  bool has(uint32_t target) const {
    const Place& place = partition.place(target);
    if (place.block != block) throw std::invalid_argument("neuron " + std::to_string(target) + " is of another model");
    return place.thread == thread;
  }
  uint32_t position(uint32_t target) const { return partition.place(target).position; }
  uint32_t lane(uint32_t input, uint32_t position) const {
    return input == kNoInput ? 0 : partition.share(thread, block).lane(input, position);
  }
};

// Where each source's synapses begin, and at last where all end.
std::vector<uint64_t> beginnings(const std::vector<PlasticArrays>& synapses, uint32_t first_source, size_t sources,
                                 const Targets& targets) {
  std::vector<uint64_t> begin(sources + 1, 0);
  for (const PlasticArrays& s : synapses)
    for (size_t k = 0; k < s.n; ++k)
      if (targets.has(s.target[k])) ++begin[s.source[k] - first_source + size_t(1)];
  for (size_t k = 1; k < begin.size(); ++k) begin[k] += begin[k - 1];
  return begin;
}

// Whether all have the same steps.
bool is_uniform(const std::vector<PlasticArrays>& synapses, Steps PlasticArrays::*steps) {
  const PlasticArrays* first = nullptr;
  for (const PlasticArrays& s : synapses) {
    if (s.n == 0) continue;
    if (first == nullptr) first = &s;
    const Steps& these = s.*steps;
    for (size_t k = 0; k < (these.stride == 0 ? 1 : s.n); ++k)
      if (these[k] != (first->*steps)[0]) return false;
  }
  return true;
}

}  // namespace

void PlasticRows::make_room(const std::vector<PlasticArrays>& synapses) {
  dendritic_stride = is_uniform(synapses, &PlasticArrays::dendritic) ? 0 : 1;
  lane = Memory(n * sizeof(uint32_t));
  number = Memory(n * sizeof(uint32_t));
  target = Memory(n * sizeof(uint32_t));
  dendritic = zeroed((dendritic_stride == 0 ? 1 : n) * sizeof(uint16_t));
}

// Sorts where the order of creation is not the one wanted already, as it is where connectors go by target.
void PlasticRows::sort_row(uint64_t begin, uint64_t end, uint16_t* axonal_of_each) {
  std::vector<Synapse> row;
  row.reserve(end - begin);
  for (uint64_t k = begin; k < end; ++k)
    row.push_back({lane.as<uint32_t>()[k], number.as<uint32_t>()[k], target.as<uint32_t>()[k],
                   axonal_of_each == nullptr ? uint16_t(0) : axonal_of_each[k],
                   dendritic.as<uint16_t>()[k * dendritic_stride]});
  std::stable_sort(row.begin(), row.end());
  for (uint64_t k = begin; k < end; ++k) {
    const Synapse& s = row[k - begin];
    lane.as<uint32_t>()[k] = s.lane;
    number.as<uint32_t>()[k] = s.number;
    target.as<uint32_t>()[k] = s.target;
    if (axonal_of_each != nullptr) axonal_of_each[k] = s.axonal;
    if (dendritic_stride != 0) dendritic.as<uint16_t>()[k] = s.dendritic;
  }
}

// Straight into its place, and without what all have in common: memory that is touched for the first time costs more
// than the work (7 us a page on a virtual machine, measured).
void PlasticRows::build(const std::vector<PlasticArrays>& synapses, uint32_t first_source, uint32_t end_source,
                        const Partition& partition, size_t block, unsigned thread, uint32_t lane_bits) {
  const Targets targets{partition, block, thread};
  std::vector<uint64_t> end = beginnings(synapses, first_source, end_source - first_source, targets);
  n = end.back();
  make_room(synapses);
  const bool one_axonal = is_uniform(synapses, &PlasticArrays::axonal);
  const Memory axonal_memory((one_axonal ? 0 : n) * sizeof(uint16_t));
  uint16_t* const axonal_of_each = one_axonal ? nullptr : axonal_memory.as<uint16_t>();
  uint16_t common_axonal = 0;
  for (const PlasticArrays& s : synapses)
    for (size_t k = 0; k < s.n; ++k) {
      if (!targets.has(s.target[k])) continue;
      const uint64_t at = end[s.source[k] - first_source]++;
      const uint32_t position = targets.position(s.target[k]);
      lane.as<uint32_t>()[at] =
          static_cast<uint32_t>(uint64_t(s.delay[k]) << lane_bits) | targets.lane(s.input, position);
      number.as<uint32_t>()[at] = s.number_of(k);
      target.as<uint32_t>()[at] = position;
      dendritic.as<uint16_t>()[at * dendritic_stride] = s.dendritic[k];
      common_axonal = s.axonal[k];
      if (!one_axonal) axonal_of_each[at] = common_axonal;
    }
  begin.assign(1, 0);
  first.clear();
  axonal.clear();
  const uint32_t* const lanes = lane.as<uint32_t>();
  uint64_t at = 0;
  for (size_t source = 0; source + 1 < end.size(); ++source) {
    const auto axonal_at = [&](uint64_t k) { return one_axonal ? common_axonal : axonal_of_each[k]; };
    for (uint64_t k = at + 1; k < end[source]; ++k)
      if (axonal_at(k) < axonal_at(k - 1) || (axonal_at(k) == axonal_at(k - 1) && lanes[k] < lanes[k - 1])) {
        sort_row(at, end[source], axonal_of_each);
        break;
      }
    for (const uint64_t row_begin = at; at < end[source]; ++at)
      if (at == row_begin || axonal_at(at) != axonal_at(at - 1)) {
        first.push_back(at);
        axonal.push_back(axonal_at(at));
      }
    begin.push_back(first.size());
  }
  first.push_back(n);
}

}  // namespace pa
