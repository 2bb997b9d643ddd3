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
#include "partition.h"

namespace pa {

// Which of a model's state variables are the membrane's.
struct Membrane {
  int32_t v = -1;           // -1: it has none
  int32_t refractory = -1;  // v is held while this is positive; -1: it never is
  bool resets = false;      // a spike sets v
  bool injectable = false;  // takes c as an injected current, else all coupling comes after its step
};

struct GapJunctions {
  std::vector<uint32_t> first, second;  // neuron numbers; a cell with itself is no junction, and equal pairs add up
  std::vector<double> conductance_uS;
  std::vector<uint32_t> neuron;  // all cells that occur, ascending
  std::vector<double> capacitance_nF;
  std::vector<Membrane> membranes;  // [block]
};

// Cells that are connected in any way form a component, which one thread solves on its own, in one order: nothing
// depends on the number of threads. In each step every thread calls, with a barrier wherever "meet" stands:
//   (before the first step: begin, meet) injected for each block, then update; note; meet; solve; meet; store.
class Coupling {
 public:
  Coupling() = default;
  Coupling(const GapJunctions& junctions, const Partition& partition, size_t real_bytes, double dt_ms);
  bool empty() const { return cells_.empty(); }

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
  struct Cell {
    uint32_t block, position;
    double capacitance;  // nF
  };
  struct Component {
    size_t begin, end;  // of cells
    bool stiff;
    bool free;    // none of its cells is fixed in this step
    double gain;  // charge that the cells have gained on their own in this step
  };
  struct Current {
    Memory memory;                               // real[padded n]
    std::vector<std::vector<size_t>> of_thread;  // cells of each, empty if none of the block is coupled
    std::vector<Share> shares;                   // [thread]
  };
  using Vector = std::vector<double>;

  void build_rows(const GapJunctions& junctions, const std::vector<size_t>& cell_of_index);
  void assign(const Partition& partition);
  double read(const pa_block& block, int32_t state, uint32_t position) const;
  double rounded(double x) const;
  void prepare(const Component& part, const std::vector<pa_block>& blocks);
  void move(Component* part, const std::vector<pa_block>& blocks);
  double flow(size_t cell, const Vector& rate, const Vector& x) const;
  void phi1_series(const Component& part);
  void phi1_implicit(const Component& part);
  void solve_implicit(const Component& part, double s);
  double dot(const Component& part, const Vector& x, const Vector& y) const;

  size_t real_bytes_ = 8;
  double dt_ms_ = 0;
  std::vector<Membrane> membranes_;
  std::vector<Cell> cells_;    // by component, within it by neuron number
  std::vector<size_t> row_;    // [cells + 1] of other_ and rate_
  std::vector<size_t> other_;  // the neighbours of each cell, ascending
  Vector rate_;                // dt g/C: dt L has these beside the diagonal, their sum negative on it
  Vector carried_;             // the part of each that goes into c
  std::vector<Component> components_;
  std::vector<std::vector<size_t>> work_;   // [thread] components
  std::vector<std::vector<size_t>> owned_;  // [thread] cells
  std::vector<size_t> cell_;                // [neuron] or kNone
  std::vector<Current> currents_;           // [block]

  Vector v_;                                    // at the beginning of the step
  Vector c_;                                    // nA
  Vector coupled_;                              // dt L v of the step
  std::vector<uint8_t> held_, spiked_, fixed_;  // bytes: different threads write neighbours
  Vector total_;                                // [cells] sum of their rates
  Vector ones_;
  Vector q_, u_, a_, b_, p_, r_;  // work space, of which each component uses its own cells' part
};

}  // namespace pa
