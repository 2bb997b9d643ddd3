"""From tokens to a sympy expression, through Python's own parser and a whitelist.

The tokens are respelled as Python (``^`` as ``**``, ``if c: a else: b`` as ``(a) if (c) else (b)``, every name as
``n0``, ``n1``..., so that no name of Python's is left), parsed by `ast`, and rebuilt node by node; nothing is
evaluated. Each piece of the respelling remembers its place in the user's text, for the errors.
"""

from __future__ import annotations

import ast
import bisect
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import sympy

from . import symbols
from .errors import EquationError, Place, unknown
from .symbols import Expr
from .tokens import Token, ends_operand

_RESPELLED = {"^": "**", "&&": " and ", "||": " or ", "!": " not ", "True": "True", "False": "False"}
_WORDS = frozenset({"and", "or", "not", "if", "else", "True", "False"})


@dataclass
class Scope:
    """What names mean in an expression."""

    names: Mapping[str, Expr]
    draws: list[symbols.Draw] = field(default_factory=list)
    random: bool = True
    refused: Mapping[str, str] = field(default_factory=dict)  # names that exist, but not here, and the reason

    def draw(self, distribution: str) -> symbols.Draw:
        """Return a new random number of this model's step."""
        drawn = symbols.Draw(f"{distribution}({len(self.draws)})")
        self.draws.append(drawn)
        return drawn


def number(tokens: Iterable[Token], scope: Scope, after: Token) -> Expr:
    """Return the expression of a number that tokens spell."""
    reader = _Reader(tuple(tokens), scope, after)
    found = reader.read()
    if symbols.is_condition(found):
        raise EquationError("a number is expected here, not a condition", reader.first)
    return found


def condition(tokens: Iterable[Token], scope: Scope, after: Token) -> Expr:
    """Return the condition that tokens spell."""
    reader = _Reader(tuple(tokens), scope, after)
    found = reader.read()
    if not symbols.is_condition(found):
        raise EquationError("a condition is expected here, such as v > 0", reader.first)
    return found


class _Python:
    """Tokens respelled as Python, with the way back."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self.names: list[str] = []
        self.text = ""
        self.offsets: list[int] = []
        self.places: list[Place] = []
        self._expression(0, 0)

    def place(self, offset: int) -> Place:
        return self.places[max(0, bisect.bisect_right(self.offsets, offset) - 1)]

    def _put(self, token: Token, text: str) -> None:
        self.offsets.append(len(self.text))
        self.places.append(token.place)
        self.text += text

    def _expression(self, index: int, depth: int) -> int:
        """Respell from index up to whatever ends an expression inside a conditional or parenthesis."""
        operand = False
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.text in ("if", "elif") and not operand:
                index = self._conditional(index, depth)
                operand = True
                continue
            ends = token.text in (")", ",", ":", "elif") or (token.text == "else" and self._colon_after(index))
            if depth > 0 and ends:
                return index
            self._put(token, self._respelled(token))
            index += 1
            if token.text == "(":
                index = self._arguments(index, depth)
                operand = True
            else:
                operand = ends_operand(token)
        return index

    def _arguments(self, index: int, depth: int) -> int:
        while index < len(self.tokens):
            index = self._expression(index, depth + 1)
            if index == len(self.tokens):
                return index
            token = self.tokens[index]
            if token.text not in (",", ")"):
                raise token.error(f"unexpected {token.text!r}")
            self._put(token, token.text)
            index += 1
            if token.text == ")":
                return index
        return index

    def _conditional(self, index: int, depth: int) -> int:
        """Respell ``if c: a else: b``, whose b reaches as far as the expression around it."""
        opening = self.tokens[index]
        begin, offsets, places = self.text, self.offsets, self.places
        pieces = []
        for word in (":", "else", ""):
            self.text, self.offsets, self.places = "", [], []
            index = self._expression(index + 1, depth + 1)
            pieces.append((self.text, self.offsets, self.places))
            if not word:
                break
            token = self.tokens[index] if index < len(self.tokens) else opening
            if word == "else" and token.text == "elif":
                index -= 1
            elif token.text != word or (word == "else" and not self._colon_after(index)):
                raise token.error(f"expected {word!r} after this" if token is opening else f"expected {word!r} here")
            elif word == "else":
                index += 1
        self.text, self.offsets, self.places = begin, offsets, places
        self._put(opening, "((")
        self._append(pieces[1])
        self._put(opening, ") if (")
        self._append(pieces[0])
        self._put(opening, ") else (")
        self._append(pieces[2])
        self._put(opening, "))")
        return index

    def _append(self, piece: tuple[str, list[int], list[Place]]) -> None:
        text, offsets, places = piece
        self.offsets.extend(len(self.text) + offset for offset in offsets)
        self.places.extend(places)
        self.text += text

    def _colon_after(self, index: int) -> bool:
        return index + 1 < len(self.tokens) and self.tokens[index + 1].text == ":"

    def _respelled(self, token: Token) -> str:
        if token.kind == "name" and token.text not in _WORDS:
            self.names.append(token.text)
            return f" n{len(self.names) - 1} "
        if token.kind == "name":
            return f" {token.text} "
        if token.kind == "number":
            return f" {float(token.text)!r} " if math.isfinite(float(token.text)) else " 1e999 "
        if token.kind == "operator" and token.text in "=[].":
            raise token.error(f"{token.text!r} has no meaning here" + (", did you mean '=='?" * (token.text == "=")))
        return _RESPELLED.get(token.text, token.text)


class _Reader:
    """Rebuilds one parsed expression as sympy's."""

    def __init__(self, tokens: tuple[Token, ...], scope: Scope, after: Token) -> None:
        if not tokens:
            raise after.error(f"an expression is expected after {after.text!r}")
        self.first = tokens[0].place
        self.scope = scope
        self.python = _Python(tokens)

    def read(self) -> Expr:
        try:
            tree = ast.parse(f"({self.python.text})", mode="eval")
            found = self._build(tree.body)
        except SyntaxError as problem:
            place = self.python.place(max(0, (problem.offset or 2) - 2))
            raise EquationError("this cannot be read as an expression", place) from None
        except (RecursionError, MemoryError):
            raise EquationError("this expression is nested too deeply", self.first) from None
        if not _is_finite(found):
            raise EquationError("this expression is not a finite real number", self.first)
        return found

    def _error(self, node: ast.AST, reason: str) -> EquationError:
        return EquationError(reason, self._place(node))

    def _place(self, node: ast.AST) -> Place:
        return self.python.place(getattr(node, "col_offset", 1) - 1)

    def _build(self, node: ast.AST) -> Expr:
        builder = _BUILDERS.get(type(node))
        if builder is None:
            raise self._error(node, "this is not part of the equation language")
        return builder(self, node)

    def _value(self, node: ast.AST) -> Expr:
        found = self._build(node)
        if symbols.is_condition(found):
            raise self._error(node, "a number is expected here, not a condition")
        return found

    def _truth(self, node: ast.AST) -> Expr:
        found = self._build(node)
        if not symbols.is_condition(found):
            raise self._error(node, "a condition is expected here, such as v > 0")
        return found

    def _constant(self, node: ast.Constant) -> Expr:
        if node.value is True or node.value is False:
            return symbols.TRUE if node.value else symbols.FALSE
        if not isinstance(node.value, (int, float)) or not math.isfinite(node.value):
            raise self._error(node, "this number is out of range")
        return symbols.number(float(node.value))

    def _name(self, node: ast.Name) -> Expr:
        name = self._spelling(node)
        if name in self.scope.names:
            return self.scope.names[name]
        if name in self.scope.refused:
            raise self._error(node, self.scope.refused[name])
        if name in symbols.FUNCTIONS or name in _CALLS:
            raise self._error(node, f"{name!r} is a function: write {name}(...)")
        derivative = re.fullmatch(r"d(.+)", name)
        if derivative and derivative.group(1) in self.scope.names:
            raise self._error(node, "a derivative may stand on the left side of an equation only")
        raise unknown("symbol", name, self.scope.names, self._place(node))

    def _spelling(self, node: ast.Name) -> str:
        return self.python.names[int(node.id[1:])]

    def _binary(self, node: ast.BinOp) -> Expr:
        left, right = self._value(node.left), self._value(node.right)
        operation = _OPERATIONS.get(type(node.op))
        if operation is None:
            raise self._error(node, "this operator is not part of the equation language")
        if isinstance(node.op, (ast.Div, ast.Mod)) and right == 0:
            raise self._error(node.right, "division by zero")
        return operation(left, right)

    def _unary(self, node: ast.UnaryOp) -> Expr:
        if isinstance(node.op, ast.Not):
            return symbols.Negation(self._truth(node.operand))
        if isinstance(node.op, ast.USub):
            return -self._value(node.operand)
        if isinstance(node.op, ast.UAdd):
            return self._value(node.operand)
        raise self._error(node, "this operator is not part of the equation language")

    def _both(self, node: ast.BoolOp) -> Expr:
        join = symbols.Both if isinstance(node.op, ast.And) else symbols.Either
        return reduce(join, [self._truth(operand) for operand in node.values])

    def _compare(self, node: ast.Compare) -> Expr:
        operands = [self._value(operand) for operand in (node.left, *node.comparators)]
        found: Expr = symbols.TRUE
        for operator, left, right in zip(node.ops, operands, operands[1:], strict=False):
            comparison = _COMPARISONS.get(type(operator))
            if comparison is None:
                raise self._error(node, "this comparison is not part of the equation language")
            found = symbols.Both(found, comparison(left, right))
        return found

    def _choice(self, node: ast.IfExp) -> Expr:
        return symbols.Select(self._truth(node.test), self._value(node.body), self._value(node.orelse))

    def _call(self, node: ast.Call) -> Expr:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self._error(node, "only a function's name can be called, with values")
        name = self._spelling(node.func)
        if name in _CALLS:
            least, most, build = _CALLS[name]
        elif name in symbols.FUNCTIONS:
            function = symbols.FUNCTIONS[name]
            least = most = next(iter(function.nargs))

            def build(_: Scope, *arguments: Expr) -> Expr:
                return function(*arguments)

        elif name in self.scope.names:
            raise self._error(node, f"{name!r} is not a function; a product needs its '*'")
        else:
            raise unknown("function", name, [*symbols.FUNCTIONS, *_CALLS], self._place(node.func))
        if not least <= len(node.args) <= most:
            expected = f"{least}" if least == most else f"{least} to {most}"
            raise self._error(node, f"{name} takes {expected} arguments, not {len(node.args)}")
        if name in ("Uniform", "Normal", "Binomial") and not self.scope.random:
            raise self._error(node, "no random numbers here")
        if name == "ite":
            return symbols.Select(self._truth(node.args[0]), *(self._value(argument) for argument in node.args[1:]))
        return build(self.scope, *(self._value(argument) for argument in node.args))


def _is_finite(found: Expr) -> bool:
    """Whether no part of an expression is known to be infinite, complex or out of range."""
    unknown_value = any(not f.free_symbols for f in found.atoms(symbols.Elementary))  # a number, but none that exists
    return not unknown_value and not found.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I)


def power(base: Expr, exponent: Expr) -> Expr:
    """Return base**exponent: products for small whole exponents, a square root, else the library's pow."""
    if base.is_Number and exponent.is_Number:
        return symbols.Power(base, exponent)
    if exponent.is_Integer and abs(int(exponent)) <= 64:
        return base**exponent
    if exponent == sympy.Float(0.5):
        return symbols.Sqrt(base)
    return symbols.Power(base, exponent)


def _clip(_: Scope, value: Expr, low: Expr, high: Expr) -> Expr:
    return symbols.Minimum(symbols.Maximum(value, low), high)


def _uniform(scope: Scope, low: Expr, high: Expr) -> Expr:
    return low + (high - low) * scope.draw("uniform")


def _normal(scope: Scope, mean: Expr, deviation: Expr) -> Expr:
    return mean + deviation * scope.draw("normal")


def _binomial(scope: Scope, count: Expr, probability: Expr) -> Expr:
    return symbols.Binomial(scope.draw("uniform"), count, probability)


_CALLS: dict[str, tuple[int, int, Callable[..., Expr]]] = {
    "min": (2, 64, lambda _, *values: reduce(symbols.Minimum, values)),
    "max": (2, 64, lambda _, *values: reduce(symbols.Maximum, values)),
    "clip": (3, 3, _clip),
    "pos": (1, 1, lambda _, value: symbols.Maximum(value, sympy.Integer(0))),
    "positive": (1, 1, lambda _, value: symbols.Maximum(value, sympy.Integer(0))),
    "neg": (1, 1, lambda _, value: symbols.Minimum(value, sympy.Integer(0))),
    "negative": (1, 1, lambda _, value: symbols.Minimum(value, sympy.Integer(0))),
    "fabs": (1, 1, lambda _, value: symbols.FUNCTIONS["abs"](value)),
    "ln": (1, 1, lambda _, value: symbols.FUNCTIONS["log"](value)),
    "pow": (2, 2, lambda _, base, exponent: power(base, exponent)),
    "power": (2, 2, lambda _, base, exponent: power(base, exponent)),
    "square": (1, 1, lambda _, value: value**2),
    "ite": (3, 3, symbols.Select),
    "Uniform": (2, 2, _uniform),
    "Normal": (2, 2, _normal),
    "Binomial": (2, 2, _binomial),
}

FUNCTION_NAMES = frozenset(_CALLS) | frozenset(symbols.FUNCTIONS)

_OPERATIONS: dict[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: power,
    ast.Mod: symbols.FUNCTIONS["modulo"],
}

_COMPARISONS: dict[type[ast.cmpop], Callable[[Expr, Expr], Expr]] = {
    ast.Lt: symbols.Less,
    ast.LtE: symbols.LessEqual,
    ast.Gt: lambda a, b: symbols.Less(b, a),
    ast.GtE: lambda a, b: symbols.LessEqual(b, a),
    ast.Eq: symbols.Equal,
    ast.NotEq: lambda a, b: symbols.Negation(symbols.Equal(a, b)),
}

_BUILDERS: dict[type[ast.AST], Callable[[_Reader, Any], Expr]] = {
    ast.Constant: _Reader._constant,
    ast.Name: _Reader._name,
    ast.BinOp: _Reader._binary,
    ast.UnaryOp: _Reader._unary,
    ast.BoolOp: _Reader._both,
    ast.Compare: _Reader._compare,
    ast.IfExp: _Reader._choice,
    ast.Call: _Reader._call,
}
