// Sorting one row of synapses by its packed (delay, lane), so that a spike touches memory in ascending order.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace pa {

template <class acc>
class RowSorter {
 public:
  // Stable; `weight` goes along and may be null. Connectors mostly deliver rows in order already.
  void sort(uint32_t* key, acc* weight, size_t n) {
    if (std::is_sorted(key, key + n)) return;
    if (n <= kSmall)
      insertion_sort(key, weight, n);
    else
      radix_sort(key, weight, n);
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

  void radix_sort(uint32_t* key, acc* weight, size_t n) {
    key_.resize(n);
    if (weight != nullptr) weight_.resize(n);
    for (uint32_t shift = 0; shift < 32; shift += 8) {
      size_t start[257] = {0};
      for (size_t k = 0; k < n; ++k) ++start[(key[k] >> shift & 255) + 1];
      if (*std::max_element(start, start + 257) == n) continue;  // all have the same digit
      for (size_t digit = 1; digit < 257; ++digit) start[digit] += start[digit - 1];
      for (size_t k = 0; k < n; ++k) {
        const size_t at = start[key[k] >> shift & 255]++;
        key_[at] = key[k];
        if (weight != nullptr) weight_[at] = weight[k];
      }
      std::copy_n(key_.begin(), n, key);
      if (weight != nullptr) std::copy_n(weight_.begin(), n, weight);
    }
  }

  std::vector<uint32_t> key_;
  std::vector<acc> weight_;
};

}  // namespace pa
