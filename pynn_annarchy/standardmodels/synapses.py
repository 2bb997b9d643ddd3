"""PyNN's synapse types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pyNN import errors
from pyNN.standardmodels import build_translations, synapses

from .. import simulator
from ..connectors.distance_expression import DistanceExpression

__all__ = ["StaticSynapse"]


class SynapseType:
    """Mixed in before one of PyNN's synapse types."""

    def __init__(self, **parameters: Any) -> None:
        known = self.get_parameter_names()  # type: ignore[attr-defined]
        for name, value in parameters.items():
            if name not in known:
                raise errors.NonExistentParameterError(name, type(self).__name__, known)
            if isinstance(value, str):  # PyNN would evaluate it as Python
                parameters[name] = DistanceExpression(value)
        super().__init__(**parameters)

    def _get_minimum_delay(self) -> float:
        """The delay of connections for which none was given, in ms."""
        return simulator.state.lowest_delay


class StaticSynapse(SynapseType, synapses.StaticSynapse):
    __doc__ = synapses.StaticSynapse.__doc__

    translations = build_translations(("weight", "weight"), ("delay", "delay"))
    # none that a connector would make column by column: the projection checks all connections at once
    parameter_checks: ClassVar[Mapping[str, Any]] = {}
