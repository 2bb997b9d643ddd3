"""Where the time of runs on a device goes, as `core.Engine` counts it of its threads."""

from __future__ import annotations

import numpy as np

from .device import Device

_WORDS = 6  # of pa::cuda::Watch


class Watch:
    """The phases of all launches since it was made.

    Parameters
    ----------
    device
        Which counts.
    """

    def __init__(self, device: Device) -> None:
        self._memory = device.memory(8 * _WORDS)
        self._memory.fill(0)
        self._updates = 0

    @property
    def address(self) -> int:
        """Where `pa::cuda::Watch` is."""
        return self._memory.address

    def begin_launch(self) -> None:
        """Count nothing of the time between launches."""
        self._memory.upload(np.zeros(1, np.uint64))

    def add_updates(self, n: int) -> None:
        """Count neurons times steps."""
        self._updates += n

    def times(self) -> tuple[float, float, float, float, int, int]:
        """Return the seconds of update, exchange, deliver and record, updates, and events."""
        _, *ns, events = self._memory.download(np.uint64, _WORDS).tolist()
        update, exchange, deliver, record = (1e-9 * each for each in ns)
        return update, exchange, deliver, record, self._updates, events
