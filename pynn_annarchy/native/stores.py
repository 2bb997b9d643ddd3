"""Which projections share a connection store, and how it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from . import recall
from .drawn_columns import Drawing
from .drawn_projection import DrawnProjection
from .interrupts import completed
from .recall import Box, distinct, recipe

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
        weight = projection.common_weight
        uniform = weight is not None and projection.size >= MIN_UNIFORM_SYNAPSES
        known = uniform and (weight in groups or len(groups.keys() - {None}) < MAX_UNIFORM_STORES)
        key = weight if known else None
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
    boxes = [p.box for p in plan.projections]
    alone = distinct(plan.projections, boxes) if engine.recalls else set()
    parts = [_part_of(network, p, boxes[k], k in alone) for k, p in enumerate(plan.projections)]
    for are_quick, group in groupby(parts, _is_quick):
        if are_quick:
            builder.count_together([part.arrays for part in group])
        else:
            for part in group:
                builder.count(part.arrays)
    if len(alone) == len(parts):  # order does not matter then: pages of memory are taken as others are given back
        parts.sort(key=lambda part: part.box)
    forgotten: list[Projection] = []
    with completed():  # lists may be in the unfinished store only
        try:
            for are_quick, group in groupby(parts, _is_quick):
                if are_quick:
                    builder.put_together([part.arrays for part in group])
                else:
                    _put_lists(builder, group, forgotten, exact=exact)
        except BaseException:
            if forgotten:
                _remember(forgotten, builder.finish())
            raise
        store = builder.finish()
        _remember(forgotten, store)
    for part in parts:
        if part.drawing is not None:
            if part.alone and exact:
                cast(DrawnProjection, part.projection).now_in(store, part.inputs)
        elif _is_quick(part):
            part.projection.forget(None)
    return store


class _Part(NamedTuple):
    """A projection on its way into a store."""

    projection: Projection
    box: Box
    inputs: list[int]
    heard: NDArray[np.bool_] | None
    drawing: Drawing | None
    alone: bool  # whether its synapses can be told from all others of the store

    @property
    def arrays(self) -> tuple[Any, ...]:
        if self.drawing is None:
            return (*_arrays(self.projection, self.inputs, self.heard), 0)
        drawn = self.drawing.drawn
        return None, None, drawn.delay_steps or 0, drawn.weight or 0.0, self.inputs, self.drawing.address


def _part_of(network: Network, p: Projection, box: Box, alone: bool) -> _Part:
    inputs = network.inputs_of(p.receptor)
    drawing = p.drawing_for(inputs) if isinstance(p, DrawnProjection) else None
    if drawing is not None:
        return _Part(p, box, inputs, None, cast(Drawing, drawing), alone)
    heard = _heard(network, p, inputs)
    return _Part(p, box, inputs, heard, None, alone and heard is None)


def _is_quick(part: _Part) -> bool:
    """Whether several such can be put by all threads side by side, and there is no list to get rid of."""
    return part.drawing is not None or part.projection.size < recall.MIN_RECALLED


def _put_lists(builder: core.StoreBuilder, parts: Iterable[_Part], forgotten: list[Projection], *, exact: bool) -> None:
    """Put lists into a store; those that can be recalled from it go at once, and their projections are noted down."""
    for part in parts:
        p = part.projection
        builder.put(part.arrays)
        found = recipe(p.lists, part.box, part.inputs, exact=exact) if part.alone else None
        if found is not None:
            forgotten.append(p)
        p.forget(found)


def _remember(forgotten: Sequence[Projection], store: core.Store) -> None:
    for p in forgotten:
        p.remember(store)


def _heard(network: Network, p: Projection, inputs: list[int]) -> NDArray[np.bool_] | None:
    """Which synapses are onto neurons to which they mean something, None if all are."""
    if min(inputs) >= 0:
        return None
    heard = np.array(inputs)[network.block_numbers(p.target)] >= 0
    return None if heard.all() else np.broadcast_to(heard, p.target.shape)


def _arrays(p: Projection, inputs: list[int], heard: NDArray[np.bool_] | None) -> tuple[Any, ...]:
    values: tuple[Any, ...] = (p.source, p.target, p.delay_steps, p.weight)
    if heard is not None:
        values = tuple(v[heard] if isinstance(v, np.ndarray) else v for v in values)
    return (*values, inputs)


def transmitted(network: Network, projection: Projection) -> tuple[Any, ...]:
    """Return source, target, delay and weight of synapses that mean something to their targets, and all inputs."""
    inputs = network.inputs_of(projection.receptor)
    return _arrays(projection, inputs, _heard(network, projection, inputs))
