"""Random numbers of synapses: their distributions at a stated significance, and what they may depend on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from synapse_driver import Synapses, compiled

from pynn_annarchy.native.spec import SynapseText

SIGNIFICANCE = 1e-4  # of each test, with fixed seeds


def text(pre: str, parameters: str = "", equations: str = "", **more: str) -> SynapseText:
    return SynapseText(name="Tried", parameters=parameters, equations=equations, pre_spike=pre, **more)


def drawn(pre: str, parameters: str = "", n: int = 2000, events: int = 20, precision: str = "double") -> np.ndarray:
    found = Synapses(compiled(text(pre, parameters, "dz/dt = 0"), precision), n, seed=77)
    values = []
    for event in range(events):
        found.arrive(3 * event)
        values.append(found["z"].copy())
    return np.concatenate(values)


@pytest.mark.parametrize("precision", ["double", "single"])
def test_uniform_and_normal(precision: str) -> None:
    uniform = drawn("z = Uniform(-1, 3)", precision=precision)
    assert stats.kstest(uniform, stats.uniform(-1, 4).cdf).pvalue > SIGNIFICANCE
    normal = drawn("z = Normal(2, 0.5)", precision=precision)
    assert stats.kstest(normal, stats.norm(2, 0.5).cdf).pvalue > SIGNIFICANCE


@pytest.mark.parametrize(
    ("n", "p"),
    [(1, 0.3), (2, 0.5), (5, 0.02), (7, 0.9), (40, 0.5), (1000, 0.001), (1000, 0.4), (1000, 0.97), (10**6, 0.25)],
)
@pytest.mark.parametrize("precision", ["double", "single"])
def test_binomial(n: int, p: float, precision: str) -> None:
    values = drawn("z = Binomial(n, p)", f"n = {n}; p = {p}", precision=precision).astype(int)
    exact = stats.binom(n, p)
    edges = np.unique(exact.ppf(np.linspace(0.02, 0.98, 25)).astype(int))  # classes with enough members
    observed = np.bincount(np.searchsorted(edges, values), minlength=edges.size + 1)
    expected = np.diff([0, *exact.cdf(edges), 1]) * values.size
    kept = expected > 5
    observed, expected = observed[kept], expected[kept]
    assert values.min() >= 0
    assert values.max() <= n
    if kept.sum() > 1:
        assert stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue > SIGNIFICANCE


@pytest.mark.parametrize(
    ("n", "p", "result"),
    [("5", "0", 0), ("5", "1", 5), ("5", "2", 5), ("5", "-1", 0), ("0", "0.5", 0), ("-3", "0.5", 0), ("4.6", "1", 5)],
)
def test_binomial_at_and_beyond_its_limits(n: str, p: str, result: int) -> None:
    """Of parameters, whose values are known when numbers are drawn; impossible numbers in the text are refused."""
    assert set(drawn("z = Binomial(n, p)", f"n = {n}; p = {p}", n=20, events=2)) == {result}


def test_each_call_synapse_event_and_spike_of_a_step_has_its_own_numbers() -> None:
    model = compiled(text("a = Uniform(0, 1); b = Uniform(0, 1)", equations="da/dt = 0; db/dt = 0"))
    found = Synapses(model, 50)
    values = []
    for event, repeat in [(0, 0), (0, 1), (0, 2), (1, 0), (2**31, 0)]:
        found.arrive(event, repeat)
        values += [found["a"].copy(), found["b"].copy()]
    assert np.unique(values).size == 50 * 10


def test_numbers_of_repeated_spikes_of_the_target() -> None:
    parts = {
        "equations": "dlow/dt = 0 : init=1.0; dsum/dt = 0",
        "post_spike": "_u = Uniform(0, 1); low = min(low, _u); sum += _u",
    }
    found = Synapses(compiled(text("w = 0", **parts)), 30, trains=[[4, 4]])
    found.catch_up(5)
    other = found["sum"] - found["low"]
    assert np.all(other - found["low"] > 1e-9)


def test_the_same_numbers_whatever_the_order_and_the_cuts() -> None:
    kernel = compiled(text("z = Uniform(0, 1) + Normal(0, 1) + Binomial(9, 0.3)", equations="dz/dt = 0"))
    one, other, seeded = Synapses(kernel, 37), Synapses(kernel, 37), Synapses(kernel, 37, seed=2)
    one.arrive(4)
    other.arrive(3)
    other.arrive(4, cuts=[5, 30])
    seeded.arrive(4)
    np.testing.assert_array_equal(one["z"], other["z"])
    assert not np.any(one["z"] == seeded["z"])
    part = Synapses(kernel, 3)
    part.number[:] = [36, 5, 12]
    part.arrive(4)
    np.testing.assert_array_equal(part["z"], one["z"][[36, 5, 12]])


def test_random_numbers_of_event_driven_assignments() -> None:
    """An Ornstein-Uhlenbeck process sampled at events: stationary with variance 1 however they are spaced."""
    equations = "z = z*exp(-elapsed/a) + sqrt(1 - exp(-2*elapsed/a))*Normal(0, 1) : event-driven"
    found = Synapses(compiled(text("w = 0", "a = 5.0", equations)), 4000, variables={"z": 0.0})
    values = []
    for event in (500, 503, 540, 541, 900):
        found.arrive(event)
        values.append(found["z"].copy())
    for value in values:
        assert stats.kstest(value, stats.norm.cdf).pvalue > SIGNIFICANCE
    assert np.corrcoef(values[0], values[1])[0, 1] == pytest.approx(np.exp(-0.06), abs=0.01)
    before = found.state()
    seen = found.observe("z", 905)
    assert found.state() == before
    np.testing.assert_array_equal(seen, found.observe("z", 905))
