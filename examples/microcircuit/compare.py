"""Compare the microcircuit's statistics between simulators and seeds: `compare.py --peer nest --python PYTHON`.

Each of the two simulators runs the same networks (same seed, same connections). Kolmogorov-Smirnov distances between
the two are to stay within those between the peer's own seeds, population by population.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from parameters import POPULATIONS
from spike_statistics import distance

PARTS = ("rates_Hz", "variations", "correlations")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", default="nest")
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has the peer")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--duration", type=float, default=5000.0)
    parser.add_argument("--drive", default="poisson")
    return parser.parse_args()


def statistics(python: str, backend: str, seed: int, given: argparse.Namespace) -> dict[str, np.ndarray]:
    """Return what one run saves."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statistics.npz"
        command = [python, str(Path(__file__).with_name("run.py")), backend, "--seed", str(seed), "--save", str(path)]
        command += ["--scale", str(given.scale), "--duration", str(given.duration), "--drive", given.drive]
        print(f"{backend}, seed {seed}", file=sys.stderr)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with np.load(path, allow_pickle=False) as saved:
            return dict(saved)


def main() -> None:
    given = options()
    seeds = range(1, given.seeds + 1)
    peer = [statistics(given.python, given.peer, seed, given) for seed in seeds]
    ours = [statistics(sys.executable, "annarchy", seed, given) for seed in seeds]
    print(
        f"Kolmogorov-Smirnov distances, ours to {given.peer} (mean over seeds) | between {given.peer}'s seeds (highest)"
    )
    print("| population | " + " | ".join(PARTS) + " |\n|---|" + "---|" * len(PARTS))
    outside = 0
    for name in POPULATIONS:
        cells = []
        for part in PARTS:
            key = f"{name}_{part}"
            between = float(np.mean([distance(a[key], b[key]) for a, b in zip(ours, peer, strict=True)]))
            within = max(distance(a[key], b[key]) for a, b in itertools.combinations(peer, 2))
            outside += between > within
            cells.append(f"{between:.3f} / {within:.3f}")
        print(f"| {name} | " + " | ".join(cells) + " |")
    print(f"{outside} of {len(POPULATIONS) * len(PARTS)} are further from {given.peer} than its seeds from each other")


if __name__ == "__main__":
    main()
