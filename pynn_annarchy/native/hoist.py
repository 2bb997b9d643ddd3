"""Taking what follows from parameters and the time step out of expressions, as derived constants."""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from .ir import DerivedConstant, Propagator
from .symbols import Derived, Entry, Expr, Parameter, is_condition, is_static

_ONE = sympy.Integer(1)
_ZERO = sympy.Integer(0)


class Hoister:
    """Replaces the static parts of expressions by derived constants.

    Parameters
    ----------
    propagators
        The matrices whose elements may appear as static symbols.

    Attributes
    ----------
    constants
        The constants so far, by their value.
    """

    def __init__(self, propagators: Iterable[Propagator]) -> None:
        self.constants: dict[Expr, DerivedConstant] = {}
        self._static_locals: dict[Expr, Expr] = {}
        self._names: set[str] = set()
        self._label = ""
        self._entries: dict[str, frozenset[Parameter]] = {
            name + propagator.name: _parameters(propagator.matrix.values())
            for propagator in propagators
            for name in "PQ"
        }

    def remember(self, local: Expr, value: Expr) -> None:
        """Let a local variable stand for its static value from here on."""
        self._static_locals[local] = value

    def resolve(self, expression: Expr) -> Expr:
        """Return an expression with the local variables that are static written out."""
        return expression.xreplace(self._static_locals)

    def hoist(self, expression: Expr, label: str) -> Expr:
        """Return an expression that reads derived constants in place of parameters; new ones are named after a
        label."""
        self._label = label
        return self._hoisted(self.resolve(expression))

    def _hoisted(self, expression: Expr) -> Expr:
        if is_condition(expression):
            return self._rebuilt(expression)
        terms = self._terms(expression)
        return sympy.Add(*(self._constant(coefficient, term) * term for term, coefficient in terms.items()))

    def _rebuilt(self, expression: Expr) -> Expr:
        if not expression.args:
            return expression
        return expression.func(*(self._hoisted(argument) for argument in expression.args))

    def _terms(self, expression: Expr) -> dict[Expr, Expr]:
        """Return an expression as term -> static coefficient; the term 1 carries what is static altogether."""
        if is_static(expression):
            return {_ONE: expression}
        if expression.is_Symbol:
            return {expression: _ONE}
        if isinstance(expression, sympy.Add):
            total: dict[Expr, Expr] = {}
            for part in expression.args:
                for term, coefficient in self._terms(part).items():
                    total[term] = total.get(term, _ZERO) + coefficient
            return total
        if isinstance(expression, sympy.Mul):
            return self._product(expression)
        return {self._rebuilt(expression): _ONE}

    def _product(self, expression: Expr) -> dict[Expr, Expr]:
        factors = [factor for factor in expression.args if not is_static(factor)]
        coefficient = sympy.Mul(*(factor for factor in expression.args if is_static(factor)))
        if len(factors) == 1:
            inner = factors[0]
            if isinstance(inner, sympy.Add) or inner.is_Symbol:
                return {term: coefficient * k for term, k in self._terms(inner).items()}
            return {self._rebuilt(inner): coefficient}
        return {sympy.Mul(*(self._factor(factor) for factor in factors)): coefficient}

    def _factor(self, factor: Expr) -> Expr:
        return self._rebuilt(factor) if isinstance(factor, sympy.Pow) else self._hoisted(factor)

    def _constant(self, value: Expr, term: Expr) -> Expr:
        """Return a number as it is, and for anything else the derived constant of this value."""
        if value.is_Number:
            return value
        if not value.free_symbols:
            return sympy.Float(float(value))
        if value.could_extract_minus_sign():
            return -self._constant(-value, term)
        if value not in self.constants:
            depends = self._depends(value)
            self.constants[value] = DerivedConstant(Derived(self._named(value, term)), value, depends)
        return self.constants[value].symbol

    def _depends(self, value: Expr) -> frozenset[Parameter]:
        entries = [symbol.name.split("[")[0] for symbol in value.free_symbols if isinstance(symbol, Entry)]
        return _parameters([value]).union(*(self._entries[entry] for entry in entries))

    def _named(self, value: Expr, term: Expr) -> str:
        """Return a name: a parameter's own, else what it is a coefficient of, as in ``v_isyn_exc``."""
        name: str
        if value.is_Symbol and not isinstance(value, Entry):
            name = value.name
        elif isinstance(value, sympy.Pow) and value.exp == -1 and isinstance(value.base, Parameter):
            name = f"inv_{value.base.name}"
        elif term == _ONE:
            name = f"{self._label}_constant"
        elif term.is_Symbol and term.name == self._label:
            name = f"{self._label}_self"
        else:
            name = f"{self._label}_{term.name}" if term.is_Symbol else f"{self._label}_factor"
        unique, number = name, 2
        while unique in self._names:
            unique, number = f"{name}_{number}", number + 1
        self._names.add(unique)
        return unique


def _parameters(expressions: Iterable[Expr]) -> frozenset[Parameter]:
    return frozenset(s for expression in expressions for s in expression.free_symbols if isinstance(s, Parameter))
