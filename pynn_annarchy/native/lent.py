"""What a device may have instead of the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from .interrupts import completed

Value = TypeVar("Value")


class Lent(Generic[Value]):
    """A value that is elsewhere from time to time, until somebody asks for it.

    Parameters
    ----------
    value
        What stands here all the time; who has lent it changes its content when it comes back.
    """

    def __init__(self, value: Value) -> None:
        self._value = value
        self._fetch: Callable[[], None] | None = None

    @property
    def here(self) -> Value:
        """The value, which is here now; if that fails, it is where it was."""
        fetch = self._fetch
        if fetch is not None:
            with completed():
                fetch()
                self._fetch = None
        return self._value

    def lend(self, fetch: Callable[[], None]) -> None:
        """Let it be elsewhere: ``fetch`` brings it back."""
        self._fetch = fetch
