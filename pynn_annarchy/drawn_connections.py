"""Connections that are drawn as they are laid out, on the host or a device, so that there need not be lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from lazyarray import larray

from . import simulator
from .connectors.buffer import ConnectionBuffer
from .connectors.columns import Columns
from .standardmodels.synapses import StaticSynapse
from .synapse_values import StaticValues, checked

if TYPE_CHECKING:
    from .native.drawn import Drawn


class DrawnConnections:
    """Mixed into `Projection`."""

    synapse_type: Any
    receptor_types: tuple[str, ...]
    shape: tuple[int, int]
    _buffer: ConnectionBuffer
    _native: Any
    _values: Any
    _is_listed: bool  # whether values of the synapse type are given in a list
    _drawn: Drawn | None = None

    @property
    def drawable(self) -> dict[str, larray] | None:
        """The values that would have to be drawn with the connections; None if synapses have a model or lists."""
        network, synapse_type = simulator.state.network, self.synapse_type
        if self._is_listed or len(self.receptor_types) > 1:
            return None
        if not isinstance(synapse_type, StaticSynapse) or synapse_type.kernel(network.precision) is not None:
            return None
        space = synapse_type.native_parameters
        space.shape = self.shape
        return dict(space.items())

    def connect_drawn(self, drawn: Drawn) -> None:
        """Make connections that are drawn later; if there are others beside them, all are drawn now."""
        alone = self._drawn is None and self._buffer.is_empty
        self._draw_now()
        self._drawn = drawn
        if not alone:
            self._draw_now()

    def _draw_now(self) -> None:
        """Draw what was to be drawn later."""
        drawn, self._drawn = self._drawn, None
        if drawn is not None:
            weight, delay = drawn.values_ms()
            columns = Columns(drawn.begin.astype(np.int64), drawn.sources.columns().pre())
            self.connect_columns(columns, {"weight": weight, "delay": delay})

    def connect_columns(self, columns: Columns, values: Any) -> None:
        """Make connections of known sources."""
        raise NotImplementedError

    def _create_drawn(self, drawn: Drawn) -> None:
        """Make them in the engine, if their weights and delays are allowed."""
        network: Any = simulator.state.network
        self.synapse_type.check_projection(self)
        drawing = network.drawer.drawing(drawn)
        weights, delays_ms = drawing.extremes
        found = {"weight": weights if drawn.weight is None else drawn.weight}
        checked(self, {**found, "delay": delays_ms} if drawn.delay_steps is None else found, {})
        self._native = network.add_drawn_projection(drawing, receptor=self.receptor_types[0])
        self._values = StaticValues(self._native)
