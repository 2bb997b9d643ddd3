"""Samples of what does not change while a simulation runs: parameters, of cells and of connections."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .native.recording import Sampled

if TYPE_CHECKING:
    from .native.network import Network
    from .native.structure import Rearrangement


class _NoRecorder:
    """Stands where a recorder of the engine does for other signals."""

    def begin(self, rows: int, first_step: int, n_rows: int) -> None:
        """Do nothing: the engine writes no samples."""


class ConstantSignal(Sampled):
    """A parameter, with the interface of the engine's `Signal`: a column for each value.

    A sample is the value that has held up to then; what is set between two runs holds from there on.

    Parameters
    ----------
    read
        Returns the values of now.
    """

    def __init__(
        self,
        network: Network,
        read: Callable[[], NDArray[np.float64]],
        columns: int,
        interval_steps: int,
        offset_steps: int = 0,
    ) -> None:
        self._read = read
        self._no_recorder = _NoRecorder()
        super().__init__(network, np.arange(columns), np.float64, interval_steps, offset_steps)
        network.add_signal(self)

    @property
    def recorder(self) -> Any:
        """Nothing that the engine knows of."""
        return self._no_recorder

    def _now(self) -> NDArray[np.float64]:
        return self._read()

    def begin_run(self, end_step: int) -> None:
        """Take the samples up to a step boundary at once."""
        self._take_pending()
        n = max(0, (end_step - self._next_step) // self.interval_steps + 1)
        self._rows.reserve(n)[:] = self._now()


class ConnectionSignal(ConstantSignal):
    """A parameter of some connections of a projection.

    Parameters
    ----------
    projection
        PyNN's.
    index
        Of the connections.
    """

    def __init__(
        self, projection: Any, variable: str, index: NDArray[np.intp], interval_steps: int, offset_steps: int = 0
    ) -> None:
        self._of = projection
        self._variable = variable
        self._connections = np.asarray(index, np.int64)
        network = projection._network
        super().__init__(network, self._values_now, index.size, interval_steps, offset_steps)

    @property
    def projection(self) -> Any:
        """The engine's projection."""
        return getattr(self._of._native, "first", self._of._native)

    def _values_now(self) -> NDArray[np.float64]:
        values, there = np.full(self._connections.size, np.nan), self._connections >= 0
        values[there] = self._of._values.read(self._variable, self._connections[there])
        return values

    def follow(self, change: Rearrangement) -> None:
        """Go on with the connections that are left."""
        self._connections = change.places(self._connections)
