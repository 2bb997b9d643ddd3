"""The variables of a block that are solved exactly, at any moment within the step.

x(t + h) = P x(t) + Q c, with P = exp(A h) and Q = integral of exp(A s) ds from 0 to h, where dx/dt = A x + c, A depends
on parameters only and c is constant during the step. P and Q are computed numerically in ``derive`` (csrc/expm.h),
without a singularity where time constants coincide; only elements that can differ from zero are used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sympy

from .ir import Propagator
from .linear import ZERO
from .symbols import Expr, Select, State
from .systems import Block, linear


@dataclass(frozen=True)
class _Component:
    """Exact variables that are coupled, directly or not."""

    variables: tuple[State, ...]
    matrix: dict[tuple[int, int], Expr]
    drive: tuple[Expr, ...]


class Exact:
    """The exact variables of a block.

    Parameters
    ----------
    block
        The coupled equations.
    variables
        Those of its variables that are solved exactly.
    propagators
        Collects the matrices that the step needs.
    """

    def __init__(self, block: Block, variables: Iterable[State], propagators: list[Propagator]) -> None:
        self._block = block
        self._variables = block.ordered(variables)
        self._propagators = propagators
        self._components = [self._component(group) for group in self._coupled()]

    def _coupled(self) -> list[tuple[State, ...]]:
        groups: list[set[State]] = []
        for variable in self._variables:
            joined = {variable, *self._block.reads(variable)}
            separate = [group for group in groups if group.isdisjoint(joined)]
            groups = [*separate, joined.union(*(group for group in groups if not group.isdisjoint(joined)))]
        return sorted((self._block.ordered(group) for group in groups), key=lambda g: self._variables.index(g[0]))

    def _component(self, group: tuple[State, ...]) -> _Component:
        matrix, drive = {}, []
        for row, variable in enumerate(group):
            form = linear(self._block, variable, group)
            assert form is not None, f"{variable} was chosen to be exact"
            for column, other in enumerate(group):
                if form.coefficients.get(other, ZERO) != 0:
                    matrix[row, column] = form.coefficients[other]
            drive.append(form.rest)
        return _Component(group, matrix, tuple(drive))

    def at(self, fraction: float, wanted: Iterable[State], hold: bool) -> dict[State, Expr]:
        """Return the values of exact variables after a fraction of the step.

        Parameters
        ----------
        fraction
            Of the time step, 0 to 1.
        wanted
            Variables of the block; those that are not exact are left out.
        hold
            Whether values must be right also while variables are held; False where the result is discarded then.
        """
        asked = set(wanted)
        found: dict[State, Expr] = {}
        for component in self._components:
            chosen = [variable for variable in component.variables if variable in asked]
            if chosen:
                found.update(self._advanced(component, fraction, chosen, hold))
        return found

    def _advanced(self, component: _Component, fraction: float, chosen: list[State], hold: bool) -> dict[State, Expr]:
        if fraction == 0:
            return {variable: variable for variable in chosen}
        block = self._block
        free = self._solution(component, fraction)
        reaches = {v for v in chosen if hold and block.active is not None and block.ancestors([v]) & block.held}
        if not reaches:
            return {variable: free[variable] for variable in chosen}
        moving = reaches - block.held
        resting = self._solution(self._frozen(component), fraction) if moving else {}
        found = {}
        for variable in chosen:
            value = free[variable]
            if variable in reaches:
                value = Select(block.active, value, resting.get(variable, variable) if variable in moving else variable)
            found[variable] = value
        return found

    def _frozen(self, component: _Component) -> _Component:
        """Return the component as it is while the held variables rest."""
        rests = [variable in self._block.held for variable in component.variables]
        return _Component(
            component.variables,
            {(row, column): entry for (row, column), entry in component.matrix.items() if not rests[row]},
            tuple(ZERO if rest else drive for rest, drive in zip(rests, component.drive, strict=True)),
        )

    def _solution(self, component: _Component, fraction: float) -> dict[State, Expr]:
        propagator = self._propagator(component, fraction)
        reach = _closure(component)
        found = {}
        for row, variable in enumerate(component.variables):
            terms = [propagator.p(row, j) * component.variables[j] for j in reach[row]]
            terms += [propagator.q(row, j) * component.drive[j] for j in reach[row]]
            found[variable] = sympy.Add(*terms)
        return found

    def _propagator(self, component: _Component, fraction: float) -> Propagator:
        size = len(component.variables)
        for known in self._propagators:
            if (known.matrix, known.size, known.fraction) == (component.matrix, size, fraction):
                return known
        made = Propagator(str(len(self._propagators)), component.matrix, size, fraction)
        self._propagators.append(made)
        return made


def _closure(component: _Component) -> list[list[int]]:
    """Return, for each row, the columns where powers of the matrix can have an element, the diagonal included."""
    size = len(component.variables)
    reach = [{row} | {column for column in range(size) if (row, column) in component.matrix} for row in range(size)]
    for middle in range(size):
        for row in range(size):
            if middle in reach[row]:
                reach[row] |= reach[middle]
    return [sorted(columns) for columns in reach]
