// The random numbers themselves, for test_philox.py and test_gamma_variates.py.
#include "philox.h"
#include "sources/draws.h"

namespace {

// The n-th sample is that of the counter whose word `vary` (0 step, 1 element, 2 stream, 3 draw) is n, the others
// fixed.
struct Counter {
  uint32_t step, element, stream, draw;

  Counter at(uint32_t vary, uint32_t n) const {
    Counter c = *this;
    (vary == 0 ? c.step : vary == 1 ? c.element : vary == 2 ? c.stream : c.draw) += n;
    return c;
  }
};

template <class Sample>
void fill(uint64_t seed, const uint32_t* counter, uint32_t vary, uint32_t n, double* out, Sample sample) {
  const Counter first{counter[0], counter[1], counter[2], counter[3]};
  for (uint32_t k = 0; k < n; ++k) {
    const Counter c = first.at(vary, k);
    out[k] = sample(pa::Random{seed, c.stream, c.element, c.step}, c.draw);
  }
}

}  // namespace

extern "C" {

void philox_words(uint64_t seed, const uint32_t* counter, uint32_t* out) {
  const pa::Philox4 r = pa::philox(seed, counter[2], counter[1], counter[0], counter[3]);
  out[0] = r.x0, out[1] = r.x1, out[2] = r.x2, out[3] = r.x3;
}

double unit(uint32_t high, uint32_t low) { return pa::to_unit(high, low); }

void uniforms(uint64_t seed, const uint32_t* counter, uint32_t vary, uint32_t n, double* out) {
  fill(seed, counter, vary, n, out, [](const pa::Random& r, uint32_t draw) { return r.uniform(draw); });
}

void normals(uint64_t seed, const uint32_t* counter, uint32_t vary, uint32_t n, double* out) {
  fill(seed, counter, vary, n, out, [](const pa::Random& r, uint32_t draw) { return r.normal(draw); });
}

void exponentials(uint64_t seed, const uint32_t* counter, uint32_t vary, uint32_t n, double* out) {
  fill(seed, counter, vary, n, out, [](const pa::Random& r, uint32_t draw) { return r.exponential(draw); });
}

void gammas(double shape, double above, uint64_t seed, uint32_t n, double* out) {
  for (uint32_t k = 0; k < n; ++k) {
    pa::Draws draws(pa::Random{seed, 0, k, 0});
    out[k] = pa::gamma_above(shape, above, draws);
  }
}
}
