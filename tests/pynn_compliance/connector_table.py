"""Every connector with arguments that suit any two groups of four to eight cells."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from pyNN.core import IndexBasedExpression
from pyNN.random import NumpyRNG

import pynn_annarchy as sim


class Checkered(IndexBasedExpression):
    """A probability that depends on the sum of the indices."""

    def __call__(self, i: Any, j: Any) -> Any:
        return 0.3 + 0.6 * ((i + j) % 2)


def pattern(pre: Any, post: Any) -> np.ndarray:
    """A matrix without symmetry: about half of all pairs."""
    i, j = np.indices((pre.size, post.size))
    return (3 * i + 5 * j + i * j) % 4 < 2


def _connection_set() -> Any:
    return pytest.importorskip("csa").full


def _text(pre: Any, post: Any, folder: Any) -> str:
    name = folder / "connections.txt"
    np.savetxt(name, np.argwhere(pattern(pre, post)))
    return str(name)


def _reference(pre: Any, post: Any) -> Any:
    return sim.Projection(pre, post, sim.FixedProbabilityConnector(0.5, rng=NumpyRNG(8)))


# name of the class: what it has to be given, for the two groups and a folder
REQUIRED: dict[str, Callable[[Any, Any, Any], dict[str, Any]]] = {
    "AllToAllConnector": lambda pre, post, folder: {},
    "ArrayConnector": lambda pre, post, folder: {"array": pattern(pre, post)},
    "CSAConnector": lambda pre, post, folder: {"cset": _connection_set()},
    "CloneConnector": lambda pre, post, folder: {"reference_projection": _reference(pre, post)},
    "DenseMatrixConnector": lambda pre, post, folder: {"weights": np.where(pattern(pre, post), 0.25, np.nan)},
    "DifferenceOfGaussiansConnector": lambda pre, post, folder: {
        "amp_pos": 2.0,
        "sigma_pos": 3.0,
        "amp_neg": 1.0,
        "sigma_neg": 2.0,
        "limit": 0.2,
    },
    "DisplacementDependentProbabilityConnector": lambda pre, post, folder: {"disp_function": lambda d: np.exp(d[0])},
    "DistanceDependentProbabilityConnector": lambda pre, post, folder: {"d_expression": "exp(-d/4)"},
    "FixedNumberPostConnector": lambda pre, post, folder: {"n": 1},
    "FixedNumberPreConnector": lambda pre, post, folder: {"n": 1},
    "FixedProbabilityConnector": lambda pre, post, folder: {"p_connect": 0.6},
    "FixedTotalNumberConnector": lambda pre, post, folder: {"n": 9},
    "FromFileConnector": lambda pre, post, folder: {"file": _text(pre, post, folder)},
    "FromListConnector": lambda pre, post, folder: {"conn_list": np.argwhere(pattern(pre, post))},
    "FunctionConnector": lambda pre, post, folder: {"function": lambda pre, post: np.argwhere(pattern(pre, post))},
    "GaussianConnector": lambda pre, post, folder: {"amplitude": 2.0, "sigma": 1.5, "limit": 0.2},
    "IndexBasedProbabilityConnector": lambda pre, post, folder: {"index_expression": Checkered()},
    "OneToOneConnector": lambda pre, post, folder: {},
    "SmallWorldConnector": lambda pre, post, folder: {"degree": 2.5, "rewiring": 0.3},
    "SparseMatrixConnector": lambda pre, post, folder: {"weights": scipy.sparse.csr_array(0.25 * pattern(pre, post))},
}

NAMES = sorted(REQUIRED)
WITH_WEIGHTS = [
    "DenseMatrixConnector",
    "DifferenceOfGaussiansConnector",
    "GaussianConnector",
    "SparseMatrixConnector",
]
WITHOUT_WEIGHTS = [name for name in NAMES if name not in WITH_WEIGHTS]


def arguments_of(name: str) -> set[str]:
    """The names of the arguments that a connector takes."""
    return set(inspect.signature(getattr(sim, name)).parameters)


WITH_SELF_CONNECTIONS = [name for name in NAMES if "allow_self_connections" in arguments_of(name)]


def connector(name: str, pre: Any, post: Any, folder: Any, **options: Any) -> Any:
    """Make a connector for two groups."""
    given = REQUIRED[name](pre, post, folder)
    if "rng" in arguments_of(name):
        given["rng"] = NumpyRNG(5)
    return getattr(sim, name)(**(given | options))


ENDS = ["population", "two populations", "views", "unsorted views", "assemblies"]


def ends(kind: str) -> tuple[Any, Any]:
    """Two groups to connect; but for "two populations", some cells are on both sides."""
    a, b = sim.Population(6, sim.IF_cond_exp(), label="a"), sim.Population(5, sim.IF_cond_exp(), label="b")
    return {
        "population": (a, a),
        "two populations": (a, b),
        "views": (a[1:5], a[2:6]),
        "unsorted views": (a[[4, 0, 3, 1]], a[[1, 5, 4, 0, 2]]),
        "assemblies": (a[2:4] + b, b[[4, 1]] + a),
    }[kind]
