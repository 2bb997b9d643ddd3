"""Connections that are drawn as they are laid out: what from, with the keys with which they would be drawn at once."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from lazyarray import larray
from pyNN.random import RandomDistribution

from .. import simulator
from .limits import delays_to_steps

if TYPE_CHECKING:
    from ..native.drawn import Choice, Distribution, Drawn

_VALUES = ("weight", "delay")


def chosen_with(rule: str, projection: Any, barred: Any, **how: Any) -> Choice:
    """Return how sources are chosen, before a generator has given its key.

    Parameters
    ----------
    rule, how
        As of `native.drawn.Choice`.
    projection
        In the making.
    barred
        For each post-synaptic cell the index of the one that it is not connected to, or -1; None if there are none.
    """
    from ..native.drawn import Choice  # here: the package can be imported without its compiled core

    n_pre, n_post = projection.shape
    nobody = np.full(n_post, -1) if barred is None else np.asarray(barred)
    return Choice(rule, n_pre, nobody.astype(np.int64), **how)


def each_pair(projection: Any, allow: bool | str, probability: float) -> Choice | None:
    """Return the choice of each pair with a probability, but as `allow_self_connections` says; None for 'NoMutual'."""
    from .base import same_cell_index  # which imports this module

    if allow == "NoMutual":
        return None
    barred = None if allow else same_cell_index(projection.post.neuron_numbers, projection.pre.neuron_numbers)
    return chosen_with("probable", projection, barred, probability=min(probability, 1.0))


def drawn_later(projection: Any, rng: Any, sources: Choice, *, key_first: bool = False) -> Drawn | None:
    """Return what connections are drawn from; None, and nothing is drawn, if they have to be drawn now.

    They have to if they are few, if synapses have a model or several receptor types, or if a weight or a delay is
    neither a number nor drawn from a distribution of a `NativeRNG` that native code knows.

    Parameters
    ----------
    projection
        In the making.
    rng
        The generator of the connector, which gives its key only if there is an answer; None if nothing is random.
    sources
        How they are chosen.
    key_first
        Whether copies of generators for weights and delays are made after the connector's has given its key.

    Raises
    ------
    pyNN.errors.ConnectionError
        If all have a delay that is out of range.
    """
    from ..native.drawn import Distribution, Drawn  # here: the package can be imported without its compiled core
    from ..random import NativeRNG

    lazy = projection.drawable
    if lazy is None or tuple(sorted(lazy)) != tuple(sorted(_VALUES)):
        return None
    if rng is not None:
        if not isinstance(rng, NativeRNG):
            return None
        sources = replace(sources, key=deepcopy(rng).key())
    drawer = simulator.state.network.drawer
    counts = drawer.counts(sources)
    n = int(counts.sum())
    found = {name: _source(value, n) for name, value in lazy.items()}
    if n < drawer.fewest or None in found.values():
        return None
    if rng is not None:
        rng.key()
    if key_first:
        lazy = projection.drawable
    for name, value in found.items():  # in the order in which they would be drawn now
        if isinstance(value, Distribution):
            found[name] = replace(value, key=lazy[name].base_value.rng.key())
    weight, delay = (found[name] for name in _VALUES)
    assert weight is not None
    pre, post = (group.neuron_numbers.astype(np.uint32) for group in (projection.pre, projection.post))
    steps = delay if isinstance(delay, Distribution) else delays_to_steps(delay)
    values = weight, steps, simulator.state.dt
    return Drawn(sources, counts.astype(np.int64), pre, post, *values, projection.threads)


def _source(lazy: larray, n: int) -> float | Distribution | None:
    """Return the number that all connections have, or what theirs are drawn from; None if it is neither."""
    from ..random import NativeRNG

    base = lazy.base_value
    if lazy.operations:
        return None
    if type(base) is RandomDistribution and isinstance(base.rng, NativeRNG):
        return base.rng.native(base.name, n, base.parameters)
    return float(base) if isinstance(base, int | float | np.integer | np.floating) else None
