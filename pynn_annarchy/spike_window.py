"""Spikes that count for some time: connections which tell a neuron that spikes have become too old.

A neuron that counts spikes adds 1 when one is there, and 1 is taken off when it arrives here, the window later. Counts
are whole numbers, so they are exact for ever; what a spike costs does not depend on the window.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .firing_rate import RATE, window_in_steps
from .native.spec import NeuronText, SynapseText
from .native.switches import Switches

if TYPE_CHECKING:
    from .native.network import Network
    from .native.plastic import PlasticProjection
    from .native.population import Population

WINDOW, COUNT, RECEPTOR = "_rate_window", "_in_window", "_window"
_LEAVING = SynapseText(name="LeavesWindow", parameters="", equations="", pre_spike="g_target += -w")
_RATE = f"ite({WINDOW} > 0, 1000.0*{COUNT}/{WINDOW}, 0.0)"


def countable(window_ms: Any) -> int:
    """Return the length of a window in steps, if spikes can be counted in it.

    Raises
    ------
    ValueError
        If it is no positive number, or longer than the longest delay.
    """
    from .native.projection import MAX_DELAY_STEPS

    steps = window_in_steps(window_ms)
    if steps >= MAX_DELAY_STEPS:
        raise ValueError(f"window = {window_ms!r} ms is {steps} steps; allowed are {MAX_DELAY_STEPS - 1} at most")
    return steps


def leaving(
    network: Network, sources: NDArray[Any], targets: NDArray[Any], receptor: str, delay_steps: int
) -> PlasticProjection:
    """Make connections that take 1 off what a receptor type adds to, some steps after a spike of the source."""
    from .native import kernels

    # Arrivals wait in lists, not in the ring of all inputs, which would have a row for each step of the window.
    kernel = replace(kernels.compiled_synapse(_LEAVING, network.precision), punctual=True)
    return network.add_plastic_projection(
        kernel, sources, targets, receptor=receptor, variables={"w": 1.0}, delay_steps=delay_steps
    )


def reads_rate(text: NeuronText) -> bool:
    """Whether a spiking model reads `r` and does not say what it is."""
    from .native.parse import declared_parameters
    from .native.tokens import scan

    if not text.spike.strip() or RATE in text.constants:
        return False
    parts = {part: [t.text for t in scan(getattr(text, part), part)] for part in ("equations", "reset")}
    words = [t.text for part in ("spike", "refractory") for t in scan(getattr(text, part), part)]
    if RATE not in (*words, *parts["equations"], *parts["reset"]):
        return False
    equations = parts["equations"]
    defined = f"d{RATE}" in equations or any((a, b) == (RATE, "=") for a, b in itertools.pairwise(equations))
    return not defined and RATE not in {symbol.name for symbol in declared_parameters(text)}


def with_rate(text: NeuronText) -> NeuronText:
    """Return a model with the firing rate that it reads.

    Bounds of a differential equation hold after arriving input was added: they make `r` the rate at that very time.
    """
    rate = f"d{RATE}/dt = 0.0 : explicit, always, min={_RATE}, max={_RATE}"
    return replace(
        text,
        parameters=f"{text.parameters}\n{WINDOW} = 0.0 : population",
        equations=f"{text.equations}\n{COUNT} = {COUNT} : always\n{rate}",
        reset=f"{text.reset}\n{COUNT} += 1.0\n{RATE} = {_RATE}",
        receptors={**text.receptors, RECEPTOR: COUNT},
        units={**text.units, RATE: "Hz"},
    )


class MeasuredRate:
    """The firing rate of a population whose equations read it: as `FiringRate`, with its parameters."""

    def __init__(self, population: Population, window_ms: float) -> None:
        self._population = population
        self._steps = countable(window_ms)
        self._leaving = self._begin()

    def _begin(self) -> PlasticProjection:
        population, network = self._population, self._population.network
        self._forget_counts()
        population.set_parameter(WINDOW, self._steps * network.dt_ms)
        neurons = population.first + np.arange(population.size)
        return leaving(network, neurons, neurons, RECEPTOR, self._steps)

    def _forget_counts(self) -> None:
        for name in (COUNT, RATE):
            self._population.set_state(name, 0.0)

    def change(self, window_ms: float) -> None:
        """Use another window for spikes that come."""
        self._steps = countable(window_ms)
        self._population.set_parameter(WINDOW, self._steps * self._population.network.dt_ms)
        self._leaving.set_delay(self._steps, 0)

    def forget(self) -> None:
        """Follow the population, of which what was on its way has been forgotten: count from now on."""
        self._forget_counts()

    def restart(self) -> None:
        """Count from now on, after spikes could not leave the window because the population was disabled."""
        self._leaving.set_switches(Switches(transmits=False))
        self._leaving = self._begin()
