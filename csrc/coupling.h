// Gap junctions: currents g (v_j - v_i) between the membranes of cells, in both directions.
//
// Cells are updated one by one, so the coupling C_i dv_i/dt = sum_j g_ij (v_j - v_i) = C_i (L v)_i is put around their
// step. With F the mean of everything else that a cell's dv/dt has in the step, v' = L v + F is solved by
//     v(t+dt) = v + phi1(dt L) (dt L v + dt F),   phi1(z) = (exp(z) - 1)/z,
// the exponential Euler rule, exact for the coupling alone and exact at rest. F is what the cell's own step shows: it
// starts from v, gets the constant current c = C L v besides its input and arrives at v_B = v + dt (F + c/C). So the
// cell integrates along a path that is right to second order, looks for its spike at a v that is, and the scheme is of
// second order in dt. Splitting after Strang is, too, but with 10 to 30 times its error in v where coupling is slower
// than 1/dt, and looks for spikes before half of the coupling of a step has acted, an error of first order
// (docs/accuracy.md).
//
// Any conductance is stable: phi1(dt L) damps all of its own doing, and where coupling is faster than a step, c takes
// only such a part of each conductance that a cell moves at most to half way between its v and its neighbours' within
// the step.
//
// A cell whose v is held, or is reset at the end of the step, does not move for the others during the step.
#pragma once
#include <cstdint>
#include <vector>

#include "abi.h"
#include "buffer.h"
#include "coupling_tables.h"
#include "partition.h"

namespace pa {

// Cells that are connected in any way form a component, which one thread solves on its own, in one order: nothing
// depends on the number of threads. In each step every thread calls, with a barrier wherever "meet" stands:
//   (before the first step: begin, meet) injected for each block, then update; note; meet; solve; meet; store.
class Coupling {
 public:
  Coupling() = default;
  Coupling(const GapJunctions& junctions, const Partition& partition, size_t real_bytes, double dt_ms);
  bool empty() const { return tables_.cell.empty(); }

  void begin(unsigned thread, const std::vector<pa_block>& blocks);
  // Whether cells of this block are coupled, so that it gets the current of `injected`.
  bool has(size_t block) const { return !empty() && !currents_[block].of_thread.empty(); }
  // The injected current (`stride` as in pa_step) plus c, for the thread's share of the block.
  const void* injected(unsigned thread, size_t block, const void* current, uint32_t stride);
  // These neurons of the thread have spiked in the step.
  void note(const uint32_t* neuron, size_t n);
  void solve(unsigned thread, const std::vector<pa_block>& blocks);
  void store(unsigned thread, const std::vector<pa_block>& blocks) const;

 private:
  struct Current {
    Memory memory;                               // real[padded n]
    std::vector<std::vector<size_t>> of_thread;  // cells of each, empty if none of the block is coupled
    std::vector<Share> shares;                   // [thread]
  };

  void assign(const Partition& partition);
  template <class Real>
  void begin_parts(unsigned thread, const std::vector<pa_block>& blocks);
  template <class Real>
  void solve_parts(unsigned thread, const std::vector<pa_block>& blocks);

  size_t real_bytes_ = 8;
  CouplingTables tables_;
  CouplingView view_{};
  std::vector<std::vector<size_t>> work_;   // [thread] components
  std::vector<std::vector<size_t>> owned_;  // [thread] cells
  std::vector<size_t> cell_;                // [neuron] or kNone
  std::vector<Current> currents_;           // [block]
  std::vector<double> numbers_;             // of the view
  std::vector<uint8_t> flags_;
};

}  // namespace pa
