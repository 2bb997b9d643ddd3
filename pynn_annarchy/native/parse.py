"""The first stage of the pipeline: the text of a model to expressions (`NeuronText` to `NeuronModel`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from . import symbols
from .errors import EquationError, Place, closest, unknown
from .expression import Scope
from .functions import Function, functions, library
from .lines import PI, Declaration, FlagWords, Line, check_identifier, check_name, declarations, single
from .methods import METHODS
from .model import Equation, Flags, NeuronModel
from .remote import joined, population_inputs
from .spec import NeuronText
from .symbols import Draw, Expr, Input, Local, Parameter, State
from .tokens import statements

LAST_SPIKE = State("t_last")
_PREDEFINED: Mapping[str, Expr] = {
    "t": symbols.TIME,
    "dt": symbols.DT,
    "i_inj": symbols.INJECTED,
    "t_last": LAST_SPIKE,
}
_RESERVED = frozenset({*_PREDEFINED, "pi", "_h", "_refractory"})
_IGNORED = "unless_refractory"
_FLAGS = FlagWords(switches=("always", "population", _IGNORED), methods=METHODS)
_RESET_FLAGS = FlagWords(values=("min", "max"), switches=("always", _IGNORED))
_PARAMETER_FLAGS = ("population",)


def parse(text: NeuronText) -> NeuronModel:
    """Read the text of a model.

    Raises
    ------
    EquationError
        If anything in it is not of the language or not defined, with the line and the column.
    """
    check_identifier(text.name)
    declared = declared_parameters(text)
    parameters = {symbol.name: symbol for symbol in declared}
    equation_lines, reset_lines = _lines(text.equations, "equations"), _lines(text.reset, "reset")
    targets = _targets(equation_lines, reset_lines, parameters, text.receptors)
    receptors = dict(text.receptors)
    implicit: dict[str, State] = {}
    if text.conductances and text.spike.strip():
        implicit = _implicit(text, {*parameters, *targets})
        receptors = {**_conductances(text, {**targets, **implicit}), **receptors}
    continuous = population_inputs(_names(text), targets)
    scope = _scope(text, declared, {**targets, **implicit, **continuous})
    words = replace(_FLAGS, default_method=text.method or None)
    sums = tuple(_weighted_sum(symbol) for symbol in continuous.values() if isinstance(symbol, State))
    equations = (*sums, *(_equation(line, scope, words) for line in equation_lines))
    spike = single(text.spike, "spike", scope, truth=True, rewrite=joined)
    reset = tuple(line.equation(scope, _RESET_FLAGS) for line in reset_lines)
    refractory = single(text.refractory, "refractory", scope, truth=False, rewrite=joined)
    if refractory is not None and refractory.value == 0:
        refractory = None
    if spike is None and reset:
        raise EquationError("a reset needs a spike condition", reset_lines[0].statement.place)
    if spike is None and refractory:
        raise EquationError("refractory needs a spike condition", Place("refractory", 1, 1, text.refractory))
    if refractory is not None and refractory.value.is_number and float(refractory.value) < 0:
        reason = f"the refractory period is {float(refractory.value):g} ms; it has to be 0 or longer"
        raise EquationError(reason, Place("refractory", 1, 1, text.refractory))
    states = _states(equations, implicit.values())
    if not states:
        raise EquationError(f"model {text.name!r} has no variables: its equations define none")
    used = _symbols(equations, spike, reset, refractory)
    if LAST_SPIKE in used:
        states[LAST_SPIKE] = -1e9  # as good as never, and no infinity that meets a zero
    constants = [Parameter(name) for name in text.constants if Parameter(name) in used - set(declared)]
    return NeuronModel(
        name=text.name,
        parameters={
            **{symbol: declaration.value for symbol, declaration in declared.items()},
            **{symbol: text.constants[symbol.name] for symbol in constants},
        },
        states=states,
        always=_always(equations) | frozenset(implicit.values()),
        equations=equations,
        spike=spike,
        reset=reset,
        refractory=refractory,
        receptors=_receptors(receptors, states),
        draws=tuple(scope.draws),
        injectable=symbols.INJECTED in used,
        transient=frozenset(implicit.values()),
        initial={line.target: line.flags.initial for line in equations if line.flags.initial is not None},
        constants=tuple(symbol.name for symbol in constants),
        continuous=tuple(continuous),
    )


def _weighted_sum(state: State) -> Equation:
    """Return the equation that keeps what continuous synapses have given."""
    place = Place("equations", 1, 1, state.name)
    return Equation(state, Input(state.name), False, Flags(always=True), "what continuous synapses give", place)


def declared_parameters(text: NeuronText) -> dict[Parameter, Declaration]:
    """Return the parameters that a model's author defined, with their flags."""
    return declarations(text.parameters, _RESERVED, text.constants, _PARAMETER_FLAGS)


def ignored_flags(text: NeuronText) -> list[str]:
    """Return what to warn a model's author of."""
    lines = [*_lines(text.equations, "equations"), *_lines(text.reset, "reset")]
    return [
        f"{line.statement.place}: the flag {_IGNORED} has no effect: no equation is evaluated while a neuron is "
        "refractory, except those of conductances g_*"
        for line in lines
        if line.has_flag(_IGNORED)
    ]


def own_functions(text: NeuronText) -> dict[str, Function]:
    """Return the functions that a model knows."""
    constants = {name: Parameter(name) for name in text.constants}
    shared = library(text.library, constants)
    return {**shared, **functions(text.functions, shared, constants)}


def _scope(text: NeuronText, declared: Mapping[Parameter, Declaration], targets: Mapping[str, Expr]) -> Scope:
    """Return what names mean: a model's own ones hide constants."""
    constants = {name: Parameter(name) for name in text.constants}
    values = {symbol: text.constants[name] for name, symbol in constants.items()}
    values.update({symbol: declaration.value for symbol, declaration in declared.items()})
    parameters = {symbol.name: symbol for symbol in declared}
    names: dict[str, Expr] = {**constants, "pi": PI, **_PREDEFINED, **parameters, **targets}
    return Scope(names, refused=_refused(text), functions=own_functions(text), values=values)


def _refused(text: NeuronText) -> dict[str, str]:
    """Return names that mean something in synapses only, or only if something else is there."""
    found = dict.fromkeys(("t_pre", "t_post", "since_pre", "since_post"), "{!r} is known in spiking synapses only")
    found["w"] = "{!r} is the weight of a synapse; neurons have none"
    for name in _names(text):
        if name.startswith(("pre.", "post.")) or name in ("pre", "post"):
            found[name] = "{!r} is of synapses: a neuron has no pre and no post"
        elif re.fullmatch("g_.+", name) and not text.spike.strip():
            found[name] = "{!r} is what spikes give to a neuron with a spike condition; rate-coded input is " + (
                f"sum({name[2:]})"
            )
        elif "(" in name:
            found[name] = "{!r} is of something that is no variable of this model"
    return {name: reason.format(name) for name, reason in found.items()}


def _lines(text: str, part: str) -> list[Line]:
    return [Line(joined(statement)) for statement in statements(text, part)]


def _equation(line: Line, scope: Scope, words: FlagWords) -> Equation:
    found = line.equation(scope, words)
    if line.has_flag("population") and any(isinstance(symbol, Draw) for symbol in found.value.free_symbols):
        raise line.name.error(
            f"{line.name.text!r} cannot be the same for a population, every neuron draws its own number"
        )
    return found


def _states(equations: Iterable[Equation], implicit: Iterable[State]) -> dict[State, float]:
    states = dict.fromkeys((line.target for line in equations if isinstance(line.target, State)), 0.0)
    for line in equations:
        if isinstance(line.target, State) and line.flags.init:
            states[line.target] = line.flags.init
    return {**states, **dict.fromkeys(implicit, 0.0)}


def _always(equations: Iterable[Equation]) -> frozenset[State]:
    return frozenset(
        line.target
        for line in equations
        if isinstance(line.target, State) and (line.flags.always or line.target.name.startswith("g_"))
    )


def _symbols(equations: Iterable[Equation], *others: object) -> set[Expr]:
    found: set[Expr] = set()
    for item in [*equations, *others]:
        for piece in item if isinstance(item, tuple) else (item,):
            if piece is not None:
                found |= piece.value.free_symbols
            if isinstance(piece, Equation):
                bounds = [bound for bound in (piece.flags.minimum, piece.flags.maximum) if bound is not None]
                found = found.union(*(bound.free_symbols for bound in bounds))
    return found


# ---- receptors -------------------------------------------------------------------------------------------------------


def _receptors(receptors: Mapping[str, str], states: Mapping[State, float]) -> dict[str, State]:
    found = {}
    for receptor, variable in receptors.items():
        if not receptor.isidentifier():
            raise EquationError(f"a receptor's name must be an identifier, not {receptor!r}")
        if State(variable) not in states:
            names = [state.name for state in states]
            near = closest(variable, names)
            meant = f"did you mean {near!r}?" if near else f"there are {', '.join(names)}"
            raise EquationError(f"receptors: {receptor!r} adds to {variable!r}, which is no variable; {meant}")
        found[receptor] = State(variable)
    return found


def _names(text: NeuronText) -> list[str]:
    parts = ("equations", "spike", "reset", "refractory")
    found = [joined(statement) for part in parts for statement in statements(getattr(text, part), part)]
    return [token.text for statement in found for token in statement.tokens if token.kind == "name"]


def _implicit(text: NeuronText, defined: set[str]) -> dict[str, State]:
    """Return the conductances that are read and have no equation."""
    known = defined | set(text.constants)
    return {name: State(name) for name in _names(text) if re.match("g_.", name) and name not in known}


def _conductances(text: NeuronText, variables: Mapping[str, Expr]) -> dict[str, str]:
    """Return receptor type to conductance, in the order of the text; dg_exc/dt counts too."""
    found = [re.fullmatch("d?(g_(.+))", name) for name in _names(text)]
    return {match[2]: match[1] for match in found if match and isinstance(variables.get(match[1]), State)}


# ---- variables -------------------------------------------------------------------------------------------------------


def _targets(
    lines: list[Line], resets: list[Line], parameters: Mapping[str, Parameter], receptors: Mapping[str, str]
) -> dict[str, State | Local]:
    """Return what the equations define: states, and variables that live within one step only."""
    found: dict[str, State | Local] = {}
    persistent = set(receptors.values()) | {line.name.text for line in resets}
    read: set[str] = set()
    solved: set[str] = set()
    for line in lines:
        name = line.name.text
        if "(" in name:
            raise line.name.error(f"{name!r} can only be read")
        if "." in name:
            raise line.name.error(f"{name!r} is of synapses: a neuron has no pre and no post")
        check_name(line.name, _RESERVED)
        if name in parameters:
            raise line.name.error(f"{name!r} is a parameter already")
        if line.derivative and name in solved:
            raise line.name.error(f"the derivative of {name!r} is given twice")
        solved |= {name} if line.derivative else set()
        read |= line.reads
        brief = name.startswith("_") and not line.derivative and name not in read | persistent | set(found)
        if name in found or not brief:
            found[name] = State(name)
        else:
            found[name] = Local(f"{name}_now")
    for line in resets:
        if line.derivative:
            raise line.name.error("a reset assigns values, it has no derivatives")
        if line.name.text in parameters:
            raise line.name.error(f"{line.name.text!r} is a parameter; a reset assigns variables")
        if line.name.text not in found:
            raise unknown("variable", line.name.text, found, line.name.place)
    return found
