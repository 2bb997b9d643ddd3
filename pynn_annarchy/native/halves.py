"""A neuron's step in two halves, the second of which begins where phi1 is called.

A loop over many neurons has no branches; but between two loops there is room for one. Where the arguments of phi1 are
near 0 for a whole chunk of neurons, which is where a membrane's rate times the step nearly always is, a polynomial does
(csrc/fastmath.h). Two short loops also keep their constants in registers, where one long loop loads them anew for
every four neurons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .ir import Body, Let, Note, Section, Statement, Store, expressions, symbols_of
from .ir import read as read_by
from .lower import pruned
from .symbols import Draw, Elementary, Expr, Held, Input, Phi1, State, Truth

_MOST_HELD = 8  # numbers that go from one loop to the other, half a kilobyte of the stack each


@dataclass(frozen=True)
class Halves:
    """What is done before phi1 is called, and what after.

    Attributes
    ----------
    held
        What the first half leaves for the second.
    arguments
        Of phi1, in terms of the first half.
    """

    first: Body
    second: Body
    held: tuple[Held, ...]
    arguments: tuple[Expr, ...]

    @staticmethod
    def stored(half: Body) -> frozenset[State]:
        """Return the state variables that a half changes."""
        return frozenset(s.target for section in half.sections for s in section.statements if isinstance(s, Store))


def halves(body: Body) -> Halves | None:
    """Return the halves of a step, or None if it calls no phi1 or does not come apart there."""
    statements = [statement for section in body.sections for statement in section.statements]
    arguments = _arguments(statements)
    if not arguments or not all(isinstance(statement, (Let, Store, Note)) for statement in statements):
        return None
    cut = _Cut()
    is_late = {id(statement): cut.is_late(statement) for statement in statements}
    if any(argument.free_symbols & cut.locals for argument in arguments):
        return None
    first = _part(body.sections, [s for s in statements if not is_late[id(s)]])
    second = _part(body.sections, [s for s in statements if is_late[id(s)]])
    return _joined(body, first, second, arguments)


def _arguments(statements: Iterable[Statement]) -> tuple[Expr, ...]:
    calls = set().union(*(value.atoms(Phi1) for statement in statements for value in expressions(statement)))
    return tuple(sorted({call.args[0] for call in calls}, key=str))


@dataclass
class _Cut:
    """Goes through a step in order and finds what waits for phi1, and what must not overtake that."""

    locals: set[Expr] = field(default_factory=set)
    read: set[Expr] = field(default_factory=set)
    stored: set[Expr] = field(default_factory=set)

    def is_late(self, statement: Statement) -> bool:
        """Whether the next statement belongs to the second half."""
        symbols = symbols_of(statement)
        late = bool(_arguments([statement])) or not symbols.isdisjoint(self.locals | self.stored)
        if isinstance(statement, Store):
            late = late or statement.target in self.read | self.stored
        if late:
            self.read |= symbols
            if isinstance(statement, Store):
                self.stored.add(statement.target)
            elif isinstance(statement, Let):
                self.locals.add(statement.target)
        return late


def _part(sections: Iterable[Section], chosen: list[Statement]) -> list[Section]:
    wanted = {id(statement) for statement in chosen}
    parts = (Section(s.title, tuple(x for x in s.statements if id(x) in wanted)) for s in sections)
    return [section for section in parts if section.statements]


def _joined(body: Body, first: list[Section], second: list[Section], arguments: tuple[Expr, ...]) -> Halves | None:
    """Add what the second half needs of the first: conditions are found again, numbers are held."""
    made = {let.target: let for section in first for let in section.statements if isinstance(let, Let)}
    changed = Halves.stored(Body(tuple(first)))
    again: dict[Expr, Let] = {}
    for truth in sorted((x for x in read_by(Body(tuple(second), body.result)) if x in made), key=str):
        if isinstance(truth, Truth):
            if made[truth].value.free_symbols & changed or made[truth].value.atoms(Elementary):
                return None
            again[truth] = Let(truth, made[truth].value)
    if again:
        second = [Section("known from the first half", tuple(again.values())), *second]
    crossing = [x for x in read_by(Body(tuple(second), body.result)) if isinstance(x, Input) or x in made]
    held = {x: Held(x.name) for x in sorted(crossing, key=str) if x not in again}
    if len(held) > _MOST_HELD or any(isinstance(x, Truth) for x in held):
        return None
    keep = Section("for the second half", tuple(Store(name, x) for x, name in held.items()))
    return Halves(
        _with_draws(body, pruned([*first, *([keep] if held else [])], arguments), None),
        _with_draws(body, [_replaced(section, held) for section in second], body.result),
        tuple(held.values()),
        arguments,
    )


def _replaced(section: Section, held: dict[Expr, Held]) -> Section:
    return Section(section.title, tuple(_renamed(section.statements, held)))


def _renamed(statements: Iterable[Statement], held: dict[Expr, Held]) -> Iterator[Statement]:
    for statement in statements:
        if isinstance(statement, Let):
            yield Let(statement.target, statement.value.xreplace(held), statement.comment)
        elif isinstance(statement, Store):
            yield Store(statement.target, statement.value.xreplace(held), statement.comment)
        else:
            yield statement


def _with_draws(body: Body, sections: list[Section], result: Expr | None) -> Body:
    found = read_by(Body(tuple(sections), result))
    draws: tuple[Draw, ...] = tuple(draw for draw in body.draws if draw in found)
    return Body(tuple(sections), result, draws)
