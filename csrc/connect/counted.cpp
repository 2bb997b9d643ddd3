// Connections from counter-based random numbers: each column is a function of its number and the key.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "../parallel.h"
#include "columns.h"
#include "counter.h"

namespace pa {

namespace {

// The random numbers of one column, two for each call of the generator.
class Column {
 public:
  Column(uint64_t key, size_t number) : key_(key), number_(number) {}

  uint64_t bits() {
    if (half_) {
      half_ = false;
      return second_;
    }
    const Philox4 r = column_bits(key_, number_, pair_++);
    second_ = second_of(r);
    half_ = true;
    return first_of(r);
  }

  double uniform() {  // in (0, 1)
    const uint64_t b = bits();
    return to_unit(static_cast<uint32_t>(b >> 32), static_cast<uint32_t>(b));
  }

  uint32_t below(uint32_t size) { return bits_below(bits(), size); }

 private:
  uint64_t key_, number_, second_ = 0;
  uint32_t pair_ = 0;
  bool half_ = false;
};

// Goes through the places below `n` that are chosen with a probability each. The number of those that are skipped has a
// geometric distribution, and its logarithm is that of a uniform number.
class Skips {
 public:
  Skips(double probability, uint32_t n, Column* random) : p_(probability), n_(n), random_(random) {
    if (p_ < 1.0) scale_ = 1.0 / std::log1p(-p_);
  }

  bool next() {
    at_ += 1.0;
    if (p_ < 1.0) at_ += p_ > 0.0 ? std::floor(std::log(random_->uniform()) * scale_) : n_;
    return at_ < n_;
  }

  uint32_t place() const { return static_cast<uint32_t>(at_); }

 private:
  double p_, n_, scale_ = 0.0, at_ = -1.0;
  Column* random_;
};

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

// Different cells in ascending order: Floyd's algorithm (Bentley and Floyd 1987, doi 10.1145/30401.315746) marks as
// many as there are to be, or, if that is less, as many as there are not to be.
class Chooser {
 public:
  explicit Chooser(uint32_t size) : marks_((size_t(size) + 63) / 64, 0) {}

  // `n` of `size` places; a place from `gap` on stands for the next cell.
  void choose(Column* random, uint32_t n, uint32_t size, int64_t gap, std::vector<uint32_t>* pre) {
    const bool inverse = n > size / 2;
    const uint32_t few = inverse ? size - n : n;
    for (uint32_t last = size - few; last < size; ++last) {
      const uint32_t drawn = random->below(last + 1);
      mark(marked(drawn) ? last : drawn);
    }
    for (size_t w = 0; w * 64 < size; ++w) {
      uint64_t word = inverse ? ~marks_[w] : marks_[w];
      if (size - w * 64 < 64) word &= (uint64_t(1) << (size - w * 64)) - 1;
      marks_[w] = 0;
      for (; word != 0; word &= word - 1) {
        const uint32_t place = static_cast<uint32_t>(w * 64) + static_cast<uint32_t>(__builtin_ctzll(word));
        pre->push_back(place + (gap >= 0 && int64_t(place) >= gap));
      }
    }
  }

 private:
  bool marked(uint32_t k) const { return marks_[k / 64] >> (k % 64) & 1; }
  void mark(uint32_t k) { marks_[k / 64] |= uint64_t(1) << (k % 64); }
  std::vector<uint64_t> marks_;
};

}  // namespace

void skip_below(uint64_t key, double probability, uint32_t n_pre, size_t n_post, const Rule& rule, unsigned threads,
                Columns* out) {
  const double p = std::min(probability, 1.0), pairs = double(n_pre) * double(n_post), mean = pairs * p;
  const size_t expected = static_cast<size_t>(std::min(pairs, mean + 8.0 * std::sqrt(mean) + 64.0));
  in_parts(n_post, threads, expected, out, [&] {
    return [&](size_t number, size_t j, std::vector<uint32_t>* pre) {
      Column random(key, number);
      for (Skips skips(p, n_pre, &random); skips.next();)
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
      for (Skips skips(most, n_pre, &random); skips.next();) {
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
    return [&, chooser = Chooser(size)](size_t number, size_t j, std::vector<uint32_t>* pre) mutable {
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
      chooser.choose(&random, static_cast<uint32_t>(count[j] % free), free, barred[j], pre);
    };
  });
}

}  // namespace pa
