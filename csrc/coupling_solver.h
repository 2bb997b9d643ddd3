// One component of cells that gap junctions connect, through one step: see coupling.h for what is solved.
//
// For host and device: nothing but arrays, of which a component uses its own cells' part, in one order.
#pragma once
#include <cmath>
#include <cstdint>

#include "abi.h"

namespace pa {

// Which of a model's state variables are the membrane's.
struct Membrane {
  int32_t v = -1;           // -1: it has none
  int32_t refractory = -1;  // v is held while this is positive; -1: it never is
  bool resets = false;      // a spike sets v
  bool injectable = false;  // takes c as an injected current, else all coupling comes after its step
};

struct CoupledCell {
  uint32_t block, position;
  double capacitance;  // nF
};

struct CoupledPart {
  uint64_t begin, end;  // of cells
  uint64_t stiff;
};

// Element [cell] of each, but for the neighbours.
struct CouplingView {
  const CoupledCell* cell;
  const uint64_t* row;       // [cells + 1] of other, rate and carried
  const uint64_t* other;     // the neighbours of each cell, ascending
  const double* rate;        // dt g/C: dt L has these beside the diagonal, their sum negative on it
  const double* carried;     // the part of each that goes into c
  const double* total;       // sum of the cell's rates
  const Membrane* membrane;  // [block]
  double dt_ms;
  double *v, *c, *coupled;         // at the beginning of the step; nA; dt L v of the step
  double *q, *u, *a, *b, *p, *r;   // work space
  uint8_t *held, *spiked, *fixed;  // bytes: different threads write neighbours
};

// `state(b)`: the state variables of block b.
template <class Real>
class CouplingSolver {
 public:
  explicit CouplingSolver(const CouplingView& view) : x_(view) {}

  template <class StateOf>
  double read_v(uint64_t i, const StateOf& state) const {
    return read(state, i, x_.membrane[x_.cell[i].block].v);
  }

  // From v at the beginning of a step: which cells are held in it, and what is injected.
  template <class StateOf>
  void prepare(const CoupledPart& part, const StateOf& state) const {
    for (uint64_t i = part.begin; i < part.end; ++i) {
      const int32_t refractory = x_.membrane[x_.cell[i].block].refractory;
      x_.held[i] = refractory >= 0 && read(state, i, refractory) > 0;
      x_.spiked[i] = 0;
      x_.coupled[i] = flow(i, x_.rate, x_.v);
      x_.c[i] = static_cast<Real>(flow(i, x_.carried, x_.v) * x_.cell[i].capacitance / x_.dt_ms);
    }
  }

  // v from the beginning of a step to its end, where the cells have done theirs.
  template <class StateOf>
  void move(const CoupledPart& part, const StateOf& state) const {
    bool free = true;  // no cell is fixed
    double gain = 0;   // charge that the cells have gained on their own
    for (uint64_t i = part.begin; i < part.end; ++i) {
      const double capacitance = x_.cell[i].capacitance, after = read_v(i, state);
      x_.fixed[i] = x_.held[i] | x_.spiked[i];
      free = free && x_.fixed[i] == 0;
      gain += capacitance * (after - x_.v[i]);
      x_.q[i] = x_.fixed[i] ? 0.0 : (after - x_.v[i]) + (x_.coupled[i] - x_.dt_ms * x_.c[i] / capacitance);
      if (x_.fixed[i]) x_.v[i] = after;
    }
    if (part.stiff)
      phi1_implicit(part, free, gain);
    else
      phi1_series(part);
    for (uint64_t i = part.begin; i < part.end; ++i)
      if (!x_.fixed[i]) x_.v[i] = static_cast<Real>(x_.v[i] + x_.u[i]);
  }

 private:
  static constexpr int kImplicitSteps = 4;

  template <class StateOf>
  double read(const StateOf& state, uint64_t i, int32_t which) const {
    return static_cast<const Real*>(state(x_.cell[i].block)[which])[x_.cell[i].position];
  }

  // (dt L y) of one cell.
  double flow(uint64_t i, const double* rate, const double* y) const {
    double sum = 0;
    for (uint64_t k = x_.row[i]; k < x_.row[i + 1]; ++k) sum += rate[k] * (y[x_.other[k]] - y[i]);
    return sum;
  }

  // u = phi1(dt L) q = q + dt L q/2! + (dt L)^2 q/3! + ...
  void phi1_series(const CoupledPart& part) const {
    double largest = 0, term = 0;
    for (uint64_t i = part.begin; i < part.end; ++i) {
      x_.u[i] = x_.a[i] = x_.q[i];
      largest = larger(largest, std::fabs(x_.q[i]));
    }
    for (int k = 2; k < 50; ++k) {
      term = 0;
      for (uint64_t i = part.begin; i < part.end; ++i) {
        x_.b[i] = x_.fixed[i] ? 0.0 : flow(i, x_.rate, x_.a) / k;
        term = larger(term, std::fabs(x_.b[i]));
      }
      for (uint64_t i = part.begin; i < part.end; ++i) x_.u[i] += x_.a[i] = x_.b[i];
      if (term <= 1e-18 * largest) return;
    }
  }

  // u(1) of u' = dt L u + q, u(0) = 0, by the L-stable two-stage rule of second order: Alexander 1977,
  // doi 10.1137/0714068. The largest conductances add rounding to the charge, which is known: it is put right.
  void phi1_implicit(const CoupledPart& part, bool free, double gain) const {
    const double gamma = 1 - std::sqrt(0.5), h = 1.0 / kImplicitSteps, weights[] = {1 - gamma, gamma};
    for (uint64_t i = part.begin; i < part.end; ++i) x_.u[i] = 0.0;
    for (int step = 0; step < kImplicitSteps; ++step)
      for (const double weight : weights) {
        for (uint64_t i = part.begin; i < part.end; ++i) x_.b[i] = x_.fixed[i] ? 0.0 : flow(i, x_.rate, x_.u) + x_.q[i];
        solve_implicit(part, free, gamma * h);
        for (uint64_t i = part.begin; i < part.end; ++i) x_.u[i] += h * weight * x_.a[i];
      }
    if (!free) return;
    const double missing = (gain - charge(part, x_.u)) / capacitance(part);
    for (uint64_t i = part.begin; i < part.end; ++i) x_.u[i] += missing;
  }

  // a = (1 - s dt L)^-1 b, and b becomes what is left over: conjugate gradients in the inner product weighted with the
  // capacitances, in which L is symmetric, preconditioned with the diagonal. The mean, which L leaves alone, is known.
  void solve_implicit(const CoupledPart& part, bool free, double s) const {
    const uint64_t n = part.end - part.begin;
    const double mean = free ? charge(part, x_.b) / capacitance(part) : 0.0;
    double squared = 0, aim = 0;
    for (uint64_t i = part.begin; i < part.end; ++i) {
      const double diagonal = 1 + s * x_.total[i];
      x_.a[i] = mean;
      aim += x_.cell[i].capacitance * x_.b[i] * x_.b[i] / diagonal;
      x_.b[i] -= mean;
      x_.p[i] = x_.b[i] / diagonal;
      squared += x_.cell[i].capacitance * x_.b[i] * x_.p[i];
    }
    for (uint64_t k = 0; k < 4 * n + 100 && squared > 1e-28 * aim; ++k) {
      double along = 0, next = 0;
      for (uint64_t i = part.begin; i < part.end; ++i)
        x_.r[i] = x_.fixed[i] ? 0.0 : x_.p[i] - s * flow(i, x_.rate, x_.p);
      for (uint64_t i = part.begin; i < part.end; ++i) along += x_.cell[i].capacitance * x_.p[i] * x_.r[i];
      const double length = squared / along;
      for (uint64_t i = part.begin; i < part.end; ++i) {
        x_.a[i] += length * x_.p[i];
        x_.b[i] -= length * x_.r[i];
        next += x_.cell[i].capacitance * x_.b[i] * x_.b[i] / (1 + s * x_.total[i]);
      }
      for (uint64_t i = part.begin; i < part.end; ++i)
        x_.p[i] = x_.b[i] / (1 + s * x_.total[i]) + next / squared * x_.p[i];
      squared = next;
    }
  }

  double charge(const CoupledPart& part, const double* y) const {
    double sum = 0;
    for (uint64_t i = part.begin; i < part.end; ++i) sum += x_.cell[i].capacitance * y[i];
    return sum;
  }
  double capacitance(const CoupledPart& part) const {
    double sum = 0;
    for (uint64_t i = part.begin; i < part.end; ++i) sum += x_.cell[i].capacitance;
    return sum;
  }
  static double larger(double x, double y) { return x > y ? x : y; }

  const CouplingView x_;
};

}  // namespace pa
