"""Connectors that read their connections from a list or a file."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyNN import connectors as common
from pyNN import errors
from pyNN.recording import files

from .base import PointConnector

Callback = Callable[[float], Any] | None


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
        rows = _as_table(conn_list)
        if rows.size and rows.shape[1] < 2:
            raise ValueError(f"rows of {rows.shape[1]} column; a connection needs the two indices of its cells")
        super().__init__(rows, column_names, location_selector, safe, callback)

    def connect(self, projection: Any) -> None:
        """Check the whole list, then make its connections."""
        self._connect_table(projection, self.conn_list, list(self.column_names))

    def _connect_table(self, projection: Any, rows: NDArray[np.float64], names: Sequence[str]) -> None:
        known = projection.synapse_type.get_parameter_names()
        for name in names:
            if name not in known:
                model = type(projection.synapse_type).__name__
                raise ValueError(f"{name} is not a parameter of {model}, which has {', '.join(known)}")
        if not rows.size:
            return
        pre = _as_index(rows[:, 0], projection.pre, "source")
        post = _as_index(rows[:, 1], projection.post, "target")
        order = np.argsort(post, kind="stable")
        columns = {name: rows[order, k] for k, name in enumerate(names, 2)}
        projection.connect_pairs(pre[order], post[order], **columns)
        if self.callback:
            self.callback(1.0)


def _as_table(rows: ArrayLike) -> NDArray[np.float64]:
    table = np.array(rows, dtype=float)
    if table.size == 0:
        return np.empty((0, 2))
    if table.ndim != 2:
        raise ValueError(f"a list of connections has one row for each, not the shape {table.shape}")
    return table


def _as_index(column: NDArray[np.float64], cells: Any, what: str) -> NDArray[np.intp]:
    """Return the column as indices of cells, or raise ConnectionError."""
    wrong = ~((column >= 0) & (column < cells.size) & (column == np.rint(column)))
    if wrong.any():
        raise errors.ConnectionError(
            f"{what} index out of range: {column[wrong][0]:g} is not a whole number from 0 to {cells.size - 1}"
        )
    return column.astype(np.intp)


class FromFileConnector(FromListConnector, common.FromFileConnector):
    """Make the connections that a file lists.

    Parameters
    ----------
    file
        Name of a text file, or one of PyNN's file objects. The text has one row for each connection, and may name the
        columns in a line such as ``# columns = ["i", "j", "weight", "delay"]``.
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
        common.FromFileConnector.__init__(self, file, distributed, location_selector, safe, callback)

    def connect(self, projection: Any) -> None:
        """Read the file, check the whole list, then make its connections."""
        file = self.file
        if self.distributed:  # PyNN's rename() would delete the file that has the name without the rank
            file = type(file)(f"{file.name}.{projection._simulator.state.mpi_rank}", mode=file.mode)
        if type(file) is files.StandardTextFile:
            file = ConnectionTable(file.name, mode="r")
        columns = list(file.get_metadata().get("columns", ()))
        rows = _as_table(np.atleast_2d(file.read()))
        if not columns and rows.shape[1] != 2:
            columns = ["weight", "delay"]
        names = [name for name in columns if name not in ("i", "j")]
        if "i" in columns and "j" in columns:
            rows = rows[:, [columns.index(name) for name in ("i", "j", *names)]] if rows.size else rows
        if rows.size and rows.shape[1] != len(names) + 2:
            raise ValueError(f"{file.name} has {rows.shape[1]} columns, but {len(names)} parameters are named: {names}")
        self.conn_list, self.column_names = rows, names
        self._connect_table(projection, rows, names)


class ConnectionTable(files.StandardTextFile):  # type: ignore[misc]
    """PyNN's text file, whose header PyNN would evaluate as Python."""

    def get_metadata(self) -> dict[str, Any]:
        """Return what the lines with ``# name = value`` before the first row say."""
        self._check_open()
        metadata: dict[str, Any] = {}
        for line in self.fileobj:
            if not line.startswith("#"):
                break
            name, separator, text = line[1:].partition("=")
            if not separator:
                continue
            try:
                value = ast.literal_eval(text.strip())
            except (SyntaxError, ValueError):
                raise ValueError(f"{self.name}: {text.strip()!r} is not a list of column names") from None
            if not isinstance(value, list | tuple):
                raise TypeError(f"{self.name}: {name.strip()} has to be a list or a tuple, not {value!r}")
            metadata[name.strip()] = value
        self.fileobj.seek(0)
        return metadata
