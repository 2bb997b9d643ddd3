"""Samples on their way from a device: a launch's rows at a time, copied while the next launch runs."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from .device import Device
from .halves import Halves, aligned
from .layout import at

SIGNAL_BYTES = 1 << 26  # of one launch, unless a step has more


class Sampling(Protocol):
    """Where the samples of a run go: see `core.Recorder`."""

    @property
    def interval_steps(self) -> int: ...
    @property
    def rows_address(self) -> int: ...
    @property
    def first_step(self) -> int: ...
    @property
    def n_rows(self) -> int: ...


class Window(NamedTuple):
    """The rows of one signal that a launch may write."""

    address: int  # on the device
    first_step: int  # of the first row
    n_rows: int


class SignalBlocks:
    """The samples of two launches.

    Parameters
    ----------
    device
        Where they come from.
    """

    def __init__(self, device: Device) -> None:
        self._halves = Halves(device)
        self._signals: list[tuple[Sampling, int]] = []
        self._offsets: list[int] = []

    def begin_run(self, signals: Sequence[tuple[Sampling, int]], steps: int, gaps: bool) -> int:
        """Make room for these signals and the bytes of a row of each; return how many steps a launch may have.

        If there are ``gaps``, launches do not write all columns, and what they leave out is to be NaN.
        """
        self._gaps = gaps
        self._signals = list(signals)
        per_step = sum(row_bytes / signal.interval_steps for signal, row_bytes in signals)
        limit = max(1, min(steps, int(SIGNAL_BYTES / max(per_step, 1e-9))))
        self._offsets = [0]
        for signal, row_bytes in signals:
            self._offsets.append(self._offsets[-1] + aligned(row_bytes * (limit // signal.interval_steps + 1)))
        self._halves.reserve(self._offsets[-1])
        return limit

    def _rows(self, signal: Sampling, first_step: int, end_step: int) -> tuple[int, int]:
        """The first row of the boundaries after ``first_step`` up to ``end_step``, and how many there are."""
        first = max(0, -((signal.first_step - first_step - 1) // signal.interval_steps))
        end = min(signal.n_rows, (end_step - signal.first_step) // signal.interval_steps + 1)
        return first, max(0, end - first)

    def windows(self, half: int, first_step: int, end_step: int) -> list[Window]:
        """Return the rows that the launch of these steps writes, made ready for that."""
        if self._gaps:
            self._halves.fill(half, 255)  # all bits of a NaN
        found = []
        for (signal, _), offset in zip(self._signals, self._offsets, strict=False):
            first, n = self._rows(signal, first_step, end_step)
            begin = signal.first_step + first * signal.interval_steps
            found.append(Window(self._halves.address(half) + offset, begin, n))
        return found

    def begin_copy(self, half: int, first_step: int, end_step: int) -> None:
        """Begin to bring the rows of these steps to the host."""
        sizes = [n_bytes for _, _, n_bytes in self._pieces(first_step, end_step)]
        self._halves.begin_copy(half, zip(self._offsets, sizes, strict=False))

    def _pieces(self, first_step: int, end_step: int) -> list[tuple[Sampling, int, int]]:
        """Each signal, where in its rows those of a launch begin, and their size, in bytes."""
        found = []
        for signal, row_bytes in self._signals:
            first, n = self._rows(signal, first_step, end_step)
            found.append((signal, first * row_bytes, n * row_bytes))
        return found

    def store(self, half: int, first_step: int, end_step: int) -> None:
        """Put the rows where they belong."""
        pieces = self._pieces(first_step, end_step)
        if not any(nbytes for *_, nbytes in pieces):
            return
        self._halves.wait()
        for (signal, begin, nbytes), offset in zip(pieces, self._offsets, strict=False):
            if nbytes:
                target = at(signal.rows_address + begin, ctypes.c_uint8, nbytes)
                target[:] = self._halves.view(half, np.uint8, nbytes, offset)
