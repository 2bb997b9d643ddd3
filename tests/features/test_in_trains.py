"""Rows IN07 and IN08: correlated spike trains."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from neuron_runs import read
from pyNN import errors
from scipy import optimize, stats

from pynn_annarchy.models.correlated_trains import unrectified

SIGNIFICANCE = 1e-4  # of every statistical test here; seeds are fixed, so that each has passed once and for all


def setup(dt: float = 1.0, **more: Any) -> None:
    sim.setup(timestep=dt, min_delay=dt, max_delay=20.0, seed=42, **more)


def counts(population: Any) -> np.ndarray:
    return np.array([len(train) for train in population.get_data().segments[-1].spiketrains])


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
    z = (counts(cells).mean() - 50.0) / np.sqrt(47.5 / 200)  # binomial counts
    assert 2 * stats.norm.sf(abs(z)) > SIGNIFICANCE


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
