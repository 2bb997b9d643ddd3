"""Which projections share a connection store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
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
