"""SpikeSourcePoisson: counts, intervals, independence, windows and changes between runs."""

from __future__ import annotations

import numpy as np
import pytest
from firing import Sources
from scipy import stats
from significance import (
    assert_dispersion,
    assert_distribution,
    assert_frequencies,
    assert_mean,
    assert_total,
    assert_uncorrelated,
)

PRECISIONS = ("double", "single")


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(
    ("rate", "dt", "duration"),
    [(0.1, 1.0, 2e4), (1.0, 0.1, 3e3), (30.0, 0.1, 1e3), (1e3, 0.1, 100.0), (5e4, 0.1, 20.0), (5e4, 1.0, 20.0)],
)
def test_counts(rate, dt, duration, precision):
    """Mean and variance of the counts, in the whole run and in its first and last tenth."""
    size = 2000
    sources = Sources("Poisson", size, {"rate": rate}, dt=dt, precision=precision).run(duration)
    for begin, end in [(0.0, duration), (0.0, 0.1 * duration), (0.9 * duration, duration)]:
        counts, expected = sources.counts(begin, end), rate * (end - begin) / 1000.0
        assert_total(counts, size * expected)
        assert_dispersion(counts, expected)
        assert_frequencies(counts, stats.poisson(expected))


@pytest.mark.parametrize("rate", [0.5, 80.0, 5e4])
def test_counts_in_a_step(rate):
    """Events share a step as often as chance wants, whatever the step is."""
    sources = Sources("Poisson", 500, {"rate": rate}, dt=1.0, seed=2).run(400.0)
    assert_frequencies(sources.steps(), stats.poisson(rate / 1000.0))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("rate", [20.0, 300.0])
def test_intervals(rate, precision):
    size, number = 400, 60
    mean = 1000.0 / rate
    sources = Sources("Poisson", size, {"rate": rate}, dt=mean / 2000.0, precision=precision).run(150 * mean)
    assert_distribution(sources.intervals(number), stats.expon(scale=mean).cdf)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("rate", [0.1, 40.0, 5e4])
def test_what_is_still_to_come_has_no_memory(rate, precision):
    """The exact time of the next event, and so the part of it inside a step."""
    sources = Sources("Poisson", 20_000, {"rate": rate}, precision=precision).run(30.0)
    assert_distribution(sources.next_event() - 30.0, stats.expon(scale=1000.0 / rate).cdf)


def test_steps_are_independent():
    table = Sources("Poisson", 400, {"rate": 400.0}, dt=1.0, seed=3).run(500.0).steps()
    for lag in (1, 2, 5, 50):
        assert_uncorrelated(table[:, :-lag], table[:, lag:])


def test_neurons_are_independent():
    table = Sources("Poisson", 400, {"rate": 400.0}, dt=1.0, seed=4).run(500.0).steps()
    for distance in (1, 2, 64, 100):
        assert_uncorrelated(table[:-distance], table[distance:])
        assert_uncorrelated(table[:-distance, 1:], table[distance:, :-1])


def test_seeds_populations_and_segments_differ():
    runs = [Sources("Poisson", 300, {"rate": 300.0}, dt=1.0, seed=seed).run(300.0) for seed in (5, 6)]
    tables = [sources.steps() for sources in runs]
    runs[0].network.reset()
    tables.append(runs[0].run(300.0).steps())
    for a in range(3):
        for b in range(a):
            assert_uncorrelated(tables[a], tables[b])
    assert_total(tables[2], 300 * 90)


@pytest.mark.parametrize("rates", [(100.0, 300.0), (5.0, 2e4), (50.0, 0.0)])
@pytest.mark.parametrize("duration", [0.1, 1.0, 40.0])
def test_the_rate_changes_between_runs(rates, duration):
    """However often it changes: nothing of an interval drawn before survives, nothing is lost."""
    size, times = 1000, round(80 / (duration + 1.0)) + 5
    sources = Sources("Poisson", size, seed=7)
    for k in range(2 * times):
        sources.set(rate=rates[k % 2]).run(duration)
    table = sources.steps().reshape(size, times, 2, -1)
    for k, rate in enumerate(rates):
        counts = table[:, :, k].sum(axis=(1, 2))
        if rate == 0.0:
            assert counts.sum() == 0
            continue
        expected = rate * duration * times / 1000.0
        assert_total(counts, size * expected)
        assert_dispersion(counts, expected)
        assert_total(table[:, :, k, 0], size * times * rate * sources.dt / 1000.0)  # the first step after the change
    if min(rates) >= 100.0:  # else too few come in both for a test
        assert_uncorrelated(table[:, :, 0].sum(axis=2), table[:, :, 1].sum(axis=2))


def test_a_rate_for_each_neuron():
    rates = np.repeat([0.0, 2.0, 50.0, 900.0], 500)
    counts = Sources("Poisson", 2000, {"rate": rates}, seed=8).run(1000.0).counts()
    for rate in np.unique(rates):
        group = counts[rates == rate]
        if rate == 0.0:
            assert group.sum() == 0
        else:
            assert_total(group, 500 * rate)
            assert_dispersion(group, rate)


def test_only_the_neurons_that_change_are_drawn_again():
    one, other = (Sources("Poisson", 200, {"rate": 50.0}, seed=9).run(100.0) for _ in range(2))
    other.population.set_parameter("rate", 80.0, np.arange(100, 110))
    a, b = one.run(200.0).trains(), other.run(200.0).trains()
    same = [np.array_equal(x, y) for x, y in zip(a, b, strict=True)]
    assert all(same[:100]) and all(same[110:]) and not any(same[100:110])


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(("start", "duration"), [(0.0, 50.0), (30.0, 40.0), (30.0, np.inf), (99.9, 0.1), (-50.0, 70.0)])
def test_window(start, duration, precision):
    size, rate, end = 1000, 500.0, 100.0
    given = {"rate": rate, "start": start, "duration": duration}
    sources = Sources("Poisson", size, given, precision=precision, seed=10).run(end)
    begin, stop = max(start, 0.0), min(start + duration, end)
    assert_total(sources.counts(), size * rate * (stop - begin) / 1000.0)
    assert sources.counts(begin, stop).sum() == sources.counts().sum()
    width = min(1.0, stop - begin)
    assert_total(sources.counts(begin, begin + width), size * rate * width / 1000.0)
    assert_total(sources.counts(stop - width, stop), size * rate * width / 1000.0)


def test_a_window_between_grid_points():
    """The part of a step that is inside counts, exactly."""
    sources = Sources("Poisson", 20_000, {"rate": 5e3, "start": 1.25, "duration": 1.5}, dt=1.0, seed=11).run(5.0)
    for step, part in enumerate([0.0, 0.75, 0.75, 0.0, 0.0]):
        if part:
            assert_total(sources.steps()[:, step], 20_000 * 5.0 * part)
        else:
            assert sources.steps()[:, step].sum() == 0


@pytest.mark.parametrize("duration", [0.0, -1.0])
def test_an_empty_window(duration):
    assert Sources("Poisson", 100, {"rate": 1e4, "start": 1.0, "duration": duration}).run(10.0).counts().sum() == 0


def test_the_window_moves_between_runs():
    """Extended while open, opened again after it closed, shortened, taken back to before now, moved ahead."""
    size, rate = 2000, 200.0
    sources = Sources("Poisson", size, {"rate": rate, "start": 0.0, "duration": 20.0}, seed=12)
    sources.run(10.0).set(duration=30.0).run(30.0)
    sources.set(start=50.0, duration=1e3).run(30.0)
    sources.set(duration=5.0).run(10.0)
    sources.set(start=10.0, duration=85.0).run(20.0)
    sources.set(start=1000.0, duration=1.0).run(10.0)
    for begin, end, open_ in [(0, 30, 1), (30, 50, 0), (50, 70, 1), (70, 80, 0), (80, 95, 1), (95, 110, 0)]:
        if open_:
            assert_total(sources.counts(begin, end), size * rate * (end - begin) / 1000.0)
            assert_total(sources.counts(begin, begin + 1), size * rate / 1000.0)
        else:
            assert sources.counts(begin, end).sum() == 0


def test_a_rate_of_zero_is_silent_for_ever():
    assert Sources("Poisson", 100, {"rate": 0.0, "duration": np.inf}).run(2000.0).counts().sum() == 0


@pytest.mark.parametrize("precision", PRECISIONS)
def test_threads_and_later_populations_change_nothing(precision):
    reference = Sources("Poisson", 300, {"rate": 200.0}, precision=precision, seed=13).run(100.0)
    for threads in (2, 3, 7):
        sources = Sources("Poisson", 300, {"rate": 200.0}, precision=precision, seed=13, threads=threads).run(35.0)
        sources.network.add_population(sources.population.kernel, 500, {"rate": 10.0})
        sources.run(65.0)
        for got, expected in zip(sources.events(), reference.events(), strict=True):
            np.testing.assert_array_equal(got, expected)


def test_a_count_has_the_right_mean_however_short_the_run():
    """A first event is not late because nothing was there before the start."""
    assert_mean(Sources("Poisson", 50_000, {"rate": 1e3}, dt=0.1, seed=14).run(0.1).counts(), 0.1)
