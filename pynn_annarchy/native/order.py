"""What may follow what in an expression: said before Python's parser, which knows neither the place nor the words."""

from __future__ import annotations

from .errors import EquationError
from .respell import BOUNDS, WORDS
from .tokens import Token

_BINARY = frozenset("+ - * / % ^ ** < > <= >= == != && || and or".split())
_PREFIX = frozenset(("+", "-", "!", "not"))
_SEPARATORS = frozenset((",", ")", "else", "elif"))


def check_order(tokens: tuple[Token, ...]) -> None:
    """Refuse two values without an operator between them, and operators and separators without their values.

    Raises
    ------
    EquationError
        At the first token that is out of place.
    """
    value, conditions = False, 0  # whether a value has just ended, and how many conditions wait for their colon
    previous = None
    for index, token in enumerate(tokens):
        text = token.text
        if text in ("[", "]", "."):
            return  # Respelled says what is wrong
        if text == "=":
            _check_equals(tokens, index)
            value = False
        elif text == "if" or text == "elif":
            conditions += not value or text == "elif"
            value = False
        elif text == ":":
            conditions, value = max(0, conditions - 1), False
        elif value and text == "is":
            value = False
        elif text in _SEPARATORS or (text in _BINARY and not (text in _PREFIX and not value)):
            empty = text == ")" and previous is not None and previous.text == "("
            if not value and not empty:
                raise token.error(f"a value is expected before {text!r}")
            value = text == ")"
        elif value and not _is_call(text, previous):
            expected = "an operator or ':'" if conditions else "an operator"
            raise token.error(f"{expected} is expected before {text!r}")
        else:
            value = text not in _PREFIX and text != "("
        previous = token
    if not value and previous is not None:
        raise previous.error(f"a value is expected after {previous.text!r}")


def _is_call(text: str, previous: Token | None) -> bool:
    return text == "(" and previous is not None and previous.kind == "name" and previous.text not in WORDS


def _check_equals(tokens: tuple[Token, ...], index: int) -> None:
    """Refuse an ``=`` other than that of a distribution's bound."""
    token, around = tokens[index], [t.text for t in tokens[max(0, index - 2) : index + 2]]
    if around[-1:] == [">"]:
        raise EquationError("'=>' has no meaning here", token.place, ">=")
    named = index >= 2 and around[0] in ("(", ",") and tokens[index - 1].kind == "name"
    if named and tokens[index - 1].text not in BOUNDS:
        raise token.error("'=' has no meaning here: arguments have no names; did you mean '=='?")
