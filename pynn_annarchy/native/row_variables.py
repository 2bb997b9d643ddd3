"""Which variables of a synapse follow from the arrivals at it alone.

All synapses of one source and one axonal delay have the same arrivals. A variable that nothing else changes, and whose
equations read nothing else than such variables and parameters, is the same for all of them if it began alike: the
engine keeps one for the row. Such are presynaptic traces, and the resources of short-term plasticity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .model import Equation, SynapseModel
from .symbols import ELAPSED, SINCE_PRE, Expr, Local, Parameter, State

_MOST = 64  # variables that a kernel can say it of


@dataclass(frozen=True)
class RowVariables:
    """Variables that synapses of one row have in common, and the parameters that have a part in them.

    Attributes
    ----------
    states
        The variables.
    flow
        The equations between events that are theirs, with what these need.
    others
        The equations between events of the other variables.
    parameters
        What has to be equal as well.
    """

    states: frozenset[State]
    flow: tuple[Equation, ...]
    others: tuple[Equation, ...]
    parameters: frozenset[Parameter]


def row_variables(model: SynapseModel) -> RowVariables:
    """Return what synapses of one row have in common; nothing if the model does something in every step."""
    found = frozenset(list(model.states)[:_MOST]) - {State("w")}
    if not has_no_steps(model):
        found = frozenset()
    while True:
        flow, arrival = known_in(model.event_driven, found, _time(model)), known_in(model.pre, found, {SINCE_PRE})
        kept = frozenset(state for state in found if _follows_arrivals(state, model, flow, arrival))
        if kept == found:
            break
        found = kept
    own = tuple(e for e in model.event_driven if e.target in found or e.target in flow)
    others = tuple(e for e in model.event_driven if e.target not in found)
    concerned = [e for e in (*own, *model.pre) if e.target in found or isinstance(e.target, Local)] if found else []
    read = {symbol for e in concerned for symbol in reads(e, model)}
    return RowVariables(found, own, others, frozenset(s for s in read if isinstance(s, Parameter)))


def _time(model: SynapseModel) -> set[Expr]:
    """What stands for time in equations between events: an assignment may take it for that since any event."""
    return set() if model.post or model.modulator else {ELAPSED}


def known_in(equations: Iterable[Equation], states: frozenset[State], more: set[Expr]) -> set[Expr]:
    """Return what may be read in equations: the variables, and the locals that were made of nothing else before."""
    known = {*states, *more}
    for equation in equations:
        if isinstance(equation.target, Local) and _is_known(equation.value.free_symbols, known):
            known.add(equation.target)
    return known


def _is_known(symbols: set[Expr], known: set[Expr]) -> bool:
    return all(symbol.static or symbol in known for symbol in symbols)


def _follows_arrivals(state: State, model: SynapseModel, flow: set[Expr], arrival: set[Expr]) -> bool:
    """Whether a variable follows from others of the row, and no equation between events of the others reads it."""
    if "." in state.name or state in {e.target for e in (*model.post, *model.modulator)}:
        return False
    if any(state in reads(e, model) and e.target not in flow for e in model.event_driven):
        return False
    return follows(state, model, ((model.event_driven, flow), (model.pre, arrival)))


def follows(state: State, model: SynapseModel, sections: Iterable[tuple[Iterable[Equation], set[Expr]]]) -> bool:
    """Whether the equations of a variable read nothing but what is known in their section."""
    return all(
        _is_known(reads(e, model), known) for equations, known in sections for e in equations if e.target == state
    )


def has_no_steps(model: SynapseModel) -> bool:
    """Whether a model does something at events alone."""
    return not model.clocked and model.psp is None


def reads(equation: Equation, model: SynapseModel) -> set[Expr]:
    """Return the symbols that an equation reads, with those of its variable's bounds."""
    values = [equation.value, equation.flags.minimum, equation.flags.maximum]
    if equation.target in model.bounds:
        bounds = model.bounds[equation.target]
        values += [bounds.minimum, bounds.maximum]
    return set().union(*(value.free_symbols for value in values if value is not None))
