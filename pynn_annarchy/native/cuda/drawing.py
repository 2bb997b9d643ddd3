"""Connections drawn by the device, with the numbers that the host would draw."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .. import connect
from ..drawn import Distribution, Drawn
from .device import Device, Memory
from .layout import Words, uploaded, words
from .row_layout import THREADS, Lists, name_of
from .source import flattened

FUNCTIONS = ("find_extremes", "draw")
_DRAW_WORDS = 30
_KINDS = {"uniform": 1, "normal": 2}


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

    def __init__(self, device: Device) -> None:
        self.device = device
        self.program = device.compile(drawing_source(), tuple(name_of(f) for f in FUNCTIONS), exact=True)
        self.tables = [uploaded(device, table) for table in connect.ziggurat()]


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
        self._drawer, self._device, self.drawn, self.size = drawer, drawer.device, drawn, drawn.size
        device = drawer.device
        cells = [uploaded(device, numbers.astype(np.uint32)) for numbers in (drawn.pre, drawn.post)]
        begin = uploaded(device, drawn.begin)
        self._arrived = device.memory(8)
        self._kept = [*cells, begin]
        self._words: Words = [
            *(self._arrived.address, drawn.size, drawn.counts.size, begin.address, *(m.address for m in cells)),
            *(drawn.key, drawn.pre.size, *_words_of(drawn.weights), *_words_of(drawn.delays)),
            *(table.address for table in drawer.tables),
            float(drawn.dt_ms),
        ]

    def _run(self, function: str, *further: int) -> None:
        struct = uploaded(self._device, words([*self._words, *further]))
        assert struct.nbytes == 8 * _DRAW_WORDS
        self._arrived.fill(0)
        program = self._drawer.program
        grid = program.resident_blocks(name_of(function), THREADS)
        program.launch(name_of(function), grid, THREADS, (struct.address,), cooperative=True)
        self._device.synchronise()

    def sources(self) -> Memory:
        """Return the source of each, in order of their targets."""
        source = self._device.memory(4 * self.size)
        self._run("draw", source.address, 0, 0, 0, 0)
        return source

    def lists(self) -> Lists:
        """Return them in order of their targets."""
        n, drawn = self.size, self.drawn
        source, target = (self._device.memory(4 * n) for _ in range(2))
        weight = _given(self._device, drawn.weight, np.float64, n)
        delay = _given(self._device, drawn.delay_steps, np.uint16, n)
        self._run("draw", source.address, target.address, weight.address, delay.address, 0)
        return Lists(n, source, target, delay, weight, int(drawn.delay_steps is None), int(drawn.weight is None))

    @cached_property
    def extremes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The lowest and the highest weight, and delay in ms; of one that is not drawn, nothing.

        Raises
        ------
        RuntimeError
            If a number to be drawn again lies outside again and again.
        """
        found = uploaded(self._device, np.zeros(5, np.uint64))
        self._run("find_extremes", 0, 0, 0, 0, found.address)
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


def _words_of(given: float | Distribution) -> Words:
    if not isinstance(given, Distribution):
        return [0] * 7
    outside = connect.OUTSIDE.index(given.outside)
    a, b, low, high = (float(x) for x in (given.a, given.b, given.low, given.high))
    return [_KINDS[given.kind], given.key, a, b, outside, low, high]
