"""Lists of synapses that only the engine's store keeps come back as they were given."""

from __future__ import annotations

import numpy as np
import pytest
from device_network import Network
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import Recurrent, assert_same

from pynn_annarchy.native import recall, stores

pytestmark = [pytest.mark.threaded, pytest.mark.cpu]  # lists of static synapses are forgotten on the CPU only


@pytest.fixture(autouse=True)
def also_small_ones(monkeypatch):
    monkeypatch.setattr(recall, "MIN_RECALLED", 1)


def lists_of(projection):
    return [np.asarray(values).copy() for values in projection.lists]


def ordered(rng, n, sources, targets, delays):
    """Random synapses in the order in which PyNN's projections have them, with several between the same cells."""
    source, target = rng.choice(sources, n), rng.choice(targets, n)
    order = np.lexsort((target, source))
    return source[order], target[order], rng.integers(*delays, n)


def network_of(models, threads, seed, n, delays, weights):
    rng = np.random.default_rng(seed)
    network = Network(dt_ms=0.1, threads=threads)
    one, other = (network.add_population(models("Lif"), size, {"i_offset": 0.9}, {"v": 3.0}) for size in (70, 210))
    cells = [population.first + np.arange(population.size) for population in (one, other)]
    made = []
    for k, (pre, post) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1), (0, 0)]):
        source, target, delay = ordered(rng, n, cells[pre], cells[post], delays)
        made.append(
            network.add_projection(
                source,
                target,
                receptor="inhibitory" if k == 4 else "excitatory",  # the same cells as the first one
                weight=rng.normal(0.1, 0.01, n) if weights else 0.1,
                delay_steps=delay,
            )
        )
    return network, made


@given(
    threads=st.integers(1, 3),
    seed=st.integers(0, 1000),
    n=st.sampled_from([1, 7, 300, 2500]),
    delays=st.sampled_from([(1, 2), (1, 40), (5, 7)]),
    weights=st.booleans(),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lists_come_back(models, threads, seed, n, delays, weights):
    network, made = network_of(models, threads, seed, n, delays, weights)
    before = [lists_of(p) for p in made]
    for _ in range(2):
        network.run(20)
        assert all(p._lists is None for p in made)  # also where every third synapse shares its cells with others
        for p, expected in zip(made, before, strict=True):
            for values, wanted in zip(lists_of(p), expected, strict=True):
                np.testing.assert_array_equal(values, wanted)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("what", ["_arrays", "recipe"])
def test_no_list_is_lost_if_memory_is_short(models, monkeypatch, threads, weights, again, what):
    """Before and after each projection is put, in the first layout and in one of lists that were in an older store."""
    for failing in range(5):
        network, made = network_of(models, threads, 5, 2500, (1, 40), weights)
        before = [lists_of(p) for p in made]
        if again:
            network.run(1)
            network.add_population(models("Lif"), 130)
        usual, calls = getattr(stores, what), []

        def scarce(*arguments, _usual=usual, _calls=calls, _last=failing + (5 if what == "_arrays" else 0), **keywords):
            _calls.append(arguments)
            if len(_calls) > _last:  # `_part` is asked to count first
                raise MemoryError
            return _usual(*arguments, **keywords)

        with monkeypatch.context() as patch:
            patch.setattr(stores, what, scarce)
            with pytest.raises(MemoryError):
                network.run(1)
        assert sum(p._lists is None for p in made) == failing
        for _ in range(2):  # from what there is of a store, and from the next one
            for p, expected in zip(made, before, strict=True):
                for values, wanted in zip(lists_of(p), expected, strict=True):
                    np.testing.assert_array_equal(values, wanted)
            network.run(1)


def test_changes_of_what_was_forgotten(models, monkeypatch):
    """Weights, delays, synapses that come and go, new populations: as if the lists had been kept."""
    results = []
    for least in (1, 1 << 62):
        monkeypatch.setattr(recall, "MIN_RECALLED", least)
        network, made = network_of(models, 2, 3, 5000, (1, 30), True)
        record = made[0]._network._blocks  # the network's own
        assert record
        network.run(50)
        assert (made[1]._lists is None) == (least == 1)
        made[0].set_weight(0.3, np.arange(0, 5000, 7))
        made[2].set_delay(11, np.arange(100))
        network.run(50)
        made[3].prune(np.arange(0, 5000, 3))
        network.add_population(models("Lif"), 130)
        network.run(50)
        results.append([values for p in made for values in lists_of(p)])
    assert_same(*results)


def test_what_cannot_be_told_apart_is_kept(models):
    """Two projections between the same cells, and one in another order of creation."""
    network = Network(dt_ms=0.1)
    cells = network.add_population(models("Lif"), 50, {"i_offset": 0.9}, {"v": 3.0})
    source, target = np.repeat(np.arange(10), 10), np.tile(np.arange(10), 10)
    twice = [
        network.add_projection(source, target, receptor="excitatory", weight=weight, delay_steps=3)
        for weight in (0.2, np.linspace(0.0, 1.0, 100))
    ]
    backwards = network.add_projection(
        20 + target[::-1], 20 + source[::-1], receptor="excitatory", weight=0.1, delay_steps=np.arange(1, 101)
    )
    alone = network.add_projection(30 + source, 30 + target, receptor="excitatory", weight=0.1, delay_steps=2)
    network.run(10)
    assert cells.size == 50
    assert [p._lists is None for p in (*twice, backwards, alone)] == [False, False, False, True]


def test_others_between_the_same_cells_come_later(models):
    """What could be told apart in one store cannot in the next: then it is kept."""
    network, made = network_of(models, 2, 5, 3000, (1, 20), True)
    before = [lists_of(p) for p in made]
    network.run(10)
    assert made[0]._lists is None
    weights = np.linspace(0.0, 1.0, 3000)
    later = network.add_projection(*before[0][:2], receptor="excitatory", weight=weights, delay_steps=before[0][3])
    for _ in range(2):
        network.run(10)
        assert made[0]._lists is not None
        assert made[1]._lists is None
        for p, expected in zip(made, before, strict=True):
            for values, wanted in zip(lists_of(p), expected, strict=True):
                np.testing.assert_array_equal(values, wanted)
        np.testing.assert_array_equal(later.weight, weights)


def test_rounded_weights_are_kept(models):
    network = Network(dt_ms=0.1, precision="mixed")
    network.add_population(models("Lif", "mixed"), 50)
    source, target = np.repeat(np.arange(10), 10), np.tile(np.arange(10), 10)
    exact = np.linspace(0.0, 1.0, 100)
    first = network.add_projection(source, target, receptor="excitatory", weight=exact, delay_steps=3)
    other = network.add_projection(30 + source, target, receptor="excitatory", weight=0.1, delay_steps=3)
    network.run(10)
    np.testing.assert_array_equal(first.weight, exact)
    assert other._lists is None and other.weight == 0.1


def test_the_same_spikes(models, monkeypatch):
    made = Recurrent(models, threads=2)
    made.network.run(300)
    monkeypatch.setattr(recall, "MIN_RECALLED", 1 << 62)
    kept = Recurrent(models, threads=2)
    kept.network.run(300)
    assert_same(made.result(), kept.result())
