"""From equations to statements: what neurons and synapses share.

Assignments and blocks of differential equations are taken as they stand in the text. Differential equations that follow
one another are one coupled system. A variable that was assigned before a block is seen by the block as the expression
it stands for, not as a number, as far as that depends on the block's own variables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from . import schemes
from .exact import Exact
from .ir import Let, Propagator, Section, Statement, Store
from .model import Equation, Flags
from .schemes import System, next_value
from .symbols import Expr, Maximum, Minimum, Select, State, Truth
from .systems import Block, choose


@dataclass
class Builder:
    """Collects the sections of one function, and what its integrators need.

    Attributes
    ----------
    sections
        So far.
    propagators, internal
        The matrices and the states of integrators so far; builders of one model share them.
    definitions
        Assigned variable to the expression it stands for.
    """

    sections: list[Section] = field(default_factory=list)
    propagators: list[Propagator] = field(default_factory=list)
    internal: dict[State, float] = field(default_factory=dict)
    definitions: dict[Expr, Expr] = field(default_factory=dict)

    @property
    def active(self) -> Truth | None:
        """The flag that is false while variables are held, or None if nothing is ever held."""
        return None

    def held(self, target: Expr) -> bool:
        """Whether a variable keeps its value while the flag is false."""
        return False

    def watch(self, variables: tuple[State, ...]) -> tuple[State, Expr, Expr] | None:
        """Return the variable whose passing of a level ends its integration, the level, and the flag to set."""
        return None

    def add(self, title: str, statements: list[Statement]) -> None:
        """Add a section, unless it is empty."""
        if statements:
            self.sections.append(Section(title, tuple(statements)))

    def equations(self, equations: Iterable[Equation]) -> None:
        """Take assignments and blocks of differential equations."""
        block: list[Equation] = []
        for equation in equations:
            if equation.derivative:
                block.append(equation)
                continue
            self._differential(block)
            block = []
            self._assign(equation)
        self._differential(block)

    def _assign(self, equation: Equation) -> None:
        target, value = equation.target, bounded(equation.flags, equation.value)
        if isinstance(target, State):
            stored = Select(self.active, value, target) if self.held(target) else value
            self.add(f"{target.name}: assigned", [Store(target, stored, equation.text)])
        else:
            self.add(f"{target.name}: assigned", [Let(target, value, equation.text)])
        self._forget({target})
        if target not in value.free_symbols:
            self.definitions[target] = value.xreplace(self.definitions)

    def _forget(self, changed: set[Expr]) -> None:
        """Drop definitions that no longer hold because something they are made of has changed."""
        for target, value in list(self.definitions.items()):
            if target in changed or not value.free_symbols.isdisjoint(changed):
                del self.definitions[target]

    def _differential(self, equations: list[Equation]) -> None:
        if not equations:
            return
        own = {equation.target for equation in equations}
        meant = {x: value for x, value in self.definitions.items() if not value.free_symbols.isdisjoint(own)}
        self.block(
            Block(
                equations={equation.target: equation for equation in equations},
                slopes={equation.target: equation.value.xreplace(meant) for equation in equations},
                held=frozenset(target for target in own if self.held(target)),
                active=self.active,
            )
        )
        self._forget(own)

    def block(self, block: Block) -> None:
        """Advance a coupled system by one step."""
        methods = choose(block)
        exact = Exact(block, [v for v, method in methods.items() if method == "exact"], self.propagators)
        for method in dict.fromkeys(methods.values()):
            variables = tuple(v for v in methods if methods[v] == method)
            self.add(f"{_names(variables)}: {method}", self._advance(block, methods, exact, method, variables))
        self.add("new values", [Store(variable, next_value(variable)) for variable in methods])

    def _advance(
        self, block: Block, methods: dict[State, str], exact: Exact, method: str, variables: tuple[State, ...]
    ) -> list[Statement]:
        """Return the statements of one method on its variables."""
        along = {"rk45", "magnus", "exact"} if method == "rk45" else {"rk45", "magnus"}
        read = block.ancestors(variables) - set(variables)
        companions = () if method in ("exact", "magnus") else block.ordered(v for v in read if methods[v] in along)
        system = System(block, variables, companions, exact)
        if method != "rk45":
            return schemes.fixed_step(method, system)
        number = sum(state.name.startswith("_h") for state in self.internal)
        substep = State("_h" if number == 0 else f"_h{number + 1}")
        self.internal[substep] = 0.0
        return schemes.adaptive(system, f"slope{number or ''}", substep, self.watch(variables))

    def bounds(self, equations: Iterable[Equation]) -> None:
        """Bring variables of differential equations within their bounds."""
        statements: list[Statement] = []
        for equation in equations:
            if equation.derivative and (equation.flags.minimum is not None or equation.flags.maximum is not None):
                statements.append(Store(equation.target, bounded(equation.flags, equation.target)))
        self.add("bounds", statements)


def bounded(flags: Flags, value: Expr) -> Expr:
    """Return a value within the bounds that flags give."""
    if flags.minimum is not None:
        value = Maximum(value, flags.minimum)
    if flags.maximum is not None:
        value = Minimum(value, flags.maximum)
    return value


def _names(variables: tuple[State, ...]) -> str:
    return ", ".join(variable.name for variable in variables)
