"""Potjans and Diesmann's microcircuit in plain PyNN, at any scale, for any backend.

With fewer cells or fewer inputs a cell than at full scale, weights grow and a constant current is added, so that mean
and variance of the input are kept (van Albada et al. 2015).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import parameters as p


@dataclass(frozen=True)
class Microcircuit:
    """The network that `build` makes.

    Attributes
    ----------
    sim
        The backend's module.
    populations
        By name, in the order of `parameters.POPULATIONS`.
    projections
        By (source, target).
    """

    sim: Any
    populations: dict[str, Any]
    projections: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def n_connections(self) -> int:
        """Number of connections between the cells."""
        return sum(len(projection) for projection in self.projections.values())


def build(sim: Any, scale: float = 1.0, drive: str = "poisson", seed: int = 1, rng: Any = None) -> Microcircuit:
    """Make cells, connections and drive; the simulation has been set up.

    Parameters
    ----------
    scale
        Of the number of cells and of the number of inputs to each cell, relative to the cortex under 1 mm^2.
    drive
        What stands for the rest of the brain: "dc", a constant current, or "poisson", a source for each cell. With a
        constant current a network of less than a fifth of the full scale can fall silent for good.
    seed
        Of connections, weights, delays and initial values.
    rng
        What to draw them with; PyNN's `NumpyRNG(seed)` if None.

    Raises
    ------
    ValueError
        If the scale is not between 0 and 1, or there is no such drive.
    """
    if not 0.0 < scale <= 1.0:
        raise ValueError(f"scale={scale} is not above 0 and at most 1")
    if drive not in ("dc", "poisson"):
        raise ValueError(f"drive={drive!r} is neither 'dc' nor 'poisson'")
    rng = sim.NumpyRNG(seed) if rng is None else rng
    sizes = np.maximum(np.rint(p.SIZES * scale), 1).astype(int)
    constant = 1.0 if drive == "dc" else 1.0 - np.sqrt(scale)  # the part of the external input that sources do not give
    currents = _missing_nA(scale) + constant * _external_nA()
    populations = {}
    for k, name in enumerate(p.POPULATIONS):
        cell = sim.IF_curr_exp(**p.CELL, i_offset=float(currents[k]))
        cells = populations[name] = sim.Population(int(sizes[k]), cell, label=name)
        mean, spread = float(p.INITIAL_mV[k]), float(p.INITIAL_SPREAD_mV[k])
        cells.initialize(v=sim.RandomDistribution("normal", mu=mean, sigma=spread, rng=rng))
    network = Microcircuit(sim, populations)
    _connect(network, scale, rng)
    if drive == "poisson":
        _drive(network, scale, rng)
    return network


def _external_nA() -> np.ndarray:
    """Return the mean current of all external inputs to a cell of each population."""
    return p.EXTERNAL * p.EXTERNAL_Hz * 1e-3 * p.CELL["tau_syn_E"] * p.weight_nA()


def _strengths() -> np.ndarray:
    """Return the mean weight from each column's population to each row's, in nA."""
    weights = np.tile(p.weight_nA() * np.array([1.0, p.INHIBITION] * 4), (8, 1))
    weights[p.DOUBLED] *= 2.0
    return weights


def _missing_nA(scale: float) -> np.ndarray:
    """Return the mean current that a cell lacks because it has fewer, stronger inputs."""
    inputs = p.connections() / p.SIZES[:, None]
    recurrent = (inputs * _strengths()) @ p.FULL_RATES_Hz * 1e-3 * p.CELL["tau_syn_E"]
    return (1.0 - np.sqrt(scale)) * recurrent


def _connect(network: Microcircuit, scale: float, rng: Any) -> None:
    sim, numbers, strengths = network.sim, p.connections(), _strengths() / np.sqrt(scale)
    for row, target in enumerate(p.POPULATIONS):
        for column, source in enumerate(p.POPULATIONS):
            # cells are fewer by the factor `scale`, and so are the inputs of each of them
            n = int(np.rint(numbers[row, column] * scale * scale))
            if n == 0:
                continue
            inhibitory = source.endswith("I")
            network.projections[source, target] = sim.Projection(
                network.populations[source],
                network.populations[target],
                sim.FixedTotalNumberConnector(n, allow_self_connections=True, with_replacement=True, rng=rng),
                sim.StaticSynapse(
                    weight=_weights(sim, float(strengths[row, column]), rng), delay=_delays(sim, int(inhibitory), rng)
                ),
                receptor_type="inhibitory" if inhibitory else "excitatory",
            )


def _weights(sim: Any, mean: float, rng: Any) -> Any:
    low, high = sorted((0.0, np.sign(mean) * np.inf))
    return sim.RandomDistribution(
        "normal_clipped", mu=mean, sigma=p.WEIGHT_SPREAD * abs(mean), low=low, high=high, rng=rng
    )


def _delays(sim: Any, kind: int, rng: Any) -> Any:
    mean, step = p.DELAYS_ms[kind], sim.get_time_step()
    return sim.RandomDistribution(
        "normal_clipped", mu=mean, sigma=p.DELAY_SPREAD * mean, low=step, high=sim.get_max_delay(), rng=rng
    )


def _drive(network: Microcircuit, scale: float, rng: Any) -> None:
    """Give each cell a Poisson source of all its external inputs, fewer and stronger ones where the scale is small."""
    sim = network.sim
    weight = p.weight_nA() / np.sqrt(scale)
    for k, cells in enumerate(network.populations.values()):
        noise = sim.Population(len(cells), sim.SpikeSourcePoisson(rate=float(p.EXTERNAL[k] * p.EXTERNAL_Hz * scale)))
        synapse = sim.StaticSynapse(weight=weight, delay=p.DELAYS_ms[0])
        sim.Projection(noise, cells, sim.OneToOneConnector(), synapse, receptor_type="excitatory")
