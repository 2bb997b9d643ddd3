"""Where connections wait until a connector has made all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Columns
from .order import stable_order

Values = Mapping[str, Any]
Index = NDArray[np.uint32]


class ConnectionBuffer:
    """Arrays of connections, in pieces as they come; put together once.

    Parameters
    ----------
    shape
        The number of cells on each side.
    threads
        How many may put them together; what comes out does not depend on it.
    """

    def __init__(self, shape: tuple[int, int], threads: int = 1) -> None:
        self._shape = shape
        self._threads = threads
        self._pre: list[Index] = []
        self._post: list[Index] = []
        self._values: list[Values] = []
        self._columns: list[tuple[Columns, Values]] = []

    @property
    def is_empty(self) -> bool:
        """Whether there are no connections yet."""
        return not (self._pre or self._columns)

    def append(self, pre: Any, post: Any, values: Values) -> None:
        """Add connections from pre[k] to post[k] (or to the one post), each value for all or one for each of them."""
        pre = np.atleast_1d(np.asarray(pre)).astype(np.uint32, copy=False)
        self._pre.append(pre)
        self._post.append(np.full(pre.shape, post, np.uint32) if np.ndim(post) == 0 else np.asarray(post, np.uint32))
        self._values.append(values)

    def append_columns(self, columns: Columns, values: Values) -> None:
        """Add connections that are in order of their targets."""
        self._columns.append((columns, values))

    def merged(self) -> tuple[Index, Index, dict[str, Any]]:
        """Return all connections, ordered by pre, then post, then age, and forget them.

        This is the order of ``get(format="list")``, and the one in which a list of values is read.
        """
        if len(self._columns) == 1 and not self._pre:
            return self._merged_columns(*self._columns.pop())
        for columns, given in self._columns:
            self.append(columns.pre, columns.post(), given)
        if not self._pre:
            return np.empty(0, np.uint32), np.empty(0, np.uint32), {}
        pre, post = np.concatenate(self._pre), np.concatenate(self._post)
        order = stable_order(pre, self._shape[0], stable_order(post, self._shape[1]))
        values = {name: self._merged_values(name, order) for name in self._values[0]}
        return pre[order], post[order], values

    def _merged_columns(self, columns: Columns, values: Values) -> tuple[Index, Index, dict[str, Any]]:
        from ..native import connect  # here: the package can be imported without its compiled core

        if not columns.pre.size:
            return np.empty(0, np.uint32), np.empty(0, np.uint32), {}
        size = columns.pre.size
        each = [name for name, value in values.items() if np.ndim(value)]
        arrays = [np.broadcast_to(np.asarray(values[name], dtype=float), (size,)) for name in each]
        pre, post, ordered = connect.by_source(columns.begin, columns.pre, self._shape[0], arrays, self._threads)
        whole = dict(zip(each, ordered, strict=True))
        return pre, post, {name: whole[name] if name in whole else float(value) for name, value in values.items()}

    def _merged_values(self, name: str, order: Index) -> Any:
        pieces = [np.asarray(values[name], dtype=float) for values in self._values]
        if all(piece.ndim == 0 and piece == pieces[0] for piece in pieces):
            return float(pieces[0])
        whole = [np.broadcast_to(piece, pre.shape) for piece, pre in zip(pieces, self._pre, strict=True)]
        return np.concatenate(whole)[order]
