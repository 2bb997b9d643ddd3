"""Work that must not stop half-way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def completed() -> Iterator[None]:
    """Let Ctrl-C take effect at the end of what is done inside, not before.

    Python delivers it to the main thread, and only this may say what happens then.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, _: caught.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if caught:
            signal.raise_signal(signal.SIGINT)
