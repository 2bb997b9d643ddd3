"""SpikeSourceInhGamma: by time rescaling, as its rate at any time is known from its age and the bins."""

from __future__ import annotations

import numpy as np
import pytest
from firing import Sources, rows
from scipy import stats
from significance import assert_distribution, assert_mean, assert_total

from pynn_annarchy.native import kernels

A = [1.0, 3.0, 0.5, 8.0, 2.0]
B = [0.010, 0.002, 0.030, 0.0008, 0.004]  # s
TBINS = [0.0, 40.0, 70.0, 130.0, 150.0]  # ms


def sources(size, a, b, tbins, parameters=None, **options):
    made = Sources("InhGamma", size, parameters, **options)
    made.population.set_gamma_schedule(rows(a, size), rows(b, size), rows(tbins, size))
    return made


def gained(last, begin, end, a, b, tbins):
    """The integral of the rate from `begin` to `end` after an event at `last`: bin by bin, the cumulative hazard of the
    gamma distribution."""
    edges = [*tbins, np.inf]
    total = np.zeros_like(last)
    for k, (shape, scale) in enumerate(zip(a, b, strict=True)):
        low, high = (np.clip(time, edges[k], edges[k + 1]) for time in (begin, end))
        inside = high > low
        interval = stats.gamma(shape, scale=1000.0 * scale)
        part = interval.logsf(low - last) - interval.logsf(high - last)
        total[inside] += part[inside]
    return total


@pytest.mark.parametrize("precision", ["double", "single"])
def test_time_rescaling(precision):
    """Between two events, the integral of the rate is exponential with mean 1, whatever bins lie between them."""
    made = sources(3000, A, B, TBINS, dt=0.005, precision=precision).run(400.0)
    found = []
    for begin in (0.0, 30.0, 60.0, 120.0, 145.0, 160.0):  # the first interval after each of these times
        pairs = [train[train > begin][:2] for train in made.trains()]
        assert sum(pair.size == 2 for pair in pairs) > 2990
        last, following = np.array([pair for pair in pairs if pair.size == 2]).T
        found.append(gained(last, last, following, A, B, TBINS))
    assert_distribution(np.concatenate(found), stats.expon.cdf)


@pytest.mark.parametrize("time", [39.0, 55.0, 100.0, 149.0, 180.0])
def test_what_is_still_to_come(time):
    """Exactly: the next event, given the last one and that there was none up to now."""
    made = sources(20_000, A, B, TBINS, dt=1.0, seed=2).run(time)
    last, following = made.last_event(), made.next_event()
    now = np.full_like(last, time)
    assert_distribution(gained(last, now, following, A, B, TBINS), stats.expon.cdf)


def test_one_bin_is_a_gamma_source():
    made = sources(400, [2.5], [0.004], [0.0], dt=0.005, seed=3).run(700.0)
    assert_distribution(made.intervals(40), stats.gamma(2.5, scale=4.0).cdf)


def test_a_shape_of_one_is_an_inhomogeneous_poisson_process():
    rates = np.array([100.0, 1000.0, 20.0, 300.0])
    tbins = [0.0, 25.0, 50.0, 75.0]
    made = sources(3000, np.ones(4), 1.0 / rates, tbins, dt=0.1, seed=4).run(100.0)
    for begin, rate in zip(tbins, rates, strict=True):
        for first, last in [(begin, begin + 25.0), (begin, begin + 1.0), (begin + 24.0, begin + 25.0)]:
            assert_total(made.counts(first, last), 3000 * rate * (last - first) / 1000.0)


def test_silent_bins_and_what_is_before_the_first():
    """Nothing comes where b is infinite in effect, before the bins begin, or without bins."""
    made = sources(2000, [1.0, 0.0, 1.0], [0.01, 0.01, 0.01], [20.0, 50.0, 70.0], dt=0.1, seed=5).run(100.0)
    for begin, end in [(0.0, 20.0), (50.0, 70.0)]:
        assert made.counts(begin, end).sum() == 0
    for begin, end in [(20.0, 50.0), (20.0, 21.0), (70.0, 71.0), (70.0, 100.0)]:
        assert_total(made.counts(begin, end), 2000 * (end - begin) / 10.0)
    assert Sources("InhGamma", 10).run(100.0).counts().sum() == 0


def test_window():
    made = sources(3000, [4.0, 4.0], [0.001, 0.0005], [0.0, 50.0], {"start": 30.0, "duration": 40.0}, seed=6).run(100.0)
    assert made.counts(30.0, 70.0).sum() == made.counts().sum()
    assert_mean(made.counts(30.0, 31.0), 0.25)  # stationary where it starts
    assert_mean(made.counts(60.0, 70.0), 5.0)


def test_each_neuron_has_its_own_bins():
    made = Sources("InhGamma", 2000, dt=0.1, seed=7)
    fast = np.arange(0, 2000, 2)
    made.population.set_gamma_schedule(rows([1.0], 1000), rows([0.002], 1000), rows([0.0], 1000), fast)
    made.population.set_gamma_schedule(
        rows([1.0, 1.0], 1000), rows([0.1, 0.01], 1000), rows([0.0, 50.0], 1000), fast + 1
    )
    made.run(100.0)
    assert_total(made.counts()[::2], 1000 * 50.0)
    assert_total(made.counts(0.0, 50.0)[1::2], 1000 * 0.5)
    assert_total(made.counts(50.0, 100.0)[1::2], 1000 * 5.0)


def test_bins_replaced_between_runs_act_on_the_age():
    made = sources(20_000, [5.0], [0.004], [0.0], dt=0.5, seed=8).run(100.0)
    new = [3.0, 9.0], [0.010, 0.001], [0.0, 110.0]
    made.population.set_gamma_schedule(*(rows(part, 20_000) for part in new))
    last = made.last_event()
    made.run(0.5)
    kept = made.counts(100.0) == 0  # so it is known that nothing came up to the end of the step
    assert kept.mean() > 0.9
    last, following = last[kept], made.next_event()[kept]
    assert_distribution(gained(last, np.full_like(last, 100.5), following, *new), stats.expon.cdf)


def test_a_reset_begins_again_with_other_numbers():
    made = sources(2000, [1.0, 1.0], [0.01, 0.001], [0.0, 10.0], dt=0.1, seed=9).run(20.0)
    first = made.steps()
    made.network.reset()
    made.run(20.0)
    assert_total(made.counts(0.0, 10.0), 2000)
    assert_total(made.counts(10.0, 20.0), 20_000)
    assert not np.array_equal(first, made.steps())


def test_a_later_population_changes_nothing():
    made, other = (sources(100, A, B, TBINS, dt=0.1, seed=10) for _ in range(2))
    made.run(60.0)
    more = made.network.add_population(kernels.standard("SpikeSourceInhGamma"), 70)
    more.set_gamma_schedule(rows([1.0], 70), rows([0.01], 70), rows([0.0], 70))
    for got, expected in zip(made.run(60.0).events(), other.run(120.0).events(), strict=True):
        np.testing.assert_array_equal(got, expected)
