"""Synapses with state give the same bits, whatever the threads, the cuts, and what is added or read in between."""

from __future__ import annotations

import numpy as np
import pytest
from device_network import Network
from networks import assert_same
from plastic_networks import KINDS, N_CELL, N_PLAYER, Plastic, delays

pytestmark = pytest.mark.threaded

STEPS = 1300
MIXED = (delays(0, 2, 3, 11), delays(1, 2, 6))


def build(models, synapse_models, threads=1, kinds=KINDS, case=MIXED, **kwargs):
    return Plastic(models, synapse_models, kinds, *case, threads=threads, **kwargs)


@pytest.fixture(scope="module")
def reference(models, synapse_models):
    """One thread, one run; signals of two synapses of each projection, early and late."""
    made = build(models, synapse_models)
    signals = [p.record("h", [0, 7], 5) for p in made.projections]
    made.network.run(STEPS)
    result = made.result()
    assert made.network.window_steps == 1 and result[2].size > 5 * N_CELL
    return result + [signal.samples() for signal in signals]


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_any_number_of_threads(models, synapse_models, reference, threads):
    made = build(models, synapse_models, threads)
    signals = [p.record("h", [0, 7], 5) for p in made.projections]
    made.network.run(STEPS)
    assert_same(made.result() + [signal.samples() for signal in signals], reference)


@pytest.mark.parametrize(
    "case", [(delays(0), delays(4, 9)), (delays(5, 8, 40), delays(0, 3)), (delays(0, 5), delays(4))]
)
@pytest.mark.parametrize(
    "kinds", [["Pairs", "Facilitating", "Modulated", "Stochastic"], ["Stochastic", "Facilitating"]]
)
def test_threads_and_cuts_with_long_windows(models, synapse_models, kinds, case):
    made = build(models, synapse_models, kinds=kinds, case=case)
    signals = [p.record("x", np.arange(0, 600, 7), 2) for p in made.projections]
    assert made.network.window_steps >= 3
    made.network.run(STEPS)
    expected = made.result() + [signal.samples() for signal in signals]
    for threads, pieces in ((1, [1] * 9 + [4, 17, 700, 570]), (3, [STEPS]), (2, [13] * 100)):
        other = build(models, synapse_models, threads, kinds, case)
        signals = [p.record("x", np.arange(0, 600, 7), 2) for p in other.projections]
        for n in pieces:
            other.network.run(n)
        assert_same(other.result() + [signal.samples() for signal in signals], expected)


@pytest.mark.parametrize("precision", ["mixed", "single"])
def test_other_precisions(models, synapse_models, precision):
    results = []
    for threads in (1, 3):
        made = build(models, synapse_models, threads, precision=precision, n=300)
        made.network.run(500)
        results.append(made.result())
    assert_same(*results)
    exact = build(models, synapse_models, n=300)
    exact.network.run(40)
    rounded = build(models, synapse_models, precision=precision, n=300)
    rounded.network.run(40)
    for one, other in zip(exact.projections, rounded.projections, strict=True):
        np.testing.assert_allclose(one.get_variable("h"), other.get_variable("h"), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("threads", [1, 3])
def test_pieces_reading_and_additions_in_between(models, synapse_models, reference, threads):
    """Every addition makes the engine lay out neurons or synapses anew, with spikes on their way."""
    made = build(models, synapse_models, threads)
    signals = [p.record("h", [0, 7], 5) for p in made.projections]
    network = made.network
    rng = np.random.default_rng(1)
    for round, n in enumerate((1, 3, 46, 150, 7, 93, 400, 600)):
        network.run(n)
        for projection in made.projections:
            projection.get_variable("x", rng.integers(0, 600, 5))
        if round % 4 == 0:
            # Cells that hear and say nothing; the blocks of all others move.
            lif = made.models("Lif")
            quiet = network.add_population(lif, 100, {"i_offset": 0.0})
            network.add_population(made.models("Probe"), 70)
            network.add_plastic_projection(
                made.synapse_models("Pairs"),
                np.arange(N_PLAYER),
                quiet.first + np.arange(N_PLAYER),
                receptor="inhibitory",
                delay_steps=3 + round,
                dendritic_steps=round,
            )
        elif round % 4 == 1:
            made.projections[round % 3].set_delay(
                made.projections[round % 3].delay_steps, made.projections[round % 3].dendritic_steps
            )
        elif round % 4 == 2:
            # Onto cells that are watched already, with no effect.
            everyone = np.arange(N_PLAYER + N_CELL)
            network.add_plastic_projection(
                made.synapse_models("Pairs"),
                rng.choice(everyone, 200),
                rng.choice(everyone[N_PLAYER:], 200),
                receptor="inhibitory",
                variables={"w": 0.0},
                delay_steps=rng.integers(20, 120, 200),
                dendritic_steps=rng.integers(0, 20, 200),
            )
    assert network.step == STEPS
    assert_same(made.result() + [signal.samples() for signal in signals], reference)


def test_a_reset_brings_everything_back(models, synapse_models):
    kinds = [kind for kind in KINDS if kind != "Stochastic"]  # which draw new numbers
    made = build(models, synapse_models, 2, kinds, n=300)
    made.network.run(700)
    expected = made.result()
    made.network.reset()
    for projection in made.projections:
        np.testing.assert_array_equal(projection.get_variable("h"), 0.0)
    made.network.run(333)
    made.network.reset()
    made.network.run(700)
    assert_same(made.result(), expected)


def test_a_reset_draws_new_numbers(models, synapse_models):
    made = build(models, synapse_models, 1, ["Stochastic"])
    made.network.run(300)
    first = made.input.samples()
    made.network.reset()
    made.network.run(300)
    assert (made.input.samples() != first).any()
    again = build(models, synapse_models, 3, ["Stochastic"])
    again.network.reset()
    again.network.run(300)
    np.testing.assert_array_equal(again.input.samples(), made.input.samples())


def test_other_projections_do_not_change_what_a_synapse_draws(models, synapse_models):
    """Its number is its own; a projection that comes later has later ones."""
    made = build(models, synapse_models, 1, ["Stochastic"])
    other = build(models, synapse_models, 2, ["Stochastic", "Facilitating", "Stochastic"])
    assert [p.numbers.first for p in other.projections] == [0, 600, 1200]
    for projection in other.projections[1:]:
        projection.set_variable("w", 0.0)
    made.network.run(400)
    other.network.run(400)
    np.testing.assert_array_equal(made.input.samples(), other.input.samples())


@pytest.mark.parametrize("threads", [1, 2])
def test_trains_are_cut_without_a_trace(models, synapse_models, threads):
    """200 cells that spike in every other step: many more spikes than are kept."""
    results = []
    for pieces in ([9000], [1000] * 9):
        network, projection = fast(models, synapse_models, threads)
        for n in pieces:
            network.run(n)
            if len(pieces) > 1:
                projection.get_variable("h")
        results.append([projection.get_variable(name) for name in ("h", "x")])
    assert_same(*results)


def fast(models, synapse_models, threads):
    network = Network(dt_ms=0.1, threads=threads)
    cell = network.add_population(models("Lif"), 200, {"i_offset": 300.0, "t_refrac": 0.1, "tau_m": 20.0})
    clock = network.add_population(models("Clock"), 1, {"period": 100000, "phase": 4})
    projection = network.add_plastic_projection(
        synapse_models("Modulated"),
        np.zeros(200, int) + clock.first,
        np.arange(200),
        receptor="excitatory",
        delay_steps=20,
        dendritic_steps=np.arange(200) % 20,
        modulator=[0],
    )
    record = cell.record_spikes([3])
    network.run(100)
    assert record.counts()[0] > 40
    return network, projection
