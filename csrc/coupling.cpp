#include "coupling.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <type_traits>

namespace pa {

namespace {

constexpr size_t kNone = SIZE_MAX;
// Up to this bound of |dt L| the series of phi1 is summed: 30 terms, and e^4 of rounding. Beyond, it takes implicit
// steps.
constexpr double kSeries = 4.0;
constexpr int kImplicitSteps = 4;

// The representative of a cell's component; paths are halved on the way.
size_t find(std::vector<size_t>& parent, size_t k) {
  while (parent[k] != k) k = parent[k] = parent[parent[k]];
  return k;
}

}  // namespace

Coupling::Coupling(const GapJunctions& junctions, const Partition& partition, size_t real_bytes, double dt_ms)
    : real_bytes_(real_bytes), dt_ms_(dt_ms), membranes_(junctions.membranes) {
  const size_t n = junctions.neuron.size();
  std::vector<size_t> index(partition.n_neurons(), kNone), parent(n);
  for (size_t k = 0; k < n; ++k) index[junctions.neuron[k]] = k;
  std::iota(parent.begin(), parent.end(), size_t(0));
  for (size_t k = 0; k < junctions.first.size(); ++k) {
    const size_t a = find(parent, index[junctions.first[k]]), b = find(parent, index[junctions.second[k]]);
    parent[std::max(a, b)] = std::min(a, b);
  }
  // Components in the order of their first cells, so that what is added later leaves the earlier as it was.
  std::vector<size_t> order(n), root(n), place(n);
  std::iota(order.begin(), order.end(), size_t(0));
  for (size_t k = 0; k < n; ++k) root[k] = find(parent, k);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return root[a] < root[b]; });
  cell_.assign(partition.n_neurons(), kNone);
  for (size_t k = 0; k < n; ++k) {
    const uint32_t neuron = junctions.neuron[order[k]];
    const Place at = partition.place(neuron);
    if (k == 0 || root[order[k]] != root[order[k - 1]]) components_.push_back({k, k, false, true, 0.0});
    components_.back().end = k + 1;
    cells_.push_back({at.block, at.position, junctions.capacitance_nF[order[k]]});
    cell_[neuron] = place[order[k]] = k;
  }
  for (size_t& k : index)
    if (k != kNone) k = place[k];
  build_rows(junctions, index);
  assign(partition);
  for (Vector* vector : {&v_, &c_, &coupled_, &q_, &u_, &a_, &b_, &p_, &r_}) vector->assign(n, 0.0);
  ones_.assign(n, 1.0);
  for (auto* flags : {&held_, &spiked_, &fixed_}) flags->assign(n, 0);
}

void Coupling::build_rows(const GapJunctions& junctions, const std::vector<size_t>& cell_of_neuron) {
  struct Half {
    size_t cell, other;
    double conductance;
  };
  std::vector<Half> halves;
  for (size_t k = 0; k < junctions.first.size(); ++k) {
    const size_t a = cell_of_neuron[junctions.first[k]], b = cell_of_neuron[junctions.second[k]];
    if (a == b) continue;
    halves.push_back({a, b, junctions.conductance_uS[k]});
    halves.push_back({b, a, junctions.conductance_uS[k]});
  }
  std::stable_sort(halves.begin(), halves.end(),
                   [](const Half& x, const Half& y) { return x.cell != y.cell ? x.cell < y.cell : x.other < y.other; });
  row_.assign(cells_.size() + 1, 0);
  for (size_t k = 0; k < halves.size(); ++k) {
    const double rate = dt_ms_ * halves[k].conductance / cells_[halves[k].cell].capacitance;
    if (k > 0 && halves[k].cell == halves[k - 1].cell && halves[k].other == halves[k - 1].other) {
      rate_.back() += rate;
    } else {
      other_.push_back(halves[k].other);
      rate_.push_back(rate);
      ++row_[halves[k].cell + 1];
    }
  }
  std::partial_sum(row_.begin(), row_.end(), row_.begin());
  Vector share;
  for (Component& part : components_)
    for (size_t i = part.begin; i < part.end; ++i) {
      const double sum = std::accumulate(rate_.begin() + row_[i], rate_.begin() + row_[i + 1], 0.0);
      share.push_back(membranes_[cells_[i].block].injectable ? 1 / std::max(1.0, 2 * sum) : 0.0);
      total_.push_back(sum);
      part.stiff = part.stiff || 2 * sum > kSeries;  // Gershgorin's bound of |dt L|
    }
  for (size_t i = 0; i < cells_.size(); ++i)  // the same part in both directions, so that c carries no charge away
    for (size_t k = row_[i]; k < row_[i + 1]; ++k) carried_.push_back(rate_[k] * std::min(share[i], share[other_[k]]));
}

// Components go to the thread that has the least to do so far; which one solves a component changes nothing.
void Coupling::assign(const Partition& partition) {
  const unsigned threads = partition.threads();
  work_.resize(threads);
  owned_.resize(threads);
  std::vector<size_t> load(partition.working(), 0);
  for (size_t k = 0; k < components_.size(); ++k) {
    const Component& part = components_[k];
    const size_t thread = std::min_element(load.begin(), load.end()) - load.begin();
    work_[thread].push_back(k);
    load[thread] += (part.end - part.begin) + (row_[part.end] - row_[part.begin]);
  }
  currents_.resize(partition.n_blocks());
  for (size_t k = 0; k < cells_.size(); ++k) {
    const unsigned owner = partition.owner(cells_[k].block, cells_[k].position);
    Current& current = currents_[cells_[k].block];
    current.of_thread.resize(threads);
    current.of_thread[owner].push_back(k);
    owned_[owner].push_back(k);
  }
  for (size_t b = 0; b < currents_.size(); ++b) {
    if (!has(b)) continue;
    currents_[b].memory = zeroed((partition.block(b).n + PA_CHUNK - 1) / PA_CHUNK * PA_CHUNK * real_bytes_);
    for (unsigned t = 0; t < threads; ++t) currents_[b].shares.push_back(partition.share(t, b));
  }
}

double Coupling::read(const pa_block& block, int32_t state, uint32_t position) const {
  if (real_bytes_ == sizeof(float)) return static_cast<const float*>(block.state[state])[position];
  return static_cast<const double*>(block.state[state])[position];
}

double Coupling::rounded(double x) const { return real_bytes_ == sizeof(float) ? static_cast<float>(x) : x; }

// (dt L x) of one cell.
double Coupling::flow(size_t i, const Vector& rate, const Vector& x) const {
  double sum = 0;
  for (size_t k = row_[i]; k < row_[i + 1]; ++k) sum += rate[k] * (x[other_[k]] - x[i]);
  return sum;
}

void Coupling::begin(unsigned thread, const std::vector<pa_block>& blocks) {
  for (const size_t k : work_[thread]) {
    const Component& part = components_[k];
    for (size_t i = part.begin; i < part.end; ++i)
      v_[i] = read(blocks[cells_[i].block], membranes_[cells_[i].block].v, cells_[i].position);
    prepare(part, blocks);
  }
}

// From v_ at the beginning of a step: which cells are held in it, and what is injected.
void Coupling::prepare(const Component& part, const std::vector<pa_block>& blocks) {
  for (size_t i = part.begin; i < part.end; ++i) {
    const Cell& cell = cells_[i];
    const int32_t refractory = membranes_[cell.block].refractory;
    held_[i] = refractory >= 0 && read(blocks[cell.block], refractory, cell.position) > 0;
    spiked_[i] = 0;
    coupled_[i] = flow(i, rate_, v_);
    c_[i] = rounded(flow(i, carried_, v_) * cell.capacitance / dt_ms_);
  }
}

const void* Coupling::injected(unsigned thread, size_t block, const void* current, uint32_t stride) {
  const Current& mine = currents_[block];
  const Share& share = mine.shares[thread];
  const size_t bytes = PA_CHUNK * real_bytes_;
  char* const to = mine.memory.as<char>();
  for (size_t chunk = share.chunk_begin; chunk < share.chunk_end; ++chunk)
    std::memcpy(to + chunk * bytes, static_cast<const char*>(current) + chunk * stride * real_bytes_, bytes);
  const auto add = [&](auto* memory) {
    using real = std::remove_pointer_t<decltype(memory)>;
    for (const size_t i : mine.of_thread[thread]) memory[cells_[i].position] += static_cast<real>(c_[i]);
  };
  if (real_bytes_ == sizeof(float))
    add(mine.memory.as<float>());
  else
    add(mine.memory.as<double>());
  return to;
}

void Coupling::note(const uint32_t* neuron, size_t n) {
  for (size_t k = 0; k < n; ++k) {
    const size_t i = cell_[neuron[k]];
    if (i != kNone && membranes_[cells_[i].block].resets) spiked_[i] = 1;
  }
}

void Coupling::solve(unsigned thread, const std::vector<pa_block>& blocks) {
  for (const size_t k : work_[thread]) {
    move(&components_[k], blocks);
    prepare(components_[k], blocks);
  }
}

void Coupling::store(unsigned thread, const std::vector<pa_block>& blocks) const {
  for (const size_t i : owned_[thread]) {
    void* const state = blocks[cells_[i].block].state[membranes_[cells_[i].block].v];
    if (real_bytes_ == sizeof(float))
      static_cast<float*>(state)[cells_[i].position] = static_cast<float>(v_[i]);
    else
      static_cast<double*>(state)[cells_[i].position] = v_[i];
  }
}

// v_ from the beginning of a step to its end, where the cells have done theirs.
void Coupling::move(Component* part, const std::vector<pa_block>& blocks) {
  part->free = true;
  part->gain = 0;
  for (size_t i = part->begin; i < part->end; ++i) {
    const Cell& cell = cells_[i];
    const double after = read(blocks[cell.block], membranes_[cell.block].v, cell.position);
    fixed_[i] = held_[i] | spiked_[i];
    part->free = part->free && fixed_[i] == 0;
    part->gain += cell.capacitance * (after - v_[i]);
    q_[i] = fixed_[i] ? 0.0 : (after - v_[i]) + (coupled_[i] - dt_ms_ * c_[i] / cell.capacitance);
    if (fixed_[i]) v_[i] = after;
  }
  if (part->stiff)
    phi1_implicit(*part);
  else
    phi1_series(*part);
  for (size_t i = part->begin; i < part->end; ++i)
    if (!fixed_[i]) v_[i] = rounded(v_[i] + u_[i]);
}

// u = phi1(dt L) q = q + dt L q/2! + (dt L)^2 q/3! + ...
void Coupling::phi1_series(const Component& part) {
  double largest = 0, term = 0;
  for (size_t i = part.begin; i < part.end; ++i) {
    u_[i] = a_[i] = q_[i];
    largest = std::max(largest, std::fabs(q_[i]));
  }
  for (int k = 2; k < 50; ++k) {
    term = 0;
    for (size_t i = part.begin; i < part.end; ++i) {
      b_[i] = fixed_[i] ? 0.0 : flow(i, rate_, a_) / k;
      term = std::max(term, std::fabs(b_[i]));
    }
    for (size_t i = part.begin; i < part.end; ++i) u_[i] += a_[i] = b_[i];
    if (term <= 1e-18 * largest) return;
  }
}

// u(1) of u' = dt L u + q, u(0) = 0, by the L-stable two-stage rule of second order: Alexander 1977,
// doi 10.1137/0714068. The largest conductances add rounding to the charge, which is known: it is put right.
void Coupling::phi1_implicit(const Component& part) {
  const double gamma = 1 - std::sqrt(0.5), h = 1.0 / kImplicitSteps;
  std::fill(u_.begin() + part.begin, u_.begin() + part.end, 0.0);
  for (int step = 0; step < kImplicitSteps; ++step)
    for (const double weight : {1 - gamma, gamma}) {
      for (size_t i = part.begin; i < part.end; ++i) b_[i] = fixed_[i] ? 0.0 : flow(i, rate_, u_) + q_[i];
      solve_implicit(part, gamma * h);
      for (size_t i = part.begin; i < part.end; ++i) u_[i] += h * weight * a_[i];
    }
  if (!part.free) return;
  const double missing = (part.gain - dot(part, u_, ones_)) / dot(part, ones_, ones_);
  for (size_t i = part.begin; i < part.end; ++i) u_[i] += missing;
}

// a = (1 - s dt L)^-1 b, and b becomes what is left over: conjugate gradients in the inner product weighted with the
// capacitances, in which L is symmetric, preconditioned with the diagonal. The mean, which L leaves alone, is known.
void Coupling::solve_implicit(const Component& part, double s) {
  const size_t n = part.end - part.begin;
  const auto diagonal = [&](size_t i) { return 1 + s * total_[i]; };
  const double mean = part.free ? dot(part, b_, ones_) / dot(part, ones_, ones_) : 0.0;
  std::fill(a_.begin() + part.begin, a_.begin() + part.end, mean);
  double squared = 0, aim = 0;
  for (size_t i = part.begin; i < part.end; ++i) {
    aim += cells_[i].capacitance * b_[i] * b_[i] / diagonal(i);
    b_[i] -= mean;
    p_[i] = b_[i] / diagonal(i);
    squared += cells_[i].capacitance * b_[i] * p_[i];
  }
  for (size_t k = 0; k < 4 * n + 100 && squared > 1e-28 * aim; ++k) {
    for (size_t i = part.begin; i < part.end; ++i) r_[i] = fixed_[i] ? 0.0 : p_[i] - s * flow(i, rate_, p_);
    const double length = squared / dot(part, p_, r_);
    double next = 0;
    for (size_t i = part.begin; i < part.end; ++i) {
      a_[i] += length * p_[i];
      b_[i] -= length * r_[i];
      next += cells_[i].capacitance * b_[i] * b_[i] / diagonal(i);
    }
    for (size_t i = part.begin; i < part.end; ++i) p_[i] = b_[i] / diagonal(i) + next / squared * p_[i];
    squared = next;
  }
}

// x y weighted with the capacitances: x dot 1 is the charge.
double Coupling::dot(const Component& part, const Vector& x, const Vector& y) const {
  double sum = 0;
  for (size_t i = part.begin; i < part.end; ++i) sum += cells_[i].capacitance * x[i] * y[i];
  return sum;
}

}  // namespace pa
