"""A network whose time loop runs on a device."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from .. import core
from ..drawn_projection import DrawnProjection
from ..network import Network
from ..stores import transmitted
from .drawing import Drawer, Drawing
from .engine import Engine
from .plasticity import SynapseRecorder
from .recording import Recorder, SpikeLog
from .synapses import DrawnPart, ListedPart, Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..kernels import RowsKernel, SynapseKernel
    from ..plastic import PlasticProjection
    from ..population import Population
    from ..projection import Projection
    from ..rows import RowsProjection
    from .device import Device


class CudaNetwork(Network):
    """As `Network`.

    Parameters
    ----------
    device
        Where it runs.
    """

    recorder = cast("type[core.Recorder]", Recorder)
    spike_log = cast("type[core.SpikeLog]", SpikeLog)
    synapse_recorder = cast("type[core.SynapseRecorder]", SynapseRecorder)
    rows_recorder = cast("type[core.RowsRecorder]", SynapseRecorder)

    def __init__(self, device: Device, *, dt_ms: float, seed: int = 0, precision: str = "double") -> None:
        self._device = device
        super().__init__(dt_ms=dt_ms, threads=1, seed=seed, precision=precision)
        cast(Engine, self.engine()).bound_weights(self._bound_of_weights)

    def _new_engine(self, real_bytes: int, acc_bytes: int) -> core.Engine:
        return cast("core.Engine", Engine(self._device, self.dt_ms, self.seed, real_bytes, acc_bytes))

    def _run_slice(self, engine: core.Engine, n_steps: int, progress: Callable[[int], None] | None) -> None:
        try:
            super()._run_slice(engine, n_steps, progress)
        finally:
            for block in self._blocks.values():
                block.lend(partial(cast(Engine, engine).fetch, block.index))
            self.continuous.lend(cast(Engine, engine).fetch_rows)
            self.synapses.lend(cast(Engine, engine).fetch_synapses)

    def close(self) -> None:
        """Free the device's memory; states and recorded data stay readable."""
        for block in self._blocks.values():
            _ = block.states
        engine = cast(Engine, self.engine())
        engine.fetch_rows()
        engine.fetch_synapses()
        super().close()

    def add_population(self, kernel: Any, *arguments: Any, **named: Any) -> Population:
        """Add neurons, as `Network.add_population`.

        Raises
        ------
        ValueError
            If there is no device code for the model.
        """
        cast(Engine, self.engine()).describe(kernel)
        return super().add_population(kernel, *arguments, **named)

    def add_plastic_projection(self, kernel: SynapseKernel, *arguments: Any, **named: Any) -> PlasticProjection:
        """Add synapses with state, as `Network.add_plastic_projection`."""
        cast(Engine, self.engine()).describe_synapse(kernel)
        return super().add_plastic_projection(kernel, *arguments, **named)

    @cached_property
    def drawer(self) -> Drawer:
        """What draws connections."""
        return Drawer(self._device)

    def _build_stores(self, engine: core.Engine) -> dict[Any, core.Store]:
        """Return the synapses of each projection that transmits: for a device they are all in one store."""
        found = {k: self._part_of(p) for k, p in enumerate(self._projections) if p.size and p.switches.transmits}
        return cast("dict[Any, core.Store]", found)

    @property
    def static_bytes(self) -> int:
        """Bytes of static synapses on the device, as they were last laid out."""
        return cast(Engine, self.engine()).static_bytes

    def _part_of(self, projection: Projection) -> Part:
        inputs = self.inputs_of(projection.receptor)
        if isinstance(projection, DrawnProjection):
            drawing = projection.drawing_for(inputs)
            if drawing is not None:
                return DrawnPart(cast(Drawing, drawing), inputs)
        return ListedPart(*transmitted(self, projection))

    def _bound_of_weights(self, kernel: int) -> float:
        """The largest finite parameter of synapses of a model whose name begins with w, as that of w_max does."""
        values = [
            np.max(np.abs(value))
            for projection in self.synapses.projections
            if projection.kernel.address == kernel and projection.size
            for name, value in projection.parameters.items()
            if name.startswith("w")
        ]
        return max((float(value) for value in values if np.isfinite(value)), default=0.0)

    def add_rows_projection(self, kernel: RowsKernel, *arguments: Any, **named: Any) -> RowsProjection:
        """Add continuous synapses, as `Network.add_rows_projection`."""
        cast(Engine, self.engine()).describe_rows(kernel)
        return super().add_rows_projection(kernel, *arguments, **named)
