"""Parameters that several connections share: one value for a projection, or for each target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .native.plastic import PlasticProjection

Index = NDArray[np.intp]


def shared(localities: Mapping[str, str], name: str) -> bool:
    """Whether connections share a parameter."""
    return localities.get(name, "local") != "local"


def spread(
    locality: str, target: NDArray[np.uint32], values: Any, index: Index | None = None
) -> tuple[Any, Index | None]:
    """Return values for all connections that share them, and which these are (None for all).

    Where several values are given for what connections share, the first of each target's connections counts.

    Parameters
    ----------
    target
        The targets of all connections.
    values
        One for all connections at `index`, or one for each.
    """
    size = target.size if index is None else index.size
    if (np.ndim(values) == 0 and (index is None or locality == "projection")) or size == 0:
        return values, None if locality == "projection" else index
    of_each = np.broadcast_to(values, (size,))
    if locality == "projection":
        return float(of_each[0]), None
    targets, first = np.unique(target if index is None else target[index], return_index=True)
    where = np.flatnonzero(np.isin(target, targets))
    return of_each[first][np.searchsorted(targets, target[where])], where


def of_projection(native: Any, name: str) -> float:
    """Return a parameter or variable of which a projection has one, whether it has connections or not."""
    known = name in native.parameters
    return float(np.ravel(native.parameters[name] if known else native.get_variable(name))[0])


def write_parameter(
    native: PlasticProjection, localities: Mapping[str, str], name: str, value: Any, index: Index | None
) -> None:
    """Set a parameter of connections, and of all that share it."""
    if shared(localities, name):
        value, index = spread(localities[name], native.target, value, index)
    native.set_parameter(name, value, index)
