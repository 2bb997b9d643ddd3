"""Connections that a device draws by itself, so that the host need not have them."""

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
        """The values that a device would have to draw to make the connections; None if there is none that could."""
        network, synapse_type = simulator.state.network, self.synapse_type
        if not hasattr(network, "add_drawn_projection") or self._is_listed or len(self.receptor_types) > 1:
            return None
        if not isinstance(synapse_type, StaticSynapse) or synapse_type.kernel(network.precision) is not None:
            return None
        space = synapse_type.native_parameters
        space.shape = self.shape
        return dict(space.items())

    def connect_drawn(self, drawn: Drawn) -> None:
        """Make connections that the device draws; if there are others beside them, the host draws all."""
        alone = self._drawn is None and self._buffer.is_empty
        self._draw_on_host()
        self._drawn = drawn
        if not alone:
            self._draw_on_host()

    def _draw_on_host(self) -> None:
        """Let the host draw what the device was to draw."""
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
        drawing = network.drawing(drawn)
        weights, delays_ms = drawing.extremes
        found = {"weight": weights if drawn.weight is None else drawn.weight}
        checked(self, {**found, "delay": delays_ms} if drawn.delay_steps is None else found, {})
        self._native = network.add_drawn_projection(drawing, receptor=self.receptor_types[0])
        self._values = StaticValues(self._native)
