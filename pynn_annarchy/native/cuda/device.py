"""What the engine asks of a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

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


class Device(Protocol):
    """A GPU, or what stands for one."""

    @property
    def name(self) -> str:
        """What it is, to be read."""

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

    def synchronise(self) -> None:
        """Wait until all launches are done; raise what went wrong in them."""
