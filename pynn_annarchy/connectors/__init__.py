"""PyNN's connectors."""

from .fixed_number import FixedNumberPostConnector, FixedNumberPreConnector
from .listed import FromFileConnector, FromListConnector
from .pattern import ArrayConnector, CloneConnector, CSAConnector
from .probability import (
    DisplacementDependentProbabilityConnector,
    DistanceDependentProbabilityConnector,
    FixedProbabilityConnector,
    IndexBasedProbabilityConnector,
)
from .regular import AllToAllConnector, OneToOneConnector
from .small_world import SmallWorldConnector
from .total_number import FixedTotalNumberConnector

__all__ = [
    "AllToAllConnector",
    "ArrayConnector",
    "CSAConnector",
    "CloneConnector",
    "DisplacementDependentProbabilityConnector",
    "DistanceDependentProbabilityConnector",
    "FixedNumberPostConnector",
    "FixedNumberPreConnector",
    "FixedProbabilityConnector",
    "FixedTotalNumberConnector",
    "FromFileConnector",
    "FromListConnector",
    "IndexBasedProbabilityConnector",
    "OneToOneConnector",
    "SmallWorldConnector",
]
