"""Injected currents reach the right neurons at the right steps, whatever else is injected."""

from __future__ import annotations

import numpy as np
import pytest
from device_network import Network

from pynn_annarchy.native.network import NoiseCurrent, SineCurrent, StepCurrent

pytestmark = pytest.mark.threaded


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_current_is_constant_during_a_step(models, threads, precision):
    """The state after step n shows the value at t_n."""
    network = Network(dt_ms=0.1, threads=threads, precision=precision)
    other = network.add_population(models("Lif", precision), 70)
    probe = network.add_population(models("Probe", precision), 200)
    injected = probe.record("injected", np.arange(200))
    steps = network.add_current(StepCurrent(np.array([2, 5, 5, 9]), np.array([1.0, 3.0, 2.0, 0.0])))
    sine = network.add_current(SineCurrent(0.5, 0.25, 100.0, 90.0, 4, 20))
    steps.inject(probe.first + np.array([0, 63, 64, 199]))
    sine.inject([probe.first + 64, probe.first + 65, probe.first + 65])
    steps.record()
    network.run(30)
    k = np.arange(30)
    of_steps = np.select([k < 2, k < 5, k < 9], [0.0, 1.0, 2.0], 0.0)
    of_sine = np.where((k >= 4) & (k < 20), 0.25 + 0.5 * np.sin(2 * np.pi * 0.1 * (k - 4) * 0.1 + np.pi / 2), 0.0)
    expected = np.zeros((31, 200))
    expected[1:, [0, 63, 64, 199]] = of_steps[:, None]
    expected[1:, 64] += of_sine
    expected[1:, 65] = 2 * of_sine
    np.testing.assert_allclose(injected.samples(), expected, atol=1e-6 if precision == "single" else 1e-13)
    first, trace = steps.data()
    assert first == 0 and trace.tolist() == [*of_steps, 0.0]
    assert other.size == 70


def test_currents_change_between_runs(models):
    network = Network(dt_ms=0.1)
    probe = network.add_population(models("Probe"), 3)
    injected = probe.record("injected", [0, 1])
    current = network.add_current(StepCurrent(np.array([0]), np.array([1.0])))
    current.record()
    current.inject([0])
    network.run(3)
    current.set(StepCurrent(np.array([0, 4]), np.array([2.0, 3.0])))
    current.inject([1])
    network.run(3)
    assert injected.samples()[1:].tolist() == [[1, 0], [1, 0], [1, 0], [2, 2], [3, 3], [3, 3]]
    assert current.data()[1].tolist() == [1, 1, 1, 2, 3, 3, 3]
    network.reset()
    network.run(1)
    assert injected.samples().tolist() == [[0, 0], [2, 2]] and current.data()[1].tolist() == [2, 2]


@pytest.mark.parametrize("threads", [1, 2])
def test_noise_is_the_same_in_all_cells_and_new_after_a_reset(models, threads):
    network = Network(dt_ms=0.1, threads=threads, seed=9)
    probe = network.add_population(models("Probe"), 130)
    injected = probe.record("injected", np.arange(130))
    one, two = (network.add_current(NoiseCurrent(0.5, 0.2, 4, 10, 90)) for _ in range(2))
    one.record()
    one.inject(probe.first + np.arange(129))
    two.inject([129])
    network.run(100)
    samples = injected.samples()[1:].copy()
    np.testing.assert_array_equal(samples[:, :129], np.broadcast_to(one.data()[1][:100, None], (100, 129)))
    assert not samples[:10].any() and not samples[90:].any()
    assert (samples[10:90].reshape(20, 4, 130) == samples[10:90:4][:, None]).all()
    assert np.unique(samples[10:90:4, [0, 129]]).size == 40
    assert abs(samples[10:90, 0].mean() - 0.5) < 5 * 0.2 / np.sqrt(20)
    network.reset()
    network.run(100)
    again = injected.samples()[1:]
    assert np.intersect1d(again[10:90], samples[10:90]).size == 0


def test_traces_of_a_current_begin_when_it_is_recorded(models):
    network = Network(dt_ms=0.1)
    network.add_population(models("Probe"), 1)
    current = network.add_current(StepCurrent(np.array([0, 6]), np.array([1.0, 2.0])))
    network.run(5)
    current.record()
    assert [current.data()[0], *current.data()[1]] == [5, 1.0]
    network.run(2)
    assert [current.data()[0], *current.data()[1]] == [5, 1.0, 2.0, 2.0]
