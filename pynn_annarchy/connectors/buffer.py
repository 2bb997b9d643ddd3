"""Where connections wait until a connector has made all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = Mapping[str, Any]


class ConnectionBuffer:
    """Arrays of connections, in pieces as they come; put together once."""

    def __init__(self) -> None:
        self._pre: list[NDArray[np.intp]] = []
        self._post: list[NDArray[np.intp]] = []
        self._values: list[Values] = []

    def append(self, pre: Any, post: Any, values: Values) -> None:
        """Add connections from pre[k] to post[k] (or to the one post), each value for all or one for each of them."""
        pre = np.atleast_1d(np.asarray(pre, dtype=np.intp))
        self._pre.append(pre)
        self._post.append(np.full(pre.shape, post, dtype=np.intp) if np.ndim(post) == 0 else np.asarray(post))
        self._values.append(values)

    def merged(self) -> tuple[NDArray[np.intp], NDArray[np.intp], dict[str, Any]]:
        """Return all connections, ordered by pre, then post, then age.

        This is the order of ``get(format="list")``, and the one in which a list of values is read.
        """
        if not self._pre:
            return np.empty(0, np.intp), np.empty(0, np.intp), {}
        pre, post = np.concatenate(self._pre), np.concatenate(self._post)
        order = np.argsort(pre * (int(post.max(initial=0)) + 1) + post, kind="stable")
        values = {name: self._merged_values(name, order) for name in self._values[0]}
        return pre[order], post[order], values

    def _merged_values(self, name: str, order: NDArray[np.intp]) -> Any:
        pieces = [np.asarray(values[name], dtype=float) for values in self._values]
        if all(piece.ndim == 0 and piece == pieces[0] for piece in pieces):
            return float(pieces[0])
        whole = [np.broadcast_to(piece, pre.shape) for piece, pre in zip(pieces, self._pre, strict=True)]
        return np.concatenate(whole)[order]
