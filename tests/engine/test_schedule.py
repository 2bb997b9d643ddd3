"""Sequences reach the sources they are meant for, whenever they are given."""

from __future__ import annotations

import numpy as np
import pytest
from device_network import Network


@pytest.mark.parametrize("threads", [1, 3])
def test_spike_times(models, threads):
    rng = np.random.default_rng(4)
    network = Network(dt_ms=0.1, threads=threads)
    silent = network.add_population(models("Player"), 3)
    one = network.add_population(models("Player"), 130)
    network.add_population(models("Lif"), 10)
    two = network.add_population(models("Player"), 1)
    steps = [np.sort(rng.choice(400, rng.integers(0, 30), replace=False)) for _ in range(130)]
    one.set_spike_times([0.1 * s for s in steps])
    two.set_spike_times([[0.0, 5.0, 5.0, 39.9]])
    records = [p.record_spikes(np.arange(p.size)) for p in (silent, one, two)]
    network.run(200)
    later = network.add_population(models("Player"), 70)
    later.set_spike_times([[1.0, 25.0]], [69])
    two.set_spike_times([[0.0, 5.0, 20.0, 30.0, 31.0]])  # what is not after 20 ms is ignored
    records.append(later.record_spikes(np.arange(70)))
    network.run(200)
    assert records[0].events()[0].size == 0
    neuron, time_ms = records[1].events()
    for k, expected in enumerate(steps):
        np.testing.assert_allclose(time_ms[neuron == one.first + k], 0.1 * expected, atol=1e-9)
    np.testing.assert_allclose(records[2].events()[1], [0.0, 5.0, 5.0, 30.0, 31.0])
    assert [a.tolist() for a in records[3].events()] == [[later.first + 69], pytest.approx([25.0])]


def test_after_a_reset_the_times_come_again(models):
    network = Network(dt_ms=1.0)
    player = network.add_population(models("Player"), 1)
    player.set_spike_times([[0.0, 2.0]])
    record = player.record_spikes([0])
    for _ in range(2):
        network.run(5)
        assert record.events()[1].tolist() == [0.0, 2.0]
        network.reset()


def test_bad_sequences(models):
    network = Network(dt_ms=1.0)
    player, lif = network.add_population(models("Player"), 2), network.add_population(models("Lif"), 2)
    player.set_spike_times([[1.0], [2.0]])
    for use, message in [
        (lambda: lif.set_spike_times([[1.0], [2.0]]), "Lif is no spike source"),
        (lambda: player.set_spike_times([[1.0]]), "1 sequences for 2 neurons"),
        (lambda: player.set_spike_times([[2.0, 1.0]], [0]), "ascending"),
        (lambda: player.set_spike_times([[-1.0]], [0]), "not negative"),
        (lambda: player.set_spike_times([[np.nan]], [0]), "finite"),
        (lambda: player.set_gamma_schedule([[1.0]], [[1.0, 2.0]], [[0.0]], [0]), "same length"),
    ]:
        with pytest.raises(ValueError, match=message):
            use()
    record = player.record_spikes([0, 1])
    network.run(5)
    assert record.events()[1].tolist() == [1.0, 2.0]
