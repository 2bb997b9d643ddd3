"""Lists of static synapses that only the engine keeps, and how they are got back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import core
from .arrays import Values

if TYPE_CHECKING:
    from .projection import Projection

# Smaller projections keep their lists: nothing is won. Larger ones take 12 to 18 bytes a synapse less.
MIN_RECALLED = 1 << 16

Box = tuple[int, int, int, int]


class Lists(NamedTuple):
    """Synapses in order of creation; a weight or a delay is a number if all have it."""

    source: NDArray[np.uint32]
    target: NDArray[np.uint32]
    weight: Values
    delay_steps: int | NDArray[np.uint16]

    @property
    def box(self) -> Box:
        """First source, one behind the last, first target, one behind the last."""
        source, target = self.source, self.target
        return int(source.min()), int(source.max()) + 1, int(target.min()), int(target.max()) + 1


@dataclass(frozen=True)
class Recall:
    """How to get the lists of a projection from a store.

    Attributes
    ----------
    store
        Where its synapses are.
    size
        How many there are.
    box, receptor
        What tells them from others: bounds of their sources and targets, and the input of each block, as it was stored.
    weight, delay_steps
        The number that all have, else None.
    where, origin
        Element ``where[k]`` of a list is element ``origin[k]`` of what the store recalls: several synapses between the
        same cells are ordered by delay there, by age here.
    """

    store: core.Store | None
    size: int
    box: Box
    receptor: tuple[int, ...]
    weight: float | None
    delay_steps: int | None
    where: NDArray[np.uint32]
    origin: NDArray[np.uint32]

    def lists(self) -> Lists:
        """Return the lists as they were given."""
        assert self.store is not None
        wanted = self.delay_steps is None, self.weight is None
        source, target, delays, weights = self.store.recall(self.size, self.box, self.receptor, *wanted)
        for array in (delays, weights):
            if array.size:
                array[self.where] = array[self.origin]
        return Lists(
            source,
            target,
            weights if self.weight is None else self.weight,
            delays if self.delay_steps is None else self.delay_steps,
        )


def distinct(projections: Sequence[Projection], boxes: Sequence[Box]) -> set[int]:
    """Return the places of those whose synapses can be told from all others by their cells and receptor.

    None of them if all are too small to be recalled: the time grows with the square of their number.
    """
    if max(projection.size for projection in projections) < MIN_RECALLED:
        return set()
    source, source_end, target, target_end = np.array(boxes, np.int64).T
    receptor = np.unique([projection.receptor for projection in projections], return_inverse=True)[1]

    def shared(k: int) -> NDArray[np.bool_]:
        sources = (source < source_end[k]) & (source[k] < source_end)
        targets = (target < target_end[k]) & (target[k] < target_end)
        return np.asarray(sources & targets & (receptor == receptor[k]))

    return {k for k in range(len(boxes)) if shared(k).sum() == 1}


def recipe(lists: Lists, box: Box, receptor: Sequence[int], *, exact: bool) -> Recall | None:
    """Return how to get lists back from a store that is not there yet; None if it does not pay or would not be exact.

    Parameters
    ----------
    box
        That of the lists.
    receptor
        The input of each block.
    exact
        Whether stores keep weights as they are given, not rounded to single precision.
    """
    size = lists.source.size
    if size < MIN_RECALLED or not (exact or np.ndim(lists.weight) == 0):
        return None
    found = core.recallable(lists.source, lists.target, lists.delay_steps)
    if found is None or 2 * found[0].size > size:
        return None
    weight = None if isinstance(lists.weight, np.ndarray) else lists.weight
    delay = None if isinstance(lists.delay_steps, np.ndarray) else lists.delay_steps
    return Recall(None, size, box, tuple(receptor), weight, delay, *found)
