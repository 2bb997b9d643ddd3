"""Single connections of a projection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from pyNN import common, errors

if TYPE_CHECKING:
    from .projections import Projection
    from .simulator import ID

_OWN = ("projection", "index", "_made_at")


class Connection(common.Connection):  # type: ignore[misc]
    """One connection. Its parameters are attributes, which can be set."""

    def __init__(self, projection: Projection, index: int) -> None:
        self.projection = projection
        self.index = index
        self._made_at = projection.structure_changes

    @property
    def presynaptic_index(self) -> int:
        """Index of the source in the projection's pre-synaptic population."""
        return int(self._living().value_of(self.index, "presynaptic_index"))

    @property
    def postsynaptic_index(self) -> int:
        """Index of the target in the projection's post-synaptic population."""
        return int(self._living().value_of(self.index, "postsynaptic_index"))

    @property
    def presynaptic_cell(self) -> ID:
        """The source."""
        cell: ID = self.projection.pre.all_cells[self.presynaptic_index]
        return cell

    @property
    def postsynaptic_cell(self) -> ID:
        """The target."""
        cell: ID = self.projection.post.all_cells[self.postsynaptic_index]
        return cell

    source = presynaptic_cell
    target = postsynaptic_cell

    def __getattr__(self, name: str) -> float:
        if name in _OWN or name.startswith("__"):
            raise AttributeError(name)
        return self._living().value_of(self.index, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            object.__setattr__(self, name, value)
        else:
            self._living().set_value_of(self.index, name, value)

    def _living(self) -> Projection:
        """Return the projection, if the index still means the same in it."""
        if self._made_at != self.projection.structure_changes:
            raise errors.ConnectionError(
                f"connections of {self.projection.label} have been created or pruned since this one was asked for: "
                "ask for it again"
            )
        return self.projection

    def __repr__(self) -> str:
        return f"Connection({self.presynaptic_index} → {self.postsynaptic_index} of {self.projection})"

    def as_tuple(self, *attribute_names: str) -> tuple[Any, ...]:
        """Return the values of some attributes."""
        return tuple(getattr(self, name) for name in attribute_names)


class Connections(Sequence[Connection]):
    """The connections of a projection, each made when it is asked for."""

    def __init__(self, projection: Projection) -> None:
        self._projection = projection

    def __len__(self) -> int:
        return len(self._projection)

    @overload
    def __getitem__(self, index: int) -> Connection: ...
    @overload
    def __getitem__(self, index: slice) -> list[Connection]: ...
    def __getitem__(self, index: int | slice) -> Connection | list[Connection]:
        return self._projection[index]

    def __iter__(self) -> Iterator[Connection]:
        return (Connection(self._projection, k) for k in range(len(self)))
