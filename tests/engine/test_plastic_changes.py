"""Delays, parameters and variables changed between runs, with spikes on their way in both directions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from device_network import Network
from plastic_networks import DT, N_CELL, Plastic, Reference, delays

RATE = 0.02  # per ms


def one_synapse(models, synapse_models, kind, delay, dendritic, times, back=(), threads=1):
    """A player's synapse onto a probe, or onto a cell that another player makes spike two steps after it did itself."""
    network = Network(dt_ms=DT, threads=threads)
    player = network.add_population(models("Player"), 2)
    player.set_spike_times([np.array(times) * DT, np.array(back) * DT])
    probe = network.add_population(models("Probe"), 1)
    cell = network.add_population(models("Lif"), 1, {"i_offset": 0.0, "t_refrac": 0.1, "tau_syn": 0.01})
    network.add_projection([1], [cell.first], receptor="excitatory", weight=1e4, delay_steps=1)
    target = cell if len(back) else probe
    projection = network.add_plastic_projection(
        synapse_models(kind),
        [0],
        [target.first],
        receptor="excitatory",
        parameters={"rate": RATE},
        delay_steps=delay,
        dendritic_steps=dendritic,
    )
    return network, projection, probe, cell


def arrivals(signal):
    """Steps at whose end something arrived."""
    return (np.flatnonzero(signal.samples()[:, 0]) - 1).tolist()


@pytest.mark.parametrize("new", [(30, 0), (30, 30), (3, 1), (3, 3), (100, 7), (1, 0), (1, 1)])
@pytest.mark.parametrize("at", [12, 15, 21, 22, 25, 29, 30])
@pytest.mark.parametrize("kind", ["Pairs", "Facilitating"])
def test_what_is_on_its_way_keeps_its_delay(models, synapse_models, kind, at, new):
    """Spikes at steps 10, 14 and 40; 12 steps to the synapse and 8 to the target, then another delay."""
    network, projection, probe, _ = one_synapse(models, synapse_models, kind, 20, 8, [11, 15, 41])
    signal = probe.record("exc", [0])
    network.run(at)
    projection.set_delay(*new)
    network.run(200 - at)
    expected = [s + (20 if s < at else new[0]) for s in (10, 14, 40)]
    assert arrivals(signal) == sorted(expected)
    # When arrivals were processed shows in the trace: every one adds 1, and it decays from then on.
    late = kind == "Pairs"
    events = [s + (0 if not late else 12 if s < at else new[0] - new[1]) for s in (10, 14, 40)]
    x = sum(math.exp(-RATE * DT * (199 - event)) for event in events)
    np.testing.assert_allclose(projection.get_variable("x"), x, rtol=1e-12)


def test_delays_of_a_busy_network_change(models, synapse_models):
    """Bit for bit the same for any number of threads, with stores that come and go."""
    results = []
    for threads in (1, 3):
        made = Plastic(
            models, synapse_models, ["Pairs", "Clocked", "Facilitating"], delays(3, 9), delays(2, 7), threads=threads
        )
        rng = np.random.default_rng(3)
        for _ in range(12):
            made.network.run(90)
            for projection in made.projections:
                index = rng.choice(projection.size, 200, replace=False)
                dendritic = rng.integers(0, 12, 200)
                projection.set_delay(
                    np.maximum(1, dendritic + rng.choice([0, 0, 5, 30], 200)), dendritic * 0 + 0, index
                )
        results.append(made.result())
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("new", [2, 10, 14, 15, 16, 40, 60])
def test_spikes_of_the_target_that_are_on_their_way_back(models, synapse_models, new):
    """The target spikes in step 20 with 40 steps of dendrite, which is ``new`` from step 35 on.

    The source is silent: what changes h is the target's spike, and it does so once.
    """
    network, projection, _, cell = one_synapse(models, synapse_models, "Pairs", 70, 40, [], [19])
    record = cell.record_spikes([0])
    projection.set_variable("h", 8.0)
    network.run(35)
    assert np.rint(record.events()[1] / DT).tolist() == [21]
    projection.set_delay(70, new)
    values = []
    for _ in range(35, 90):
        network.run(1)
        values.append(projection.get_variable("h")[0])
    arrives = max(20 + new + 1, 36)  # the first boundary behind it
    expected = [8.0 if boundary < arrives else 8.0 * 0.5 + 1 / 1001 for boundary in range(36, 91)]
    np.testing.assert_allclose(values, expected, rtol=1e-15)


def test_a_parameter_changes_from_now_on(models, synapse_models):
    network, projection, _, _ = one_synapse(models, synapse_models, "Facilitating", 5, 5, [11, 91])
    network.run(50)
    projection.set_parameter("rate", 0.3)
    assert projection.get_parameter("rate").tolist() == [0.3]
    network.run(50)
    decay = math.exp(-RATE * DT * 39 - 0.3 * DT * 41)  # events 10, 49 (the change) and 90
    expected = (decay + 1) * math.exp(-0.3 * DT * 9)
    np.testing.assert_allclose(projection.get_variable("x"), expected, rtol=1e-12)


def test_a_variable_changes_now(models, synapse_models):
    network, projection, probe, _ = one_synapse(models, synapse_models, "Facilitating", 5, 5, [11, 91])
    signal = probe.record("exc", [0])
    network.run(50)
    projection.set_variable("x", 2.0)
    projection.set_variable("w", 3.0, [0])
    assert projection.get_variable("x").tolist() == [2.0] and projection.get_variable("w").tolist() == [3.0]
    network.run(50)
    x = 2 * math.exp(-RATE * DT * 41) + 1
    np.testing.assert_allclose(projection.get_variable("x"), x * math.exp(-RATE * DT * 9), rtol=1e-12)
    h = 0.75 * 1 + x
    np.testing.assert_allclose(signal.samples()[96, 0], 3 * (2 + math.tanh(h)), rtol=1e-12)
    network.reset()
    assert projection.get_variable("x").tolist() == [2.0] and projection.get_variable("w").tolist() == [3.0]
    assert projection.get_variable("h").tolist() == [0.0]


def test_setting_a_weight_touches_nothing_else(models, synapse_models):
    results = []
    for weights in (False, True):
        made = Plastic(models, synapse_models, ["Pairs", "Voltage"], delays(2, 3), delays(1, 4))
        for _ in range(5):
            made.network.run(100)
            for projection in made.projections if weights else ():
                projection.set_variable("w", projection.get_variable("w"))
        results.append(made.result())
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("threads", [1, 3])
def test_values_come_back_in_order_of_creation(models, synapse_models, threads):
    """Two projections in one store, of which one is in another, too."""
    made = Plastic(models, synapse_models, ["Pairs", "Pairs"], delays(0, 3), delays(1, 5), threads=threads)
    rng = np.random.default_rng(0)
    for step in (0, 10, 200):
        made.network.run(step)
        for projection in made.projections:
            w, x = rng.uniform(0, 0.01, 600), rng.uniform(0, 1, 600)
            index = np.array([599, 3, 77])
            projection.set_variable("w", w)
            projection.set_variable("x", x)
            projection.set_variable("h", [1.0, 2.0, 3.0], index)
            rate = rng.uniform(0, 1, 600)
            projection.set_parameter("rate", rate)
            projection.set_parameter("rate", [4.0, 5.0, 6.0], index)
            rate[index] = 4.0, 5.0, 6.0
            np.testing.assert_array_equal(projection.get_variable("w"), w)
            np.testing.assert_array_equal(projection.get_variable("x"), x)
            np.testing.assert_array_equal(projection.get_variable("h", index), [1.0, 2.0, 3.0])
            np.testing.assert_array_equal(projection.get_parameter("rate"), rate)
            np.testing.assert_array_equal(projection.get_variable("w", index[[0, 0]]), w[index[[0, 0]]])


def test_synapses_onto_cells_of_two_models(models, synapse_models):
    """One projection in two stores: onto probes and onto cells."""
    network = Network(dt_ms=DT, threads=2)
    player = network.add_population(models("Player"), 1)
    player.set_spike_times([np.array([1.0, 2.0, 7.0])])
    probe = network.add_population(models("Probe"), 100)
    cell = network.add_population(models("Lif"), 100)
    more = network.add_population(models("Probe"), 100)
    target = np.random.default_rng(0).permutation(np.arange(1, 301))
    projection = network.add_plastic_projection(
        synapse_models("Pairs"), np.zeros(300, int), target, receptor="excitatory", delay_steps=4, dendritic_steps=2,
        variables={"w": np.arange(300.0), "x": np.arange(300.0)},
    )  # fmt: skip
    assert cell.first == 101 and more.first == 201
    signals = [p.record("exc", np.arange(100)) for p in (probe, more)]
    network.run(100)
    np.testing.assert_array_equal(projection.get_variable("w"), np.arange(300.0))
    w = np.empty(301)
    w[target] = np.arange(300.0)
    for population, signal in ((probe, signals[0]), (more, signals[1])):
        got = signal.samples()
        assert np.flatnonzero(got.any(1)).tolist() == [14, 24, 74]
        mine = w[population.first : population.first + 100]
        h = 0.75 * 0 + (mine * math.exp(-0.1 * DT * 12) + 1) + 1 / 1001
        np.testing.assert_allclose(got[14], mine * (2 + np.tanh(h)), rtol=1e-12)


def test_trains_are_cut_and_nothing_is_lost(models, synapse_models):
    """200 cells that spike in every other step: 20 times more spikes than are kept."""
    network = Network(dt_ms=DT, threads=2)
    cell = network.add_population(models("Lif"), 200, {"i_offset": 3000.0, "t_refrac": 0.1})
    player = network.add_population(models("Player"), 1)
    player.set_spike_times([np.array([1.0, 50.0, 51.0, 120.0])])
    dendritic = np.arange(200) % 20
    projection = network.add_plastic_projection(
        synapse_models("Modulated"), np.full(200, 200), np.arange(200), receptor="excitatory", delay_steps=25,
        dendritic_steps=dendritic, modulator=[0, 7], modulator_delay_steps=3, variables={"w": 0.0},
    )  # fmt: skip
    record = cell.record_spikes(np.arange(200))
    v = cell.record("v", [0])
    network.run(1500)
    neuron, times = record.events()
    steps = [(np.rint(times[neuron == n] / DT).astype(int) - 1).tolist() for n in range(200)]
    assert sum(map(len, steps)) > 20 * 4096
    modulator = sorted(steps[0] + steps[7])
    h, x = projection.get_variable("h"), projection.get_variable("x")
    for k in (0, 7, 19, 119):
        source = [9, 499, 509, 1199]
        synapse = Reference(
            projection.kernel, 0.0, 0.1, 25, int(dendritic[k]), source, steps[k], modulator, v.samples()
        )
        synapse.run(1500)
        np.testing.assert_allclose([h[k], x[k]], [synapse.h, synapse.x_at(1500)], rtol=1e-12)


def test_random_numbers_of_a_synapse(models, synapse_models):
    """Each spike of a step draws its own; the share of those that release is p."""
    network = Network(dt_ms=DT, threads=2, seed=5)
    player = network.add_population(models("Player"), 1)
    player.set_spike_times([np.repeat(np.arange(1, 101), 2) * DT])
    probe = network.add_population(models("Probe"), 1)
    n = 400
    network.add_plastic_projection(
        synapse_models("Stochastic"), np.zeros(n, int), np.full(n, probe.first), receptor="excitatory", delay_steps=1,
        parameters={"p": 0.3},
    )  # fmt: skip
    signal = probe.record("exc", [0])
    network.run(150)
    counts = signal.samples()[2:102, 0]  # of 2 * n draws each
    assert (counts == np.rint(counts)).all()
    # Binomial: the total within 4 standard deviations, the variance within 4 of its own (100 samples: sqrt(2 / 99)).
    mean, variance = 2 * n * 0.3, 2 * n * 0.3 * 0.7
    assert abs(counts.sum() - 100 * mean) < 4 * math.sqrt(100 * variance)
    assert abs(counts.var(ddof=1) / variance - 1) < 4 * math.sqrt(2 / 99)


def test_all_cells_are_alive(models, synapse_models):
    made = Plastic(models, synapse_models, ["Pairs"], delays(2), delays(2))
    made.network.run(1300)
    assert made.records[1].counts().min() >= 1 and made.cell.size == N_CELL
