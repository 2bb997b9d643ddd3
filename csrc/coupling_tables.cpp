#include "coupling_tables.h"

#include <algorithm>
#include <numeric>

namespace pa {

namespace {

// Up to this bound of |dt L| the series of phi1 is summed: 30 terms, and e^4 of rounding. Beyond, it takes implicit
// steps.
constexpr double kSeries = 4.0;

// The representative of a cell's component; paths are halved on the way.
size_t find(std::vector<size_t>& parent, size_t k) {
  while (parent[k] != k) k = parent[k] = parent[parent[k]];
  return k;
}

}  // namespace

CouplingTables::CouplingTables(const GapJunctions& junctions, double dt_ms) : membrane(junctions.membranes) {
  const size_t n = junctions.neuron.size();
  const auto index_of = [&](uint32_t number) {
    const auto at = std::lower_bound(junctions.neuron.begin(), junctions.neuron.end(), number);
    return static_cast<size_t>(at - junctions.neuron.begin());
  };
  std::vector<size_t> first(junctions.first.size()), second(junctions.second.size()), parent(n);
  std::transform(junctions.first.begin(), junctions.first.end(), first.begin(), index_of);
  std::transform(junctions.second.begin(), junctions.second.end(), second.begin(), index_of);
  std::iota(parent.begin(), parent.end(), size_t(0));
  for (size_t k = 0; k < first.size(); ++k) {
    const size_t a = find(parent, first[k]), b = find(parent, second[k]);
    parent[std::max(a, b)] = std::min(a, b);
  }
  // Components in the order of their first cells, so that what is added later leaves the earlier as it was.
  std::vector<size_t> order(n), root(n), place(n);
  std::iota(order.begin(), order.end(), size_t(0));
  for (size_t k = 0; k < n; ++k) root[k] = find(parent, k);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return root[a] < root[b]; });
  for (size_t k = 0; k < n; ++k) {
    const size_t at = order[k];
    if (k == 0 || root[at] != root[order[k - 1]]) part.push_back({k, k, 0});
    part.back().end = k + 1;
    cell.push_back({junctions.block[at], junctions.position[at], junctions.capacitance_nF[at]});
    neuron.push_back(junctions.neuron[at]);
    place[at] = k;
  }
  for (std::vector<size_t>* ends : {&first, &second})
    for (size_t& k : *ends) k = place[k];
  build_rows(junctions, first, second, dt_ms);
}

void CouplingTables::build_rows(const GapJunctions& junctions, const std::vector<size_t>& first,
                                const std::vector<size_t>& second, double dt_ms) {
  struct Half {
    size_t cell, other;
    double conductance;
  };
  std::vector<Half> halves;
  for (size_t k = 0; k < first.size(); ++k) {
    if (first[k] == second[k]) continue;
    halves.push_back({first[k], second[k], junctions.conductance_uS[k]});
    halves.push_back({second[k], first[k], junctions.conductance_uS[k]});
  }
  std::stable_sort(halves.begin(), halves.end(),
                   [](const Half& x, const Half& y) { return x.cell != y.cell ? x.cell < y.cell : x.other < y.other; });
  row.assign(cell.size() + 1, 0);
  for (size_t k = 0; k < halves.size(); ++k) {
    const double one = dt_ms * halves[k].conductance / cell[halves[k].cell].capacitance;
    if (k > 0 && halves[k].cell == halves[k - 1].cell && halves[k].other == halves[k - 1].other) {
      rate.back() += one;
    } else {
      other.push_back(halves[k].other);
      rate.push_back(one);
      ++row[halves[k].cell + 1];
    }
  }
  std::partial_sum(row.begin(), row.end(), row.begin());
  std::vector<double> share;
  for (CoupledPart& each : part)
    for (size_t i = each.begin; i < each.end; ++i) {
      const auto begin = rate.begin() + static_cast<ptrdiff_t>(row[i]),
                 end = rate.begin() + static_cast<ptrdiff_t>(row[i + 1]);
      total.push_back(std::accumulate(begin, end, 0.0));
      share.push_back(membrane[cell[i].block].injectable ? 1 / std::max(1.0, 2 * total.back()) : 0.0);
      if (2 * total.back() > kSeries) each.stiff = 1;  // Gershgorin's bound of |dt L|
    }
  for (size_t i = 0; i < cell.size(); ++i)  // the same part in both directions, so that c carries no charge away
    for (size_t k = row[i]; k < row[i + 1]; ++k) carried.push_back(rate[k] * std::min(share[i], share[other[k]]));
}

}  // namespace pa
