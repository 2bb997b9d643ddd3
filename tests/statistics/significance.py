"""Statistical assertions, all at one significance level.

Every test here draws from fixed seeds, so its outcome does not vary. `LEVEL` is the probability that a correct sampler
fails one assertion, had the seed been drawn at random; over the few hundred assertions made here it adds up to a few
percent.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

LEVEL = 1e-4


def assert_distribution(
    sample: ArrayLike, cdf: Callable[[NDArray[np.float64]], ArrayLike], minimum: int = 1000
) -> None:
    """Kolmogorov-Smirnov test of a sample, of `minimum` elements at least, against a distribution function."""
    values = np.asarray(sample, dtype=np.float64)
    assert values.size >= minimum
    result = stats.kstest(values, cdf)
    assert result.pvalue > LEVEL, f"D = {result.statistic:.4g} for {values.size} values: p = {result.pvalue:.3g}"


def assert_total(counts: ArrayLike, expected: float) -> None:
    """Exact test that Poisson counts add up to what is expected."""
    total = int(np.sum(counts))
    tail = min(stats.poisson.cdf(total, expected), stats.poisson.sf(total - 1, expected))
    assert 2.0 * tail > LEVEL, f"{total} events, expected are {expected:.6g} +- {np.sqrt(expected):.3g}"


def assert_mean(sample: ArrayLike, expected: float) -> None:
    """Normal test of the mean of many independent values."""
    values = np.asarray(sample, dtype=np.float64)
    assert values.size >= 1000
    z = (values.mean() - expected) / (values.std(ddof=1) / np.sqrt(values.size))
    assert 2.0 * stats.norm.sf(abs(z)) > LEVEL, f"mean {values.mean():.6g}, expected is {expected:.6g}: z = {z:.2f}"


def assert_dispersion(counts: ArrayLike, expected: float) -> None:
    """Chi-square test that independent counts vary as Poisson counts of this mean do."""
    values = np.asarray(counts, dtype=np.float64)
    chi2 = float(((values - expected) ** 2).sum() / expected)
    # The variance of one term is 2 + 1 / expected: a chi-square distribution stretched to it.
    stretch = 1.0 + 0.5 / expected
    tail = min(
        stats.chi2.cdf(chi2 / stretch, values.size / stretch), stats.chi2.sf(chi2 / stretch, values.size / stretch)
    )
    assert 2.0 * tail > LEVEL, f"index of dispersion {chi2 / values.size:.5f} of {values.size} counts"


def assert_frequencies(counts: ArrayLike, distribution: stats.rv_discrete) -> None:
    """Chi-square test of whole numbers against their distribution; rare ones are pooled."""
    values = np.asarray(counts, dtype=np.int64).ravel()
    expected = values.size * distribution.pmf(np.arange(values.max() + 1))
    common = np.flatnonzero(expected >= 10)
    low, high = int(common[0]), int(common[-1])
    observed = np.bincount(np.clip(values, low, high), minlength=high + 1)[low:]
    expected = expected[low : high + 1].copy()
    expected[0] += values.size * distribution.cdf(low - 1)
    expected[-1] += values.size * distribution.sf(high)
    assert expected.size > 1
    result = stats.chisquare(observed, expected * observed.sum() / expected.sum())
    assert result.pvalue > LEVEL, (
        f"chi-square {result.statistic:.1f} for {expected.size} classes: p = {result.pvalue:.3g}"
    )


def assert_uncorrelated(a: ArrayLike, b: ArrayLike) -> None:
    """Test that many pairs of values with finite variance are uncorrelated."""
    x, y = np.asarray(a, dtype=np.float64).ravel(), np.asarray(b, dtype=np.float64).ravel()
    assert x.size >= 1000
    products = (x - x.mean()) * (y - y.mean())
    z = products.mean() / (products.std() / np.sqrt(x.size))
    assert 2.0 * stats.norm.sf(abs(z)) > LEVEL, (
        f"correlation {np.corrcoef(x, y)[0, 1]:.5f} of {x.size} pairs: z = {z:.2f}"
    )


def assert_independent(a: ArrayLike, b: ArrayLike, classes: int = 8) -> None:
    """Chi-square test that pairs of uniform numbers fill the unit square evenly."""
    x, y = (np.minimum((np.asarray(v) * classes).astype(int), classes - 1) for v in (a, b))
    observed = np.bincount(x * classes + y, minlength=classes**2)
    assert observed.sum() >= 20 * classes**2
    result = stats.chisquare(observed)
    assert result.pvalue > LEVEL, f"chi-square {result.statistic:.1f} for {classes**2} classes: p = {result.pvalue:.3g}"
