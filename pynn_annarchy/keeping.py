"""What a reset can leave as it is: states of cells, variables and weights of connections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

WEIGHT = "w"


class Kept:
    """Values of now, to be put back after a reset.

    Parameters
    ----------
    populations, projections, weights
        The engine's populations whose state variables, its projections whose variables other than the weight, and
        those whose weights are kept.
    """

    def __init__(self, populations: Iterable[Any], projections: Iterable[Any], weights: Iterable[Any]) -> None:
        self._states = [
            (population, name, population.get_state(name))
            for population in populations
            for name in population.kernel.states
        ]
        self._variables: list[tuple[Any, str, NDArray[np.float64]]] = []
        for projection in projections:
            self._keep(projection, [name for name in _variables(projection) if name != WEIGHT])
        for projection in weights:
            self._keep(projection, [name for name in _variables(projection) if name == WEIGHT])

    def _keep(self, projection: Any, names: Iterable[str]) -> None:
        self._variables += [(projection, name, projection.get_variable(name)) for name in names]

    def put_back(self) -> None:
        """Give the values back; the initial values stay what they are."""
        for population, name, values in self._states:
            population.set_state(name, values)
        for projection, name, values in self._variables:
            projection.set_now(name, values)


def _variables(projection: Any) -> list[str]:
    return list(getattr(getattr(projection, "kernel", None), "variables", ()))
