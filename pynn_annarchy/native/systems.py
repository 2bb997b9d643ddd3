"""Which integrator each equation of a coupled system gets.

The equations of a block form a graph: a variable points to those its right-hand side reads. The linear variables that
read no others but each other are solved exactly; a variable that is linear in itself and reads, besides, only exact
ones is solved by the Magnus expansion; what remains is one nonlinear system. A method flag overrides the choice, or is
refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .errors import EquationError
from .linear import Affine, affine
from .methods import FIXED_STEP
from .model import Equation
from .symbols import TIME, Expr, State, is_static


@dataclass(frozen=True)
class Block:
    """Coupled differential equations.

    Attributes
    ----------
    equations
        Variable to the user's equation.
    slopes
        Variable to its right-hand side, with the variables assigned before the block written out in the block's own.
    held
        The variables that keep their value while ``active`` is false.
    active
        The flag of that, or None if nothing is ever held.
    """

    equations: Mapping[State, Equation]
    slopes: Mapping[State, Expr]
    held: frozenset[State]
    active: Expr | None

    def reads(self, variable: State) -> frozenset[State]:
        """Return the variables of the block that a right-hand side reads."""
        return frozenset(self.slopes[variable].free_symbols & set(self.slopes))

    def ancestors(self, variables: Iterable[State]) -> frozenset[State]:
        """Return the variables that some variables depend on, directly or not, themselves included."""
        found: set[State] = set()
        waiting = list(variables)
        while waiting:
            variable = waiting.pop()
            if variable not in found:
                found.add(variable)
                waiting.extend(self.reads(variable))
        return frozenset(found)

    def ordered(self, variables: Iterable[State]) -> tuple[State, ...]:
        """Return variables in the order of their equations."""
        chosen = set(variables)
        return tuple(variable for variable in self.slopes if variable in chosen)


def choose(block: Block) -> dict[State, str]:
    """Return the method of each variable.

    Raises
    ------
    EquationError
        If a method that the user asked for does not apply.
    """
    methods = {variable: equation.flags.method for variable, equation in block.equations.items()}
    _inherit(block, methods)
    exact = _exact(block, methods)
    found: dict[State, str] = {}
    for variable, method in methods.items():
        if method in FIXED_STEP or method == "rk45":
            found[variable] = str(method)
        elif variable in exact:
            found[variable] = "exact"
        elif method == "exact":
            reason = "needs an equation with constant coefficients that is linear in its variables and those it reads"
            raise _refused(block, variable, "exact", reason)
        elif _conditionally_linear(block, variable, exact):
            found[variable] = "magnus"
        elif method == "magnus":
            raise _refused(
                block,
                variable,
                "magnus",
                f"needs an equation linear in {variable.name} that reads exact variables only",
            )
        else:
            found[variable] = "rk45"
    return found


def _refused(block: Block, variable: State, method: str, reason: str) -> EquationError:
    return EquationError(f"method {method!r} {reason}", block.equations[variable].place)


def _inherit(block: Block, methods: dict[State, str | None]) -> None:
    """Give an equation without a flag the fixed-step method of an equation that it reads, directly or not."""
    for variable, method in list(methods.items()):
        if method is None:
            read = [other for other in block.ordered(block.ancestors([variable])) if methods[other] in FIXED_STEP]
            if read:
                methods[variable] = methods[read[0]]


def linear(block: Block, variable: State, variables: Iterable[State]) -> Affine | None:
    """Return a right-hand side as an affine form with static coefficients and a rest that is constant in the step."""
    form = affine(block.slopes[variable], set(variables))
    if form is None or not all(is_static(coefficient) for coefficient in form.coefficients.values()):
        return None
    changing = form.rest.free_symbols & {*block.slopes, TIME}
    return None if changing else form


def _exact(block: Block, methods: Mapping[State, str | None]) -> frozenset[State]:
    """Return the largest set of variables that are linear in each other, and read no others of the block."""
    found = {variable for variable, method in methods.items() if method in (None, "exact")}
    while True:
        kept = {variable for variable in found if linear(block, variable, found) is not None}
        if kept == found:
            return frozenset(found)
        found = kept


def _conditionally_linear(block: Block, variable: State, exact: frozenset[State]) -> bool:
    if block.reads(variable) - exact - {variable}:
        return False
    return affine(block.slopes[variable], {variable}) is not None
