"""Connections that a device draws by itself: what they are drawn from, with the keys that the host would use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from lazyarray import larray
from numpy.typing import NDArray
from pyNN.random import RandomDistribution

from .. import simulator
from .limits import delays_to_steps

if TYPE_CHECKING:
    from ..native.drawn import Distribution, Drawn

_VALUES = ("weight", "delay")


def drawn_with_replacement(projection: Any, rng: Any, counts: NDArray[np.int64]) -> Drawn | None:
    """Return so many connections onto each post-synaptic cell, each from any cell; None if the host has to draw them.

    It has to if the simulation does not run on a device, if synapses have a model or several receptor types, or if a
    weight or a delay is neither a number nor drawn from a distribution of a `NativeRNG` that native code knows.

    Parameters
    ----------
    projection
        In the making.
    rng
        The `NativeRNG` of the connector, which gives its key only if the device is to draw.
    counts
        The number of connections onto each cell.

    Raises
    ------
    pyNN.errors.ConnectionError
        If all have a delay that is out of range.
    """
    from ..native.drawn import Distribution, Drawn  # here: the package can be imported without its compiled core

    n = int(counts.sum())
    lazy = projection.drawable
    if n == 0 or lazy is None or tuple(sorted(lazy)) != tuple(sorted(_VALUES)):
        return None
    found = {name: _source(value, n) for name, value in lazy.items()}
    if None in found.values():
        return None
    key = rng.key()
    lazy = projection.drawable  # with copies of generators as they are now, from which the host would draw as well
    for name, value in found.items():  # in the order in which the host draws them
        if isinstance(value, Distribution):
            found[name] = replace(value, key=lazy[name].base_value.rng.key())
    weight, delay = (found[name] for name in _VALUES)
    assert weight is not None
    return Drawn(
        key,
        counts.astype(np.int64),
        projection.pre.neuron_numbers.astype(np.uint32),
        projection.post.neuron_numbers.astype(np.uint32),
        weight,
        delay if isinstance(delay, Distribution) else delays_to_steps(delay),
        simulator.state.dt,
    )


def _source(lazy: larray, n: int) -> float | Distribution | None:
    """Return the number that all connections have, or what theirs are drawn from; None if it is neither."""
    from ..random import NativeRNG

    base = lazy.base_value
    if lazy.operations:
        return None
    if type(base) is RandomDistribution and isinstance(base.rng, NativeRNG):
        return base.rng.native(base.name, n, base.parameters)
    return float(base) if isinstance(base, int | float | np.integer | np.floating) else None
