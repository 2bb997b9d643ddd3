"""Print NEURON's solution of `gap_scenario`: ``python make_gap_reference.py > data/neuron_gap.json``.

pyNN.neuron's own ElectricalSynapse cannot be connected to standard cells, so its mechanism (a conductance to the v of
another cell) is put on the cells by hand. NEURON's fixed step is of first order, and the other cell's v is one step
old: its spikes come 4 ms late at 0.1 ms. So its solver with adaptive steps is used, at a tolerance of 1e-10, and its
tables of rates, 0.02 mV off, are not.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from typing import Any

from gap_scenario import CONDUCTANCE, DURATION, JUNCTIONS, SAMPLING, TIMESTEP, populations


def reference() -> dict[str, Any]:
    import neuron
    import pyNN.neuron as sim

    sim.setup(timestep=TIMESTEP, min_delay=TIMESTEP, use_cvode=True, rtol=1e-10, atol=1e-10)
    first, second = populations(sim)
    neuron.h.usetable_hh_traub = 0
    sections = [cell._cell for cell in (*first, *second)]
    parallel = sim.simulator.state.parallel_context
    for number, section in enumerate(sections):
        parallel.source_var(section(0.5)._ref_v, number, sec=section)
    gaps = []
    for i, j in JUNCTIONS:
        for here, there in ((i, 4 + j), (4 + j, i)):
            gap = neuron.h.Gap(0.5, sec=sections[here])
            gap.g = CONDUCTANCE
            parallel.target_var(gap, gap._ref_vgap, there)
            gaps.append(gap)
    parallel.setup_transfer()
    traces = [neuron.h.Vector().record(section(0.5)._ref_v, SAMPLING) for section in sections]
    for cells in (first, second):
        cells.record("spikes")
    sim.run(DURATION)
    segments = [cells.get_data("spikes").segments[0] for cells in (first, second)]
    return {
        "neuron": neuron.__version__,
        "v": [[round(v, 8) for v in trace] for trace in traces],
        "crossings": [[float(t) for t in train] for segment in segments for train in segment.spiketrains],
    }


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):
        result = reference()
    print(json.dumps(result))
