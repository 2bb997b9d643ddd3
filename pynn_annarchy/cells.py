"""The base of all cell types: what a cell type tells the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .native.spec import Membrane
from .parameter_checks import Numbers, check_forms

if TYPE_CHECKING:
    from .native.kernels import Kernel
    from .native.population import Population

Index = NDArray[np.intp]


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
    parameter_scales, variable_scales
        PyNN's unit of a parameter or state variable in the engine's, where they differ.
    membrane
        Where gap junctions find the membrane, if the cell has one.
    """

    kernel_name: ClassVar[str]
    default_parameters: ClassVar[Mapping[str, Any]]
    vector_parameters: ClassVar[Mapping[str, int]] = {}
    sequence_parameters: ClassVar[tuple[str, ...]] = ()
    linked_parameters: ClassVar[tuple[str, ...]] = ()
    parameter_scales: ClassVar[Mapping[str, float]] = {}
    variable_scales: ClassVar[Mapping[str, float]] = {}
    membrane: ClassVar[Membrane] = Membrane()

    def __init__(self, **parameters: Any) -> None:
        check_forms(type(self), parameters)
        super().__init__(**parameters)

    def kernel(self, precision: str) -> Kernel:
        from .native import kernels  # here, because a cell type can be described without the compiled core

        return kernels.standard(self.kernel_name, precision)

    def initial_states(
        self, variable: str, values: Numbers, population: Population, index: Index
    ) -> dict[str, Numbers]:
        """Return the engine's state variables that an initial value of a PyNN variable decides."""
        return {variable: values * self.variable_scales.get(variable, 1.0)}

    def check_together(self, values: Mapping[str, Any]) -> None:
        """Raise InvalidParameterValueError unless the `linked_parameters` of each cell go together."""

    def schedule(self, population: Population, sequences: Mapping[str, NDArray[np.object_]], index: Index) -> None:
        """Give the engine the sequences of the cells at `index`."""
        raise NotImplementedError(f"{type(self).__name__} has no sequences")
