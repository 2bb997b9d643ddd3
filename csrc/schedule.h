/* What pa_block.source_data points to, for spike sources that follow sequences of numbers: one pa_rows for each
 * sequence of the model (SpikeSourceArray: spike times in ms; SpikeSourceInhGamma: a, b, tbins), in that order.
 */
#ifndef PYNN_ANNARCHY_SCHEDULE_H
#define PYNN_ANNARCHY_SCHEDULE_H

#include <stdint.h>

/* Neuron i of the block (its position, not its global number) has value[begin[i]] ... value[begin[i + 1] - 1].
 * begin has one entry more than the padded number of neurons; rows of padding are empty. */
typedef struct pa_rows {
  const uint64_t *begin;
  const double *value;
} pa_rows;

#endif
