"""Which variables of a synapse follow from its target's spikes alone, and whether all the others can do without them.

All synapses of one target and one dendritic delay hear the same spikes. A variable that nothing else changes, and whose
equations read nothing else than such variables and parameters, is after each spike the same for all of them: the engine
keeps what every spike leaves behind with the target, and synapses look it up. Such are postsynaptic traces.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .model import Equation, SynapseModel
from .row_variables import follows, has_no_steps, known_in, reads, row_variables
from .symbols import LAST_POST, SINCE_POST, Expr, Local, Parameter, State


@dataclass(frozen=True)
class TargetVariables:
    """Variables that synapses of one target have in common.

    Attributes
    ----------
    states
        The variables.
    parameters
        Those that have to be equal as well.
    heeded
        Whether what a spike of the target does to others depends on them, or on when the one before was.
    """

    states: frozenset[State]
    parameters: frozenset[Parameter]
    heeded: bool


def target_variables(model: SynapseModel) -> TargetVariables | None:
    """Return what synapses of one target have in common, or None if that is not all that goes on between events.

    Beside what follows from arrivals or from the target's spikes, nothing may change but at events, so that a synapse
    need not know when it was brought up to date.
    """
    rows = row_variables(model)
    if not model.post or model.modulator or model.remote or not has_no_steps(model) or not rows.states:
        return None
    if any("." in state.name for state in model.states) or not all(e.derivative for e in rows.others):
        return None
    found = frozenset(e.target for e in (*rows.others, *model.post) if isinstance(e.target, State)) - rows.states
    found -= {State("w")} | {e.target for e in model.pre if isinstance(e.target, State)}
    while True:
        flow, spike = known_in(rows.others, found, set()), known_in(model.post, found, {SINCE_POST, LAST_POST})
        kept = frozenset(s for s in found if follows(s, model, ((rows.others, flow), (model.post, spike))))
        if kept == found:
            break
        found = kept
    if any(e.target not in found for e in rows.others):
        return None
    concerned = [e for e in (*rows.others, *model.post) if e.target in found or isinstance(e.target, Local)]
    read = {symbol for e in concerned for symbol in reads(e, model)}
    return TargetVariables(
        found, frozenset(s for s in read if isinstance(s, Parameter)), _heeded(model.post, found, model)
    )


def _heeded(equations: Iterable[Equation], states: frozenset[State], model: SynapseModel) -> bool:
    """Whether equations of other variables read these, be it through local variables."""
    concerned: set[Expr] = {*states, SINCE_POST, LAST_POST}
    for equation in equations:
        if isinstance(equation.target, Local) and reads(equation, model) & concerned:
            concerned.add(equation.target)
    return any(e.target not in concerned and reads(e, model) & concerned for e in equations)
