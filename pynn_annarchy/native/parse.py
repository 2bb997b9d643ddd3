"""The first stage of the pipeline: the text of a model to expressions (`NeuronText` to `NeuronModel`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from . import symbols
from .errors import EquationError, unknown
from .expression import Scope
from .lines import METHODS, PI, FlagWords, Line, check_identifier, check_name, defaults, single
from .model import Equation, NeuronModel
from .spec import NeuronText
from .symbols import Expr, Local, Parameter, State
from .tokens import statements

LAST_SPIKE = State("_t_last")
_PREDEFINED: Mapping[str, Expr] = {
    "t": symbols.TIME,
    "dt": symbols.DT,
    "i_inj": symbols.INJECTED,
    "t_last": LAST_SPIKE,
}
_RESERVED = frozenset({*_PREDEFINED, "_h", "_refractory", "_t_last"})
_FLAGS = FlagWords(switches=("always",), methods=METHODS)
_RESET_FLAGS = FlagWords(switches=("always",))


def parse(text: NeuronText) -> NeuronModel:
    """Read the text of a model.

    Raises
    ------
    EquationError
        If anything in it is not of the language or not defined, with the line and the column.
    """
    check_identifier(text.name)
    values = defaults(text.parameters, _RESERVED)
    parameters = {symbol.name: symbol for symbol in values}
    lines = [Line(statement) for statement in statements(text.equations, "equations")]
    resets = [Line(statement) for statement in statements(text.reset, "reset")]
    targets = _targets(lines, resets, parameters, text.receptors)
    names: dict[str, Expr] = {"pi": PI, **_PREDEFINED, **parameters, **targets}
    scope = Scope(names)
    equations = tuple(line.equation(scope, _FLAGS) for line in lines)
    spike = single(text.spike, "spike", scope, truth=True)
    reset = tuple(line.equation(scope, _RESET_FLAGS) for line in resets)
    refractory = single(text.refractory, "refractory", scope, truth=False)
    if refractory is not None and refractory.value == 0:
        refractory = None
    if spike is None and (reset or refractory):
        raise EquationError("reset and refractory need a spike condition")
    states = {line.target: 0.0 for line in equations if isinstance(line.target, State)}
    for line in equations:
        if isinstance(line.target, State) and line.flags.init:
            states[line.target] = line.flags.init
    if not states:
        raise EquationError(f"model {text.name!r} has no variables: its equations define none")
    used = _symbols(equations, spike, reset, refractory)
    if LAST_SPIKE in used:
        states[LAST_SPIKE] = -1e9  # as good as never, and no infinity that meets a zero
    return NeuronModel(
        name=text.name,
        parameters=values,
        states=states,
        always=_always(equations),
        equations=equations,
        spike=spike,
        reset=reset,
        refractory=refractory,
        receptors=_receptors(text.receptors, states),
        draws=tuple(scope.draws),
        injectable=symbols.INJECTED in used,
    )


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
    return found


def _receptors(receptors: Mapping[str, str], states: Mapping[State, float]) -> dict[str, State]:
    found = {}
    for receptor, variable in receptors.items():
        if not receptor.isidentifier():
            raise EquationError(f"a receptor's name must be an identifier, not {receptor!r}")
        if State(variable) not in states:
            raise unknown("variable", variable, [state.name for state in states], None)
        found[receptor] = State(variable)
    return found


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
