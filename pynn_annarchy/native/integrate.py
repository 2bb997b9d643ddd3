"""The second stage of the pipeline: a model's equations to the statements of one step (`NeuronModel` to `Step`).

The order inside a step: assignments and blocks of differential equations as they stand in the text, then arriving
input, bounds, the spike condition and the reset. Differential equations that follow one another are one coupled system.
A variable that was assigned before a block is seen by the block as the expression it stands for, not as a number, as
far as that depends on the block's own variables.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import schemes
from .exact import Exact
from .ir import Let, Propagator, Section, Statement, Step, Store
from .linear import ZERO
from .model import Equation, NeuronModel
from .parse import LAST_SPIKE
from .schemes import System, next_value
from .symbols import (
    DT,
    TIME,
    Both,
    Either,
    Expr,
    Input,
    Less,
    LessEqual,
    Maximum,
    Minimum,
    Nearest,
    Select,
    State,
    Truth,
    is_static,
)
from .systems import Block, choose

REFRACTORY = State("_refractory")
_ACTIVE = Truth("active")
_SPIKES = Truth("spikes")


def integrate(model: NeuronModel) -> Step:
    """Return what one step of a model does.

    Raises
    ------
    EquationError
        If a method that the user asked for does not apply to its equation.
    """
    builder = _Builder(model)
    builder.equations()
    builder.input()
    builder.bounds()
    builder.spike()
    return builder.step()


@dataclass
class _Builder:
    model: NeuronModel
    sections: list[Section] = field(default_factory=list)
    propagators: list[Propagator] = field(default_factory=list)
    internal: dict[State, float] = field(default_factory=dict)
    crossings: list[Truth] = field(default_factory=list)
    definitions: dict[Expr, Expr] = field(default_factory=dict)  # assigned variable -> the expression it stands for

    def __post_init__(self) -> None:
        if self.model.refractory is not None:
            self.internal[REFRACTORY] = 0.0
            self.add("refractoriness", [Let(_ACTIVE, LessEqual(REFRACTORY, ZERO))])

    @property
    def active(self) -> Truth | None:
        return None if self.model.refractory is None else _ACTIVE

    def held(self, target: Expr) -> bool:
        return self.active is not None and isinstance(target, State) and target not in self.model.always

    def add(self, title: str, statements: list[Statement]) -> None:
        if statements:
            self.sections.append(Section(title, tuple(statements)))

    def equations(self) -> None:
        block: list[Equation] = []
        for equation in self.model.equations:
            if equation.derivative:
                block.append(equation)
                continue
            self.block(block)
            block = []
            self.assign(equation)
        self.block(block)

    def assign(self, equation: Equation) -> None:
        target, value = equation.target, _bounded(equation, equation.value)
        if isinstance(target, State):
            stored = Select(self.active, value, target) if self.held(target) else value
            self.add(f"{target.name}: assigned", [Store(target, stored, equation.text)])
        else:
            self.add(f"{target.name}: assigned", [Let(target, value, equation.text)])
        self.forget({target})
        if target not in value.free_symbols:
            self.definitions[target] = value.xreplace(self.definitions)

    def forget(self, changed: set[Expr]) -> None:
        """Drop definitions that no longer hold because something they are made of has changed."""
        for target, value in list(self.definitions.items()):
            if target in changed or not value.free_symbols.isdisjoint(changed):
                del self.definitions[target]

    def block(self, equations: list[Equation]) -> None:
        if not equations:
            return
        own = {equation.target for equation in equations}
        meant = {x: value for x, value in self.definitions.items() if not value.free_symbols.isdisjoint(own)}
        block = Block(
            equations={equation.target: equation for equation in equations},
            slopes={equation.target: equation.value.xreplace(meant) for equation in equations},
            held=frozenset(target for target in own if self.held(target)),
            active=self.active,
        )
        methods = choose(block)
        exact = Exact(block, [v for v, method in methods.items() if method == "exact"], self.propagators)
        for method in dict.fromkeys(methods.values()):
            variables = tuple(v for v in methods if methods[v] == method)
            self.add(f"{_names(variables)}: {method}", self.advance(block, methods, exact, method, variables))
        self.add("new values", [Store(variable, next_value(variable)) for variable in methods])
        self.forget(own)

    def advance(
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

    def watch(self, variables: tuple[State, ...]) -> tuple[State, Expr, Expr] | None:
        """Return the variable whose passing of the threshold ends its integration, if the model is of that kind."""
        spike = self.model.spike
        if spike is None or not isinstance(spike.value, (Less, LessEqual)):
            return None
        level, variable = spike.value.args
        reset = {equation.target for equation in self.model.reset}
        if variable not in variables or variable not in reset or not is_static(level):
            return None
        crossed = Truth(f"{variable.name}_crossed")
        self.crossings.append(crossed)
        return variable, level, crossed

    def input(self) -> None:
        statements: list[Statement] = []
        for receptor, variable in self.model.receptors.items():
            arrived: Expr = Input(receptor)
            if self.held(variable):
                arrived = Select(self.active, arrived, ZERO)
            statements.append(Store(variable, variable + arrived))
        self.add("input that arrives at the end of the step", statements)

    def bounds(self) -> None:
        statements: list[Statement] = []
        for equation in self.model.equations:
            if equation.derivative and (equation.flags.minimum is not None or equation.flags.maximum is not None):
                statements.append(Store(equation.target, _bounded(equation, equation.target)))
        self.add("bounds", statements)

    def spike(self) -> None:
        spike = self.model.spike
        waiting = Maximum(REFRACTORY - 1, ZERO)
        if spike is None:
            return
        ended = {TIME: TIME + DT}
        condition = spike.value.xreplace(ended)
        for crossed in self.crossings:
            condition = Either(crossed, condition)
        if self.active is not None:
            condition = Both(self.active, condition)
        self.add("spike", [Let(_SPIKES, condition, spike.text)])
        statements: list[Statement] = []
        for equation in self.model.reset:
            value = equation.value.xreplace(ended)
            statements.append(Store(equation.target, Select(_SPIKES, value, equation.target), equation.text))
        if LAST_SPIKE in self.model.states:
            statements.append(Store(LAST_SPIKE, Select(_SPIKES, TIME + DT, LAST_SPIKE)))
        if self.model.refractory is not None:
            steps = Nearest(self.model.refractory.value.xreplace(ended) / DT)
            text = f"refractory = {self.model.refractory.text}"
            statements.append(Store(REFRACTORY, Select(_SPIKES, steps, waiting), text))
        self.add("reset", statements)

    def step(self) -> Step:
        spikes = None if self.model.spike is None else _SPIKES
        return Step(tuple(self.sections), tuple(self.propagators), spikes, self.internal)


def _names(variables: tuple[State, ...]) -> str:
    return ", ".join(variable.name for variable in variables)


def _bounded(equation: Equation, value: Expr) -> Expr:
    """Return a value within the bounds of an equation's flags."""
    if equation.flags.minimum is not None:
        value = Maximum(value, equation.flags.minimum)
    if equation.flags.maximum is not None:
        value = Minimum(value, equation.flags.maximum)
    return value
