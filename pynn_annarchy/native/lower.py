"""The third stage of the pipeline: what can be computed before the run is taken out of the step (`Step` to `Program`).

Every largest part of an expression that depends on parameters and the time step alone becomes a derived constant. An
expression is first written as a sum of coefficient times term, so that coefficients of one term are collected and a
division by parameters becomes a multiplication by a constant. What is computed twice in one section is named once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import sympy

from .ir import Adaptive, DerivedConstant, Let, Program, Propagator, Section, Statement, Step, Store, Watch
from .model import NeuronModel
from .symbols import Derived, Entry, Expr, Local, Parameter, Truth, is_condition, is_static

_ONE = sympy.Integer(1)


def lower(model: NeuronModel, step: Step) -> Program:
    """Return the program of a model's step."""
    hoister = Hoister(step.propagators)
    sections = tuple(_section(section, hoister) for section in step.sections)
    sections = _common(tuple(section for section in sections if section.statements))
    return Program(
        name=model.name,
        parameters=model.parameters,
        states={**model.states, **step.internal},
        receptors=tuple(model.receptors),
        constants=tuple(hoister.constants.values()),
        propagators=step.propagators,
        draws=tuple(draw for draw in model.draws if _uses(sections, draw)),
        sections=sections,
        spikes=step.spikes,
        injectable=model.injectable,
        headers=_headers(sections, step),
    )


def _headers(sections: Iterable[Section], step: Step) -> tuple[str, ...]:
    adaptive = any(isinstance(statement, Adaptive) for section in sections for statement in section.statements)
    return ("functions.h", *(["expm.h"] if step.propagators else []), *(["dopri5.h"] if adaptive else []))


def _uses(sections: Iterable[Section], symbol: Expr) -> bool:
    return any(symbol in expression.free_symbols for section in sections for expression in _expressions(section))


def _expressions(section: Section) -> list[Expr]:
    found: list[Expr] = []
    for statement in section.statements:
        if isinstance(statement, Adaptive):
            found += [*statement.derivatives, *(let.value for let in statement.body)]
            found += [] if statement.watch is None else [statement.watch.level]
        else:
            found.append(statement.value)
    return found


class Hoister:
    """Replaces static parts of expressions by derived constants.

    Parameters
    ----------
    propagators
        The matrices whose elements may appear as static symbols.
    """

    def __init__(self, propagators: Iterable[Propagator]) -> None:
        self.constants: dict[Expr, DerivedConstant] = {}
        self._static_locals: dict[Expr, Expr] = {}
        self._names: set[str] = set()
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

    def hoist(self, expression: Expr) -> Expr:
        """Return an expression that reads derived constants in place of parameters."""
        expression = self.resolve(expression)
        if is_condition(expression):
            return self._rebuilt(expression)
        return self._joined(self._terms(expression))

    def _rebuilt(self, expression: Expr) -> Expr:
        if not expression.args:
            return expression
        return expression.func(*(self.hoist(argument) for argument in expression.args))

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
                    total[term] = total.get(term, sympy.Integer(0)) + coefficient
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
        return self._rebuilt(factor) if isinstance(factor, sympy.Pow) else self.hoist(factor)

    def _joined(self, terms: dict[Expr, Expr]) -> Expr:
        return sympy.Add(*(self._constant(coefficient) * term for term, coefficient in terms.items()))

    def _constant(self, value: Expr) -> Expr:
        """Return a number as it is, and for anything else the derived constant of this value."""
        if value.is_Number:
            return value
        if not value.free_symbols:
            return sympy.Float(float(value))
        if value.could_extract_minus_sign():
            return -self._constant(-value)
        if value not in self.constants:
            depends = self._depends(value)
            self.constants[value] = DerivedConstant(Derived(self._named(value)), value, depends)
        return self.constants[value].symbol

    def _depends(self, value: Expr) -> frozenset[Parameter]:
        entries = [symbol.name.split("[")[0] for symbol in value.free_symbols if isinstance(symbol, Entry)]
        return _parameters([value]).union(*(self._entries[entry] for entry in entries))

    def _named(self, value: Expr) -> str:
        name = f"k{len(self.constants)}"
        if value.is_Symbol and not isinstance(value, Entry):
            name = value.name
        elif isinstance(value, sympy.Pow) and value.exp == -1 and isinstance(value.base, Parameter):
            name = f"inv_{value.base.name}"
        while name in self._names:
            name += "_"
        self._names.add(name)
        return name


def _parameters(expressions: Iterable[Expr]) -> frozenset[Parameter]:
    return frozenset(s for expression in expressions for s in expression.free_symbols if isinstance(s, Parameter))


def _section(section: Section, hoister: Hoister) -> Section:
    statements: list[Statement] = []
    for statement in section.statements:
        if isinstance(statement, Adaptive):
            statements.append(_adaptive(statement, hoister))
        elif isinstance(statement, Store):
            statements.append(dataclasses.replace(statement, value=hoister.hoist(statement.value)))
        else:
            resolved = hoister.resolve(statement.value)
            if is_static(resolved) and not is_condition(resolved):
                hoister.remember(statement.target, resolved)
            else:
                statements.append(dataclasses.replace(statement, value=hoister.hoist(resolved)))
    return Section(section.title, tuple(statements))


def _adaptive(statement: Adaptive, hoister: Hoister) -> Adaptive:
    watch = statement.watch
    if watch is not None:
        watch = Watch(watch.index, hoister.hoist(watch.level), watch.crossed)
    derivatives = [hoister.hoist(expression) for expression in statement.derivatives]
    temporaries, shared = _shared(derivatives, "x")
    return dataclasses.replace(statement, body=temporaries, derivatives=tuple(shared), watch=watch)


def _common(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Name what one section computes twice; a section of stores is sequential and stays as it is."""
    found = []
    for number, section in enumerate(sections):
        found.append(_shared_section(section, f"x{number}_"))
    return tuple(found)


def _shared_section(section: Section, prefix: str) -> Section:
    """Share within runs of definitions that do not read one another's stores."""
    lets = [statement for statement in section.statements if isinstance(statement, Let)]
    if len(lets) != len(section.statements):
        return section
    temporaries, shared = _shared([let.value for let in lets], prefix)
    rewritten = [dataclasses.replace(let, value=value) for let, value in zip(lets, shared, strict=True)]
    return Section(section.title, tuple(_ordered([*temporaries, *rewritten], rewritten)))


def _ordered(lets: Sequence[Let], wanted: Sequence[Let]) -> list[Statement]:
    """Put each temporary directly before the first definition that needs it."""
    by_name = {let.target: let for let in lets}
    done: set[Expr] = set()
    result: list[Statement] = []

    def place(let: Let) -> None:
        if let.target in done:
            return
        done.add(let.target)
        for symbol in sorted(let.value.free_symbols & set(by_name), key=str):
            place(by_name[symbol])
        result.append(let)

    for let in wanted:
        place(let)
    return result


def _shared(expressions: Sequence[Expr], prefix: str) -> tuple[tuple[Let, ...], list[Expr]]:
    """Return definitions of repeated parts, and the expressions in their terms."""
    counter = 0
    names: list[Expr] = []

    def fresh() -> Iterable[Expr]:
        nonlocal counter
        while True:
            names.append(Local(f"{prefix}{counter}"))
            counter += 1
            yield names[-1]

    replacements, reduced = sympy.cse(list(expressions), symbols=fresh(), order="canonical")
    conditions = {symbol: Truth(symbol.name) for symbol, value in replacements if is_condition(value)}
    lets = tuple(Let(conditions.get(symbol, symbol), value.xreplace(conditions)) for symbol, value in replacements)
    return lets, [expression.xreplace(conditions) for expression in reduced]
