// Connections from counter-based random numbers: each column is a function of its number and the key.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "../parallel.h"
#include "columns.h"
#include "counter.h"

namespace pa {

namespace {

double skip_scale(double probability) { return 1.0 / std::log1p(-probability); }

// Columns in as many contiguous parts as there are threads, then put together. `pick` gets the number that a column has
// among all, its place among those that are added, and where its sources go.
template <class Pick>
void in_parts(size_t n_post, unsigned threads, size_t expected, Columns* out, const Pick& pick) {
  const size_t before = out->begin.size() - 1;
  out->begin.resize(before + n_post + 1);
  std::vector<std::vector<uint32_t>> parts(threads);
  in_parallel(threads, [&](unsigned t) {
    parts[t].reserve(expected / threads + 1);
    auto pick_one = pick();
    for (size_t j = n_post * t / threads; j < n_post * (t + 1) / threads; ++j) {
      pick_one(before + j, j, &parts[t]);
      out->begin[before + j + 1] = parts[t].size();
    }
  });
  size_t total = out->pre.size();
  for (unsigned t = 0; t < threads; ++t) {
    for (size_t j = n_post * t / threads; j < n_post * (t + 1) / threads; ++j) out->begin[before + j + 1] += total;
    total += parts[t].size();
  }
  if (threads == 1 && out->pre.empty()) {
    out->pre = std::move(parts[0]);
    return;
  }
  if (out->pre.empty()) out->pre.reserve(total);
  for (std::vector<uint32_t>& part : parts) {
    out->pre.insert(out->pre.end(), part.begin(), part.end());
    std::vector<uint32_t>().swap(part);
  }
}

}  // namespace

void skip_below(uint64_t key, double probability, uint32_t n_pre, size_t n_post, const Rule& rule, unsigned threads,
                Columns* out) {
  const double p = std::min(probability, 1.0), pairs = double(n_pre) * double(n_post), mean = pairs * p;
  const size_t expected = static_cast<size_t>(std::min(pairs, mean + 8.0 * std::sqrt(mean) + 64.0));
  in_parts(n_post, threads, expected, out, [&] {
    return [&](size_t number, size_t j, std::vector<uint32_t>* pre) {
      Column random(key, number);
      for (Skips skips(p, skip_scale(p), n_pre, &random); skips.next();)
        if (rule.allows(skips.place(), j)) pre->push_back(skips.place());
    };
  });
}

// By thinning (Lewis and Shedler 1979, doi 10.1002/nav.3800260304): pairs with the greatest probability of the column,
// of which each is kept with its share of that.
void skip_below_each(uint64_t key, const double* probability, uint32_t n_pre, size_t n_post, const Rule& rule,
                     unsigned threads, Columns* out) {
  in_parts(n_post, threads, 0, out, [&] {
    return [&](size_t number, size_t j, std::vector<uint32_t>* pre) {
      const double* const p = probability + j * n_pre;
      double most = 0.0;
      for (uint32_t i = 0; i < n_pre; ++i) most = std::max(most, p[i]);
      Column random(key, number);
      for (Skips skips(most, skip_scale(most), n_pre, &random); skips.next();) {
        const uint32_t i = skips.place();
        const bool kept = random.uniform() * std::min(most, 1.0) < p[i];
        if (kept && rule.allows(i, j)) pre->push_back(i);
      }
    };
  });
}

void choose_number(uint64_t key, const int64_t* count, const int64_t* barred, uint32_t size, size_t n_post,
                   bool replaced, unsigned threads, Columns* out) {
  size_t expected = 0;
  for (size_t j = 0; j < n_post; ++j) {
    expected += count[j];
    if (size <= uint32_t(barred[j] >= 0) && count[j] > 0) throw std::invalid_argument("no partner to choose from");
  }
  in_parts(n_post, threads, expected, out, [&] {
    return [&, marks = std::vector<uint64_t>(size_t(size) / 64 + 1, 0)](size_t number, size_t j,
                                                                        std::vector<uint32_t>* pre) mutable {
      Column random(key, number);
      const uint32_t free = size - (barred[j] >= 0);
      const auto cell = [&](uint32_t place) { return place + (barred[j] >= 0 && int64_t(place) >= barred[j]); };
      if (count[j] == 0) return;
      if (replaced) {
        for (int64_t k = 0; k < count[j]; ++k) pre->push_back(cell(random.below(free)));
        return;
      }
      for (int64_t round = 0; round < count[j] / free; ++round)
        for (uint32_t place = 0; place < free; ++place) pre->push_back(cell(place));
      choose_places(&random, marks.data(), static_cast<uint32_t>(count[j] % free), free,
                    [&](uint32_t place) { pre->push_back(cell(place)); });
    };
  });
}

}  // namespace pa
