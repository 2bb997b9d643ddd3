"""Who is connected to whom: single connections, dendrites, matrices and files."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import errors

from .connections import Connection
from .connectors.matrix import connection_matrix
from .dendrites import Dendrite

Index = NDArray[np.intp]
Numbers = NDArray[np.float64]

WEIGHT = "weight"


class ConnectivityAccess:
    """Mixed into `Projection`."""

    pre: Any
    post: Any
    label: str
    shape: tuple[int, int]
    synapse_type: Any
    _native: Any
    _values: Any

    # ---- values ------------------------------------------------------------------------------------------------------

    def own_name(self, name: str) -> str:
        """Return the name of a parameter or variable that may be called as in equations: w is the weight."""
        return WEIGHT if name == "w" and "w" not in self._readable else name

    def values_at(self, name: str, index: Index) -> Numbers:
        """Return a parameter or variable of the connections at `index`."""
        name = self.own_name(name)
        self._check_attribute(name)
        values: Numbers = self._value(name, index)
        return values

    def set_values_at(self, name: str, value: Any, index: Index) -> None:
        """Set a parameter or variable of the connections at `index`: to one number, or to one for each."""
        name = self.own_name(name)
        self._check_attribute(name)
        values = np.asarray(value, dtype=float)
        if values.shape not in ((), index.shape):
            raise errors.InvalidDimensionsError(f"{name} has {values.size} values for {index.size} connections")
        whole = np.array(np.broadcast_to(values, index.shape))
        if name in self._values.variables:
            self._assign_variables({name: whole}, index)
        else:
            self._assign(self._native_values({name: whole}, index.size), index)

    # ---- parts -------------------------------------------------------------------------------------------------------

    def synapse(self, pre: int, post: int) -> Connection:
        """Return the connection between two cells, given by their indices; the oldest one if there are several.

        Raises
        ------
        pyNN.errors.ConnectionError
            If there is none.
        """
        wanted = operator.index(pre), operator.index(post)
        found = np.flatnonzero((self.presynaptic_indices == wanted[0]) & (self.postsynaptic_indices == wanted[1]))
        if not found.size:
            raise errors.ConnectionError(f"{self.label}: cell {wanted[0]} is not connected to cell {wanted[1]}")
        return Connection(self, int(found[0]))  # type: ignore[arg-type]

    def dendrite(self, post: int) -> Dendrite:
        """Return the connections onto the cell with some index."""
        rank = operator.index(post)
        if not 0 <= rank < self.post.size:
            raise IndexError(f"{self.label}: there is no cell {rank} among {self.post.size}")
        return Dendrite(self, rank, np.flatnonzero(self.postsynaptic_indices == rank))  # type: ignore[arg-type]

    @property
    def post_ranks(self) -> list[int]:
        """The indices of cells that are connected to."""
        return [int(rank) for rank in np.unique(self.postsynaptic_indices)]

    @property
    def dendrites(self) -> list[Dendrite]:
        """The dendrites of cells that are connected to."""
        post = self.postsynaptic_indices
        order = np.argsort(post, kind="stable")
        ranks, first = np.unique(post[order], return_index=True)
        parts = np.split(order, first[1:]) if ranks.size else []
        return [Dendrite(self, int(r), part) for r, part in zip(ranks, parts, strict=True)]  # type: ignore[arg-type]

    @property
    def nb_synapses(self) -> int:
        """Number of connections."""
        return int(self._native.size)

    # ---- matrices ----------------------------------------------------------------------------------------------------

    def connectivity_matrix(self, fill: float = 0.0, name: str = WEIGHT) -> Numbers:
        """Return a parameter or variable as a matrix: a row for each source, a column for each target.

        Parameters
        ----------
        fill
            What stands where there is no connection. Those of one pair are added up.
        name
            Of the parameter or variable.
        """
        name = self.own_name(name)
        self._check_attribute(name)
        ends = self.presynaptic_indices, self.postsynaptic_indices
        matrix = connection_matrix(self.shape, *ends, self._value(name), "sum")
        unconnected = np.isnan(matrix)
        unconnected[ends] = False
        return np.where(unconnected, fill, matrix)

    def receptive_field(self, post: int, name: str = WEIGHT, fill: float = 0.0) -> Numbers:
        """Return a parameter or variable of connections onto one cell, in the geometry of the population of sources."""
        dendrite = self.dendrite(post)
        field = np.full(self.pre.size, fill)
        field[dendrite.pre_ranks] = 0.0
        np.add.at(field, dendrite.pre_ranks, dendrite.get(name))
        return field.reshape(_geometry(self.pre))

    def receptive_fields(self, name: str = WEIGHT, fill: float = 0.0) -> Numbers:
        """Return all receptive fields side by side as one picture: a tile for each cell, where the cell is.

        A population in one dimension is laid out in rows of about as many tiles as there are rows.
        """
        fields = self.connectivity_matrix(fill, name).T
        height, width = _plane(_geometry(self.pre))
        rows, columns = _plane(_geometry(self.post), square=True)
        tiles = np.full((rows * columns, height, width), fill)
        tiles[: len(fields)] = fields.reshape(-1, height, width)
        picture = tiles.reshape(rows, columns, height, width).transpose(0, 2, 1, 3)
        return np.array(picture.reshape(rows * height, columns * width))

    # ---- back to the beginning ---------------------------------------------------------------------------------------

    def reset(self, attributes: str | Iterable[str] | None = None) -> None:
        """Bring variables back to their initial values, and parameters to those of when the projection was made.

        Parameters
        ----------
        attributes
            Names of variables and parameters; the weight and all variables by default.
        """
        names = [attributes] if isinstance(attributes, str) else attributes
        own = [WEIGHT, *self._values.variables] if names is None else [self.own_name(name) for name in names]
        for name in own:
            self._check_attribute(name)
        for name in own:
            self._values.restore(name)

    # ---- files -------------------------------------------------------------------------------------------------------

    def save_connectivity(self, file: str | PathLike[str]) -> None:
        """Write who is connected to whom, and all parameters, to a file of NumPy; `FromFileConnector` reads it.

        Parameters
        ----------
        file
            A name that ends in .npz. The file has the arrays ``pre`` and ``post`` and one for each parameter, with the
            values of all connections as they are now. Nothing in it is pickled.
        """
        path = fspath(file)
        if not path.endswith(".npz"):
            raise ValueError(f"{path!r} does not end in .npz")
        arrays: Mapping[str, Any] = {name: self._value(name) for name in self.synapse_type.get_parameter_names()}
        np.savez(path, pre=self.presynaptic_indices, post=self.postsynaptic_indices, **arrays)

    # ---- what Projection has -----------------------------------------------------------------------------------------

    @property
    def presynaptic_indices(self) -> Index:
        """The index of each connection's source in the pre-synaptic population."""
        raise NotImplementedError

    @property
    def postsynaptic_indices(self) -> Index:
        """The index of each connection's target in the post-synaptic population."""
        raise NotImplementedError

    @property
    def _readable(self) -> list[str]:
        raise NotImplementedError

    def _check_attribute(self, name: str) -> None:
        raise NotImplementedError

    def _value(self, name: str, index: Index | None = None) -> Numbers:
        raise NotImplementedError

    def _assign(self, values: Mapping[str, Any], index: Index | None = None) -> None:
        raise NotImplementedError

    def _assign_variables(self, values: Mapping[str, Any], index: Index | None = None) -> None:
        raise NotImplementedError

    def _native_values(self, values: Mapping[str, Any], size: int) -> dict[str, Any]:
        raise NotImplementedError


def _geometry(cells: Any) -> tuple[int, ...]:
    geometry: tuple[int, ...] = getattr(cells, "geometry", (cells.size,))  # an assembly has none
    return geometry


def _plane(geometry: tuple[int, ...], square: bool = False) -> tuple[int, int]:
    """Return how many rows and columns cells are drawn in."""
    if len(geometry) == 1:
        columns = math.ceil(math.sqrt(geometry[0])) if square else geometry[0]
        return math.ceil(geometry[0] / columns), columns
    return geometry[0], math.prod(geometry[1:])
