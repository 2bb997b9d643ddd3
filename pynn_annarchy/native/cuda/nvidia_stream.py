"""Copies from a GPU of NVIDIA's while it computes: page-locked memory, and a stream of their own."""

from __future__ import annotations

import ctypes
import weakref
from typing import TYPE_CHECKING

import numpy as np

from .device import HostMemory, Memory
from .host_bytes import HostBytes
from .layout import at

if TYPE_CHECKING:
    from .nvidia import NvidiaDevice

_NON_BLOCKING = 1  # of CUstream_flags


class NvidiaHostMemory(HostBytes):
    """Page-locked memory, which a copy engine of the GPU reads and writes by itself."""

    def __init__(self, device: NvidiaDevice, nbytes: int) -> None:
        try:
            address = int(device.driver("cuMemHostAlloc", nbytes, 0))
        except MemoryError:
            raise MemoryError(f"{nbytes / 2**20:.1f} MiB of page-locked memory asked for on the host") from None
        super().__init__(at(address, ctypes.c_uint8, nbytes))
        weakref.finalize(self, device.free_host, address)


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
