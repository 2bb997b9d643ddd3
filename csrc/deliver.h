// The loop that runs once per synaptic event.
#pragma once
#include <cstddef>
#include <cstdint>

namespace pa {

// Two sizes of load, one addition, one mask, one read-modify-write per event, and no branch.
template <class acc>
inline void add_uniform(const uint32_t* __restrict synapse, size_t n, acc weight, uint32_t offset, uint32_t mask,
                        acc* __restrict ring) {
  for (size_t k = 0; k < n; ++k) ring[(synapse[k] + offset) & mask] += weight;
}

template <class acc>
inline void add_weighted(const uint32_t* __restrict synapse, const acc* __restrict weight, size_t n, uint32_t offset,
                         uint32_t mask, acc* __restrict ring) {
  for (size_t k = 0; k < n; ++k) ring[(synapse[k] + offset) & mask] += weight[k];
}

// The beginning of a row that will be walked soon; the hardware finds the rest of a long one by itself.
inline void prefetch(const void* first, size_t bytes, size_t most_lines = 16) {
  constexpr size_t kLine = 64;
  const size_t most = most_lines * kLine;
  const char* const line = static_cast<const char*>(first);
  for (size_t at = 0; at < (bytes < most ? bytes : most); at += kLine) __builtin_prefetch(line + at);
}

}  // namespace pa
