"""Connectors that decide about each pair of cells independently, with a probability."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy, deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import connectors as common
from pyNN import errors
from pyNN.core import IndexBasedExpression
from pyNN.parameters import LazyArray
from pyNN.random import AbstractRNG, RandomDistribution

from . import arguments
from .base import Callback, PointConnector, Rule, numbers_on_both_sides
from .columns import Picker
from .distance_expression import DistanceExpression
from .drawn import each_pair
from .generators import is_mersenne

Probability = Callable[..., Any]

_PAIRS_AT_ONCE = 1 << 17  # 1 MB of probabilities


def own_generator(rng: AbstractRNG) -> AbstractRNG:
    """Return what a connector draws from: of numpy's generator a copy, as in every PyNN backend."""
    return deepcopy(rng) if is_mersenne(rng) else rng


class ProbabilityConnector(PointConnector):
    """What the connectors with a probability of their own for each pair share."""

    rng: AbstractRNG
    allow_self_connections: bool | str

    def _connect_with_probability(self, projection: Any, probability: LazyArray, distance_map: Any = None) -> None:
        """Draw one number for each pair of cells, and connect those below the probability."""
        drawn = LazyArray(RandomDistribution("uniform", (0, 1), rng=self.rng), projection.shape)
        connection_map = drawn < probability
        if not self.allow_self_connections:
            connection_map *= self._get_connection_map_no_self_connections(projection)
        elif self.allow_self_connections == "NoMutual":
            connection_map *= self._get_connection_map_no_mutual_connections(projection)
        self._connect_with_map(projection, connection_map, distance_map)


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
        allow_self_connections = arguments.self_connections(allow_self_connections)
        arguments.check_rng(rng)
        p_connect = arguments.probability("p_connect", p_connect)
        super().__init__(p_connect, allow_self_connections, location_selector, rng, safe, callback)

    def connect(self, projection: Any) -> None:
        """Draw a number for each pair of cells; with a `NativeRNG`, only for those that are connected."""
        from ..native import connect  # here: the package can be imported without its compiled core

        rule = numbers_on_both_sides(projection, self.allow_self_connections)
        p, (n_pre, n_post) = self.p_connect, projection.shape
        picker = Picker(
            own_generator(self.rng),
            lambda rng, drawn: connect.below(rng, p, n_pre, n_post, rule, drawn),
            lambda key, threads: connect.below_counted(key, p, n_pre, n_post, rule, threads),
            each_pair(projection, self.allow_self_connections, p),
        )
        if not self._pick(projection, picker):
            super().connect(projection)


class DistanceDependentProbabilityConnector(ProbabilityConnector, common.DistanceDependentProbabilityConnector):
    """Connect each pair of cells with a probability that depends on their distance.

    Parameters
    ----------
    d_expression
        An expression in the distance ``d``, such as ``"exp(-d/100)"`` or ``"d < 3"``, or a function of an array of
        distances. A value above 1 means the same as 1.
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
        allow_self_connections = arguments.self_connections(allow_self_connections)
        arguments.check_rng(rng)
        function = _function_of_distance(d_expression)
        # PyNN's constructor would evaluate the expression as Python, and cannot format a function into one
        super().__init__("0", allow_self_connections, location_selector, rng, safe, callback)
        self.d_expression = d_expression
        self.distance_function = function

    def connect(self, projection: Any) -> None:
        """Connect with the probability that the distance gives."""
        from ..random import NativeRNG

        known = isinstance(self.distance_function, DistanceExpression)  # and not a function that draws numbers itself
        if (known or isinstance(self.rng, NativeRNG)) and self._pick(projection, self._picker(projection)):
            return
        distance_map = self._generate_distance_map(projection)
        probability = deepcopy(distance_map)
        probability.apply(_checked(f"d_expression={self.d_expression!r}", self.distance_function))
        self._connect_with_probability(projection, probability, distance_map)

    def _picker(self, projection: Any) -> Picker:
        """Return how native code chooses from the probabilities of some columns at a time."""
        from ..native import connect  # here: the package can be imported without its compiled core

        def pick(rng: Any, drawn: Any) -> connect.Columns:
            columns = connect.Columns()
            for probability, rule in self._blocks(projection):
                connect.below_each(rng, probability, columns, rule, drawn)
            return columns

        def counted(key: int, threads: int) -> connect.Columns:
            columns = connect.Columns()
            for probability, rule in self._blocks(projection):
                connect.below_each_counted(key, probability, columns, rule, threads)
            return columns

        return Picker(own_generator(self.rng), pick, counted)

    def _blocks(self, projection: Any) -> Iterator[tuple[NDArray[np.float64], Rule | None]]:
        """Yield the probabilities of some columns, one in each row, and which pairs of them are allowed."""
        function = _checked(f"d_expression={self.d_expression!r}", self.distance_function)
        sources, targets = projection.pre.positions.T, projection.post.positions.T
        rule = numbers_on_both_sides(projection, self.allow_self_connections)
        n_pre, n_post = projection.shape
        step = max(1, _PAIRS_AT_ONCE // n_pre)
        for first in range(0, n_post, step):
            end = min(first + step, n_post)
            probability = np.empty((end - first, n_pre))
            for row, target in zip(probability, targets[first:end], strict=True):
                d = projection.space.distances(sources, target)
                row[:] = function(d if n_pre > 1 else d[0])
            yield probability, None if rule is None else (rule[0], rule[1][first:end], rule[2])


def _function_of_distance(d_expression: str | Probability) -> Probability:
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


def _checked(name: str, function: Probability) -> Probability:
    """Wrap a function so that it raises unless it gives one number >= 0 for each of its arguments."""

    def probability(*where: Any) -> Any:
        values = np.asarray(function(*where))
        shape = np.broadcast_shapes(*map(np.shape, where))
        if values.dtype.kind not in "biuf" or values.shape not in ((), shape):
            raise errors.InvalidDimensionsError(f"{name} gave {values!r} for an array of shape {shape}")
        wrong = ~(values >= 0)
        if wrong.any():
            raise ValueError(f"{name} gave {values[wrong].flat[0]}, which is not a probability")
        return values

    return probability


class IndexBasedProbabilityConnector(ProbabilityConnector, common.IndexBasedProbabilityConnector):
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
        allow_self_connections = arguments.self_connections(allow_self_connections)
        arguments.check_rng(rng)
        if not (isinstance(index_expression, IndexBasedExpression) and callable(index_expression)):
            raise TypeError(f"index_expression={index_expression!r} is not a pyNN.core.IndexBasedExpression")
        common.IndexBasedProbabilityConnector.__init__(
            self, index_expression, allow_self_connections, location_selector, rng, safe, callback
        )

    def connect(self, projection: Any) -> None:
        """Connect with the probability that the indices give."""
        expression = copy(self.index_expression)
        expression.projection = projection
        function = _checked(type(expression).__name__, expression)
        self._connect_with_probability(projection, LazyArray(function, projection.shape))


class DisplacementDependentProbabilityConnector(
    IndexBasedProbabilityConnector, common.DisplacementDependentProbabilityConnector
):
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
        if not callable(disp_function):
            raise TypeError(f"disp_function={disp_function!r} is not a function of a 3 x n array of displacements")
        # PyNN's constructor drops location_selector and `safe`
        IndexBasedProbabilityConnector.__init__(
            self,
            self.DisplacementExpression(disp_function),
            allow_self_connections,
            location_selector,
            rng,
            safe,
            callback,
        )
