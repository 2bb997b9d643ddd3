"""The typed intermediate representation: what a model's functions do, in order, and what ``derive`` computes before.

`integrate` builds a `Behaviour` whose expressions still hold parameters; `lower` turns it into a `Program` whose
functions read derived constants only; `printer` writes a program as C++. Expressions are sympy's with the leaves of
`symbols`; a variable is a truth value if it is a `Truth`, else a real number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .model import Model
from .symbols import Derived, Draw, Entry, Expr, Held, Local, Parameter, State, Truth


@dataclass(frozen=True)
class Let:
    """Define a variable of the generated function: ``const real target = value``."""

    target: Local | Truth
    value: Expr
    comment: str = ""


@dataclass(frozen=True)
class Store:
    """Give a state variable its new value, or hold one for the second half of a step."""

    target: State | Held
    value: Expr
    comment: str = ""


@dataclass(frozen=True)
class Watch:
    """A variable whose integration stops where it passes a level inside the step, and the flag that tells."""

    index: int
    level: Expr
    crossed: Truth


@dataclass(frozen=True)
class Adaptive:
    """Integrate a system over the step with an adaptive Runge-Kutta pair (csrc/dopri5.h).

    Attributes
    ----------
    start
        The variables' values at the start of the step.
    inside
        Their names inside the right-hand side.
    body
        Definitions inside the right-hand side, before the derivatives.
    derivatives
        The right-hand sides, one for each variable.
    results
        Names of the values at the end of the step, None for those that nothing reads.
    """

    name: str
    start: tuple[State, ...]
    inside: tuple[Local, ...]
    time: Local
    body: tuple[Let, ...]
    derivatives: tuple[Expr, ...]
    comments: tuple[str, ...]
    results: tuple[Local | None, ...]
    substep: State
    watch: Watch | None


@dataclass(frozen=True)
class Note:
    """The user's text of a definition that was written out where it is read."""

    comment: str


@dataclass(frozen=True)
class Exponential:
    """Compute exp(A h) and its integral over h where they are needed, for a time h that is not the time step's
    (csrc/expm.h)."""

    name: str
    matrix: tuple[Expr, ...]  # row by row
    size: int
    time: Expr

    def p(self, row: int, column: int) -> Local:
        """Return an element of exp(A h)."""
        return Local(f"{self.name}_p[{row * self.size + column}]")

    def q(self, row: int, column: int) -> Local:
        """Return an element of the integral."""
        return Local(f"{self.name}_q[{row * self.size + column}]")


Statement = Let | Store | Adaptive | Exponential | Note


@dataclass(frozen=True)
class Section:
    """Statements under a title."""

    title: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Propagator:
    """The matrices P = exp(A h) and Q = integral of exp(A s) ds from 0 to h, where h is ``fraction`` of the time
    step."""

    name: str
    matrix: Mapping[tuple[int, int], Expr]
    size: int
    fraction: float

    def p(self, row: int, column: int) -> Entry:
        """Return an element of P."""
        return Entry(f"P{self.name}[{row * self.size + column}]")

    def q(self, row: int, column: int) -> Entry:
        """Return an element of Q."""
        return Entry(f"Q{self.name}[{row * self.size + column}]")


@dataclass(frozen=True)
class Body:
    """What one function of a model does, the value that it returns, and the random numbers it uses."""

    sections: tuple[Section, ...]
    result: Expr | None = None
    draws: tuple[Draw, ...] = ()


@dataclass(frozen=True)
class Behaviour:
    """What a model does, before lowering: its functions by name."""

    bodies: Mapping[str, Body]
    propagators: tuple[Propagator, ...]
    internal: Mapping[State, float]  # states that the integrators need


@dataclass(frozen=True)
class DerivedConstant:
    """A constant of the step, its value in parameters, and the parameters it depends on."""

    symbol: Derived
    value: Expr
    depends: frozenset[Parameter]


@dataclass(frozen=True)
class Program:
    """All that the printer writes."""

    model: Model
    states: Mapping[State, float]
    constants: tuple[DerivedConstant, ...]
    propagators: tuple[Propagator, ...]
    bodies: Mapping[str, Body]
    headers: tuple[str, ...]

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    def reads(self, *symbols: Expr) -> bool:
        """Whether any function reads one of these."""
        return any(not read(body).isdisjoint(symbols) for body in self.bodies.values())


def read(body: Body) -> set[Expr]:
    """Return the symbols whose values a function reads."""
    found: set[Expr] = set() if body.result is None else set(body.result.free_symbols)
    return found.union(*(symbols_of(statement) for section in body.sections for statement in section.statements))


def symbols_of(statement: Statement) -> set[Expr]:
    """Return the symbols whose values a statement reads."""
    return set().union(*(expression.free_symbols for expression in expressions(statement)))


def expressions(statement: Statement) -> list[Expr]:
    """Return the expressions of a statement."""
    if isinstance(statement, Note):
        return []
    if isinstance(statement, (Let, Store)):
        return [statement.value]
    if isinstance(statement, Exponential):
        return [*statement.matrix, statement.time]
    found = [*statement.derivatives, *(let.value for let in statement.body)]
    return found if statement.watch is None else [*found, statement.watch.level]
