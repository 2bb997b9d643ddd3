// What a model of continuous synapses is, for the loops of the CPU (rows_model.h) and of a device
// (cuda/device_rows.cuh).
//
// A model is a struct M with
//   name, param_names, param_defaults, param_locality, constant_names, constant_depends, variable_names,
//   variable_inits, variable_locality, pre_names, post_names, global_names     the metadata of its pa_rows_kernel
//   operation                            how the psp of a row are joined
//   vector, draws                        whether psp and learn are fit for a vector loop; whether a synapse draws
//   learns, learns_row, learns_shared    which of the functions below do anything
//   struct State, Constants, Pre, Post, Globals     plain structs of `real`, members in the order of the names
//   load_shared, load_row, load_local(State&, real* const*, size_t)      the variables of one locality
//   store_shared, store_row, store_local(real* const*, size_t, const State&)      likewise, but "w"
//   store_weight(real* const*, size_t, const State&)
//   Constants load_constants(const real* const*, size_t)      Pre, Post, Globals likewise
//   real psp(const State&, const Constants&, const Pre&, const Post&, const Globals&, const RowsContext&)
//   void learn_shared, learn_row, learn(State&, ...)          of the same arguments
//   void derive(const double* params, double dt_ms, double* constants)
// native/print_rows.py writes such structs from equations.
#pragma once
#include "abi_rows.h"
#include "fastmath.h"
#include "number_types.h"
#include "philox.h"
#include "reduction.h"

namespace pa {

struct RowsContext {
  real t_ms, dt_ms;
  Random random;
};

constexpr size_t some(size_t n) { return n > 0 ? n : 1; }

// What two synapses transmit, or more: a mean is divided in the end.
inline real joined(Operation operation, real a, real b) {
  if (operation == Operation::kMax) return a > b ? a : b;
  if (operation == Operation::kMin) return a < b ? a : b;
  return a + b;
}

}  // namespace pa
