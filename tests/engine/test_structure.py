"""Synapses that come and go in the engine: the rest of the network is the same to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from networks import Recurrent, assert_same
from plastic_networks import KINDS, Plastic, delays

from pynn_annarchy.native import draws
from pynn_annarchy.native.structure import Numbers, with_new, without

THREADS = [1, pytest.param(3, marks=pytest.mark.threaded)]


def test_philox_against_the_known_answers_of_its_authors():
    """Of Random123's kat_vectors: counters in the order step, element, stream, draw."""
    for counter, seed, expected in (
        ((0, 0, 0, 0), 0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((0xFFFFFFFF,) * 4, (1 << 64) - 1, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            0x299F31D0A4093822,
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ):
        step, element, stream, draw = counter
        words = draws.philox(seed, stream, element, step, draw)
        assert " ".join(f"{int(word):08x}" for word in words) == expected


def test_numbers_of_distributions():
    words = draws.philox(5, 1, np.arange(100_000), 7, 3)
    means = {"uniform": 0.5, "exponential": 1.0, "normal": 0.0}
    for kind, deviation in (("uniform", 12**-0.5), ("exponential", 1.0), ("normal", 1.0)):
        drawn = draws.drawn(kind, words)
        assert abs(drawn.mean() - means[kind]) < 5 * deviation / np.sqrt(drawn.size)
        assert abs(drawn.std() - deviation) < 0.02
    with pytest.raises(ValueError, match="there is no distribution 'gamma'"):
        draws.drawn("gamma", words)


def test_the_ends_of_uniform_numbers():
    word = np.array([0, 0xFFFFFFFF], np.uint32)
    assert draws.unit(word, word).tolist() == [2.0**-53, 1 - 2.0**-53]


def test_numbers_stay_with_their_synapses():
    numbers = Numbers(10, 5)
    assert (numbers.first, numbers.runs()) == (10, [(10, 15)])
    numbers.follow(without(5, [1, 4]), 15)
    numbers.follow(with_new(3, 2, [0, 2]), 15)
    assert numbers.array().tolist() == [15, 10, 12, 16, 13] and numbers.first is None
    assert numbers.places(np.array([13, 11, 16, 99, 15], np.uint32)).tolist() == [4, -1, 3, -1, 0]
    assert numbers.runs() == [(10, 11), (12, 14), (15, 17)]
    numbers.follow(without(5, np.arange(5)), 17)
    assert numbers.runs() == [] and numbers.places(np.array([13], np.uint32)).tolist() == [-1]


def test_a_rearrangement_is_refused_before_anything_changes(models):
    made = Recurrent(models)
    static = made.projections[2]
    for index in ([2500], [-1]):
        with pytest.raises(IndexError, match="outside"):
            static.prune(index)
    with pytest.raises(ValueError, match="1 places for 2"):
        static.create([0, 1], [0, 1], weight=1.0, delay_steps=3, before=[0])
    with pytest.raises(ValueError, match="allowed are 0 to"):
        static.create([0], [10**6], weight=1.0, delay_steps=3)
    with pytest.raises(ValueError, match="finite"):
        static.create([0], [0], weight=np.inf, delay_steps=3)
    with pytest.raises(ValueError, match="delays of 0"):
        static.create([0], [0], weight=1.0, delay_steps=0)
    assert static.size == 2500 and static.version == 0


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("precision", ["double", "single"])
def test_static_synapses_against_weights_of_zero(models, threads, precision):
    """A pruned synapse does what one of weight 0 does, a new one what one does that had weight 0."""
    rng = np.random.default_rng(1)
    chosen = rng.permutation(2500)
    gone, new = np.sort(chosen[:600]), np.sort(chosen[600:1000])

    def run(structure: bool):
        made = Recurrent(models, threads=threads, precision=precision)
        static = made.projections[2]
        weight, source, target, delay = (np.array(a) for a in (
            static.weight, static.source, static.target, static.delay_steps))  # fmt: skip
        if structure:
            static.prune(new)
        else:
            static.set_weight(0.0, new)
        made.network.run(431)
        if structure:
            left = np.delete(np.arange(2500), new)
            static.create(
                source[new], target[new], weight=weight[new], delay_steps=delay[new], before=np.searchsorted(left, new)
            )
            np.testing.assert_array_equal(static.source, source)
            np.testing.assert_array_equal(static.weight, weight)
        else:
            static.set_weight(weight[new], new)
        made.network.run(300)
        if structure:
            static.prune(gone)
        else:
            static.set_weight(0.0, gone)
        made.network.run(400)
        return made.result()

    assert_same(run(True), run(False))


@pytest.mark.parametrize("axonal", [(0,), (1, 4), (0, 3)], ids=str)
@pytest.mark.parametrize("threads", THREADS)
def test_plastic_synapses_however_a_run_is_cut_and_with_any_number_of_threads(models, synapse_models, axonal, threads):
    def run(threads: int, cut: bool):
        made = Plastic(models, synapse_models, KINDS, delays(*axonal), delays(2, 5), threads=threads)
        rng = np.random.default_rng(5)
        made.network.run(200)
        for _ in range(3):
            if cut:
                made.network.run(37)
                made.network.run(43)
            else:
                made.network.run(80)
            for projection in made.projections:
                projection.prune(rng.choice(projection.size, 50, replace=False))
                if cut:
                    projection.get_variable("w")
                projection.create(
                    rng.integers(0, 180, 60),
                    30 + rng.integers(0, 150, 60),
                    parameters={"rate": rng.uniform(0.01, 0.5, 60), "p": 0.4},
                    variables={"w": rng.uniform(0.0, 0.05, 60)},
                    delay_steps=7,
                    dendritic_steps=rng.integers(0, 8, 60),
                    before=rng.integers(0, projection.size, 60),
                )
                if projection is made.projections[0]:
                    projection.set_delay(6, 2, np.arange(0, 300, 2))
        made.network.run(200)
        return made.result()

    assert_same(run(threads, True), run(2 if threads == 1 else 1, False))


@pytest.mark.parametrize("threads", THREADS)
def test_what_synapses_draw_does_not_depend_on_what_becomes_of_others(models, synapse_models, threads):
    made = Plastic(models, synapse_models, ["Stochastic"], delays(3), delays(0), threads=threads)
    same = Plastic(models, synapse_models, ["Stochastic"], delays(3), delays(0))
    silent = np.arange(0, 600, 3)
    for network in (made, same):
        network.projections[0].set_variable("w", 0.0, silent)
        network.network.run(250)
    made.projections[0].prune(silent)
    for network in (made, same):
        network.network.run(500)
    np.testing.assert_array_equal(made.input.samples(), same.input.samples())
    kept = np.setdiff1d(np.arange(600), silent)
    for name in ("w", "h", "x"):
        mine, theirs = (n.projections[0].get_variable(name) for n in (made, same))
        np.testing.assert_array_equal(mine, theirs[kept])
