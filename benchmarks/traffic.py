"""How far the engine is from what the hardware allows: ``python benchmarks/traffic.py``.

traffic.cpp has the loops of a simulator with nothing around them. For networks whose accumulators fit the first cache,
the second, or none, its ns an event and ns a neuron are printed beside the engine's own of the same sizes (one thread,
`sim.Profile`), and how many times the loop's the engine's are. Figures are the best of the repeats.
"""

from __future__ import annotations

import argparse
import importlib
import json
from dataclasses import dataclass
from pathlib import Path

from hardware import bandwidth_GBs, traffic

DT_MS, DELAY_MS = 0.1, 1.5


@dataclass(frozen=True)
class Size:
    """A network: cells, sources that spike, and the connections of each of these."""

    name: str
    cells: int
    sources: int
    row: int


SIZES = (
    Size("L1: 16 KB", 2_000, 2_000, 500),
    Size("L2: 160 KB", 20_000, 10_000, 1_000),
    Size("L3: 4 MB", 500_000, 10_000, 1_000),
    Size("memory: 48 MB", 6_000_000, 20_000, 1_000),  # takes 4 GB
)


def engine(size: Size, rate_Hz: float, duration_ms: float) -> dict[str, float]:
    """Run sources onto cells that they do not make spike; return the engine's phases."""
    sim = importlib.import_module("pyNN.annarchy")
    sim.setup(timestep=DT_MS, min_delay=DELAY_MS, max_delay=DELAY_MS, threads=1)
    cells = sim.Population(size.cells, sim.IF_cond_exp())
    sources = sim.Population(size.sources, sim.SpikeSourcePoisson(rate=rate_Hz))
    rng = sim.NativeRNG(seed=1)
    # a weight of 1 pS: the same work as any, and no spike of the targets
    connector = sim.FixedNumberPostConnector(size.row, rng=rng, with_replacement=size.row > size.cells)
    made = sim.Projection(sources, cells, connector, sim.StaticSynapse(weight=1e-6, delay=DELAY_MS))
    sim.run(DELAY_MS)  # the layout is not part of the phases
    profile = sim.Profile()
    sim.run(duration_ms)
    times = profile.times()
    figures = {
        "engine_event_ns": times.event_ns if times.events else float("nan"),
        "engine_update_ns": times.update_ns,
        "events": float(times.events),
        "synapses": float(len(made)),
    }
    sim.end()
    return figures


def quiet(size: Size, duration_ms: float) -> float:
    """Return the engine's ns for an update of cells without input."""
    sim = importlib.import_module("pyNN.annarchy")
    sim.setup(timestep=DT_MS, min_delay=DELAY_MS, max_delay=DELAY_MS, threads=1)
    sim.Population(size.cells, sim.IF_cond_exp())
    sim.run(DELAY_MS)
    profile = sim.Profile()
    sim.run(duration_ms)
    update: float = profile.times().update_ns
    sim.end()
    return update


def measure(size: Size, options: argparse.Namespace) -> dict[str, float]:
    """Return what the loops and the engine take for one size."""
    numbers = (size.cells, size.sources, size.row)
    scaled = Size(size.name, *(max(round(number * options.scale), 10) for number in numbers))
    steps = max(options.updates / scaled.cells, 20)
    rate_Hz = 20.0
    duration_ms = max(1000.0 * options.events / (scaled.sources * scaled.row * rate_Hz), 10 * DELAY_MS)
    runs = []
    for _ in range(options.repeats):
        run = engine(scaled, rate_Hz, duration_ms)
        run["engine_update_ns"] = quiet(scaled, steps * DT_MS)
        run["loop_event_ns"] = traffic("scatter", scaled.cells, scaled.row)
        run["loop_weights_ns"] = traffic("weights", scaled.cells, scaled.row)
        run["loop_update_ns"] = traffic("update", scaled.cells)
        runs.append(run)
    best = {name: min(run[name] for run in runs) for name in runs[0]}
    best["event_ratio"] = best["engine_event_ns"] / best["loop_event_ns"]
    best["update_ratio"] = best["engine_update_ns"] / best["loop_update_ns"]
    return {"cells": scaled.cells, "row": scaled.row, **best}


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="of cells, and of connections of each")
    parser.add_argument("--events", type=float, default=5e7, help="of the engine for each size, about")
    parser.add_argument("--updates", type=float, default=4e7, help="of the engine for each size, about")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--sizes", type=int, default=len(SIZES), help="only the first so many")
    parser.add_argument("--json", help="file for the figures")
    return parser.parse_args(arguments)


def table(rows: dict[str, dict[str, float]], GBs: float) -> str:
    """Markdown: the loops, the engine, and the distance."""
    lines = [
        f"Memory bandwidth of one core (triad): {GBs:.3g} GB/s.",
        "",
        "| accumulators | cells x connections | loop, ns an event (weights of their own) | engine | ratio "
        "| loop, ns an update | engine | ratio |",
        "|---" * 8 + "|",
    ]
    for name, f in rows.items():
        lines.append(
            f"| {name} | {f['cells']:.0f} x {f['row']:.0f} | {f['loop_event_ns']:.2f} ({f['loop_weights_ns']:.2f}) "
            f"| {f['engine_event_ns']:.2f} | {f['event_ratio']:.2f} "
            f"| {f['loop_update_ns']:.2f} | {f['engine_update_ns']:.2f} | {f['update_ratio']:.2f} |"
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    options = parse(arguments)
    GBs = bandwidth_GBs()
    rows = {size.name: measure(size, options) for size in SIZES[: options.sizes]}
    print(table(rows, GBs))
    if options.json:
        Path(options.json).write_text(json.dumps({"bandwidth_GBs": GBs, "sizes": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
