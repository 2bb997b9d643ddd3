"""The first stage of the pipeline for synapses: a text to expressions (`SynapseText` to `SynapseModel`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from . import symbols
from .errors import EquationError, Place
from .expression import Scope
from .functions import functions, library
from .lines import PI, Declaration, Line, check_identifier, declarations, single
from .model import Condition, Equation, Flags, SynapseModel
from .remote import joined, remote
from .spec import SynapseText
from .symbols import DT, ELAPSED, TIME, Expr, Local, Parameter, Post, Pre, Reduced, State
from .synapse_sections import PREDEFINED, RESERVED, SOURCE, TIME_OF_SOURCE, WEIGHT, Sections, check_assigned
from .tokens import Statement, statements

LOCALITIES = ("local", "postsynaptic", "projection")
_MOST_DRAWS = 64  # csrc/synapse_group.h: those of a further spike in the same step come after
_PARTS = ("pre_spike", "post_spike", "modulator_spike")


def parse_synapse(text: SynapseText) -> SynapseModel:
    """Read the text of a model.

    Raises
    ------
    EquationError
        If anything in it is not of the language or not defined, with the line and the column.
    """
    check_identifier(text.name)
    if text.operation != "sum":
        raise EquationError(f"operation is {text.operation!r}; input of synapses that are driven by spikes is summed")
    declared = declarations(text.parameters, RESERVED | {"w"}, text.constants, LOCALITIES)
    lines = _lines(text.equations, "equations")
    events = {part: _lines(getattr(text, part), part) for part in _PARTS}
    psp_lines = [joined(statement) for statement in statements(text.psp, "psp")]
    whole = [*(line.statement for line in lines), *(line.statement for part in events.values() for line in part)]
    neurons = _remote([*whole, *psp_lines])
    scope = _scope(text, declared, neurons)
    sections = Sections(scope, _targets(lines, events, psp_lines, declared), text.method)
    equations = [sections.equation(line) for line in lines]
    found = {part: sections.section(part, events[part]) for part in _PARTS}
    psp = single(text.psp, "psp", sections.scope(), truth=False, rewrite=joined)
    if len(scope.draws) > _MOST_DRAWS:
        raise EquationError(f"a synapse has at most {_MOST_DRAWS} random numbers, not {len(scope.draws)}")
    event_driven, clocked = _separated([e for e in equations if not (e.derivative and e.value == 0)], psp)
    if psp is not None and sections.input:
        given = next(line for line in events["pre_spike"] if line.name.text == "g_target")
        raise given.name.error("the target gets either the psp, in every step, or g_target, at spikes")
    pre = found["pre_spike"] if psp is not None else sections.transmitting(found["pre_spike"])
    used = _read([*equations, *pre, *found["post_spike"], *found["modulator_spike"]], psp)
    constants = [name for name in text.constants if Parameter(name) in used - set(declared)]
    return SynapseModel(
        name=text.name,
        parameters={
            **{symbol: declaration.value for symbol, declaration in declared.items()},
            **{Parameter(name): text.constants[name] for name in constants},
        },
        states=_states(equations, used, sections, neurons.values()),
        event_driven=event_driven,
        clocked=clocked,
        pre=_remembering(pre, used),
        post=found["post_spike"],
        modulator=found["modulator_spike"],
        input=tuple(sections.input),
        bounds=_bounds(equations),
        remote=tuple(symbol for symbol in neurons.values() if isinstance(symbol, Post) and symbol in used),
        draws=tuple(scope.draws),
        psp=psp,
        localities={symbol.name: min(declaration.flags, default="local") for symbol, declaration in declared.items()},
        initial={e.target: e.flags.initial for e in equations if e.flags.initial is not None},
        constants=tuple(constants),
    )


def _scope(text: SynapseText, declared: Mapping[Parameter, Declaration], neurons: Mapping[str, Expr]) -> Scope:
    """Return what names mean everywhere: a model's own ones hide constants."""
    constants: dict[str, Expr] = {name: Parameter(name) for name in text.constants}
    values = {symbol: text.constants[name] for name, symbol in constants.items()}
    values.update({symbol: declaration.value for symbol, declaration in declared.items()})
    shared = library(text.library, constants)
    own = functions(text.functions, shared, constants)
    names = {**constants, "pi": PI, **PREDEFINED, **{symbol.name: symbol for symbol in declared}, **neurons}
    return Scope(names, functions={**shared, **own}, values=values)


def _lines(text: str, part: str) -> list[Line]:
    return [Line(joined(statement)) for statement in statements(text, part)]


def _remote(texts: Iterable[Statement]) -> dict[str, Expr]:
    """Return the variables of neurons that the text reads or changes, by their dotted names."""
    found: dict[str, Expr] = {}
    for statement in texts:
        for token in statement.tokens:
            meant = remote(token)
            if isinstance(meant, Reduced):
                raise token.error(f"{token.text} is for continuous synapses, of which no one is driven by spikes")
            if meant is not None:
                found[token.text] = State(f"{SOURCE}{meant.name}") if isinstance(meant, Pre) else meant
    return found


def _states(
    equations: Iterable[Equation], used: set[Expr], sections: Sections, neurons: Iterable[Expr]
) -> dict[State, float]:
    states: dict[State, float] = {}
    for equation in equations:
        if isinstance(equation.target, State):
            states[equation.target] = equation.flags.init or states.get(equation.target, 0.0)
    if WEIGHT not in states:
        states = {WEIGHT: 0.0, **states}
    if TIME_OF_SOURCE in used:
        states[TIME_OF_SOURCE] = -1e9  # as good as never, and no infinity that meets a zero
    of_source = [symbol for symbol in neurons if isinstance(symbol, State) and symbol in used]
    return {**states, **dict.fromkeys([*of_source, *sections.changes], 0.0)}


def _read(equations: Iterable[Equation], psp: Condition | None) -> set[Expr]:
    found: set[Expr] = set() if psp is None else set(psp.value.free_symbols)
    for equation in equations:
        for value in (equation.value, equation.flags.minimum, equation.flags.maximum):
            found |= set() if value is None else value.free_symbols
    return found


def _remembering(pre: tuple[Equation, ...], used: set[Expr]) -> tuple[Equation, ...]:
    """Return what the arrival of a spike does, with the time at which it was sent kept if anything reads it."""
    if TIME_OF_SOURCE not in used:
        return pre
    place = Place("pre_spike", 1, 1, "t_pre")
    return (*pre, Equation(TIME_OF_SOURCE, symbols.EMITTED, False, Flags(), "t_pre", place))


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
    lines: list[Line],
    events: Mapping[str, list[Line]],
    psp: list[Statement],
    parameters: Mapping[Parameter, Declaration],
) -> dict[str, State | Local]:
    """Return what the equations define: states, and variables that live within one evaluation of them."""
    elsewhere = {name for part in events.values() for line in part for name in (*line.reads, line.name.text)}
    elsewhere |= {token.text for statement in psp for token in statement.tokens}
    found: dict[str, State | Local] = {"w": WEIGHT}
    solved: set[str] = set()
    read: dict[bool, set[str]] = {True: set(), False: set()}  # by event-driven equations, and by the others
    for line in lines:
        name, group = line.name.text, line.has_flag("event-driven")
        check_assigned(line)
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


# ---- what is evaluated when -----------------------------------------------------------------------------------------


def _separated(equations: list[Equation], psp: Condition | None) -> tuple[tuple[Equation, ...], tuple[Equation, ...]]:
    """Return the equations that wait for events, and those of every step.

    If an equation of every step or what is transmitted reads or changes what an event-driven one defines, then all of
    them are evaluated in every step: the solution is the same, for events are at the ends of steps, and coupled
    equations are solved as such.
    """
    equations = _waiting(equations)
    waiting = {e.target for e in equations if e.flags.event_driven}
    changing = {e.target for e in equations if not e.flags.event_driven}
    for equation in equations:
        found = equation.value.free_symbols
        read = sorted(symbol.name for symbol in found & (changing - waiting))
        read += [str(symbol).replace(SOURCE, "pre.") for symbol in found if equation.derivative and _of_source(symbol)]
        if equation.flags.event_driven and read:
            reason = f"an event-driven equation cannot read {read[0]!r}, which changes in every step"
            raise EquationError(reason, equation.place)
    clocked = [e for e in equations if not e.flags.event_driven]
    transmitted = set() if psp is None else psp.value.free_symbols
    if waiting & transmitted or any(waiting & {e.target, *e.value.free_symbols} for e in clocked):
        return (), tuple(_every_step(e) if e.flags.event_driven else e for e in equations)
    return tuple(e for e in equations if e.flags.event_driven), tuple(clocked)


def _every_step(equation: Equation) -> Equation:
    """Return an event-driven equation as one that is evaluated in every step, which ends where an event may be."""
    if equation.derivative:
        return replace(equation, flags=replace(equation.flags, method="exact"))
    later = {symbol: symbol + DT for symbol in (TIME, symbols.SINCE_PRE, symbols.SINCE_POST)}
    return replace(equation, value=equation.value.xreplace({ELAPSED: DT, **later}))


def _waiting(equations: list[Equation]) -> list[Equation]:
    """Return equations, those that are solved exactly as event-driven ones where nothing they read changes in between.

    The solution is the same, and `exact` is what ANNarchy called it.
    """
    waiting = {k for k, e in enumerate(equations) if e.flags.event_driven or e.flags.method == "exact"}
    while True:
        changing = {e.target for k, e in enumerate(equations) if k not in waiting}
        kept = {k for k in waiting if equations[k].flags.event_driven or _is_steady(equations[k], changing)}
        if kept == waiting:
            break
        waiting = kept
    return [
        replace(e, flags=replace(e.flags, method=None, event_driven=True)) if k in waiting else e
        for k, e in enumerate(equations)
    ]


def _is_steady(equation: Equation, changing: set[Expr]) -> bool:
    """Whether neither a variable nor what its slope is made of is changed by anything but events."""
    return equation.target not in changing and all(
        symbol.static or (isinstance(symbol, State) and symbol not in changing and not _of_source(symbol))
        for symbol in equation.value.free_symbols
    )


def _of_source(symbol: Expr) -> bool:
    return isinstance(symbol, State) and symbol.name.startswith(SOURCE)
