"""The connections onto one cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .connections import Connection

if TYPE_CHECKING:
    from .projections import Projection

Index = NDArray[np.intp]

_OWN = frozenset(("projection", "post_rank", "index"))


class Dendrite:
    """All connections of a projection onto one cell, ordered by their sources.

    Their parameters and variables are attributes, which can be set: an array with one value for each connection.

    Attributes
    ----------
    projection
        Whose connections they are.
    post_rank
        Index of the target in the post-synaptic population.
    """

    projection: Projection
    post_rank: int
    _found: tuple[int, Index]

    def __init__(self, projection: Projection, post_rank: int, index: Index) -> None:
        found = projection.structure_changes, index
        for name, value in (("projection", projection), ("post_rank", post_rank), ("_found", found)):
            object.__setattr__(self, name, value)

    @property
    def index(self) -> Index:
        """Of each connection there is now, in the order of ``get(format="list")``."""
        changes = self.projection.structure_changes
        if self._found[0] != changes:
            index = np.flatnonzero(self.projection.postsynaptic_indices == self.post_rank)
            object.__setattr__(self, "_found", (changes, index))
        return self._found[1]

    @property
    def size(self) -> int:
        """Number of connections."""
        return int(self.index.size)

    def __len__(self) -> int:
        return self.size

    @property
    def pre_ranks(self) -> list[int]:
        """Index of each connection's source in the pre-synaptic population."""
        return [int(rank) for rank in self.projection.presynaptic_indices[self.index]]

    @property
    def attributes(self) -> list[str]:
        """Names of the connections' parameters and variables."""
        return list(self.projection._readable)

    def synapse(self, pre: int) -> Connection:
        """Return the connection from a cell, the oldest one if there are several."""
        return self.projection.synapse(pre, self.post_rank)

    def __iter__(self) -> Iterator[Connection]:
        return (Connection(self.projection, int(k)) for k in self.index)

    def get(self, name: str) -> NDArray[np.float64]:
        """Return a parameter or variable of each connection."""
        return self.projection.values_at(name, self.index)

    def set(self, **attributes: Any) -> None:
        """Set parameters or variables: each to one number, or to one for each connection."""
        for name, value in attributes.items():
            self.projection.set_values_at(name, value, self.index)

    def __getattr__(self, name: str) -> NDArray[np.float64]:
        if name in _OWN or name.startswith("_"):
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            raise AttributeError(f"{name} of a dendrite cannot be set")
        self.set(**{name: value})

    def create_synapse(self, pre: int, weight: Any = None, delay: Any = None, **attributes: Any) -> None:
        """Make a connection from a cell (or from several); see `Projection.create_synapse`."""
        self.projection.create_synapse(pre, self.post_rank, weight, delay, **attributes)

    def prune_synapse(self, pre: int) -> None:
        """Remove the connection from a cell (or from several); see `Projection.prune_synapse`."""
        self.projection.prune_synapse(pre, self.post_rank)

    def receptive_field(self, name: str = "w", fill: float = 0.0) -> NDArray[np.float64]:
        """Return a parameter or variable in the geometry of the sources, `fill` where there is no connection."""
        return self.projection.receptive_field(self.post_rank, name, fill)

    def record(
        self, variables: str | Iterable[str], sampling_interval: float | None = None, offset: float = 0.0
    ) -> None:
        """Record variables of these connections from now on; `projection.get_data()` returns them."""
        self.projection.record(variables, sampling_interval=sampling_interval, indices=self.index, offset=offset)

    def __repr__(self) -> str:
        return f"Dendrite({self.size} connections onto {self.post_rank} of {self.projection.label})"
