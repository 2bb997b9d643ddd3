"""Expressions in the distance ``d``, as text.

They are parsed against a list of what is allowed, and never evaluated as Python.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from pyNN.errors import InvalidParameterValueError

_CONSTANTS = {"pi": np.pi, "e": np.e, "inf": np.inf}

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "min": np.minimum,
    "max": np.maximum,
    "where": np.where,
    "pow": np.power,
    "clip": np.clip,
    **{
        name: getattr(np, name)
        for name in (
            "arccos arccosh arcsin arcsinh arctan arctan2 arctanh ceil cos cosh exp expm1 fabs floor fmod hypot log "
            "log10 log1p log2 maximum minimum power sign sin sinh sqrt square tan tanh absolute"
        ).split()
    },
}

_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitAnd: np.logical_and,
    ast.BitOr: np.logical_or,
    ast.And: np.logical_and,
    ast.Or: np.logical_or,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: np.logical_not,
    ast.Invert: np.logical_not,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class DistanceExpression:
    """A function of the distance, given as text.

    Parameters
    ----------
    text
        Numbers, ``d``, ``pi``, ``e``, arithmetic, comparisons, ``and``, ``or``, ``not`` and NumPy's elementary
        functions, with or without ``np.`` before them.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError) as error:
            raise InvalidParameterValueError(
                f"{text!r} is not an expression in d: incorrect syntax ({error})"
            ) from None
        self._check(self._tree)

    def __repr__(self) -> str:
        return repr(self.text)

    def __call__(self, d: Any) -> Any:
        """Return the value at a distance, or at each of an array of them."""
        return self._value(self._tree, d)

    def _refuse(self, what: str) -> InvalidParameterValueError:
        return InvalidParameterValueError(
            f"{self.text!r} is not an expression in d: {what}. Known are d, {', '.join(_CONSTANTS)} and the functions "
            f"{', '.join(sorted(_FUNCTIONS))}"
        )

    def _check(self, node: ast.expr) -> None:
        match node:
            case ast.Constant(value=bool() | int() | float()):
                return
            case ast.Name(id=name):
                if name != "d" and name not in _CONSTANTS:
                    raise self._refuse(f"name {name!r} is not defined")
                return
            case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=name) if name in _CONSTANTS:
                return
            case ast.Call(func=function, args=arguments, keywords=[]) if _function_name(function) in _FUNCTIONS:
                parts = arguments
            case ast.UnaryOp(operand=operand):
                parts = [operand]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                parts = [left, right]
            case ast.BoolOp(values=values):
                parts = values
            case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _OPERATORS for op in ops):
                parts = [left, *others]
            case _:
                raise self._refuse(f"{ast.unparse(node)!r} is not allowed in one")
        for part in parts:
            self._check(part)

    def _value(self, node: ast.expr, d: Any) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id="d"):
                return d
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return _CONSTANTS[name]
            case ast.Call(func=function, args=arguments):
                return _FUNCTIONS[_function_name(function)](*(self._value(argument, d) for argument in arguments))
            case ast.UnaryOp(op=op, operand=operand):
                return _OPERATORS[type(op)](self._value(operand, d))
            case ast.BinOp(left=left, op=op, right=right):
                return _OPERATORS[type(op)](self._value(left, d), self._value(right, d))
            case ast.BoolOp(op=op, values=values):
                return reduce(_OPERATORS[type(op)], [self._value(value, d) for value in values])
            case ast.Compare(left=left, ops=ops, comparators=others):
                values = [self._value(part, d) for part in (left, *others)]
                tests = [_OPERATORS[type(op)](a, b) for op, a, b in zip(ops, values, values[1:], strict=False)]
                return reduce(np.logical_and, tests)
        raise AssertionError(f"{ast.dump(node)} passed the check")


def _function_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=name):
            return name
    return ""
