"""Print the measured error of every standard cell as a Markdown table (docs/accuracy.md holds its output).

The error is the largest difference of v to a converged solution with the same spike grid, over 60 ms, after spikes too:
under a weak and a strong current step, and with spikes at the excitatory and at the inhibitory receptor.

    python tools/accuracy_table.py [--precision double|mixed|single]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "engine"))

import numpy as np
from drive import ALL, CONDUCTANCE, LINEAR, simulate, stimulus
from protocol import DURATION, STEEP_MV_PER_MS, UPSTROKE_MV
from published import CELLS
from reference import Trace, solve

KINDS = ("weak", "strong", "excitatory", "inhibitory")
SCHEME = dict.fromkeys(ALL, "adaptive Runge-Kutta 5(4)") | dict.fromkeys(LINEAR, "exact propagator")
SCHEME |= dict.fromkeys(CONDUCTANCE, "Magnus, order 4")


def error(name: str, kind: str, dt: float, precision: str) -> tuple[float, Trace, Trace]:
    """Return max |dv| where the cell is not in the course of a spike, and both traces."""
    given = stimulus(name, kind)
    silent = {"lambda0": 0.0} if name == "GIF_cond_exp" else None
    found = simulate(name, given, dt=dt, duration=DURATION, parameters=silent, precision=precision)
    exact = solve(CELLS[name], given, dt=dt, duration=DURATION)
    between = exact.between_spikes(UPSTROKE_MV.get(name), STEEP_MV_PER_MS)
    return float(np.max(np.abs(found.y["v"] - exact.y["v"])[between])), found, exact


def row(name: str, precision: str) -> str:
    columns = []
    for dt in (0.1, 0.05):
        columns += [f"{error(name, kind, dt, precision)[0]:.0e}" for kind in KINDS]
    _, found, exact = error(name, "strong", 0.1, precision)
    spikes = "same" if np.allclose(found.spikes, exact.spikes) else f"{len(found.spikes)} of {len(exact.spikes)}"
    return f"| {name} | {SCHEME[name]} | " + " | ".join(columns) + f" | {len(exact.spikes)}, {spikes} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--precision", choices=("double", "mixed", "single"), default="double")
    precision = parser.parse_args().precision
    kinds = [f"{kind}, {dt}" for dt in (0.1, 0.05) for kind in KINDS]
    print("| cell | scheme | " + " | ".join(kinds) + " | spikes |")
    print("|---|---|" + "---|" * (len(kinds) + 1))
    for name in ALL:
        print(row(name, precision), flush=True)


if __name__ == "__main__":
    main()
