"""What values the parameters and variables of synapses may have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import errors
from pyNN.parameters import ArrayParameter, LazyArray
from pyNN.random import RandomDistribution

from .connectors.distance_expression import DistanceExpression
from .parameter_checks import is_numeric

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """The values that a state variable may be given."""

    low: float = -np.inf
    high: float = np.inf
    whole: bool = False

    def right(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Which of some numbers are allowed."""
        inside = np.isfinite(numbers) & (numbers >= self.low) & (numbers <= self.high)
        return inside & (numbers == np.rint(numbers)) if self.whole else inside

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a finite number"
        if np.isfinite(self.high):
            return f"{'a whole number ' * self.whole}from {self.low:g} to {self.high:g}"
        return f"{kind}, {self.low:g} or greater" if np.isfinite(self.low) else kind


ANY = Limits()
NOT_NEGATIVE = Limits(low=0.0)
SHARE = Limits(0.0, 1.0)
COUNT = Limits(low=0.0, whole=True)

# A parameter name means the same in every synapse, so one table holds for all.
_POSITIVE = frozenset(("tau_plus", "tau_minus", "tau_x", "tau_y", "tau", "tau_rec", "tau_c", "tau_n"))
_NOT_NEGATIVE = frozenset(("tau_facil", "rho", "mu_plus", "mu_minus", "t_clamp"))
_SHARES = frozenset(("U", "p", "dendritic_delay_fraction"))
_COUNTS = frozenset(("n",))
_ELSEWHERE = frozenset(("weight", "delay"))  # checked against the projection that they are for


def evaluable(model: str, name: str, value: Any) -> Any:
    """Return what PyNN can evaluate for each connection, where PyNN would evaluate text as Python.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        If a value is of a kind that cannot be a parameter.
    """
    if isinstance(value, str):
        return DistanceExpression(value)
    if isinstance(value, ArrayParameter):  # a Sequence: one number for each connection
        value = np.asarray(value.value)
    if not is_numeric(value):
        raise errors.InvalidParameterValueError(
            f"{model}: {name} = {value!r} is no number, array, random distribution, function or expression of distance"
        )
    return value


def one_number(model: str, name: str, value: Any) -> float:
    """Return the value of a parameter or a variable of one connection.

    Raises
    ------
    pyNN.errors.InvalidDimensionsError, pyNN.errors.InvalidParameterValueError
        If there are several, or it is no number.
    """
    if np.ndim(value) != 0 or isinstance(value, ArrayParameter):
        raise errors.InvalidDimensionsError(f"{model}: {name} = {value!r} is not one number")
    if np.asarray(value).dtype.kind not in "biuf":
        raise errors.InvalidParameterValueError(f"{model}: {name} = {value!r} is not a number")
    return float(value)


def readable(model: str, name: str, value: Any, check: Callable[[str, Any], None] | None = None) -> Any:
    """Return what PyNN can evaluate for each connection, if it has a meaning as far as that is known already.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        If a value is of a kind that cannot be a parameter, or is one that has no meaning.
    """
    value = evaluable(model, name, value)
    if name not in _ELSEWHERE and not isinstance(value, LazyArray | RandomDistribution) and not callable(value):
        numbers = np.asarray(value)
        if numbers.dtype.kind in "biuf":  # else an iterator or a matrix of another library, evaluated later
            (check or partial(check_parameter, model))(name, numbers.astype(float))
    return value


def check_finite(model: str, name: str, values: Any) -> None:
    """Raise InvalidParameterValueError unless every value of a parameter whose name means nothing is finite."""
    numbers = np.atleast_1d(np.asarray(values, dtype=float))
    if not np.isfinite(numbers).all():
        wrong = numbers[~np.isfinite(numbers)].flat[0]
        raise errors.InvalidParameterValueError(f"{model}: {name} = {wrong:g} is not allowed, it has to be finite")


def check_parameter(model: str, name: str, values: Any) -> None:
    """Raise InvalidParameterValueError unless every value of a parameter makes sense."""
    numbers = np.atleast_1d(np.asarray(values, dtype=float))
    if name in _POSITIVE:
        right, allowed = numbers > 0, "finite and greater than 0"
    elif name in _NOT_NEGATIVE:
        right, allowed = numbers >= 0, "finite and 0 or greater"
    elif name in _SHARES:
        right, allowed = (numbers >= 0) & (numbers <= 1), "from 0 to 1"
    elif name in _COUNTS:
        right, allowed = (numbers >= 1) & (numbers == np.rint(numbers)), "a whole number from 1"
    else:
        right, allowed = np.isfinite(numbers), "a finite number"
    right &= np.isfinite(numbers)
    if not right.all():
        wrong = numbers[~right].flat[0]
        raise errors.InvalidParameterValueError(f"{model}: {name} = {wrong:g} is not allowed, it has to be {allowed}")


def check_variable(model: str, name: str, values: Any, limits: Mapping[str, Limits]) -> None:
    """Raise InvalidParameterValueError unless every value of a state variable makes sense."""
    numbers = np.atleast_1d(np.asarray(values, dtype=float))
    allowed = limits.get(name, ANY)
    right = allowed.right(numbers)
    if not right.all():
        wrong = numbers[~right].flat[0]
        raise errors.InvalidParameterValueError(f"{model}: {name} = {wrong:g} is not allowed, it has to be {allowed}")


def check_range(model: str, w_min: Any, w_max: Any) -> None:
    """Raise InvalidParameterValueError unless there is room between the bounds of each weight."""
    low, high = np.broadcast_arrays(np.atleast_1d(w_min), np.atleast_1d(w_max))
    if (low == high).any():
        raise errors.InvalidParameterValueError(
            f"{model}: w_min = w_max = {low[low == high][0]:g} leaves no room for a weight to change; "
            "they have to be different (w_max is the weight that strengthening leads to)"
        )
