"""What the engine asks of a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Memory(Protocol):
    """A piece of device memory; freed when nothing refers to it any more."""

    @property
    def address(self) -> int:
        """Where it begins, as device code sees it; a multiple of 256."""

    @property
    def nbytes(self) -> int:
        """Its size in bytes."""

    def upload(self, array: NDArray[Any], offset: int = 0) -> None:
        """Copy a contiguous array to ``offset`` bytes behind the beginning; the array may be changed on return."""

    def download(self, dtype: Any, count: int, offset: int = 0) -> NDArray[Any]:
        """Return ``count`` numbers from ``offset`` bytes behind the beginning, when earlier launches are done."""

    def fill(self, value: int = 0) -> None:
        """Set all bytes to a value from 0 to 255."""


class HostMemory(Protocol):
    """A piece of the host's memory that a device copies to while it does other things."""

    @property
    def nbytes(self) -> int:
        """Its size in bytes."""

    def view(self, dtype: Any, count: int, offset: int = 0) -> NDArray[Any]:
        """Return ``count`` numbers from ``offset`` bytes behind the beginning, not copied."""


class Stream(Protocol):
    """Copies that do not wait for launches, nor launches for them."""

    def copy(self, memory: Memory, offset: int, nbytes: int, host: HostMemory) -> None:
        """Begin to copy bytes from ``offset`` to the same offset of the host's memory; what wrote them is done."""

    def wait(self) -> None:
        """Wait until all copies so far are done."""


class Launch(NamedTuple):
    """A function, its grid, and its arguments as of `Program.launch`."""

    name: str
    grid: int
    block: int
    args: tuple[int, ...]


class Graph(Protocol):
    """Launches that are made together, each when the one before is done."""

    def launch(self) -> None:
        """Start them; returns before they are done."""


class Program(Protocol):
    """Device code that was compiled and loaded."""

    def resident_blocks(self, name: str, block: int) -> int:
        """How many blocks of ``block`` threads of a function can be resident at the same time: the largest grid that a
        cooperative launch may have."""

    def launch(
        self, name: str, grid: int, block: int, args: Sequence[int | np.integer[Any]], cooperative: bool = False
    ) -> None:
        """Start a function with ``grid`` blocks of ``block`` threads; returns before it is done.

        Each argument is passed as one 64-bit word (addresses, and signed or unsigned whole numbers).
        """

    def graph(self, launches: Sequence[Launch]) -> Graph:
        """Return these launches as one."""


class Device(Protocol):
    """A GPU, or what stands for one."""

    @property
    def name(self) -> str:
        """What it is, to be read."""

    @property
    def cooperative(self) -> bool:
        """Whether the threads of a launch can wait for each other."""

    @property
    def multiprocessors(self) -> int:
        """How many blocks run at the same time."""

    def compile(self, source: str, names: tuple[str, ...], *, exact: bool = False) -> Program:
        """Compile and load a text that includes nothing; ``names`` are the functions that will be launched.

        ``exact``: products and sums are rounded one after the other, never fused, so that they are those of the host.

        Raises
        ------
        CompilerError
            With what the compiler wrote.
        """

    def memory(self, nbytes: int) -> Memory:
        """Return new memory of at least one byte; what it holds is not specified.

        Raises
        ------
        MemoryError
            With how much was asked for and how much there is.
        """

    def host_memory(self, nbytes: int) -> HostMemory:
        """Return at least one byte of the host's memory.

        Raises
        ------
        MemoryError
            If there is no room.
        """

    def stream(self) -> Stream:
        """Return a new stream."""

    def synchronise(self) -> None:
        """Wait until all launches are done; raise what went wrong in them."""
