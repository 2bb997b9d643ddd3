// Gap junctions in the order in which they are solved: components of cells, and the neighbours of each cell.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "coupling_solver.h"

namespace pa {

struct GapJunctions {
  std::vector<uint32_t> first, second;  // neuron numbers; a cell with itself is no junction, and equal pairs add up
  std::vector<double> conductance_uS;
  std::vector<uint32_t> neuron;           // all cells that occur, ascending
  std::vector<uint32_t> block, position;  // of each of these
  std::vector<double> capacitance_nF;
  std::vector<Membrane> membranes;  // [block]
};

struct CouplingTables {
  CouplingTables() = default;
  CouplingTables(const GapJunctions& junctions, double dt_ms);

  std::vector<Membrane> membrane;
  std::vector<uint32_t> neuron;   // of each cell
  std::vector<CoupledCell> cell;  // by component, within it by neuron number
  std::vector<CoupledPart> part;
  std::vector<uint64_t> row, other;  // as in CouplingView
  std::vector<double> rate, carried, total;

 private:
  void build_rows(const GapJunctions& junctions, const std::vector<size_t>& first, const std::vector<size_t>& second,
                  double dt_ms);
};

}  // namespace pa
