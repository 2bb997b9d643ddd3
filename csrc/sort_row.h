// Sorting one row of synapses by its packed (delay, lane), so that a spike touches memory in ascending order.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace pa {

template <class acc>
class RowSorter {
 public:
  // Stable; `weight` goes along and may be null. Connectors mostly deliver rows in order already, or in order of lanes,
  // which are the lowest bits: then only delays are left to be sorted by.
  void sort(uint32_t* key, acc* weight, size_t n, uint32_t lane_bits) {
    const uint32_t lane = static_cast<uint32_t>((uint64_t(1) << lane_bits) - 1);
    uint32_t descents = 0, descents_of_lanes = 0, varying = 0;
    for (size_t k = 1; k < n; ++k) {
      descents |= key[k - 1] > key[k];
      descents_of_lanes |= (key[k - 1] & lane) > (key[k] & lane);
      varying |= key[k - 1] ^ key[k];
    }
    if (descents == 0) return;
    const uint32_t lowest = descents_of_lanes == 0 ? lane_bits : 0;
    if (n <= kSmall)
      insertion_sort(key, weight, n);
    else
      radix_sort(key, weight, n, varying, lowest);
  }

 private:
  static constexpr size_t kSmall = 48;  // below it a radix pass spends most of its time on its 256 counters

  static void insertion_sort(uint32_t* key, acc* weight, size_t n) {
    for (size_t k = 1; k < n; ++k) {
      const uint32_t moved = key[k];
      const acc moved_weight = weight != nullptr ? weight[k] : acc(0);
      size_t at = k;
      for (; at > 0 && key[at - 1] > moved; --at) {
        key[at] = key[at - 1];
        if (weight != nullptr) weight[at] = weight[at - 1];
      }
      key[at] = moved;
      if (weight != nullptr) weight[at] = moved_weight;
    }
  }

  // Least significant digit first, to and fro between the row and a copy; digits that are the same everywhere cost
  // nothing.
  void radix_sort(uint32_t* key, acc* weight, size_t n, uint32_t varying, uint32_t lowest) {
    key_.resize(n);
    if (weight != nullptr) weight_.resize(n);
    uint32_t *from = key, *to = key_.data();
    acc *weight_from = weight, *weight_to = weight_.data();
    for (uint32_t shift = lowest; shift < 32; shift += 8) {
      if ((varying >> shift & 255) == 0) continue;
      uint32_t start[256] = {0};
      for (size_t k = 0; k < n; ++k) ++start[from[k] >> shift & 255];
      uint32_t sum = 0;
      for (uint32_t& count : start) sum += std::exchange(count, sum);
      for (size_t k = 0; k < n; ++k) {
        const uint32_t at = start[from[k] >> shift & 255]++;
        to[at] = from[k];
        if (weight != nullptr) weight_to[at] = weight_from[k];
      }
      std::swap(from, to);
      std::swap(weight_from, weight_to);
    }
    if (from == key) return;
    std::copy_n(from, n, key);
    if (weight != nullptr) std::copy_n(weight_from, n, weight);
  }

  std::vector<uint32_t> key_;
  std::vector<acc> weight_;
};

}  // namespace pa
