"""Samples of a variable of synapses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import core
from .recording import Sampled

if TYPE_CHECKING:
    from .plastic import PlasticProjection


class SynapseSignal(Sampled):
    """A variable of some synapses of one projection; a column for each."""

    def __init__(
        self,
        projection: PlasticProjection,
        variable: int,
        index: NDArray[np.int64],
        interval_steps: int,
        offset_steps: int = 0,
    ) -> None:
        self.projection = projection
        self._variable = variable
        self._recorder = projection.network.synapse_recorder(variable, len(index), interval_steps)
        super().__init__(projection.network, index, np.float64, interval_steps, offset_steps)

    @property
    def recorder(self) -> core.SynapseRecorder:
        """What the engine writes the samples by."""
        return self._recorder

    @property
    def index(self) -> NDArray[np.int64]:
        """Which synapses of the projection."""
        return self._index

    def _now(self) -> NDArray[Any]:
        values, there = np.full(self._index.size, np.nan), self._index >= 0
        values[there] = self.projection.network.synapses.read(self.projection, self._variable, self._index[there])
        return values
