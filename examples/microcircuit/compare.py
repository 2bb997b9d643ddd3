"""Compare the microcircuit's statistics between simulators and seeds: `compare.py --peer nest --python PYTHON`.

Each of the two simulators runs the same networks (same seed, same connections). Kolmogorov-Smirnov distances between
the two are to stay within those between the peer's own seeds, population by population. --keep FOLDER keeps what each
run found, and runs nothing that is there already: seeds can be added later, or elsewhere.

`compare.py --peer annarchy --device cuda` compares this package on the CPU with itself on a GPU.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from parameters import POPULATIONS
from spike_statistics import distance

PARTS = {"rates_Hz": "rate (Hz)", "variations": "CV of intervals", "correlations": "correlation"}
Found = dict[str, np.ndarray]


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", default="nest")
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has the peer")
    parser.add_argument("--device", default="", help="where the peer, if it is annarchy, runs: cuda, ...")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--duration", type=float, default=5000.0)
    parser.add_argument("--drive", default="poisson")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="for the statistics of each run")
    parser.add_argument("--plot", help="file for a picture of the distributions")
    given = parser.parse_args(arguments)
    if given.seeds < 2:
        parser.error(f"--seeds {given.seeds}: there is no distance between seeds of less than 2")
    if given.device and given.peer != "annarchy":
        parser.error(f"--device {given.device}: {given.peer} does not know it; only --peer annarchy does")
    return given


def statistics(python: str, backend: str, device: str, seed: int, given: argparse.Namespace, folder: Path) -> Found:
    """Return what one run saves."""
    name = "-".join(filter(None, (backend, device)))
    path = folder / f"{name}-{given.drive}-{given.scale:g}-{given.duration:g}-{seed}.npz"
    if not path.exists():
        command = [python, str(Path(__file__).with_name("run.py")), backend, "--seed", str(seed), "--save", str(path)]
        command += ["--scale", str(given.scale), "--duration", str(given.duration), "--drive", given.drive]
        print(f"{name}, seed {seed}", file=sys.stderr)
        environment = {**os.environ, **({"PYNN_ANNARCHY_DEVICE": device} if device else {})}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            raise SystemExit(f"{name}, seed {seed}, failed:\n{done.stderr[-2000:]}")
    with np.load(path, allow_pickle=False) as saved:
        return dict(saved)


def distances(ours: list[Found], peer: list[Found], key: str) -> tuple[float, float, float]:
    """Return the distance of the same network on both (mean over seeds); mean and highest between the peer's seeds."""
    between = [distance(a[key], b[key]) for a, b in zip(ours, peer, strict=True)]
    within = [distance(a[key], b[key]) for a, b in itertools.combinations(peer, 2)]
    return float(np.mean(between)), float(np.mean(within)), max(within)


def table(ours: list[Found], peer: list[Found], name: str) -> str:
    """Markdown: for each population the means on both simulators, and the distances."""
    lines = [
        f"Means of ours and {name}'s over all seeds; Kolmogorov-Smirnov distances of the same network on both, mean "
        f"over the seeds; in brackets those between {name}'s own seeds, mean and highest.",
        "",
        "| population | " + " | ".join(f"{label} | distance" for label in PARTS.values()) + " |",
        "|---" * (1 + 2 * len(PARTS)) + "|",
    ]
    outside, above = [], 0
    for population in POPULATIONS:
        cells = []
        for part, label in PARTS.items():
            key = f"{population}_{part}"
            found = [np.concatenate([run[key] for run in runs]) for runs in (ours, peer)]
            means = [float(values.mean()) if values.size else float("nan") for values in found]
            between, typical, highest = distances(ours, peer, key)
            above += between > typical
            if between > highest:
                outside.append(f"{population} {label}")
            cells += [f"{means[0]:.3g}, {means[1]:.3g}", f"{between:.3f} ({typical:.3f}, {highest:.3f})"]
        lines.append(f"| {population} | " + " | ".join(cells) + " |")
    count = len(POPULATIONS) * len(PARTS)
    told = [
        f"{len(outside)} of {count} distances are above the highest between {name}'s seeds"
        f"{': ' if outside else ''}{', '.join(outside)};",
        f"{above} are above the mean of those: half of them would be if nothing but the seeds differed.",
    ]
    return "\n".join([*lines, "", *told])


def draw(ours: list[Found], peer: list[Found], name: str, path: str) -> None:
    """Draw the distribution functions of all seeds of both simulators."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(len(PARTS), len(POPULATIONS), figsize=(16, 7), layout="constrained", sharey=True)
    for row, (part, label) in zip(panels, PARTS.items(), strict=True):
        for axes, population in zip(row, POPULATIONS, strict=True):
            for runs, colour, who in ((peer, "#c53030", name), (ours, "#2b6cb0", "annarchy")):
                for number, run in enumerate(runs):
                    values = np.sort(run[f"{population}_{part}"])
                    height = np.arange(1, values.size + 1) / max(values.size, 1)
                    axes.step(values, height, color=colour, lw=0.8, label=who if number == 0 else None, where="post")
            axes.set(xlabel=label, title=population)
    panels[0, 0].legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    given = options(arguments)
    seeds = range(1, given.seeds + 1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        both = ((sys.executable, "annarchy", ""), (given.python, given.peer, given.device))
        runs = [[statistics(*which, seed, given, folder) for which in both] for seed in seeds]
    ours, peer = map(list, zip(*runs, strict=True))
    print(f"Scale {given.scale:g}, {given.drive} drive, {given.duration:g} ms, {given.seeds} seeds.\n")
    name = f"{given.peer} on {given.device}" if given.device else given.peer
    print(table(ours, peer, name))
    if given.plot:
        draw(ours, peer, name, given.plot)


if __name__ == "__main__":
    main()
