"""Copies from a GPU of NVIDIA's while it computes: page-locked memory, and a stream of their own."""

from __future__ import annotations

import ctypes
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .device import HostMemory, Memory

if TYPE_CHECKING:
    from .nvidia import NvidiaDevice

_NON_BLOCKING = 1  # of CUstream_flags


class NvidiaHostMemory:
    """Page-locked memory, which a copy engine of the GPU reads and writes by itself."""

    def __init__(self, device: NvidiaDevice, nbytes: int) -> None:
        self._nbytes = nbytes
        try:
            address = int(device.driver("cuMemHostAlloc", nbytes, 0))
        except MemoryError:
            raise MemoryError(f"{nbytes / 2**20:.1f} MiB of page-locked memory asked for on the host") from None
        self._bytes = np.ctypeslib.as_array(ctypes.cast(address, ctypes.POINTER(ctypes.c_uint8)), (nbytes,))
        weakref.finalize(self, device.free_host, address)

    @property
    def nbytes(self) -> int:
        """Its size in bytes."""
        return self._nbytes

    @property
    def address(self) -> int:
        """Where it begins."""
        return int(self._bytes.ctypes.data)

    def view(self, dtype: Any, count: int, offset: int = 0) -> NDArray[Any]:
        """Return ``count`` numbers from ``offset`` bytes behind the beginning, not copied."""
        numbers: NDArray[Any] = self._bytes[offset : offset + count * np.dtype(dtype).itemsize].view(dtype)
        return numbers


class NvidiaStream:
    """A stream that does not wait for the default one, in which all launches are."""

    def __init__(self, device: NvidiaDevice) -> None:
        self._device = device
        self._handle = device.driver("cuStreamCreate", _NON_BLOCKING)
        weakref.finalize(self, device.driver, "cuStreamDestroy", self._handle)

    def copy(self, memory: Memory, offset: int, nbytes: int, host: HostMemory) -> None:
        """Begin to copy."""
        if not nbytes:
            return
        target = host.view(np.uint8, nbytes, offset).ctypes.data
        self._device.enter()
        source = self._device.driver.api.CUdeviceptr(memory.address + offset)
        self._device.driver("cuMemcpyDtoHAsync", target, source, nbytes, self._handle)

    def wait(self) -> None:
        """Wait until all copies so far are done."""
        self._device.enter()
        self._device.driver("cuStreamSynchronize", self._handle)
