"""How much memory a network takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import simulator

__all__ = ["MemoryFootprint", "memory_footprint"]

_NATIVE = f"{__package__}.native"
_SPIKE = 12  # bytes of one that is recorded: a number of 4 and a time of 8


@dataclass(frozen=True)
class MemoryFootprint:
    """Bytes of numbers that a network keeps.

    Attributes
    ----------
    populations
        Bytes of each, by label; those that share a label are added up: parameters, and its share of the states and
        constants, which populations of one model have together.
    projections
        Likewise: connections, weights, delays, parameters and variables as they are described.
    delivery
        Bytes of the same connections as the engine keeps them; projections share them. Made by the first run.
    recordings
        Bytes of samples and spikes that are kept.
    """

    populations: Mapping[str, int]
    projections: Mapping[str, int]
    delivery: int
    recordings: int

    @property
    def total(self) -> int:
        """The sum of all."""
        return sum(self.populations.values()) + sum(self.projections.values()) + self.delivery + self.recordings

    def __str__(self) -> str:
        lines = [
            *(f"population {label}: {n / 2**20:.3f} MiB" for label, n in self.populations.items()),
            *(f"projection {label}: {n / 2**20:.3f} MiB" for label, n in self.projections.items()),
            f"delivery: {self.delivery / 2**20:.3f} MiB",
            f"recordings: {self.recordings / 2**20:.3f} MiB",
            f"total: {self.total / 2**20:.3f} MiB",
        ]
        return "\n".join(lines)


def memory_footprint() -> MemoryFootprint:
    """Return how many bytes the network takes, by population and projection, and what is recorded of it.

    Counted are arrays of numbers. Python's own objects, the code, and buffers of a size that depends on neurons and
    delays only (input waiting to arrive) come on top.

    Raises
    ------
    RuntimeError
        If there is no simulation yet.
    """
    network = simulator.state.network
    recordings = sum(array_bytes(signal) for signal in network._signals)
    recordings += sum(_SPIKE * len(record.log) for record in network._spike_records)
    blocks = {id(block): array_bytes(block) / block.size for block in network._blocks.values()}
    populations: Counter[str] = Counter()
    for population in simulator.state.populations:
        native = population.native
        own = sum(map(array_bytes, (native.parameters, native._initial)))
        populations[population.label] += round(native.size * blocks[id(native.block)]) + own
    projections: Counter[str] = Counter()
    for projection in simulator.state.projections:
        projections[projection.label] += array_bytes(projection._native)
    delivery = network.static_bytes + array_bytes(network.synapses._stores)
    return MemoryFootprint(_fixed(populations), _fixed(projections), delivery, recordings)


def _fixed(bytes_of: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(bytes_of))


def array_bytes(holder: Any) -> int:
    """Return the bytes of all arrays that an object of the engine holds by itself or through lists, tuples and dicts.

    Arrays that share memory count once. Populations, blocks and the network that it refers to do not count.
    """
    return sum({_address(array): array.nbytes for array in _arrays(holder, outermost=True)}.values())


def _address(array: NDArray[Any]) -> int:
    return int(array.__array_interface__["data"][0])


def _arrays(holder: Any, outermost: bool = False) -> Iterator[NDArray[Any]]:
    if isinstance(holder, np.ndarray):
        yield _whole(holder)
    elif isinstance(holder, Mapping):
        yield from _of_all(holder.values())
    elif isinstance(holder, (list, tuple)):
        yield from _of_all(holder)
    elif type(holder).__module__.startswith(_NATIVE) and (outermost or not isinstance(holder, _others())):
        yield from _of_all(getattr(holder, "__dict__", {}).values())


def _of_all(values: Iterable[Any]) -> Iterator[NDArray[Any]]:
    for value in values:
        yield from _arrays(value)


def _whole(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array that owns the memory, which may be larger: memory is kept as a whole."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _others() -> tuple[type, ...]:
    """Return the types of objects that are counted for themselves."""
    from .native.block import Block
    from .native.network import Network
    from .native.plastic import PlasticProjection
    from .native.population import Population
    from .native.projection import Projection
    from .native.rows import RowsProjection

    return Block, Network, PlasticProjection, Population, Projection, RowsProjection
