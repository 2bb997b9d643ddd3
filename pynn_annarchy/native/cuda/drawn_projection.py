"""Static synapses that the device draws by itself; the host draws the same when somebody asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from ..projection import Projection
from ..recall import Recall
from .drawing import Drawing

if TYPE_CHECKING:
    from .network import CudaNetwork


class DrawnProjection(Projection):
    """As `Projection`. Changes between runs are made to lists that the host has drawn, and keeps from then on.

    Parameters
    ----------
    network
        Which it is part of.
    drawing
        How the device draws its synapses.
    receptor
        What they act on.
    delay_range_steps
        The shortest and the longest delay.

    Attributes
    ----------
    post
        The numbers of all post-synaptic cells, connected or not.
    """

    def __init__(self, network: CudaNetwork, drawing: Drawing, receptor: str,
                 delay_range_steps: tuple[int, int]) -> None:  # fmt: skip
        drawn = drawing.drawn
        nobody = np.empty(0, np.uint32)
        super().__init__(network, nobody, nobody, receptor, 0.0, 1)
        self.size, self.delay_range_steps = drawn.size, delay_range_steps
        self._lists, self._recall = None, cast(Recall, drawn)  # whose lists are asked for in the same way
        self._drawing = drawing
        self.post = drawn.post

    @property
    def drawing(self) -> Drawing | None:
        """How the device draws them; None if they have been changed."""
        return self._drawing if self._recall is not None else None
