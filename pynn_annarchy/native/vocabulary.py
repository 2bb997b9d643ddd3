"""The functions, distributions, operators and comparisons of the equation language, as what builds expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING

import sympy

from . import symbols
from .symbols import Expr

if TYPE_CHECKING:
    from .expression import Scope

_ONE, _ZERO = sympy.Integer(1), sympy.Integer(0)
_SLACK = sympy.Float(1e-3)  # times are compared to within this share of a time step


def power(base: Expr, exponent: Expr) -> Expr:
    """Return base**exponent: products for small whole exponents, a square root, else the library's pow."""
    if base.is_Number and exponent.is_Number:
        return symbols.Power(base, exponent)
    if exponent.is_Integer and abs(int(exponent)) <= 64:
        return base**exponent
    if exponent == sympy.Float(0.5):
        return symbols.Sqrt(base)
    return symbols.Power(base, exponent)


def _clip(_: Scope, value: Expr, low: Expr, high: Expr) -> Expr:
    return symbols.Minimum(symbols.Maximum(value, low), high)


def _uniform(scope: Scope, low: Expr, high: Expr) -> Expr:
    return low + (high - low) * scope.draw("uniform")


def _normal(scope: Scope, mean: Expr, deviation: Expr) -> Expr:
    return mean + deviation * scope.draw("normal")


def _discrete_uniform(scope: Scope, low: Expr, high: Expr) -> Expr:
    drawn = symbols.Floor(low + (high - low + 1) * scope.draw("uniform"))
    return symbols.Minimum(drawn, high)  # in single precision a uniform number can be 1


def _log_normal(scope: Scope, mean: Expr, deviation: Expr) -> Expr:
    return symbols.Exp(_normal(scope, mean, deviation))


def _exponential(scope: Scope, rate: Expr) -> Expr:
    return scope.draw("exponential") / rate


def _gamma(scope: Scope, shape: Expr, scale: Expr = _ONE) -> Expr:
    return scale * symbols.GammaVariate(scope.draw("uniform"), shape)


def _binomial(scope: Scope, count: Expr, probability: Expr) -> Expr:
    return symbols.Binomial(scope.draw("uniform"), count, probability)


def _less(left: Expr, right: Expr) -> Expr:
    if _is_time(left) or _is_time(right):
        return symbols.Less(left + _SLACK * symbols.DT, right)
    return symbols.Less(left, right)


def _less_equal(left: Expr, right: Expr) -> Expr:
    if _is_time(left) or _is_time(right):
        return symbols.LessEqual(left, right + _SLACK * symbols.DT)
    return symbols.LessEqual(left, right)


def _equal(left: Expr, right: Expr) -> Expr:
    if _is_time(left) or _is_time(right):
        return symbols.Less(symbols.FUNCTIONS["abs"](left - right), _SLACK * symbols.DT)
    return symbols.Equal(left, right)


def _is_time(expression: Expr) -> bool:
    """Whether an expression is made of the time, which is a multiple of the step up to rounding only."""
    return symbols.TIME in expression.free_symbols


def _same_truth(left: Expr, right: Expr) -> Expr:
    neither = symbols.Both(symbols.Negation(left), symbols.Negation(right))
    return symbols.Either(symbols.Both(left, right), neither)


DISTRIBUTIONS: dict[str, tuple[int, int, Callable[..., Expr]]] = {
    "Uniform": (2, 2, _uniform),
    "DiscreteUniform": (2, 2, _discrete_uniform),
    "Normal": (2, 2, _normal),
    "LogNormal": (2, 2, _log_normal),
    "Exponential": (1, 1, _exponential),
    "Gamma": (1, 2, _gamma),
    "Binomial": (2, 2, _binomial),
}

# What the arguments of distributions have to be, if they are numbers: a test of one or of two neighbours.
_POSITIVE, _PROBABILITY = (lambda x: x > 0, "greater than 0"), (lambda x: 0 <= x <= 1, "from 0 to 1")
_NOT_NEGATIVE, _WHOLE = (lambda x: x >= 0, "0 or greater"), (lambda x: x == int(x), "a whole number")
_COUNT = (lambda x: x >= 0 and x == int(x), "a whole number, 0 or greater")
_LIMITS: dict[str, tuple[tuple[str, tuple[Callable[[float], bool], str] | None], ...]] = {
    "Uniform": (("lower bound", None), ("upper bound", None)),
    "DiscreteUniform": (("lower bound", _WHOLE), ("upper bound", _WHOLE)),
    "Normal": (("mean", None), ("standard deviation", _NOT_NEGATIVE)),
    "LogNormal": (("mean", None), ("standard deviation", _NOT_NEGATIVE)),
    "Exponential": (("rate", _POSITIVE),),
    "Gamma": (("shape", _POSITIVE), ("scale", _POSITIVE)),
    "Binomial": (("number of trials", _COUNT), ("probability", _PROBABILITY)),
}


def impossible(name: str, arguments: Sequence[Expr], bounds: Mapping[str, Expr]) -> str | None:
    """Return why a distribution cannot have these arguments, as far as they are numbers, or None."""
    for (what, limit), argument in zip(_LIMITS[name], arguments, strict=False):
        if limit is not None and argument.is_number and not limit[0](float(argument)):
            return f"the {what} of {name} is {float(argument):g}; it has to be {limit[1]}"
    low, high = (bounds.get("min"), bounds.get("max")) if bounds else (None, None)
    if name.endswith("Uniform"):
        low, high = arguments
    if low is not None and high is not None and low.is_number and high.is_number and float(low) > float(high):
        return f"the bounds of {name} are {float(low):g} and {float(high):g}; the lower one comes first"
    return None


BOUNDED = frozenset(("Normal", "LogNormal", "Exponential", "Gamma"))  # those whose numbers have no bounds of their own

CALLS: dict[str, tuple[int, int, Callable[..., Expr]]] = {
    **DISTRIBUTIONS,
    "min": (2, 64, lambda _, *values: reduce(symbols.Minimum, values)),
    "max": (2, 64, lambda _, *values: reduce(symbols.Maximum, values)),
    "clip": (3, 3, _clip),
    "pos": (1, 1, lambda _, value: symbols.Maximum(value, _ZERO)),
    "positive": (1, 1, lambda _, value: symbols.Maximum(value, _ZERO)),
    "neg": (1, 1, lambda _, value: symbols.Minimum(value, _ZERO)),
    "negative": (1, 1, lambda _, value: symbols.Minimum(value, _ZERO)),
    "fabs": (1, 1, lambda _, value: symbols.FUNCTIONS["abs"](value)),
    "ln": (1, 1, lambda _, value: symbols.FUNCTIONS["log"](value)),
    "arcsin": (1, 1, lambda _, value: symbols.FUNCTIONS["asin"](value)),
    "arccos": (1, 1, lambda _, value: symbols.FUNCTIONS["acos"](value)),
    "arctan": (1, 1, lambda _, value: symbols.FUNCTIONS["atan"](value)),
    "pow": (2, 2, lambda _, base, exponent: power(base, exponent)),
    "power": (2, 2, lambda _, base, exponent: power(base, exponent)),
    "square": (1, 1, lambda _, value: value**2),
    "ite": (3, 3, symbols.Select),
}

FUNCTION_NAMES = frozenset(CALLS) | frozenset(symbols.FUNCTIONS)

OPERATIONS: dict[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: power,
    ast.Mod: symbols.FUNCTIONS["modulo"],
}

COMPARISONS: dict[type[ast.cmpop], Callable[[Expr, Expr], Expr]] = {
    ast.Lt: _less,
    ast.LtE: _less_equal,
    ast.Gt: lambda a, b: _less(b, a),
    ast.GtE: lambda a, b: _less_equal(b, a),
    ast.Eq: _equal,
    ast.NotEq: lambda a, b: symbols.Negation(_equal(a, b)),
}

TRUTH_COMPARISONS: dict[type[ast.cmpop], Callable[[Expr, Expr], Expr]] = {
    ast.Eq: _same_truth,
    ast.NotEq: lambda a, b: symbols.Negation(_same_truth(a, b)),
}
