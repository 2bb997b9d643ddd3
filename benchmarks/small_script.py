"""Import to first spike: a script of a few lines with standard cells, in a fresh process.

Ten cells with a current, one projection, until spikes have been written to a Neo block: what a user waits for before
anything happens. `imports` only imports Neo and what every backend has to of PyNN: the floor.
"""

from __future__ import annotations

import importlib
from time import perf_counter

import command
from command import Figures, Job

CELLS, DRIVE_nA = 10, 2.0


def in_pynn(job: Job) -> Figures:
    """Run the script on one of PyNN's backends; return its activity and times in seconds."""
    start = perf_counter()
    sim = importlib.import_module(f"pyNN.{job.backend}")
    imported = perf_counter()
    sim.setup(timestep=0.1, min_delay=0.1, max_delay=1.0)
    driven = sim.Population(CELLS, sim.IF_cond_exp(tau_refrac=2.0, i_offset=DRIVE_nA))
    others = sim.Population(CELLS, sim.IF_cond_exp())
    projection = sim.Projection(
        driven, others, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.002, delay=1.0), receptor_type="excitatory"
    )
    driven.record("spikes")
    synapses = len(projection)
    built = perf_counter()
    sim.run(job.duration_ms)
    ran = perf_counter()
    trains = driven.get_data("spikes").segments[0].spiketrains
    count = sum(len(train) for train in trains)
    read = perf_counter()
    sim.end()
    times = {"import_s": imported - start, "build_s": built - imported, "run_s": ran - built, "read_s": read - ran}
    rate = 1000.0 * count / CELLS / job.duration_ms
    return {"rate_Hz": rate, "synapses": synapses, "first_spike_ms": float(trains[0][0]), **times}


def imports(job: Job) -> Figures:
    """Import Neo and what every backend needs of PyNN, and no simulator."""
    start = perf_counter()
    for name in ("common", "connectors", "parameters", "random", "recording", "space", "standardmodels"):
        importlib.import_module(f"pyNN.{name}")
    importlib.import_module("neo")
    return {"import_s": perf_counter() - start, "build_s": 0.0, "run_s": 0.0, "read_s": 0.0}


if __name__ == "__main__":
    command.main(str(__doc__), in_pynn, {"imports": imports})
