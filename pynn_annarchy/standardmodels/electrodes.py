"""PyNN's standard current sources."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import errors
from pyNN.standardmodels import build_translations, electrodes

from .. import simulator
from ..electrodes import CurrentSource, Values
from ..native.current import NoiseCurrent, SineCurrent, StepCurrent

__all__ = ["ACSource", "DCSource", "NoisyCurrentSource", "StepCurrentSource"]


def _translations(source: Any) -> dict[str, Any]:
    return build_translations(*[(name, name) for name in source.default_parameters])


class DCSource(CurrentSource, electrodes.DCSource):
    __doc__ = electrodes.DCSource.__doc__
    translations = _translations(electrodes.DCSource)

    def waveform(self, values: Values) -> StepCurrent:
        start = self._step(values["start"])
        stop = max(start, self._step(values["stop"]))
        return StepCurrent(np.array([start, stop]), np.array([values["amplitude"], 0.0]))


class ACSource(CurrentSource, electrodes.ACSource):
    __doc__ = electrodes.ACSource.__doc__
    translations = _translations(electrodes.ACSource)
    not_negative = ("frequency",)

    def waveform(self, values: Values) -> SineCurrent:
        return SineCurrent(
            amplitude_nA=values["amplitude"],
            offset_nA=values["offset"],
            frequency_Hz=values["frequency"],
            phase_deg=values["phase"],
            start_step=self._step(values["start"]),
            stop_step=self._step(values["stop"]),
        )


class StepCurrentSource(CurrentSource, electrodes.StepCurrentSource):
    __doc__ = electrodes.StepCurrentSource.__doc__
    translations = _translations(electrodes.StepCurrentSource)
    not_negative = ("times",)

    def _checked(self, values: Values) -> Values:
        values = super()._checked(values)
        times, amplitudes = values["times"], values["amplitudes"]
        if times.size != amplitudes.size:
            raise errors.InvalidParameterValueError(
                f"StepCurrentSource: {times.size} times for {amplitudes.size} amplitudes"
            )
        if (np.diff(times) <= 0).any():
            raise errors.InvalidParameterValueError("StepCurrentSource: times have to be in ascending order")
        # of several times that fall on one step of the grid the last counts
        steps = np.rint(times / simulator.state.dt)
        last = np.append(np.diff(steps) > 0, True)[: steps.size]
        return {**values, "times": steps[last] * simulator.state.dt, "amplitudes": amplitudes[last]}

    def waveform(self, values: Values) -> StepCurrent:
        steps = np.rint(values["times"] / simulator.state.dt).astype(np.int64)
        return StepCurrent(steps, values["amplitudes"])


class NoisyCurrentSource(CurrentSource, electrodes.NoisyCurrentSource):
    __doc__ = electrodes.NoisyCurrentSource.__doc__
    translations = _translations(electrodes.NoisyCurrentSource)
    not_negative = ("stdev", "dt")

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**{"dt": simulator.state.dt, **parameters})

    def _checked(self, values: Values) -> Values:
        values = super()._checked(values)
        steps = values["dt"] / simulator.state.dt
        if steps < 1 - 1e-9 or abs(steps - round(steps)) > 1e-6 * steps:
            raise errors.InvalidParameterValueError(
                f"NoisyCurrentSource: dt = {values['dt']} ms is no multiple of the time step, {simulator.state.dt} ms"
            )
        return values

    def waveform(self, values: Values) -> NoiseCurrent:
        return NoiseCurrent(
            mean_nA=values["mean"],
            stdev_nA=values["stdev"],
            interval_steps=self._step(values["dt"]),
            start_step=self._step(values["start"]),
            stop_step=self._step(values["stop"]),
        )
