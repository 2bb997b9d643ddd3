"""Memory that launches write in turn, so that what one has written is copied while the next one runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .device import Device, HostMemory, Memory

_ALIGNMENT = 256


def aligned(nbytes: int) -> int:
    """Return a size that something may follow."""
    return -(-nbytes // _ALIGNMENT) * _ALIGNMENT


class Halves:
    """Two pieces of device memory, and two of the host's that they are copied to.

    Parameters
    ----------
    device
        Whose memory.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._stream = device.stream()
        self._memory: list[Memory] = []
        self._host: list[HostMemory] = []

    def reserve(self, nbytes: int) -> None:
        """Have room for so many bytes in each half; what was there may be lost."""
        if self._memory and self._memory[0].nbytes >= nbytes:
            return
        self._memory, self._host = [], []  # before there are others
        size = max(nbytes, _ALIGNMENT)
        host = [self._device.host_memory(size) for _ in range(2)]
        self._memory, self._host = [self._device.memory(size) for _ in range(2)], host

    def address(self, half: int) -> int:
        """Where a half begins in device memory."""
        return self._memory[half].address

    def fill(self, half: int, value: int) -> None:
        """Set all bytes of a half in device memory."""
        self._memory[half].fill(value)

    def begin_copy(self, half: int, parts: Iterable[tuple[int, int]]) -> None:
        """Begin to copy these parts, (offset, size) in bytes, of what finished launches have written."""
        for offset, nbytes in parts:
            self._stream.copy(self._memory[half], offset, nbytes, self._host[half])

    def wait(self) -> None:
        """Wait for copies."""
        self._stream.wait()

    def view(self, half: int, dtype: Any, count: int, offset: int = 0) -> NDArray[np.generic]:
        """Return the host's copy, which holds until the next one of this half."""
        return self._host[half].view(dtype, count, offset)
