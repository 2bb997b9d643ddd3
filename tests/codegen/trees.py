"""Random expressions of the equation language, with a value in numpy and a bound of the rounding error of any
evaluation.

The bound follows an expression by the rules of running error analysis (Higham 2002, section 3.3); a sum counts the
error of its terms before they cancel, so that it also covers an evaluation that multiplies out or collects terms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

Array = np.ndarray


@dataclass(frozen=True)
class Value:
    """Numbers and bounds of their errors in units of the rounding error; infinite where a comparison is too close."""

    x: Array
    error: Array


@dataclass(frozen=True)
class Tree:
    """An expression: its text, and how it is evaluated."""

    text: str
    at: Callable[[Mapping[str, Array], float], Value]


def _leaf(name: str) -> Tree:
    return Tree(name, lambda values, u: Value(values[name], np.zeros_like(values[name])))


def _number(value: float) -> Tree:
    def at(values: Mapping[str, Array], u: float) -> Value:
        x = np.full_like(next(iter(values.values())), value)
        return Value(x, np.abs(x))

    return Tree(repr(value) if value >= 0 else f"({value!r})", at)


def _sum(a: Tree, b: Tree, sign: int) -> Tree:
    def at(values: Mapping[str, Array], u: float) -> Value:
        p, q = a.at(values, u), b.at(values, u)
        return Value(p.x + sign * q.x, p.error + q.error + np.abs(p.x) + np.abs(q.x))

    return Tree(f"({a.text} {'+' if sign > 0 else '-'} {b.text})", at)


def _product(a: Tree, b: Tree) -> Tree:
    def at(values: Mapping[str, Array], u: float) -> Value:
        p, q = a.at(values, u), b.at(values, u)
        return Value(p.x * q.x, np.abs(p.x) * q.error + np.abs(q.x) * p.error + np.abs(p.x * q.x))

    return Tree(f"({a.text}*{b.text})", at)


def _quotient(a: Tree, b: Tree) -> Tree:
    """a / (1 + b^2), whose denominator is never small."""

    def at(values: Mapping[str, Array], u: float) -> Value:
        p, q = a.at(values, u), b.at(values, u)
        below = 1 + q.x * q.x
        below_error = 2 * np.abs(q.x) * q.error + 2 * below
        x = p.x / below
        return Value(x, p.error / below + np.abs(x) * below_error / below + np.abs(x))

    return Tree(f"({a.text}/(1 + {b.text}^2))", at)


def _function(text: str, f: Callable[[Array], Array], slope: Callable[[Array], Array]) -> Callable[[Tree], Tree]:
    def build(a: Tree) -> Tree:
        def at(values: Mapping[str, Array], u: float) -> Value:
            p = a.at(values, u)
            return Value(f(p.x), slope(p.x) * p.error * 1.1 + 20 * np.abs(f(p.x)) + 2)  # 2: of a sum with 1

        return Tree(text.format(a.text), at)

    return build


def _extreme(name: str, pick: Callable[[Array, Array], Array]) -> Callable[[Tree, Tree], Tree]:
    def build(a: Tree, b: Tree) -> Tree:
        def at(values: Mapping[str, Array], u: float) -> Value:
            p, q = a.at(values, u), b.at(values, u)
            return Value(pick(p.x, q.x), np.maximum(p.error, q.error))

        return Tree(f"{name}({a.text}, {b.text})", at)

    return build


def _choice(form: str) -> Callable[[Tree, Tree, Tree, Tree], Tree]:
    def build(a: Tree, b: Tree, c: Tree, d: Tree) -> Tree:
        def at(values: Mapping[str, Array], u: float) -> Value:
            p, q, r, s = (tree.at(values, u) for tree in (a, b, c, d))
            close = np.abs(p.x - q.x) <= 100 * u * (p.error + q.error + np.abs(p.x) + np.abs(q.x))
            error = np.where(close, np.inf, np.where(p.x < q.x, r.error, s.error))
            return Value(np.where(p.x < q.x, r.x, s.x), error)

        return Tree(form.format(a.text, b.text, c.text, d.text), at)

    return build


_UNARY = [
    _function("(-{})", lambda x: -x, np.ones_like),
    _function("abs({})", np.abs, np.ones_like),
    _function("sin({})", np.sin, np.ones_like),
    _function("cos({})", np.cos, np.ones_like),
    _function("tanh({})", np.tanh, np.ones_like),
    _function("atan({})", np.arctan, np.ones_like),
    _function("exp(-abs({}))", lambda x: np.exp(-np.abs(x)), np.ones_like),
    _function("sqrt(1 + {}^2)", lambda x: np.sqrt(1 + x * x), np.ones_like),
    _function("log(1 + {}^2)", lambda x: np.log(1 + x * x), np.ones_like),
    _function("asinh({})", np.arcsinh, np.ones_like),
    _function("expm1(min({}, 1))", lambda x: np.expm1(np.minimum(x, 1)), lambda x: np.full_like(x, 3)),
    _function("log1p(abs({}))", lambda x: np.log1p(np.abs(x)), np.ones_like),
    _function("erf({})", np.vectorize(math.erf), lambda x: np.full_like(x, 1.2)),
    _function("cosh(clip({}, -2, 2))", lambda x: np.cosh(np.clip(x, -2, 2)), lambda x: np.full_like(x, 4)),
    _function("sinh(clip({}, -2, 2))", lambda x: np.sinh(np.clip(x, -2, 2)), lambda x: np.full_like(x, 4)),
    _function("arctan({})", np.arctan, np.ones_like),
    _function("neg({})", lambda x: np.minimum(x, 0), np.ones_like),
    _function("sigmoid({})", lambda x: 1 / (1 + np.exp(-x)), np.ones_like),  # defined by the test
    _function("power(clip({}, -1, 1), 4)", lambda x: np.clip(x, -1, 1) ** 4, lambda x: np.full_like(x, 4)),
    _function("pos({})", lambda x: np.maximum(x, 0), np.ones_like),
    _function("exprel(clip({}, -30, 2))", lambda x: _exprel(np.clip(x, -30, 2)), lambda x: np.full_like(x, 4)),
    _function("(clip({}, -1, 1)^3)", lambda x: np.clip(x, -1, 1) ** 3, lambda x: np.full_like(x, 3)),
]
_BINARY = [
    lambda a, b: _sum(a, b, 1),
    lambda a, b: _sum(a, b, -1),
    _product,
    _quotient,
    _extreme("min", np.minimum),
    _extreme("max", np.maximum),
    _extreme("larger", np.maximum),  # defined by the test
]
_QUATERNARY = [
    _choice("ite({} < {}, {}, {})"),
    _choice("(if {} < {}: {} else: {})"),
    _choice("ite(not ({} >= {}), {}, {})"),
    _choice("ite(({} < {}) is True, {}, {})"),
    _choice("ite({} < {} and (2 is 2) or False, {}, {})"),
]


def _exprel(x: Array) -> Array:
    return np.where(x == 0, 1, np.expm1(x) / np.where(x == 0, 1, x))


def trees(names: list[str]) -> st.SearchStrategy[Tree]:
    """Return a strategy of expressions in these names."""
    leaves = st.sampled_from([_leaf(name) for name in names]) | st.floats(-4, 4).map(lambda x: _number(round(x, 3)))

    def grown(smaller: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.one_of(
            st.builds(lambda f, a: f(a), st.sampled_from(_UNARY), smaller),
            st.builds(lambda f, a, b: f(a, b), st.sampled_from(_BINARY), smaller, smaller),
            st.builds(lambda f, a, b, c, d: f(a, b, c, d), st.sampled_from(_QUATERNARY), *[smaller] * 4),
        )

    return st.recursive(leaves, grown, max_leaves=10)
