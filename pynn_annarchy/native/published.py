"""What neurons show to others in every step: variables at the last step boundaries, and reductions of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import aligned_zeros
from .block import Block

OPERATIONS = ("sum", "mean", "max", "min", "norm1", "norm2")  # numbered as in csrc/reduction.h
Reduction = tuple[int, int, NDArray[np.uint32]]  # operation, number of the variable, neurons


class Published:
    """The memory of published variables, and the list of reductions.

    Parameters
    ----------
    slots
        Number of step boundaries that are kept.
    """

    def __init__(self, slots: int, n_neurons: int, real: type[np.floating[Any]]) -> None:
        self.slots = slots
        self._n_neurons = n_neurons
        self._real = real
        self._arrays: dict[str, NDArray[Any]] = {}  # [slots, neurons]
        self._blocks: dict[str, set[int]] = {}
        self._reductions: dict[tuple[str, str, int, int, int], int] = {}
        self.reductions: list[Reduction] = []

    def variable(self, name: str, blocks: set[int]) -> int:
        """Publish a state variable of the neurons of these blocks; returns its number."""
        if name not in self._arrays:
            flat = aligned_zeros(self.slots * self._n_neurons, self._real)
            self._arrays[name] = flat.reshape(self.slots, self._n_neurons)
        self._blocks.setdefault(name, set()).update(blocks)
        return list(self._arrays).index(name)

    def reduction(self, operation: str, name: str, neurons: NDArray[np.uint32], blocks: set[int]) -> int:
        """Reduce a variable of these neurons in every step; returns the reduction's number."""
        variable = self.variable(name, blocks)
        key = (operation, name, int(neurons[0]), int(neurons[-1]), len(neurons))
        known = self._reductions.get(key)
        if known is not None and (self.reductions[known][2] == neurons).all():
            return known
        self._reductions[key] = len(self.reductions)
        self.reductions.append((OPERATIONS.index(operation), variable, neurons))
        return self._reductions[key]

    def fill(self, blocks: Sequence[Block], step: int, before: Published | None) -> None:
        """Take the neurons as they are now for as long as they have been, and what is known of the past."""
        for name, array in self._arrays.items():
            for number in self._blocks[name]:
                block = blocks[number]
                state = block.states[list(block.kernel.states).index(name)]
                array[:, block.neuron[: block.size]] = state[: block.size]
            old = None if before is None else before._arrays.get(name)
            if old is None or before is None:
                continue
            known = before.known(name, blocks)
            for back in range(self.slots - 1, -1, -1):
                boundary = step - min(back, before.slots - 1)
                array[(step - back) % self.slots, known] = old[boundary % before.slots, known]

    def known(self, name: str, blocks: Sequence[Block]) -> NDArray[np.int64]:
        """Neurons whose variable has been published."""
        numbers = [blocks[number].neuron[: blocks[number].size] for number in sorted(self._blocks[name])]
        found = np.concatenate(numbers).astype(np.int64)
        return found[found < self._n_neurons]

    def variables(self, blocks: Sequence[Block]) -> list[tuple[list[int], NDArray[Any]]]:
        """For each variable: which state of each block it is, or -1, and its memory."""
        result = []
        for name, array in self._arrays.items():
            states = [list(block.kernel.states) for block in blocks]
            where = [states[b].index(name) if b in self._blocks[name] else -1 for b in range(len(blocks))]
            result.append((where, array))
        return result
