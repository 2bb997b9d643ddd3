"""Samples of a variable of continuous synapses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import core
from .recording import Sampled

if TYPE_CHECKING:
    from .rows import RowsProjection
    from .structure import Rearrangement


class RowsSignal(Sampled):
    """Some values of a variable of one projection; a column for each."""

    def __init__(
        self,
        projection: RowsProjection,
        variable: str,
        index: NDArray[np.int64],
        interval_steps: int,
        offset_steps: int = 0,
    ) -> None:
        self.projection = projection
        self.variable = variable
        number = list(projection.kernel.variables).index(variable)
        self._recorder = projection.network.rows_recorder(number, len(index), interval_steps)
        super().__init__(projection.network, index, np.float64, interval_steps, offset_steps)

    @property
    def recorder(self) -> core.RowsRecorder:
        """What the engine writes the samples by."""
        return self._recorder

    @property
    def index(self) -> NDArray[np.int64]:
        """Which of the variable's values."""
        return self._index

    def _now(self) -> NDArray[Any]:
        values, there = np.full(self._index.size, np.nan), self._index >= 0
        values[there] = self.projection.now(self.variable, self._index[there])
        return values

    def _followed(self, change: Rearrangement) -> NDArray[np.int64]:
        return self.projection.follow_index(self.variable, self._index, change)
