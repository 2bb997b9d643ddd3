"""Values of connections that a NativeRNG draws many at a time: their distributions, and what they do not depend on."""

from __future__ import annotations

import numpy as np
import pyNN.annarchy as sim
import pytest
from numpy.testing import assert_array_equal
from scipy import stats
from significance import LEVEL

from pynn_annarchy.native import connect, draws

KEYS = (3, 0xFEDCBA9876543210)
N = 400_000
ZIGGURAT_TAIL = 3.6541528853610088


def assert_distributed(values, distribution):
    assert stats.kstest(values, distribution.cdf).pvalue > LEVEL


@pytest.mark.parametrize("key", KEYS)
def test_normal(key):
    values = connect.normal_counted(key, 2.0, 0.5, N)
    assert_distributed(values, stats.norm(2.0, 0.5))
    # neighbours come from one call of the generator
    r = np.corrcoef(values[::2], values[1::2])[0, 1]
    assert 2.0 * stats.norm.sf(abs(r) * np.sqrt(N / 2)) > LEVEL
    r = np.corrcoef(values[:-1] ** 2, values[1:] ** 2)[0, 1]
    assert 2.0 * stats.norm.sf(abs(r) * np.sqrt(N)) > LEVEL


@pytest.mark.parametrize("key", KEYS)
def test_tails(key):
    """What lies beyond the lowest layer is drawn in another way, on either side."""
    n = 4_000_000
    values = connect.normal_counted(key, 0.0, 1.0, n, threads=2)
    for tail in (values[values > ZIGGURAT_TAIL], -values[values < -ZIGGURAT_TAIL]):
        p = stats.norm.sf(ZIGGURAT_TAIL)
        assert stats.binomtest(tail.size, n, p).pvalue > LEVEL
        assert stats.kstest(tail, lambda x: 1.0 - stats.norm.sf(x) / p).pvalue > LEVEL  # noqa: B023
    # in narrow bins, where a wrong edge of a layer would show
    counts, edges = np.histogram(values, np.linspace(-4.0, 4.0, 1601))
    expected = n * np.diff(stats.norm.cdf(edges))
    used = expected > 20
    chi2 = float(((counts - expected)[used] ** 2 / expected[used]).sum())
    assert 2.0 * min(stats.chi2.sf(chi2, used.sum()), stats.chi2.cdf(chi2, used.sum())) > LEVEL


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("low", "high"), [(-0.5, 3.0), (0.0, np.inf), (1.5, 2.5)])
def test_normal_within_limits(key, low, high):
    values = connect.normal_counted(key, 1.0, 1.0, N, "redrawn", low, high)
    assert low <= values.min() and values.max() <= high
    assert_distributed(values, stats.truncnorm(low - 1.0, high - 1.0, 1.0, 1.0))
    moved = connect.normal_counted(key, 1.0, 1.0, N, "moved", low, high)
    assert_array_equal(moved, np.clip(connect.normal_counted(key, 1.0, 1.0, N), low, high))


@pytest.mark.parametrize("key", KEYS)
def test_uniform(key):
    values = connect.uniform_counted(key, -1.0, 3.0, N)
    assert values.min() > -1.0 and values.max() < 3.0
    assert_distributed(values, stats.uniform(-1.0, 4.0))


def test_limits_that_are_never_met():
    with pytest.raises(RuntimeError, match="outside 1000 times"):
        connect.normal_counted(1, 0.0, 1.0, 10, "redrawn", 50.0, 60.0)


@pytest.mark.threaded
@pytest.mark.parametrize("n", [1, 2, 4097, 10_001])
def test_numbers_do_not_depend_on_threads(n):
    for draw in (
        lambda size, threads: connect.normal_counted(7, 0.0, 1.0, size, "redrawn", -1.0, 2.0, threads),
        lambda size, threads: connect.uniform_counted(7, 0.0, 1.0, size, threads),
    ):
        alone = draw(n, 1)
        for threads in (2, 3):
            assert_array_equal(draw(n, threads), alone)
        assert_array_equal(draw(n + 5, 2)[:n], alone)  # nor on how many there are


@pytest.mark.threaded
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("uniform", {"low": 1.0, "high": 2.0}),
        ("normal", {"mu": 1.0, "sigma": 2.0}),
        ("normal_clipped", {"mu": 1.0, "sigma": 2.0, "low": 0.0, "high": 3.0}),
        ("normal_clipped_to_boundary", {"mu": 1.0, "sigma": 2.0, "low": 0.0, "high": 3.0}),
    ],
)
def test_of_a_generator(name, parameters):
    results = []
    for threads in (1, 3):
        sim.setup(threads=threads)
        rng = sim.NativeRNG(seed=4)
        results.append([rng.next(n, name, parameters) for n in (10_000, 10_000, 5)])
        sim.end()
    for one, other in zip(*results, strict=True):
        assert_array_equal(one, other)
    assert not np.isin(results[0][0], results[0][1]).all()
    with pytest.raises(Exception, match=r"[Oo]utside|scale|high|low|Maximum|sigma"):
        wrong = {"low": 2.0, "high": 1.0} if name == "uniform" else {**parameters, "sigma": -1.0}
        sim.NativeRNG(seed=4).next(10_000, name, wrong)


def test_a_total_number_of_connections():
    """Each pair as often as any other; the numbers of connections onto cells are multinomial."""
    n, shape = 60_000, (30, 40)
    sim.setup()
    cells = [sim.Population(size, sim.IF_curr_exp()) for size in shape]
    counts = np.zeros(shape)
    totals = []
    for seed in range(5):
        connector = sim.FixedTotalNumberConnector(n, with_replacement=True, rng=sim.NativeRNG(seed=seed))
        projection = sim.Projection(*cells, connector, sim.StaticSynapse(weight=1.0))
        assert len(projection) == n
        found = projection.get("weight", format="array", multiple_synapses="sum")
        counts += np.nan_to_num(found)
        totals.append(np.nan_to_num(found).sum(axis=0))
    assert stats.chisquare(counts.ravel()).pvalue > LEVEL
    chi2 = sum(stats.chisquare(total).statistic for total in totals)
    freedom = 5 * (shape[1] - 1)
    assert 2.0 * min(stats.chi2.sf(chi2, freedom), stats.chi2.cdf(chi2, freedom)) > LEVEL


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 16, 31, 1000])
def test_numbers_are_those_of_one_call_after_the_other(n):
    """Several calls of the generator are made at once where the processor can; two numbers come from each."""
    key = 0x0123456789ABCDEF
    first, second, third, fourth = draws.philox(key, 0x554E4946, np.arange((n + 1) // 2), 0, 0)
    pairs = np.stack([draws.unit(first, second), draws.unit(third, fourth)], axis=1)
    assert_array_equal(connect.uniform_counted(key, 0.0, 1.0, n), pairs.ravel()[:n])
