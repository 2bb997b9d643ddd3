"""The third stage of the pipeline: what can be computed before the run is taken out of the step (`Behaviour` to
`Program`).

Every largest part of an expression that depends on parameters and the time step alone becomes a derived constant. An
expression is first written as a sum of coefficient times term, so that coefficients of one term are collected and a
division by parameters becomes a multiplication by a constant. What is computed twice in one section is named once, and
what nothing reads is left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Sequence

import sympy

from .hoist import Hoister
from .ir import (
    Adaptive,
    Behaviour,
    Body,
    Exponential,
    Let,
    Note,
    Program,
    Section,
    Statement,
    Store,
    Watch,
    expressions,
    symbols_of,
)
from .ir import read as read_by
from .model import Model
from .symbols import Elementary, Expr, GammaVariate, Local, Truth, is_condition, is_static


def lower(model: Model, behaviour: Behaviour) -> Program:
    """Return the program of a model."""
    hoister = Hoister(behaviour.propagators)
    bodies = {name: _lowered(body, hoister, model) for name, body in behaviour.bodies.items()}
    return Program(
        model=model,
        states={**model.states, **behaviour.internal},
        constants=tuple(hoister.constants.values()),
        propagators=behaviour.propagators,
        bodies=bodies,
        headers=_headers(bodies.values(), behaviour),
    )


def _lowered(body: Body, hoister: Hoister, model: Model) -> Body:
    hoisted = [_hoisted(section, hoister) for section in body.sections]
    result = None if body.result is None else hoister.hoist(body.result, "result")
    shared = [_shared_section(section, f"x{number}_") for number, section in enumerate(hoisted)]
    sections = tuple(section for section in pruned(shared, () if result is None else [result]) if section.statements)
    found = read_by(Body(sections, result))
    return Body(sections, result, tuple(draw for draw in model.draws if draw in found))


def _headers(bodies: Collection[Body], behaviour: Behaviour) -> tuple[str, ...]:
    kinds = {type(statement) for body in bodies for section in body.sections for statement in section.statements}
    matrices = behaviour.propagators or Exponential in kinds
    read = set().union(*(symbols for body in bodies for symbols in _functions_of(body)))
    needed = {"expm.h": matrices, "dopri5.h": Adaptive in kinds, "variates.h": GammaVariate in read}
    return ("functions.h", *(name for name, is_needed in needed.items() if is_needed))


def _functions_of(body: Body) -> Iterator[set[type]]:
    """Yield the functions that the expressions of a body call."""
    values = [e for section in body.sections for statement in section.statements for e in expressions(statement)]
    for value in [*values, *([] if body.result is None else [body.result])]:
        yield {type(call) for call in value.atoms(Elementary)}


# ---- constants -------------------------------------------------------------------------------------------------------


def _hoisted(section: Section, hoister: Hoister) -> Section:
    statements: list[Statement] = []
    for statement in section.statements:
        if isinstance(statement, Adaptive):
            statements.append(_adaptive(statement, hoister))
        elif isinstance(statement, Exponential):
            matrix = tuple(hoister.hoist(entry, f"{statement.name}_rate") for entry in statement.matrix)
            time = hoister.hoist(statement.time, "time")
            statements.append(dataclasses.replace(statement, matrix=matrix, time=time))
        elif isinstance(statement, Store):
            value = hoister.hoist(statement.value, statement.target.name)
            statements.append(dataclasses.replace(statement, value=value))
        elif isinstance(statement, Let):
            resolved = hoister.resolve(statement.value)
            if is_static(resolved) and not is_condition(resolved):
                hoister.remember(statement.target, resolved)
            else:
                value = hoister.hoist(resolved, statement.target.name.removesuffix("_next").removesuffix("_now"))
                statements.append(dataclasses.replace(statement, value=value))
    return Section(section.title, tuple(statements))


def _adaptive(statement: Adaptive, hoister: Hoister) -> Adaptive:
    watch = statement.watch
    if watch is not None:
        watch = Watch(watch.index, hoister.hoist(watch.level, "level"), watch.crossed)
    pairs = zip(statement.start, statement.derivatives, strict=True)
    derivatives = [hoister.hoist(slope, f"d{variable.name}") for variable, slope in pairs]
    temporaries, shared = _shared(derivatives, "x")
    return dataclasses.replace(statement, body=temporaries, derivatives=tuple(shared), watch=watch)


# ---- repeated parts --------------------------------------------------------------------------------------------------


def _shared_section(section: Section, prefix: str) -> Section:
    """Name what definitions repeat. A section with stores is sequential and stays as it is."""
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
    replacements, reduced = sympy.cse(list(expressions), symbols=_fresh(prefix), order="canonical")
    meant: dict[Expr, Expr] = {}
    lets: list[Let] = []
    for symbol, value in replacements:
        value = value.xreplace(meant)
        if (-value).is_Symbol:  # a sign costs nothing, a name for it hides it
            meant[symbol] = value
            continue
        if is_condition(value):
            meant[symbol] = Truth(symbol.name)
        lets.append(Let(meant.get(symbol, symbol), value))
    return tuple(lets), [expression.xreplace(meant) for expression in reduced]


def _fresh(prefix: str) -> Iterator[Local]:
    number = 0
    while True:
        yield Local(f"{prefix}{number}")
        number += 1


# ---- what nothing reads ----------------------------------------------------------------------------------------------


def pruned(sections: Sequence[Section], results: Iterable[Expr]) -> list[Section]:
    """Return the sections without definitions that neither a later statement nor a result reads."""
    read: set[Expr] = set().union(*(result.free_symbols for result in results))
    found: list[Section] = []
    for section in reversed(sections):
        statements: list[Statement] = []
        for statement in reversed(section.statements):
            if isinstance(statement, Let) and statement.target not in read:
                statements += [Note(statement.comment)] if statement.comment else []
                continue
            if isinstance(statement, Adaptive):
                results = tuple(name if name in read else None for name in statement.results)
                statement = dataclasses.replace(statement, results=results)
            read.update(symbols_of(statement))
            statements.append(statement)
        found.append(Section(section.title, tuple(reversed(statements))))
    return found[::-1]
