"""Threads that the engine chooses itself: none that would only wait, and the same results."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from device_network import Network
from networks import Recurrent, assert_same

from pynn_annarchy.native import parallelism

pytestmark = [pytest.mark.threaded, pytest.mark.cpu]  # a device has no threads to choose


def helpful_threads(**network):
    return parallelism.helpful_threads(SimpleNamespace(threads=8, dt_ms=0.1, **network))


@pytest.mark.parametrize(
    "size, window, synapses, expected",
    [
        (100, 1, 0, 1),
        (2000, 1, 0, 1),
        (4000, 1, 0, 2),
        (100, 64, 0, 4),
        (1000, 15, 0, 8),
        (100, 1, 10_000_000, 5),
        (10**6, 1, 0, 8),
    ],
)
def test_as_many_as_have_something_to_do(size, window, synapses, expected):
    """4 microseconds each: 2.5 ns a neuron and step, 10 spikes a second of 2 ns each a synapse; at most 8."""
    assert helpful_threads(size=size, window_steps=window, n_synapses=(synapses, 0)) == expected


def test_weighted_sums_count():
    assert helpful_threads(size=100, window_steps=1, n_synapses=(0, 100_000)) == 8
    assert helpful_threads(size=100, window_steps=1, n_synapses=(0, 100)) == 1


def test_a_network_that_grows(models, monkeypatch):
    """One thread for the small network, more when it has become larger; what is in flight and the results are kept."""
    monkeypatch.setattr("pynn_annarchy.native.network.available_threads", lambda: 4)
    results = []
    for threads in ("auto", 1, 4):
        made = Recurrent(models, threads=threads)
        made.inject()
        made.network.run(333)
        if threads == "auto":
            assert (made.network.threads, made.network.working_threads) == (4, 1)
        more = made.network.add_population(made.models("Lif"), 5000, {"i_offset": 0.3}, {"v": 3.0})
        made.connect(made.coin, more.first + np.arange(5000), 20_000, "excitatory", 0.4)
        made.network.run(400)
        if threads == "auto":
            assert made.network.working_threads == 4
        results.append([*made.result(), more.get_state("v")])
    assert_same(results[0], results[1])
    assert_same(results[0], results[2])


def test_it_stays_with_the_threads_that_it_is_given(models):
    made = Recurrent(models, threads=3)
    made.network.run(10)
    assert made.network.working_threads == 3


@pytest.mark.parametrize("threads", ["all", 0, 1.5, 2000])
def test_other_numbers(threads):
    with pytest.raises(ValueError, match="allowed are whole numbers from 1 to 1024, and 'auto'"):
        Network(dt_ms=0.1, threads=threads)
