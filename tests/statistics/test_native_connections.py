"""Networks that a NativeRNG draws: each pair with its probability, and independent of the others."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from significance import LEVEL, assert_frequencies

from pynn_annarchy.native import connect

KEYS = (1, 0xFEDCBA9876543210)


def matrix(columns, n_pre):
    """The number of connections of each pair: a row for each target."""
    begin = columns.begin().astype(int)
    counts = np.zeros((begin.size - 1, n_pre), int)
    np.add.at(counts, (np.repeat(np.arange(begin.size - 1), np.diff(begin)), columns.pre()), 1)
    return counts


def assert_equally_likely(counts):
    """Chi-square test of how often each of several equally likely things came."""
    result = stats.chisquare(np.ravel(counts))
    assert result.pvalue > LEVEL, result


def assert_binomial(counts, n, p):
    """Chi-square test of large independent counts, of n with a probability each."""
    chi2 = float(((counts - n * p) ** 2 / (n * p * (1 - p))).sum())
    assert 2.0 * min(stats.chi2.sf(chi2, counts.size), stats.chi2.cdf(chi2, counts.size)) > LEVEL


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("p", [0.004, 0.1, 0.5, 0.97])
def test_each_pair_with_the_same_probability(key, p):
    n_pre, n_post = 400, 2000
    connected = matrix(connect.below_counted(key, p, n_pre, n_post), n_pre)
    assert connected.max() == 1
    assert_frequencies(connected.sum(axis=1), stats.binom(n_pre, p))
    assert_binomial(connected.sum(axis=0), n_post, p)
    # neighbours in a row and in a column are connected both as often as independent ones
    for both in (connected[:, 1:] * connected[:, :-1], connected[1:] * connected[:-1]):
        expected, n = p * p, both.size
        # the variance has a term from pairs that share a cell, of the order of p**3
        deviation = np.sqrt(n * (expected * (1 - expected) + 2 * (p**3 - p**4)))
        z = (both.sum() - n * expected) / deviation
        assert 2.0 * stats.norm.sf(abs(z)) > LEVEL


@pytest.mark.parametrize("key", KEYS)
def test_each_pair_with_a_probability_of_its_own(key):
    n_pre, n_post = 60, 4000
    p = np.exp(-np.arange(n_pre) / 15.0)
    columns = connect.Columns()
    for rows in (1500, 2500):
        connect.below_each_counted(key, np.tile(p, (rows, 1)), columns)
    connected = matrix(columns, n_pre)
    assert connected.max() == 1
    assert (connected[:, 0] == 1).all()  # p = 1
    assert_binomial(connected.sum(axis=0)[1:], n_post, p[1:])


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("n", [2, 3, 4])  # of 6: few are marked, or those that are left out
@pytest.mark.parametrize("barred", [-1, 2])
def test_all_subsets_are_equally_likely(key, n, barred):
    size, n_post = 6 if barred < 0 else 7, 30_000
    counts, itself = np.full(n_post, n), np.full(n_post, barred)
    chosen = connect.number_counted(key, counts, itself, size, False).pre().reshape(n_post, n)
    codes = (1 << chosen.astype(int)).sum(axis=1)
    cells = [cell for cell in range(size) if cell != barred]
    subsets = [sum(1 << cell for cell in subset) for subset in combinations(cells, n)]
    assert_equally_likely([(codes == subset).sum() for subset in subsets])
    assert np.isin(codes, subsets).all()


@pytest.mark.parametrize("key", KEYS)
def test_partners_with_replacement_are_independent(key):
    size, n_post = 5, 20_000
    chosen = connect.number_counted(key, np.full(n_post, 2), np.full(n_post, -1), size, True).pre()
    assert_equally_likely(np.bincount(chosen.reshape(-1, 2) @ [size, 1], minlength=size * size))


def test_columns_do_not_depend_on_threads_or_on_each_other():
    """Column j is a function of the key and of j: of a smaller network it is the same."""
    few = matrix(connect.below_counted(9, 0.2, 100, 10), 100)
    for threads in (1, 3):
        many = matrix(connect.below_counted(9, 0.2, 100, 37, threads=threads), 100)
        assert (many[:10] == few).all()
