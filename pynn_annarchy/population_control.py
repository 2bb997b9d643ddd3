"""What is done to a whole population between runs: to disable it, to clear its input, to bring it back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import cell_attributes, simulator
from .spike_window import MeasuredRate
from .stopping import StopCondition, stop_condition

Index = NDArray[np.intp]


class ControlledCells:
    """Mixed into `Population`."""

    label: str
    size: int
    celltype: Any
    initial_values: dict[str, Any]
    native: Any
    _created_with: dict[str, Any]
    measured_rate: MeasuredRate | None
    _condition: StopCondition | None = None

    @property
    def enabled(self) -> bool:
        """Whether the cells are simulated.

        Those of a disabled population stay as they are, emit nothing, and lose what reaches them meanwhile.
        Only what synapses write to a variable by name, as in ``post.x += 1``, reaches them nevertheless.
        """
        return bool(self.native.enabled)

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        if not enabled and simulator.state.network.has_gap_junctions(self.native):
            raise ValueError(f"{self.label}: cells with gap junctions cannot be disabled")
        again = bool(enabled) and not self.native.enabled
        self.native.enabled = bool(enabled)
        if again and self.measured_rate is not None:
            self.measured_rate.restart()

    @property
    def stop_condition(self) -> str | None:
        """When `simulate_until` stops: a condition over the cells' variables, such as ``r > 5.0 : any`` (or ``all``).

        A cell type may have one for all of its populations.
        """
        condition = self._stopping
        return None if condition is None else condition.text

    @stop_condition.setter
    def stop_condition(self, text: str | None) -> None:
        self._condition = None if text is None else stop_condition(self, text)

    @property
    def _stopping(self) -> StopCondition | None:
        """The same, ready to be asked."""
        text = getattr(self.celltype, "stop_condition", None)
        if self._condition is None and text:
            self._condition = stop_condition(self, text)
        return self._condition

    def enable(self) -> None:
        """Simulate the cells again, from the state that they are in."""
        self.enabled = True

    def disable(self) -> None:
        """Leave the cells as they are until `enable()`."""
        self.enabled = False

    def clear(self) -> None:
        """Forget the spikes that are on their way to the cells; their variables stay as they are."""
        self.native.clear_input()
        if self.measured_rate is not None:
            self.measured_rate.forget()

    def restore(self, names: list[str] | None, index: Index) -> None:
        """Bring variables, all by default, and parameters of the cells at `index` back to where they began."""
        native, celltype = self.native, self.celltype
        variables = list(self.initial_values)
        for name in names or ():
            if name not in variables and name not in celltype.get_parameter_names():
                raise cell_attributes.unknown(self, name)
        parameters = [name for name in names or () if name not in variables]
        given = celltype.get_native_names(*parameters) if parameters else []
        for name in given:
            if name not in self._created_with:
                raise ValueError(f"{self.label}: {name} is no single number; set it again instead")
        native.restore(None if names is None else self._states_of(names), index)
        for name in given:
            native.set_parameter(name, np.broadcast_to(self._created_with[name], (self.size,))[index], index)

    def _states_of(self, names: Iterable[str]) -> list[str]:
        """Return the engine's state variables that initial values of these variables decide."""
        index, states = np.arange(self.size), list[str]()
        for name in names:
            if name in self.initial_values:
                values = np.asarray(self.initial_values[name].evaluate(simplify=False), dtype=float)
                states += self.celltype.initial_states(name, values, self.native, index)
        return states
