/* The contract between the engine and a compiled model of continuous synapses: those of rate-coded networks, and those
 * between any neurons that transmit a value in every step instead of an event. See abi.h for the rules of such a file.
 *
 * In the step from n*dt to (n+1)*dt, in this order:
 *   sum     for every target, an operation over psp of its synapses: variables of sources as they were at boundary
 *           n - (delay - 1), variables of the target as they are at boundary n. The result is added to the input lane
 *           "sum(<receptor>)" of this step, which the neuron reads at the beginning of its step.
 *   update  of the neurons
 *   learn   the synapses' own equations, with the variables of both neurons at boundary n + 1, whatever the delay
 */
#ifndef PYNN_ANNARCHY_ABI_ROWS_H
#define PYNN_ANNARCHY_ABI_ROWS_H

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How many values there are of a parameter or variable of synapses. */
enum pa_locality { PA_LOCAL = 0 /* one a synapse */, PA_POSTSYNAPTIC = 1 /* one a row */, PA_PROJECTION = 2 /* one */ };

/* One thread's synapses of one store, by target. */
typedef struct pa_rows {
  size_t n_rows;
  const uint64_t *begin;             /* [n_rows + 1] synapses of row r are begin[r] to begin[r + 1] - 1 */
  const uint32_t *target;            /* [n_rows] which element of post, and of sums */
  const uint32_t *source;            /* [n] which element of pre; [n of row 0] if shared; NULL: first_source + j for the
                                        j-th synapse of every row */
  uint32_t first_source, shared;     /* shared: all rows have the sources of row 0, in its order */
  const uint16_t *delay;             /* [n] in steps, or [1] */
  uint32_t delay_stride;             /* 1 or 0 */
  void *const *variable;             /* [n_variables] real [n], [n_rows] or [1]: their locality says which */
  const void *const *constant;       /* [n_constants] real [n], [n_rows] or [1]: constant_locality says which */
  const uint32_t *constant_locality; /* [n_constants] a pa_locality each */
  const uint32_t *number;     /* [n] element of the random stream; NULL unless the model draws for each synapse */
  const uint32_t *row_number; /* [n_rows] likewise for what is drawn once a row: the target's neuron number */
  double dt_ms;
  uint64_t seed;
  uint32_t stream;
} pa_rows;

/* What the neurons look like in one step. */
typedef struct pa_moment {
  int64_t step;
  const void *const *const *pre; /* [n_pre][slots] real [all neurons]: values at boundary b are in slot b % slots */
  uint32_t slots;
  const void *const *post; /* [n_post] real [of the targets' block], now */
  const double *global;    /* [n_globals] now; at boundary n for sum, n + 1 for learn */
  void *sums;              /* acc [of the targets' block]; NULL for learn */
  uint32_t frozen;         /* learn leaves the variable "w" as it is */
  uint32_t leads;          /* learn advances what belongs to the projection, too: other stores of it find it done */
} pa_moment;

typedef struct pa_rows_kernel {
  uint32_t abi_version;
  uint32_t state_bytes; /* 8 or 4: sizeof real */
  uint32_t acc_bytes;   /* 8 or 4: sizeof acc */
  uint32_t draws;       /* whether pa_rows.number is needed */
  const char *name;
  uint32_t n_params;
  const char *const *param_names;
  const double *param_defaults;
  const uint32_t *param_locality; /* a pa_locality each: how many values there may be */
  uint32_t n_constants;
  const char *const *constant_names;
  const uint64_t *constant_depends; /* bit p: the constant depends on parameter p (at most 64 parameters) */
  uint32_t n_variables;
  const char *const *variable_names; /* names that start with '_' are internal; "w" is a parameter or a variable */
  const double *variable_inits;
  const uint32_t *variable_locality; /* a pa_locality each */
  uint32_t n_pre;
  const char *const *pre_names; /* state variables of the sources that the model reads */
  uint32_t n_post;
  const char *const *post_names;
  uint32_t n_globals;
  const char *const *global_names; /* as "mean(pre.r)": mean, max, min, norm1, norm2 over the population before or
                                      behind the projection */
  void (*derive)(const double *params, double dt_ms, double *constants);
  void (*sum)(const pa_rows *, size_t row_begin, size_t row_end, const pa_moment *);
  void (*learn)(const pa_rows *, size_t row_begin, size_t row_end, const pa_moment *); /* NULL without equations */
} pa_rows_kernel;

typedef const pa_rows_kernel *(*pa_rows_kernel_fn)(void);
#define PA_ROWS_KERNEL_SYMBOL "pa_rows_kernel_get"

#ifdef __cplusplus
}
#endif
#endif
