"""What native code does with connections in columns: bringing them into order, and delays to steps."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from pynn_annarchy.native import connect

pytestmark = pytest.mark.threaded


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize(("n_pre", "most"), [(1, 5), (7, 0), (40, 3), (300, 1000)])
def test_by_source(n_pre, most, threads):
    """As a stable sort by source gives it, also for empty columns and several connections of a pair."""
    rng = np.random.default_rng(n_pre + most)
    sizes = rng.integers(0, most + 1, 60)
    begin = np.concatenate([[0], np.cumsum(sizes)])
    pre = rng.integers(0, n_pre, begin[-1])
    values = [rng.normal(size=pre.size) for _ in range(2)]
    source, target, ordered = connect.by_source(begin, pre, n_pre, values, threads)
    order = np.argsort(pre, kind="stable")
    assert_array_equal(source, pre[order])
    assert_array_equal(target, np.repeat(np.arange(60), sizes)[order])
    for found, given in zip(ordered, values, strict=True):
        assert_array_equal(found, given[order])
    if pre.size:
        with pytest.raises(IndexError, match="no such source"):
            connect.by_source(begin, pre, int(pre.max()), values, threads)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("dt", [1.0, 0.3, 0.1, 0.05, 0.025])
def test_delays_are_rounded_half_steps_up(dt, threads):
    whole = np.arange(1, 4000)
    rng = np.random.default_rng(1)
    for offset, expected in ((0.0, whole), (0.49, whole), (0.5, whole + 1), (-0.5, whole), (-0.49, whole)):
        steps, wrong = connect.to_steps((whole + offset) * dt, dt, 1, 5000, threads)
        assert wrong is None
        assert steps.dtype == np.uint16
        assert_array_equal(steps, expected)
    near = whole + rng.uniform(-0.4999, 0.4999, whole.size)
    assert_array_equal(connect.to_steps(near * dt, dt, 1, 5000, threads)[0], whole)


@pytest.mark.parametrize("bad", [0.4, 10.5, -3.0, np.nan, np.inf, 1e300])
def test_the_first_delay_out_of_bounds_is_named(bad):
    delays = np.full(1000, 2.0)
    delays[[412, 900]] = bad, 11.0
    for threads in (1, 3):
        steps, wrong = connect.to_steps(delays, 1.0, 1, 10, threads)
        assert steps is None
        assert_array_equal(wrong, bad)
    with pytest.raises(ValueError, match="0 to 65535 can be stored"):
        connect.to_steps(delays, 1.0, 1, 70_000)
