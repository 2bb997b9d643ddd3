"""From tokens to a sympy expression, through Python's own parser and a whitelist.

The tokens are respelled as Python (`respell`), parsed by `ast`, and rebuilt node by node; nothing is evaluated.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any

import sympy

from . import symbols
from .errors import EquationError, Place, unknown
from .order import check_order
from .remote import REDUCTIONS
from .respell import BOUNDS, Respelled
from .symbols import Expr
from .tokens import Token
from .vocabulary import BOUNDED, CALLS, COMPARISONS, DISTRIBUTIONS, OPERATIONS, TRUTH_COMPARISONS, impossible

if TYPE_CHECKING:
    from .functions import Function


@dataclass
class Scope:
    """What names mean in an expression."""

    names: Mapping[str, Expr]
    draws: list[symbols.Draw] = field(default_factory=list)
    random: bool = True
    refused: Mapping[str, str] = field(default_factory=dict)  # names that exist, but not here, and the reason
    functions: Mapping[str, Function] = field(default_factory=dict)
    values: Mapping[Expr, float] = field(default_factory=dict)  # default values of parameters, for initial values

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


class _Reader:
    """Rebuilds one parsed expression as sympy's."""

    def __init__(self, tokens: tuple[Token, ...], scope: Scope, after: Token) -> None:
        if not tokens:
            raise after.error(f"an expression is expected after {after.text!r}")
        check_order(tokens)
        self.first = tokens[0].place
        self.scope = scope
        self.python = Respelled(tokens)

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
        return self._of_kind(node, self._build(node), truth=False)

    def _truth(self, node: ast.AST) -> Expr:
        return self._of_kind(node, self._build(node), truth=True)

    def _of_kind(self, node: ast.AST, found: Expr, *, truth: bool) -> Expr:
        if symbols.is_condition(found) == truth:
            return found
        expected = (
            "a condition is expected here, such as v > 0" if truth else "a number is expected here, not a condition"
        )
        raise self._error(node, expected)

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
        if name in symbols.FUNCTIONS or name in CALLS or name in self.scope.functions:
            raise self._error(node, f"{name!r} is a function: write {name}(...)")
        if name in ("sum", *REDUCTIONS):
            raise self._error(node, _of_one(name))
        derivative = re.fullmatch(r"d(.+)", name)
        if derivative and derivative.group(1) in self.scope.names:
            raise self._error(node, "a derivative may stand on the left side of an equation only")
        raise unknown("symbol", name, self.scope.names, self._place(node))

    def _spelling(self, node: ast.Name) -> str:
        return self.python.names[int(node.id[1:])]

    def _binary(self, node: ast.BinOp) -> Expr:
        left, right = self._value(node.left), self._value(node.right)
        operation = OPERATIONS.get(type(node.op))
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
        nodes = [node.left, *node.comparators]
        operands = [self._build(operand) for operand in nodes]
        equality = all(isinstance(operator, (ast.Eq, ast.NotEq)) for operator in node.ops)
        truth = equality and symbols.is_condition(operands[0])
        table = TRUTH_COMPARISONS if truth else COMPARISONS
        for operand, found in zip(nodes, operands, strict=True):
            self._of_kind(operand, found, truth=truth)
        joined: Expr = symbols.TRUE
        for operator, left, right in zip(node.ops, operands, operands[1:], strict=False):
            comparison = table.get(type(operator))
            if comparison is None:
                raise self._error(node, "this comparison is not part of the equation language")
            joined = symbols.Both(joined, comparison(left, right))
        return joined

    def _choice(self, node: ast.IfExp) -> Expr:
        return symbols.Select(self._truth(node.test), self._value(node.body), self._value(node.orelse))

    def _call(self, node: ast.Call) -> Expr:
        if not isinstance(node.func, ast.Name):
            raise self._error(node, "only a function's name can be called, with values")
        name = self._spelling(node.func)
        bounds = self._bounds(name, node.keywords, node)
        if name in CALLS:
            least, most, build = CALLS[name]
        elif name in symbols.FUNCTIONS:
            function = symbols.FUNCTIONS[name]
            least = most = next(iter(function.nargs))

            def build(_: Scope, *arguments: Expr) -> Expr:
                return function(*arguments)

        elif name in self.scope.functions:
            own = self.scope.functions[name]
            least = most = len(own.arguments)

            def build(_: Scope, *arguments: Expr) -> Expr:
                return own.call(list(arguments), self._place(node))

        elif name in self.scope.refused:
            raise self._error(node, self.scope.refused[name])
        elif name.rpartition(".")[2] in ("sum", *REDUCTIONS):
            raise self._error(node, _of_one(name))
        elif name in self.scope.names:
            raise self._error(node, f"{name!r} is not a function; a product needs its '*'")
        else:
            known = [*symbols.FUNCTIONS, *CALLS, *self.scope.functions]
            raise unknown("function", name, known, self._place(node.func))
        if not least <= len(node.args) <= most:
            expected = f"{least}" if least == most else f"{least} to {most}"
            raise self._error(node, f"{name} takes {expected} arguments, not {len(node.args)}")
        if name in DISTRIBUTIONS and not self.scope.random:
            raise self._error(node, "no random numbers here")
        if name == "ite":
            return symbols.Select(self._truth(node.args[0]), *(self._value(argument) for argument in node.args[1:]))
        arguments = [self._value(argument) for argument in node.args]
        reason = impossible(name, arguments, bounds) if name in DISTRIBUTIONS else None
        if reason is not None:
            raise self._error(node, reason)
        found = build(self.scope, *arguments)
        if "min" in bounds:
            found = symbols.Maximum(found, bounds["min"])
        return symbols.Minimum(found, bounds["max"]) if "max" in bounds else found

    def _bounds(self, function: str, keywords: list[ast.keyword], call: ast.Call) -> dict[str, Expr]:
        """Return the ``min=`` and ``max=`` of a distribution that has them: numbers beyond are put onto the bound."""
        found: dict[str, Expr] = {}
        for keyword in keywords:
            name = "" if keyword.arg is None else self.python.names[int(keyword.arg[1:])]
            if function not in BOUNDED or name not in BOUNDS or name in found:
                raise self._error(call, f"only {', '.join(sorted(BOUNDED))} take min= and max=, once each")
            found[name] = self._value(keyword.value)
        return found


def _of_one(name: str) -> str:
    """Return what to write instead of a sum or a reduction of something else than one name."""
    owner, dot, word = name.rpartition(".")
    if word == "sum":
        return f"{name!r} is of a receptor type: write {name}(exc), or {name}() for all of them"
    return f"{word!r} is of one variable: write {word}({owner}{dot}r), for example"


def _is_finite(found: Expr) -> bool:
    """Whether no part of an expression is known to be infinite, complex or out of range."""
    unknown_value = any(not f.free_symbols for f in found.atoms(symbols.Elementary))  # a number, but none that exists
    return not unknown_value and not found.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I)


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
