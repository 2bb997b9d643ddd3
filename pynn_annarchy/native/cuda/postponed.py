"""Arrivals at synapses with state that were on their way when synapses were laid out anew."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .device import Device, Memory
from .layout import uploaded

Columns = tuple[
    NDArray[np.int64], NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.int32]
]  # event, event when sent, number of the synapse, repeat, delay from the event to the target's input


class Arrivals(NamedTuple):
    """Arrivals at synapses of one store, by place, in the order in which they act."""

    event: NDArray[np.int64]
    emitted: NDArray[np.int64]
    synapse: NDArray[np.int64]
    repeat: NDArray[np.int64]
    delay: NDArray[np.int64]

    def of(self, which: NDArray[np.bool_]) -> Arrivals:
        """Return some of them."""
        return Arrivals(*(column[which] for column in self))


NO_ARRIVALS = Arrivals(*(np.empty(0, np.int64) for _ in range(5)))


def joined(parts: list[Arrivals]) -> Arrivals:
    """Return arrivals in order of their events, those of one event in the order given."""
    together = Arrivals(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    order = np.argsort(together.event, kind="stable")
    return Arrivals(*(column[order] for column in together))


def uploaded_arrivals(device: Device, arrivals: Arrivals, delay: NDArray[np.int64]) -> tuple[int, list[Memory]]:
    """Return the number of groups and the tables of `pa::cuda::Postponed`; ``delay`` is the synapses' own."""
    order = np.lexsort((np.arange(arrivals.event.size), arrivals.synapse, arrivals.event))
    event, synapse = arrivals.event[order], arrivals.synapse[order]
    begins = np.ones(event.size, bool)
    begins[1:] = (event[1:] != event[:-1]) | (synapse[1:] != synapse[:-1])
    first = np.flatnonzero(begins)
    shift = arrivals.delay[order] - delay[synapse]
    ends = np.append(first, event.size)
    columns = (event[first], synapse[first], ends, arrivals.emitted[order], arrivals.repeat[order], shift)
    return first.size, [uploaded(device, column.astype(np.int64)) for column in columns]
