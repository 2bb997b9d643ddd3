"""Run the microcircuit on any PyNN backend, print rates, CVs and correlations, and draw spikes: `run.py annarchy`.

python run.py annarchy --scale 0.1 --duration 1000
python run.py nest --scale 0.1 --save nest.npz
"""

from __future__ import annotations

import argparse
import importlib
from time import perf_counter
from typing import Any

import numpy as np
from network import build
from parameters import POPULATIONS
from spike_statistics import Activity, activity

DT_ms, MAX_DELAY_ms = 0.1, 6.4


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backend", help="annarchy, nest, ...")
    parser.add_argument("--scale", type=float, default=0.1, help="1 is the whole of it: 77,169 cells")
    parser.add_argument("--drive", choices=("dc", "poisson"), default="poisson")
    parser.add_argument("--duration", type=float, default=1000.0, help="biological ms that count")
    parser.add_argument("--warm-up", type=float, default=500.0, help="biological ms before, which do not")
    parser.add_argument("-j", "--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--native", action="store_true", help="draw connections with NativeRNG: faster, and others")
    parser.add_argument("--plot", help="file for a picture of the spikes")
    parser.add_argument("--save", help="file for the statistics, .npz")
    return parser.parse_args()


def main() -> None:
    given = options()
    sim = importlib.import_module(f"pyNN.{given.backend}")
    threads = {"threads": given.threads} if given.threads > 1 else {}
    began = perf_counter()
    sim.setup(timestep=DT_ms, min_delay=DT_ms, max_delay=MAX_DELAY_ms, **threads)
    rng = sim.NativeRNG(given.seed) if given.native else None
    network = build(sim, given.scale, given.drive, given.seed, rng)
    for cells in network.populations.values():
        cells.record("spikes")
    built = perf_counter()
    sim.run(given.warm_up)
    warm = perf_counter()
    sim.run(given.duration)
    ran = perf_counter()
    factor = (ran - warm) / given.duration * 1000.0
    print(
        f"{sum(map(len, network.populations.values()))} cells, {network.n_connections} connections; "
        f"built in {built - began:.1f} s, real-time factor {factor:.2f}"
    )
    trains = {name: _trains(cells) for name, cells in network.populations.items()}
    found = {n: activity(t, given.warm_up, given.warm_up + given.duration) for n, t in trains.items()}
    for name, statistics in found.items():
        print(
            f"{name}: {statistics.rates_Hz.mean():.2f} Hz, CV {_mean(statistics.variations):.2f}, "
            f"correlation {_mean(statistics.correlations):.4f}"
        )
    if given.save:
        _save(given.save, found)
    if given.plot:
        _draw(given.plot, trains, given.warm_up + given.duration)
    sim.end()


def _trains(cells: Any) -> list[np.ndarray]:
    return [np.asarray(train.magnitude) for train in cells.get_data("spikes").segments[0].spiketrains]


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


def _save(path: str, found: dict[str, Activity]) -> None:
    arrays = {f"{name}_{part}": values for name, a in found.items() for part, values in vars(a).items()}
    np.savez(path, **arrays)


def _draw(path: str, trains: dict[str, list[np.ndarray]], end_ms: float) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 7), layout="constrained")
    first, middles = 0, []
    for k, name in enumerate(POPULATIONS):
        for cell, train in enumerate(trains[name]):
            shown = train[train > end_ms - 400.0]
            axes.plot(shown, np.full(shown.shape, first + cell), ",", color=("#2b6cb0", "#c53030")[k % 2])
        middles.append(first + len(trains[name]) / 2)
        first += len(trains[name])
    axes.set(xlabel="time (ms)", ylim=(first, 0), xlim=(end_ms - 400.0, end_ms))
    axes.set_yticks(middles, POPULATIONS)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
