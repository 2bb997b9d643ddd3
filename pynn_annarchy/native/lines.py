"""The statements of the equation language: ``name = value``, derivatives, flags, and the parameters of a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from . import expression, symbols
from .errors import EquationError, unknown
from .evaluate import evaluate
from .expression import Scope
from .linear import affine
from .model import Condition, Equation, Flags
from .respell import WORDS
from .symbols import Expr, Local, Parameter, State
from .tokens import Statement, Token, opens_flags, spelled, statements
from .vocabulary import FUNCTION_NAMES

PI = symbols.PI
NOTHING: Mapping[str, float] = MappingProxyType({})
_MOST_PARAMETERS = 64  # csrc/abi.h: constant_depends


@dataclass(frozen=True)
class FlagWords:
    """The flags that a statement may have: with a value, alone, and the methods of differential equations."""

    values: tuple[str, ...] = ("init", "min", "max")
    switches: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    default_method: str | None = None


def check_identifier(name: str) -> None:
    """Refuse a model's name that is none in C++."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z_0-9]*", name) or "__" in name:
        raise EquationError(f"a model's name must be a C identifier without '__', not {name!r}")


def check_name(token: Token, predefined: Container[str]) -> None:
    """Refuse a name that means something already."""
    if token.text in WORDS:
        raise token.error(f"{token.text!r} is a word of the language and cannot be a name")
    if token.text in predefined or token.text in FUNCTION_NAMES:
        raise token.error(f"{token.text!r} is predefined and cannot be defined again")


@dataclass(frozen=True)
class Declaration:
    """A parameter's default value and the flags behind it."""

    value: float
    flags: frozenset[str]


def declarations(
    text: str, predefined: Container[str], constants: Mapping[str, float] = NOTHING, flags: Container[str] = ()
) -> dict[Parameter, Declaration]:
    """Return the parameters that a text defines.

    Parameters
    ----------
    predefined
        Names that no parameter can have.
    constants
        Names that values may be made of.
    flags
        What may stand behind the colon of a parameter.
    """
    found: dict[Parameter, Declaration] = {}
    for statement in statements(text, "parameters"):
        colon = opens_flags(statement.tokens)
        tokens = statement.tokens[:colon]
        if len(tokens) < 2 or tokens[0].kind != "name" or tokens[1].text != "=":
            raise EquationError("a parameter is written as name = value", statement.place)
        check_name(tokens[0], predefined)
        symbol = Parameter(tokens[0].text)
        if symbol in found:
            raise tokens[0].error(f"parameter {symbol.name!r} is defined twice")
        words = [] if colon is None else divided(statement.tokens[colon:])
        if len(words) > 1:
            raise words[1][0].error(f"one flag is expected, {spelled(words[0])!r} or {spelled(words[1])!r}")
        for word in words:
            if spelled(word) not in flags:
                known = flags if isinstance(flags, (tuple, frozenset)) else ()
                raise unknown("flag", spelled(word), known, word[0].place)
        found[symbol] = Declaration(constant(tokens[2:], tokens[1], constants), frozenset(map(spelled, words)))
    if len(found) > _MOST_PARAMETERS:
        raise EquationError(f"a model has at most {_MOST_PARAMETERS} parameters, not {len(found)}")
    return found


def defaults(text: str, predefined: Container[str], constants: Mapping[str, float] = NOTHING) -> dict[Parameter, float]:
    """Return the parameters that a text defines, and their default values."""
    return {name: declared.value for name, declared in declarations(text, predefined, constants).items()}


def constant(tokens: tuple[Token, ...], after: Token, constants: Mapping[str, float] = NOTHING) -> float:
    """Return the number that tokens spell, which is made of numbers and constants."""
    names = {name: symbols.number(value) for name, value in constants.items()}
    value = expression.number(tokens, Scope({"pi": PI, **names}, random=False), after)
    if not value.is_number:
        raise tokens[0].error("a number is expected here")
    return float(value)


def single(
    text: str, part: str, scope: Scope, truth: bool, rewrite: Callable[[Statement], Statement] = lambda s: s
) -> Condition | None:
    """Return a part that is one expression, its tokens rewritten before they are read, or None if it is empty."""
    lines = [rewrite(line) for line in statements(text, part)]
    if not lines:
        return None
    if len(lines) > 1:
        raise EquationError(f"the {part} is a single expression", lines[1].place)
    tokens = lines[0].tokens
    colon = opens_flags(tokens)
    if colon is not None:
        raise tokens[colon].error(f"the {part} is an expression, which has no flags")
    if not truth and len(tokens) > 1 and tokens[0].kind == "name" and tokens[1].text in ("=", *_AUGMENTED):
        raise tokens[1].error(f"the {part} is an expression, not an equation")
    read = expression.condition if truth else expression.number
    return Condition(read(tokens, scope, tokens[0]), lines[0].text())


class Line:
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
        if self.sign.text != "=":
            self.reads.add(self.name.text)

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
        if len(self.left) > 1 and self.left[0].text == "if":
            raise self.left[0].error("a condition stands on the right side: name = if condition: a else: b")
        if len(self.left) != 1 or self.left[0].kind != "name":
            raise EquationError("the left side must be a variable or contain dname/dt", self.statement.place)
        return self.left[0]

    def has_flag(self, word: str) -> bool:
        """Whether a flag of this name stands behind the colon."""
        return any(spelled(flag) == word for flag in divided(self.flags))

    def equation(self, scope: Scope, words: FlagWords, target: State | Local | None = None) -> Equation:
        """Return the statement in expressions; its target is what the scope calls so, unless told otherwise."""
        if target is None:
            target = scope.names[self.name.text]
        value = expression.number(self.right, scope, self.sign)
        if self.derivative and len(self.left) > 1:
            value = self._solved(scope, value)
        elif self.sign.text != "=":
            value = _AUGMENTED[self.sign.text](scope.names[self.name.text], value)
        flags = self._flags(scope, words)
        return Equation(target, value, self.derivative, flags, self.statement.text(), self.statement.place)

    def _solved(self, scope: Scope, right: Expr) -> Expr:
        """Solve ``tau*dv/dt + ... = ...`` for the derivative."""
        derivative = Local(f"d{self.name.text}/dt")
        inner = replace(scope, names={**scope.names, derivative.name: derivative})
        left = expression.number(self.left, inner, self.sign)
        form = affine(left, [derivative])
        if form is None or form.coefficients.get(derivative, 0) == 0:
            raise EquationError(f"the left side must be linear in {derivative.name}", self.statement.place)
        return (right - form.rest) / form.coefficients[derivative]

    def _flags(self, scope: Scope, words: FlagWords) -> Flags:
        found: dict[str, Expr] = {}
        method: str | None = None
        default = words.default_method if self.derivative else None
        for flag in divided(self.flags):
            word, whole = flag[0].text, spelled(flag)
            if word in found or whole in found:
                raise flag[0].error(f"flag {word!r} is given twice")
            if word in words.values:
                if len(flag) < 3 or flag[1].text != "=":
                    raise flag[0].error(f"flag {word!r} needs a value: {word}=...")
                found[word] = self._flag_value(word, flag, scope)
            elif whole in words.switches:
                found[whole] = True
            elif whole in words.methods:
                if not self.derivative:
                    raise flag[0].error(f"method {whole!r} needs a differential equation")
                if method is not None:
                    raise flag[0].error(f"two methods, {method!r} and {whole!r}, for one equation")
                method = whole
            else:
                raise unknown("flag", whole, [*words.values, *words.switches, *words.methods], flag[0].place)
        low, high = found.get("min"), found.get("max")
        if low is not None and high is not None and low.is_number and high.is_number and float(low) > float(high):
            reason = f"min={float(low):g} is greater than max={float(high):g}"
            raise EquationError(reason, next(f[0].place for f in divided(self.flags) if f[0].text == "min"))
        initial: Expr = found.get("init", symbols.number(0.0))
        return Flags(
            init=float(evaluate(initial, scope.values)),
            initial=None if initial.is_number else initial,
            minimum=found.get("min"),
            maximum=found.get("max"),
            method=method or default,
            always="always" in found,
            event_driven="event-driven" in found,
        )

    def _flag_value(self, word: str, flag: tuple[Token, ...], scope: Scope) -> Expr:
        names, refused = scope.names, scope.refused
        if word == "init":
            known = {name: symbol for name, symbol in names.items() if symbol in scope.values}
            reason = "{!r} changes: an initial value is made of numbers, parameters and constants"
            refused = {**refused, **{name: reason.format(name) for name in names}}
            names = {"pi": PI, **known}
        return expression.number(flag[2:], replace(scope, names=names, refused=refused, random=False), flag[1])


def divided(tokens: tuple[Token, ...]) -> list[tuple[Token, ...]]:
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
