"""A GPU of NVIDIA's, through its driver."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DeviceError
from .device import Launch
from .driver import Driver, load
from .nvidia_graph import NvidiaGraph, argument_words
from .nvidia_stream import NvidiaHostMemory, NvidiaStream
from .program_cache import Nvrtc

_MULTIPROCESSORS, _MAJOR, _MINOR, _COOPERATIVE = 16, 75, 76, 95  # of CUdevice_attribute


class NvidiaMemory:
    """Device memory."""

    def __init__(self, device: NvidiaDevice, nbytes: int) -> None:
        self._device, self._nbytes = device, nbytes
        driver = device.driver
        try:
            pointer = driver("cuMemAlloc", nbytes)
        except MemoryError:
            free, total = driver("cuMemGetInfo")
            raise MemoryError(
                f"{nbytes / 2**20:.1f} MiB asked for on {device.name}: {free / 2**20:.1f} of {total / 2**20:.1f} MiB "
                "are free. A smaller network, or precision='mixed' or 'single', takes less"
            ) from None
        self._address = int(pointer)
        weakref.finalize(self, device.free, pointer)

    @property
    def address(self) -> int:
        """Where it begins."""
        return self._address

    @property
    def nbytes(self) -> int:
        """Its size in bytes."""
        return self._nbytes

    def _at(self, offset: int, size: int) -> Any:
        if offset < 0 or size < 0 or offset + size > self._nbytes:
            raise ValueError(f"{size} bytes at {offset}; there are {self._nbytes}")
        self._device.enter()
        return self._device.driver.api.CUdeviceptr(self._address + offset)

    def upload(self, array: NDArray[Any], offset: int = 0) -> None:
        """Copy an array to ``offset`` bytes behind the beginning."""
        data = np.ascontiguousarray(array)
        if data.nbytes:
            self._device.driver("cuMemcpyHtoD", self._at(offset, data.nbytes), data.ctypes.data, data.nbytes)

    def download(self, dtype: Any, count: int, offset: int = 0) -> NDArray[Any]:
        """Return ``count`` numbers from ``offset`` bytes behind the beginning."""
        numbers: NDArray[Any] = np.empty(count, dtype)
        if numbers.nbytes:
            self._device.driver("cuMemcpyDtoH", numbers.ctypes.data, self._at(offset, numbers.nbytes), numbers.nbytes)
        return numbers

    def fill(self, value: int = 0) -> None:
        """Set all bytes."""
        self._device.driver("cuMemsetD8", self._at(0, self._nbytes), value, self._nbytes)


class NvidiaProgram:
    """A module of device code."""

    def __init__(self, device: NvidiaDevice, code: bytes, names: tuple[str, ...]) -> None:
        self._device = device
        device.enter()
        self._module = device.driver("cuModuleLoadData", code)
        self._functions = {name: device.driver("cuModuleGetFunction", self._module, name.encode()) for name in names}

    def resident_blocks(self, name: str, block: int) -> int:
        """How many blocks of a function can be resident at the same time."""
        self._device.enter()
        each = self._device.driver("cuOccupancyMaxActiveBlocksPerMultiprocessor", self._functions[name], block, 0)
        return int(each) * self._device.multiprocessors

    def launch(
        self, name: str, grid: int, block: int, args: Sequence[int | np.integer[Any]], cooperative: bool = False
    ) -> None:
        """Start a function."""
        self._device.enter()
        _words, pointers = argument_words(args)
        shape = (grid, 1, 1, block, 1, 1, 0, 0)  # no shared memory beyond what is declared; the default stream
        function, parameters = self._functions[name], pointers.ctypes.data
        if cooperative:
            self._device.driver("cuLaunchCooperativeKernel", function, *shape, parameters)
        else:
            self._device.driver("cuLaunchKernel", function, *shape, parameters, 0)

    def graph(self, launches: Sequence[Launch]) -> NvidiaGraph:
        """Return these launches as one."""
        self._device.enter()
        return NvidiaGraph(self._device, self._functions, launches)


class NvidiaDevice:
    """A GPU.

    Parameters
    ----------
    index
        Which, from 0, in the driver's order.
    driver, nvrtc
        What stands for them, in tests.

    Raises
    ------
    DeviceError
        If it is not there.
    """

    def __init__(self, index: int = 0, driver: Driver | None = None, nvrtc: Nvrtc | None = None) -> None:
        self.driver = load() if driver is None else driver
        count = self.driver.count()
        if index >= count:
            known = ", ".join(f"cuda:{k} ({self._name_of(k)})" for k in range(count))
            raise DeviceError(f"there is no GPU {index}; there are {known}")
        self.index = index
        self._handle = self.driver("cuDeviceGet", index)
        self._name = self._name_of(index)
        self._multiprocessors = self._attribute(_MULTIPROCESSORS)
        self._nvrtc = nvrtc
        self._context: Any = None  # made when it is first needed: it takes memory, and half a second

    def _name_of(self, index: int) -> str:
        name = self.driver("cuDeviceGetName", 256, self.driver("cuDeviceGet", index))
        return bytes(name).split(b"\0")[0].decode(errors="replace").strip()

    def _attribute(self, number: int) -> int:
        return int(self.driver("cuDeviceGetAttribute", self._attribute_type(number), self._handle))

    def _attribute_type(self, number: int) -> Any:
        return self.driver.api.CUdevice_attribute(number)

    @property
    def name(self) -> str:
        """What it is."""
        return self._name

    @property
    def multiprocessors(self) -> int:
        """How many it has."""
        return self._multiprocessors

    @property
    def cooperative(self) -> bool:
        """Whether the threads of a launch can wait for each other."""
        return bool(self._attribute(_COOPERATIVE))

    @property
    def compute_capability(self) -> tuple[int, int]:
        """Its generation."""
        return self._attribute(_MAJOR), self._attribute(_MINOR)

    @property
    def memory_bytes(self) -> int:
        """All of its memory."""
        return int(self.driver("cuDeviceTotalMem", self._handle))

    def enter(self) -> None:
        """Make this thread's calls go to the device."""
        if self._context is None:
            self._context = self.driver("cuDevicePrimaryCtxRetain", self._handle)
            weakref.finalize(self, self.driver, "cuDevicePrimaryCtxRelease", self._handle)
        self.driver("cuCtxSetCurrent", self._context)

    def free(self, pointer: Any) -> None:
        """Give memory back."""
        self.enter()
        self.driver("cuMemFree", pointer)

    def compile(self, source: str, names: tuple[str, ...], *, exact: bool = False) -> NvidiaProgram:
        """Compile a program, or take it from the cache."""
        self._nvrtc = self._nvrtc or Nvrtc()
        major, minor = self.compute_capability
        return NvidiaProgram(self, self._nvrtc.cubin(source, f"sm_{major}{minor}", exact=exact), names)

    def memory(self, nbytes: int) -> NvidiaMemory:
        """Return new memory."""
        self.enter()
        return NvidiaMemory(self, nbytes)

    def free_host(self, address: int) -> None:
        """Give page-locked memory back."""
        self.enter()
        self.driver("cuMemFreeHost", address)

    def host_memory(self, nbytes: int) -> NvidiaHostMemory:
        """Return page-locked memory."""
        self.enter()
        return NvidiaHostMemory(self, nbytes)

    def stream(self) -> NvidiaStream:
        """Return a new stream."""
        self.enter()
        return NvidiaStream(self)

    def synchronise(self) -> None:
        """Wait until all launches are done."""
        self.enter()
        self.driver("cuCtxSynchronize")
