"""Connectors that decide about each pair of cells independently, with a probability."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
from pyNN import connectors as common
from pyNN.core import IndexBasedExpression
from pyNN.parameters import LazyArray
from pyNN.random import AbstractRNG, RandomDistribution

from .base import PointConnector, check_self_connections
from .distance_expression import DistanceExpression

Callback = Callable[[float], Any] | None
Probability = Callable[[Any], Any]


class FixedProbabilityConnector(PointConnector, common.FixedProbabilityConnector):
    __doc__ = common.FixedProbabilityConnector.__doc__

    def __init__(
        self,
        p_connect: float,
        allow_self_connections: bool | str = True,
        location_selector: Any = None,
        rng: AbstractRNG | None = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        check_self_connections(allow_self_connections, no_mutual=True)
        if not 0 <= float(p_connect) <= 1:
            raise ValueError(f"p_connect={p_connect} is not a probability: expected a number from 0 to 1")
        super().__init__(p_connect, allow_self_connections, location_selector, rng, safe, callback)


class DistanceDependentProbabilityConnector(PointConnector, common.DistanceDependentProbabilityConnector):
    """Connect each pair of cells with a probability that depends on their distance.

    Parameters
    ----------
    d_expression
        An expression in the distance ``d``, such as ``"exp(-d/100)"`` or ``"d < 3"``, or a function of an array of
        distances.
    allow_self_connections
        Whether a cell may be connected to itself; 'NoMutual' also leaves out one direction of each pair.
    location_selector
        Has no meaning for point neurons.
    rng
        Source of the random numbers.
    safe
        Whether the signs of weights are checked.
    callback
        Called with the fraction done.
    """

    def __init__(
        self,
        d_expression: str | Probability,
        allow_self_connections: bool | str = True,
        location_selector: Any = None,
        rng: AbstractRNG | None = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        check_self_connections(allow_self_connections, no_mutual=True)
        function = _probability(d_expression)
        # PyNN's constructor would evaluate the expression as Python, and cannot format a function into one
        super().__init__("0", allow_self_connections, location_selector, rng, safe, callback)
        self.d_expression = d_expression
        self.distance_function = function

    def connect(self, projection: Any) -> None:
        """Draw one number for each pair of cells, and connect those below the probability."""
        distance_map = self._generate_distance_map(projection)
        probability_map = deepcopy(distance_map)
        probability_map.apply(self.distance_function)
        connection_map = LazyArray(RandomDistribution("uniform", (0, 1), rng=self.rng), projection.shape)
        connection_map = connection_map < probability_map
        if not self.allow_self_connections:
            connection_map *= self._get_connection_map_no_self_connections(projection)
        elif self.allow_self_connections == "NoMutual":
            connection_map *= self._get_connection_map_no_mutual_connections(projection)
        self._connect_with_map(projection, connection_map, distance_map)


def _probability(d_expression: str | Probability) -> Probability:
    """Return the function that an expression means, after a look at what it says of very short and long distances."""
    if callable(d_expression):
        return d_expression
    if not isinstance(d_expression, str):
        raise TypeError(f"d_expression={d_expression!r} is neither an expression in d nor a function of d")
    function = DistanceExpression(d_expression)
    for d in (0.0, 1e12):
        with np.errstate(all="ignore"):
            value = function(d)
        if not value >= 0:
            raise ValueError(f"d_expression={d_expression!r} is {value} at d = {d:g}, which is not a probability")
    return function


class IndexBasedProbabilityConnector(PointConnector, common.IndexBasedProbabilityConnector):
    __doc__ = common.IndexBasedProbabilityConnector.__doc__

    def __init__(
        self,
        index_expression: IndexBasedExpression,
        allow_self_connections: bool | str = True,
        location_selector: Any = None,
        rng: AbstractRNG | None = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        check_self_connections(allow_self_connections, no_mutual=True)
        if not (isinstance(index_expression, IndexBasedExpression) and callable(index_expression)):
            raise TypeError(f"index_expression={index_expression!r} is not a pyNN.core.IndexBasedExpression")
        super().__init__(index_expression, allow_self_connections, location_selector, rng, safe, callback)


class DisplacementDependentProbabilityConnector(PointConnector, common.DisplacementDependentProbabilityConnector):
    __doc__ = common.DisplacementDependentProbabilityConnector.__doc__

    def __init__(
        self,
        disp_function: Probability,
        allow_self_connections: bool | str = True,
        location_selector: Any = None,
        rng: AbstractRNG | None = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        check_self_connections(allow_self_connections, no_mutual=True)
        if not callable(disp_function):
            raise TypeError(f"disp_function={disp_function!r} is not a function of a 3 x n array of displacements")
        super().__init__(disp_function, allow_self_connections, rng=rng, callback=callback)
        self.location_selector = location_selector  # PyNN's constructor drops this and `safe`
        self.safe = safe
