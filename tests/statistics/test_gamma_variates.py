"""Gamma variates, whole and truncated, of every kind of shape."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special
from significance import assert_distribution


@pytest.mark.parametrize("shape", [0.02, 0.3, 0.99, 1.0, 1.01, 2.0, 7.5, 200.0, 1e5])
@pytest.mark.parametrize("quantile", [0.0, 0.1, 0.5, 0.9, 1 - 1e-4, 1 - 1e-9])
def test_distribution_above_a_quantile(samples, shape, quantile):
    above = float(special.gammainccinv(shape, 1.0 - quantile))
    x = samples.gammas(shape, above, 20_000)
    assert (x >= above).all()
    left = special.gammaincc(shape, above)
    assert_distribution(x, lambda v: 1.0 - special.gammaincc(shape, v) / left)


@pytest.mark.parametrize("shape", [0.5, 2.0, 30.0])
def test_far_beyond_every_variate_that_ever_comes_it_is_exponential(samples, shape):
    """The survival function itself underflows here; the density's logarithm falls by 1 - (shape - 1) / x."""
    above = 1e6
    x = samples.gammas(shape, above, 20_000) - above
    assert_distribution(x, lambda v: -np.expm1(-v * (1.0 - (shape - 1.0) / above)))
