"""A device that is none: programs compiled by the C++ compiler, whose grids run as loops over their threads."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import build
from ..arrays import aligned_zeros
from ..toolchain import Toolchain
from .device import HostMemory, Launch, Memory
from .host_bytes import HostBytes

_QUICK = Toolchain(flags=("-O1",))  # what is emulated is tested, not timed
_EXACT = Toolchain(flags=("-O1", "-ffp-contract=off"))

_ENTRY = """
#include <stdint.h>
extern "C" __attribute__((visibility("default"))) void pa_emulate_{name}(uint32_t blocks, uint32_t width,
                                                                       const uint64_t* words) {{
  pa::cuda::emulated_blocks() = blocks;
  pa::cuda::emulated_width() = width;
  pa::cuda::call(&{name}, words);
}}
"""
_CALL = """
namespace pa {
namespace cuda {
template <class T>
T word(uint64_t value) {
  T result;
  static_assert(sizeof result == sizeof value, "arguments are 64-bit words");
  std::memcpy(&result, &value, sizeof result);
  return result;
}
template <class... T, size_t... k>
void call_all(void (*function)(T...), const uint64_t* words, std::index_sequence<k...>) {
  function(word<T>(words[k])...);
}
template <class... T>
void call(void (*function)(T...), const uint64_t* words) {
  call_all(function, words, std::make_index_sequence<sizeof...(T)>());
}
}  // namespace cuda
}  // namespace pa
"""


class EmulatedMemory:
    """Memory of this process."""

    def __init__(self, nbytes: int) -> None:
        self._bytes = aligned_zeros(nbytes, np.uint8)

    @property
    def address(self) -> int:
        """Where it begins."""
        return int(self._bytes.ctypes.data)

    @property
    def nbytes(self) -> int:
        """Its size in bytes."""
        return len(self._bytes)

    def upload(self, array: NDArray[Any], offset: int = 0) -> None:
        """Copy an array to ``offset`` bytes behind the beginning."""
        data = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        if offset < 0 or offset + data.size > self.nbytes:
            raise ValueError(f"{data.size} bytes at {offset}; there are {self.nbytes}")
        self._bytes[offset : offset + data.size] = data

    def download(self, dtype: Any, count: int, offset: int = 0) -> NDArray[Any]:
        """Return ``count`` numbers from ``offset`` bytes behind the beginning."""
        end = offset + count * np.dtype(dtype).itemsize
        if offset < 0 or count < 0 or end > self.nbytes:
            raise ValueError(f"{count} of {np.dtype(dtype)} at {offset}; there are {self.nbytes} bytes")
        numbers: NDArray[Any] = self._bytes[offset:end].copy().view(dtype)
        return numbers

    def fill(self, value: int = 0) -> None:
        """Set all bytes."""
        self._bytes[:] = value


class EmulatedStream:
    """Copies that are done when they have begun."""

    def copy(self, memory: Memory, offset: int, nbytes: int, host: HostMemory) -> None:
        """Copy at once."""
        host.view(np.uint8, nbytes, offset)[:] = memory.download(np.uint8, nbytes, offset)

    def wait(self) -> None:
        """Return."""


class EmulatedGraph:
    """Launches one after the other."""

    def __init__(self, program: EmulatedProgram, launches: Sequence[Launch]) -> None:
        self._program, self._launches = program, tuple(launches)

    def launch(self) -> None:
        """Run them all."""
        for launch in self._launches:
            self._program.launch(*launch)


class EmulatedProgram:
    """A shared library."""

    def __init__(self, path: str, blocks: int) -> None:
        self._library = ctypes.CDLL(path)
        self._blocks = blocks

    def resident_blocks(self, name: str, block: int) -> int:
        """As many as the device was made for."""
        return self._blocks

    def launch(
        self, name: str, grid: int, block: int, args: Sequence[int | np.integer[Any]], cooperative: bool = False
    ) -> None:
        """Run a function, all of its threads in turn."""
        words = np.array([int(word) & 0xFFFFFFFFFFFFFFFF for word in args], np.uint64)
        self._library[f"pa_emulate_{name}"](
            ctypes.c_uint32(grid), ctypes.c_uint32(block), ctypes.c_void_p(words.ctypes.data)
        )

    def graph(self, launches: Sequence[Launch]) -> EmulatedGraph:
        """Return these launches as one."""
        return EmulatedGraph(self, launches)


class EmulatedDevice:
    """A device of ``multiprocessors`` blocks, executed by one thread of the CPU."""

    def __init__(self, multiprocessors: int = 2, cooperative: bool = True) -> None:
        self._multiprocessors, self._cooperative = multiprocessors, cooperative

    @property
    def name(self) -> str:
        """What it is."""
        return "emulated by the CPU"

    @property
    def cooperative(self) -> bool:
        """As the device was made."""
        return self._cooperative

    @property
    def multiprocessors(self) -> int:
        """How many blocks a launch has."""
        return self._multiprocessors

    def compile(self, source: str, names: tuple[str, ...], *, exact: bool = False) -> EmulatedProgram:
        """Compile a program, or take it from the cache of compiled models."""
        entries = "".join(_ENTRY.format(name=name) for name in names)
        text = f"{source}\n#include <utility>\n{_CALL}{entries}"
        return EmulatedProgram(str(build.library(text, "double", _EXACT if exact else _QUICK)), self._multiprocessors)

    def memory(self, nbytes: int) -> EmulatedMemory:
        """Return new memory, which here is zero."""
        return EmulatedMemory(nbytes)

    def host_memory(self, nbytes: int) -> HostBytes:
        """Return memory of this process."""
        return HostBytes(aligned_zeros(nbytes, np.uint8))

    def stream(self) -> EmulatedStream:
        """Return a stream that waits for nothing."""
        return EmulatedStream()

    def synchronise(self) -> None:
        """Return: launches are done when they return."""
