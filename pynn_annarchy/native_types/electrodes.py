"""The engine's waveforms as current sources."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, ClassVar

import numpy as np
from pyNN.parameters import Sequence

from ..electrodes import CurrentSource, Values
from ..native.current import NoiseCurrent, SineCurrent, StepCurrent
from .names import checked_name, same_names

_CURRENTS = {waveform.__name__: waveform for waveform in (StepCurrent, SineCurrent, NoiseCurrent)}
_UNITS = ("nA", "Hz", "deg")


class NativeElectrodeType(CurrentSource):
    """Base of the classes that `native_electrode_type` makes. Times are numbers of time steps."""

    current: ClassVar[Any]

    def waveform(self, values: Values) -> Any:
        kinds = {field.name: field.type for field in dataclasses.fields(self.current)}
        return self.current(**{name: _in_form(kinds[name], value) for name, value in values.items()})


def native_electrode_type(model_name: str) -> type[NativeElectrodeType]:
    """Return a current source class for one of the engine's waveforms.

    Parameters
    ----------
    model_name
        Its name; an error lists those there are.
    """
    return _electrode_type(checked_name(model_name, _CURRENTS, "native_electrode_type"))


@functools.cache
def _electrode_type(model_name: str) -> type[NativeElectrodeType]:
    current = _CURRENTS[model_name]
    fields = dataclasses.fields(current)
    parameters = {field.name: _default(field) for field in fields}
    return type(
        model_name,
        (NativeElectrodeType,),
        {
            "__doc__": f"The engine's current {model_name}.",
            "__module__": __name__,
            "current": current,
            "default_parameters": parameters,
            "translations": same_names(parameters),
            "units": {name: _electrode_unit(name) for name in parameters},
        },
    )


def _default(field: dataclasses.Field[Any]) -> Any:
    if "Array" in str(field.type):
        return Sequence([])
    if field.name == "stop_step":
        return float(2**62)
    return 1.0 if field.name == "interval_steps" else 0.0


def _in_form(kind: Any, value: Any) -> Any:
    """Return a value as the field of a waveform has it: steps are whole numbers."""
    if "int" not in str(kind):
        return value
    return np.rint(value).astype(np.int64) if isinstance(value, np.ndarray) else round(value)


def _electrode_unit(name: str) -> str:
    suffix = name.rpartition("_")[2]
    return suffix if suffix in _UNITS else "steps"
