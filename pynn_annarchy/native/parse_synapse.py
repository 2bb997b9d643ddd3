"""The first stage of the pipeline for synapses: a text to expressions (`SynapseText` to `SynapseModel`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from . import expression, symbols
from .errors import EquationError, Place, unknown
from .expression import Scope
from .lines import PI, FlagWords, Line, check_identifier, check_name, defaults
from .methods import METHODS
from .model import Equation, Flags, SynapseModel
from .spec import SynapseText
from .symbols import DT, ELAPSED, TIME, Draw, Expr, Local, Parameter, Post, State
from .tokens import members, statements

WEIGHT = State("w")
_INPUT = "g_target"
_MOST_DRAWS = 64  # csrc/synapse_group.h: those of a further spike in the same step come after
_PREDEFINED: Mapping[str, Expr] = {
    "t": symbols.TIME,
    "dt": symbols.DT,
    "since_pre": symbols.SINCE_PRE,
    "since_post": symbols.SINCE_POST,
    "t_pre": symbols.LAST_PRE,
    "t_post": symbols.LAST_POST,
}
_RESERVED = frozenset({*_PREDEFINED, "elapsed", "pre", "post", _INPUT, "_h"})
_REFUSED: Mapping[str, str] = {
    "elapsed": "'elapsed' may be read in assignments with the flag event-driven only",
    _INPUT: f"{_INPUT!r} can be given to the target, as in '{_INPUT} += w', but not read",
    "pre": "a name is expected, as in 'post.v'",
    "post": "a name is expected, as in 'post.v'",
}
_FLAGS = FlagWords(switches=("event-driven",), methods=METHODS)
_EVENT_FLAGS = FlagWords(values=("min", "max"))
_PARTS = ("pre_spike", "post_spike", "modulator_spike")


def parse_synapse(text: SynapseText) -> SynapseModel:
    """Read the text of a model.

    Raises
    ------
    EquationError
        If anything in it is not of the language or not defined, with the line and the column.
    """
    check_identifier(text.name)
    parameters = defaults(text.parameters, _RESERVED | {"w"})
    lines = _lines(text.equations, "equations")
    events = {part: _lines(getattr(text, part), part) for part in _PARTS}
    remote = _remote([*lines, *(line for part in events.values() for line in part)])
    fixed = {"pi": PI, **_PREDEFINED, **{symbol.name: symbol for symbol in parameters}, **remote}
    scopes = _Scopes(fixed, _targets(lines, events, parameters))
    equations = [scopes.equation(line) for line in lines]
    sections = {part: scopes.section(part, events[part]) for part in _PARTS}
    if len(scopes.draws) > _MOST_DRAWS:
        raise EquationError(f"a synapse has at most {_MOST_DRAWS} random numbers, not {len(scopes.draws)}")
    event_driven, clocked = _separated([e for e in equations if not (e.derivative and e.value == 0)])
    return SynapseModel(
        name=text.name,
        parameters=parameters,
        states=_states(equations),
        event_driven=event_driven,
        clocked=clocked,
        pre=scopes.transmitting(sections["pre_spike"]),
        post=sections["post_spike"],
        modulator=sections["modulator_spike"],
        input=tuple(scopes.input),
        bounds=_bounds(equations),
        remote=tuple(remote.values()),
        draws=tuple(scopes.draws),
    )


def _lines(text: str, part: str) -> list[Line]:
    return [Line(members(statement)) for statement in statements(text, part)]


def _remote(lines: Iterable[Line]) -> dict[str, Post]:
    """Return the variables of the target that the text reads, by their dotted names."""
    found: dict[str, Post] = {}
    for line in lines:
        for token in line.statement.tokens:
            owner, dot, name = token.text.partition(".")
            if token.kind != "name" or not dot:
                continue
            if owner == "pre":
                raise token.error("a synapse that is driven by spikes reads variables of its target only, as post.name")
            found[token.text] = Post(name)
    return found


def _states(equations: Iterable[Equation]) -> dict[State, float]:
    states: dict[State, float] = {}
    for equation in equations:
        if isinstance(equation.target, State):
            states[equation.target] = equation.flags.init or states.get(equation.target, 0.0)
    return states if WEIGHT in states else {WEIGHT: 0.0, **states}


def _bounds(equations: Iterable[Equation]) -> dict[State, Flags]:
    """Return the bounds of variables; of several lower or upper ones of a variable the first counts."""
    found: dict[State, Flags] = {}
    for equation in equations:
        if isinstance(equation.target, State):
            known, flags = found.get(equation.target, Flags()), equation.flags
            found[equation.target] = Flags(
                minimum=flags.minimum if known.minimum is None else known.minimum,
                maximum=flags.maximum if known.maximum is None else known.maximum,
            )
    return found


# ---- which names there are ------------------------------------------------------------------------------------------


def _targets(
    lines: list[Line], events: Mapping[str, list[Line]], parameters: Mapping[Parameter, float]
) -> dict[str, State | Local]:
    """Return what the equations define: states, and variables that live within one evaluation of them."""
    elsewhere = {name for part in events.values() for line in part for name in (*line.reads, line.name.text)}
    found: dict[str, State | Local] = {"w": WEIGHT}
    solved: set[str] = set()
    read: dict[bool, set[str]] = {True: set(), False: set()}  # by event-driven equations, and by the others
    for line in lines:
        name, group = line.name.text, line.has_flag("event-driven")
        _check_assigned(line)
        if Parameter(name) in parameters:
            raise line.name.error(f"{name!r} is a parameter already")
        if line.derivative and name in solved:
            raise line.name.error(f"the derivative of {name!r} is given twice")
        solved |= {name} if line.derivative else set()
        read[group] |= line.reads
        others = {other for later in lines if later.has_flag("event-driven") != group for other in later.reads}
        brief = name.startswith("_") and not line.derivative
        if brief and name not in read[group] | others | elsewhere | set(found):
            found[name] = Local(f"{name}_now")
        else:
            found[name] = State(name)
    return found


def _check_assigned(line: Line) -> None:
    if "." in line.name.text:
        raise line.name.error(f"{line.name.text!r} belongs to the target and can only be read")
    check_name(line.name, _RESERVED)


# ---- what names mean where ------------------------------------------------------------------------------------------


@dataclass
class _Scopes:
    """The statements of a model in expressions, one after another."""

    fixed: Mapping[str, Expr]
    targets: Mapping[str, State | Local]
    draws: list[Draw] = field(default_factory=list)
    input: list[Local] = field(default_factory=list)
    _brief: dict[str, int] = field(default_factory=dict)

    def equation(self, line: Line) -> Equation:
        """Return one of the equations."""
        names = {**self.fixed, **self.targets}
        refused = dict(_REFUSED)
        if line.has_flag("event-driven") and not line.derivative:
            names["elapsed"] = ELAPSED
            del refused["elapsed"]
        equation = line.equation(Scope(names, self.draws, refused=refused), _FLAGS)
        if equation.flags.event_driven and equation.flags.method is not None:
            raise EquationError("an event-driven equation is solved exactly: it takes no method", equation.place)
        return equation

    def section(self, part: str, lines: list[Line]) -> tuple[Equation, ...]:
        """Return what happens at a spike."""
        states = {name: target for name, target in self.targets.items() if isinstance(target, State)}
        names: dict[str, Expr] = {**self.fixed, **states}
        found = []
        for line in lines:
            if line.derivative:
                raise line.name.error(f"a {part} assigns values, it has no derivatives")
            scope = Scope(dict(names), self.draws, refused=_REFUSED)
            if line.name.text == _INPUT:
                found.append(self._input(part, line, scope))
                continue
            target = self._target(line, names)
            found.append(line.equation(scope, _EVENT_FLAGS, target))
            names[line.name.text] = target
        return tuple(found)

    def _input(self, part: str, line: Line, scope: Scope) -> Equation:
        if part != "pre_spike":
            raise line.name.error(f"{_INPUT!r} is given to the target in the pre_spike only")
        if line.sign.text != "+=":
            raise line.sign.error(f"'{_INPUT} += ...' is expected: input is added to that of other synapses")
        if line.flags:
            raise line.flags[0].error(f"{_INPUT!r} has no flags")
        self.input.append(Local(f"input_{len(self.input) + 1}"))
        value = expression.number(line.right, scope, line.sign)
        return Equation(self.input[-1], value, False, Flags(), line.statement.text(), line.statement.place)

    def _target(self, line: Line, names: Mapping[str, Expr]) -> State | Local:
        name = line.name.text
        _check_assigned(line)
        known = names.get(name)
        if isinstance(known, Parameter):
            raise line.name.error(f"{name!r} is a parameter; a spike changes variables")
        if isinstance(known, State):
            return known
        if not name.startswith("_") or (line.sign.text != "=" and known is None):
            states = [target.name for target in self.targets.values() if isinstance(target, State)]
            raise unknown("variable", name, states, line.name.place)
        self._brief[name] = self._brief.get(name, 0) + 1
        return Local(f"{name}_{self._brief[name]}")

    def transmitting(self, section: tuple[Equation, ...]) -> tuple[Equation, ...]:
        """Return the pre_spike with the input to the target, which is the weight unless the text says otherwise."""
        if self.input:
            return section
        self.input.append(Local("input_1"))
        text = f"{_INPUT} += w"
        weight = Equation(self.input[0], WEIGHT, False, Flags(), text, Place("pre_spike", 1, 1, text))
        return (weight, *section)


# ---- what is evaluated when -----------------------------------------------------------------------------------------


def _separated(equations: list[Equation]) -> tuple[tuple[Equation, ...], tuple[Equation, ...]]:
    """Return the equations that wait for events, and those of every step.

    If an equation of every step reads or changes what an event-driven one defines, then all of them are evaluated in
    every step: the solution is the same, for events are at the ends of steps, and coupled equations are solved as such.
    """
    waiting = {e.target for e in equations if e.flags.event_driven}
    changing = {e.target for e in equations if not e.flags.event_driven}
    for equation in equations:
        read = sorted(symbol.name for symbol in equation.value.free_symbols & (changing - waiting))
        if equation.flags.event_driven and read:
            reason = f"an event-driven equation cannot read {read[0]!r}, which changes in every step"
            raise EquationError(reason, equation.place)
    clocked = [e for e in equations if not e.flags.event_driven]
    if any(waiting & {e.target, *e.value.free_symbols} for e in clocked):
        return (), tuple(_every_step(e) if e.flags.event_driven else e for e in equations)
    return tuple(e for e in equations if e.flags.event_driven), tuple(clocked)


def _every_step(equation: Equation) -> Equation:
    """Return an event-driven equation as one that is evaluated in every step, which ends where an event may be."""
    if equation.derivative:
        return replace(equation, flags=replace(equation.flags, method="exact"))
    later = {symbol: symbol + DT for symbol in (TIME, symbols.SINCE_PRE, symbols.SINCE_POST)}
    return replace(equation, value=equation.value.xreplace({ELAPSED: DT, **later}))
