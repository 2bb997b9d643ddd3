"""What scripts for sPyNNaker ask for: recorded data as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .recording import SPIKES

Numbers = NDArray[np.float64]


class SpinnakerData:
    """The additional method of sPyNNaker's populations and views."""

    get_data: Any

    def spinnaker_get_data(
        self, variable: str | Sequence[str], as_matrix: bool = False, view_indexes: Sequence[int] | None = None
    ) -> Numbers:
        """Return what was recorded since the last `reset()` as an array.

        Parameters
        ----------
        variable
            The name of one variable, or a list with one name.
        as_matrix
            Whether to return one row for each sample and one column for each cell; has no meaning for spikes.
        view_indexes
            Indices of cells in the population, if only these are wanted.

        Returns
        -------
        array
            Rows of cell and time for spikes, of cell, time and value for others; ordered by cell, then by time. Cells
            are given by their indices in the population, times in ms.
        """
        names = [variable] if isinstance(variable, str) else list(variable)
        if len(names) != 1:
            raise ValueError(f"spinnaker_get_data() returns one variable at a time, not {variable!r}")
        data = self.get_data(names)
        segments = data.segments[-1:]
        if names[0] == SPIKES:
            return _chosen(_spikes(segments), view_indexes)
        signals = [signal for segment in segments for signal in segment.analogsignals]
        if as_matrix:
            return _matrix(names[0], signals, view_indexes)
        rows = np.concatenate([np.empty((0, 3)), *map(_samples, signals)])
        return _chosen(rows[np.lexsort((rows[:, 1], rows[:, 0]))], view_indexes)


def _spikes(segments: Sequence[Any]) -> Numbers:
    trains = [train for segment in segments for train in segment.spiketrains]
    cells = [np.full(train.size, train.annotations["source_index"]) for train in trains]
    times = [train.rescale("ms").magnitude for train in trains]
    rows = np.column_stack((np.concatenate([[], *cells]), np.concatenate([[], *times])))
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))]


def _samples(signal: Any) -> Numbers:
    cells, values = signal.array_annotations["channel_index"], signal.magnitude
    times = signal.times.rescale("ms").magnitude
    return np.column_stack((np.repeat(cells, len(times)), np.tile(times, len(cells)), values.T.ravel()))


def _matrix(variable: str, signals: Sequence[Any], indexes: Sequence[int] | None) -> Numbers:
    if len(signals) != 1:
        raise ValueError(
            f"as_matrix: {variable} was recorded as {len(signals)} signals, which do not make one matrix; get_data() "
            "returns them all"
        )
    values: Numbers = signals[0].magnitude
    return values if indexes is None else values[:, np.isin(signals[0].array_annotations["channel_index"], indexes)]


def _chosen(rows: Numbers, indexes: Sequence[int] | None) -> Numbers:
    return rows if indexes is None else rows[np.isin(rows[:, 0], indexes)]
