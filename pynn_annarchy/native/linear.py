"""Linear structure of expressions: which coefficients multiply which variables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sympy

from .symbols import Expr, Select

ZERO = sympy.Integer(0)


@dataclass(frozen=True)
class Affine:
    """``sum(coefficients[x] * x) + rest``, in which neither coefficients nor rest contain the variables."""

    coefficients: dict[Expr, Expr]
    rest: Expr

    def scaled(self, factor: Expr) -> Affine:
        """Return this times a factor."""
        return Affine({x: k * factor for x, k in self.coefficients.items()}, self.rest * factor)

    def plus(self, other: Affine) -> Affine:
        """Return the sum of two."""
        merged = dict(self.coefficients)
        for x, k in other.coefficients.items():
            merged[x] = merged.get(x, ZERO) + k
        return Affine(merged, self.rest + other.rest)


def affine(expression: Expr, variables: Collection[Expr]) -> Affine | None:
    """Return an expression as an affine form in the variables, or None if it is not seen to be one."""
    if expression.free_symbols.isdisjoint(variables):
        return Affine({}, expression)
    if expression in variables:
        return Affine({expression: sympy.Integer(1)}, ZERO)
    if isinstance(expression, sympy.Add):
        return _sum(expression, variables)
    if isinstance(expression, sympy.Mul):
        return _product(expression, variables)
    if isinstance(expression, Select):
        return _selected(expression, variables)
    return None


def _sum(expression: Expr, variables: Collection[Expr]) -> Affine | None:
    total = Affine({}, ZERO)
    for term in expression.args:
        part = affine(term, variables)
        if part is None:
            return None
        total = total.plus(part)
    return total


def _product(expression: Expr, variables: Collection[Expr]) -> Affine | None:
    depending = [factor for factor in expression.args if not factor.free_symbols.isdisjoint(variables)]
    if len(depending) > 1:
        return None
    inner = affine(depending[0], variables)
    if inner is None:
        return None
    return inner.scaled(sympy.Mul(*[factor for factor in expression.args if factor is not depending[0]]))


def _selected(expression: Expr, variables: Collection[Expr]) -> Affine | None:
    which, chosen, other = expression.args
    if not which.free_symbols.isdisjoint(variables):
        return None
    first, second = affine(chosen, variables), affine(other, variables)
    if first is None or second is None:
        return None
    found = {
        x: Select(which, first.coefficients.get(x, ZERO), second.coefficients.get(x, ZERO))
        for x in sorted({*first.coefficients, *second.coefficients}, key=str)
    }
    return Affine(found, Select(which, first.rest, second.rest))
