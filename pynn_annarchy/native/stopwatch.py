"""How long something has taken, all times together."""

from __future__ import annotations

from time import perf_counter


class Stopwatch:
    """Runs inside of ``with``.

    Attributes
    ----------
    seconds
        How long it has run until now.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._began = perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += perf_counter() - self._began
