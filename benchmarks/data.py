"""What it costs to read, set and write what a simulation holds: ``python benchmarks/data.py --synapses 1e7``.

For each way in or out it prints the wall time and the CPU time of all threads, the least of the repeats, the latter in
nanoseconds per element (a connection, a spike or a sample) too, and how much memory the process had at most while it
worked, beyond what it had before. A busy machine disturbs CPU times less than wall times. Each case is a process of its
own. A format whose library is not installed is named with the error.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from construction import _memory, _peak

DT_MS, DELAY_MS, CELLS, SAMPLES = 0.1, 1.5, 10_000, 1000
MULTIPLE = ("last", "first", "sum", "min", "max")


@dataclass(frozen=True)
class Work:
    """One thing to be timed.

    Attributes
    ----------
    elements
        How many connections, spikes or samples it concerns.
    act
        What is timed, any number of times.
    """

    elements: int
    act: Callable[[], Any]


@dataclass(frozen=True)
class Job:
    """The simulator, the sizes that were asked for, and a folder for files."""

    sim: Any
    synapses: int
    spikes: int
    folder: Path


def _projection(job: Job, times: int = 1) -> Any:
    """A tenth of all pairs connected, each `times` times, with weights that differ."""
    sim = job.sim
    from pyNN.random import NumpyRNG, RandomDistribution

    n = math.isqrt(10 * job.synapses // times)
    pre, post = (sim.Population(n, sim.IF_curr_exp()) for _ in range(2))
    if times == 1:
        rng = NumpyRNG(seed=1)
        weight = RandomDistribution("uniform", (0.0, 1.0), rng=rng)
        synapse = sim.StaticSynapse(weight=weight, delay=DELAY_MS)
        return sim.Projection(pre, post, sim.FixedProbabilityConnector(0.1, rng=rng), synapse)
    import numpy as np

    pairs = np.random.default_rng(1).choice(n * n, job.synapses // times, replace=False)
    rows = np.tile(np.column_stack([pairs // n, pairs % n]), (times, 1))
    weights = np.random.default_rng(2).uniform(size=len(rows))
    synapse = sim.StaticSynapse(delay=DELAY_MS)
    return sim.Projection(pre, post, sim.FromListConnector(np.column_stack([rows, weights]), ["weight"]), synapse)


def _get(names: Any, format: str, times: int = 1, **options: Any) -> Callable[[Job], Work]:
    def prepare(job: Job) -> Work:
        projection = _projection(job, times)
        return Work(len(projection), lambda: projection.get(names, format=format, **options))

    return prepare


def _set(kind: str) -> Callable[[Job], Work]:
    def prepare(job: Job) -> Work:
        projection = _projection(job)
        as_array = kind == "matrix"
        value: Any = projection.get("weight", format="array" if as_array else "list", with_address=False)
        if kind == "array":
            import numpy as np

            value = np.array(value)
        return Work(len(projection), lambda: projection.set(weight=value))

    return prepare


def _save(kind: str) -> Callable[[Job], Work]:
    def prepare(job: Job) -> Work:
        from pyNN.recording import files

        projection = _projection(job)
        path = str(job.folder / "connections")
        if kind == "hdf5":
            importlib.import_module("tables")
        makers: dict[str, Callable[[], Any]] = {
            "text": lambda: path + ".txt",
            "npz": lambda: files.NumpyBinaryFile(path + ".npz", mode="wb"),
            "pickle": lambda: files.PickleFile(path + ".pkl", mode="wb"),
            "hdf5": lambda: files.HDF5ArrayFile(path + ".h5", mode="w"),
        }
        return Work(len(projection), lambda: projection.save("all", makers[kind]()))

    return prepare


def _save_connectivity(job: Job) -> Work:
    projection = _projection(job)
    return Work(len(projection), lambda: projection.save_connectivity(job.folder / "connectivity.npz"))


def _spiking(job: Job, cells: int) -> Any:
    """Return cells that spike as often in a second as was asked for, all together, or 1 kHz each if that is less."""
    rate_Hz = min(job.spikes / cells, 1000.0)
    population = job.sim.Population(cells, job.sim.SpikeSourcePoisson(rate=rate_Hz))
    population.record("spikes")
    population.annotate(session_start_time=datetime.now(timezone.utc))  # without it, there is no NWB file
    job.sim.run(1000.0)
    return population


def _sampled(job: Job, cells: int) -> Any:
    population = job.sim.Population(cells, job.sim.IF_curr_exp(i_offset=0.1))
    population.record("v")
    population.annotate(session_start_time=datetime.now(timezone.utc))
    job.sim.run((SAMPLES - 1) * DT_MS)
    return population


def _of_spikes(act: Callable[[Any, Job], Any], cells: int = CELLS) -> Callable[[Job], Work]:
    def prepare(job: Job) -> Work:
        population = _spiking(job, cells)
        spikes = sum(population.get_spike_counts().values())
        return Work(spikes, lambda: act(population, job))

    return prepare


def _of_samples(act: Callable[[Any, Job], Any], cells: int = CELLS) -> Callable[[Job], Work]:
    def prepare(job: Job) -> Work:
        population = _sampled(job, cells)
        return Work(cells * SAMPLES, lambda: act(population, job))

    return prepare


def _trains(population: Any, job: Job) -> Any:
    return list(population.get_data().segments[0].spiketrains)


def _assembly(act: Callable[[Any, Job], Any]) -> Callable[[Job], Work]:
    def prepare(job: Job) -> Work:
        population = _spiking(job, CELLS)
        spikes = sum(population.get_spike_counts().values())
        assembly = job.sim.Assembly(population[: CELLS // 2], population[CELLS // 2 :])
        return Work(spikes, lambda: act(assembly, job))

    return prepare


def _write(suffix: str, library: str = "neo") -> Callable[[Any, Job], Any]:
    def act(cells: Any, job: Job) -> Any:
        importlib.import_module(library)
        path = job.folder / f"data.{suffix}"
        path.unlink(missing_ok=True)
        cells.write_data(str(path))

    return act


FORMATS = {"pkl": ("neo", CELLS), "mat": ("scipy", CELLS), "nix": ("nixio", 100), "nwb": ("pynwb", 100)}


def _files(what: str, prepare: Callable[..., Callable[[Job], Work]]) -> dict[str, Callable[[Job], Work]]:
    """One case for each format; for those that take 20 ms and more for each cell, with fewer cells."""
    return {
        f"write_data({what}, {suffix}), {cells} cells": prepare(_write(suffix, library), cells)
        for suffix, (library, cells) in FORMATS.items()
    }


CASES: dict[str, Callable[[Job], Work]] = {
    "get(weight, list)": _get("weight", "list"),
    "get([weight, delay], list)": _get(["weight", "delay"], "list"),
    "get(weight, list, no addresses)": _get("weight", "list", with_address=False),
    "get([weight, delay], list, no addresses)": _get(["weight", "delay"], "list", with_address=False),
    **{f"get(weight, array, {m})": _get("weight", "array", multiple_synapses=m) for m in MULTIPLE},
    **{f"get(weight, array, {m}), pairs twice": _get("weight", "array", 2, multiple_synapses=m) for m in MULTIPLE},
    **{f"set({kind})": _set(kind) for kind in ("matrix", "array", "list")},
    **{f"save({kind})": _save(kind) for kind in ("text", "npz", "pickle", "hdf5")},
    "save_connectivity": _save_connectivity,
    "get_data(spikes)": _of_spikes(lambda population, job: population.get_data()),
    "get_data(spikes), each train": _of_spikes(_trains),
    "get_spike_counts": _of_spikes(lambda population, job: population.get_spike_counts()),
    "mean_spike_count": _of_spikes(lambda population, job: population.mean_spike_count()),
    "assembly: get_data(spikes)": _assembly(lambda assembly, job: assembly.get_data()),
    "assembly: get_data(spikes), each train": _assembly(_trains),
    **_files("spikes", _of_spikes),
    "get_data(v)": _of_samples(lambda population, job: population.get_data()),
    **_files("v", _of_samples),
}


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Time one case in this process."""
    sim = importlib.import_module("pyNN.annarchy")
    sim.setup(timestep=DT_MS, min_delay=DELAY_MS, max_delay=DELAY_MS, threads=options.threads)
    with tempfile.TemporaryDirectory() as folder:
        work = CASES[options.case](Job(sim, options.synapses, options.spikes, Path(folder)))
        wall, cpu, before = [], [], _memory()
        Path("/proc/self/clear_refs").write_text("5")  # from here on, the highest memory is that of what is timed
        for _ in range(options.repeats):
            gc.collect()
            started, used = perf_counter(), process_time()
            result = work.act()
            wall.append(perf_counter() - started)
            cpu.append(process_time() - used)
            del result
        peak = _peak() - before
    sim.end()
    return {"elements": work.elements, "wall_s": min(wall), "cpu_s": min(cpu), "bytes": peak / max(work.elements, 1)}


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=CASES, metavar="NAME", help="one case, in this process; prints JSON")
    parser.add_argument("--cases", nargs="+", default=[""], metavar="TEXT", help="those whose name has one of these")
    for name in ("synapses", "spikes"):
        parser.add_argument(f"--{name}", type=lambda text: int(float(text)), default=10**6)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args(arguments)


def main() -> None:
    """Print one line for each case."""
    options = parse()
    if options.case:
        print(json.dumps(measure(options)))
        return
    sizes = {name: getattr(options, name) for name in ("synapses", "spikes", "threads", "repeats")}
    arguments = [f"--{name}={value}" for name, value in sizes.items()]
    print("| what | elements | wall (s) | CPU (s) | CPU, ns an element | highest memory, bytes an element |")
    print("|---|---|---|---|---|---|")
    for case in CASES:
        if not any(text in case for text in options.cases):
            continue
        command = [sys.executable, str(Path(__file__).resolve()), f"--case={case}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
            print(f"| {case} | {lines[-1]} | | | | |", flush=True)
            continue
        f = json.loads(done.stdout.strip().splitlines()[-1])
        told = (f["elements"], f["wall_s"], f["cpu_s"], 1e9 * f["cpu_s"] / f["elements"], f["bytes"])
        print(f"| {case} | {' | '.join(f'{figure:.3g}' for figure in told)} |", flush=True)


if __name__ == "__main__":
    main()
