"""Connectors that ask a function of the user's."""

from __future__ import annotations

from collections.abc import Callable as Function
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyNN import connectors as common

from .base import Callback
from .listed import FromListConnector, as_table

Columns = dict[str, NDArray[np.float64]]


class Connectivity:
    """Connections that are collected cell by cell, for `FunctionConnector`."""

    def __init__(self) -> None:
        self._pre: list[NDArray[np.float64]] = []
        self._post: list[NDArray[np.float64]] = []
        self._values: list[dict[str, NDArray[np.float64]]] = []

    def add(self, post: int, pre: ArrayLike, weight: ArrayLike | None = None, delay: ArrayLike | None = None,
            **parameters: ArrayLike) -> None:  # fmt: skip
        """Connect some cells to one.

        Parameters
        ----------
        post
            Index of the target.
        pre
            Indices of the sources.
        weight, delay, parameters
            Of the synapse type: one number, or one for each source. What is not given is what the synapse type says;
            the same names have to be given in every call.
        """
        sources = np.atleast_1d(np.asarray(pre, dtype=float))
        if sources.ndim != 1 or np.ndim(post) != 0:
            raise ValueError(f"connections from {pre!r} to {post!r}: expected a list of cells, and one cell")
        given = {"weight": weight, "delay": delay, **parameters}
        values = {name: np.asarray(value, dtype=float) for name, value in given.items() if value is not None}
        if self._values and set(values) != set(self._values[0]):
            raise ValueError(f"{sorted(values)} are given here, but {sorted(self._values[0])} before")
        for name, value in values.items():
            if value.shape not in ((), sources.shape):
                raise ValueError(f"{name} has {value.size} values for {sources.size} connections")
        self._pre.append(sources)
        self._post.append(np.full(sources.shape, float(post)))
        self._values.append({name: np.broadcast_to(value, sources.shape) for name, value in values.items()})

    def table(self) -> tuple[NDArray[np.float64], list[str]]:
        """Return rows (pre, post, values...) and the names of the values."""
        names = list(self._values[0]) if self._values else []
        columns = [self._pre, self._post, *([values[name] for values in self._values] for name in names)]
        if not self._pre:
            return np.empty((0, 2)), names
        return np.stack([np.concatenate(column) for column in columns], axis=1), names


class FunctionConnector(FromListConnector):
    """Make the connections that a function returns.

    Parameters
    ----------
    function
        Called as ``function(pre, post, **arguments)`` with the two populations (views, assemblies). It returns a
        `Connectivity`, or rows ``(pre_index, post_index)`` or ``(pre_index, post_index, weight, delay)``.
    arguments
        What else it is called with.
    location_selector
        Has no meaning for point neurons.
    safe
        Whether the signs of weights are checked.
    callback
        Called with 1.0 when done.

    Examples
    --------
    >>> def neighbours(pre, post, weight):
    ...     connectivity = Connectivity()
    ...     for i in range(post.size):
    ...         connectivity.add(i, [j for j in (i - 1, i + 1) if 0 <= j < pre.size], weight)
    ...     return connectivity
    >>> connector = FunctionConnector(neighbours, weight=0.1)
    """

    parameter_names = ("function", "arguments")

    def __init__(
        self,
        function: Function[..., Any],
        location_selector: Any = None,
        safe: bool = True,
        callback: Callback = None,
        **arguments: Any,
    ) -> None:
        if not callable(function):
            raise TypeError(f"function={function!r} cannot be called")
        self.function = function
        self.arguments = arguments
        common.Connector.__init__(self, location_selector, safe, callback)

    def connect(self, projection: Any) -> None:
        """Call the function, check what it returns, then make its connections."""
        found = self.function(projection.pre, projection.post, **self.arguments)
        if isinstance(found, Connectivity):
            rows, names = found.table()
        else:
            if found is None:
                raise TypeError(f"{self.function} has returned nothing; expected a Connectivity or a list of rows")
            rows = as_table(found)
            names = ["weight", "delay"][: rows.shape[1] - 2] if rows.size else []
            if rows.size and rows.shape[1] not in (2, 4):
                raise ValueError(f"rows of {rows.shape[1]} columns; expected 2 or 4")
        self._connect_table(projection, rows, names)
