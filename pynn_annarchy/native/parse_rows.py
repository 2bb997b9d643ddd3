"""The first stage of the pipeline for continuous synapses: a text to expressions (`SynapseText` to `RowsModel`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import symbols
from .errors import EquationError
from .expression import Scope
from .functions import functions, library
from .lines import PI, Declaration, FlagWords, Line, check_identifier, check_name, declarations, single
from .methods import METHODS
from .model import Equation, RowsModel
from .remote import joined, remote
from .spec import SynapseText
from .symbols import Expr, Local, Parameter, Post, Pre, Reduced, State
from .tokens import Token, statements

WEIGHT = "w"
LOCAL, POSTSYNAPTIC, PROJECTION = LOCALITIES = ("local", "postsynaptic", "projection")
OPERATIONS = ("sum", "max", "min", "mean")
_PREDEFINED: Mapping[str, Expr] = {"t": symbols.TIME, "dt": symbols.DT}
_RESERVED = frozenset({*_PREDEFINED, "pi", "pre", "post", "_h"})
_FLAGS = FlagWords(switches=LOCALITIES, methods=METHODS)
_MOST_DRAWS = 64
_EVENTS = ("pre_spike", "post_spike", "modulator_spike")


def parse_rows(text: SynapseText) -> RowsModel:
    """Read the text of a model.

    Raises
    ------
    EquationError
        If anything in it is not of the language or not defined, with the line and the column.
    """
    check_identifier(text.name)
    if text.operation not in OPERATIONS:
        raise EquationError(f"operation is {text.operation!r}; allowed are {', '.join(map(repr, OPERATIONS))}")
    given = next((part for part in _EVENTS if getattr(text, part).strip()), None)
    if given is not None:
        raise EquationError(f"a {given} belongs to synapses that are driven by spikes, which have no psp")
    declared = declarations(text.parameters, _RESERVED, text.constants, LOCALITIES)
    lines = [Line(joined(statement)) for statement in statements(text.equations, "equations")]
    psp_lines = [joined(statement) for statement in statements(text.psp, "psp")]
    targets = _targets(lines, declared)
    if WEIGHT not in targets and Parameter(WEIGHT) not in declared:
        declared = {Parameter(WEIGHT): Declaration(0.0, frozenset()), **declared}
    neurons = _neurons([*(line.statement.tokens for line in lines), *(statement.tokens for statement in psp_lines)])
    scope = _scope(text, declared, {**targets, **neurons})
    words = replace(_FLAGS, default_method=text.method or None)
    equations = [line.equation(scope, words) for line in lines]
    psp = single(text.psp, "psp", scope, truth=False, rewrite=joined)
    if psp is None:
        raise EquationError("a continuous synapse needs a psp, such as 'w*pre.r'")
    if len(scope.draws) > _MOST_DRAWS:
        raise EquationError(f"a synapse has at most {_MOST_DRAWS} random numbers, not {len(scope.draws)}")
    localities = _Localities(declared, lines, equations)
    by_locality = {name: tuple(e for e in equations if localities.of(e.target) == name) for name in LOCALITIES}
    read = _read(equations) | psp.value.free_symbols
    constants = [name for name in text.constants if Parameter(name) in read - set(declared)]
    return RowsModel(
        name=text.name,
        parameters={
            **{symbol: declaration.value for symbol, declaration in declared.items()},
            **{Parameter(name): text.constants[name] for name in constants},
        },
        states=_states(equations),
        localities={**localities.names(), **dict.fromkeys(constants, PROJECTION)},
        psp=psp,
        operation=text.operation,
        equations=by_locality,
        pre=_of_kind(neurons, Pre, read),
        post=_of_kind(neurons, Post, read),
        reduced=_of_kind(neurons, Reduced, read),
        draws=tuple(scope.draws),
        constants=tuple(constants),
        initial={e.target: e.flags.initial for e in equations if e.flags.initial is not None},
    )


def _neurons(texts: Iterable[Iterable[Token]]) -> dict[str, Expr]:
    """Return what the text reads of neurons, by its name there."""
    found: dict[str, Expr] = {}
    for tokens in texts:
        for token in tokens:
            meaning = remote(token)
            if meaning is not None:
                found[token.text] = meaning
    return found


def _of_kind(neurons: Mapping[str, Expr], kind: type, read: set[Expr]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(symbol for symbol in neurons.values() if isinstance(symbol, kind) and symbol in read))


def _scope(text: SynapseText, declared: Mapping[Parameter, Declaration], others: Mapping[str, Expr]) -> Scope:
    constants: dict[str, Expr] = {name: Parameter(name) for name in text.constants}
    values = {symbol: text.constants[name] for name, symbol in constants.items()}
    values.update({symbol: declaration.value for symbol, declaration in declared.items()})
    names = {**constants, "pi": PI, **_PREDEFINED, **{symbol.name: symbol for symbol in declared}, **others}
    shared = library(text.library, constants)
    own = functions(text.functions, shared, constants)
    refused = dict.fromkeys(("pre", "post"), "a name is expected, as in 'pre.r'")
    return Scope(names, refused=refused, functions={**shared, **own}, values=values)


def _targets(lines: list[Line], declared: Mapping[Parameter, Declaration]) -> dict[str, State | Local]:
    """Return what the equations define: states, and variables that live within one step only."""
    found: dict[str, State | Local] = {}
    read: set[str] = set()
    solved: set[str] = set()
    for line in lines:
        name = line.name.text
        if "." in name or "(" in name:
            raise line.name.error(f"{name!r} belongs to a neuron and can only be read")
        check_name(line.name, _RESERVED)
        if Parameter(name) in declared:
            raise line.name.error(f"{name!r} is a parameter already")
        if line.derivative and name in solved:
            raise line.name.error(f"the derivative of {name!r} is given twice")
        solved |= {name} if line.derivative else set()
        read |= line.reads
        brief = name.startswith("_") and not line.derivative and name not in read | set(found)
        found[name] = Local(f"{name}_now") if brief else State(name)
    return found


def _states(equations: Iterable[Equation]) -> dict[State, float]:
    states: dict[State, float] = {}
    for equation in equations:
        if isinstance(equation.target, State):
            states[equation.target] = equation.flags.init or states.get(equation.target, 0.0)
    return states


def _read(equations: Iterable[Equation]) -> set[Expr]:
    found: set[Expr] = set()
    for equation in equations:
        for value in (equation.value, equation.flags.minimum, equation.flags.maximum):
            found |= set() if value is None else value.free_symbols
    return found


@dataclass
class _Localities:
    """How many values there are of what the model declares and defines.

    A parameter without a flag has one value per synapse, unless an equation of fewer values reads it.
    """

    declared: Mapping[Parameter, Declaration]
    lines: list[Line]
    equations: list[Equation]

    def __post_init__(self) -> None:
        self._of: dict[Expr, str] = {}
        for line, equation in zip(self.lines, self.equations, strict=True):
            flagged = [name for name in LOCALITIES if line.has_flag(name)]
            if len(flagged) > 1:
                raise line.name.error(f"{line.name.text!r} is {' and '.join(flagged)} at once")
            known = self._of.get(equation.target)
            self._of[equation.target] = flagged[0] if flagged else known or LOCAL
            if known and flagged and known != flagged[0]:
                raise line.name.error(f"{line.name.text!r} is {known} and {flagged[0]} at once")
        for symbol, declaration in self.declared.items():
            if declaration.flags:
                self._of[symbol] = next(iter(declaration.flags))
        for line, equation in zip(self.lines, self.equations, strict=True):
            self._check(line, equation)

    def _check(self, line: Line, equation: Equation) -> None:
        """Refuse what has more values than the equation that reads it."""
        own = LOCALITIES.index(self._of[equation.target])
        for symbol in sorted(_read([equation]) - {equation.target}, key=str):
            free = symbol.name != WEIGHT  # what one synapse has and the others do not, whatever reads it
            if free and isinstance(symbol, Parameter) and symbol in self.declared and not self.declared[symbol].flags:
                narrowest = max(own, LOCALITIES.index(self._of.get(symbol, LOCAL)))
                self._of[symbol] = LOCALITIES[narrowest]
            elif isinstance(symbol, Pre) and own > 0:
                raise line.name.error(f"a {LOCALITIES[own]} variable cannot read pre.{symbol.name}: there are many")
            elif isinstance(symbol, Post) and own > 1:
                raise line.name.error(f"a projection variable cannot read post.{symbol.name}: there are many")
            elif LOCALITIES.index(self._of.get(symbol, LOCAL if symbol.name == WEIGHT else PROJECTION)) < own:
                raise line.name.error(f"{line.name.text!r} is {LOCALITIES[own]} and cannot read {symbol.name!r}, "
                                      f"which is {self._of.get(symbol, LOCAL)}")  # fmt: skip

    def of(self, target: Expr) -> str:
        """The locality of a variable."""
        return self._of[target]

    def names(self) -> dict[str, str]:
        """The locality of every parameter and state by name."""
        states = {e.target.name: self._of[e.target] for e in self.equations if isinstance(e.target, State)}
        return {**{symbol.name: self._of.get(symbol, LOCAL) for symbol in self.declared}, **states}
