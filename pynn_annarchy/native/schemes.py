"""How each integrator turns slopes into the statements of a step.

Every scheme is a function from a `System` to statements that define ``<variable>_next`` for each of its variables.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from .errors import EquationError
from .exact import Exact
from .ir import Adaptive, Let, Statement, Watch
from .linear import ZERO, affine
from .magnus import advanced
from .methods import MAGNUS_NODES, TABLEAUS, Tableau
from .symbols import DT, TIME, Expr, Local, Phi1, Select, State
from .systems import Block

_ONE = sympy.Integer(1)


@dataclass(frozen=True)
class System:
    """The variables of a block that one scheme advances.

    Attributes
    ----------
    block
        All equations of the block.
    variables
        Those to advance.
    companions
        Variables that these read and that must be integrated along with them; another scheme advances them.
    exact
        The exact variables of the block.
    """

    block: Block
    variables: tuple[State, ...]
    companions: tuple[State, ...]
    exact: Exact

    @property
    def all(self) -> tuple[State, ...]:
        """The variables and their companions, in the order of their equations."""
        return self.block.ordered({*self.variables, *self.companions})

    def slope(self, variable: State) -> Expr:
        """Return a right-hand side that is 0 while the variable is held, where others of the system go on."""
        slope = self.block.slopes[variable]
        if variable in self.block.held and not self.block.held.issuperset(self.all):
            return Select(self.block.active, slope, ZERO)
        return slope

    def next(self, variable: State, value: Expr) -> Let:
        """Return the definition of a variable's next value, which is the old one while it is held."""
        if variable in self.block.held:
            value = Select(self.block.active, value, variable)
        return Let(next_value(variable), value, self.block.equations[variable].text)


def next_value(variable: State) -> Local:
    """Return the name of a variable's value at the end of the step."""
    return Local(f"{variable.name}_next")


def exact(system: System) -> list[Statement]:
    """Propagate linear variables with matrices computed once."""
    held = system.block.held
    found = {
        **system.exact.at(1.0, [v for v in system.variables if v in held], hold=False),
        **system.exact.at(1.0, [v for v in system.variables if v not in held], hold=True),
    }
    return [system.next(variable, found[variable]) for variable in system.variables]


def magnus(system: System) -> list[Statement]:
    """Advance each v with v' = a(t) + k(t) v by the Magnus expansion of order 4; others have their exact values."""
    statements: list[Statement] = []
    for variable in system.variables:
        form = affine(system.block.slopes[variable], {variable})
        assert form is not None, f"{variable} was chosen to be linear in itself"
        nodes = [_at_node(system, variable, 0.5 + offset) for offset, _ in MAGNUS_NODES]
        growth = [form.coefficients.get(variable, ZERO).xreplace(node) for node in nodes]
        lets, value = advanced(variable, growth, [form.rest.xreplace(node) for node in nodes])
        statements += [*lets, system.next(variable, value)]
    return statements


def _at_node(system: System, variable: State, fraction: float) -> dict[Expr, Expr]:
    read = system.block.slopes[variable].free_symbols & set(system.block.slopes) - {variable}
    values: dict[Expr, Expr] = {**system.exact.at(fraction, read, hold=variable not in system.block.held)}
    return {**values, TIME: TIME + sympy.Float(fraction) * DT}


def explicit(system: System, tableau: Tableau) -> list[Statement]:
    """Apply an explicit Runge-Kutta method; exact variables have their exact values at the stages."""
    statements: list[Statement] = []
    slopes: list[dict[State, Expr]] = []
    outside = frozenset().union(*(system.block.reads(variable) for variable in system.all)) - set(system.all)
    for stage, fraction in enumerate(tableau.nodes):
        values: dict[Expr, Expr] = {TIME: TIME + sympy.Float(fraction) * DT, **system.exact.at(fraction, outside, True)}
        if stage > 0:
            for variable in system.all:
                advanced = _combined(variable, tableau.matrix[stage], slopes)
                values[variable] = Local(f"{variable.name}_y{stage + 1}")
                statements.append(Let(values[variable], advanced))
        slopes.append({variable: Local(f"{variable.name}_k{stage + 1}") for variable in system.all})
        for variable in system.all:
            slope = system.slope(variable).xreplace(values)
            comment = system.block.equations[variable].text if stage == 0 else ""
            statements.append(Let(slopes[-1][variable], slope, comment))
    for variable in system.variables:
        statements.append(system.next(variable, _combined(variable, tableau.weights, slopes)))
    return statements


def _combined(variable: State, weights: tuple[float, ...], slopes: list[dict[State, Expr]]) -> Expr:
    terms = [sympy.Float(w) * slope[variable] for w, slope in zip(weights, slopes, strict=True) if w != 0]
    return variable + DT * sympy.Add(*terms)


def exponential(system: System) -> list[Statement]:
    """Apply the exponential Euler method: exact for one linear equation whose coefficients rest during the step."""
    statements: list[Statement] = []
    for variable in system.variables:
        form = affine(system.block.slopes[variable], {variable})
        if form is None:
            place = system.block.equations[variable].place
            raise EquationError(f"method 'exponential' needs an equation linear in {variable.name}", place)
        rate = DT * form.coefficients.get(variable, ZERO)
        statements.append(system.next(variable, variable + Phi1(rate) * (DT * form.rest + rate * variable)))
    return statements


def implicit(system: System) -> list[Statement]:
    """Apply the backward Euler method: (1 - h A) x_next = x + h c by Gaussian elimination, written out."""
    variables = system.variables
    rows: list[dict[int, Expr]] = []
    sides: list[Expr] = []
    for row, variable in enumerate(variables):
        form = affine(system.slope(variable), set(variables))
        if form is None:
            names = ", ".join(other.name for other in variables)
            place = system.block.equations[variable].place
            raise EquationError(f"method 'implicit' needs equations linear in {names}", place)
        found = {j: -DT * form.coefficients[v] for j, v in enumerate(variables) if form.coefficients.get(v, ZERO) != 0}
        rows.append({**found, row: _ONE + found.get(row, ZERO)})
        sides.append(variable + DT * form.rest)
    statements = _eliminate(variables, rows, sides)
    solution: dict[int, Expr] = {}
    for row in reversed(range(len(variables))):
        known = sympy.Add(*(-rows[row][j] * solution[j] for j in solution if j in rows[row]))
        solution[row] = Local(f"{variables[row].name}_solved")
        statements.append(Let(solution[row], (sides[row] + known) / rows[row][row]))
    return [*statements, *(system.next(variable, solution[row]) for row, variable in enumerate(variables))]


def _eliminate(variables: tuple[State, ...], rows: list[dict[int, Expr]], sides: list[Expr]) -> list[Statement]:
    """Bring the system to upper triangular form, in place; every new element becomes a variable."""
    statements: list[Statement] = []

    def named(name: str, value: Expr) -> Local:
        statements.append(Let(Local(name), value))
        return Local(name)

    for pivot in range(len(variables)):
        for row in range(pivot + 1, len(variables)):
            if pivot not in rows[row]:
                continue
            label = f"{variables[row].name}_{pivot}"
            factor = named(f"{label}_factor", rows[row].pop(pivot) / rows[pivot][pivot])
            for column in sorted(rows[pivot]):
                if column > pivot:
                    changed = rows[row].get(column, ZERO) - factor * rows[pivot][column]
                    rows[row][column] = named(f"{label}_m{column}", changed)
            sides[row] = named(f"{label}_side", sides[row] - factor * sides[pivot])
    return statements


def adaptive(system: System, name: str, substep: State, watch: tuple[State, Expr, Expr] | None) -> list[Statement]:
    """Integrate with the adaptive pair of Dormand and Prince; ``watch`` is a variable, a level and the flag to set."""
    block = system.block
    inside: dict[Expr, Local] = {variable: Local(f"{variable.name}_now") for variable in system.all}
    time = Local("t_now")
    inside[TIME] = time
    results = tuple(Local(f"{variable.name}_end") for variable in system.all)
    statement = Adaptive(
        name=name,
        start=system.all,
        inside=tuple(inside[variable] for variable in system.all),
        time=time,
        body=(),
        derivatives=tuple(_masked(block, variable).xreplace(inside) for variable in system.all),
        comments=tuple(block.equations[variable].text for variable in system.all),
        results=results,
        substep=substep,
        watch=None if watch is None else Watch(system.all.index(watch[0]), watch[1], watch[2]),
    )
    ends = dict(zip(system.all, results, strict=True))
    return [statement, *(Let(next_value(variable), ends[variable]) for variable in system.variables)]


def _masked(block: Block, variable: State) -> Expr:
    slope = block.slopes[variable]
    return Select(block.active, slope, ZERO) if variable in block.held else slope


def fixed_step(method: str, system: System) -> list[Statement]:
    """Apply a method of fixed step, by its name."""
    if method in TABLEAUS:
        return explicit(system, TABLEAUS[method])
    return _DIRECT[method](system)


_DIRECT = {"exact": exact, "magnus": magnus, "exponential": exponential, "implicit": implicit}
