#include "order.h"

#include <algorithm>
#include <stdexcept>

#include "../parallel.h"

namespace pa {

void by_source(const uint64_t* begin, size_t n_post, const uint32_t* pre, size_t n_pre, unsigned threads,
               uint32_t* source, uint32_t* target, const std::vector<Column64>& values) {
  const uint64_t n = begin[n_post];
  std::vector<uint64_t> at(n_pre + 1, 0);
  for (uint64_t k = 0; k < n; ++k) {
    if (pre[k] >= n_pre) throw std::out_of_range("no such source");
    ++at[pre[k] + 1];
  }
  for (size_t i = 0; i < n_pre; ++i) at[i + 1] += at[i];
  for (size_t i = 0; i < n_pre; ++i) std::fill(source + at[i], source + at[i + 1], static_cast<uint32_t>(i));
  std::vector<size_t> bound(threads + 1, n_pre);  // sources of each thread, with about as many connections each
  bound[0] = 0;
  for (unsigned t = 1; t < threads; ++t)
    bound[t] = std::lower_bound(at.begin(), at.end() - 1, n * t / threads) - at.begin();
  in_parallel(threads, [&](unsigned t) {
    const size_t first = bound[t], extent = bound[t + 1] - first;
    for (size_t j = 0; j < n_post; ++j)
      for (uint64_t k = begin[j]; k < begin[j + 1]; ++k) {
        if (pre[k] - first >= extent) continue;
        const uint64_t to = at[pre[k]]++;
        target[to] = static_cast<uint32_t>(j);
        for (const Column64& column : values) column.to[to] = column.from[k];
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

}  // namespace pa
