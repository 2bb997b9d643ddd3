"""The first stage of the pipeline: the text of a model to expressions (`NeuronText` to `NeuronModel`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import sympy

from . import expression, symbols
from .errors import EquationError, unknown
from .expression import Scope
from .linear import affine
from .model import Condition, Equation, Flags, NeuronModel
from .spec import NeuronText
from .symbols import Expr, Local, Parameter, State
from .tokens import Statement, Token, opens_flags, spelled, statements

METHODS = ("exact", "magnus", "rk45", "rk4", "midpoint", "explicit", "implicit", "exponential")
LAST_SPIKE = State("_t_last")
_PREDEFINED: Mapping[str, Expr] = {
    "t": symbols.TIME,
    "dt": symbols.DT,
    "i_inj": symbols.INJECTED,
    "t_last": LAST_SPIKE,
}
_INTERNAL = frozenset({"_h", "_refractory", "_t_last"})
_WORDS = frozenset({"if", "else", "elif", "and", "or", "not", "True", "False"})
_PI = sympy.Float(3.141592653589793)


def parse(text: NeuronText) -> NeuronModel:
    """Read the text of a model.

    Raises
    ------
    EquationError
        If anything in it is not of the language or not defined, with the line and the column.
    """
    _check_identifier(text.name)
    parameters = _parameters(text.parameters)
    lines = [_Line(statement) for statement in statements(text.equations, "equations")]
    resets = [_Line(statement) for statement in statements(text.reset, "reset")]
    targets = _targets(lines, resets, parameters, text.receptors)
    names: dict[str, Expr] = {"pi": _PI, **_PREDEFINED, **parameters, **targets}
    scope = Scope(names)
    equations = tuple(line.equation(scope, METHODS) for line in lines)
    spike = _single(text.spike, "spike", scope, truth=True)
    reset = tuple(line.equation(scope, ()) for line in resets)
    refractory = _single(text.refractory, "refractory", scope, truth=False)
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
        parameters=_defaults(text.parameters),
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


def _check_identifier(name: str) -> None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z_0-9]*", name) or "__" in name:
        raise EquationError(f"a model's name must be a C identifier without '__', not {name!r}")


def _check_name(token: Token) -> None:
    if token.text in _WORDS:
        raise token.error(f"{token.text!r} is a word of the language and cannot be a name")
    if token.text in _PREDEFINED or token.text in expression.FUNCTION_NAMES or token.text in _INTERNAL:
        raise token.error(f"{token.text!r} is predefined and cannot be defined again")


def _parameters(text: str) -> dict[str, Parameter]:
    return {symbol.name: symbol for symbol in _defaults(text)}


def _defaults(text: str) -> dict[Parameter, float]:
    found: dict[Parameter, float] = {}
    for statement in statements(text, "parameters"):
        tokens = statement.tokens
        if len(tokens) < 3 or tokens[0].kind != "name" or tokens[1].text != "=":
            raise EquationError("a parameter is written as name = value", statement.place)
        _check_name(tokens[0])
        symbol = Parameter(tokens[0].text)
        if symbol in found:
            raise tokens[0].error(f"parameter {symbol.name!r} is defined twice")
        found[symbol] = _constant(tokens[2:], tokens[1])
    if len(found) > 64:
        raise EquationError(f"a model has at most 64 parameters, not {len(found)}")
    return found


def _constant(tokens: tuple[Token, ...], after: Token) -> float:
    value = expression.number(tokens, Scope({"pi": _PI}, random=False), after)
    if not value.is_number:
        raise tokens[0].error("a number is expected here")
    return float(value)


def _single(text: str, part: str, scope: Scope, truth: bool) -> Condition | None:
    lines = statements(text, part)
    if not lines:
        return None
    if len(lines) > 1:
        raise EquationError(f"the {part} is a single expression", lines[1].place)
    tokens = lines[0].tokens
    read = expression.condition if truth else expression.number
    return Condition(read(tokens, scope, tokens[0]), lines[0].text())


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
    lines: list[_Line], resets: list[_Line], parameters: Mapping[str, Parameter], receptors: Mapping[str, str]
) -> dict[str, State | Local]:
    """Return what the equations define: states, and variables that live within one step only."""
    found: dict[str, State | Local] = {}
    persistent = set(receptors.values()) | {line.name.text for line in resets}
    read: set[str] = set()
    solved: set[str] = set()
    for line in lines:
        name = line.name.text
        _check_name(line.name)
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


class _Line:
    """One statement, divided at its ``=`` and at the colon of its flags."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        colon = opens_flags(statement.tokens)
        self.flags = () if colon is None else statement.tokens[colon:]
        body = statement.tokens[:colon]
        sign = next((i for i, token in enumerate(body) if token.text in ("=", "+=", "-=", "*=", "/=")), None)
        if sign is None:
            raise EquationError("an equation is expected: name = ..., or dname/dt = ...", statement.place)
        self.left, self.sign, self.right = body[:sign], body[sign], body[sign + 1 :]
        self.derivative = False
        self.name = self._target()
        self.reads = {token.text for token in self.right if token.kind == "name"}

    def _target(self) -> Token:
        for i, token in enumerate(self.left):
            following = [later.text for later in self.left[i + 1 : i + 3]]
            if re.fullmatch(r"d[A-Za-z_].*", token.text) and following == ["/", "dt"]:
                if self.sign.text != "=":
                    raise self.sign.error("a differential equation needs '='")
                self.derivative = True
                merged = Token("name", f"{token.text}/dt", token.place)
                self.left = (*self.left[:i], merged, *self.left[i + 3 :])
                return Token("name", token.text[1:], token.place)
        if len(self.left) != 1 or self.left[0].kind != "name":
            raise EquationError("the left side must be a variable or contain dname/dt", self.statement.place)
        return self.left[0]

    def equation(self, scope: Scope, methods: tuple[str, ...]) -> Equation:
        """Return the statement in expressions."""
        target = scope.names[self.name.text]
        value = expression.number(self.right, scope, self.sign)
        if self.derivative and len(self.left) > 1:
            value = self._solved(scope, value)
        elif self.sign.text != "=":
            value = _AUGMENTED[self.sign.text](target, value)
        flags = self._flags(scope, methods)
        return Equation(target, value, self.derivative, flags, self.statement.text(), self.statement.place)

    def _solved(self, scope: Scope, right: Expr) -> Expr:
        """Solve ``tau*dv/dt + ... = ...`` for the derivative."""
        derivative = Local(f"d{self.name.text}/dt")
        inner = Scope({**scope.names, derivative.name: derivative}, scope.draws)
        left = expression.number(self.left, inner, self.sign)
        form = affine(left, [derivative])
        if form is None or form.coefficients.get(derivative, 0) == 0:
            raise EquationError(f"the left side must be linear in {derivative.name}", self.statement.place)
        return (right - form.rest) / form.coefficients[derivative]

    def _flags(self, scope: Scope, methods: tuple[str, ...]) -> Flags:
        found: dict[str, object] = {}
        for flag in _divided(self.flags):
            word = flag[0].text
            if word in found:
                raise flag[0].error(f"flag {word!r} is given twice")
            if word in ("init", "min", "max"):
                if len(flag) < 3 or flag[1].text != "=":
                    raise flag[0].error(f"flag {word!r} needs a value: {word}=...")
                found[word] = self._flag_value(word, flag, scope)
            elif len(flag) == 1 and word == "always":
                found[word] = True
            elif len(flag) == 1 and word in methods:
                if not self.derivative:
                    raise flag[0].error(f"method {word!r} needs a differential equation")
                if "method" in found:
                    raise flag[0].error(f"two methods, {found['method']!r} and {word!r}, for one equation")
                found["method"] = word
            else:
                raise unknown("flag", spelled(flag), ["init", "min", "max", "always", *methods], flag[0].place)
        return Flags(
            init=found.get("init", 0.0),  # type: ignore[arg-type]
            minimum=found.get("min"),
            maximum=found.get("max"),
            method=found.get("method"),  # type: ignore[arg-type]
            always=bool(found.get("always", False)),
        )

    def _flag_value(self, word: str, flag: tuple[Token, ...], scope: Scope) -> object:
        if word == "init":
            return _constant(flag[2:], flag[1])
        return expression.number(flag[2:], Scope(scope.names, random=False), flag[1])


def _divided(tokens: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    """Divide flags at their commas; the first token is the colon."""
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in tokens[1:]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "," and depth == 0:
            pieces.append([])
        else:
            pieces[-1].append(token)
    if tokens and not all(pieces):
        raise tokens[0].error("a flag is expected after this colon and after each comma")
    return [tuple(piece) for piece in pieces if piece]


_AUGMENTED = {
    "+=": lambda old, change: old + change,
    "-=": lambda old, change: old - change,
    "*=": lambda old, change: old * change,
    "/=": lambda old, change: old / change,
}
