"""Signals, spike records, parameters, states: what comes back is what happened."""

from __future__ import annotations

import numpy as np
import pytest
from device_network import Network


def clocked(models, threads=1, **kwargs):
    """A probe whose ``total`` counts steps, and a clock."""
    network = Network(dt_ms=0.1, threads=threads, **kwargs)
    precision = kwargs.get("precision", "double")
    probe = network.add_population(models("Probe", precision), 150, {"offset": np.arange(150.0)})
    clock = network.add_population(models("Clock", precision), 3, {"period": [10, 4, 25], "phase": [0, 1, 3]})
    return network, probe, clock


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("interval", [1, 3, 10])
def test_samples_stand_at_first_step_plus_multiples_of_the_interval(models, threads, interval):
    network, probe, _ = clocked(models, threads)
    network.run(7)
    index = np.array([149, 0, 64, 63])  # any order, across chunks
    signal = probe.record("total", index, interval)
    assert signal.first_step == 7 and signal.interval_steps == interval
    for n in (1, 2, 10, 0, 23, 64, 65):
        network.run(n)
        steps = np.arange(7, network.step + 1, interval)
        np.testing.assert_array_equal(signal.samples(), steps[:, None] * index)


def test_the_first_sample_is_the_state_when_the_run_begins(models):
    network, probe, _ = clocked(models)
    signal = probe.record("total", [2, 3])
    assert signal.samples().tolist() == [[0.0, 0.0]]
    probe.set_initial("total", 5.0, [1])
    assert signal.samples().tolist() == [[0.0, 0.0]] and probe.get_state("total")[1] == 5.0
    probe.set_initial("total", [50.0, 60.0], [2, 3])
    assert signal.samples().tolist() == [[50.0, 60.0]]
    network.run(1)
    probe.set_state("total", 0.0)
    network.run(1)
    assert signal.samples().tolist() == [[50.0, 60.0], [52.0, 63.0], [2.0, 3.0]]
    network.reset()
    assert signal.first_step == 0 and signal.samples().tolist() == [[50.0, 60.0]]
    network.run(1)
    assert signal.samples().tolist() == [[50.0, 60.0], [52.0, 63.0]]


def test_clear_and_stop(models):
    network, probe, clock = clocked(models)
    signal, other = probe.record("total", [1], 4), probe.record("total", [1], 1)
    spikes, kept = clock.record_spikes([0, 1, 2]), clock.record_spikes([1])
    network.run(10)
    signal.clear()
    spikes.clear()
    assert signal.first_step == 10 and signal.samples().tolist() == [[10.0]] and spikes.events()[0].size == 0
    other.stop()
    network.run(10)
    assert signal.samples()[:, 0].tolist() == [10.0, 14.0, 18.0]
    assert other.samples()[:, 0].tolist() == list(range(11))
    np.testing.assert_allclose(spikes.events()[1], [1.3, 1.7, 2.0])
    kept.stop()
    before = kept.events()[1].tolist()
    network.run(10)
    assert kept.events()[1].tolist() == before and len(before) == 5
    assert spikes.counts().tolist() == [2, 5, 1]


def test_spikes_are_in_order_and_only_of_recorded_neurons(models):
    network, probe, clock = clocked(models, threads=2)
    record = clock.record_spikes([2, 0])
    network.run(30)
    neuron, time_ms = record.events()
    expected = sorted(
        (round(s * 0.1, 10), clock.first + k) for k, p, q in ((0, 0, 10), (2, 3, 25)) for s in range(p, 31, q)
    )
    assert [(round(t, 10), n) for t, n in zip(time_ms, neuron, strict=True)] == expected
    assert record.counts().tolist() == [2, 4]
    with pytest.raises(ValueError, match="does not spike"):
        probe.record_spikes([0])


def test_source_spikes_at_time_zero_and_again_after_a_reset(models):
    network, probe, clock = clocked(models)
    record = clock.record_spikes([0])
    exc = probe.record("exc", [0])
    network.add_projection([clock.first], [0], receptor="excitatory", weight=2.0, delay_steps=1)
    for _ in range(2):
        assert network.run(5) == 5 and network.step == 5
        assert record.events()[1].tolist() == [0.0]
        assert exc.samples()[:, 0].tolist() == [0, 2, 0, 0, 0, 0]
        network.reset()
        assert network.step == 0 and record.events()[1].size == 0


def test_a_reset_forgets_what_is_on_its_way_and_keeps_parameters(models):
    network, probe, clock = clocked(models)
    network.add_projection([clock.first], [0], receptor="excitatory", weight=2.0, delay_steps=50)
    network.run(30)
    network.reset()
    clock.set_parameter("phase", 1e6)
    probe.set_parameter("offset", 1.0)
    network.run(100)
    assert probe.get_state("exc")[0] == 0.0
    np.testing.assert_array_equal(probe.get_state("total"), np.full(150, 100.0))


@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_parameters_change_between_runs(models, precision):
    network, probe, _ = clocked(models, precision=precision)
    network.run(2)
    probe.set_parameter("offset", 10.0, [5, 149])
    network.run(1)
    total = probe.get_state("total")
    assert total[[4, 5, 149]].tolist() == [12.0, 20.0, 308.0]
    probe.set_parameter("offset", 0.5)
    network.run(4)
    np.testing.assert_array_equal(probe.get_state("total"), total + 2.0)
    mask = np.zeros(150, bool)
    mask[[0, 70]] = True
    probe.set_parameter("offset", [1.0, 2.0], mask)
    assert probe.get_parameter("offset")[[0, 1, 70]].tolist() == [1.0, 0.5, 2.0]
    network.run(1)
    assert (probe.get_state("total") - total)[[0, 1, 70]].tolist() == [3.0, 2.5, 4.0]


def test_populations_of_one_model_keep_their_own_values(models):
    network = Network(dt_ms=0.1, threads=2)
    sizes = [1, 63, 64, 65, 200]
    made = [network.add_population(models("Probe"), n, {"offset": float(k)}) for k, n in enumerate(sizes)]
    signals = [p.record("total", [0, p.size - 1]) for p in made]
    network.run(3)
    more = network.add_population(models("Probe"), 70, {"offset": 100.0})
    network.run(2)
    for k, (p, signal) in enumerate(zip(made, signals, strict=True)):
        assert (p.get_state("total") == 5.0 * k).all() and p.first == sum(sizes[:k])
        assert signal.samples().tolist() == [[k * s, k * s] for s in range(6)]
    assert (more.get_state("total") == 200.0).all() and more.first == sum(sizes)


def test_long_recordings_are_cut_into_slices_that_leave_no_trace(models, monkeypatch):
    from pynn_annarchy.native import network as module

    monkeypatch.setattr(module, "MAX_SIGNAL_BYTES", 4096)
    network, probe, clock = clocked(models)
    signal, spikes = probe.record("total", [1, 2]), clock.record_spikes([1])
    assert network.run(1000) == 1000
    np.testing.assert_array_equal(signal.samples(), np.arange(1001.0)[:, None] * [1, 2])
    assert spikes.counts().tolist() == [len(range(1, 1001, 4))]


def test_closing(models):
    network, probe, _ = clocked(models)
    signal = probe.record("total", [1])
    network.run(3)
    network.close()
    assert signal.samples()[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0]
    for use in (lambda: network.run(1), network.reset, lambda: network.add_population(models("Probe"), 1)):
        with pytest.raises(RuntimeError, match="closed"):
            use()


@pytest.mark.cpu  # a GPU is no slower with them
@pytest.mark.parametrize("precision", ["double", "single"])
def test_silence_does_not_end_in_denormal_numbers(models, precision):
    """They would make every later step many times slower, for ever."""
    network = Network(dt_ms=1.0, precision=precision)
    lif = network.add_population(models("Lif", precision), 1, {"i_offset": 0.0, "tau_syn": 2.0}, {"isyn_exc": 1.0})
    network.run(2000)
    assert lif.get_state("isyn_exc")[0] == 0.0
    assert np.float64(1e-308) / 10 > 0.0, "the caller's own arithmetic is left alone"
