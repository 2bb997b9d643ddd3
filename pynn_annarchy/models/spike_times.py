"""Schedules of spikes, for `SpikeSourceArray`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from pyNN.parameters import Sequence

__all__ = ["sorted_spike_times"]


def sorted_spike_times(schedule: Iterable[Iterable[float]]) -> list[Sequence]:
    """Return each cell's spike times in ascending order, as `SpikeSourceArray` takes them.

    PyNN demands an error for times that are not in order: they may be a mistake. This says that they are not.

    Parameters
    ----------
    schedule
        For each cell its spike times in ms, in any order and as many in one time step as one likes.

    Raises
    ------
    TypeError
        If it is not a sequence of sequences of numbers.

    Examples
    --------
    >>> import pyNN.annarchy as sim
    >>> rank = sim.setup()
    >>> times = sim.sorted_spike_times([[30.0, 10.0, 10.4], [5.0]])
    >>> cells = sim.Population(2, sim.SpikeSourceArray(spike_times=times))
    >>> cells[0].spike_times.value.tolist()
    [10.0, 10.4, 30.0]
    """
    try:
        rows = [np.sort(np.asarray(list(times), dtype=float)) for times in schedule]
    except (TypeError, ValueError):
        raise TypeError(f"{schedule!r} is not a sequence of spike times for each cell") from None
    return [Sequence(row) for row in rows]
