"""Event-driven differential equations: linear systems solved exactly over the time since the last event.

Between events the coefficients and the drive are constant, so that a variable that reads no others, x' = a x + c, is
x exp(a h) + c h exprel(a h) after the time h, where exprel(z) = (exp(z) - 1)/z. Where its resting value x* = -c/a does
not depend on a, as in (e - x)/tau, it is written x + (x - x*) a h exprel(a h): neither is divided by a rate, so that no
digits are lost where a h is small, and a time constant of 0 means what it should. A variable that also reads such
variables u, v' = a v + b u + c, gets b u D(a, a_u) besides, with the divided difference
D(a, b) = (exp(a h) - exp(b h)) / (a - b), which is written with exprel and so has no singularity where time constants
coincide. Anything longer or circular is solved by a matrix exponential at every event (csrc/expm.h), some microseconds
of work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy

from .errors import EquationError
from .ir import Exponential, Let, Statement
from .linear import ZERO, Affine, affine
from .schemes import next_value
from .symbols import (
    ELAPSED,
    SINCE_POST,
    SINCE_PRE,
    TIME,
    Absolute,
    Draw,
    Exp,
    Expr,
    Exprel,
    FiniteRate,
    Maximum,
    Post,
    State,
    is_static,
)
from .systems import Block


@dataclass(frozen=True)
class _Flow:
    """A variable's own rate, its drive, and the variables it reads with their coefficients."""

    rate: Expr
    drive: Expr
    reads: Mapping[State, Expr]

    @property
    def is_simple(self) -> bool:
        """Whether it is an exponential towards a resting value that its rate has no part in, and 0 without a drive."""
        return self.rate != 0 and not self.reads and _resting(self.rate, self.drive) is not None


def flow(block: Block, moving: Iterable[Expr], number: int) -> list[list[Statement]]:
    """Return the sections that define ``<variable>_next`` for each variable of a block.

    Parameters
    ----------
    block
        The coupled equations.
    moving
        Variables outside the block that change between events, and that its equations must not read.
    number
        Distinguishes the matrices of this block from those of others.

    Raises
    ------
    EquationError
        If an equation is not linear, or reads what changes between events.
    """
    flows = {variable: _form(block, variable, set(moving)) for variable in block.slopes}
    if all(flows[u].is_simple for f in flows.values() for u in f.reads):
        return [[_let(block, variable, _closed(variable, flows)) for variable in flows]]
    return _by_matrix(block, flows, number)


def _let(block: Block, variable: State, value: Expr) -> Statement:
    return Let(next_value(variable), value, block.equations[variable].text)


def _form(block: Block, variable: State, moving: set[Expr]) -> _Flow:
    place = block.equations[variable].place
    form = affine(block.slopes[variable], set(block.slopes))
    if form is None:
        names = ", ".join(other.name for other in block.slopes)
        raise EquationError(f"an event-driven equation has to be linear in {names}", place)
    for symbol in sorted(_symbols(form), key=str):
        if isinstance(symbol, Draw):
            raise EquationError("an event-driven differential equation has no random numbers", place)
        if symbol in moving or symbol in (TIME, SINCE_PRE, SINCE_POST) or isinstance(symbol, Post):
            name = {TIME: "t"}.get(symbol, f"post.{symbol}" if isinstance(symbol, Post) else symbol.name)
            reason = f"an event-driven equation cannot read {name!r}, which changes between events"
            raise EquationError(reason, place)
    rate = form.coefficients.get(variable, ZERO)
    reads = {u: k for u, k in form.coefficients.items() if u != variable and k != 0}
    return _Flow(rate, form.rest, reads)


def _symbols(form: Affine) -> set[Expr]:
    return set(form.rest.free_symbols).union(*(k.free_symbols for k in form.coefficients.values()))


def _finite(rate: Expr) -> Expr:
    """Return a rate that no time constant of 0 makes infinite, so that 0 ms of it are no change."""
    return rate if rate.is_Number or not is_static(rate) else FiniteRate(rate)


def _growth(rate: Expr) -> Expr:
    return Exp(_finite(rate) * ELAPSED)


def _closed(variable: State, flows: Mapping[State, _Flow]) -> Expr:
    own = flows[variable]
    drive, moved = own.drive, ZERO
    for other, coefficient in own.reads.items():
        rest = _resting(flows[other].rate, flows[other].drive)
        drive += coefficient * rest
        moved += _finite(coefficient) * (other - rest) * _difference(own.rate, flows[other].rate)
    return _alone(variable, own.rate, drive) + moved


def _alone(variable: State, rate: Expr, drive: Expr) -> Expr:
    """Return what a constant drive makes of a variable that reads no others."""
    if rate == 0:
        return variable + drive * ELAPSED
    if drive == 0:
        return variable * _growth(rate)
    rest = _resting(rate, drive)
    if rest is None:
        return variable * _growth(rate) + drive * _integral(rate)
    return variable + (variable - rest) * _finite(rate) * _integral(rate)


def _resting(rate: Expr, drive: Expr) -> Expr | None:
    """Return where a variable rests, or None if that depends on how fast it gets there."""
    if drive == 0:
        return ZERO
    rest = sympy.expand_mul(-drive / rate)
    return rest if rest.free_symbols.isdisjoint(rate.free_symbols) else None


def _integral(rate: Expr) -> Expr:
    """Return the integral of exp(rate t) from 0 to h."""
    return ELAPSED * Exprel(_finite(rate) * ELAPSED)


def _difference(a: Expr, b: Expr) -> Expr:
    """Return (exp(a h) - exp(b h)) / (a - b) = h exp(max(a, b) h) exprel(-|a - b| h)."""
    if a == b:
        return ELAPSED * _growth(a)
    if a == 0:
        return _integral(b)
    slower, apart = Maximum(_finite(a), _finite(b)), -Absolute(_finite(a) - _finite(b))
    return ELAPSED * Exp(slower * ELAPSED) * Exprel(apart * ELAPSED)


def _by_matrix(block: Block, flows: Mapping[State, _Flow], number: int) -> list[list[Statement]]:
    variables = list(flows)
    entries = {v: {**flows[v].reads, v: flows[v].rate} for v in variables}
    matrix = tuple(_finite(entries[v].get(u, ZERO)) for v in variables for u in variables)
    exponential = Exponential(f"flow{number}", matrix, len(variables), ELAPSED)
    solved: list[Statement] = []
    for row, variable in enumerate(variables):
        terms = [exponential.p(row, column) * u for column, u in enumerate(variables)]
        terms += [exponential.q(row, column) * flows[u].drive for column, u in enumerate(variables)]
        solved.append(_let(block, variable, sympy.Add(*terms)))
    return [[exponential], solved]
