"""Potjans and Diesmann's cortical microcircuit: examples/microcircuit, on any of PyNN's backends.

--scale is that of cells and of inputs to each cell: 1 is 77,169 cells and 299 million connections, 0.05 a twentieth of
the cells and a four-hundredth of the connections. From a fifth of the full scale on, a constant current stands for the
rest of the brain; below, where the network could fall silent with it, Poisson sources do. A warm-up of 500 ms is not
timed, and nothing is recorded but spikes.
examples/microcircuit/compare.py compares distributions of the activity.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from time import perf_counter

import command
from command import Figures, Job, Phases

EXAMPLE = Path(__file__).parent.parent / "examples" / "microcircuit"
DT_MS, MAX_DELAY_MS, WARM_UP_MS, SEED = 0.1, 6.4, 500.0, 1


def in_pynn(job: Job) -> Figures:
    """Build and run the network with a PyNN backend; return its activity and times in seconds."""
    start = perf_counter()
    sim = importlib.import_module(f"pyNN.{job.backend}")
    sys.path.insert(0, str(EXAMPLE))
    from network import build

    imported = perf_counter()
    threads = {"threads": job.threads} if job.threads > 1 else {}
    sim.setup(timestep=DT_MS, min_delay=DT_MS, max_delay=MAX_DELAY_MS, **threads)
    network = build(sim, job.scale, "dc" if job.scale >= 0.2 else "poisson", SEED)
    cells = network.populations.values()
    for population in cells:
        population.record("spikes")
    synapses = network.n_connections
    warming = perf_counter()
    sim.run(WARM_UP_MS)
    before = sum(population.mean_spike_count() * len(population) for population in cells)
    built = perf_counter()
    phases = Phases(sim)
    sim.run(job.duration_ms)
    ran = perf_counter()
    after = sum(population.mean_spike_count() * len(population) for population in cells)
    read = perf_counter()
    others = phases.figures()
    rate = 1000.0 * (after - before) / sum(map(len, cells)) / job.duration_ms
    sim.end()
    times = {"import_s": imported - start, "build_s": warming - imported, "run_s": ran - built, "read_s": read - ran}
    return {"rate_Hz": rate, "synapses": synapses, **others, **times, "warm_up_s": built - warming}


if __name__ == "__main__":
    command.main(str(__doc__), in_pynn, {})
