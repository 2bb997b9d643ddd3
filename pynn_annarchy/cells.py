"""The base of all cell types: what a cell type tells the engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .native.spec import Membrane
from .parameter_checks import Numbers, check_forms

if TYPE_CHECKING:
    from .native.kernels import Kernel
    from .native.population import Population

Index = NDArray[np.intp]


class AnyName(tuple[str, ...]):
    """Names, and as far as asked for one of them, every other one too.

    For the receptor types of a neuron that reads ``sum()``, the sum of all there are, and of one that reads nothing.
    """

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)


# Of sources: what arrives means nothing to them, but their spikes matter to synapses that learn.
UNHEARD = AnyName(("excitatory", "inhibitory"))


class EngineCell:
    """What a cell type tells the engine; the base of all cell types here, beside PyNN's own.

    Attributes
    ----------
    kernel_name
        The compiled model.
    vector_parameters
        Parameters that are vectors of fixed length: element k is the engine's parameter ``name_<k + 1>``.
    sequence_parameters
        Parameters that are sequences of any length, which are given to the engine by `schedule`.
    linked_parameters
        Parameters that restrict each other; `check_together` gets them all when one changes.
    scheduling_parameters
        Numbers that the schedule which the sequences make depends on, too.
    parameter_scales, variable_scales
        PyNN's unit of a parameter or state variable in the engine's, where they differ.
    membrane
        Where gap junctions find the membrane, if the cell has one.
    standard_names
        Whether a parameter's name tells which values make sense, as in PyNN's standard cells.
    functions
        Functions that the cell's author defined.
    """

    kernel_name: ClassVar[str]
    default_parameters: ClassVar[Mapping[str, Any]]
    vector_parameters: ClassVar[Mapping[str, int]] = {}
    sequence_parameters: ClassVar[tuple[str, ...]] = ()
    linked_parameters: ClassVar[tuple[str, ...]] = ()
    scheduling_parameters: ClassVar[tuple[str, ...]] = ()
    parameter_scales: ClassVar[Mapping[str, float]] = {}
    variable_scales: ClassVar[Mapping[str, float]] = {}
    membrane: ClassVar[Membrane] = Membrane()
    standard_names: ClassVar[bool] = True
    functions: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, **parameters: Any) -> None:
        check_forms(type(self), parameters)
        super().__init__(**parameters)

    def kernel(self, precision: str) -> Kernel:
        from .native import kernels  # here, because a cell type can be described without the compiled core

        return kernels.standard(self.kernel_name, precision)

    def in_form(self, parameters: Mapping[str, Any], cells: Any = None) -> dict[str, Any]:
        """Return parameters that a user gives, for some cells or for a cell type, in the forms that PyNN knows."""
        return dict(parameters)

    def dependent_parameters(self, linked: Mapping[str, Any]) -> dict[str, float | Numbers]:
        """Return parameters of the engine that `linked_parameters`, which go together, decide."""
        return {}

    def constants(self) -> dict[str, float]:
        """Return the values that constants have now, of those that the model reads."""
        return {}

    def dependent_initial_values(self, population: Population) -> dict[str, Numbers]:
        """Return initial values that parameters of the cells decide."""
        return {}

    def initial_states(
        self, variable: str, values: Numbers, population: Population, index: Index
    ) -> dict[str, Numbers]:
        """Return the engine's state variables that an initial value of a PyNN variable decides."""
        return {variable: values * self.variable_scales.get(variable, 1.0)}

    def conductance_based_at(self, receptor: str) -> bool | None:
        """Return whether a weight onto this receptor is a conductance; None if only the cell's author knows."""
        based: bool | None = getattr(self, "conductance_based", True)
        return based

    def check_together(self, values: Mapping[str, Any]) -> None:
        """Raise InvalidParameterValueError unless the `linked_parameters` of each cell go together."""

    def check_part(self, names: Collection[str]) -> None:
        """Raise InvalidParameterValueError unless these parameters can be set for some cells of a population only."""

    def schedule(self, population: Population, sequences: Mapping[str, NDArray[np.object_]], index: Index) -> None:
        """Give the engine the sequences of the cells at `index`."""
        raise NotImplementedError(f"{type(self).__name__} has no sequences")
