"""What every connector here adds to PyNN's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN.parameters import LazyArray

Index = NDArray[np.intp]


class PointConnector:
    """Mixed in before one of PyNN's connectors.

    PyNN's reference path stays in charge: it visits the post-synaptic cells in order, and for each of them draws which
    pre-synaptic cells connect to it and then their parameters. So the same ``NumpyRNG`` gives the same network here as
    in the other backends.
    """

    @property
    def location_selector(self) -> None:
        """Always None: a point neuron has no locations to choose from."""
        return None

    @location_selector.setter
    def location_selector(self, selector: Any) -> None:
        if selector is not None:
            raise NotImplementedError(
                f"{type(self).__name__}(location_selector={selector!r}): cells here are points, without locations on "
                "them; leave it out"
            )

    def _connect_with_map(self, projection: Any, connection_map: LazyArray, distance_map: Any = None) -> None:
        """Connect according to a 2-D map of booleans."""

        def columns(mask: NDArray[np.bool_] | None = None) -> Iterator[NDArray[np.bool_]]:
            for column in connection_map.by_column(mask):
                array = np.asarray(column, dtype=bool)
                # lazyarray shortens a column of one element to a scalar, which PyNN does not recognise
                yield array if array.ndim else np.full(projection.pre.size, array)

        self._standard_connect(projection, columns, distance_map)  # type: ignore[attr-defined]

    def _connect_pairs(self, projection: Any, pre: NDArray[Any], post: NDArray[Any]) -> None:
        """Connect pre[k] to post[k]; the parameters are drawn for one post-synaptic cell after the other."""
        order = np.argsort(post, kind="stable")
        bounds = np.searchsorted(post[order], np.arange(1, projection.post.size))
        columns = np.split(pre[order].astype(int), bounds)

        def generate(mask: NDArray[np.bool_] | None = None) -> Iterator[Index]:
            chosen = range(len(columns)) if mask is None else np.flatnonzero(mask)
            return (columns[k] for k in chosen)

        self._standard_connect(projection, generate)  # type: ignore[attr-defined]

    def _get_connection_map_no_self_connections(self, projection: Any) -> LazyArray:
        pre, post = projection.pre.neuron_numbers, projection.post.neuron_numbers
        return LazyArray(lambda i, j: pre[i] != post[j], shape=projection.shape)

    def _get_connection_map_no_mutual_connections(self, projection: Any) -> LazyArray:
        """Of each two connections that would run in opposite directions, allow one; and none of a cell to itself."""
        pre, post = projection.pre.neuron_numbers, projection.post.neuron_numbers
        pre_on_both_sides, post_on_both_sides = np.isin(pre, post), np.isin(post, pre)
        return LazyArray(
            lambda i, j: ~(pre_on_both_sides[i] & post_on_both_sides[j]) | (pre[i] > post[j]), shape=projection.shape
        )


def check_self_connections(allow: Any, *, no_mutual: bool) -> None:
    """Raise ValueError unless `allow` is a bool or, where it has a meaning, 'NoMutual'."""
    if isinstance(allow, bool | np.bool_) or (no_mutual and isinstance(allow, str) and allow == "NoMutual"):
        return
    allowed = "True, False or 'NoMutual'" if no_mutual else "True or False"
    raise ValueError(f"allow_self_connections={allow!r} is not {allowed}")


def same_cell_index(cells: NDArray[np.int64], among: NDArray[np.int64]) -> Index:
    """For each of `cells` (neuron numbers), its index in `among`, or -1."""
    order = np.argsort(among)
    place = np.minimum(np.searchsorted(among[order], cells), among.size - 1)
    index = order[place]
    return np.where(among[index] == cells, index, -1)
