"""Converged reference solutions of the standard cells, from their published equations and from nothing of the package.

Synaptic responses are closed-form sums over the arrival times; everything else is solved by scipy's DOP853 at rtol
1e-12. What is shared with a simulator is only the definition of a spike on a grid: the condition is looked at every
`dt`, after the input of that moment; then v is reset and held for the refractory period. So a reference trace is the
exact solution of the very system a simulator with that grid should solve, also after spikes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

Array = NDArray[np.float64]
Drive = Callable[[float], tuple[float, float, float]]  # t -> excitatory, inhibitory, injected current in nA


@dataclass(frozen=True)
class Stimulus:
    """A current step and spikes that arrive at the cell at the given times.

    Weights are in uS, nA or mV, as the cell has it; inhibitory ones are negative where input is a current or a step
    of v.
    """

    amplitude_nA: float = 0.0
    onset_ms: float = 0.0
    excitatory: Sequence[float] = ()
    inhibitory: Sequence[float] = ()
    weight_exc: float = 0.0
    weight_inh: float = 0.0


@dataclass(frozen=True)
class Cell:
    """One published model.

    `rhs(y, exc, inh, current, p)` with y[0] = v; `kernel(age, tau)` is the response to one unit spike, None when a
    spike is a step of v; `fires(y, y_before, p)` the condition; `reset(y, p)` returns the state after a spike.
    """

    parameters: Mapping[str, float]
    initial: Mapping[str, float]
    rhs: Callable[..., list[float]]
    fires: Callable[[Array, Array, Mapping[str, float]], bool]
    reset: Callable[[Array, Mapping[str, float]], Array]
    kernel: Callable[[float, float], float] | None
    refractory_ms: Callable[[Mapping[str, float]], float] = lambda p: p["tau_refrac"]
    holds_v: bool = True


@dataclass
class Trace:
    t: Array
    y: dict[str, Array]
    spikes: list[float] = field(default_factory=list)

    def between_spikes(self, level_mV: float | None, steep: float) -> NDArray[np.bool_]:
        """Return where v is below a level and changes by less than so many mV/ms; everywhere if there is no level."""
        v = self.y["v"]
        if level_mV is None:
            return np.ones(v.shape, dtype=bool)
        return (v < level_mV) & (np.abs(np.gradient(v, self.t)) < steep)


def solve(
    cell: Cell,
    stimulus: Stimulus,
    *,
    dt: float,
    duration: float,
    parameters: Mapping[str, float] | None = None,
    initial: Mapping[str, float] | None = None,
    spike_steps: Sequence[int] | None = None,
) -> Trace:
    """Solve on the grid of `dt`; `spike_steps` replaces the cell's own condition (cells that spike at random)."""
    p = {**cell.parameters, **(parameters or {})}
    n_steps = round(duration / dt)
    y = np.array(list({**cell.initial, **(initial or {})}.values()), dtype=float)
    out = np.empty((n_steps + 1, y.size))
    out[0] = y
    spikes: list[float] = []
    edges = _edges(stimulus, dt, n_steps)
    refractory_steps = round(cell.refractory_ms(p) / dt)
    free_from = 0  # first step in which the cell is not refractory
    step = 0
    while step < n_steps:
        refractory = step < free_from
        stop = min([e for e in edges if e > step] + ([free_from] if refractory else []) + [n_steps])
        path = _integrate(cell, p, stimulus, y, step, stop, dt, refractory)
        for k in range(step, stop):
            before, y = y, path[k - step]
            if cell.kernel is None and not refractory:
                y = y + np.eye(y.size)[0] * _kick(stimulus, (k + 1) * dt)
            out[k + 1] = y
            fires = cell.fires(y, before, p) if spike_steps is None else k in spike_steps
            if fires and not refractory:
                y = cell.reset(y, p)
                out[k + 1] = y
                spikes.append((k + 1) * dt)
                free_from = k + 1 + refractory_steps
                stop = k + 1
                break
        step = stop
    names = list(cell.initial)
    return Trace(np.arange(n_steps + 1) * dt, {name: out[:, j] for j, name in enumerate(names)}, spikes)


def crossing(cell: Cell, stimulus: Stimulus, level: float, duration: float, **parameters: float) -> float:
    """Return the time at which v first rises through `level` if nothing is reset: the spike time without a grid."""
    p = {**cell.parameters, **parameters}
    y = np.array(list(cell.initial.values()), dtype=float)
    edges = sorted({0.0, stimulus.onset_ms, *stimulus.excitatory, *stimulus.inhibitory, duration})

    def hit(t: float, y: Array, drive: Drive) -> float:
        return float(y[0] - level)

    def rhs(t: float, y: Array, drive: Drive) -> list[float]:
        return cell.rhs(y, *drive(t), p)

    hit.terminal, hit.direction = True, 1.0  # type: ignore[attr-defined]
    for interval in itertools.pairwise(edges):
        drive = _drive(cell, p, stimulus, 0.5 * sum(interval))
        found = solve_ivp(rhs, interval, y, "DOP853", args=(drive,), events=hit, rtol=1e-12, atol=1e-12)
        if found.t_events[0].size:
            return float(found.t_events[0][0])
        y = found.y[:, -1]
    return float("nan")


def _edges(stimulus: Stimulus, dt: float, n_steps: int) -> list[int]:
    """Return the steps at which the right-hand side is not smooth."""
    times = [stimulus.onset_ms, *stimulus.excitatory, *stimulus.inhibitory]
    return sorted({s for s in (round(t / dt) for t in times) if 0 < s < n_steps})


def _kick(stimulus: Stimulus, t: float) -> float:
    exc = sum(stimulus.weight_exc for s in stimulus.excitatory if abs(s - t) < 1e-6)
    return exc + sum(stimulus.weight_inh for s in stimulus.inhibitory if abs(s - t) < 1e-6)


def _drive(cell: Cell, p: Mapping[str, float], stimulus: Stimulus, inside: float) -> Drive:
    """Return the input as a function of time, smooth over the interval that has `inside` in it."""
    current = stimulus.amplitude_nA if stimulus.onset_ms < inside else 0.0
    kernel = cell.kernel
    if kernel is None:
        return lambda t: (0.0, 0.0, current)
    exc = [s for s in stimulus.excitatory if s < inside]
    inh = [s for s in stimulus.inhibitory if s < inside]

    def drive(t: float) -> tuple[float, float, float]:
        return (
            stimulus.weight_exc * sum(kernel(t - s, p["tau_syn_E"]) for s in exc),
            stimulus.weight_inh * sum(kernel(t - s, p["tau_syn_I"]) for s in inh),
            current,
        )

    return drive


def _integrate(
    cell: Cell, p: Mapping[str, float], stimulus: Stimulus, y: Array, step: int, stop: int, dt: float, refractory: bool
) -> Array:
    """Return the states at the ends of steps [step, stop); nothing behind the first spike need be looked at."""
    drive = _drive(cell, p, stimulus, (step + 0.5) * dt)

    def rhs(t: float, y: Array) -> list[float]:
        slope = cell.rhs(y, *drive(t), p)
        return [0.0, *slope[1:]] if refractory and cell.holds_v else slope

    rows = np.empty((stop - step, y.size))
    # In pieces: so that a spike does not throw away a long solution, and a model that blows up behind it does no harm.
    piece = max(1, round(2.0 / dt))
    for first in range(step, stop, piece):
        last = min(first + piece, stop)
        times = np.arange(first, last + 1) * dt
        with np.errstate(over="ignore", invalid="ignore"):
            found = solve_ivp(
                rhs, (times[0], times[-1]), y, "DOP853", t_eval=times[1:], rtol=1e-12, atol=1e-13, max_step=0.05
            )
        rows[first - step : last - step] = found.y.T
        y = rows[last - step - 1]
        if not refractory and cell.fires(y, rows[max(0, last - step - 2)], p):
            break
    return rows
