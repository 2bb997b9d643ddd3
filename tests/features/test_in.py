"""Rows IN01 to IN09: sources of spikes and of rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from neuron_runs import read
from pyNN import errors
from scipy import optimize, stats

from pynn_annarchy.models.correlated_trains import unrectified
from pynn_annarchy.native.errors import EquationError

SIGNIFICANCE = 1e-4  # of every statistical test here; seeds are fixed, so that each has passed once and for all


def setup(dt: float = 1.0, **more: Any) -> None:
    sim.setup(timestep=dt, min_delay=dt, max_delay=20.0, seed=42, **more)


def counts(population: Any) -> np.ndarray:
    return np.array([len(train) for train in population.get_data().segments[-1].spiketrains])


def assert_mean_count(found: np.ndarray, expected: float, variance: float) -> None:
    """The mean of independent counts, by a normal test; the variance is that of one of them."""
    z = (found.sum() - found.size * expected) / np.sqrt(found.size * variance)
    assert 2 * stats.norm.sf(abs(z)) > SIGNIFICANCE, (found.mean(), expected)


# ---- IN01 ------------------------------------------------------------------------------------------------------------


def test_IN01_poisson_population_constant() -> None:
    """In n steps a cell spikes with p = rate dt in each: binomial counts."""
    setup()
    cells = sim.Population(200, sim.PoissonPopulation(rates=50.0))
    cells.record("spikes")
    sim.run(1000.0)
    found = counts(cells)
    assert_mean_count(found, 50.0, 1000 * 0.05 * 0.95)
    assert stats.chi2.sf(found.var(ddof=1) / (1000 * 0.05 * 0.95) * 199, 199) > SIGNIFICANCE
    intervals = np.concatenate([np.diff(t.magnitude) for t in cells.get_data().segments[0].spiketrains])
    observed = np.array([(intervals == k).sum() for k in range(1, 60)])
    chances = stats.geom.pmf(np.arange(1, 60), 0.05)
    expected = chances / chances.sum() * observed.sum()  # long intervals are cut off at the end of the run
    assert stats.chisquare(observed, expected).pvalue > SIGNIFICANCE


def test_IN01_poisson_population_array() -> None:
    setup()
    rates = np.repeat([0.0, 20.0, 80.0], 100)
    cells = sim.Population(300, sim.PoissonPopulation(rates=rates))
    cells.record("spikes")
    sim.run(1000.0)
    groups = counts(cells).reshape(3, 100)
    assert (groups[0] == 0).all()
    for found, rate in zip(groups[1:], (20.0, 80.0), strict=True):
        assert_mean_count(found, rate, rate * (1 - rate / 1000))
    cells.set(rates=5.0)
    assert cells.get("rates") == 5.0


def test_IN01_poisson_population_equation() -> None:
    """The rate is that of the beginning of the step; 100 steps of a sine with an amplitude that can be set."""
    setup()
    kind = sim.PoissonPopulation(rates="amp*(1 + sin(2*pi*t/500))/2", parameters="amp = 100.0")
    cells = sim.Population(500, kind)
    cells.record(["spikes", "rates"])
    sim.run(500.0)
    cells.set(amp=400.0)
    sim.run(500.0)
    t = np.arange(1000.0)
    expected = np.where(t < 500, 100.0, 400.0) * (1 + np.sin(2 * np.pi * t / 500)) / 2
    found = read(cells)
    np.testing.assert_allclose(found["rates"][1:, 7], expected, rtol=1e-9, atol=1e-9)
    spikes = np.concatenate(found.spikes)
    for first in range(0, 1000, 50):
        p = expected[first : first + 50] / 1000
        number = ((spikes > first + 0.5) & (spikes < first + 50.5)).sum()
        z = (number - 500 * p.sum()) / np.sqrt(500 * (p * (1 - p)).sum())
        assert 2 * stats.norm.sf(abs(z)) > SIGNIFICANCE


def test_IN01_poisson_population_refractory() -> None:
    """After each spike, 5 steps of rest, and then a geometric waiting time of the mean 1/p."""
    setup()
    cells = sim.Population(200, sim.PoissonPopulation(rates=200.0, refractory=5.0))
    cells.record("spikes")
    sim.run(2000.0)
    intervals = np.concatenate([np.diff(t.magnitude) for t in cells.get_data().segments[0].spiketrains])
    assert intervals.min() == 6.0
    z = (intervals.mean() - (5 + 1 / 0.2)) / np.sqrt(0.8 / 0.2**2 / intervals.size)
    assert 2 * stats.norm.sf(abs(z)) > SIGNIFICANCE


def test_IN01_rates_go_on_while_refractory() -> None:
    setup()
    cells = sim.Population(1, sim.PoissonPopulation(rates="1000.0 + t", refractory=3.0))
    cells.record(["spikes", "rates"])
    sim.run(8.0)
    found = read(cells)
    assert found["rates"][1:].tolist() == [1000.0 + k for k in range(8)]
    assert found.spikes[0].tolist() == [1.0, 5.0]


def test_IN01_functions_and_constants_of_an_expression_are_those_of_now() -> None:
    for rate in (1000.0, 0.0):
        setup()
        sim.add_function(f"strength(x) = {rate} + 0*x")
        cells = sim.Population(2, sim.PoissonPopulation(rates="strength(t)"))
        cells.record("spikes")
        sim.run(5.0)
        assert counts(cells).tolist() == [5 * rate / 1000] * 2
    sim.Constant("level", 1000.0)
    cells = sim.Population(1, sim.PoissonPopulation(rates="level"))
    cells.record("rates")
    sim.run(1.0)
    assert read(cells)["rates"][-1] == 1000.0


def test_IN01_conditional_rate_and_bad_arguments() -> None:
    setup()
    cells = sim.Population(1, sim.PoissonPopulation(rates="if t > 3: 1000.0 else: 0.0"))
    cells.record("spikes")
    sim.run(6.0)
    assert read(cells).spikes[0].tolist() == [5.0, 6.0]
    with pytest.raises(ValueError, match="either of them"):
        sim.PoissonPopulation(rates=3.0, target="exc")
    with pytest.raises(ValueError, match="only an expression"):
        sim.PoissonPopulation(rates=3.0, parameters="a = 2.0")
    with pytest.raises(EquationError, match="unknown symbol 'amp'"):
        sim.PoissonPopulation(rates="amp*t")


# ---- IN02 to IN04 ----------------------------------------------------------------------------------------------------


def test_IN02_unsorted_and_dense_schedules() -> None:
    """Several spikes of one step are several spikes, each at its own time."""
    setup()
    cells = sim.Population(2, sim.SpikeSourceArray(spike_times=[[30.0, 10.0, 10.4, 10.6, 20.0], [5.0]]))
    target = sim.Population(1, sim.Neuron(equations="n = n + g_exc", spike="n > 100")())
    synapse = sim.StaticSynapse(weight=1.0, delay=1.0)
    sim.Projection(cells, target, sim.AllToAllConnector(), synapse, receptor_type="exc")
    cells.record("spikes")
    target.record("n")
    assert cells.get("spike_times")[0].value.tolist() == [10.0, 10.4, 10.6, 20.0, 30.0]
    sim.run(40.0)
    trains = read(cells).spikes
    np.testing.assert_allclose(trains[0], [10.0, 10.4, 10.6, 20.0, 30.0])
    assert trains[1].tolist() == [5.0]
    assert read(target)["n"][[6, 7, 11, 12, 13, 22, 32]].tolist() == [0.0, 1.0, 1.0, 2.0, 4.0, 5.0, 6.0]
    cells[0:1].set(spike_times=sim.Sequence([60.0, 50.0]))
    sim.run(30.0)
    np.testing.assert_allclose(read(cells).spikes[0][5:], [50.0, 60.0])


PRE = [[2.0, 30.0, 31.0], [5.0, 33.0], [1.0, 7.0, 50.0]]
POST = [[4.0, 20.0, 40.0], [10.0, 36.0]]


def source(times: list[list[float]]) -> Any:
    return sim.Population(len(times), sim.SpikeSourceArray(spike_times=[sim.Sequence(row) for row in times]))


def parrots(times: list[list[float]]) -> Any:
    """Cells that spike at these times because others make them: one step after those."""
    population = sim.Population(len(times), sim.Neuron(equations="x = g_exc", spike="g_force > 0", name="Parrot")())
    driving = source([[t - 1.0 for t in row] for row in times])
    force = sim.StaticSynapse(weight=1.0, delay=1.0)
    sim.Projection(driving, population, sim.OneToOneConnector(), force, receptor_type="force")
    return population


def stdp(**more: Any) -> Any:
    timing = sim.SpikePairRule(tau_plus=20.0, tau_minus=15.0, A_plus=0.01, A_minus=0.012)
    dependence = sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0)
    return sim.STDPMechanism(timing_dependence=timing, weight_dependence=dependence, weight=0.5, delay=2.0, **more)


@pytest.mark.parametrize("fraction", [1.0, 0.0])
@pytest.mark.parametrize("threads", [1, 2])
def test_IN03_stdp_between_sources_is_that_of_parrots(fraction: float, threads: int) -> None:
    learned = []
    for target in (source, parrots):
        setup(threads=threads)
        post = target(POST)
        post.record("spikes")
        plastic = sim.Projection(
            source(PRE),
            post,
            sim.AllToAllConnector(),
            stdp(dendritic_delay_fraction=fraction),
            receptor_type="exc",
        )
        sim.Projection(source(PRE), post, sim.AllToAllConnector(), sim.StaticSynapse(weight=5.0), receptor_type="exc")
        for _ in range(4):  # however the run is cut
            sim.run(20.0)
        assert [train.tolist() for train in read(post).spikes] == POST
        learned.append(plastic.get("weight", "array"))
    assert np.ptp(learned[0]) > 0.001
    np.testing.assert_array_equal(learned[0], learned[1])


def test_IN03_stdp_between_sources_by_hand() -> None:
    """One pair, the target 5 ms after the source, the whole delay dendritic: +10 after 5 - (-2) ms, in units of A."""
    setup()
    pre, post = source([[10.0]]), source([[15.0]])
    plastic = sim.Projection(pre, post, sim.OneToOneConnector(), stdp(dendritic_delay_fraction=1.0))
    sim.run(20.0)
    assert plastic.get("weight", "array")[0, 0] == pytest.approx(0.5 + 0.01 * np.exp(-7 / 20), rel=1e-12)


def test_IN03_mixed_targets_and_static_synapses() -> None:
    """Synapses of one projection onto sources and onto cells: the latter get their input, as if alone."""
    setup()
    cells, sources = sim.Population(2, sim.IF_curr_exp()), source([[3.0], [4.0]])
    cells.record("v")
    both = sources + cells
    static = sim.Projection(
        source([[2.0]]), both, sim.AllToAllConnector(), sim.StaticSynapse(weight=[0.5, 1.0, 2.0, 4.0], delay=1.0)
    )
    sim.run(10.0)
    mixed = read(cells).traces["v"]
    assert static.get("weight", "list", with_address=False) == [0.5, 1.0, 2.0, 4.0]
    setup()
    cells = sim.Population(2, sim.IF_curr_exp())
    cells.record("v")
    sim.Projection(source([[2.0]]), cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=[2.0, 4.0], delay=1.0))
    sim.run(10.0)
    np.testing.assert_array_equal(mixed, read(cells).traces["v"])


def test_IN03_many_static_synapses_of_one_weight() -> None:
    setup()
    first, second = sim.Population(50, sim.SpikeSourcePoisson(rate=100.0)), sim.Population(50, sim.IF_curr_exp())
    onto_sources = sim.Projection(first, first, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    sim.Projection(first, second, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    first.record("spikes")
    sim.run(50.0)
    onto_sources.set(weight=0.2, delay=2.0)
    sim.run(50.0)
    assert counts(first).sum() > 300 and len(onto_sources) == 2500


@pytest.mark.parametrize(
    "kind", ["SpikeSourcePoisson", "SpikeSourceGamma", "PoissonPopulation", "HomogeneousCorrelatedSpikeTrains"]
)
def test_IN03_other_sources_are_targets(kind: str) -> None:
    """Their spikes are the same with and without connections onto them, and synapses that count them count them all."""
    Counting = sim.Synapse(equations="n = n : event-driven", post_spike="n += 1")
    trains = []
    for connected in (False, True):
        setup()
        cells = sim.Population(3, getattr(sim, kind)())
        cells.record("spikes")
        if connected:
            counted = sim.Projection(source([[5.0]]), cells, sim.AllToAllConnector(), Counting(weight=1.0, delay=1.0))
        sim.run(3000.0)
        trains.append([train.tolist() for train in read(cells).spikes])
    assert trains[0] == trains[1]
    assert counted.get("n", "array")[0].tolist() == [len(train) for train in trains[1]] and sum(map(len, trains[1]))


def test_IN03_rules_that_read_targets_are_refused() -> None:
    setup()
    Reading = sim.Synapse(equations="n = n : event-driven", pre_spike="n += post.v")
    with pytest.raises(errors.ConnectionError, match=r"reads or changes post\.v, which SpikeSourceArray lacks"):
        sim.Projection(source([[5.0]]), source([[6.0]]), sim.AllToAllConnector(), Reading())


def test_IN04_schedules_change_between_runs_and_after_reset() -> None:
    """Times are those of the simulation, which begins anew at reset()."""
    setup()
    cells = source([[5.0, 12.0, 30.0]])
    cells.record("spikes")
    sim.run(10.0)
    cells.set(spike_times=[11.0, 25.0, 3.0])  # what lies in the past does not happen
    sim.run(20.0)
    assert read(cells).spikes[0].tolist() == [5.0, 11.0, 25.0]
    sim.reset()
    sim.run(12.0)
    assert read(cells).spikes[0].tolist() == [3.0, 11.0]
    sim.reset()
    cells.spike_times = sim.Sequence([7.0, 1.0])
    sim.run(12.0)
    assert read(cells).spikes[0].tolist() == [1.0, 7.0]


# ---- IN05, IN06 ------------------------------------------------------------------------------------------------------


def rates_of(population: Any) -> np.ndarray:
    """The rates in each step, without the initial one."""
    return read(population).traces["r"][1:]


@pytest.mark.parametrize("dt", [1.0, 0.1, 0.05, 0.025])
def test_IN05_timed_array_schedule_and_period(dt: float) -> None:
    """The value of a step is the last one whose time is not after its beginning."""
    setup(dt)
    rates = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    once = sim.Population(2, sim.TimedArray(rates, schedule=2.0))
    cycling = sim.Population(2, sim.TimedArray(rates, schedule=[0.0, 1.0, 4.0], period=6.0))
    for population in (once, cycling):
        population.record("r")
    sim.run(15.0)
    begin = np.rint(np.arange(round(15.0 / dt)) * dt / dt) * dt + dt / 4  # rounding must not move a step
    np.testing.assert_array_equal(rates_of(once), rates[np.minimum(begin // 2, 2).astype(int)])
    expected = rates[np.searchsorted([0.0, 1.0, 4.0], begin % 6.0, side="right") - 1]
    np.testing.assert_array_equal(rates_of(cycling), expected)
    assert once.get("schedule").value.tolist() == [0.0, 2.0, 4.0] and cycling.get("period") == 6.0


def test_IN05_default_schedule_shapes_and_first_time() -> None:
    """A row each step; one row for all cells; a geometry; the initial value before the first time."""
    setup(0.5)
    each = sim.Population(3, sim.TimedArray([1.0, 2.0, 3.0]))
    grid = sim.Population((2, 2), sim.TimedArray(np.arange(8.0).reshape(2, 2, 2), schedule=1.0))
    late = sim.Population(1, sim.TimedArray([5.0, 6.0], schedule=[1.0, 2.0], period=2.5), initial_values={"r": -1.0})
    for population in (each, grid, late):
        population.record("r")
    sim.run(4.0)
    assert rates_of(each)[:, 2].tolist() == [1.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]
    assert rates_of(grid)[[0, 1, 2, 7]].tolist() == [[0, 1, 2, 3], [0, 1, 2, 3], [4, 5, 6, 7], [4, 5, 6, 7]]
    assert rates_of(late)[:, 0].tolist() == [-1.0, -1.0, 5.0, 5.0, 6.0, 6.0, 6.0, 5.0]
    assert grid.r.tolist() == [[4.0, 5.0], [6.0, 7.0]]


def test_IN05_timed_array_drives_rate_coded_cells() -> None:
    """What begins at t is in r at t + dt, and in the sum of the step after that."""
    setup()
    inputs = sim.Population(2, sim.TimedArray([[1.0, 10.0], [2.0, 20.0]], schedule=3.0))
    cell = sim.Population(1, sim.Neuron(equations="r = sum(exc)")())
    sim.Projection(inputs, cell, sim.AllToAllConnector(), sim.Synapse()(weight=0.5), receptor_type="exc")
    cell.record("r")
    sim.run(6.0)
    assert rates_of(cell)[:, 0].tolist() == [0.0, 5.5, 5.5, 5.5, 11.0, 11.0]


def test_IN05_wrong_schedules() -> None:
    setup()
    for wrong, message in (
        (dict(rates=[1.0, 2.0], schedule=[0.0]), "2 values and schedule 1 times"),
        (dict(rates=[1.0, 2.0], schedule=[1.0, 0.5]), "ascending"),
        (dict(rates=[1.0, 2.0], schedule=2.0, period=2.0), "period = 2 has to be after the last time .* 2"),
        (dict(rates=[1.0, 2.0], schedule=-1.0), "schedule = -1.0 is neither"),
        (dict(rates=[1.0, np.nan]), "finite"),
        (dict(rates="often"), "rates = 'often' is no array"),
        (dict(rates=3.0), "rates = 3.0 is no array"),
    ):
        with pytest.raises(errors.InvalidParameterValueError, match=message):
            sim.Population(1, sim.TimedArray(**wrong))
    with pytest.raises(errors.InvalidDimensionsError):
        sim.Population(3, sim.TimedArray([[1.0, 2.0]]))


def test_IN06_timed_arrays_change_between_runs() -> None:
    """Times count from the beginning of the simulation; a wrong change changes nothing."""
    setup()
    population = sim.Population(2, sim.TimedArray([1.0, 2.0, 3.0, 4.0], schedule=2.0))
    population.record("r")
    sim.run(3.0)
    population.set(rates=[[5.0, 50.0], [6.0, 60.0]], schedule=4.0)
    sim.run(3.0)
    population.set(period=8.0)
    sim.run(4.0)
    with pytest.raises(errors.InvalidParameterValueError, match="3 values and schedule 2 times"):
        population.set(rates=[1.0, 2.0, 3.0])
    with pytest.raises(errors.InvalidParameterValueError, match="period = 4"):
        population.set(period=4.0)
    population[1:2].set(rates=sim.Sequence([7.0, 8.0]))
    sim.run(4.0)
    expected = [1, 1, 2] + [5, 6, 6] + [6, 6, 5, 5] + [5, 5, 6, 6]
    second = [1, 1, 2] + [50, 60, 60] + [60, 60, 50, 50] + [7, 7, 8, 8]
    assert rates_of(population).T.tolist() == [expected, second]
    sim.reset()
    sim.run(5.0)
    assert rates_of(population).T.tolist() == [[5, 5, 5, 5, 6], [7, 7, 7, 7, 8]]


@pytest.mark.parametrize("precision", ["mixed", "single"])
def test_IN06_precisions_and_threads(precision: str) -> None:
    setup(precision=precision, threads=2)
    population = sim.Population(200, sim.TimedArray(np.arange(600.0).reshape(3, 200), schedule=2.0, period=6.0))
    population.record("r")
    sim.run(12.0)
    rows = np.arange(600.0).reshape(3, 200)
    np.testing.assert_array_equal(rates_of(population), rows[np.arange(12) // 2 % 3])


# ---- IN07, IN08 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mean", "deviation"), [(20.0, 2.0), (20.0, 14.0), (5.0, 20.0), (1.0, 300.0), (3.0, 0.0)])
def test_IN07_moments_of_the_positive_part(mean: float, deviation: float) -> None:
    """Against scipy's root finder and scipy's moments of a censored normal variable."""
    mu, sigma = unrectified(mean, deviation)
    if deviation == 0:
        assert (mu, sigma) == (mean, 0.0)
        return

    def moments(at: np.ndarray) -> tuple[float, float]:
        z = at[0] / at[1]
        first = at[1] * (z * stats.norm.cdf(z) + stats.norm.pdf(z))
        second = at[1] ** 2 * ((z * z + 1) * stats.norm.cdf(z) + z * stats.norm.pdf(z))
        return first, np.sqrt(second - first**2)

    np.testing.assert_allclose(moments(np.array([mu, sigma])), [mean, deviation], rtol=1e-6)
    found = optimize.root(lambda at: np.array(moments(at)) / [mean, deviation] - 1, [mu * 1.05, sigma * 0.97])
    np.testing.assert_allclose(found.x, [mu, sigma], rtol=1e-4)


def covariance(binned: np.ndarray, lag: int) -> float:
    """The mean covariance of counts of different cells (a row for each bin) at a lag in bins."""
    here, there = binned[: len(binned) - lag], binned[lag:]
    total = (here.sum(1) * there.sum(1)).mean() - here.sum(1).mean() * there.sum(1).mean()
    own = sum((a * b).mean() - a.mean() * b.mean() for a, b in zip(here.T, there.T, strict=True))
    cells = binned.shape[1]
    return float((total - own) / (cells * (cells - 1)))


def test_IN07_rate_and_pairwise_covariance() -> None:
    """Covariance of counts in steps, at lags of 0 to 3 tau: corr*rates/(2 tau)*exp(-lag/tau)*dt^2.

    40 independent simulations in one: populations of 50 cells, each with a rate of its own. Their means are
    independent, so that a t test of each lag has the stated significance.
    """
    dt, rate, corr, tau, duration = 1.0, 30.0, 0.1, 10.0, 4000.0
    setup(dt)
    kind = sim.HomogeneousCorrelatedSpikeTrains(rates=rate, corr=corr, tau=tau)
    populations = [sim.Population(50, kind) for _ in range(40)]
    for population in populations:
        population.record("spikes")
    sim.run(duration)
    rates, found = [], []
    for population in populations:
        edges = np.arange(0.5, duration + 1, dt)
        binned = np.array([np.histogram(t.magnitude, edges)[0] for t in population.get_data().segments[0].spiketrains])
        rates.append(binned.mean() * 1000 / dt)
        found.append([covariance(binned.T, lag) for lag in (0, 5, 10, 20, 30)])
    assert stats.ttest_1samp(rates, rate).pvalue > SIGNIFICANCE
    expected = corr * rate / 1000 / (2 * tau) * np.exp(-np.array([0, 5, 10, 20, 30]) / tau) * dt**2
    for column, value in zip(np.transpose(found), expected, strict=True):
        assert stats.ttest_1samp(column, value).pvalue > SIGNIFICANCE, (column.mean(), value)
    assert stats.ttest_1samp(np.array(found)[:, 0], 0.0).pvalue < SIGNIFICANCE  # there is something to be seen


def test_IN07_different_populations_are_independent_and_one_is_common() -> None:
    setup()
    kind = sim.HomogeneousCorrelatedSpikeTrains(rates=30.0, corr=0.5, tau=10.0)
    first, second = sim.Population(20, kind), sim.Population(20, kind)
    for population in (first, second):
        population.record("x")
    sim.run(5000.0)
    a, b = (read(population).traces["x"][1:] for population in (first, second))
    assert (a == a[:, :1]).all() and (a[:, 0] != b[:, 0]).mean() > 0.99
    assert abs(np.corrcoef(a[::40, 0], b[::40, 0])[0, 1]) < stats.norm.isf(SIGNIFICANCE / 2) / np.sqrt(125)
    lags = np.array([0, 5, 10, 20])
    y = a[1:, 0] - a[1:, 0].mean()
    found = [(y[lag:] * y[: y.size - lag]).mean() / y.var() for lag in lags]
    np.testing.assert_allclose(found, np.exp(-lags / 10.0), atol=0.12)  # 5000/20 independent values: 4 x 0.06/2


def test_IN07_without_correlation_it_is_poisson() -> None:
    setup()
    cells = sim.Population(200, sim.HomogeneousCorrelatedSpikeTrains(rates=50.0, corr=0.0, tau=10.0))
    cells.record("spikes")
    sim.run(1000.0)
    assert_mean_count(counts(cells), 50.0, 47.5)


def test_IN07_bad_values() -> None:
    setup()
    for wrong, message in (
        (dict(rates=-1.0), "rates = -1"),
        (dict(corr=1.5), "corr = 1.5 is not allowed, it has to be from 0 to 1"),
        (dict(tau=0.0), "tau = 0"),
    ):
        with pytest.raises(errors.InvalidParameterValueError, match=message):
            sim.Population(2, sim.HomogeneousCorrelatedSpikeTrains(**wrong))
    with pytest.raises(errors.InvalidParameterValueError, match="one value for the whole population"):
        sim.Population(2, sim.HomogeneousCorrelatedSpikeTrains(rates=[1.0, 2.0]))  # type: ignore[arg-type]


def test_IN08_rates_change_between_runs() -> None:
    setup()
    cells = sim.Population(400, sim.HomogeneousCorrelatedSpikeTrains(rates=20.0, corr=0.02, tau=5.0))
    cells.record("spikes")
    sim.run(1000.0)
    before = counts(cells)
    cells.set(rates=60.0, corr=0.0)
    assert cells.get(["rates", "corr", "tau"]) == [60.0, 0.0, 5.0]
    sim.run(1000.0)
    after = counts(cells) - before
    # counts of 1 s: variance rate, covariance of any two corr*rate
    z = (before.mean() - 20.0) / np.sqrt(20.0 / 400 + 0.02 * 20.0)
    assert 2 * stats.norm.sf(abs(z)) > SIGNIFICANCE
    assert abs(after.mean() - 60.0) < 4 * np.sqrt(60.0 / 400) + 0.1  # and a few ms until the old rate is forgotten
    with pytest.raises(errors.InvalidParameterValueError, match="whole population"):
        cells[:3].set(rates=5.0)


# ---- IN09 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", [1.0, 3.0])
def test_IN09_current_injection_is_the_conductance(delay: float) -> None:
    """g_exc(t) = sum of r(t - delay), whatever was there before."""
    setup()
    rates = np.random.default_rng(1).uniform(0, 5, (12, 3))
    inputs = sim.Population(3, sim.TimedArray(rates))
    cell = sim.Population(1, sim.Neuron(equations="x = g_exc", spike="x > 1000")())
    sim.Projection(inputs, cell, sim.AllToAllConnector(), sim.CurrentInjection(delay=delay), receptor_type="exc")
    cell.record(["g_exc", "x"])
    sim.run(12.0)
    found = read(cell)
    r = np.concatenate([[0.0], rates.sum(1)])  # at 0, 1, 2... ms
    d = int(delay)
    np.testing.assert_allclose(found["g_exc"][d:], r[: 13 - d], rtol=1e-12)
    np.testing.assert_allclose(found["x"][d + 1 :], r[: 12 - d], rtol=1e-12)


def test_IN09_one_to_one_into_standard_cells() -> None:
    """isyn_exc grows by r in each step and decays between: a recursion."""
    setup()
    inputs = sim.Population(2, sim.TimedArray([[0.1, 0.2], [0.3, 0.0]], schedule=4.0))
    cells = sim.Population(2, sim.IF_curr_exp(tau_syn_E=5.0))
    projection = sim.Projection(
        inputs, cells, sim.OneToOneConnector(), sim.CurrentInjection(weight=2.0), receptor_type="excitatory"
    )
    cells.record("isyn_exc")
    sim.run(10.0)
    r = np.concatenate([[[0.0, 0.0]], np.repeat([[0.1, 0.2], [0.3, 0.0]], [4, 6], axis=0)])
    expected = [np.zeros(2)]
    for row in r[:-1]:
        expected.append(expected[-1] * np.exp(-1 / 5.0) + 2.0 * row)
    np.testing.assert_allclose(read(cells).traces["isyn_exc"], expected, rtol=1e-12)
    assert projection.get("weight", "list", with_address=False) == [2.0, 2.0]


def test_IN09_beside_spikes_and_wrong_targets() -> None:
    setup()
    inputs = sim.Population(1, sim.TimedArray([1.0]))
    cell = sim.Population(1, sim.Neuron(equations="x = g_exc", spike="x > 1000")())
    sim.Projection(inputs, cell, sim.AllToAllConnector(), sim.CurrentInjection(), receptor_type="exc")
    spikes = sim.StaticSynapse(weight=10.0, delay=1.0)
    sim.Projection(source([[3.0]]), cell, sim.AllToAllConnector(), spikes, receptor_type="exc")
    cell.record("g_exc")
    sim.run(6.0)
    assert read(cell)["g_exc"].tolist() == [0.0, 0.0, 1.0, 1.0, 11.0, 1.0, 1.0]
    rate_coded = sim.Population(1, sim.Neuron(equations="r = sum(exc)")())
    with pytest.raises(errors.ConnectionError, match="no receptor 'exc' for spikes"):
        sim.Projection(inputs, rate_coded, sim.AllToAllConnector(), sim.CurrentInjection(), receptor_type="exc")
    with pytest.raises(errors.ConnectionError, match=r"reads pre\.r, which SpikeSourceArray lacks"):
        sim.Projection(source([[3.0]]), cell, sim.AllToAllConnector(), sim.CurrentInjection(), receptor_type="exc")
