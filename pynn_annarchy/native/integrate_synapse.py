"""The second stage of the pipeline for synapses: equations and events to statements (`SynapseModel` to `Behaviour`).

=============  =====================================================================================================
function       what it does
=============  =====================================================================================================
advance        event-driven equations, over the time since the last event
advance_row    those of variables that follow from arrivals alone, over the time since the last arrival
on_pre         what the arrival of a spike of the source does; its result is what the target gets
on_post        what a spike of the target does
on_modulator   what a spike of the modulatory population does
tick           the other equations, over one step
psp            what the target gets in every step
=============  =====================================================================================================

Assignments of events are made one after another; a variable that has bounds is kept within them whenever it changes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import sympy

from .builder import Builder, bounded
from .flow import flow
from .ir import Behaviour, Body, Let, Propagator, Section, Statement, Store
from .model import Equation, SynapseModel
from .row_variables import row_variables
from .schemes import next_value
from .symbols import State
from .systems import Block


def integrate_synapse(model: SynapseModel) -> Behaviour:
    """Return what the functions of a model do.

    Raises
    ------
    EquationError
        If an event-driven equation is not linear, or a method does not apply to its equation.
    """
    propagators: list[Propagator] = []
    internal: dict[State, float] = {}
    tick = Builder(propagators=propagators, internal=internal)
    tick.equations(model.clocked)
    tick.bounds(model.clocked)
    rows = row_variables(model)
    advance, advance_row = _Advance(rows.others), _Advance(rows.flow)
    bodies = {
        "advance_row": Body(tuple(advance_row.sections)),
        "advance": Body(tuple(advance.sections)),
        "on_pre": Body(_events("a spike of the source arrives", model.pre, model), sympy.Add(*model.input)),
        "on_post": Body(_events("a spike of the target", model.post, model)),
        "on_modulator": Body(_events("a spike of the modulator", model.modulator, model)),
        "tick": Body(tuple(tick.sections)),
    }
    if model.psp is not None:
        bodies["psp"] = Body((), model.psp.value)
    return Behaviour(bodies, tuple(propagators), internal)


class _Advance(Builder):
    """Builds event-driven equations."""

    def __init__(self, equations: Iterable[Equation]) -> None:
        super().__init__()
        equations = list(equations)
        self.targets = {equation.target for equation in equations}
        self.blocks = 0
        self.equations(equations)

    def block(self, block: Block) -> None:
        """Advance a coupled system over the time since the last event."""
        meant = {x: value for x, value in self.definitions.items() if not isinstance(x, State)}
        block = dataclasses.replace(block, slopes={v: slope.xreplace(meant) for v, slope in block.slopes.items()})
        for statements in flow(block, self.targets - set(block.slopes), self.blocks):
            self.add(f"{', '.join(variable.name for variable in block.slopes)}: event-driven", statements)
        self.blocks += 1
        equations = block.equations
        self.add("new values", [Store(v, bounded(equations[v].flags, next_value(v))) for v in block.slopes])


def _events(title: str, equations: Iterable[Equation], model: SynapseModel) -> tuple[Section, ...]:
    statements: list[Statement] = []
    for equation in equations:
        target, value = equation.target, bounded(equation.flags, equation.value)
        if not isinstance(target, State):
            statements.append(Let(target, value, equation.text))
            continue
        if target in model.bounds:
            value = bounded(model.bounds[target], value)
        statements.append(Store(target, value, equation.text))
    return (Section(title, tuple(statements)),) if statements else ()
