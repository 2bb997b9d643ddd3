"""PyNN's connectors, and the engine's own: matrices of weights, and kernels of the distance."""

from .fixed_number import FixedNumberPostConnector, FixedNumberPreConnector
from .function import Connectivity, FunctionConnector
from .kernel import DifferenceOfGaussiansConnector, GaussianConnector
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
from .weight_matrix import DenseMatrixConnector, SparseMatrixConnector

__all__ = [
    "AllToAllConnector",
    "ArrayConnector",
    "CSAConnector",
    "CloneConnector",
    "Connectivity",
    "DenseMatrixConnector",
    "DifferenceOfGaussiansConnector",
    "DisplacementDependentProbabilityConnector",
    "DistanceDependentProbabilityConnector",
    "FixedNumberPostConnector",
    "FixedNumberPreConnector",
    "FixedProbabilityConnector",
    "FixedTotalNumberConnector",
    "FromFileConnector",
    "FromListConnector",
    "FunctionConnector",
    "GaussianConnector",
    "IndexBasedProbabilityConnector",
    "OneToOneConnector",
    "SmallWorldConnector",
    "SparseMatrixConnector",
]
