"""What the arguments of connectors may be. What is wrong raises a TypeError or ValueError that names the argument."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from pyNN.random import AbstractRNG


def self_connections(allow: Any) -> bool | str:
    """Return a bool or 'NoMutual'."""
    if isinstance(allow, bool | np.bool_):
        return bool(allow)
    if isinstance(allow, str) and allow == "NoMutual":
        return "NoMutual"
    raise ValueError(f"allow_self_connections={allow!r} is not True, False or 'NoMutual'")


def flag(name: str, value: Any) -> bool:
    """Return a bool."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name}={value!r} is neither True nor False")
    return bool(value)


def check_rng(rng: Any) -> None:
    """Raise unless `rng` is None or a generator of PyNN's kind."""
    if rng is not None and not isinstance(rng, AbstractRNG):
        raise TypeError(f"rng={rng!r} is neither None nor a random number generator of PyNN, such as NumpyRNG(seed=1)")


def number(name: str, value: Any) -> float:
    """Return one finite number."""
    if isinstance(value, str | bytes | bool | np.bool_) or np.ndim(value) != 0:
        raise TypeError(f"{name}={value!r} is not a number")
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name}={value!r} is not a number") from None
    if not math.isfinite(result):
        raise ValueError(f"{name}={value!r} is not a finite number")
    return result


def probability(name: str, value: Any) -> float:
    """Return a number from 0 to 1."""
    result = number(name, value) if value == value else math.nan  # NaN is no probability, rather than not finite
    if not 0 <= result <= 1:
        raise ValueError(f"{name}={value} is not a probability: expected a number from 0 to 1")
    return result


def whole_number(name: str, value: Any, otherwise: str = "") -> int:
    """Return a whole number that is not negative; `otherwise` says what else is allowed."""
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        result = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} is {'neither' if otherwise else 'not'} a whole number{otherwise}") from None
    if result < 0:
        raise ValueError(f"{name}={value} is negative")
    return result
