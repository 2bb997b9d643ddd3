"""Running a user's neuron model and reading what it did, through PyNN's own calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyNN.annarchy as sim


@dataclass(frozen=True)
class Run:
    """The population, samples of each recorded variable (times x cells) from t = 0, and each cell's spike times."""

    population: Any
    traces: Mapping[str, np.ndarray]
    spikes: list[np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the samples of a variable; of the only cell, if there is one."""
        samples = self.traces[name]
        return samples[:, 0] if samples.shape[1] == 1 else samples


def run(
    model: type,
    duration: float,
    *record: str,
    n: int = 1,
    dt: float = 0.1,
    initial: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    **setup: Any,
) -> Run:
    """Make a population of a model in a new simulation, and run it."""
    sim.setup(timestep=dt, **setup)
    population = sim.Population(n, model(**(parameters or {})), initial_values=initial or {})
    population.record(list(record))
    sim.run(duration)
    return read(population)


def read(population: Any) -> Run:
    """Return what has been recorded."""
    segment = population.get_data().segments[-1]
    traces = {signal.name: np.asarray(signal.magnitude) for signal in segment.analogsignals}
    return Run(population, traces, [np.asarray(train.magnitude) for train in segment.spiketrains])


def value(expression: str, parameters: str = "", n: int = 1, dt: float = 0.1, **more: Any) -> np.ndarray:
    """Return what an expression is in the first step, for each of n cells whose ``x`` is their number."""
    model = sim.Neuron(parameters, f"x = x\nr = {expression}", **more)
    return run(model, dt, "r", n=n, dt=dt, initial={"x": lambda i: i})["r"][1:].ravel()
