"""Tokens of the equation language, and how a text divides into statements.

A statement ends at a line's end or at ``;``, unless a parenthesis is open or the line cannot end there (after an
operator, an ``=``, or the colon of a conditional; before ``else``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import EquationError, Place

_PATTERN = re.compile(
    r"(?P<space>[ \t\f\r]+|\\\n)|(?P<comment>\#[^\n]*)|(?P<newline>\n)|(?P<end>;)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<operator>\*\*|==|!=|<=|>=|\+=|-=|\*=|/=|&&|\|\||[-+*/%^()<>=,:!\[\].])"
)
_CONTINUES = frozenset("+ - * / % ^ ** = , ( < > <= >= == != += -= *= /= && || ! and or not".split())
_MAX_TOKENS = 2000  # of a statement; the parsers behind this one recurse
_MAX_DEPTH = 60


@dataclass(frozen=True)
class Token:
    """A number, name or operator, and where it stands."""

    kind: str
    text: str
    place: Place

    def error(self, reason: str) -> EquationError:
        """Return the error that something is wrong here."""
        return EquationError(reason, self.place)


@dataclass(frozen=True)
class Statement:
    """The tokens of one statement, and its text without comments."""

    tokens: tuple[Token, ...]

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.tokens[0].place

    def text(self) -> str:
        """Return the statement as it was written, on one line."""
        return spelled(self.tokens)


def spelled(tokens: tuple[Token, ...]) -> str:
    """Return tokens as text, spaced as they were within a line."""
    parts: list[str] = []
    line, column = tokens[0].place.line, tokens[0].place.column
    for token in tokens:
        if token.place.line != line or token.place.column > column:
            parts.append(" ")
        parts.append(token.text)
        line, column = token.place.line, token.place.column + len(token.text)
    return "".join(parts)


def scan(text: str, part: str) -> Iterator[Token]:
    """Yield the tokens of a text; comments and spaces are left out."""
    lines = text.split("\n")
    position, line, start = 0, 1, 0
    while position < len(text):
        place = Place(part, line, position - start + 1, lines[line - 1])
        match = _PATTERN.match(text, position)
        if match is None:
            raise EquationError(f"unexpected character {text[position]!r}", place)
        kind = match.lastgroup or ""
        if kind == "number" and re.match(r"[A-Za-z_0-9.]", text[match.end() : match.end() + 1]):
            raise EquationError(f"{text[position : match.end() + 1]!r} is not a number", place)
        if kind not in ("space", "comment"):
            yield Token(kind, match.group(), place)
        position = match.end()
        if match.group().endswith("\n"):
            line, start = line + 1, position


def members(statement: Statement) -> Statement:
    """Return a statement in which ``post.v`` and the like are one name."""
    tokens: list[Token] = []
    for token in statement.tokens:
        dotted = len(tokens) > 1 and tokens[-1].text == "." and tokens[-2].text in ("pre", "post")
        if dotted and token.kind == "name":
            owner = tokens[-2]
            tokens[-2:] = [Token("name", f"{owner.text}.{token.text}", owner.place)]
        else:
            tokens.append(token)
    return Statement(tuple(tokens))


def statements(text: str, part: str) -> list[Statement]:
    """Divide a text into statements."""
    found: list[Statement] = []
    splitter = _Splitter()
    tokens = list(scan(text, part))
    for index, token in enumerate(tokens):
        following = next((later for later in tokens[index + 1 :] if later.kind != "newline"), None)
        if splitter.add(token, following):
            found.append(splitter.take())
    splitter.finish()
    if splitter.current:
        found.append(splitter.take())
    return found


class _Splitter:
    """Collects the tokens of one statement after another."""

    def __init__(self) -> None:
        self.current: list[Token] = []
        self.open: list[Token] = []
        self.conditionals = 0  # colons still expected by `if` and `else`

    def add(self, token: Token, following: Token | None) -> bool:
        """Take a token; return whether it ended a statement."""
        if token.kind == "end" or (token.kind == "newline" and not self._continues(following)):
            if token.kind == "end" and self.open:
                raise self.open[-1].error("this parenthesis is not closed")
            return bool(self.current)
        if token.kind == "newline":
            return False
        self.current.append(token)
        if len(self.current) > _MAX_TOKENS:
            raise self.current[0].error("this statement is too long")
        self._count(token)
        return False

    def _count(self, token: Token) -> None:
        if token.text == "(":
            self.open.append(token)
            if len(self.open) > _MAX_DEPTH:
                raise token.error("parentheses are nested too deeply")
        elif token.text == ")":
            if not self.open:
                raise token.error("this parenthesis closes nothing")
            self.open.pop()

    def _continues(self, following: Token | None) -> bool:
        if self.open:
            return True
        if not self.current:
            return False
        last = self.current[-1]
        if last.text in _CONTINUES or (following is not None and following.text in ("else", "elif")):
            return True
        return last.text == ":" and opens_flags(tuple(self.current)) is None

    def take(self) -> Statement:
        """Return the statement that has ended."""
        statement = Statement(tuple(self.current))
        self.current = []
        return statement

    def finish(self) -> None:
        """Check that nothing is left open."""
        if self.open:
            raise self.open[-1].error("this parenthesis is not closed")


def opens_flags(tokens: tuple[Token, ...]) -> int | None:
    """Return the index of the colon that begins the flags: the first one that belongs to no conditional."""
    expected = depth = 0
    operand = False
    for index, token in enumerate(tokens):
        conditional = token.text == "elif" or (token.text == "if" and not operand)
        if conditional or (token.text == "else" and index + 1 < len(tokens) and tokens[index + 1].text == ":"):
            expected += 1
        elif token.text == ":":
            if expected == 0 and depth == 0:
                return index
            expected = max(0, expected - 1)
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        operand = ends_operand(token)
    return None


def ends_operand(token: Token) -> bool:
    """Whether a value may end with this token, so that an `if` after it is Python's ``a if c else b``."""
    if token.kind == "name":
        return token.text not in ("and", "or", "not", "if", "else", "elif")
    return token.kind == "number" or token.text == ")"
