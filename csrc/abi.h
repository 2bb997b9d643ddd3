/* The contract between the engine and a compiled model: C structs of pointers, nothing else.
 *
 * The engine owns all memory. A neuron model (generated from equations, or a hand-written spike source) exports one
 * pa_neuron_kernel and is called with one block of neurons at a time; a synapse model exports one pa_synapse_kernel and
 * is called with synapses of one source, or of one thread. Models are compiled apart from the engine, ahead of time by
 * setup.py or just in time by native/build.py, so this file must stay plain C and light to include. Change
 * PA_ABI_VERSION with every change of a struct: it is part of the cache key of compiled models.
 */
#ifndef PYNN_ANNARCHY_ABI_H
#define PYNN_ANNARCHY_ABI_H

#include <stddef.h>
#include <stdint.h>

#define PA_ABI_VERSION 3u

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

/* ---- synapses with state -------------------------------------------------------------------------------------------
 *
 * Event e is at the time (e + 1) * dt. A spike of its source's step s arrives at a synapse as event s + axonal delay
 * and acts on the target `dendritic` steps later; a spike of its target's step p reaches it as event p + dendritic. A
 * synapse is brought up to date only when something happens to it: before a pre-synaptic event e its post-synaptic
 * events up to e are applied, oldest first; up to e - 1 if dendritic is 0, because then a target that spikes in that
 * step does so after, and perhaps because of, this arrival. A modulator's spike of step m is event m + modulator_delay,
 * and comes after a post-synaptic and before a pre-synaptic event of the same time. */

/* Spikes of one neuron, or of all modulatory neurons, that some synapse may not have taken yet; oldest first. Counts
 * are modulo 2^32: they may be subtracted and compared for equality, but none is less than another. */
typedef struct pa_train {
  const int64_t *step;
  uint32_t first; /* how many have been dropped since the beginning */
  uint32_t end;   /* how many there were since the beginning: end - first are kept */
  int64_t latest; /* the step of the last of them, if any are kept */
} pa_train;

#define PA_NEVER (-((int64_t)1 << 40)) /* the event of something that has not happened */

/* One thread's synapses of one store, by source. Neighbours of one source and one axonal delay are a row. Some
 * variables follow from the arrivals alone (pa_synapse_kernel.row_variables). While they are equal within every row,
 * `by_row` says that they, row_from and last_pre have one element a row, not one a synapse; then calls are for synapses
 * of one row, but for catch_up and observe.
 *
 * Others follow from the target's spikes alone (pa_synapse_kernel.target_variables). While they are equal for all
 * synapses of every target, and there is one dendritic delay, `by_target` (only with by_row) says that what each spike
 * leaves behind is kept with the target. Then `last`, `last_post` and `seen` are NULL as those variables are, calls are
 * for whole rows, and `heard` is the event up to which a row has taken what its targets have sent. */
#define PA_RECENT 8
#define PA_LONG_AGO 32767

/* The latest spikes of one target. */
typedef struct pa_recent {
  int64_t latest;             /* the step of the last one, PA_NEVER if there are none */
  int16_t earlier[PA_RECENT]; /* by how many steps each was, newest first, so that the first is 0; PA_LONG_AGO: see its
                                 history */
  /* real[number of target variables]: what the last one left behind */
} pa_recent;

/* All spikes of one target that some synapse may not have taken yet, and before them one that all have taken, or
 * PA_NEVER; oldest first. Nothing if there has been none. */
typedef struct pa_history {
  const int64_t *step;
  const void *value; /* real[n][number of target variables]: what is left after each */
  size_t n;
} pa_history;

typedef struct pa_synapses {
  void *const *variable;           /* [n_variables] real[n], or real[n_rows] */
  const void *const *constant;     /* [n_constants] real[n], or real[1] if uniform */
  const uint32_t *constant_stride; /* [n_constants] 1, or 0 if uniform */
  const uint32_t *lane;            /* [n] delay << lane bits | lane: where input goes, see pa_arrival */
  const uint16_t *dendritic;       /* [n] dendritic delay in steps, or [1] */
  uint32_t dendritic_stride;       /* 1 or 0 */
  const uint32_t *number;          /* [n] element of the random stream */
  int64_t *last;                   /* [n] from when the other variables count; NULL with PA_SYNAPSE_TIMELESS */
  int64_t *last_pre, *last_post;   /* [n] the last one of each kind, PA_NEVER if none; NULL if the model does not ask */
  uint32_t *seen;                  /* [n] how many spikes of its target it has taken; NULL without PA_SYNAPSE_POST */
  uint32_t *seen_modulator;        /* [n] likewise; NULL without PA_SYNAPSE_MODULATED */
  const uint32_t *target;          /* [n] which element of train and of post */
  const pa_train *train;           /* of the targets; NULL without PA_SYNAPSE_POST */
  pa_train modulator;
  uint32_t modulator_delay;
  const void *const *post; /* [n_post] real arrays: variables of the targets; NULL if the model reads none */
  double dt_ms;
  uint64_t seed;
  uint32_t stream;
  uint32_t held; /* a pa_held: which variables nothing may change */
  uint32_t by_row;
  int64_t *row_from;         /* from when the row's variables count; NULL if there are none */
  const uint64_t *row_first; /* [n_rows + 1] */
  size_t n_rows;
  uint32_t by_target;
  int64_t *heard;            /* [n_rows] */
  const void *recent;        /* [targets] pa_recent, each with its values behind it */
  const void *previous;      /* real[targets][number of target variables]: what the one before the last left behind */
  const pa_history *history; /* [targets] */
  int64_t began;             /* the event from which target variables count that no later spike has changed */
} pa_synapses;

/* Variables that stay as they are. With all of them held, spikes of targets and modulators do nothing and are not taken
 * (the engine drops them); an arrival still has an input, computed from the variables as they are. */
enum pa_held { PA_HELD_NONE = 0u, PA_HELD_WEIGHT = 1u, PA_HELD_ALL = 2u };

/* A pre-synaptic spike at some synapses of one source. Input of synapse k goes to sums[(lane[k] + offset) & mask], and
 * to the same place but for each of `further`, which is how far the target's other inputs are from the first. */
typedef struct pa_arrival {
  int64_t event;
  uint32_t repeat; /* how many spikes of the same source came before in the same step */
  void *sums;      /* acc */
  uint32_t offset, mask;
  int64_t emitted; /* the event at which it was sent: its step */
  uint32_t n_further;
  const uint32_t *further;
} pa_arrival;

enum pa_synapse_flags {
  PA_SYNAPSE_POST = 1u,      /* something happens at spikes of the target: train and seen are needed */
  PA_SYNAPSE_MODULATED = 2u, /* ... of the modulator */
  PA_SYNAPSE_LAST_PRE = 4u,  /* last_pre is needed */
  PA_SYNAPSE_LAST_POST = 8u,
  PA_SYNAPSE_CLOCKED = 16u,   /* has equations that are evaluated in every step */
  PA_SYNAPSE_TRANSMITS = 32u, /* gives the target something in every step */
  PA_SYNAPSE_TIMELESS = 64u,  /* no variable but those of rows changes between events */
};

typedef struct pa_synapse_kernel {
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
  uint32_t n_variables;
  /* Names that start with '_' are internal; one is "w", the weight. "_source.x" is what the engine has read of the
   * source, "_pre.x" and "_post.x" what it shall add to variables of the source and of the target. */
  const char *const *variable_names;
  const double *variable_inits;
  uint32_t n_post;
  const char *const *post_names; /* state variables of the target that the model reads */
  void (*derive)(const double *params, double dt_ms, double *constants);
  /* a spike of their source arrives at synapses [begin, end) */
  void (*arrive)(const pa_synapses *, size_t begin, size_t end, const pa_arrival *);
  /* apply what the target and the modulator have sent up to the event `last` */
  void (*catch_up)(const pa_synapses *, size_t begin, size_t end, int64_t last);
  /* advance by one step, from step*dt to (step+1)*dt, before what arrives at its end; NULL without PA_SYNAPSE_CLOCKED.
   * The engine has called catch_up(step - 1). */
  void (*tick)(const pa_synapses *, size_t begin, size_t end, int64_t step);
  /* values[j] = the variable of synapse index[j] at the time (last + 1) * dt, changing nothing but what catch_up does
   */
  void (*observe)(const pa_synapses *, const uint64_t *index, size_t n, uint32_t variable, int64_t last,
                  double *values);
  /* what the targets get at the event, whether there is a spike or not; there only with PA_SYNAPSE_TRANSMITS */
  void (*transmit)(const pa_synapses *, size_t begin, size_t end, const pa_arrival *);
  /* Bit v: variable v follows from the arrivals and from the parameters of row_parameters alone, so it is the same for
   * synapses of one source that began alike. Bit p: likewise. */
  uint64_t row_variables, row_parameters;
  /* Likewise, of the spikes of the target. */
  uint64_t target_variables, target_parameters;
  /* values: what the latest spike of a target left behind; becomes what the one that arrives as this event does. NULL
   * if by_target is not for this model. */
  void (*echo)(const pa_synapses *, size_t target, int64_t event, void *values);
} pa_synapse_kernel;

typedef const pa_synapse_kernel *(*pa_synapse_kernel_fn)(void);
#define PA_SYNAPSE_KERNEL_SYMBOL "pa_synapse_kernel_get"

#ifdef __cplusplus
}
#endif
#endif
