"""NoiseCurrent: normal numbers, one for each interval, fresh after a reset and for each source."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from significance import assert_distribution, assert_uncorrelated

from pynn_annarchy.native.network import Network, NoiseCurrent

FOREVER = 10**15


def trace(network, steps, shape):
    current = network.add_current(shape)
    current.record()
    network.run(steps)
    return current, current.data()[1][:-1]


@pytest.mark.parametrize("interval", [1, 3, 10])
def test_a_new_normal_number_every_interval(interval):
    network = Network(dt_ms=0.1, seed=3)
    _, values = trace(network, 60_000, NoiseCurrent(0.7, 0.2, interval, 0, FOREVER))
    table = values.reshape(-1, interval)
    assert (table == table[:, :1]).all()
    assert_distribution(table[:, 0], stats.norm(0.7, 0.2).cdf)
    for lag in (1, 2, 7):
        assert_uncorrelated(table[:-lag, 0], table[lag:, 0])


def test_sources_seeds_and_segments_are_independent():
    shape = NoiseCurrent(0.0, 1.0, 1, 0, FOREVER)
    network = Network(dt_ms=0.1, seed=4)
    first, second = network.add_current(shape), network.add_current(shape)
    first.record()
    second.record()
    network.run(20_000)
    found = [first.data()[1], second.data()[1], trace(Network(dt_ms=0.1, seed=5), 20_001, shape)[1]]
    network.reset()
    network.run(20_000)
    found += [first.data()[1], second.data()[1]]
    for a in range(len(found)):
        for b in range(a):
            assert_uncorrelated(found[a], found[b])


def test_nothing_outside_its_time():
    _, values = trace(Network(dt_ms=0.1, seed=6), 5000, NoiseCurrent(2.0, 0.5, 7, 1000, 3000))
    inside = np.zeros(5000, bool)
    inside[1000:3000] = True
    assert (values[~inside] == 0.0).all() and (values[inside] != 0.0).all()
    assert (np.flatnonzero(np.diff(values[inside])) % 7 == 6).all()  # intervals count from its start
