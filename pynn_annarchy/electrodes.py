"""Sources of current that is injected into cells: what all of them have in common."""

from __future__ import annotations

from typing import Any, ClassVar

import neo
import numpy as np
import quantities as pq
from numpy.typing import NDArray
from pyNN import common, errors
from pyNN.parameters import ParameterSpace, Sequence
from pyNN.standardmodels import StandardCurrentSource

from . import simulator
from .native.current import NoiseCurrent, SineCurrent, StepCurrent
from .other_backends import forgiving

FOREVER = 2**62  # as a step: what a time beyond the range of steps becomes

Values = dict[str, Any]  # a number, or an array for a parameter that is a sequence


class CurrentSource(StandardCurrentSource):
    """A current that is the same for all cells it is injected into; it adds to what other sources inject.

    The current begins in the time step that begins at `start`, so the membrane reacts in the sample after that.
    """

    not_negative: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **parameters: Any) -> None:
        network = simulator.state.network
        super().__init__(**parameters)
        self._values: Values = {}
        self._native: Any = None
        self._values = self._checked(self._evaluated(self.translate(self.parameter_space)))
        self._native = network.add_current(self.waveform(self._values))
        self._network = network
        simulator.state.current_sources.append(self)

    def waveform(self, values: Values) -> StepCurrent | SineCurrent | NoiseCurrent:
        """Return what the engine calls a source with these parameters."""
        raise NotImplementedError

    # ---- parameters --------------------------------------------------------------------------------------------------

    def get_parameters(self) -> Values:
        """Return the parameters: numbers, and arrays for those that are sequences."""
        return {name: value if np.isscalar(value) else value.copy() for name, value in self._values.items()}

    def get_native_parameters(self) -> ParameterSpace:
        return ParameterSpace(self._values)

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        """Change parameters, from the current time on."""
        values = self._checked({**self._values, **self._evaluated(parameters)})
        self._living_native().set(self.waveform(values))
        self._values = values

    def _evaluated(self, parameters: ParameterSpace) -> Values:
        try:
            parameters.shape = (1,)
        except ValueError as error:
            raise errors.InvalidDimensionsError(
                f"{type(self).__name__}: a parameter has one value for all cells ({error})"
            ) from None
        try:
            parameters.evaluate(simplify=True)
        except ValueError as error:
            raise errors.InvalidParameterValueError(f"{type(self).__name__}: {error}") from None
        values = parameters.as_dict()
        return {
            name: np.array(value.value, dtype=float).reshape(-1) if isinstance(value, Sequence) else float(value)
            for name, value in values.items()
        }

    def _checked(self, values: Values) -> Values:
        """Return the parameters as they will be used."""
        for name, value in values.items():
            numbers = np.atleast_1d(value)
            right = ~np.isnan(numbers) if name == "stop" else np.isfinite(numbers)
            if name in self.not_negative:
                right &= numbers >= 0
            if not right.all():
                allowed = "finite and 0 or greater" if name in self.not_negative else "a finite number"
                raise errors.InvalidParameterValueError(
                    f"{type(self).__name__}: {name} = {numbers[~right][0]:g} is not allowed, it has to be {allowed}"
                )
        return values

    @staticmethod
    def _step(time_ms: Any) -> int:
        """Return the time step that begins nearest to a time."""
        return int(np.clip(np.rint(time_ms / simulator.state.dt), -FOREVER, FOREVER))

    # ---- cells -------------------------------------------------------------------------------------------------------

    @forgiving("inject_into()", synonyms={"cell_list": "cells"})
    def inject_into(self, cells: Any, location: Any = None) -> None:
        """Inject the current into a cell, an iterable of cells, a population, a view or an assembly."""
        if location is not None:
            raise NotImplementedError(f"location={location!r}: a point neuron has no places to inject a current at")
        native = self._living_native()
        if isinstance(cells, common.BasePopulation | common.Assembly):
            injectable, numbers = cells.injectable, cells.neuron_numbers
        else:
            members = _members(cells)
            injectable = all(cell.celltype.injectable for cell in members)
            numbers = np.fromiter(members, dtype=np.int64, count=len(members))
        if not injectable:
            raise TypeError("Can't inject current into a spike source.")
        native.inject(numbers)

    def _living_native(self) -> Any:
        if self._network is not simulator.state.network:
            raise RuntimeError(f"this {type(self).__name__} belongs to a simulation that a later setup() has replaced")
        return self._native

    # ---- recording ---------------------------------------------------------------------------------------------------

    def record(self) -> None:
        """Record the current from now on."""
        self._living_native().record()

    def get_data(self) -> neo.AnalogSignal:
        """Return the recorded current."""
        times, currents = self._get_data()
        return neo.AnalogSignal(
            currents, units="nA", t_start=times[0] * pq.ms, sampling_period=simulator.state.dt * pq.ms
        )

    def _get_data(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        try:
            first_step, currents = self._living_native().data()
        except ValueError:
            raise errors.NothingToWriteError(
                f"this {type(self).__name__} is not recorded, call record() first"
            ) from None
        return (first_step + np.arange(currents.size)) * simulator.state.dt, currents


def _members(cells: Any) -> list[simulator.ID]:
    members = [cells] if isinstance(cells, simulator.ID) else list(cells)
    for cell in members:
        if not isinstance(cell, simulator.ID):
            raise TypeError(f"a current can be injected into cells and groups of cells, not into {cell!r}")
        cell.parent.native  # noqa: B018 - raises if the cell is of an earlier simulation
    return members
