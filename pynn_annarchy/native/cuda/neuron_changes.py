"""What synapses with state add to neurons: `pa::cuda::NeuronChange` of csrc/cuda/device_plastic.cuh."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .device import Device, Memory
from .layout import Words, uploaded, words


class Additions(NamedTuple):
    """Values of one variable of synapses, on their way to a state variable of neurons of a block."""

    block: int
    state: int
    position: NDArray[np.int64]  # of the neuron
    number: NDArray[np.int64]  # of the synapse in the network
    variable: NDArray[np.int64]
    address: NDArray[np.uint64]  # of the value in device memory


def uploaded_changes(device: Device, additions: Iterable[Additions]) -> tuple[int, list[Memory]]:
    """Return how many `NeuronChange` there are, and memory, that of the structs first.

    Values that go to one neuron are in the order of `NeuronChanges::apply`: of synapses, then of variables.
    """
    targets: dict[tuple[int, int], list[Additions]] = {}
    for one in additions:
        targets.setdefault((one.block, one.state), []).append(one)
    table: Words = []
    kept: list[Memory] = []
    for (block, state), parts in sorted(targets.items()):
        position, number, variable = (np.concatenate([part[k] for part in parts]) for k in (2, 3, 4))
        address = np.concatenate([part.address for part in parts])
        order = np.lexsort((variable, number, position))
        position, begin = np.unique(position[order], return_index=True)
        arrays = (position.astype(np.uint32), np.append(begin, order.size).astype(np.uint64), address[order])
        memories = [uploaded(device, array) for array in arrays]
        kept += memories
        table += [block, state, position.size, *(memory.address for memory in memories)]
    return len(targets), [uploaded(device, words(table)), *kept]
