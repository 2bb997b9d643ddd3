"""When and where input arrives, worked out by hand or by a plain Python reference."""

from __future__ import annotations

import numpy as np
import pytest
from device_network import Network

from pynn_annarchy.native.cuda.network import CudaNetwork

pytestmark = pytest.mark.threaded


def probe_of(network, models, size=1, precision="double"):
    probe = network.add_population(models("Probe", precision), size)
    return probe, probe.record("exc", np.arange(size)), probe.record("inh", np.arange(size))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("delay", [1, 2, 3, 5, 8, 63, 64, 65, 200])
def test_a_spike_acts_exactly_after_its_delay(models, threads, delay):
    network = Network(dt_ms=0.1, threads=threads)
    clock = network.add_population(models("Clock"), 1, {"period": 7, "phase": 0})
    probe, exc, inh = probe_of(network, models)
    network.add_projection([clock.first], [probe.first], receptor="excitatory", weight=1.5, delay_steps=delay)
    assert network.window_steps == min(delay, 64)
    network.run(500)
    expected = np.zeros(501)
    expected[np.arange(0, 501 - delay, 7) + delay] = 1.5
    np.testing.assert_array_equal(exc.samples()[:, 0], expected)
    assert not inh.samples().any()


@pytest.mark.parametrize("window", range(1, 11))
def test_delays_are_exact_for_every_window_length(models, window):
    """One synapse has the length of the window as its delay, the others everything up to 40 steps above it."""
    network = Network(dt_ms=0.1)
    clock = network.add_population(models("Clock"), 1, {"period": 1000, "phase": 3})
    delays = np.arange(window, window + 41)
    probe, exc, _ = probe_of(network, models, delays.size)
    network.add_projection(
        np.full(delays.size, clock.first),
        probe.first + np.arange(delays.size),
        receptor="excitatory",
        weight=1.0,
        delay_steps=delays,
    )
    assert network.window_steps == window
    network.run(100)
    when, which = np.nonzero(exc.samples())
    np.testing.assert_array_equal(when[np.argsort(which)], 3 + delays)


def test_receptors_and_models_have_lanes_of_their_own(models):
    network = Network(dt_ms=0.1, threads=3)
    network.add_population(models("Clock"), 2, {"period": [10, 20], "phase": [0, 0]})
    lif = network.add_population(models("Lif"), 130, {"i_offset": 0.0})
    probe, exc, inh = probe_of(network, models, 200)
    currents = lif.record("isyn_inh", [129])
    network.add_projection(
        [0, 1], [probe.first + 7, probe.first + 150], receptor="excitatory", weight=1.0, delay_steps=1
    )
    network.add_projection(
        [0, 1], [probe.first + 7, probe.first + 7], receptor="inhibitory", weight=[2.0, 4.0], delay_steps=2
    )
    network.add_projection([0], [lif.first + 129], receptor="inhibitory", weight=0.25, delay_steps=3)
    network.run(12)
    e, i = exc.samples(), inh.samples()
    assert np.flatnonzero(e.any(0)).tolist() == [7, 150] and np.flatnonzero(i.any(0)).tolist() == [7]
    assert np.flatnonzero(e[:, 7]).tolist() == [1, 11] and np.flatnonzero(e[:, 150]).tolist() == [1]
    assert i[[2, 12], 7].tolist() == [6.0, 2.0]
    assert currents.samples()[2:4, 0].tolist() == [0.0, 0.25]


def test_multapses_and_self_connections(models):
    network = Network(dt_ms=1.0)
    clock = network.add_population(models("Clock"), 1, {"period": 5, "phase": 1})
    lif = network.add_population(models("Lif"), 2, {"i_offset": 0.0, "v_thresh": 1.0, "t_refrac": 1.0})
    record = lif.record_spikes([0, 1])
    isyn = lif.record("isyn_exc", [0])
    network.add_projection(
        [clock.first] * 3, [lif.first] * 3, receptor="excitatory", weight=[1.0, 1.0, 0.5], delay_steps=[1, 1, 2]
    )
    network.add_projection([lif.first], [lif.first], receptor="inhibitory", weight=100.0, delay_steps=1)
    network.run(6)
    decay = np.exp(-1 / 5)
    np.testing.assert_allclose(isyn.samples()[:5, 0], [0, 0, 2, 2 * decay + 0.5, (2 * decay + 0.5) * decay], rtol=1e-15)
    neuron, time_ms = record.events()
    # 2 nA lift v above 1 mV one step after their arrival; the neuron's own inhibition keeps it silent after that
    assert neuron.tolist() == [lif.first] and time_ms.tolist() == [3.0]


@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
@pytest.mark.parametrize("threads", [1, 3])
def test_every_event_arrives_once(models, threads, precision):
    """Input in all = sum over spikes of the out-degree, for weights that floats hold exactly."""
    rng = np.random.default_rng(5)
    network = Network(dt_ms=0.1, threads=threads, seed=3, precision=precision)
    coins = network.add_population(models("Coin", precision), 300, {"p": 0.05})
    record = coins.record_spikes(np.arange(300))
    probe = network.add_population(models("Probe", precision), 500)
    synapses = 20000
    source, target = rng.integers(0, 300, synapses), probe.first + rng.integers(0, 500, synapses)
    half = synapses // 2
    delay = rng.integers(1, 30, synapses)
    network.add_projection(source[:half], target[:half], receptor="excitatory", weight=1.0, delay_steps=delay[:half])
    weight = rng.integers(1, 4, half).astype(float)
    network.add_projection(source[half:], target[half:], receptor="inhibitory", weight=weight, delay_steps=delay[half:])
    network.run(300)
    coins.set_parameter("p", 0.0)
    network.run(40)  # what is still on its way arrives
    weights = np.concatenate([np.ones(half), weight])
    expected = np.bincount(target - probe.first, weights * record.counts()[source], 500)
    np.testing.assert_array_equal(probe.get_state("total"), expected)
    assert expected.sum() > 1e5


def reference_input(spikes, source, target, weight, delay, n_targets, n_steps):
    """Input per step boundary and target by plain loops over synapses."""
    steps = np.zeros((n_steps + 1, n_targets))
    for s, t, w, d in zip(source, target, weight, delay, strict=True):
        for spike in spikes[s]:
            if spike + d <= n_steps:
                steps[spike + d, t] += w
    return steps


def test_against_a_plain_reference(models):
    """Clocks, random weights and delays, several stores: the whole input of every step."""
    rng = np.random.default_rng(11)
    network = Network(dt_ms=0.1, threads=2)
    period, phase = rng.integers(3, 40, 70), rng.integers(0, 20, 70)
    clock = network.add_population(models("Clock"), 70, {"period": period, "phase": phase})
    probe, exc, inh = probe_of(network, models, 100)
    spikes = [range(p, 301, q) for p, q in zip(phase, period, strict=True)]
    total = {"excitatory": np.zeros((301, 100)), "inhibitory": np.zeros((301, 100))}
    for receptor, n, weight in [
        ("excitatory", 1500, 0.5),
        ("excitatory", 300, rng.normal(size=300)),
        ("inhibitory", 2000, 0.5),
        ("inhibitory", 1200, 0.25),
        ("excitatory", 60, 2.0),
    ]:
        source, target, delay = rng.integers(0, 70, n), rng.integers(0, 100, n), rng.integers(2, 50, n)
        network.add_projection(source, target + probe.first, receptor=receptor, weight=weight, delay_steps=delay)
        total[receptor] += reference_input(spikes, source, target, np.broadcast_to(weight, n), delay, 100, 300)
    assert clock.first == 0 and network.window_steps == 2
    network.run(300)
    np.testing.assert_allclose(exc.samples(), total["excitatory"], atol=1e-12)
    np.testing.assert_array_equal(inh.samples(), total["inhibitory"])


def test_an_empty_projection_changes_nothing(models):
    network = Network(dt_ms=0.1)
    network.add_population(models("Lif"), 10)
    empty = network.add_projection([], [], receptor="excitatory", weight=1.0, delay_steps=1)
    assert empty.size == 0 and network.window_steps == 64
    assert network.run(100) == 100


@pytest.mark.parametrize("weights", ["one", "many"])
def test_a_store_of_more_than_a_million_synapses(models, weights):
    """Large memory is asked for in another way, and rows are long enough to be sorted digit by digit."""
    rng = np.random.default_rng(2)
    n, sources = 1_200_000, 300
    network = Network(dt_ms=0.1, threads=2)
    network.add_population(models("Clock"), sources, {"period": 1000.0, "phase": np.arange(sources) % 7.0})
    probe, exc, _ = probe_of(network, models, 700)
    source, target = rng.integers(0, sources, n), rng.integers(0, 700, n)
    delay = rng.integers(1, 300, n)
    weight = 0.5 if weights == "one" else rng.integers(1, 9, n).astype(float)
    network.add_projection(source, probe.first + target, receptor="excitatory", weight=weight, delay_steps=delay)
    network.run(310)
    packed = weights == "one" and not isinstance(network, CudaNetwork)
    assert network.static_bytes / n < (4.01 if packed else 12.01)
    expected = np.zeros((311, 700))
    np.add.at(expected, (source % 7 + delay, target), weight)
    np.testing.assert_array_equal(exc.samples(), expected)
