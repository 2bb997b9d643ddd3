// Drawn synapses by columns, and what is asked about them before they are made.
#pragma once
#include "connect/drawn_synapses.h"
#include "synapse_columns.h"

namespace pa {

class DrawnColumns : public SynapseColumns {
 public:
  // Arrays are the caller's, and stay.
  explicit DrawnColumns(const DrawnSynapses& drawn) : drawn_(drawn) {}

  size_t n_columns() const override { return drawn_.n_post; }
  uint32_t target(size_t column) const override { return drawn_.post[column]; }
  std::unique_ptr<Reader> reader() const override;

  // How many are connected with a probability, for each column.
  void count_probable(unsigned threads, int64_t* counts) const;

  // The lowest and the highest number of what is drawn; false if one cannot be drawn.
  bool find_extremes(const Variate& of, unsigned threads, double* lowest, double* highest) const;
  const DrawnSynapses& drawn() const { return drawn_; }

 private:
  DrawnSynapses drawn_;
};

}  // namespace pa
