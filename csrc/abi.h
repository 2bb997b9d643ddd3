/* The contract between the engine and a compiled neuron model: C structs of pointers, nothing else.
 *
 * The engine owns all memory. A model (generated from equations, or a hand-written spike source) exports one
 * pa_neuron_kernel and is called with one block of neurons at a time. It is compiled apart from the engine, ahead of
 * time by setup.py or just in time by native/build.py, so this file must stay plain C and light to include. Change
 * PA_ABI_VERSION with every change of a struct: it is part of the cache key of compiled models.
 */
#ifndef PYNN_ANNARCHY_ABI_H
#define PYNN_ANNARCHY_ABI_H

#include <stddef.h>
#include <stdint.h>

#define PA_ABI_VERSION 1u

/* Neurons are updated in chunks of this many: every array is padded to a multiple of it, every thread owns whole
 * chunks, and the inner loop has a constant trip count. So there is no scalar remainder loop whose rounding could
 * differ from the vector loop's, and results do not depend on how many threads share a block. */
#define PA_CHUNK 64

#ifdef __cplusplus
extern "C" {
#endif

/* Where a model writes its spikes: one list per thread, in order of neuron index within a step. */
typedef struct pa_spike_sink {
  uint32_t *neuron; /* global neuron number of each spike; a number may repeat (several events in one step) */
  double *time_ms;  /* exact time of each spike: the end of the step on the grid, or any time inside the step */
  size_t count;
  size_t capacity;
  void (*grow)(struct pa_spike_sink *, size_t at_least); /* makes capacity >= at_least, keeps what is there */
} pa_spike_sink;

/* All neurons of one model. Arrays of `real` (state) and `acc` (input) have pa_neuron_kernel.state_bytes and
 * acc_bytes per element and padded(n) elements, 64-byte aligned. */
typedef struct pa_block {
  uint32_t n;                      /* neurons, without padding */
  const uint32_t *neuron;          /* [padded n] global neuron number of each */
  void *const *state;              /* [n_state] real[padded n] */
  const void *const *constant;     /* [n_constants] real[padded n], or real[PA_CHUNK] if uniform */
  const uint32_t *constant_stride; /* [n_constants] elements to advance per chunk: PA_CHUNK, or 0 if uniform */
  const void *source_data;         /* spike sources only: their schedule, see the source's header */
  double dt_ms;
  uint64_t seed;   /* of the network */
  uint32_t stream; /* random stream of this block in this segment; elements of it are global neuron numbers */
} pa_block;

/* One step from step*dt to (step+1)*dt; per thread, because threads may be at different steps of one window. */
typedef struct pa_step {
  int64_t step;
  double t_ms;              /* step * dt */
  double t_end_ms;          /* (step + 1) * dt: the time of a spike of this step */
  void *const *input;       /* [n_inputs] acc[padded n]: what arrives at t_end. The model zeroes what it has read. */
  const void *injected;     /* real[padded n] or real[PA_CHUNK]: current in nA during this step */
  uint32_t injected_stride; /* as constant_stride */
} pa_step;

enum pa_neuron_flags {
  PA_SPIKING = 1u,
  PA_INJECTABLE = 2u, /* reads pa_step.injected */
  PA_SOURCE = 4u, /* a spike source: no inputs, source_data may be used, updated once at step -1 (spikes at t = 0) */
};

typedef struct pa_neuron_kernel {
  uint32_t abi_version;
  uint32_t state_bytes; /* 8 or 4: sizeof real */
  uint32_t acc_bytes;   /* 8 or 4: sizeof acc */
  uint32_t flags;
  const char *name;
  uint32_t n_params;
  const char *const *param_names;
  const double *param_defaults;
  uint32_t n_constants;
  const char *const *constant_names;
  const uint64_t *constant_depends; /* bit p: the constant depends on parameter p (at most 64 parameters) */
  uint32_t n_state;
  const char *const *state_names; /* names that start with '_' are internal */
  const double *state_inits;
  uint32_t n_inputs;
  const char *const *input_names; /* receptor types, in PyNN's order */
  /* constants of one neuron from its parameters; called whenever a parameter changed, never in the time loop */
  void (*derive)(const double *params, double dt_ms, double *constants);
  /* advance chunks [chunk_begin, chunk_end) of the block by one step */
  void (*update)(const pa_block *, const pa_step *, size_t chunk_begin, size_t chunk_end, pa_spike_sink *);
} pa_neuron_kernel;

/* The symbol that a compiled model exports. */
typedef const pa_neuron_kernel *(*pa_neuron_kernel_fn)(void);
#define PA_KERNEL_SYMBOL "pa_neuron_kernel_get"

#ifdef __cplusplus
}
#endif
#endif
