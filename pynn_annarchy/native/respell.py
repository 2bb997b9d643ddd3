"""Tokens respelled as Python, for Python's own parser, and the way back to the user's text.

``^`` becomes ``**``, ``if c: a else: b`` becomes ``(a) if (c) else (b)``, every name ``n0``, ``n1``..., so that no name
of Python's is left. Each piece remembers its place, for the errors.
"""

from __future__ import annotations

import bisect
import math

from .errors import Place
from .tokens import Token, ends_operand

_RESPELLED = {"^": "**", "&&": " and ", "||": " or ", "!": " not ", "True": "True", "False": "False"}
_OPERATOR_WORDS = frozenset({"and", "or", "not", "if", "else", "True", "False"})
BOUNDS = ("min", "max")
WORDS = _OPERATOR_WORDS | {"elif"}


class Respelled:
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
            if token.text == "is" and operand:  # else a variable of that name
                index = self._identity(index)
                operand = False
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

    def _identity(self, index: int) -> int:
        """Respell ``is`` and ``is not``, which compare like ``==`` and ``!=``."""
        negated = index + 1 < len(self.tokens) and self.tokens[index + 1].text == "not"
        self._put(self.tokens[index], " != " if negated else " == ")
        return index + 1 + negated

    def _arguments(self, index: int, depth: int) -> int:
        while index < len(self.tokens):
            if self.tokens[index].text in BOUNDS and [t.text for t in self.tokens[index + 1 : index + 2]] == ["="]:
                self._put(self.tokens[index], f"{self._respelled(self.tokens[index])}=")  # Normal(0, 1, min=0)
                index += 2
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
        if token.kind == "name" and token.text not in _OPERATOR_WORDS:
            self.names.append(token.text)
            return f" n{len(self.names) - 1} "
        if token.kind == "name":
            return f" {token.text} "
        if token.kind == "number":
            return f" {float(token.text)!r} " if math.isfinite(float(token.text)) else " 1e999 "
        if token.kind == "operator" and token.text in "=[].":
            raise token.error(f"{token.text!r} has no meaning here" + (", did you mean '=='?" * (token.text == "=")))
        return _RESPELLED.get(token.text, token.text)
