// Current sources: the waveforms that the time loop asks for. Which neurons get them is injector.h's business.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

namespace pa {

// The current in nA during a step, which is its value at the step's beginning. A pure function of the step: any thread
// may ask for any step at any time, a reset has nothing to rewind, and a recorded trace is evaluated when it is read.
class Waveform {
 public:
  virtual ~Waveform() = default;
  virtual double at(int64_t step) const = 0;
};

// amplitudes_nA[k] from steps[k] on, until steps[k + 1]; 0 before steps[0]. The steps ascend.
std::unique_ptr<Waveform> make_step_waveform(std::vector<int64_t> steps, std::vector<double> amplitudes_nA);

// offset + amplitude * sin(2 pi frequency (t - t_start) / 1000 + phase) for start_step <= step < stop_step, else 0.
std::unique_ptr<Waveform> make_sine_waveform(double amplitude_nA, double offset_nA, double frequency_Hz,
                                             double phase_deg, int64_t start_step, int64_t stop_step, double dt_ms);

// mean + stdev * a standard normal number, a new one every interval_steps from start_step on until stop_step, else 0.
// The k-th number is Random{seed, stream, element, uint32_t(k)}.normal(0).
std::unique_ptr<Waveform> make_noise_waveform(double mean_nA, double stdev_nA, int64_t interval_steps,
                                              int64_t start_step, int64_t stop_step, uint64_t seed, uint32_t stream,
                                              uint32_t element);

}  // namespace pa
