"""Connections drawn by the device, with the numbers that the host would draw."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .. import connect
from ..arrays import words
from ..drawn import Choice, Drawn
from ..drawn_words import DRAWN_WORDS, words_of_connections, words_of_sources
from .device import Device, Memory
from .layout import uploaded
from .row_layout import THREADS, Lists, name_of
from .source import flattened

FUNCTIONS = ("find_extremes", "count_probable", "draw_sources", "draw_values")
_WORDS = (
    "arrived",
    *DRAWN_WORDS,
    *("marks", "choosers", "count", "source", "target", "given_weight", "steps", "extremes"),
)
_MARKED_BYTES = 1 << 28  # at most, by which different cells are chosen for many cells side by side


def drawing_source() -> str:
    """Return the program, which is the same for all networks."""
    functions = "".join(
        f'extern "C" PA_GLOBAL void {name_of(function)}(const pa::cuda::Draw* draw) {{\n'
        "  const pa::cuda::Draw all = *draw;\n"
        f"  pa::cuda::{function}(pa::cuda::Grid{{all.arrived}}, all);\n}}\n"
        for function in FUNCTIONS
    )
    headers = '#include "cuda/standard.cuh"\n#include "cuda/device_drawn.cuh"\n'
    return flattened(f"#define PA_ON_DEVICE 1\n{headers}{functions}")


class Drawer:
    """The program on a device, and what all drawings have in common."""

    fewest = 1

    def __init__(self, device: Device) -> None:
        self.device = device
        self._program = device.compile(drawing_source(), tuple(name_of(f) for f in FUNCTIONS), exact=True)
        self._tables = [uploaded(device, table) for table in connect.ziggurat()]
        self._arrived = device.memory(8)

    def run(self, function: str, values: Mapping[str, int | float]) -> None:
        """Run a function over a struct with these words, and 0 for others."""
        width, height = (table.address for table in self._tables)
        known: dict[str, int | float] = dict.fromkeys(_WORDS, 0)
        known |= {"arrived": self._arrived.address, "width": width, "height": height, **values}
        if len(known) != len(_WORDS):
            raise KeyError(f"none of {', '.join(_WORDS)}: {', '.join(known.keys() - set(_WORDS))}")
        struct = uploaded(self.device, words(list(known.values())))
        self._arrived.fill(0)
        grid = self._program.resident_blocks(name_of(function), THREADS)
        self._program.launch(name_of(function), grid, THREADS, (struct.address,), cooperative=True)
        self.device.synchronise()

    def counts(self, sources: Choice) -> NDArray[np.int64]:
        """Return how many connections each post-synaptic cell will have."""
        if sources.counts is not None:
            return sources.counts
        n = sources.barred.size
        barred, count = uploaded(self.device, sources.barred.astype(np.int64)), self.device.memory(4 * n)
        self.run("count_probable", {**words_of_sources(sources, barred.address), "count": count.address})
        return count.download(np.uint32, n).astype(np.int64)

    def drawing(self, drawn: Drawn) -> Drawing:
        """Prepare connections; nothing is drawn yet."""
        return Drawing(self, drawn)


class Drawing:
    """The connections of one projection on their way into rows.

    Parameters
    ----------
    drawer
        Which draws them.
    drawn
        What they are drawn from.
    """

    def __init__(self, drawer: Drawer, drawn: Drawn) -> None:
        self._drawer, self.drawn, self.size = drawer, drawn, drawn.size
        numbers = (drawn.pre.astype(np.uint32), drawn.post.astype(np.uint32), drawn.begin)
        self._kept = [uploaded(drawer.device, a) for a in (*numbers, drawn.sources.barred.astype(np.int64))]
        names = ("pre", "post", "begin", "barred")
        addresses = {name: memory.address for name, memory in zip(names, self._kept, strict=True)}
        self._words = words_of_connections(drawn, **addresses)

    def sources(self) -> Memory:
        """Return the source of each, in order of their targets."""
        device, drawn = self._drawer.device, self.drawn
        source = device.memory(4 * self.size)
        marks, choosers = device.memory(8), 0
        if drawn.sources.rule == "different":
            each = 8 * (drawn.pre.size // 64 + 1)
            choosers = min(drawn.counts.size, max(_MARKED_BYTES // each, 1))
            marks = device.memory(choosers * each)
            marks.fill(0)
        further = {"source": source.address, "marks": marks.address, "choosers": choosers}
        self._drawer.run("draw_sources", {**self._words, **further})
        return source

    def lists(self) -> Lists:
        """Return them in order of their targets."""
        n, drawn, device = self.size, self.drawn, self._drawer.device
        source, target = self.sources(), device.memory(4 * n)
        weight = _given(device, drawn.weight, np.float64, n)
        delay = _given(device, drawn.delay_steps, np.uint16, n)
        further = {"target": target.address, "given_weight": weight.address, "steps": delay.address}
        self._drawer.run("draw_values", {**self._words, **further})
        return Lists(n, source, target, delay, weight, int(drawn.delay_steps is None), int(drawn.weight is None))

    @cached_property
    def extremes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The lowest and the highest weight, and delay in ms; of one that is not drawn, nothing.

        Raises
        ------
        RuntimeError
            If a number to be drawn again lies outside again and again.
        """
        found = uploaded(self._drawer.device, np.zeros(5, np.uint64))
        self._drawer.run("find_extremes", {**self._words, "extremes": found.address})
        numbers = found.download(np.uint64, 5)
        if numbers[4]:
            raise RuntimeError("normal_clipped: a number was outside 1000 times")
        numbers[[0, 2]] = ~numbers[[0, 2]]
        positive = numbers >> np.uint64(63) != 0
        values = np.where(positive, numbers ^ np.uint64(1 << 63), ~numbers).view(np.float64)
        drawn = self.drawn
        return values[: 2 * (drawn.weight is None)], values[2 : 2 + 2 * (drawn.delay_steps is None)]


def _given(device: Device, value: float | None, kind: type[np.generic], n: int) -> Memory:
    """Return room for as many numbers, or the one that all have."""
    if value is None:
        return device.memory(n * np.dtype(kind).itemsize)
    return uploaded(device, np.array([value], kind))
