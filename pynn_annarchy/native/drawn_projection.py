"""Static synapses that are drawn as they are laid out; there are lists of them only if somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from .drawn_columns import AnyDrawing
from .projection import MAX_DELAY_STEPS, Projection
from .recall import Box, Recall

if TYPE_CHECKING:
    from . import core
    from .network import Network


class DrawnProjection(Projection):
    """As `Projection`. Changes between runs are made to lists, which are drawn for that and kept from then on.

    Parameters
    ----------
    network
        Which it is part of.
    drawing
        How the synapses are drawn.
    receptor
        What they act on.

    Attributes
    ----------
    post
        The numbers of all post-synaptic cells, connected or not.

    Raises
    ------
    ValueError
        If a neuron cannot be a source, or has no such receptor, or if a weight or a delay is out of range.
    """

    def __init__(self, network: Network, drawing: AnyDrawing, receptor: str) -> None:
        drawn = drawing.drawn
        some = max(drawn.pre.size, drawn.post.size)  # pairs in which each cell is
        network.connected(np.resize(drawn.pre, some), np.resize(drawn.post, some), receptor)
        nobody = np.empty(0, np.uint32)
        super().__init__(network, nobody, nobody, receptor, 0.0, 1)
        self.size, self.delay_range_steps = drawn.size, _delay_range_steps(drawing)
        self._lists, self._recall = None, cast(Recall, drawn)  # whose lists are asked for in the same way
        self._drawing = drawing
        self.post = drawn.post

    @property
    def drawing(self) -> AnyDrawing | None:
        """How they are drawn; None if they have been changed."""
        return self._drawing if self._recall is not None else None

    @property
    def box(self) -> Box:
        """Bounds of sources and targets, as of `Lists`; of all cells, connected or not, while nothing is changed."""
        if self.drawing is None:
            return super().box
        pre, post = self._drawing.drawn.pre, self.post
        return int(pre.min()), int(pre.max()) + 1, int(post.min()), int(post.max()) + 1

    def now_in(self, store: core.Store, receptor: list[int]) -> None:
        """Get lists back from a store that can tell the synapses from all others: faster than drawing them again.

        Parameters
        ----------
        receptor
            The input of each block.
        """
        drawn, none = self._drawing.drawn, np.empty(0, np.uint32)
        ascending = all((cells[1:] > cells[:-1]).all() for cells in (drawn.pre, drawn.post))
        if ascending and not drawn.has_repeats:  # whose order by age a store does not know
            numbers = drawn.weight, drawn.delay_steps
            self._recall = Recall(store, drawn.size, self.box, tuple(receptor), *numbers, none, none)

    def drawing_for(self, inputs: list[int]) -> AnyDrawing | None:
        """How they are drawn, if nothing is changed and all cells have that input of their blocks."""
        heard = np.array(inputs)[self._network.block_numbers(self.post)] >= 0
        return self.drawing if bool(heard.all()) else None


def _delay_range_steps(drawing: AnyDrawing) -> tuple[int, int]:
    drawn = drawing.drawn
    weights, delays = drawing.extremes
    if not np.isfinite(weights).all():
        raise ValueError("weights have to be finite")
    steps: NDArray[np.float64] | list[int]
    steps = np.floor(delays / drawn.dt_ms + 0.5 + 1e-9) if drawn.delay_steps is None else [drawn.delay_steps] * 2
    shortest, longest = (int(number) for number in steps)
    if shortest < 1 or longest > MAX_DELAY_STEPS:
        raise ValueError(f"delays of {shortest} to {longest} steps; allowed are 1 to {MAX_DELAY_STEPS}")
    return shortest, longest
