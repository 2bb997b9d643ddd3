// Gap junctions on a device: a thread solves a component of coupled cells, as a thread of the host does.
//
// So networks of many components gain from a device, and one large component does not: it is one thread's work, of
// which nothing depends on the grid.
#pragma once
#include "coupling_solver.h"
#include "cuda/device_network.cuh"
#include "cuda/thread.cuh"

namespace pa {
namespace cuda {

struct Coupling {
  CouplingView view;
  const CoupledPart* part;
  uint64_t n_parts;
  const uint32_t* const* cell;  // [block] null, or [n] the cell of each neuron or kNobody
};

static_assert(sizeof(Coupling) == 23 * 8 && sizeof(CoupledCell) == 16 && sizeof(CoupledPart) == 24 &&
                  sizeof(Membrane) == 12,
              "native/cuda/coupling.py writes these structs");

inline uint32_t coupled_cell(const Network& net, const Block& b, uint32_t k) {
  if (net.coupling() == nullptr) return kNobody;
  const uint32_t* const cells = net.coupling()->cell[&b - net.block];
  return cells == nullptr ? kNobody : cells[k];
}

// Besides what else is injected into a neuron.
inline real coupling_current(const Network& net, const Block& b, uint32_t k) {
  const uint32_t cell = coupled_cell(net, b, k);
  return cell == kNobody ? real(0) : static_cast<real>(net.coupling()->view.c[cell]);
}

// A neuron has spiked.
inline void note_reset(const Network& net, const Block& b, uint32_t k) {
  const uint32_t cell = coupled_cell(net, b, k);
  if (cell != kNobody && net.coupling()->view.membrane[&b - net.block].resets) net.coupling()->view.spiked[cell] = 1;
}

// Before neurons are updated.
inline void prepare_coupling(const Network& net, const Thread& me) {
  const Coupling& coupling = *net.coupling();
  const CouplingSolver<real> solver(coupling.view);
  const auto state = [&](uint64_t b) { return net.block[b].neurons.state; };
  for (uint64_t k = me.number(); k < coupling.n_parts; k += me.count()) {
    const CoupledPart& part = coupling.part[k];
    for (uint64_t i = part.begin; i < part.end; ++i) coupling.view.v[i] = solver.read_v(i, state);
    solver.prepare(part, state);
  }
}

// When they have been.
inline void move_coupled(const Network& net, const Thread& me) {
  const Coupling& coupling = *net.coupling();
  const CouplingSolver<real> solver(coupling.view);
  const auto state = [&](uint64_t b) { return net.block[b].neurons.state; };
  for (uint64_t k = me.number(); k < coupling.n_parts; k += me.count()) {
    const CoupledPart& part = coupling.part[k];
    solver.move(part, state);
    for (uint64_t i = part.begin; i < part.end; ++i) {
      const CoupledCell& cell = coupling.view.cell[i];
      static_cast<real*>(state(cell.block)[coupling.view.membrane[cell.block].v])[cell.position] =
          static_cast<real>(coupling.view.v[i]);
    }
  }
}

}  // namespace cuda
}  // namespace pa
