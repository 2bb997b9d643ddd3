"""Rows HY01 to HY03: rates that make spikes, and spikes that make rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from neuron_runs import read
from pyNN import errors
from scipy import stats

SIGNIFICANCE = 1e-4

TRAINS = [[0.0, 2.0, 3.0, 4.0, 11.0, 30.0], [10.0, 10.0, 31.0], [], [5.0]]


def setup(dt: float = 1.0, **more: Any) -> None:
    sim.setup(timestep=dt, min_delay=dt, max_delay=20.0, seed=42, **more)


def reader() -> Any:
    """A cell whose rate is its sum of the step."""
    population = sim.Population(1, sim.Neuron(equations="r = sum(exc)", name="Reader")())
    population.record("r")
    return population


def source(trains: list[list[float]] = TRAINS) -> Any:
    return sim.Population(len(trains), sim.SpikeSourceArray(spike_times=[sim.Sequence(t) for t in trains]))


def decoded(pre: Any, connector: Any = None, **more: Any) -> tuple[Any, Any]:
    """The cell that reads spikes, and the connections onto it."""
    post = reader()
    synapse = sim.DecodingSynapse(**more)
    return post, sim.Projection(pre, post, connector or sim.AllToAllConnector(), synapse, receptor_type="exc")


def in_window(trains: list[list[float]], at: np.ndarray, window: float) -> np.ndarray:
    """The rate in Hz of each train (a column) at some times: spikes in (t - window, t]."""
    inside = [[sum(t - window + 1e-9 < s <= t + 1e-9 for s in train) for train in trains] for t in at]
    return np.array(inside) * 1000.0 / window


def by_interval(trains: list[list[float]], at: np.ndarray) -> np.ndarray:
    """The inverse of the last interval, or of the time since the last spike if that is longer."""
    rates = np.zeros((at.size, len(trains)))
    for column, train in enumerate(trains):
        for row, t in enumerate(at):
            past = [s for s in train if s <= t + 1e-9]
            if len(past) > 1:
                interval = past[-1] - past[-2] or (past[-1] - past[-3]) / 2  # two at once share the time before
                rates[row, column] = 1000.0 / max(interval, t - past[-1])
    return rates


# ---- HY01 ------------------------------------------------------------------------------------------------------------


def test_HY01_rate_of_a_poisson_population_is_a_weighted_sum() -> None:
    setup()
    inputs = sim.Population(2, sim.TimedArray([[10.0, 30.0], [0.0, 100.0]], schedule=500.0))
    cells = sim.Population(300, sim.PoissonPopulation(target="exc"))
    sim.Projection(inputs, cells, sim.AllToAllConnector(), sim.Synapse()(weight=0.5), receptor_type="exc")
    cells.record("spikes")
    cells[:1].record("rates")
    sim.run(1000.0)
    found = read(cells)
    expected = np.array([0.0] + [20.0] * 500 + [50.0] * 499)
    np.testing.assert_allclose(found["rates"][1:], expected, rtol=1e-12)
    spikes = np.concatenate(found.spikes)
    for first in (0, 500):
        p = expected[first : first + 500] / 1000
        number = ((spikes > first + 0.5) & (spikes < first + 500.5)).sum()
        z = (number - 300 * p.sum()) / np.sqrt(300 * (p * (1 - p)).sum())
        assert 2 * stats.norm.sf(abs(z)) > SIGNIFICANCE


def test_HY01_certain_and_impossible_rates() -> None:
    """At 1000/dt Hz there is a spike in every step, at 0 Hz and below none."""
    setup(0.5)
    inputs = sim.Population(3, sim.TimedArray([[2000.0, 0.0, -5.0]]))
    cells = sim.Population(3, sim.PoissonPopulation(target="inh"))
    sim.Projection(inputs, cells, sim.OneToOneConnector(), sim.Synapse()(weight=1.0), receptor_type="inh")
    cells.record("spikes")
    sim.run(5.0)
    trains = read(cells).spikes
    np.testing.assert_allclose(trains[0], np.arange(1.0, 5.01, 0.5))  # the input is there from the second step on
    assert not trains[1].size and not trains[2].size


# ---- HY02 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", [1.0, 0.1, 0.05, 0.025])
def test_HY02_spikes_in_a_window(dt: float) -> None:
    """What the target sees in the step from t is the mean rate over (t - dt - window, t - dt]."""
    setup(dt)
    post, _ = decoded(source(), window=5.0)
    sim.run(40.0)
    begin = np.arange(round(40.0 / dt)) * dt
    expected = in_window(TRAINS, begin - dt, 5.0).mean(axis=1)
    np.testing.assert_allclose(read(post)["r"][1:], expected, rtol=1e-12)


def test_HY02_weights_delays_and_views() -> None:
    """The mean over connections of weight times rate, with a delay; sources of a view in any order."""
    setup()
    pre = source()
    weights = np.array([0.5, 2.0, 1.0])
    post, projection = decoded(
        pre[[3, 0, 1]], sim.FromListConnector([(k, 0, weights[k], 4.0) for k in range(3)]), window=7.0
    )
    sim.run(45.0)
    trains = [TRAINS[k] for k in (3, 0, 1)]
    expected = (in_window(trains, np.arange(45.0) - 4.0, 7.0) * weights).mean(axis=1)
    np.testing.assert_allclose(read(post)["r"][1:], expected, rtol=1e-12)
    assert projection.get(["weight", "window", "delay"], "list") == [
        (0, 0, 0.5, 7.0, 4.0),
        (1, 0, 2.0, 7.0, 4.0),
        (2, 0, 1.0, 7.0, 4.0),
    ]


def test_HY02_population_rate_of_poisson_processes() -> None:
    """The mean over 1000 processes of 100 Hz; weights scale it."""
    setup()
    pre = sim.Population(1000, sim.SpikeSourcePoisson(rate=100.0))
    post, _ = decoded(pre, window=10.0, weight=0.01)
    sim.run(500.0)
    found = read(post)["r"][13:]
    independent = found[::10]
    z = (independent.mean() - 1.0) / (0.01 * np.sqrt(1000.0 * 10.0) / 10.0 / np.sqrt(independent.size))
    assert 2 * stats.norm.sf(abs(z)) > SIGNIFICANCE


def test_HY02_reset_cuts_threads_and_precision() -> None:
    begin = np.arange(40.0)
    expected = in_window(TRAINS, begin - 1.0, 5.0).mean(axis=1)
    for options in (dict(threads=2), dict(precision="single"), dict(precision="mixed", threads=2)):
        setup(**options)
        post, _ = decoded(source(), window=5.0)
        for duration in (3.0, 1.0, 30.0, 6.0):
            sim.run(duration)
        np.testing.assert_allclose(read(post)["r"][1:], expected, rtol=1e-6)
        sim.reset()
        sim.run(40.0)
        np.testing.assert_allclose(read(post)["r"][1:], expected, rtol=1e-6)


def test_HY02_changed_windows_weights_and_switches() -> None:
    """A spike leaves the window that it came into, and does not come back to a longer one."""
    setup()
    post, projection = decoded(source([[2.0, 20.0, 22.0]]), window=5.0)
    sim.run(10.0)
    projection.set(window=10.0, weight=3.0)
    sim.run(25.0)
    at = np.arange(35.0) - 1.0
    early, late = in_window([[2.0]], at, 5.0)[:, 0], in_window([[20.0, 22.0]], at, 10.0)[:, 0]
    np.testing.assert_allclose(read(post)["r"][1:], early + 3 * late, rtol=1e-12)
    assert projection.get("window", "list", with_address=False) == [10.0]
    sim.reset()
    projection.transmission = False
    sim.run(25.0)
    assert not read(post)["r"].any()
    with pytest.raises(ValueError, match=r"window = -1\.0"):
        projection.set(window=-1.0)


def test_HY02_wrong_ends_and_arguments() -> None:
    setup()
    rates = sim.Population(2, sim.TimedArray([1.0]))
    cells = sim.Population(1, sim.IF_curr_exp())
    before = sim.simulator.state.network.size
    with pytest.raises(errors.ConnectionError, match="TimedArray does not spike"):
        sim.Projection(rates, reader(), sim.AllToAllConnector(), sim.DecodingSynapse(), receptor_type="exc")
    with pytest.raises(errors.ConnectionError, match=r"IF_curr_exp does not read sum\(excitatory\)"):
        sim.Projection(source(), cells, sim.AllToAllConnector(), sim.DecodingSynapse(), receptor_type="excitatory")
    assert sim.simulator.state.network.size == before + 1 + len(TRAINS)  # the reader and the source, and nothing else
    for wrong in (0.0, -1.0, np.nan, "long"):
        with pytest.raises(ValueError, match="window = "):
            sim.DecodingSynapse(window=wrong)
    with pytest.raises(ValueError, match="mode = 'adaptive' is not one of 'window', 'isi'"):
        sim.DecodingSynapse(mode="adaptive")


def test_HY02_windows_are_rounded_and_bounded() -> None:
    setup(0.1)
    post, projection = decoded(source([[1.0, 1.1, 1.2]]), window=0.28)
    sim.run(2.0)
    assert projection.get("window", "list", with_address=False) == [pytest.approx(0.3)]
    found = read(post)["r"][1:]
    np.testing.assert_allclose(found[11:17], np.array([1, 2, 3, 2, 1, 0]) * 1000 / 0.3)
    with pytest.raises(ValueError, match="100000 steps; allowed are 65534 at most"):
        sim.DecodingSynapse(window=1e4)


def test_HY02_no_connections() -> None:
    setup()
    post, projection = decoded(source(), sim.FromListConnector([]))
    sim.run(5.0)
    assert len(projection) == 0 and not read(post)["r"].any()


# ---- HY03 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", [1.0, 0.1, 0.05, 0.025])
def test_HY03_rate_by_interval(dt: float) -> None:
    setup(dt)
    trains = [[2.0, 3.0, 7.0, 30.0], [10.0, 12.5, 31.0], [], [5.0]]
    post, _ = decoded(source(trains), mode="isi", delay=2.0)
    sim.run(40.0)
    grid = [list(np.ceil(np.array(t) / dt - 1e-6) * dt) for t in trains]  # arrivals are at ends of steps
    expected = by_interval(grid, np.arange(round(40.0 / dt)) * dt - 2.0).mean(axis=1)
    np.testing.assert_allclose(read(post)["r"][1:], expected, rtol=1e-6)


def test_HY03_several_spikes_at_once_and_reset() -> None:
    """They share the time since the one before."""
    setup()
    trains = [[4.0, 10.0, 10.0, 21.0]]
    post, projection = decoded(source(trains), mode="isi", weight=2.0)
    for _ in range(2):
        sim.run(30.0)
        expected = 2.0 * by_interval(trains, np.arange(30.0) - 1.0)[:, 0]
        np.testing.assert_allclose(read(post)["r"][1:], expected, rtol=1e-12)
        sim.reset()
    assert "window" not in projection.synapse_type.get_parameter_names()


def test_HY_hybrid_chain() -> None:
    """A rate becomes spikes and a rate again, with the standard error of counts in windows of 1 s."""
    setup()
    inputs = sim.Population(1, sim.TimedArray([20.0, 80.0], schedule=2000.0))
    spiking = sim.Population(500, sim.PoissonPopulation(target="exc"))
    sim.Projection(inputs, spiking, sim.AllToAllConnector(), sim.Synapse()(weight=1.0), receptor_type="exc")
    post, _ = decoded(spiking, window=1000.0)
    sim.run(4000.0)
    found = read(post)["r"]
    for at, rate in ((1990, 20.0), (3990, 80.0)):
        assert abs(found[at] - rate) < stats.norm.isf(SIGNIFICANCE / 2) * np.sqrt(rate / 500)
