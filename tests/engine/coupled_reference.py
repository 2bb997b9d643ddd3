"""Converged solutions of cells that are joined by gap junctions, from the published equations of the cells.

The rule of the grid is that of `reference.py`: at every multiple of `dt` the spike condition is looked at, then v is
reset and held. Between these times the whole network is one system for scipy's DOP853 at rtol 1e-12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from reference import Array, Cell
from scipy.integrate import solve_ivp
from scipy.linalg import expm


@dataclass
class Coupled:
    t: Array
    v: Array  # [step, cell]
    spikes: list[tuple[float, int]]


def solve_coupled(
    cell: Cell,
    parameters: Sequence[dict[str, float]],
    conductance_uS: Array,
    *,
    dt: float,
    duration: float,
    initial_v: Sequence[float],
    current_nA: Sequence[float],
) -> Coupled:
    """Solve equal cells with parameters of their own; the conductance is a symmetric matrix."""
    n, n_steps = len(parameters), round(duration / dt)
    p = [{**cell.parameters, **given} for given in parameters]
    y = np.array([list(cell.initial.values())] * n, dtype=float)
    y[:, 0] = initial_v
    held = np.zeros(n, dtype=int)  # steps for which each cell is still refractory
    out, spikes = [y[:, 0].copy()], []
    drive = np.asarray(current_nA, dtype=float)

    def rhs(t: float, flat: Array) -> Array:
        at = flat.reshape(n, -1)
        v = at[:, 0]
        junction = conductance_uS @ v - conductance_uS.sum(1) * v
        slope = np.array([cell.rhs(at[k], 0.0, 0.0, drive[k] + junction[k], p[k]) for k in range(n)])
        if cell.holds_v:
            slope[held > 0, 0] = 0.0
        return slope.ravel()

    for step in range(n_steps):
        before = y
        found = solve_ivp(rhs, (0.0, dt), y.ravel(), "DOP853", rtol=1e-12, atol=1e-13)
        y = found.y[:, -1].reshape(n, -1)
        fired = [held[k] == 0 and cell.fires(y[k], before[k], p[k]) for k in range(n)]
        held = np.maximum(held - 1, 0)
        for k in np.flatnonzero(fired):
            y[k] = cell.reset(y[k], p[k])
            held[k] = round(cell.refractory_ms(p[k]) / dt)
            spikes.append((round((step + 1) * dt, 9), int(k)))
        out.append(y[:, 0].copy())
    return Coupled(np.arange(n_steps + 1) * dt, np.array(out), spikes)


def passive(
    capacitance: Array, tau: Array, conductance_uS: Array, current_nA: Array, initial_v: Array, dt: float, n_steps: int
) -> Array:
    """Return the exact v of leaky cells with a resting potential of 0 that never spike: [step, cell]."""
    n = capacitance.size
    matrix = np.zeros((n + 1, n + 1))
    matrix[:n, :n] = (conductance_uS - np.diag(conductance_uS.sum(1))) / capacitance[:, None] - np.diag(1 / tau)
    matrix[:n, n] = current_nA / capacitance
    propagator = expm(matrix * dt)
    rows = [np.append(initial_v, 1.0)]
    for _ in range(n_steps):
        rows.append(propagator @ rows[-1])
    return np.array(rows)[:, :n]
