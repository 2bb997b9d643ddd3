"""Rows EQ27 and EQ28: random numbers in equations."""

from __future__ import annotations

import numpy as np
import pyNN.annarchy as sim
import pytest
from neuron_runs import run
from scipy import stats

from pynn_annarchy.native.errors import EquationError

CONTINUOUS = {
    "Uniform(-1, 3)": stats.uniform(-1, 4),
    "Normal(2, 0.5)": stats.norm(2, 0.5),
    "LogNormal(0.5, 0.4)": stats.lognorm(0.4, scale=np.exp(0.5)),
    "Exponential(4)": stats.expon(scale=0.25),
    "Gamma(2.5, 3)": stats.gamma(2.5, scale=3),
    "Gamma(0.3)": stats.gamma(0.3),
}
DISCRETE = {"DiscreteUniform(-2, 3)": stats.randint(-2, 4), "Binomial(12, 0.3)": stats.binom(12, 0.3)}
ALL = [*CONTINUOUS, *DISCRETE]
PRECISIONS = ["double", "single"]


def draws(precision: str = "double", seed: int = 7, threads: int = 1, n: int = 500) -> dict[str, np.ndarray]:
    """Return 20 steps of every distribution, from one model."""
    model = sim.Neuron("", [f"x{k} = {text}" for k, text in enumerate(ALL)] + ["r = x0"])
    names = [f"x{k}" for k in range(len(ALL))]
    found = run(model, 20.0, *names, n=n, dt=1.0, precision=precision, seed=seed, threads=threads)
    return {text: found[name][1:] for text, name in zip(ALL, names, strict=True)}


@pytest.mark.parametrize("precision", PRECISIONS)
def test_EQ27_distributions(precision: str) -> None:
    found = draws(precision)
    for text, expected in CONTINUOUS.items():
        assert stats.kstest(found[text].ravel(), expected.cdf).pvalue > 1e-4, text
    for text, expected in DISCRETE.items():
        values, counts = np.unique(found[text], return_counts=True)
        support = np.arange(-2, 13)
        probability = expected.pmf(support)
        assert set(values) <= set(support[probability > 0]), text
        seen = np.array([counts[values == k].sum() for k in support])
        enough = probability * found[text].size >= 5
        observed = np.append(seen[enough], seen[~enough].sum())
        wanted = np.append(probability[enough], probability[~enough].sum()) * found[text].size
        keep = wanted > 0
        assert stats.chisquare(observed[keep], wanted[keep] * observed.sum() / wanted[keep].sum()).pvalue > 1e-4, text


def test_EQ27_new_numbers_for_every_neuron_and_step_independent_of_each_other() -> None:
    found = draws()["Normal(2, 0.5)"]
    assert np.unique(found).size == found.size
    assert abs(np.corrcoef(found[:-1].ravel(), found[1:].ravel())[0, 1]) < 4 / np.sqrt(found.size)
    assert abs(np.corrcoef(found[:, :-1].ravel(), found[:, 1:].ravel())[0, 1]) < 4 / np.sqrt(found.size)


def test_EQ27_two_calls_are_two_numbers() -> None:
    found = run(
        sim.Neuron("", "a = Uniform(0, 1)\nb = Uniform(0, 1)\nr = Gamma(2) - Gamma(2)"), 0.1, "a", "b", "r", n=2000
    )
    assert abs(np.corrcoef(found["a"][1], found["b"][1])[0, 1]) < 4 / np.sqrt(2000)
    assert np.count_nonzero(found["r"][1]) == 2000


def test_EQ27_the_same_seed_gives_the_same_numbers_for_any_number_of_threads() -> None:
    first, second, other = draws(n=200), draws(threads=2, n=200), draws(seed=8, n=200)
    for text in ALL:
        assert (first[text] == second[text]).all()
        assert (first[text] != other[text]).any()


def test_EQ27_noise_in_a_differential_equation() -> None:
    """An Ornstein-Uhlenbeck process whose noise is constant within a step, solved exactly from step to step."""
    model = sim.Neuron("tau = 5.0", "tau*dr/dt = -r + Normal(0, 1)")
    found = run(model, 200.0, "r", n=300, dt=1.0)["r"][50:]
    keep = np.exp(-1 / 5)
    assert found.var() == pytest.approx((1 - keep) ** 2 / (1 - keep**2), rel=0.05)


def test_EQ27_random_spikes() -> None:
    model = sim.Neuron("p = 0.25", "x = 0", spike="Uniform(0, 1) < p")
    trains = run(model, 100.0, "spikes", n=100, dt=1.0).spikes
    assert sum(map(len, trains)) == pytest.approx(2500, abs=4 * np.sqrt(10000 * 0.25 * 0.75))


def test_EQ28_arguments_from_parameters() -> None:
    model = sim.Neuron("mu = 0.0 : population; sg = 1.0", "r = Normal(mu, sg)\nu = Uniform(mu, mu + 2*sg)")
    found = run(model, 1000.0, "r", "u", n=3, dt=1.0, parameters={"mu": 5.0, "sg": [0.5, 1.0, 2.0]})
    for k, sg in enumerate((0.5, 1.0, 2.0)):
        assert stats.kstest(found["r"][1:, k], stats.norm(5, sg).cdf).pvalue > 1e-4
        assert stats.kstest(found["u"][1:, k], stats.uniform(5, 2 * sg).cdf).pvalue > 1e-4


def test_EQ28_arguments_from_variables_and_changed_parameters() -> None:
    sim.setup(timestep=1.0)
    cells = sim.Population(1, sim.Neuron("top = 1.0", "x = t\nr = Uniform(x, x + top)")())
    cells.record("r")
    sim.run(50.0)
    cells.set(top=0.001)
    sim.run(50.0)
    found = cells.get_data().segments[0].analogsignals[0].magnitude[1:, 0] - np.arange(100)
    assert found[:50].max() > 0.5
    assert found[50:].min() > 0 and found[50:].max() < 0.001


def test_EQ27_not_where_nothing_can_be_drawn() -> None:
    for arguments in ({"parameters": "a = Uniform(0, 1)"}, {"equations": "dr/dt = 1 : init=Uniform(0, 1)"}):
        with pytest.raises(EquationError, match="no random numbers here"):
            sim.Neuron(**{"equations": "r = 1", **arguments})
    with pytest.raises(EquationError, match="Normal takes 2 arguments, not 1"):
        sim.Neuron("", "r = Normal(0)")
    with pytest.raises(EquationError, match="'r' cannot be the same for a population"):
        sim.Neuron("", "r = Normal(0, 1) : population")
