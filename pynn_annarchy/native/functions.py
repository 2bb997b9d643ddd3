"""Functions that a user defines in the equation language: ``f(x, y) = expression``.

They are written out where they are called, so that an equation with a function in it is as linear, and as easily
solved, as one without.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from . import expression, symbols
from .errors import EquationError, Place
from .evaluate import Value, evaluate
from .expression import Scope
from .respell import WORDS
from .symbols import Expr, Local, Parameter
from .tokens import Statement, Token, opens_flags, statements
from .vocabulary import FUNCTION_NAMES

_LARGEST = 4000  # nodes of a call written out; a few nested calls could otherwise take all memory


@dataclass(frozen=True)
class Function:
    """A function: its arguments and its value in terms of these."""

    name: str
    arguments: tuple[Local, ...]
    value: Expr
    text: str

    def call(self, arguments: list[Expr], place: Place) -> Expr:
        """Return the value for some arguments."""
        found = self.value.xreplace(dict(zip(self.arguments, arguments, strict=True)))
        if _size(found) > _LARGEST:
            raise EquationError(f"the call of {self.name!r} is too long when written out", place)
        return found

    def __call__(self, *arguments: Value, **constants: float) -> Value:
        """Return the value for numbers, or arrays that go together."""
        if len(arguments) != len(self.arguments):
            raise TypeError(f"{self.name} takes {len(self.arguments)} arguments, not {len(arguments)}")
        given = [np.asarray(argument, dtype=float) for argument in arguments]
        values: dict[Expr, Value] = dict(zip(self.arguments, given, strict=True))
        values.update({Parameter(name): value for name, value in constants.items()})
        found = np.asarray(evaluate(self.value, values), dtype=float)
        result = found if found.shape == np.broadcast_shapes(*(g.shape for g in given)) else _filled(found, given)
        return result if result.ndim else float(result)

    @property
    def constants(self) -> frozenset[str]:
        """The names of constants that it reads."""
        return frozenset(symbol.name for symbol in self.value.free_symbols if isinstance(symbol, Parameter))


def _filled(found: Value, given: list[Value]) -> Value:
    """Return the value of a function that does not depend on all of its arguments, for each of their elements."""
    return np.array(np.broadcast_to(found, np.broadcast_shapes(found.shape, *(g.shape for g in given))))


def _size(found: Expr) -> int:
    """Return the number of nodes of an expression, counting no further than the largest that is allowed."""
    count, waiting = 0, [found]
    while waiting and count <= _LARGEST:
        count += 1
        waiting.extend(waiting.pop().args)
    return count


def library(text: str, constants: Mapping[str, Expr]) -> dict[str, Function]:
    """Return the functions that all models know; a later one of a name takes the place of an earlier one, except in
    functions in between that call it."""
    found: dict[str, Function] = {}
    for statement in statements(text, "library"):
        made = _function(statement, found, constants)
        found[made.name] = made
    return found


def functions(text: str, known: Mapping[str, Function], constants: Mapping[str, Expr]) -> dict[str, Function]:
    """Return the functions that a model defines; each may call those before it.

    Parameters
    ----------
    text
        Statements ``name(argument, ...) = expression``.
    known
        Functions that may be called, and defined again.
    constants
        What names other than the arguments' mean.
    """
    found: dict[str, Function] = {}
    written = statements(text, "functions")
    for index, statement in enumerate(written):
        later = {other.tokens[0].text for other in written[index + 1 :]} - {*known, *found}
        calls = [a for a, b in itertools.pairwise(statement.tokens[1:]) if a.text in later and b.text == "("]
        early = next((token for token in calls if token.text != statement.tokens[0].text), None)
        if early is not None:
            raise early.error(f"function {early.text!r} is defined later: functions call those before them")
        made = _function(statement, {**known, **found}, constants)
        if made.name in found:
            raise statement.tokens[0].error(f"function {made.name!r} is defined twice")
        found[made.name] = made
    return found


def _function(statement: Statement, known: Mapping[str, Function], constants: Mapping[str, Expr]) -> Function:
    tokens = statement.tokens
    sign = next((i for i, token in enumerate(tokens) if token.text == "="), None)
    if sign is None or sign < 4 or tokens[0].kind != "name" or tokens[1].text != "(" or tokens[sign - 1].text != ")":
        raise EquationError("a function is written as name(argument, ...) = expression", statement.place)
    name = tokens[0]
    colon = opens_flags(tokens)
    if colon is not None:
        raise tokens[colon].error("a function has no flags")
    if name.text not in known:
        own = next((token for token in tokens[sign + 1 :] if token.text == name.text), None)
        if own is not None:
            raise own.error(f"function {name.text!r} cannot call itself")
    if name.text in FUNCTION_NAMES or name.text in WORDS:
        raise name.error(f"{name.text!r} is predefined and cannot be defined again")
    arguments = _arguments(tokens[2 : sign - 1])
    scope = Scope(
        {"pi": symbols.PI, **constants, **arguments},
        random=False,
        functions=known,
    )
    value = expression.number(tokens[sign + 1 :], scope, tokens[sign])
    return Function(name.text, tuple(arguments.values()), value, statement.text())


def _arguments(tokens: tuple[Token, ...]) -> dict[str, Local]:
    found: dict[str, Local] = {}
    for index, token in enumerate(tokens):
        if index % 2 == 1:
            if token.text != ",":
                raise token.error("arguments are separated by commas")
            continue
        if token.kind != "name" or not re.fullmatch(r"\w+", token.text) or token.text in WORDS:
            raise token.error("the name of an argument is expected")
        if token.text in found:
            raise token.error(f"argument {token.text!r} is there twice")
        found[token.text] = Local(f"argument {token.text}")
    if len(tokens) % 2 == 0:
        raise tokens[-1].error("the name of an argument is expected after this comma")
    return found
