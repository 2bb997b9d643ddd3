"""Synapses that were created together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import core
from .arrays import Values, updated, values_for
from .recall import Box, Lists, Recall
from .structure import Rearrangement, with_new, without
from .switches import Switches

if TYPE_CHECKING:
    from .network import Network

MAX_DELAY_STEPS = 65535


class HasDelays(Protocol):
    """Projections of any kind."""

    @property
    def delay_range_steps(self) -> tuple[int, int] | None:
        """The shortest and the longest delay, or None without synapses."""


class Projection:
    """Static synapses onto one receptor type, in order of creation. Made by :meth:`Network.add_projection`.

    Attributes
    ----------
    size
        Number of synapses.
    delay_range_steps
        The shortest and the longest delay, or None without synapses.
    """

    def __init__(
        self,
        network: Network,
        source: NDArray[np.uint32],
        target: NDArray[np.uint32],
        receptor: str,
        weight: ArrayLike,
        delay_steps: ArrayLike,
    ) -> None:
        self._network = network
        self.receptor = receptor
        self.version = 0
        self.switches = Switches()
        self.size = len(source)
        self.delay_range_steps: tuple[int, int] | None = None
        self._recall: Recall | None = None
        self._lists: Lists | None = None  # None: in the engine's store only, `_recall` gets them back
        weights = finite(values_for(weight, self.size, "weight"))
        self._keep(source, target, weights, steps_for(delay_steps, self.size))

    @property
    def lists(self) -> Lists:
        """Everything about the synapses; kept from now on until the next run, if it was not."""
        if self._lists is None:
            assert self._recall is not None
            self._lists = self._recall.lists()
        return self._lists

    @property
    def source(self) -> NDArray[np.uint32]:
        """Global neuron numbers; not to be written to."""
        return self.lists.source

    @property
    def target(self) -> NDArray[np.uint32]:
        """Likewise."""
        return self.lists.target

    @property
    def box(self) -> Box:
        """Bounds of sources and targets, as of `Lists`."""
        return self.lists.box

    @property
    def weight(self) -> Values:
        """One number if all synapses have it, else one for each."""
        known = self._recall.weight if self._lists is None and self._recall is not None else None
        return self.lists.weight if known is None else known

    @property
    def common_weight(self) -> float | None:
        """The weight of all synapses, None if each has its own."""
        if self._lists is None and self._recall is not None:
            return self._recall.weight
        weight = self.lists.weight
        return None if isinstance(weight, np.ndarray) else float(weight)

    @property
    def delay_steps(self) -> int | NDArray[np.uint16]:
        """Likewise."""
        known = self._recall.delay_steps if self._lists is None and self._recall is not None else None
        return self.lists.delay_steps if known is None else known

    def forget(self, recall: Recall | None) -> None:
        """Have the lists in a store only, which is not finished yet; None: keep them, and ask no older store again."""
        self._lists = self.lists if recall is None else None
        self._recall = recall
        if recall is not None:
            core.trim_heap()

    def remember(self, store: core.Store) -> None:
        """Know the store that the lists are in."""
        if self._recall is not None:
            self._recall = replace(self._recall, store=store)

    def forget_again(self) -> None:
        """Give back the memory of lists that were asked for, if they are in a store."""
        if self._recall is not None and self._lists is not None:
            self._lists = None
            core.trim_heap()

    def set_weight(self, value: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set the weight of all synapses, or of those at ``index``, from the next run on."""
        weight = finite(updated(self.weight, self.size, index, value, "weight"))
        self._keep(self.source, self.target, weight, self.delay_steps)
        self._changed()

    def set_delay(self, value: ArrayLike, index: ArrayLike | None = None) -> None:
        """Set the delay in steps from the next run on; spikes that are already on their way keep the old one."""
        old: Any = self.delay_steps
        as_floats: Values = old.astype(np.float64) if isinstance(old, np.ndarray) else float(old)
        delays = steps(updated(as_floats, self.size, index, value, "delay_steps"))
        self._keep(self.source, self.target, self.weight, delays)
        self._changed()

    def set_switches(self, switches: Switches) -> None:
        """Change whether spikes are transmitted, from the next step on; there is nothing else to switch."""
        if switches.transmits != self.switches.transmits:
            self._changed()
        self.switches = switches

    def create(
        self,
        source: ArrayLike,
        target: ArrayLike,
        *,
        weight: ArrayLike,
        delay_steps: ArrayLike,
        before: ArrayLike | None = None,
    ) -> Rearrangement:
        """Add synapses, each before the one at a place (at the end by default); spikes from now on reach them."""
        self._network.check_open()
        sources, targets = self._network.connected(source, target, self.receptor)
        change = with_new(self.size, sources.size, before)
        weights = finite(values_for(weight, sources.size, "weight"))
        delays = steps_for(delay_steps, sources.size)
        self._rearrange(change, sources, targets, weights, delays)
        return change

    def prune(self, index: ArrayLike) -> Rearrangement:
        """Remove synapses. What a spike has sent through them on its way before still arrives."""
        self._network.check_open()
        change = without(self.size, index)
        nothing = np.empty(0, np.uint32)
        self._rearrange(change, nothing, nothing, 0.0, 1)
        return change

    def _rearrange(
        self,
        change: Rearrangement,
        source: NDArray[np.uint32],
        target: NDArray[np.uint32],
        weight: Values,
        delay: int | NDArray[np.uint16],
    ) -> None:
        delays = change.values(self.delay_steps, delay)
        self._keep(
            change.array(self.source, source),
            change.array(self.target, target),
            change.numbers(self.weight, weight),
            delays.astype(np.uint16) if isinstance(delays, np.ndarray) else int(delays),
        )
        self._network.structure_changed(self, change)
        self._changed()

    def _keep(
        self,
        source: NDArray[np.uint32],
        target: NDArray[np.uint32],
        weight: Values,
        delay: int | NDArray[np.uint16],
    ) -> None:
        self._lists, self._recall, self.size = Lists(source, target, weight, delay), None, len(source)
        self.delay_range_steps = (int(np.min(delay)), int(np.max(delay))) if self.size else None

    def _changed(self) -> None:
        self.version += 1
        self._network.projection_changed()


def finite(weight: Values) -> Values:
    """The weight, if it is a number."""
    array = np.asarray(weight)
    if array.size and not np.isfinite([array.min(), array.max()]).all():
        raise ValueError("weights have to be finite")
    return weight


def steps_for(delay: ArrayLike, size: int) -> int | NDArray[np.uint16]:
    """The delay as whole numbers of steps, one if all have the same."""
    if not (isinstance(delay, np.ndarray) and delay.dtype == np.uint16 and delay.shape == (size,) and size):
        return steps(values_for(delay, size, "delay_steps"))
    shortest, longest = int(delay.min()), int(delay.max())
    if shortest < 1:
        raise ValueError(f"delays of 0 steps; allowed are whole numbers from 1 to {MAX_DELAY_STEPS}")
    return shortest if shortest == longest else delay.copy()


def steps(delay: Values) -> int | NDArray[np.uint16]:
    """The delay as whole numbers of steps."""
    array = np.asarray(delay)
    if array.size and ((array != np.rint(array)).any() or array.min() < 1 or array.max() > MAX_DELAY_STEPS):
        raise ValueError(
            f"delays of {array.min()} to {array.max()} steps; allowed are whole numbers from 1 to {MAX_DELAY_STEPS}"
        )
    return array.astype(np.uint16) if isinstance(delay, np.ndarray) else int(delay)


def delay_range(projections: Iterable[HasDelays]) -> tuple[int, int] | None:
    """Shortest and longest delay in steps, or None without synapses."""
    ranges = [p.delay_range_steps for p in projections if p.delay_range_steps is not None]
    return (min(low for low, _ in ranges), max(high for _, high in ranges)) if ranges else None
