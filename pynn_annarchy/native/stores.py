"""Which projections share a connection store, and how it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .interrupts import completed
from .recall import distinct, recipe

if TYPE_CHECKING:
    from . import core
    from .network import Network
    from .projection import Projection

# A store without weights takes 4 bytes a synapse instead of 8 or 12, but every spike is looked up once per store.
MIN_UNIFORM_SYNAPSES = 1024
MAX_UNIFORM_STORES = 16


class StorePlan(NamedTuple):
    """The projections of one store, in order of creation."""

    uniform_weight: bool
    projections: tuple[Projection, ...]

    @property
    def key(self) -> tuple[bool, tuple[tuple[int, int], ...]]:
        """Changes when the store has to be built again."""
        return self.uniform_weight, tuple((id(p), p.version) for p in self.projections)


def plan_stores(projections: Sequence[Projection]) -> list[StorePlan]:
    """One store for each of the first few weights that large projections have throughout, one for all else.

    A later projection changes neither the store of an earlier one nor the order of stores: input is summed in the same
    order before and after it was added. Projections that do not transmit are in none.
    """
    groups: dict[float | None, list[Projection]] = {}
    for projection in projections:
        weight = projection.weight
        uniform = not isinstance(weight, np.ndarray) and projection.size >= MIN_UNIFORM_SYNAPSES
        known = uniform and (weight in groups or len(groups.keys() - {None}) < MAX_UNIFORM_STORES)
        key = float(weight) if known else None
        if projection.size and projection.switches.transmits:
            groups.setdefault(key, []).append(projection)
    return [StorePlan(key is not None, tuple(members)) for key, members in groups.items()]


def build_stores(
    network: Network,
    engine: core.Engine,
    projections: Sequence[Projection],
    old: Mapping[Any, core.Store],
    *,
    exact: bool,
) -> dict[Any, core.Store]:
    """Build the stores whose projections have changed, and keep the others."""
    stores = {}
    for plan in plan_stores(projections):
        kept = old.get(plan.key)
        stores[plan.key] = build_store(network, engine, plan, exact=exact) if kept is None else kept
    return stores


def build_store(network: Network, engine: core.Engine, plan: StorePlan, *, exact: bool) -> core.Store:
    """Put projections into a store, and forget the lists that can be recalled from it.

    If that fails, for want of memory, lists that have gone already are in a store of as much as has been put.

    Parameters
    ----------
    exact
        Whether the store keeps weights as they are given, not rounded to single precision.
    """
    builder = engine.store_builder(plan.uniform_weight)
    boxes = [p.lists.box for p in plan.projections]
    alone = distinct(plan.projections, boxes) if engine.recalls else set()
    chosen = []  # projection, its box and inputs, which of its synapses
    for k, p in enumerate(plan.projections):
        inputs = network.inputs_of(p.receptor)
        heard = _heard(network, p, inputs)
        chosen.append((p, boxes[k], inputs, heard, k in alone and heard is None))
        builder.count(_part(p, inputs, heard))
    if len(alone) == len(chosen):  # order does not matter then: pages of memory are taken as others are given back
        chosen.sort(key=lambda entry: entry[1])
    forgotten: list[Projection] = []
    with completed():  # lists may be in the unfinished store only
        try:
            for p, box, inputs, heard, is_alone in chosen:
                builder.put(_part(p, inputs, heard))
                found = recipe(p.lists, box, inputs, exact=exact) if is_alone else None
                if found is not None:
                    forgotten.append(p)
                p.forget(found)
        except BaseException:
            if forgotten:
                _remember(forgotten, builder.finish())
            raise
        store = builder.finish()
        _remember(forgotten, store)
    return store


def _remember(forgotten: Sequence[Projection], store: core.Store) -> None:
    for p in forgotten:
        p.remember(store)


def _heard(network: Network, p: Projection, inputs: list[int]) -> NDArray[np.bool_] | None:
    """Which synapses are onto neurons to which they mean something, None if all are."""
    if min(inputs) >= 0:
        return None
    heard = np.array(inputs)[network.block_numbers(p.target)] >= 0
    return None if heard.all() else np.broadcast_to(heard, p.target.shape)


def _part(p: Projection, inputs: list[int], heard: NDArray[np.bool_] | None) -> tuple[Any, ...]:
    values: tuple[Any, ...] = (p.source, p.target, p.delay_steps, p.weight)
    if heard is not None:
        values = tuple(v[heard] if isinstance(v, np.ndarray) else v for v in values)
    return (*values, inputs)


def transmitted(network: Network, projection: Projection) -> tuple[Any, ...]:
    """Return source, target, delay and weight of synapses that mean something to their targets, and all inputs."""
    inputs = network.inputs_of(projection.receptor)
    return _part(projection, inputs, _heard(network, projection, inputs))
