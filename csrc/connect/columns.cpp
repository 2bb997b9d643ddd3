#include "columns.h"

#include <algorithm>
#include <stdexcept>

namespace pa {

namespace {

constexpr int kMaxRedraws = 1000;  // PyNN's limit

void fill_clipped(const Distribution& d, size_t n, double* out) {
  std::vector<size_t> outside;
  for (size_t k = 0; k < n; ++k) {
    out[k] = d.a + d.b * d.rng->normal();
    if (out[k] > d.high || out[k] < d.low) outside.push_back(k);
  }
  for (int round = 0; !outside.empty(); ++round) {
    if (round > kMaxRedraws) throw std::runtime_error("normal_clipped: almost no number is between the limits");
    size_t left = 0;
    for (const size_t k : outside) {
      out[k] = d.a + d.b * d.rng->normal();
      if (out[k] > d.high || out[k] < d.low) outside[left++] = k;
    }
    outside.resize(left);
  }
}

void fill(const Distribution& d, size_t n, double* out) {
  Mersenne& rng = *d.rng;
  switch (d.kind) {
    case Distribution::kUniform:
      for (size_t k = 0; k < n; ++k) out[k] = d.a + d.b * rng.uniform();
      return;
    case Distribution::kNormal:
      for (size_t k = 0; k < n; ++k) out[k] = d.a + d.b * rng.normal();
      return;
    case Distribution::kLogNormal:
      for (size_t k = 0; k < n; ++k) out[k] = std::exp(d.a + d.b * rng.normal());
      return;
    case Distribution::kExponential:
      for (size_t k = 0; k < n; ++k) out[k] = d.a * -std::log(1.0 - rng.uniform());
      return;
    case Distribution::kNormalClipped:
      return fill_clipped(d, n, out);
    case Distribution::kNormalToBoundary:
      for (size_t k = 0; k < n; ++k) out[k] = std::max(std::min(d.a + d.b * rng.normal(), d.high), d.low);
      return;
    case Distribution::kInteger:
      for (size_t k = 0; k < n; ++k) out[k] = d.a + rng.up_to(static_cast<uint32_t>(d.b));
      return;
    default:
      throw std::invalid_argument("no such distribution");
  }
}

// `pick` appends the sources of one column; the values are drawn after it, before the next column.
template <class Pick>
void pick_columns(size_t n_post, size_t expected, const std::vector<Distribution>& drawn, Columns* out, Pick pick) {
  out->begin.reserve(out->begin.size() + n_post);
  out->pre.reserve(expected);
  out->values.resize(drawn.size());
  for (std::vector<double>& values : out->values) values.reserve(expected);
  for (size_t j = 0; j < n_post; ++j) {
    const size_t before = out->pre.size();
    pick(j, &out->pre);
    const size_t n = out->pre.size() - before;
    out->begin.push_back(out->pre.size());
    if (n == 0) continue;
    for (size_t d = 0; d < drawn.size(); ++d) {
      std::vector<double>& values = out->values[d];
      values.resize(before + n);
      fill(drawn[d], n, values.data() + before);
    }
  }
}

}  // namespace

void pick_below(Mersenne* rng, double probability, uint32_t n_pre, size_t n_post, const Rule& rule,
                const std::vector<Distribution>& drawn, Columns* out) {
  // u < p for u = bits / 2^53 is a comparison of whole numbers
  const uint64_t limit = static_cast<uint64_t>(std::ceil(std::min(probability, 1.0) * 9007199254740992.0));
  const double pairs = double(n_pre) * double(n_post), mean = pairs * std::min(probability, 1.0);
  const size_t expected = static_cast<size_t>(std::min(pairs, mean + 8.0 * std::sqrt(mean) + 64.0));
  std::vector<uint32_t> row(size_t(n_pre) + 1);
  pick_columns(n_post, expected, drawn, out, [&](size_t j, std::vector<uint32_t>* pre) {
    const size_t n = rng->below(limit, n_pre, row.data());
    if (rule.pre == nullptr) {
      pre->insert(pre->end(), row.begin(), row.begin() + n);
      return;
    }
    for (size_t k = 0; k < n; ++k)
      if (rule.allows(row[k], j)) pre->push_back(row[k]);
  });
}

void pick_below_each(Mersenne* rng, const double* probability, uint32_t n_pre, size_t n_post, const Rule& rule,
                     const std::vector<Distribution>& drawn, Columns* out) {
  pick_columns(n_post, 0, drawn, out, [&](size_t j, std::vector<uint32_t>* pre) {
    const double* const p = probability + j * n_pre;
    for (uint32_t i = 0; i < n_pre; ++i)
      if (rng->uniform() < p[i] && rule.allows(i, j)) pre->push_back(i);
  });
}

void pick_number(Mersenne* rng, const int64_t* count, const int64_t* barred, uint32_t size, size_t n_post,
                 bool replaced, const std::vector<Distribution>& drawn, Columns* out) {
  size_t expected = 0;
  for (size_t j = 0; j < n_post; ++j) expected += count[j];
  std::vector<uint32_t> cells;
  const auto with_replacement = [&](size_t j, std::vector<uint32_t>* pre) {
    const size_t first = pre->size();
    for (int64_t k = 0; k < count[j]; ++k) pre->push_back(rng->up_to(size - 1));
    if (barred[j] < 0) return;
    // what is not allowed is drawn again, after all others
    for (bool again = true; again;) {
      again = false;
      std::vector<size_t> wrong;
      for (size_t k = first; k < pre->size(); ++k)
        if ((*pre)[k] == barred[j]) wrong.push_back(k);
      for (const size_t k : wrong) (*pre)[k] = rng->up_to(size - 1), again = true;
    }
  };
  const auto in_turn = [&](size_t j, std::vector<uint32_t>* pre) {
    cells.clear();
    for (uint32_t i = 0; i < size; ++i)
      if (int64_t(i) != barred[j]) cells.push_back(i);
    if (cells.empty()) return;
    const size_t rounds = count[j] / cells.size(), rest = count[j] % cells.size();
    for (size_t k = 0; k < rounds; ++k) pre->insert(pre->end(), cells.begin(), cells.end());
    if (rest == 0) return;
    rng->shuffle(cells.data(), cells.size());
    pre->insert(pre->end(), cells.begin(), cells.begin() + rest);
  };
  if (replaced)
    pick_columns(n_post, expected, drawn, out, with_replacement);
  else
    pick_columns(n_post, expected, drawn, out, in_turn);
}

void draw_columns(const int64_t* begin, size_t n_post, const std::vector<Distribution>& drawn, double* const* out) {
  for (size_t j = 0; j < n_post; ++j)
    for (size_t d = 0; d < drawn.size(); ++d) fill(drawn[d], begin[j + 1] - begin[j], out[d] + begin[j]);
}

void shuffled(Mersenne* rng, size_t n, uint32_t* cells) {
  for (size_t k = 0; k < n; ++k) cells[k] = static_cast<uint32_t>(k);
  rng->shuffle(cells, n);
}

void draw_pairs(Mersenne* rng, uint32_t last_first, uint32_t last_second, size_t n, uint32_t* first, uint32_t* second) {
  for (size_t k = 0; k < n; ++k) {
    first[k] = rng->up_to(last_first);
    second[k] = rng->up_to(last_second);
  }
}

}  // namespace pa
