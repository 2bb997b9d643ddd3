"""Networks that are built alike on several backends; every function takes the backend as `sim`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyNN.core import IndexBasedExpression
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.space import Grid2D, Line, Space

TIMESTEP = 0.1  # ms
N_PRE, N_POST = 11, 13

Build = Callable[[Any, Any], Any]  # takes the backend and a random number generator

LISTED = [(0, 1, 0.011, 0.4), (3, 0, 0.002, 1.1), (3, 1, 0.007, 0.3), (10, 12, 0.5, 2.0), (0, 12, 0.25, 11.9)]
MATRIX = np.array([[(3 * i + 5 * j) % 7 == 0 for j in range(N_POST)] for i in range(N_PRE)])


class Banded(IndexBasedExpression):
    """A probability that falls off with the difference of the indices."""

    def __call__(self, i: Any, j: Any) -> Any:
        return 0.7 * (abs(i - j) < 4) + 0.3 * ((i + j) % 3 == 0)


def ahead(d: Any) -> Any:
    """Return a probability of connecting to what lies in the direction of x, and not far off in y."""
    return (d[0] > -1.5) * (d[1] < 1.5) * 0.6


def constant(sim: Any, rng: Any) -> Any:
    return sim.StaticSynapse(weight=0.013, delay=0.7)


def drawn(sim: Any, rng: Any) -> Any:
    weight = RandomDistribution("gamma", k=3.0, theta=0.005, rng=rng)
    return sim.StaticSynapse(weight=weight, delay=RandomDistribution("uniform", low=0.1, high=9.0, rng=rng))


def by_distance(sim: Any, rng: Any) -> Any:
    return sim.StaticSynapse(weight=lambda d: 0.02 * np.exp(-0.3 * d), delay=lambda d: 0.2 + 0.31 * d)


@dataclass(frozen=True)
class Case:
    """A projection between two populations, or within the first of them."""

    connector: Build
    synapse: Build = drawn
    recurrent: bool = False
    inhibitory: bool = False


def _case(name: str, *arguments: Any, synapse: Build = drawn, recurrent: bool = False, **options: Any) -> Case:
    def connector(sim: Any, rng: Any) -> Any:
        return getattr(sim, name)(*arguments, **options, **({} if name in WITHOUT_RNG else {"rng": rng}))

    return Case(connector, synapse, recurrent)


WITHOUT_RNG = {"AllToAllConnector", "OneToOneConnector", "FromListConnector", "ArrayConnector"}


def _number(low: int, high: int) -> Build:
    """Return the connector of a random number of connections per cell."""

    def connector(sim: Any, rng: Any) -> Any:
        return sim.FixedNumberPreConnector(RandomDistribution("uniform_int", low=low, high=high, rng=rng), rng=rng)

    return connector


CASES: dict[str, Case] = {
    "all_to_all": _case("AllToAllConnector"),
    "all_to_all_constant": _case("AllToAllConnector", synapse=constant),
    "all_to_all_not_self": _case("AllToAllConnector", recurrent=True, allow_self_connections=False),
    "all_to_all_distance": _case("AllToAllConnector", synapse=by_distance),
    "one_to_one": _case("OneToOneConnector"),
    "one_to_one_constant": _case("OneToOneConnector", synapse=constant, recurrent=True),
    "probability": _case("FixedProbabilityConnector", 0.35),
    "probability_constant": _case("FixedProbabilityConnector", 0.35, synapse=constant),
    "probability_not_self": _case("FixedProbabilityConnector", 0.6, recurrent=True, allow_self_connections=False),
    "distance_probability": _case("DistanceDependentProbabilityConnector", "exp(-d/3)"),
    "distance_everything": _case("DistanceDependentProbabilityConnector", "d < 4.5", synapse=by_distance),
    "distance_not_self": _case(
        "DistanceDependentProbabilityConnector", "0.8*(d < 2.5)", recurrent=True, allow_self_connections=False
    ),
    "index_probability": _case("IndexBasedProbabilityConnector", Banded()),
    "displacement": _case("DisplacementDependentProbabilityConnector", ahead),
    "number_pre": _case("FixedNumberPreConnector", 4),
    "number_pre_not_self": _case("FixedNumberPreConnector", 4, recurrent=True, allow_self_connections=False),
    "number_pre_many": _case("FixedNumberPreConnector", 15),
    "number_pre_replaced": _case("FixedNumberPreConnector", 6, with_replacement=True),
    "number_pre_replaced_not_self": _case(
        "FixedNumberPreConnector", 2, recurrent=True, with_replacement=True, allow_self_connections=False
    ),
    "number_pre_drawn": Case(_number(1, 7)),
    "number_post": _case("FixedNumberPostConnector", 4),
    "number_post_not_self": _case("FixedNumberPostConnector", 4, recurrent=True, allow_self_connections=False),
    "number_post_many": _case("FixedNumberPostConnector", 15),
    "number_post_replaced": _case("FixedNumberPostConnector", 6, with_replacement=True),
    "number_post_replaced_not_self": _case(
        "FixedNumberPostConnector", 2, recurrent=True, with_replacement=True, allow_self_connections=False
    ),
    "total_number": _case("FixedTotalNumberConnector", 50),
    "total_number_constant": _case("FixedTotalNumberConnector", 31, synapse=constant),
    "from_list": _case("FromListConnector", LISTED),
    "from_list_weights": _case(
        "FromListConnector", [row[:3] for row in LISTED], column_names=["weight"], synapse=constant
    ),
    "array": _case("ArrayConnector", MATRIX),
    "array_inhibitory": Case(lambda sim, rng: sim.ArrayConnector(MATRIX), inhibitory=True),
}


def setup(sim: Any, timestep: float = TIMESTEP) -> None:
    sim.setup(timestep=timestep, min_delay=TIMESTEP, max_delay=12.0)


def connections(sim: Any, case: Case) -> list[list[float]]:
    """Build a case and return pre, post, weight, delay of its connections, sorted."""
    setup(sim)
    rng = NumpyRNG(seed=8791)
    pre = sim.Population(N_PRE, sim.IF_cond_exp(), structure=Line(dx=0.9))
    post = pre
    if not case.recurrent:
        post = sim.Population(N_POST, sim.IF_cond_exp(), structure=Grid2D(aspect_ratio=13.0, dx=0.8))
    projection = sim.Projection(
        pre,
        post,
        case.connector(sim, rng),
        case.synapse(sim, rng),
        receptor_type="inhibitory" if case.inhibitory else "excitatory",
        space=Space(),
    )
    return _rows(projection)


def clone(sim: Any) -> list[list[float]]:
    """Connect at random, and return the connections of a clone of that."""
    setup(sim)
    rng = NumpyRNG(seed=31)
    pre, post = (sim.Population(n, sim.IF_cond_exp()) for n in (N_PRE, N_POST))
    first = sim.Projection(pre, post, sim.FixedProbabilityConnector(0.4, rng=rng), drawn(sim, rng))
    return _rows(sim.Projection(pre, post, sim.CloneConnector(first), drawn(sim, rng), receptor_type="inhibitory"))


def _rows(projection: Any) -> list[list[float]]:
    return sorted([float(x) for x in row] for row in projection.get(["weight", "delay"], format="list"))
