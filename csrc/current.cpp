#include "current.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "philox.h"

namespace pa {

namespace {

class Steps final : public Waveform {
 public:
  Steps(std::vector<int64_t> steps, std::vector<double> amplitudes_nA)
      : steps_(std::move(steps)), amplitudes_nA_(std::move(amplitudes_nA)) {
    if (steps_.size() != amplitudes_nA_.size()) throw std::invalid_argument("as many steps as amplitudes are needed");
    if (!std::is_sorted(steps_.begin(), steps_.end()))
      throw std::invalid_argument("the steps of a current must ascend");
  }
  // Of several entries for one step the last holds.
  double at(int64_t step) const override {
    const auto after = std::upper_bound(steps_.begin(), steps_.end(), step) - steps_.begin();
    return after == 0 ? 0.0 : amplitudes_nA_[static_cast<size_t>(after - 1)];
  }

 private:
  const std::vector<int64_t> steps_;
  const std::vector<double> amplitudes_nA_;
};

class Sine final : public Waveform {
 public:
  Sine(double amplitude_nA, double offset_nA, double cycles_per_step, double phase, int64_t start_step,
       int64_t stop_step)
      : amplitude_nA_(amplitude_nA),
        offset_nA_(offset_nA),
        cycles_per_step_(cycles_per_step),
        phase_(phase),
        start_step_(start_step),
        stop_step_(stop_step) {}
  // Whole cycles are taken off before the sine, so that late times lose no more than the product's rounding.
  double at(int64_t step) const override {
    if (step < start_step_ || step >= stop_step_) return 0.0;
    const double cycles = std::fmod(cycles_per_step_ * static_cast<double>(step - start_step_), 1.0);
    return offset_nA_ + amplitude_nA_ * std::sin(6.283185307179586476925 * cycles + phase_);
  }

 private:
  const double amplitude_nA_, offset_nA_, cycles_per_step_, phase_;
  const int64_t start_step_, stop_step_;
};

class Noise final : public Waveform {
 public:
  Noise(double mean_nA, double stdev_nA, int64_t interval_steps, int64_t start_step, int64_t stop_step, uint64_t seed,
        uint32_t stream, uint32_t element)
      : mean_nA_(mean_nA),
        stdev_nA_(stdev_nA),
        interval_steps_(interval_steps),
        start_step_(start_step),
        stop_step_(stop_step),
        seed_(seed),
        stream_(stream),
        element_(element) {
    if (interval_steps < 1) throw std::invalid_argument("the interval of a noisy current must be one step at least");
  }
  double at(int64_t step) const override {
    if (step < start_step_ || step >= stop_step_) return 0.0;
    const auto interval = static_cast<uint32_t>((step - start_step_) / interval_steps_);
    return mean_nA_ + stdev_nA_ * Random{seed_, stream_, element_, interval}.normal(0);
  }

 private:
  const double mean_nA_, stdev_nA_;
  const int64_t interval_steps_, start_step_, stop_step_;
  const uint64_t seed_;
  const uint32_t stream_, element_;
};

}  // namespace

std::unique_ptr<Waveform> make_step_waveform(std::vector<int64_t> steps, std::vector<double> amplitudes_nA) {
  return std::make_unique<Steps>(std::move(steps), std::move(amplitudes_nA));
}

std::unique_ptr<Waveform> make_sine_waveform(double amplitude_nA, double offset_nA, double frequency_Hz,
                                             double phase_deg, int64_t start_step, int64_t stop_step, double dt_ms) {
  const double radians = phase_deg * (6.283185307179586476925 / 360.0);
  return std::make_unique<Sine>(amplitude_nA, offset_nA, frequency_Hz * dt_ms * 1e-3, radians, start_step, stop_step);
}

std::unique_ptr<Waveform> make_noise_waveform(double mean_nA, double stdev_nA, int64_t interval_steps,
                                              int64_t start_step, int64_t stop_step, uint64_t seed, uint32_t stream,
                                              uint32_t element) {
  return std::make_unique<Noise>(mean_nA, stdev_nA, interval_steps, start_step, stop_step, seed, stream, element);
}

}  // namespace pa
