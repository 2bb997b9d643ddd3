#include "order.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "../parallel.h"

namespace pa {

namespace {

// Where connections go, and that these places will be written to: rows are far apart, so each would be waited for.
class Destinations {
 public:
  Destinations(uint32_t* target, const std::vector<Column64>& values) : target_(target), values_(values) {}

  // Those from `first` on, less than `end`, at most kAtOnce: returns how many. Takes the next places of their rows.
  uint64_t find(const uint32_t* pre, uint64_t first, uint64_t end, uint64_t* next) {
    const uint64_t n = std::min(end - first, kAtOnce);
    for (uint64_t k = 0; k < n; ++k) {
      const uint64_t to = to_[k] = next[pre[first + k]]++;
      __builtin_prefetch(target_ + to, 1);
      for (const Column64& column : values_) __builtin_prefetch(column.to + to, 1);
    }
    return n;
  }

  uint64_t operator[](uint64_t k) const { return to_[k]; }

 private:
  static constexpr uint64_t kAtOnce = 128;
  uint32_t* target_;
  const std::vector<Column64>& values_;
  uint64_t to_[kAtOnce];
};

}  // namespace

void by_source(const uint64_t* begin, size_t n_post, const uint32_t* pre, size_t n_pre, unsigned threads,
               uint32_t* source, uint32_t* target, const std::vector<Column64>& values) {
  const uint64_t n = begin[n_post];
  std::vector<size_t> bound(threads + 1, n_post);  // columns of each thread, with about as many connections each
  bound[0] = 0;
  for (unsigned t = 1; t < threads; ++t)
    bound[t] = static_cast<size_t>(std::lower_bound(begin, begin + n_post, n * t / threads) - begin);
  std::vector<std::vector<uint64_t>> next(threads);  // where the next connection of each source goes
  in_parallel(threads, [&](unsigned t) {
    next[t].assign(n_pre, 0);
    for (uint64_t k = begin[bound[t]]; k < begin[bound[t + 1]]; ++k) {
      if (pre[k] >= n_pre) throw std::out_of_range("no such source");
      ++next[t][pre[k]];
    }
  });
  std::vector<uint64_t> row(n_pre + 1, 0);
  for (size_t i = 0; i < n_pre; ++i) {
    row[i + 1] = row[i];
    for (unsigned t = 0; t < threads; ++t) row[i + 1] += std::exchange(next[t][i], row[i + 1]);
  }
  in_parallel(threads, [&](unsigned t) {
    for (size_t i = n_pre * t / threads; i < n_pre * (t + 1) / threads; ++i)
      std::fill(source + row[i], source + row[i + 1], static_cast<uint32_t>(i));
    Destinations to(target, values);
    for (size_t j = bound[t]; j < bound[t + 1]; ++j)
      for (uint64_t first = begin[j], count; first < begin[j + 1]; first += count) {
        count = to.find(pre, first, begin[j + 1], next[t].data());
        for (uint64_t k = 0; k < count; ++k) target[to[k]] = static_cast<uint32_t>(j);
        for (const Column64& column : values)
          for (uint64_t k = 0; k < count; ++k) column.to[to[k]] = column.from[first + k];
      }
  });
}

void stable_order(const uint32_t* key, size_t n, size_t n_keys, const uint32_t* before, uint32_t* order) {
  if (n > UINT32_MAX) throw std::invalid_argument("more than 2^32 connections");
  std::vector<uint32_t> at(n_keys + 1, 0);
  for (size_t k = 0; k < n; ++k) {
    if (key[k] >= n_keys) throw std::out_of_range("no such key");
    ++at[key[k] + 1];
  }
  for (size_t i = 0; i < n_keys; ++i) at[i + 1] += at[i];
  for (size_t k = 0; k < n; ++k) {
    const uint32_t place = before != nullptr ? before[k] : static_cast<uint32_t>(k);
    order[at[key[place]]++] = place;
  }
}

size_t to_steps(const double* delay_ms, size_t n, double dt_ms, double lowest, double highest, unsigned threads,
                uint16_t* steps) {
  std::vector<size_t> wrong(threads, n);
  in_parallel(threads, [&](unsigned t) {
    for (size_t k = n * t / threads; k < n * (t + 1) / threads; ++k) {
      const double nearest = std::floor(delay_ms[k] / dt_ms + 0.5 + 1e-9);  // 0.35 / 0.1 is less than 3.5
      if (!(nearest >= lowest && nearest <= highest)) {
        wrong[t] = k;
        return;
      }
      steps[k] = static_cast<uint16_t>(nearest);
    }
  });
  return *std::min_element(wrong.begin(), wrong.end());
}

}  // namespace pa
