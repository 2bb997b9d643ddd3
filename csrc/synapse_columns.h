// Static synapses that nobody keeps lists of: whoever wants them has them made, those onto one neuron at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

namespace pa {

// The synapses onto one neuron, in order of creation.
struct SynapseColumn {
  size_t n;
  const uint32_t* source;  // global neuron numbers
  const double* weight;    // null: all have the same
  const uint16_t* delay;   // steps; likewise
};

class SynapseColumns {
 public:
  // One thread's; what it returns is there until it is asked again.
  class Reader {
   public:
    virtual ~Reader() = default;
    virtual SynapseColumn sources(size_t column) = 0;  // only these
    virtual SynapseColumn column(size_t column) = 0;   // everything
  };

  virtual ~SynapseColumns() = default;
  virtual size_t n_columns() const = 0;
  virtual uint32_t target(size_t column) const = 0;
  virtual std::unique_ptr<Reader> reader() const = 0;
};

}  // namespace pa
