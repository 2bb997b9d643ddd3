"""Time and memory against network size: ``python benchmarks/scale.py``.

Networks of IF_curr_exp cells with NativeRNG, 1e3 to 1e6 cells with 100 connections each, and 1e5 to 1e8 connections
onto 100,000 cells (--synapses 5e8 for more), a process for each. A size is left out, and said to be, where the memory
of the smaller ones tells that it does not fit. A power law is fitted to the larger half of each series: where the
exponent is 1, cost is proportional to size.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
from command import Figures

DT_MS, DELAY_MS, RATE_Hz, ROW, CELLS = 0.1, 1.5, 10.0, 100, 100_000
COSTS = {"build_s": "build (s)", "run_s": "run (s)", "bytes": "memory (bytes)"}
RESERVE = 0.8  # of the memory that is free: what a network may take


def status_bytes(name: str) -> int:
    """Return a figure of this process: VmRSS, what it has in memory, or VmHWM, the most that it had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def free_bytes() -> int:
    """Return how much memory can be had."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))


def measure(cells: int, synapses: int, duration_ms: float, threads: int) -> Figures:
    """Build and run one network in this process; return its times in seconds and its memory in bytes."""
    sim = importlib.import_module("pyNN.annarchy")
    before, start = status_bytes("VmRSS"), perf_counter()
    sim.setup(timestep=DT_MS, min_delay=DELAY_MS, max_delay=DELAY_MS, threads=threads, seed=1)
    rng = sim.NativeRNG(seed=1)
    population = sim.Population(cells, sim.IF_curr_exp(i_offset=drive_nA(), tau_refrac=2.0))
    population.initialize(v=sim.RandomDistribution("uniform", (-65.0, -50.0), rng=rng))
    connector = sim.FixedTotalNumberConnector(synapses, with_replacement=True, rng=rng)
    made = sim.Projection(population, population, connector, sim.StaticSynapse(weight=1e-9, delay=DELAY_MS))
    population.record("spikes")
    sim.run(DELAY_MS)  # laying out is building
    built = perf_counter()
    sim.run(duration_ms)
    ran = perf_counter()
    figures = {
        "cells": float(cells),
        "synapses": float(len(made)),
        "build_s": built - start,
        "run_s": ran - built,
        "bytes": float(status_bytes("VmRSS") - before),
        "peak_bytes": float(status_bytes("VmHWM") - before),
        "rate_Hz": 1000.0 * population.mean_spike_count() / (duration_ms + DELAY_MS),
    }
    sim.end()
    return figures


def drive_nA() -> float:
    """Return the current that makes PyNN's default cell spike at `RATE_Hz` (closed form of the leaky integrator)."""
    cm_nF, tau_ms, threshold_mV, refractory_ms = 1.0, 20.0, 15.0, 2.0
    charging = 1000.0 / RATE_Hz - refractory_ms
    return cm_nF / tau_ms * threshold_mV / (1.0 - float(np.exp(-charging / tau_ms)))


def exponent(sizes: list[float], costs: list[float]) -> float:
    """Return p of the power law cost ~ size^p that fits the larger half of the sizes (at least three)."""
    first = min(len(sizes) // 2, max(len(sizes) - 3, 0))
    x, y = np.log(sizes[first:]), np.log(np.maximum(costs[first:], 1e-9))
    return float(np.polyfit(x, y, 1)[0]) if len(x) > 1 else float("nan")


def powers(low: float, high: float) -> list[int]:
    """Return sizes from low to high, three to a decade and both ends."""
    count = max(round(3 * np.log10(high / low)), 0) + 1
    return [int(size) for size in np.unique(np.rint(np.geomspace(low, high, count)))]


def fits(done: list[Figures], synapses: int) -> bool:
    """Return whether a network will have room, by the memory of the last one."""
    if not done:
        return True
    expected = done[-1]["peak_bytes"] * synapses / max(done[-1]["synapses"], 1.0)
    return expected < RESERVE * free_bytes()


def series(sizes: list[tuple[int, int]], options: argparse.Namespace) -> list[Figures]:
    """Measure networks of growing size (cells, connections), each in a process of its own."""
    done: list[Figures] = []
    for cells, synapses in sizes:
        if not fits(done, synapses):
            print(f"left out: {cells} cells, {synapses} connections do not fit the free memory", file=sys.stderr)
            break
        sizes_words = ["--one", str(cells), str(synapses)]
        command = [sys.executable, str(Path(__file__).resolve()), *sizes_words]
        command += ["--duration", str(options.duration), "--threads", str(options.threads)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
        if ran.returncode != 0:
            raise RuntimeError(f"{cells} cells, {synapses} connections failed:\n{ran.stderr[-2000:]}")
        done.append(json.loads(ran.stdout.strip().splitlines()[-1]))
    return done


def table(title: str, by: str, done: list[Figures]) -> str:
    """Markdown: a line a size, and the exponents."""
    lines = [f"### {title}", "", "| cells | connections | build (s) | run (s) | memory (MB) | most (MB) | rate (Hz) |"]
    lines.append("|---" * 7 + "|")
    for f in done:
        lines.append(
            f"| {f['cells']:.0f} | {f['synapses']:.0f} | {f['build_s']:.3g} | {f['run_s']:.3g} "
            f"| {f['bytes'] / 1e6:.4g} | {f['peak_bytes'] / 1e6:.4g} | {f['rate_Hz']:.2f} |"
        )
    told = [f"{label} {exponent([f[by] for f in done], [f[cost] for f in done]):.2f}" for cost, label in COSTS.items()]
    return "\n".join([*lines, "", f"Exponents over {by}, of the larger half: {', '.join(told)}.", ""])


def plot(results: dict[str, list[Figures]], by: dict[str, str], path: Path) -> None:
    """Draw the costs over the size on logarithmic axes, with a line of exponent 1 through the last point."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(len(results), len(COSTS), figsize=(12, 3.5 * len(results)), layout="constrained")
    for row, (title, done) in zip(np.atleast_2d(panels), results.items(), strict=True):
        sizes = np.array([f[by[title]] for f in done])
        for axes, (cost, label) in zip(row, COSTS.items(), strict=True):
            costs = np.array([f[cost] for f in done])
            power = exponent(list(sizes), list(costs))
            axes.loglog(sizes, costs, "o-", color="#2b6cb0", label=f"exponent {power:.2f}")
            axes.loglog(sizes, costs[-1] * sizes / sizes[-1], ":", color="#a0aec0", label="proportional")
            axes.set(xlabel=by[title], ylabel=label, title=title)
            axes.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    def number(text: str) -> int:
        return int(float(text))

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one", nargs=2, type=number, metavar=("CELLS", "SYNAPSES"), help="one network; prints JSON")
    parser.add_argument("--cells", type=number, default=10**6, help="the most of them")
    parser.add_argument("--synapses", type=number, default=10**8, help="the most of them")
    parser.add_argument("--duration", type=float, default=100.0, help="biological ms")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--plot", type=Path, default=Path("scale.png"), help="file for the picture")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and draw."""
    options = parse(arguments)
    if options.one:
        print(json.dumps(measure(*options.one, options.duration, options.threads)))
        return
    by = {"Number of cells": "cells", "Number of connections": "synapses"}
    cells = min(CELLS, options.cells)
    results = {
        "Number of cells": series([(n, ROW * n) for n in powers(min(1e3, options.cells), options.cells)], options),
        "Number of connections": series(
            [(cells, n) for n in powers(min(1e5, options.synapses), options.synapses)], options
        ),
    }
    print("\n".join(table(title, by[title], done) for title, done in results.items()))
    plot(results, by, options.plot)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
