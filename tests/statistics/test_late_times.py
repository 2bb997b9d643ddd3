"""Sources after months of model time, where single precision has no times within a step any more."""

from __future__ import annotations

import numpy as np
import pytest
from driver import Neurons
from scipy import stats
from significance import assert_distribution, assert_frequencies, assert_mean

from pynn_annarchy.native import kernels

STEP = 4_000_000_000  # of 0.1 ms: 46 days; the counter of random numbers is near its end, too


def started(kind, precision, parameters, n=6400):
    neurons = Neurons(kernels.standard(f"SpikeSource{kind}", precision), n, parameters=parameters)
    neurons.now = STEP
    return neurons


def remaining(neurons):
    now = np.float64(neurons.now * neurons.dt)
    head, rest = (neurons[name].astype(np.float64) for name in ("_next_ms", "_next_rest_ms"))
    return (head - now) + rest


@pytest.mark.parametrize("precision", ["double", "single"])
def test_what_is_still_to_come(precision):
    neurons = started("Poisson", precision, {"rate": 40.0})
    neurons.step(50)
    assert_distribution(remaining(neurons), stats.expon(scale=25.0).cdf)


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("rate", [500.0, 5e4])
def test_counts_in_a_step(precision, rate):
    neurons = started("Poisson", precision, {"rate": rate}, 640)
    neurons.step(100)
    neuron, time = np.array(neurons.spikes).T
    steps = np.rint(time / neurons.dt).astype(np.int64) - STEP - 1
    table = np.zeros((640, 100), int)
    np.add.at(table, (neuron.astype(int), steps), 1)
    assert_frequencies(table, stats.poisson(rate * neurons.dt / 1000.0))


@pytest.mark.parametrize("precision", ["double", "single"])
def test_a_regular_process_stays_regular(precision):
    neurons = started("Gamma", precision, {"alpha": 400.0, "beta": 80_000.0}, 2000)
    neurons.step(600)
    neuron, time = np.array(neurons.spikes).T
    trains = [time[neuron == k] for k in range(2000)]
    intervals = np.array([np.diff(train[:11]) for train in trains])
    assert_mean(intervals, 5.0)
    assert_mean((intervals - 5.0) ** 2, 0.25**2 + neurons.dt**2 / 6)  # the grid adds its part
