"""Random numbers: NativeRNG has everything that PyNN asks of a generator, and repeats itself."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import pynn_annarchy as sim

PARAMETERS = {
    "binomial": dict(n=10, p=0.3),
    "gamma": dict(k=2.0, theta=3.0),
    "exponential": dict(beta=2.0),
    "lognormal": dict(mu=0.0, sigma=0.5),
    "normal": dict(mu=1.0, sigma=2.0),
    "normal_clipped": dict(mu=0.0, sigma=1.0, low=-1.0, high=1.0),
    "normal_clipped_to_boundary": dict(mu=0.0, sigma=1.0, low=-1.0, high=1.0),
    "poisson": dict(lambda_=4.0),
    "uniform": dict(low=1.0, high=3.0),
    "uniform_int": dict(low=0, high=5),
    "vonmises": dict(mu=0.5, kappa=4.0),
}


def test_all_of_pynns_distributions_are_known() -> None:
    assert set(PARAMETERS) == set(sim.random.available_distributions) == set(sim.NativeRNG.translations)


@pytest.mark.parametrize("name", PARAMETERS)
def test_masks_choose_among_the_same_numbers(name: str) -> None:
    """As on several processes: each draws all numbers and keeps its own."""
    everything = sim.NativeRNG(seed=5).next(6, name, PARAMETERS[name])
    assert everything.shape == (6,)
    mask = np.array([True, False, True, True, False, False])
    assert_array_equal(sim.NativeRNG(seed=5).next(6, name, PARAMETERS[name], mask=mask), everything[mask])
    assert_array_equal(sim.NativeRNG(seed=5).next(6, name, PARAMETERS[name], mask=np.array([4, 0])), everything[[4, 0]])
    assert (
        sim.NativeRNG(seed=5).next(None, name, PARAMETERS[name])
        == sim.NativeRNG(seed=5).next(1, name, PARAMETERS[name])[0]
    )


def test_a_copy_goes_on_alike() -> None:
    rng = sim.NativeRNG(seed=1)
    rng.next(7)
    other = deepcopy(rng)
    assert_array_equal(rng.next(5), other.next(5))
    assert "seed 1" in rng.describe() and repr(rng) == "NativeRNG(seed=1)"
    assert sorted(rng.permutation(np.arange(9))) == list(range(9))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("normal", dict(mu=0.0, sigma=-1.0)), ("binomial", dict(n=3, p=1.5)), ("uniform_int", dict(low=5, high=5))],
)
def test_parameters_without_meaning(name: str, parameters: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        sim.NativeRNG(seed=1).next(3, name, parameters)


def network(seed: int) -> tuple[np.ndarray, ...]:
    """Everything random about a small network, as drawn with one native generator for each purpose."""
    sim.setup(timestep=0.1)
    tau_m = sim.RandomDistribution("uniform", low=10.0, high=20.0, rng=sim.NativeRNG(seed=seed))
    v = sim.RandomDistribution("normal", mu=-65.0, sigma=2.0, rng=sim.NativeRNG(seed=seed + 1))
    cells = sim.Population(30, sim.IF_cond_exp(tau_m=tau_m), initial_values={"v": v})
    weight = sim.RandomDistribution("gamma", k=2.0, theta=0.01, rng=sim.NativeRNG(seed=seed + 2))
    connectors = [
        sim.FixedProbabilityConnector(0.3, rng=sim.NativeRNG(seed=seed + 3)),
        sim.FixedNumberPreConnector(4, rng=sim.NativeRNG(seed=seed + 4)),
        sim.FixedNumberPostConnector(4, with_replacement=True, rng=sim.NativeRNG(seed=seed + 5)),
        sim.FixedTotalNumberConnector(50, rng=sim.NativeRNG(seed=seed + 6)),
    ]
    lists = [
        np.array(sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=weight)).get("weight", "list"))
        for connector in connectors
    ]
    return np.array(cells.get("tau_m")), np.array(cells.initial_values["v"].evaluate()), *lists


def test_a_network_is_the_same_with_the_same_seed_and_another_with_another() -> None:
    first, second, other = network(3), network(3), network(1003)
    for a, b, c in zip(first, second, other, strict=True):
        assert_array_equal(a, b)
        assert a.shape != c.shape or (a != c).any()
    probability, pre, post, total = (connections[:, :2] for connections in first[2:])
    assert abs(len(probability) - 270) < 5 * np.sqrt(900 * 0.3 * 0.7)
    assert_array_equal(np.bincount(pre[:, 1].astype(int), minlength=30), 4)
    assert_array_equal(np.bincount(post[:, 0].astype(int), minlength=30), 4)
    assert len(total) == 50
