"""The state of numpy's generator, lent to native code that draws from it what numpy would have drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN.random import AbstractRNG, NumpyRNG, RandomDistribution

if TYPE_CHECKING:
    from ..native.connect import Mersenne

# drawing n numbers and then m gives what drawing n + m at once does
IN_ONE_GO = frozenset(
    "binomial exponential gamma lognormal normal normal_clipped_to_boundary poisson uniform uniform_int".split()
)
_PARAMETERS = {
    "uniform": ("low", "high"),
    "normal": ("mu", "sigma"),
    "lognormal": ("mu", "sigma"),
    "exponential": ("beta",),
    "normal_clipped": ("mu", "sigma", "low", "high"),
    "normal_clipped_to_boundary": ("mu", "sigma", "low", "high"),
    "uniform_int": ("low", "high"),
}
Translated = tuple[str, float, float, float, float]


def is_mersenne(generator: AbstractRNG | None) -> bool:
    """Return whether a generator is numpy's Mersenne Twister as PyNN wraps it."""
    rng: Any = generator
    if type(rng) is not NumpyRNG or type(rng.rng) is not np.random.RandomState:
        return False
    return type(rng.rng._bit_generator) is np.random.MT19937


def same_numbers(one: Any, other: Any) -> bool:
    """Return whether what one generator draws changes what the other draws next."""
    return getattr(one, "rng", one) is getattr(other, "rng", other)


@contextmanager
def borrowed(rngs: Iterable[Any]) -> Iterator[dict[int, Mersenne]]:
    """Lend the states of some `NumpyRNG` out, by ``id(rng.rng)``, and take them back afterwards."""
    from ..native.connect import Mersenne  # here: the package can be imported without its compiled core

    states = {id(rng.rng): rng.rng for rng in rngs}
    lent = {key: Mersenne(*state.get_state()[1:]) for key, state in states.items()}
    try:
        yield lent
    finally:
        for key, state in states.items():
            state.set_state(("MT19937", *lent[key].state()))


def translated(distribution: RandomDistribution) -> Translated | None:
    """Return a distribution as native code takes it; None for what only numpy draws (or refuses)."""
    if type(distribution) is not RandomDistribution or not is_mersenne(distribution.rng):
        return None
    names = _PARAMETERS.get(distribution.name)
    given = distribution.parameters
    if names is None or set(given) != set(names):
        return None
    values = [given[name] for name in names]
    if not all(isinstance(value, int | float | np.integer | np.floating) for value in values):
        return None
    if distribution.name == "uniform_int":
        return _integers(*values)
    first, second, low, high = (*map(float, values), *[0.0] * (4 - len(values)))
    if distribution.name == "uniform":
        second = second - first
    elif math.copysign(1.0, first if distribution.name == "exponential" else second) < 0:
        return None
    clipped = "clipped" in distribution.name
    if not (math.isfinite(first) and math.isfinite(second)) or (clipped and not low < high):
        return None
    return distribution.name, first, second, low, high


def _integers(low: Any, high: Any) -> Translated | None:
    if not all(isinstance(value, int | np.integer) and abs(int(value)) < 1 << 53 for value in (low, high)):
        return None
    span = int(high) - 1 - int(low)
    return ("uniform_int", float(low), float(span), 0.0, 0.0) if 0 <= span < (1 << 32) - 1 else None
