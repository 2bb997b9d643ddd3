"""Print the measured error of gap junctions as Markdown tables (docs/accuracy.md holds its output).

The first is of two leaky cells with different capacitances, time constants and inputs, for conductances from far below
to far above what couples them within a step, against matrix exponentials. The second is of two cells of each standard
model, of which one gets more current than the other, against a converged solution of both with the same spike grid.

    python tools/coupling_accuracy.py
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "engine"))

import numpy as np
from coupled_networks import Passive, exact, pair
from drive import ALL

CONDUCTANCES_US = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0, 100.0, 1e3, 1e6, 1e9)
STEPS_MS = (0.2, 0.1, 0.05, 0.025)
DURATION_MS = 40.0
RATES = {"Izhikevich": 0.02}  # 1/ms, conductance over capacitance, where it is not 0.2
BEFORE_SPIKE_MS = 1.5


def passive_error(conductance: float, dt: float) -> float:
    """Return max |dv| of two leaky cells."""
    edges, steps = [(0, 1, conductance)], round(DURATION_MS / dt)
    return float(np.abs(Passive(2, edges, dt=dt).run(steps) - exact(2, edges, steps, dt)).max())


def passive_row(conductance: float) -> str:
    errors = [passive_error(conductance, dt) for dt in STEPS_MS]
    order = np.log2(errors[-2] / errors[-1])
    return f"| {conductance:g} | " + " | ".join(f"{error:.0e}" for error in errors) + f" | {order:.1f} |"


def cell_row(name: str) -> str:
    errors = []
    for dt in (0.1, 0.05):
        v, spikes, reference = pair(name, RATES.get(name, 0.2), dt, 25.0)
        first = min((t for t, _ in reference.spikes), default=np.inf)
        errors.append(np.abs(v - reference.v)[reference.t < first - BEFORE_SPIKE_MS].max())
        if dt == 0.1:
            late = np.abs(np.array([t for t, _ in spikes]) - [t for t, _ in reference.spikes]).max(initial=0.0)
            shift = "same" if late < 1e-9 else f"up to {late:.1f} ms apart"
            count = len(reference.spikes)
    columns = [*(f"{error:.0e}" for error in errors), f"{np.log2(errors[0] / errors[1]):.1f}", f"{count}, {shift}"]
    return f"| {name} | " + " | ".join(columns) + " |"


def main() -> None:
    print("| conductance (uS) | " + " | ".join(f"dt = {dt} ms" for dt in STEPS_MS) + " | order |")
    print("|---|" + "---|" * (len(STEPS_MS) + 1))
    for conductance in CONDUCTANCES_US:
        print(passive_row(conductance), flush=True)
    print("\n| cell | dt = 0.1 ms | dt = 0.05 ms | order | spikes |")
    print("|---|---|---|---|---|")
    for name in ALL:
        print(cell_row(name), flush=True)


if __name__ == "__main__":
    main()
