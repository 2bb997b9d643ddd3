"""Expressions evaluated in Python, on numbers and arrays: the same functions as in the generated code.

It walks the expression; nothing is turned into Python source.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy

from . import symbols
from .symbols import Expr

Value = Any  # a float, a truth value, or an array of either

_vectorised_erf = np.vectorize(math.erf, otypes=[float])


def _exprel(x: Value) -> Value:
    nonzero = np.where(np.equal(x, 0), 1.0, x)
    return np.where(np.equal(x, 0), 1.0, np.expm1(nonzero) / nonzero)


_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "Exp": np.exp,
    "Log": np.log,
    "Log10": np.log10,
    "Log2": np.log2,
    "Log1p": np.log1p,
    "Expm1": np.expm1,
    "Sqrt": np.sqrt,
    "Cbrt": np.cbrt,
    "Power": np.power,
    "Sin": np.sin,
    "Cos": np.cos,
    "Tan": np.tan,
    "Asin": np.arcsin,
    "Acos": np.arccos,
    "Atan": np.arctan,
    "Atan2": np.arctan2,
    "Sinh": np.sinh,
    "Cosh": np.cosh,
    "Tanh": np.tanh,
    "Asinh": np.arcsinh,
    "Acosh": np.arccosh,
    "Atanh": np.arctanh,
    "Erf": _vectorised_erf,
    "Absolute": np.abs,
    "Floor": np.floor,
    "Ceil": np.ceil,
    "Nearest": np.rint,
    "Sign": np.sign,
    "Exprel": _exprel,
    "Phi1": _exprel,
    "Modulo": np.fmod,
    "Minimum": np.minimum,
    "Maximum": np.maximum,
    "Less": np.less,
    "LessEqual": np.less_equal,
    "Equal": np.equal,
    "Both": np.logical_and,
    "Either": np.logical_or,
    "Negation": np.logical_not,
    "Select": np.where,
}


def evaluate(expression: Expr, values: Mapping[Expr, Value]) -> Value:
    """Return the value of an expression.

    Parameters
    ----------
    expression
        Made of the leaves and functions of `symbols`.
    values
        Of every symbol in it: numbers, or arrays that go together.
    """
    if expression in values:
        return values[expression]
    if isinstance(expression, symbols.Constant):
        return expression == symbols.TRUE
    if expression.is_number and not expression.args:
        return float(expression)
    operands = [evaluate(argument, values) for argument in expression.args]
    if isinstance(expression, sympy.Add):
        return functools.reduce(np.add, operands)
    if isinstance(expression, sympy.Mul):
        return functools.reduce(np.multiply, operands)
    if isinstance(expression, sympy.Pow):
        return np.power(np.asarray(operands[0], dtype=float), operands[1])
    return _FUNCTIONS[type(expression).__name__](*operands)


def unknown_functions(expression: Expr) -> list[str]:
    """Return the names of functions in an expression that `evaluate` does not have: those of a random number."""
    found = {type(node).__name__ for node in expression.atoms(symbols.Elementary)}
    return sorted(found - set(_FUNCTIONS))
