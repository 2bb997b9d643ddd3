"""Connectors that read their connections from a list or a file."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fspath
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyNN import connectors as common
from pyNN import errors

from .arguments import flag
from .base import Callback, PointConnector
from .files import by_name, without_code


class FromListConnector(PointConnector, common.FromListConnector):
    """Make the connections of a list.

    Parameters
    ----------
    conn_list
        Rows ``(pre_index, post_index, p1, p2, ...)``. The list is left as it is.
    column_names
        Names of the synapse parameters p1, p2...; without it, they are none, or weight and delay.
    location_selector
        Has no meaning for point neurons.
    safe
        Whether the signs of weights are checked.
    callback
        Called with 1.0 when done.
    """

    def __init__(
        self,
        conn_list: ArrayLike,
        column_names: Sequence[str] | None = None,
        location_selector: Any = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        rows = as_table(conn_list)
        if rows.size and rows.shape[1] < 2:
            raise ValueError(f"rows of {rows.shape[1]} column; a connection needs the two indices of its cells")
        super().__init__(rows, _as_names(column_names), location_selector, safe, callback)

    def connect(self, projection: Any) -> None:
        """Check the whole list, then make its connections."""
        self._connect_table(projection, self.conn_list, list(self.column_names))

    def _connect_table(self, projection: Any, rows: NDArray[np.float64], names: Sequence[str]) -> None:
        pre = _as_index(rows[:, 0], projection.pre, "source")
        post = _as_index(rows[:, 1], projection.post, "target")
        columns = {name: rows[:, k] if rows.size else rows[:, 0] for k, name in enumerate(names, 2)}
        self._connect_values(projection, pre, post, **columns)


def as_table(rows: ArrayLike) -> NDArray[np.float64]:
    """Return rows (pre_index, post_index, p1, p2...) as an array."""
    try:
        table = np.array(rows, dtype=float)
    except TypeError:
        raise TypeError(f"{rows!r} is not a list of connections: rows (pre_index, post_index, p1, p2...)") from None
    if table.size == 0:
        return np.empty((0, 2))
    if table.ndim != 2:
        raise ValueError(f"a list of connections has one row for each, not the shape {table.shape}")
    return table


def _as_names(names: Any) -> tuple[str, ...] | None:
    if names is None:
        return None
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"column_names={names!r} is not a list of names of parameters, such as ('weight', 'delay')")
    if len(set(names)) != len(names):
        raise ValueError(f"column_names={names!r} has a name twice")
    return tuple(names)


def _as_index(column: NDArray[np.float64], cells: Any, what: str) -> NDArray[np.uint32]:
    """Return the column as indices of cells, or raise ConnectionError."""
    wrong = ~((column >= 0) & (column < cells.size) & (column == np.rint(column)))
    if wrong.any():
        raise errors.ConnectionError(
            f"{what} index out of range: {column[wrong][0]:g} is not a whole number from 0 to {cells.size - 1}"
        )
    return column.astype(np.uint32)


class FromFileConnector(FromListConnector, common.FromFileConnector):
    """Make the connections that a file lists.

    Parameters
    ----------
    file
        Name of a file, or one of PyNN's file objects. A name that ends in .npz or .npy means a file of NumPy, such as
        `Projection.save_connectivity` writes, any other a text. That has one row for each connection, and may name the
        columns in a line such as ``# columns = ["i", "j", "weight", "delay"]``. Nothing in these files is executed or
        unpickled; only PyNN's PickleFile is, as its name says.
    distributed
        Read from ``file.x`` instead, where x is the rank of the process.
    location_selector
        Has no meaning for point neurons.
    safe
        Whether the signs of weights are checked.
    callback
        Called with 1.0 when done.
    """

    parameter_names = common.FromFileConnector.parameter_names

    def __init__(
        self,
        file: Any,
        distributed: bool = False,
        location_selector: Any = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        distributed = flag("distributed", distributed)
        if isinstance(file, str | PathLike):
            file = by_name(fspath(file))
        for method in ("read", "get_metadata"):
            if not hasattr(file, method):
                raise TypeError(f"file={file!r} is neither a name nor one of PyNN's file objects: it has no {method}()")
        common.FromFileConnector.__init__(self, file, distributed, location_selector, safe, callback)

    def connect(self, projection: Any) -> None:
        """Read the file, check the whole list, then make its connections."""
        file = self.file
        if self.distributed:  # PyNN's rename() would delete the file that has the name without the rank
            file = type(file)(f"{file.name}.{projection._simulator.state.mpi_rank}", mode=file.mode)
        file = without_code(file)
        columns = [str(name) for name in file.get_metadata().get("columns", ())]
        rows = as_table(np.atleast_2d(file.read()))
        if not columns and rows.shape[1] != 2:
            columns = ["weight", "delay"]
        names = [name for name in columns if name not in ("i", "j")]
        if "i" in columns and "j" in columns:
            rows = rows[:, [columns.index(name) for name in ("i", "j", *names)]] if rows.size else rows
        if rows.size and rows.shape[1] != len(names) + 2:
            raise ValueError(f"{file.name} has {rows.shape[1]} columns, but {len(names)} parameters are named: {names}")
        self.conn_list, self.column_names = rows, names
        self._connect_table(projection, rows, names)
