"""PyNN's multi-compartment cells and ion channels: the classes exist, objects cannot be made."""

from __future__ import annotations

from typing import Any

from pyNN import errors
from pyNN.standardmodels import ModelNotAvailable, StandardCellType, ion_channels

__all__ = [
    "KdrChannel",
    "MultiCompartmentNeuron",
    "NaChannel",
    "PassiveLeak",
    "PassiveLeakHH",
]


class OutOfScopeError(errors.NoModelAvailableError, NotImplementedError):
    """A model that a simulator of point neurons cannot have; both of the errors that PyNN's backends raise for such."""


class MultiCompartmentModel(ModelNotAvailable):
    """Base of the models of cells with more than one compartment."""

    def __init__(self, *args: Any, **parameters: Any) -> None:
        raise OutOfScopeError(
            f"{type(self).__name__}: pyNN.annarchy simulates point neurons, which have no compartments; "
            "multi-compartment cells and their ion channels run in pyNN.neuron and pyNN.arbor"
        )


class MultiCompartmentNeuron(MultiCompartmentModel, StandardCellType):  # type: ignore[misc]
    """A cell with a morphology. A script can describe one of its own: a subclass, or attributes of this class."""


class NaChannel(MultiCompartmentModel, ion_channels.NaChannel):  # type: ignore[misc]
    """The sodium channel of Hodgkin and Huxley; `HH_cond_exp` is a point neuron with it."""


class KdrChannel(MultiCompartmentModel, ion_channels.KdrChannel):  # type: ignore[misc]
    """The delayed rectifier of Hodgkin and Huxley; `HH_cond_exp` is a point neuron with it."""


class PassiveLeak(MultiCompartmentModel, ion_channels.PassiveLeak):  # type: ignore[misc]
    """A leak conductance."""


class PassiveLeakHH(MultiCompartmentModel, ion_channels.PassiveLeakHH):  # type: ignore[misc]
    """The leak conductance of Hodgkin and Huxley's model."""
