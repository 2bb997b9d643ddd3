"""SpikeSourcePoissonRefractory and SpikeSourceGamma: intervals, stationarity from the start, changes between runs."""

from __future__ import annotations

import numpy as np
import pytest
from firing import Sources
from scipy import stats
from significance import assert_distribution, assert_mean, assert_uncorrelated

PRECISIONS = ("double", "single")
REFRACTORY = [(100.0, 0.0), (100.0, 2.0), (100.0, 9.0), (400.0, 2.4)]  # Hz, ms
GAMMA = [(0.3, 6.0), (1.0, 100.0), (2.0, 100.0), (2.7, 1000.0), (25.0, 500.0)]  # alpha, Hz


def refractory(rate, dead):
    return stats.expon(loc=dead, scale=1000.0 / rate - dead)


def gamma(alpha, beta):
    return stats.gamma(alpha, scale=1000.0 / beta)


PROCESSES = [
    *[("PoissonRefractory", {"rate": r, "tau_refrac": d}, refractory(r, d)) for r, d in REFRACTORY],
    *[("Gamma", {"alpha": a, "beta": b}, gamma(a, b)) for a, b in GAMMA],
]


def equilibrium(interval):
    """Distribution function of the time to the next event of a stationary process: the survival function's integral
    over its mean."""
    mean = interval.mean()
    grid = np.concatenate([[0.0], np.geomspace(1e-9, 1.0, 40_000) * interval.ppf(1 - 1e-12)])
    survival = interval.sf(grid)
    integral = np.concatenate([[0.0], np.cumsum(0.5 * (survival[1:] + survival[:-1]) * np.diff(grid))]) / mean
    return lambda x: np.interp(x, grid, integral)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(("kind", "parameters", "interval"), PROCESSES)
def test_intervals(kind, parameters, interval, precision):
    size, number, mean = 300, 40, interval.mean()
    sources = Sources(kind, size, parameters, dt=mean / 4000.0, precision=precision).run(120 * mean)
    found = sources.intervals(number)
    if interval.ppf(0.01) > 20 * sources.dt:  # else the steps show
        assert_distribution(found, interval.cdf)
    assert_mean(found, mean)
    assert_mean((found - mean) ** 2, interval.var())
    if kind == "PoissonRefractory":
        assert found.min() > parameters["tau_refrac"] - 1.001 * sources.dt


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(("kind", "parameters", "interval"), PROCESSES)
def test_the_interval_that_covers_a_time(kind, parameters, interval, precision):
    """To rounding error, as steps do not show in it; each of these steps has several events."""
    mean = interval.mean()
    sources = Sources(kind, 20_000, parameters, dt=7 * mean, precision=precision, seed=2).run(35 * mean)
    smooth, now = equilibrium(interval), sources.now
    assert_distribution(sources.next_event() - now, smooth)
    assert_distribution(now - sources.last_event(), smooth)
    longer = sources.next_event() - sources.last_event()  # it is covered in proportion to its length
    assert_distribution(longer, lambda x: smooth(x) - x * interval.sf(x) / mean)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(("kind", "parameters", "interval"), PROCESSES)
@pytest.mark.parametrize("start", [0.0, 33.0])
def test_it_is_stationary_from_the_start_on(kind, parameters, interval, start, precision):
    given = {**parameters, "start": start}
    sources = Sources(kind, 20_000, given, dt=1e-6, precision=precision, seed=3).run(1e-6)
    assert_distribution(sources.next_event() - start, equilibrium(interval))


@pytest.mark.parametrize(("kind", "parameters", "interval"), PROCESSES)
def test_the_rate_is_the_mean_rate_in_every_part_of_the_run(kind, parameters, interval):
    mean = interval.mean()
    sources = Sources(kind, 3000, parameters, dt=mean / 20.0, seed=4).run(12 * mean)
    for begin in np.arange(0.0, 12.0, 1.5):
        counts = sources.counts(begin * mean, (begin + 1.5) * mean)
        assert_mean(counts, 1.5)


@pytest.mark.parametrize(("kind", "parameters", "interval"), PROCESSES)
def test_intervals_and_neurons_are_independent(kind, parameters, interval):
    mean = interval.mean()
    sources = Sources(kind, 500, parameters, dt=mean / 500.0, seed=5).run(60 * mean)
    found = sources.intervals(16).reshape(500, 16)
    assert_uncorrelated(found[:, :-1], found[:, 1:])
    assert_uncorrelated(found[:-1], found[1:])


def hazard(interval):
    """Cumulative hazard as a function of the age."""
    return lambda age: -interval.logsf(age)


@pytest.mark.parametrize(
    ("kind", "before", "after", "first", "then"),
    [
        ("Gamma", {"alpha": 3.0, "beta": 300.0}, {"beta": 900.0}, gamma(3, 300), gamma(3, 900)),
        ("Gamma", {"alpha": 20.0, "beta": 900.0}, {"beta": 200.0}, gamma(20, 900), gamma(20, 200)),
        ("Gamma", {"alpha": 0.5, "beta": 50.0}, {"alpha": 6.0}, gamma(0.5, 50), gamma(6, 50)),
        (
            "PoissonRefractory",
            {"rate": 50.0, "tau_refrac": 3.0},
            {"rate": 100.0, "tau_refrac": 8.0},
            refractory(50, 3),
            refractory(100, 8),
        ),
        (
            "PoissonRefractory",
            {"rate": 90.0, "tau_refrac": 10.0},
            {"rate": 20.0},
            refractory(90, 10),
            refractory(20, 10),
        ),
    ],
)
def test_the_process_keeps_its_age_when_parameters_change(kind, before, after, first, then):
    """Integrated from one event to the next, the rate that the process had is exponential with mean 1 (time rescaling):
    the old parameters' up to the change, the new ones' from it on, both at the age at that time."""
    sources = Sources(kind, 8000, before, seed=6).run(100.0)
    change, last = 100.0, sources.last_event()
    sources.set(**after).run(0.1)
    kept = sources.counts(change) == 0  # for the others, the interval began after the change
    assert kept.mean() > 0.9
    age = change - last[kept]
    gained = hazard(then)(sources.next_event()[kept] - last[kept]) - hazard(then)(age)
    least = hazard(then)(age + 0.1) - hazard(then)(age)  # what has to be gained not to end within this step
    assert_distribution(gained - least, stats.expon.cdf)
    settled = sources.run(20 * then.mean()).now
    assert_mean(sources.run(5 * then.mean()).counts(settled), 5.0)


@pytest.mark.parametrize(
    ("kind", "silent", "running", "interval"),
    [
        ("Gamma", {"alpha": 3.0, "beta": 0.0}, {"beta": 300.0}, gamma(3, 300)),
        ("PoissonRefractory", {"rate": 0.0, "tau_refrac": 5.0}, {"rate": 100.0}, refractory(100, 5)),
    ],
)
def test_after_silence_it_begins_anew(kind, silent, running, interval):
    name = next(iter(running))
    sources = Sources(kind, 20_000, {**silent, **running}, seed=7).run(50.0).set(**{name: 0.0}).run(500.0)
    assert sources.counts(50.0, 550.0).sum() == 0
    sources.set(**running).run(0.1)
    wait = np.where(sources.counts(550.0, 550.1) == 0, sources.next_event() - 550.1, np.nan)
    kept = wait[~np.isnan(wait)]
    smooth = equilibrium(interval)
    missed = smooth(0.1)
    assert_distribution(kept, lambda x: (smooth(x + 0.1) - missed) / (1.0 - missed))


def test_the_highest_rate_of_a_refractory_source_is_periodic():
    sources = Sources("PoissonRefractory", 50, {"rate": 200.0, "tau_refrac": 5.0}, seed=8).run(100.0)
    np.testing.assert_allclose(sources.intervals(18), 5.0, atol=1.001 * sources.dt)


@pytest.mark.parametrize("kind", ["PoissonRefractory", "Gamma"])
def test_window(kind):
    name = {"PoissonRefractory": "rate", "Gamma": "beta"}[kind]
    sources = Sources(kind, 3000, {name: 200.0, "start": 20.0, "duration": 30.0}, seed=9).run(100.0)
    mean = {"PoissonRefractory": 5.0, "Gamma": 10.0}[kind]
    assert sources.counts(20.0, 50.0).sum() == sources.counts().sum()
    assert_mean(sources.counts(20.0, 50.0), 30.0 / mean)
    assert_mean(sources.counts(49.0, 50.0), 1.0 / mean)
    assert_mean(sources.counts(20.0, 21.0), 1.0 / mean)


@pytest.mark.parametrize("alpha", [0.05, 0.7])
def test_bursts_of_a_gamma_process_share_a_step(alpha):
    """Small shapes make many very short intervals: counts in a step still have the mean of the process."""
    sources = Sources("Gamma", 5000, {"alpha": alpha, "beta": 1000.0 * alpha}, dt=0.5, seed=10).run(40.0)
    assert_mean(sources.counts(), 40.0)
    assert sources.steps().max() > 3
