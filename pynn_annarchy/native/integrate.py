"""The second stage of the pipeline: a model's equations to the statements of one step (`NeuronModel` to `Behaviour`).

The order inside a step: assignments and blocks of differential equations as they stand in the text, then arriving
input, bounds, the spike condition and the reset.
"""

from __future__ import annotations

from .builder import Builder, bounded
from .ir import Behaviour, Body, Let, Statement, Store
from .linear import ZERO
from .model import NeuronModel
from .parse import LAST_SPIKE
from .symbols import (
    DT,
    TIME,
    Both,
    Either,
    Expr,
    Input,
    Less,
    LessEqual,
    Nearest,
    Select,
    State,
    Truth,
    is_static,
)

REFRACTORY = State("_refractory")
_ACTIVE = Truth("active")
_SPIKES = Truth("spikes")


def integrate(model: NeuronModel) -> Behaviour:
    """Return what one step of a model does.

    Raises
    ------
    EquationError
        If a method that the user asked for does not apply to its equation.
    """
    builder = _Step(model)
    builder.equations(model.equations)
    builder.input()
    builder.bounds(model.equations)
    builder.spike()
    spikes = None if model.spike is None else _SPIKES
    body = Body(tuple(builder.sections), spikes)
    return Behaviour({"step": body}, tuple(builder.propagators), builder.internal)


class _Step(Builder):
    def __init__(self, model: NeuronModel) -> None:
        super().__init__()
        self.model = model
        self.crossings: list[Truth] = []
        if model.refractory is not None:
            self.internal[REFRACTORY] = 0.0
            self.add("refractoriness", [Let(_ACTIVE, LessEqual(REFRACTORY, ZERO))])

    @property
    def active(self) -> Truth | None:
        return None if self.model.refractory is None else _ACTIVE

    def held(self, target: Expr) -> bool:
        return self.active is not None and isinstance(target, State) and target not in self.model.always

    def watch(self, variables: tuple[State, ...]) -> tuple[State, Expr, Expr] | None:
        """Watch the variable of the spike condition pass its threshold, if the model is of that kind."""
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
            if variable in self.model.transient:
                statements.append(Store(variable, arrived))
                continue
            if self.held(variable):
                arrived = Select(self.active, arrived, ZERO)
            statements.append(Store(variable, variable + arrived))
        self.add("input that arrives at the end of the step", statements)

    def spike(self) -> None:
        spike = self.model.spike
        waiting = REFRACTORY - 1  # below zero, too: a floor costs three instructions a neuron and changes nothing
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
        limits = {e.target: e.flags for e in self.model.equations}
        for equation in self.model.reset:
            value = bounded(equation.flags, bounded(limits[equation.target], equation.value)).xreplace(ended)
            statements.append(Store(equation.target, Select(_SPIKES, value, equation.target), equation.text))
        if LAST_SPIKE in self.model.states:
            statements.append(Store(LAST_SPIKE, Select(_SPIKES, TIME + DT, LAST_SPIKE)))
        if self.model.refractory is not None:
            steps = Nearest(self.model.refractory.value.xreplace(ended) / DT)
            text = f"refractory = {self.model.refractory.text}"
            statements.append(Store(REFRACTORY, Select(_SPIKES, steps, waiting), text))
        self.add("reset", statements)
