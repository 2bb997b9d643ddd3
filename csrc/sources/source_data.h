/* What pa_block.source_data points to for sources whose parameters are sequences of any length: one row per neuron.
 *
 *   SpikeSourceArray      sequences {spike_times}: ms, ascending
 *   TimedArray            sequences {rates, schedule}: values, and the times in ms from which they hold, ascending
 *   SpikeSourceInhGamma   sequences {a, b, tbins}: a without unit, b in seconds, the bins' beginnings in ms, ascending
 *
 * All sequences of one neuron have the same length. Rows are the caller's and may be replaced between runs, one by one,
 * without copying the others: the caller then writes PA_DUE_UNKNOWN to the neuron's `due`. It does so for all neurons
 * when the network is reset, and for new ones. Otherwise `due` is the source's own, and moves along like a state when
 * the block grows.
 */
#ifndef PYNN_ANNARCHY_SOURCE_DATA_H
#define PYNN_ANNARCHY_SOURCE_DATA_H

#include <stdint.h>

#define PA_DUE_UNKNOWN INT64_MIN
#define PA_DUE_NEVER INT64_MAX /* what padding holds */

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pa_source_data {
  const uint64_t *length;          /* [n] */
  const double *const *const *row; /* [sequences][n] rows of length[k]; anything where that is 0 */
  int64_t *due;                    /* [padded n] the step at which the source has to be looked at again */
} pa_source_data;

#ifdef __cplusplus
}
#endif
#endif
