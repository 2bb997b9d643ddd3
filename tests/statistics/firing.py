"""Spike trains of one kind of source, run by the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pynn_annarchy.native import kernels
from pynn_annarchy.native.network import Network

Floats = NDArray[np.float64]


class Sources:
    """Independent sources of one kind.

    Parameters
    ----------
    kind
        What follows ``SpikeSource`` in its name.
    size
        How many.
    dt
        Time step in ms.
    """

    def __init__(
        self,
        kind: str,
        size: int,
        parameters: Mapping[str, ArrayLike] | None = None,
        *,
        dt: float = 0.1,
        seed: int = 1,
        precision: str = "double",
        threads: int = 1,
    ) -> None:
        self.network = Network(dt_ms=dt, seed=seed, precision=precision, threads=threads)
        kernel = kernels.standard(f"SpikeSource{kind}", precision)
        self.population = self.network.add_population(kernel, size, dict(parameters or {}))
        self.record = self.population.record_spikes(np.arange(size))
        self.size, self.dt = size, dt

    @property
    def now(self) -> float:
        return self.network.step * self.dt

    def run(self, duration: float) -> Sources:
        self.network.run(round(duration / self.dt))
        return self

    def set(self, **parameters: ArrayLike) -> Sources:
        for name, value in parameters.items():
            self.population.set_parameter(name, value)
        return self

    def events(self) -> tuple[NDArray[np.uint32], Floats]:
        return self.record.events()

    def counts(self, begin: float = 0.0, end: float = np.inf) -> NDArray[np.int64]:
        """Spikes of each source at times in (begin, end]."""
        neuron, time = self.events()
        inside = (time > begin + 0.5 * self.dt) & (time < end + 0.5 * self.dt)
        return np.bincount(neuron[inside], minlength=self.size)

    def steps(self) -> NDArray[np.int64]:
        """Number of spikes by source and step."""
        neuron, time = self.events()
        table = np.zeros((self.size, self.network.step), np.int64)
        np.add.at(table, (neuron, np.rint(time / self.dt).astype(int) - 1), 1)
        return table

    def trains(self) -> list[Floats]:
        """Spike times of each source."""
        neuron, time = self.events()
        order = np.argsort(neuron, kind="stable")
        return np.split(time[order], np.cumsum(np.bincount(neuron, minlength=self.size))[:-1])

    def intervals(self, number: int, begin: float = 0.0) -> Floats:
        """The first intervals of each train after `begin`.

        Their number is fixed beforehand: to take all that fit into the run would favour short ones.
        """
        trains = [train[train > begin] for train in self.trains()]
        assert min(train.size for train in trains) > number
        return np.concatenate([np.diff(train[: number + 1]) for train in trains])

    def next_event(self) -> Floats:
        """The exact time of the next event of each source."""
        return self.population.get_state("_next_ms") + self.population.get_state("_next_rest_ms")

    def last_event(self) -> Floats:
        return self.population.get_state("_last_ms") + self.population.get_state("_last_rest_ms")


def rows(values: Sequence[float], size: int) -> list[Floats]:
    """The same sequence for each of `size` sources."""
    return [np.array(values, dtype=float)] * size
