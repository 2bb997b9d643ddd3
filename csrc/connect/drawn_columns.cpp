#include "drawn_columns.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "../parallel.h"
#include "drawn.h"
#include "random_bits.h"

namespace pa {

namespace {

constexpr size_t kAtOnce = 1024;  // numbers

class DrawnReader : public SynapseColumns::Reader {
 public:
  explicit DrawnReader(const DrawnSynapses& drawn) : drawn_(drawn), ziggurat_(drawn.width, drawn.height) {
    if (drawn.rule == kDifferent) marks_.assign(drawn.n_pre / 64 + 1, 0);
  }

  SynapseColumn sources(size_t column) override {
    const uint64_t n = drawn_.begin[column + 1] - drawn_.begin[column];
    source_.resize(n);
    uint32_t* out = source_.data();
    const auto emit = [&](uint32_t place) { *out++ = drawn_.pre[place]; };
    if (drawn_.rule == kProbable)
      each_probable(drawn_, column, emit);
    else if (drawn_.rule == kDifferent)
      each_different(drawn_, column, marks_.data(), emit);
    else
      replaced(column, n, out);
    return {n, source_.data(), nullptr, nullptr};
  }

  SynapseColumn column(size_t column) override {
    SynapseColumn found = sources(column);
    const uint64_t first = drawn_.begin[column];
    if (drawn_.weight.kind != 0) {
      weight_.resize(found.n);
      draw_variates(ziggurat_, drawn_.weight, first, found.n, weight_.data());
      found.weight = weight_.data();
    }
    if (drawn_.delay.kind != 0) {
      delay_.resize(found.n);
      double delay_ms[kAtOnce];
      for (size_t k = 0; k < found.n; k += kAtOnce) {
        const size_t n = std::min(kAtOnce, found.n - k);
        draw_variates(ziggurat_, drawn_.delay, first + k, n, delay_ms);
        for (size_t i = 0; i < n; ++i) delay_[k + i] = nearest_step(delay_ms[i], drawn_.dt_ms);
      }
      found.delay = delay_.data();
    }
    return found;
  }

 private:
  void replaced(size_t column, uint64_t n, uint32_t* out) const {
    const Places places(drawn_, column);
    const uint32_t low = static_cast<uint32_t>(column), high = static_cast<uint32_t>(uint64_t(column) >> 32);
    uint64_t bits[kAtOnce];
    for (uint64_t first = 0; first < n; first += kAtOnce) {
      const uint64_t some = std::min<uint64_t>(kAtOnce, n - first);
      const uint32_t pair = static_cast<uint32_t>(first / 2);
      random_bits(drawn_.key, kColumnStream, low, high, pair, Counted::kDraw, (some + 1) / 2, bits);
      for (uint64_t k = 0; k < some; ++k) out[first + k] = drawn_.pre[places[bits_below(bits[k], places.size())]];
    }
  }

  const DrawnSynapses& drawn_;
  const Ziggurat ziggurat_;
  std::vector<uint64_t> marks_;
  std::vector<uint32_t> source_;
  std::vector<double> weight_;
  std::vector<uint16_t> delay_;
};

}  // namespace

std::unique_ptr<SynapseColumns::Reader> DrawnColumns::reader() const { return std::make_unique<DrawnReader>(drawn_); }

void DrawnColumns::count_probable(unsigned threads, int64_t* counts) const {
  in_parallel(threads, [&](unsigned t) {
    for (size_t column = drawn_.n_post * t / threads; column < drawn_.n_post * (t + 1) / threads; ++column) {
      int64_t count = 0;
      each_probable(drawn_, column, [&](uint32_t) { ++count; });
      counts[column] = count;
    }
  });
}

bool DrawnColumns::find_extremes(const Variate& of, unsigned threads, double* lowest, double* highest) const {
  struct Found {
    double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
    bool all = true;
  };
  const Ziggurat ziggurat(drawn_.width, drawn_.height);
  std::vector<Found> found(threads);
  in_parallel(threads, [&](unsigned t) {
    Found mine;
    double numbers[kAtOnce];
    const uint64_t end = drawn_.size * (t + 1) / threads;
    for (uint64_t k = drawn_.size * t / threads; k < end; k += kAtOnce) {
      const size_t n = std::min<uint64_t>(kAtOnce, end - k);
      draw_variates(ziggurat, of, k, n, numbers);
      for (size_t i = 0; i < n; ++i) {
        mine.all &= numbers[i] == numbers[i];
        mine.lowest = std::min(mine.lowest, numbers[i]);
        mine.highest = std::max(mine.highest, numbers[i]);
      }
    }
    found[t] = mine;
  });
  Found total;
  for (const Found& one : found) {
    total.all &= one.all;
    total.lowest = std::min(total.lowest, one.lowest);
    total.highest = std::max(total.highest, one.highest);
  }
  *lowest = total.lowest, *highest = total.highest;
  return total.all;
}

}  // namespace pa
