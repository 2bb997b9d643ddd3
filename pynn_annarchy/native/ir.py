"""The typed intermediate representation: what a step does, in order, and what ``derive`` computes before it.

`integrate` builds a `Step` whose expressions still hold parameters; `lower` turns it into a `Program` whose step reads
derived constants only; `printer` writes a program as C++. Expressions are sympy's with the leaves of `symbols`; a
variable is a truth value if it is a `Truth`, else a real number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .symbols import Derived, Draw, Entry, Expr, Local, Parameter, State, Truth


@dataclass(frozen=True)
class Let:
    """Define a variable of the generated function: ``const real target = value``."""

    target: Local | Truth
    value: Expr
    comment: str = ""


@dataclass(frozen=True)
class Store:
    """Give a state variable its new value."""

    target: State
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


Statement = Let | Store | Adaptive | Note


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
class Step:
    """A step before lowering."""

    sections: tuple[Section, ...]
    propagators: tuple[Propagator, ...]
    spikes: Truth | None
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

    name: str
    parameters: Mapping[Parameter, float]
    states: Mapping[State, float]
    receptors: tuple[str, ...]
    constants: tuple[DerivedConstant, ...]
    propagators: tuple[Propagator, ...]
    draws: tuple[Draw, ...]
    sections: tuple[Section, ...]
    spikes: Truth | None
    injectable: bool
    headers: tuple[str, ...] = field(default=())
