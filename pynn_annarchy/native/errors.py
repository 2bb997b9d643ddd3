"""Errors of the equation language and of the compiler, worded for the person who wrote the model."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where in a user's text something stands: the part of the model, and line and column in it, counted from 1."""

    part: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.part}, line {self.line}, column {self.column}"

    def excerpt(self) -> str:
        """Return the line with a caret under the column."""
        shown = self.text.replace("\t", " ")
        return f"    {shown}\n    {' ' * (self.column - 1)}^"


class EquationError(ValueError):
    """A model's text says something that the equation language does not allow.

    Attributes
    ----------
    reason
        What is wrong, without the place.
    place
        Where, or None if it is not one place.
    suggestion
        The name that was probably meant, or None.
    """

    def __init__(self, reason: str, place: Place | None = None, suggestion: str | None = None) -> None:
        self.reason = reason
        self.place = place
        self.suggestion = suggestion
        message = reason
        if place is not None:
            message += f" in line {place.line}"
        if suggestion is not None:
            message += f", did you mean {suggestion!r}?"
        if place is not None:
            message += f"\n  ({place})\n{place.excerpt()}"
        super().__init__(message)

    @property
    def line(self) -> int | None:
        """Line in its part of the model, from 1."""
        return None if self.place is None else self.place.line

    @property
    def column(self) -> int | None:
        """Column in that line, from 1."""
        return None if self.place is None else self.place.column


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word nearest to a misspelt one, if any is near."""
    candidates = sorted(known)
    found = difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    if found:
        return found[0]
    lowered = {candidate.lower(): candidate for candidate in candidates}
    return lowered.get(word.lower())


def unknown(what: str, word: str, known: Iterable[str], place: Place | None) -> EquationError:
    """Return the error for a word that nothing defines."""
    names = list(dict.fromkeys(known))
    suggestion = closest(word, names)
    listed = f" (allowed: {', '.join(names) or 'none'})" if what == "flag" and suggestion is None else ""
    return EquationError(f"unknown {what} {word!r}{listed}", place, suggestion)


class CompilerError(RuntimeError):
    """The C++ compiler is missing, or it did not accept what it was given."""


class SettingsError(ValueError):
    """An environment variable or the configuration file says something that cannot be understood."""


class DeviceError(RuntimeError):
    """A GPU was asked for that is not there, or that failed; says what was looked for and what to do."""
