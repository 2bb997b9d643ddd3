"""Connections that the host draws when it lays them out, so that there are never lists of them."""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from . import connect
from .arrays import words
from .drawn import Choice, Drawn
from .drawn_words import DRAWN_WORDS, Words, words_of_connections, words_of_sources
from .recall import MIN_RECALLED

Extremes = tuple[NDArray[np.float64], NDArray[np.float64]]


class AnyDrawing(Protocol):
    """Connections of one projection on their way into rows, drawn by the host or a device."""

    @property
    def drawn(self) -> Drawn:
        """What they are drawn from."""

    @property
    def extremes(self) -> Extremes:
        """The lowest and the highest weight, and delay in ms; of one that is not drawn, nothing."""


class AnyDrawer(Protocol):
    """What draws connections."""

    @property
    def fewest(self) -> int:
        """How many there have to be to be drawn as they are laid out; fewer are drawn at once."""

    def counts(self, sources: Choice) -> NDArray[np.int64]:
        """Return how many connections each post-synaptic cell will have."""

    def drawing(self, drawn: Drawn) -> AnyDrawing:
        """Prepare connections; nothing is drawn yet."""


class Drawer:
    """The host's.

    Parameters
    ----------
    threads
        How many may work; what comes out does not depend on it.
    """

    fewest = MIN_RECALLED

    def __init__(self, threads: int) -> None:
        self._threads = threads

    def counts(self, sources: Choice) -> NDArray[np.int64]:
        """Return how many connections each post-synaptic cell will have."""
        if sources.counts is not None:
            return sources.counts
        barred = sources.barred.astype(np.int64)
        columns = _columns(words_of_sources(sources, barred.ctypes.data), [barred])
        return columns.count_probable(self._threads)

    def drawing(self, drawn: Drawn) -> Drawing:
        """Prepare connections; nothing is drawn yet."""
        return Drawing(drawn, self._threads)


class Drawing:
    """The connections of one projection, drawn by whoever asks for them.

    Parameters
    ----------
    drawn
        What they are drawn from.
    threads
        How many may work.
    """

    def __init__(self, drawn: Drawn, threads: int) -> None:
        self.drawn, self._threads = drawn, threads
        pre, post = (np.ascontiguousarray(cells, np.uint32) for cells in (drawn.pre, drawn.post))
        begin, barred = drawn.begin, drawn.sources.barred.astype(np.int64)
        at = {
            "begin": begin.ctypes.data,
            "pre": pre.ctypes.data,
            "post": post.ctypes.data,
            "barred": barred.ctypes.data,
        }
        self._columns = _columns(words_of_connections(drawn, **at), [begin, pre, post, barred])

    @property
    def address(self) -> int:
        """Of a `pa::SynapseColumns`, for as long as this is there."""
        return self._columns.address

    @cached_property
    def extremes(self) -> Extremes:
        """The lowest and the highest weight, and delay in ms; of one that is not drawn, nothing.

        Raises
        ------
        RuntimeError
            If a number to be drawn again lies outside again and again.
        """
        drawn = self.drawn
        return self._extremes(drawn.weight is None, False), self._extremes(drawn.delay_steps is None, True)

    def _extremes(self, is_drawn: bool, of_delays: bool) -> NDArray[np.float64]:
        if not is_drawn:
            return np.empty(0)
        found = self._columns.extremes(of_delays, self._threads)
        if found is None:
            raise RuntimeError("normal_clipped: a number was outside 1000 times")
        return np.array(found)


def _columns(found: Words, kept: list[NDArray[np.generic]]) -> connect.DrawnColumns:
    tables = connect.ziggurat()
    width, height = (table.ctypes.data for table in tables)
    known = {**dict.fromkeys(DRAWN_WORDS, 0), **found, "width": width, "height": height}
    return connect.DrawnColumns(words([known[name] for name in DRAWN_WORDS]), [*kept, *tables])
