// All hand-written sources: pa::SpikeSourcePoisson, pa::SpikeSourcePoissonRefractory, pa::SpikeSourceGamma,
// pa::SpikeSourceInhGamma, pa::SpikeSourceArray, pa::TimedArray. Each is a struct
// for pa::export_neuron.
#pragma once
#include "sources/spike_source_array.h"
#include "sources/spike_source_gamma.h"
#include "sources/spike_source_inh_gamma.h"
#include "sources/spike_source_poisson.h"
#include "sources/spike_source_poisson_refractory.h"
#include "sources/timed_array.h"
