"""Spikes that some synapse with state may not have taken yet, on the device."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .device import Device
from .layout import uploaded

_TRAIN = np.dtype([("step", "u8"), ("first", "u4"), ("end", "u4"), ("latest", "i8")])  # pa_train
TRAIN_BYTES = _TRAIN.itemsize


class Kept(NamedTuple):
    """The spikes of some neurons."""

    position: NDArray[np.uint32]
    first: NDArray[np.uint32]  # how many have been dropped
    steps: NDArray[np.int64]  # a row for each neuron
    kept: NDArray[np.uint32]  # how many of its row are there


class Trains:
    """The trains of some of the neurons of one block, or of modulators, with room for so many spikes each.

    Parameters
    ----------
    device
        Where they are.
    watched
        Whether somebody watches, by position.
    room
        Spikes that a train can keep.
    """

    def __init__(self, device: Device, watched: NDArray[np.bool_], room: int) -> None:
        self._device = device
        self.watched = watched.copy()
        self.room = room
        self._position = np.flatnonzero(watched).astype(np.uint32)
        self._steps = device.memory(max(8 * room * self._position.size, 8))
        self._views = device.memory(max(TRAIN_BYTES * watched.size, 8))
        self.clear()

    @property
    def address(self) -> int:
        """Where their ``pa_train`` are, by position."""
        return self._views.address

    def addresses(self) -> NDArray[np.uint64]:
        """Return where each neuron's train is, 0 where nobody watches."""
        at = self.address + TRAIN_BYTES * np.arange(self.watched.size, dtype=np.uint64)
        return np.where(self.watched, at, 0).astype(np.uint64)

    def clear(self) -> None:
        """Forget all spikes, as if there had been none."""
        size = self._position.size
        nothing = np.zeros(size, np.uint32)
        self._load(Kept(self._position, nothing, np.zeros((size, self.room), np.int64), nothing))

    def kept(self) -> Kept:
        """Return what there is."""
        views: NDArray[Any] = self._views.download(np.uint8, TRAIN_BYTES * self.watched.size).view(_TRAIN)
        steps = self._steps.download(np.int64, self.room * self._position.size).reshape(-1, self.room)
        first = np.ascontiguousarray(views["first"][self._position])
        return Kept(self._position, first, steps, views["end"][self._position] - first)

    def resized(self, watched: NDArray[np.bool_], room: int) -> Trains:
        """Return the same trains with room for more neurons and spikes; themselves if there is enough."""
        n, room = max(watched.size, self.watched.size), max(room, self.room)
        wanted = np.zeros(n, bool)
        wanted[: watched.size] = watched
        wanted[: self.watched.size] |= self.watched
        if room == self.room and wanted.size == self.watched.size and (wanted == self.watched).all():
            return self
        kept, new = self.kept(), Trains(self._device, wanted, room)
        where = np.searchsorted(new._position, kept.position)
        first, count = np.zeros((2, new._position.size), np.uint32)
        steps = np.zeros((new._position.size, room), np.int64)
        first[where], count[where] = kept.first, kept.kept
        steps[where, : self.room] = kept.steps
        new._load(Kept(new._position, first, steps, count))
        return new

    def _load(self, kept: Kept) -> None:
        views = np.zeros(self.watched.size, _TRAIN)
        rows = np.arange(kept.position.size, dtype=np.uint64)
        views["step"][kept.position] = self._steps.address + 8 * self.room * rows
        views["first"][kept.position] = kept.first
        views["end"][kept.position] = kept.first + kept.kept
        last = np.maximum(kept.kept.astype(np.int64) - 1, 0)
        views["latest"][kept.position] = kept.steps[np.arange(last.size), last]
        self._steps.upload(kept.steps)
        self._views.upload(views.view(np.uint8))


def no_trains(device: Device) -> Trains:
    """Return the trains of nobody."""
    return Trains(device, np.zeros(0, bool), 1)


def mask_of(device: Device, groups: list[NDArray[np.uint32]], n_neurons: int) -> Any:
    """Return device memory with, for each group of neurons, whether each neuron is in it."""
    mask = np.zeros((len(groups), max(n_neurons, 1)), np.uint8)
    for row, neurons in zip(mask, groups, strict=True):
        row[neurons] = 1
    return uploaded(device, mask)
