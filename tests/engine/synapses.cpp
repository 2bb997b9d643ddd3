// Synapse models written by hand against csrc/abi.h alone: whatever happens to a synapse, and when and in which order,
// shows in its variables. They export an array of kernels.
#include <cmath>

#include "abi.h"
#include "philox.h"

namespace {
using real = PA_REAL;
using acc = PA_ACC;

// w: the weight; h: changed by every event in a way that does not commute; x: a trace that decays all the time.
enum Variable { kW, kH, kX, kVariables };
constexpr const char* kNames[] = {"w", "h", "x"};
constexpr double kInits[] = {1, 0, 0};
constexpr const char* kParams[] = {"rate", "p"};
constexpr double kDefaults[] = {0.1, 0.5};
constexpr uint64_t kDepends[] = {1, 2};
constexpr const char* kPost[] = {"v"};

struct Synapse {
  const pa_synapses* s;
  size_t k;

  real& at(int variable) const { return static_cast<real*>(s->variable[variable])[k]; }
  real constant(int c) const { return static_cast<const real*>(s->constant[c])[k * s->constant_stride[c]]; }
  real v() const { return static_cast<const real*>(s->post[0])[s->target[k]]; }
  int64_t back() const { return s->dendritic[k * s->dendritic_stride]; }
  real decayed(int64_t event) const { return at(kX) * std::exp(-constant(0) * real(event - s->last[k])); }
};

// Release: whether random numbers decide if the target gets anything.
template <uint32_t flags, bool reads, bool release>
struct Chronicle {
  static void touch(const Synapse& y, int64_t event) {
    y.at(kX) = y.decayed(event);
    y.s->last[y.k] = event;
  }
  // Milliseconds would round; steps do not.
  static real recently(int64_t event, int64_t last) {
    return real(1) / real(1 + (event - last < 1000 ? event - last : 1000));
  }

  static void on_post(const Synapse& y, int64_t event) {
    touch(y, event);
    real h = y.at(kH) * real(0.5) - y.at(kX);
    if (flags & PA_SYNAPSE_LAST_PRE) h += recently(event, y.s->last_pre[y.k]);
    if (reads) h += y.v() * real(0.125);
    y.at(kH) = h;
    if (flags & PA_SYNAPSE_LAST_POST) y.s->last_post[y.k] = event;
  }
  static void on_modulator(const Synapse& y, int64_t event) {
    touch(y, event);
    y.at(kH) = y.at(kH) * real(0.625) + real(0.25);
  }
  static real on_pre(const Synapse& y, int64_t event, uint32_t repeat) {
    touch(y, event);
    y.at(kX) += real(1);
    real h = y.at(kH) * real(0.75) + y.at(kX) + real(repeat);
    if (flags & PA_SYNAPSE_LAST_POST) h += recently(event, y.s->last_post[y.k]);
    y.at(kH) = h;
    if (flags & PA_SYNAPSE_LAST_PRE) y.s->last_pre[y.k] = event;
    if (!release) return y.at(kW) * (real(2) + std::tanh(h));
    const pa::Random random{y.s->seed, y.s->stream, y.s->number[y.k], uint32_t(event)};
    return random.uniform(64 * repeat) < y.constant(1) ? y.at(kW) : real(0);
  }

  static void catch_up_one(const Synapse& y, int64_t post_until, int64_t modulator_until) {
    for (;;) {
      int64_t post = INT64_MAX, modulator = INT64_MAX;
      if (flags & PA_SYNAPSE_POST) {
        const pa_train& train = y.s->train[y.s->target[y.k]];
        const uint32_t seen = y.s->seen[y.k];
        if (seen < train.end) post = train.step[seen - train.first] + y.back();
        if (post > post_until) post = INT64_MAX;
      }
      if (flags & PA_SYNAPSE_MODULATED) {
        const pa_train& train = y.s->modulator;
        const uint32_t seen = y.s->seen_modulator[y.k];
        if (seen < train.end) modulator = train.step[seen - train.first] + y.s->modulator_delay;
        if (modulator > modulator_until) modulator = INT64_MAX;
      }
      if (post == INT64_MAX && modulator == INT64_MAX) return;
      if (post <= modulator) {
        on_post(y, post);
        ++y.s->seen[y.k];
      } else {
        on_modulator(y, modulator);
        ++y.s->seen_modulator[y.k];
      }
    }
  }

  static void derive(const double* p, double dt_ms, double* c) { c[0] = p[0] * dt_ms, c[1] = p[1]; }

  static void arrive(const pa_synapses* s, size_t begin, size_t end, const pa_arrival* arrival) {
    for (size_t k = begin; k < end; ++k) {
      const Synapse y{s, k};
      catch_up_one(y, y.back() == 0 ? arrival->event - 1 : arrival->event, arrival->event);
      const real input = on_pre(y, arrival->event, arrival->repeat);
      static_cast<acc*>(arrival->sums)[(s->lane[k] + arrival->offset) & arrival->mask] += acc(input);
    }
  }

  static void catch_up(const pa_synapses* s, size_t begin, size_t end, int64_t last) {
    for (size_t k = begin; k < end; ++k) catch_up_one({s, k}, last, last);
  }

  static void tick(const pa_synapses* s, size_t begin, size_t end, int64_t) {
    for (size_t k = begin; k < end; ++k) {
      const Synapse y{s, k};
      real h = y.at(kH) * real(0.9375) + real(0.0625);
      if (reads) h += y.v() * real(0.0625);
      y.at(kH) = h;
    }
  }

  static void observe(const pa_synapses* s, const uint64_t* index, size_t n, uint32_t variable, int64_t last,
                      double* values) {
    for (size_t j = 0; j < n; ++j) {
      const Synapse y{s, size_t(index[j])};
      catch_up_one(y, last, last);
      values[j] = variable == kX ? y.decayed(last) : y.at(int(variable));
    }
  }

  static const pa_synapse_kernel* kernel(const char* name) {
    static const pa_synapse_kernel kernel = {PA_ABI_VERSION,
                                             sizeof(real),
                                             sizeof(acc),
                                             flags,
                                             name,
                                             2,
                                             kParams,
                                             kDefaults,
                                             2,
                                             kParams,
                                             kDepends,
                                             kVariables,
                                             kNames,
                                             kInits,
                                             reads ? 1u : 0u,
                                             kPost,
                                             &derive,
                                             &arrive,
                                             &catch_up,
                                             flags & PA_SYNAPSE_CLOCKED ? &tick : nullptr,
                                             &observe};
    return &kernel;
  }
};

constexpr uint32_t kPairs = PA_SYNAPSE_POST | PA_SYNAPSE_LAST_PRE | PA_SYNAPSE_LAST_POST;

}  // namespace

extern "C" __attribute__((visibility("default"))) const pa_synapse_kernel* test_synapse(int number) {
  switch (number) {
    case 0:
      return Chronicle<0, false, false>::kernel("Facilitating");
    case 1:
      return Chronicle<0, false, true>::kernel("Stochastic");
    case 2:
      return Chronicle<kPairs, false, false>::kernel("Pairs");
    case 3:
      return Chronicle<kPairs | PA_SYNAPSE_MODULATED, false, false>::kernel("Modulated");
    case 4:
      return Chronicle<kPairs | PA_SYNAPSE_CLOCKED, false, false>::kernel("Clocked");
    case 5:
      return Chronicle<PA_SYNAPSE_CLOCKED, true, false>::kernel("Voltage");
    case 6:
      return Chronicle<kPairs, true, false>::kernel("VoltageAtSpikes");
    default:
      return nullptr;
  }
}
