"""Cells driven by a constant current, in the manner of pyNN.nest's first examples, with its procedural interface."""

import numpy as np
import pyNN.nest as sim

sim.setup(
    timestep=0.01,
    min_delay=0.1,
    max_delay=10.0,
    threads=2,
    rng_seed=873465,
    spike_precision="on_grid",
    verbosity="error",
    recording_precision=6,
    t_flush=200.0,
)
sim.nest.set_verbosity("M_ERROR")
sim.nest.SetKernelStatus({"overwrite_files": True})

tau_m, cm, v_rest, v_reset, v_thresh, tau_refrac = 20.0, 0.5, -65.0, -70.0, -52.0, 2.0
cell_type = sim.IF_curr_alpha(
    tau_m=tau_m, cm=cm, v_rest=v_rest, v_reset=v_reset, v_thresh=v_thresh, tau_refrac=tau_refrac
)
cells = sim.create(cell_type, n=3)
amplitudes = np.array([0.4, 0.6, 0.8])
for cell, amplitude in zip(cells, amplitudes, strict=True):
    cell.inject(sim.DCSource(amplitude=float(amplitude), start=0.0, stop=2000.0))
sim.set(cells, i_offset=0.05)
sim.initialize(cells, v=v_reset)
sim.record(["spikes", "v"], cells, "data.pkl")

everyone = sim.Assembly(cells, label="everyone")
sim.run(400.0)
sim.reset(annotations={"trial": 1})
sim.run_until(400.0)

segments = everyone.get_data().segments
spikes = [[train.times.magnitude for train in segment.spiketrains] for segment in segments]
models = sim.list_standard_models()
sim.end()
