// Connections, one post-synaptic cell (a column of the connection matrix) after the other, with random values for each:
// in the order in which PyNN's connectors draw them from one or several generators.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mersenne.h"

namespace pa {

// What the values of one column are drawn from. The parameters are those of numpy's method.
struct Distribution {
  enum Kind : int { kUniform, kNormal, kLogNormal, kExponential, kNormalClipped, kNormalToBoundary, kInteger };
  Mersenne* rng;
  int kind;
  double a, b;       // low, range; mean, standard deviation; scale; first, last
  double low, high;  // of what is clipped
};

// Which pairs may be connected. Cells that are on both sides have the same number there, others -1; without numbers,
// all pairs may be.
struct Rule {
  const int64_t* pre = nullptr;
  const int64_t* post = nullptr;
  bool one_way = false;  // only from a higher to a lower number, not only to another one
  bool allows(size_t i, size_t j) const {
    if (pre == nullptr || pre[i] < 0 || post[j] < 0) return true;
    return one_way ? pre[i] > post[j] : pre[i] != post[j];
  }
};

struct Columns {
  std::vector<uint64_t> begin{0};           // [columns + 1]
  std::vector<uint32_t> pre;                // those of column j at begin[j] ... begin[j + 1] - 1
  std::vector<std::vector<double>> values;  // of each distribution
};

// All of what follows adds columns to those that are there.
//
// Every pair with the same probability: one number for each pair, column by column.
void pick_below(Mersenne* rng, double probability, uint32_t n_pre, size_t n_post, const Rule& rule,
                const std::vector<Distribution>& drawn, Columns* out);

// Every pair with a probability of its own, `probability[j * n_pre + i]`.
void pick_below_each(Mersenne* rng, const double* probability, uint32_t n_pre, size_t n_post, const Rule& rule,
                     const std::vector<Distribution>& drawn, Columns* out);

// `count[j]` of `size` cells for column j, but not `barred[j]` (if >= 0): as often as possible all of them, and then
// the first ones of a shuffled list; or, `replaced`, any of them at any time.
void pick_number(Mersenne* rng, const int64_t* count, const int64_t* barred, uint32_t size, size_t n_post,
                 bool replaced, const std::vector<Distribution>& drawn, Columns* out);

// Values for columns that are known.
void draw_columns(const int64_t* begin, size_t n_post, const std::vector<Distribution>& drawn, double* const* out);

// Pairs of whole numbers, for each the first and then the second.
void draw_pairs(Mersenne* rng, uint32_t last_first, uint32_t last_second, size_t n, uint32_t* first, uint32_t* second);

// The numbers below n in random order, as RandomState.permutation gives them.
void shuffled(Mersenne* rng, size_t n, uint32_t* cells);

// The same with counter-based numbers: a function of the key and the column alone, whatever the number of threads.
void skip_below(uint64_t key, double probability, uint32_t n_pre, size_t n_post, const Rule& rule, unsigned threads,
                Columns* out);
void skip_below_each(uint64_t key, const double* probability, uint32_t n_pre, size_t n_post, const Rule& rule,
                     unsigned threads, Columns* out);
void choose_number(uint64_t key, const int64_t* count, const int64_t* barred, uint32_t size, size_t n_post,
                   bool replaced, unsigned threads, Columns* out);

}  // namespace pa
