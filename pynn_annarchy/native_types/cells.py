"""The engine's neuron models as cell types."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pyNN.models import BaseCellType
from pyNN.standardmodels import StandardModelType

from ..cells import EngineCell, Index
from ..parameter_checks import check_numbers
from ..standardmodels import cells as standard_cells
from .names import checked_name, same_names


class NativeCellType(EngineCell, StandardModelType, BaseCellType):  # type: ignore[misc]
    """Base of the classes that `native_cell_type` makes. Parameters and variables are those of the compiled model."""

    standard_type: ClassVar[Any] = None
    units: ClassVar[Mapping[str, str]]

    def schedule(self, population: Any, sequences: Mapping[str, NDArray[np.object_]], index: Index) -> None:
        self.standard_type.schedule(self, population, sequences, index)

    def check_together(self, values: Mapping[str, Any]) -> None:
        """Check what the standard type checks: vectors here are single parameters, numbered from 1."""
        for name in values:
            vector = name.rpartition("_")[0]
            if vector in self.standard_type.vector_parameters:
                check_numbers(type(self).__name__, vector, np.asarray(values[name], dtype=float))
        if self.standard_type.linked_parameters:
            self.standard_type.check_together(self, values)


def native_cell_type(model_name: str) -> type[NativeCellType]:
    """Return a cell type class for one of the engine's compiled models.

    Parameters
    ----------
    model_name
        Its name; an error lists those there are.

    Returns
    -------
    type
        A subclass of `NativeCellType`. All names and units are the engine's: those of the standard type with the same
        name, but conductances are always in uS, and a parameter that is a vector there is several here.
    """
    from ..native import kernels

    return _cell_type(checked_name(model_name, kernels.standard_names(), "native_cell_type"))


@functools.cache
def _cell_type(model_name: str) -> type[NativeCellType]:
    from ..native import kernels

    kernel = kernels.standard(model_name)
    standard = _standard_type(model_name)
    sequences = {} if standard is None else {n: standard.default_parameters[n] for n in standard.sequence_parameters}
    parameters = {**kernel.parameters, **sequences}
    states = {name: value for name, value in kernel.states.items() if not name.startswith("_")}
    linked = () if standard is None else _linked(standard, parameters)
    return type(
        model_name,
        (NativeCellType,),
        {
            "__doc__": f"The engine's model {model_name}.",
            "__module__": __name__,
            "kernel_name": model_name,
            "standard_type": standard,
            "default_parameters": parameters,
            "default_initial_values": states,
            "recordable": [*(["spikes"] if kernel.spiking else []), *states],
            "receptor_types": kernel.receptors,
            "injectable": kernel.injectable,
            "conductance_based": any(name.startswith("gsyn") for name in states),
            "sequence_parameters": tuple(sequences),
            "linked_parameters": linked,
            "membrane": NativeCellType.membrane if standard is None else standard.membrane,
            "translations": same_names(parameters),
            "units": {name: _unit(name, standard) for name in ("spikes", *parameters, *states)},
        },
    )


def _standard_type(model_name: str) -> Any:
    """Return the standard cell type that the compiled model was made for, if any."""
    for name in standard_cells.__all__:
        standard = getattr(standard_cells, name)
        if getattr(standard, "kernel_name", None) == model_name:
            return standard
    return None


def _linked(standard: Any, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    elements = [name for name in parameters if name.rpartition("_")[0] in standard.vector_parameters]
    return (*standard.linked_parameters, *elements)


def _unit(name: str, standard: Any) -> str:
    """Return the engine's unit: PyNN's, with all conductances in uS."""
    units = {"spikes": "ms", "v": "mV", **({} if standard is None else standard.units)}
    unit = str(units.get(name) or units.get(name.rpartition("_")[0]) or "dimensionless")
    return unit.replace("nS", "uS")
