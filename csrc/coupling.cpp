#include "coupling.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace pa {

namespace {

constexpr size_t kNone = SIZE_MAX;

auto states_of(const std::vector<pa_block>& blocks) {
  return [&blocks](size_t b) { return blocks[b].state; };
}

}  // namespace

Coupling::Coupling(const GapJunctions& junctions, const Partition& partition, size_t real_bytes, double dt_ms)
    : real_bytes_(real_bytes), tables_(junctions, dt_ms), cell_(partition.n_neurons(), kNone) {
  const size_t n = tables_.cell.size();
  for (size_t k = 0; k < n; ++k) cell_[tables_.neuron[k]] = k;
  assign(partition);
  view_ = {tables_.cell.data(),    tables_.row.data(),   tables_.other.data(),    tables_.rate.data(),
           tables_.carried.data(), tables_.total.data(), tables_.membrane.data(), dt_ms};
  double** const numbers[] = {&view_.v, &view_.c, &view_.coupled, &view_.q, &view_.u,
                              &view_.a, &view_.b, &view_.p,       &view_.r};
  uint8_t** const flags[] = {&view_.held, &view_.spiked, &view_.fixed};
  numbers_.assign(n * std::size(numbers), 0.0);
  flags_.assign(n * std::size(flags), 0);
  for (size_t k = 0; k < std::size(numbers); ++k) *numbers[k] = numbers_.data() + k * n;
  for (size_t k = 0; k < std::size(flags); ++k) *flags[k] = flags_.data() + k * n;
}

// Components go to the thread that has the least to do so far; which one solves a component changes nothing.
void Coupling::assign(const Partition& partition) {
  const unsigned threads = partition.threads();
  work_.resize(threads);
  owned_.resize(threads);
  std::vector<size_t> load(partition.working(), 0);
  for (size_t k = 0; k < tables_.part.size(); ++k) {
    const CoupledPart& part = tables_.part[k];
    const size_t thread = std::min_element(load.begin(), load.end()) - load.begin();
    work_[thread].push_back(k);
    load[thread] += (part.end - part.begin) + (tables_.row[part.end] - tables_.row[part.begin]);
  }
  currents_.resize(partition.n_blocks());
  for (size_t k = 0; k < tables_.cell.size(); ++k) {
    const unsigned owner = partition.owner(tables_.cell[k].block, tables_.cell[k].position);
    Current& current = currents_[tables_.cell[k].block];
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

void Coupling::begin(unsigned thread, const std::vector<pa_block>& blocks) {
  real_bytes_ == sizeof(float) ? begin_parts<float>(thread, blocks) : begin_parts<double>(thread, blocks);
}

template <class Real>
void Coupling::begin_parts(unsigned thread, const std::vector<pa_block>& blocks) {
  const CouplingSolver<Real> solver(view_);
  for (const size_t k : work_[thread]) {
    const CoupledPart& part = tables_.part[k];
    for (size_t i = part.begin; i < part.end; ++i) view_.v[i] = solver.read_v(i, states_of(blocks));
    solver.prepare(part, states_of(blocks));
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
    for (const size_t i : mine.of_thread[thread]) memory[tables_.cell[i].position] += static_cast<real>(view_.c[i]);
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
    if (i != kNone && tables_.membrane[tables_.cell[i].block].resets) view_.spiked[i] = 1;
  }
}

void Coupling::solve(unsigned thread, const std::vector<pa_block>& blocks) {
  real_bytes_ == sizeof(float) ? solve_parts<float>(thread, blocks) : solve_parts<double>(thread, blocks);
}

template <class Real>
void Coupling::solve_parts(unsigned thread, const std::vector<pa_block>& blocks) {
  const CouplingSolver<Real> solver(view_);
  for (const size_t k : work_[thread]) {
    solver.move(tables_.part[k], states_of(blocks));
    solver.prepare(tables_.part[k], states_of(blocks));
  }
}

void Coupling::store(unsigned thread, const std::vector<pa_block>& blocks) const {
  for (const size_t i : owned_[thread]) {
    const CoupledCell& cell = tables_.cell[i];
    void* const state = blocks[cell.block].state[tables_.membrane[cell.block].v];
    if (real_bytes_ == sizeof(float))
      static_cast<float*>(state)[cell.position] = static_cast<float>(view_.v[i]);
    else
      static_cast<double*>(state)[cell.position] = view_.v[i];
  }
}

}  // namespace pa
