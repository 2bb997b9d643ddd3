// The memory traffic of a simulator and nothing else: what this machine allows for the loops that a network spends its
// time in. Prints one JSON object; benchmarks/traffic.py compiles and runs it, and sets the engine beside it.
//
//   traffic triad BYTES              GB/s of a[i] = b[i] + c * d[i], three arrays of BYTES
//   traffic scatter CELLS ROW        ns an event: rows of ROW sorted random targets, each adds a weight to its cell
//   traffic weights CELLS ROW        the same with a weight of its own for each connection
//   traffic update CELLS             ns an update: seven streams of CELLS doubles, a step and a threshold
//   traffic dense ROWS COLUMNS       GB/s of a matrix times a vector and a change of each of its entries
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr double kLeastSeconds = 0.05;  // a measurement takes at least so long
constexpr int kRepeats = 5;             // the best of which counts: a shared machine only ever adds time

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Splitmix {  // Steele, Lea and Flood 2014, doi 10.1145/2660193.2660195
  uint64_t state;
  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
};

// Seconds of one call, from as many calls as take long enough; the best of several such measurements.
template <class Work>
double seconds(Work work) {
  work();  // pages are there, caches are warm
  double best = INFINITY;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const double begin = now();
    long calls = 0;
    double passed = 0.0;
    while (passed < kLeastSeconds) {
      work();
      ++calls;
      passed = now() - begin;
    }
    best = std::min(best, passed / static_cast<double>(calls));
  }
  return best;
}

void triad(size_t bytes) {
  const size_t n = bytes / sizeof(double);
  std::vector<double> a(n, 0.0), b(n, 1.0), d(n, 2.0);
  double factor = 0.5;
  const double time = seconds([&] {
    double* to = a.data();
    const double *x = b.data(), *y = d.data();
    for (size_t i = 0; i < n; ++i) to[i] = x[i] + factor * y[i];
    factor = -factor;
  });
  std::printf("{\"GBs\": %.6g, \"check\": %g}\n", 3e-9 * static_cast<double>(n * sizeof(double)) / time, a[n / 2]);
}

// Rows of connections as the engine has them: targets ascending, rows in random order, so that nothing is known ahead.
struct Connections {
  std::vector<uint32_t> targets;
  std::vector<double> weights;
  std::vector<uint32_t> order;
  size_t row;

  Connections(size_t cells, size_t length) : row(length) {
    Splitmix random{1};
    // 64 MiB of targets, more than any cache that is a core's own: a row comes from memory, as that of a rare spike
    // does
    const size_t rows = std::max<size_t>(64, (size_t{64} << 20) / sizeof(uint32_t) / length);
    targets.resize(rows * length);
    weights.assign(rows * length, 1e-3);
    for (size_t r = 0; r < rows; ++r) {
      uint32_t* one = &targets[r * length];
      for (size_t k = 0; k < length; ++k) one[k] = static_cast<uint32_t>(random.next() % cells);
      std::sort(one, one + length);
    }
    order.resize(rows);
    for (size_t r = 0; r < rows; ++r) order[r] = static_cast<uint32_t>(random.next() % rows);
  }
};

void scatter(size_t cells, size_t length, bool own_weights) {
  const Connections all(cells, length);
  std::vector<double> sums(cells, 0.0);
  const double time = seconds([&] {
    double* to = sums.data();
    for (const uint32_t r : all.order) {
      const size_t first = r * length;
      const uint32_t* target = &all.targets[first];
      if (own_weights) {
        const double* weight = &all.weights[first];
        for (size_t k = 0; k < length; ++k) to[target[k]] += weight[k];
      } else {
        for (size_t k = 0; k < length; ++k) to[target[k]] += 1e-3;
      }
    }
  });
  const double events = static_cast<double>(all.order.size() * length);
  std::printf("{\"ns\": %.6g, \"check\": %g}\n", 1e9 * time / events, sums[0]);
}

void update(size_t cells) {
  // Conductance-based cells that share their parameters: v, two conductances and what is left of the refractory time
  // are read and written, input of both receptors is read and cleared, and who spikes is written down.
  std::vector<double> states[7];
  for (auto& state : states) state.assign(cells, 0.0);
  const double limit = -50.0, leak = 0.005, keep_e = 0.98, keep_i = 0.99;
  const double time = seconds([&] {
    double *v = states[0].data(), *ge = states[1].data(), *gi = states[2].data(), *silent = states[3].data();
    double *in_e = states[4].data(), *in_i = states[5].data(), *out = states[6].data();
#pragma GCC ivdep
    for (size_t i = 0; i < cells; ++i) {
      const double e = ge[i], h = gi[i], g = leak + e + h;
      const double x = 0.5 * g, fall = (1.0 - x + x * x / 3.0) / (1.0 + x + x * x / 3.0);  // exp(-g) for small g
      const double far = (leak * -60.0 + h * -80.0) / g, next = far + (v[i] - far) * fall;
      const bool spike = next >= limit;
      out[i] = spike ? 1.0 : 0.0;
      v[i] = (spike | (silent[i] > 0.0)) ? -60.0 : next;
      silent[i] = spike ? 50.0 : silent[i] - 1.0;
      ge[i] = e * keep_e + in_e[i];
      gi[i] = h * keep_i + in_i[i];
      in_e[i] = in_i[i] = 0.0;
    }
  });
  std::printf("{\"ns\": %.6g, \"check\": %g}\n", 1e9 * time / static_cast<double>(cells), states[0][cells / 2]);
}

void dense(size_t rows, size_t columns) {
  // What a rate-coded projection that learns does in a step: the sum over each row, and then a change of each weight.
  std::vector<double> weights(rows * columns, 1e-3), in(columns, 1.0), out(rows, 0.0);
  const double time = seconds([&] {
    for (size_t r = 0; r < rows; ++r) {
      const double *w = &weights[r * columns], *x = in.data();
      double sums[8] = {};
      size_t k = 0;
      for (; k + 8 <= columns; k += 8)
        for (size_t j = 0; j < 8; ++j) sums[j] += w[k + j] * x[k + j];
      for (; k < columns; ++k) sums[0] += w[k] * x[k];
      out[r] = 0.1 * (sums[0] + sums[1] + sums[2] + sums[3] + sums[4] + sums[5] + sums[6] + sums[7]);
    }
    for (size_t r = 0; r < rows; ++r) {
      double* w = &weights[r * columns];
      const double* x = in.data();
      const double y = 1e-6 * out[r];
      for (size_t k = 0; k < columns; ++k) w[k] += y * (x[k] - y * w[k]);
    }
  });
  const double bytes = 3.0 * static_cast<double>(rows * columns * sizeof(double));
  std::printf("{\"GBs\": %.6g, \"check\": %g}\n", 1e-9 * bytes / time, out[0]);
}

}  // namespace

int main(int count, char** words) {
  const auto number = [&](int k) { return static_cast<size_t>(k < count ? std::atoll(words[k]) : 0); };
  const char* what = count > 2 ? words[1] : "";
  const size_t first = number(2), second = number(3);
  const bool pair = second > 0;
  if (std::strcmp(what, "triad") == 0 && first >= sizeof(double)) {
    triad(first);
  } else if (std::strcmp(what, "scatter") == 0 && first > 0 && pair) {
    scatter(first, second, false);
  } else if (std::strcmp(what, "weights") == 0 && first > 0 && pair) {
    scatter(first, second, true);
  } else if (std::strcmp(what, "update") == 0 && first > 0) {
    update(first);
  } else if (std::strcmp(what, "dense") == 0 && first > 0 && pair) {
    dense(first, second);
  } else {
    std::fprintf(
        stderr,
        "usage: traffic triad BYTES | scatter CELLS ROW | weights CELLS ROW | update CELLS | dense ROWS COLUMNS\n");
    return 2;
  }
  return 0;
}
