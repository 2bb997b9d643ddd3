"""The statements of a synapse's text in expressions: its equations, and what happens at spikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from . import expression, symbols
from .errors import EquationError, Place, unknown
from .expression import Scope
from .lines import FlagWords, Line, check_name, divided
from .methods import METHODS
from .model import Equation, Flags
from .symbols import ELAPSED, Equal, Expr, Local, Parameter, Select, State
from .tokens import spelled

WEIGHT = State("w")
TIME_OF_SOURCE = State("_t_pre")  # when the last spike that has arrived was sent
# Variables that stand for those of neurons: the engine brings the former before each step, and adds the others to the
# neurons after it.
SOURCE, CHANGES = "_source.", {"pre": "_pre.", "post": "_post."}
INPUT = "g_target"
_UNLESS_POST = "unless_post"
_SAME_STEP = Equal(symbols.SINCE_POST, symbols.TRAVELLED)
PREDEFINED: Mapping[str, Expr] = {
    "t": symbols.TIME,
    "dt": symbols.DT,
    "since_pre": symbols.SINCE_PRE,
    "since_post": symbols.SINCE_POST,
    "t_pre": TIME_OF_SOURCE,
    "t_post": symbols.LAST_POST,
}
RESERVED = frozenset({*PREDEFINED, "pi", "elapsed", "pre", "post", INPUT, "_h", TIME_OF_SOURCE.name})
_REFUSED: Mapping[str, str] = {
    "elapsed": "'elapsed' may be read in assignments with the flag event-driven only",
    INPUT: f"{INPUT!r} can be given to the target, as in '{INPUT} += w', but not read",
    "pre": "a name is expected, as in 'pre.v'",
    "post": "a name is expected, as in 'post.v'",
}
_LOCALITIES = ("postsynaptic", "projection")
_FLAGS = FlagWords(switches=("event-driven", "local"), methods=METHODS)
_EVENT_FLAGS = FlagWords(values=("min", "max"))
_PRE_FLAGS = replace(_EVENT_FLAGS, switches=(_UNLESS_POST,))


def check_assigned(line: Line) -> None:
    """Refuse a left side that is no variable of the synapse."""
    if "." in line.name.text:
        owner, _, name = line.name.text.partition(".")
        reason = f"{line.name.text!r} belongs to a neuron: spikes may change it, as in '{owner}.{name} += 1'"
        raise line.name.error(reason)
    check_name(line.name, RESERVED)


def _conditional(line: Line, value: Expr, otherwise: Expr) -> Expr:
    """Return a value, or another one if the line says so and the target has spiked in the step of the source's."""
    if not line.flags:
        return value
    if [spelled(flag) for flag in divided(line.flags)] != [_UNLESS_POST]:
        raise line.flags[0].error(f"{line.name.text!r} has no flags but {_UNLESS_POST}")
    return Select(_SAME_STEP, otherwise, value)


@dataclass
class Sections:
    """Reads the statements of a model, one after another.

    Attributes
    ----------
    everywhere
        What names other than those of variables mean.
    targets
        What the equations define.
    method
        Of differential equations without a flag; empty for the one that suits each best.
    input
        What the target gets.
    changes
        The variables that stand for changes of those of neurons.
    """

    everywhere: Scope
    targets: Mapping[str, State | Local]
    method: str
    input: list[Local] = field(default_factory=list)
    changes: list[State] = field(default_factory=list)
    _brief: dict[str, int] = field(default_factory=dict)

    def scope(self, **others: Expr) -> Scope:
        """Return what names mean where all variables of the synapse may be read."""
        states = {name: target for name, target in self.targets.items() if isinstance(target, State)}
        return replace(self.everywhere, names={**self.everywhere.names, **states, **others}, refused=_REFUSED)

    def equation(self, line: Line) -> Equation:
        """Return one of the equations."""
        waiting = line.has_flag("event-driven")
        names, refused = {**self.everywhere.names, **self.targets}, dict(_REFUSED)
        if waiting and not line.derivative:
            names["elapsed"] = ELAPSED
            del refused["elapsed"]
        for word in _LOCALITIES:
            if line.has_flag(word):
                raise line.name.error(
                    f"the flag {word} is for parameters: synapses that are driven by spikes change one at a time, so "
                    f"each has its own {line.name.text!r}"
                )
        words = replace(_FLAGS, default_method=None if waiting else self.method or None)
        equation = line.equation(replace(self.everywhere, names=names, refused=refused), words)
        if waiting and equation.flags.method == "exact":
            equation = replace(equation, flags=replace(equation.flags, method=None))
        if waiting and equation.flags.method is not None:
            raise EquationError("an event-driven equation is solved exactly: it takes no method", equation.place)
        return equation

    # -- what happens at spikes ----------------------------------------------------------------------------------------

    def section(self, part: str, lines: list[Line]) -> tuple[Equation, ...]:
        """Return what happens at a spike."""
        names = dict(self.scope().names)
        found = []
        for line in lines:
            if line.derivative:
                raise line.name.error(f"a {part} assigns values, it has no derivatives")
            scope = replace(self.everywhere, names=dict(names), refused=_REFUSED)
            if line.name.text == INPUT:
                found.append(self._input(part, line, scope))
            elif "." in line.name.text:
                found.append(self._change(line, scope))
            else:
                target = self._target(line, names)
                found.append(self._assignment(part, line, scope, target))
                names[line.name.text] = target
        return tuple(found)

    def _assignment(self, part: str, line: Line, scope: Scope, target: State | Local) -> Equation:
        equation = line.equation(scope, _PRE_FLAGS if part == "pre_spike" else _EVENT_FLAGS, target)
        if not line.has_flag(_UNLESS_POST):
            return equation
        old = scope.names.get(line.name.text)
        if old is None:
            raise line.name.error(f"{_UNLESS_POST} would leave {line.name.text!r} without a value")
        return replace(equation, value=Select(_SAME_STEP, old, equation.value))

    def _input(self, part: str, line: Line, scope: Scope) -> Equation:
        if part != "pre_spike":
            raise line.name.error(f"{INPUT!r} is given to the target in the pre_spike only")
        if line.sign.text != "+=":
            raise line.sign.error(f"'{INPUT} += ...' is expected: input is added to that of other synapses")
        self.input.append(Local(f"input_{len(self.input) + 1}"))
        value = expression.number(line.right, scope, line.sign)
        value = _conditional(line, value, symbols.number(0.0))
        return Equation(self.input[-1], value, False, Flags(), line.statement.text(), line.statement.place)

    def _change(self, line: Line, scope: Scope) -> Equation:
        """Return a change of a neuron's variable, as one of a variable that the engine adds to it."""
        owner, _, name = line.name.text.partition(".")
        if line.sign.text not in ("+=", "-="):
            raise line.sign.error(
                f"'{line.name.text} += ...' or '-=' is expected: changes of a neuron by all its synapses add up"
            )
        target = State(f"{CHANGES[owner]}{name}")
        if target not in self.changes:
            self.changes.append(target)
        value = expression.number(line.right, scope, line.sign)
        value = target + value if line.sign.text == "+=" else target - value
        value = _conditional(line, value, target)
        return Equation(target, value, False, Flags(), line.statement.text(), line.statement.place)

    def _target(self, line: Line, names: Mapping[str, Expr]) -> State | Local:
        name = line.name.text
        check_assigned(line)
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
        text = f"{INPUT} += w"
        weight = Equation(self.input[0], WEIGHT, False, Flags(), text, Place("pre_spike", 1, 1, text))
        return (weight, *section)
