"""The same network gives the same bits, whatever the threads, the cuts of a run and the order of set-up."""

from __future__ import annotations

import numpy as np
import pytest
from networks import Recurrent, assert_same

pytestmark = pytest.mark.threaded

STEPS = 1500


@pytest.fixture(scope="module")
def reference(models):
    """One thread, one run."""
    made = Recurrent(models)
    made.inject()
    made.network.run(STEPS)
    result = made.result()
    rates = [record.counts().mean() / (STEPS * 1e-4) for record in made.records]
    assert all(5 < rate < 150 for rate in rates), rates  # alive, and not saturated
    return result


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_any_number_of_threads(models, reference, threads):
    made = Recurrent(models, threads=threads)
    made.inject()
    made.network.run(STEPS)
    assert_same(made.result(), reference)


@pytest.mark.parametrize("precision", ["mixed", "single"])
def test_any_number_of_threads_in_float(models, precision):
    results = []
    for threads in (1, 2, 7):
        made = Recurrent(models, threads=threads, precision=precision)
        made.network.run(600)
        results.append(made.result())
    assert_same(results[1], results[0])
    assert_same(results[2], results[0])
    assert results[0][0].size > 300
    assert made.v.samples().dtype == (np.float32 if precision == "single" else np.float64)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("pieces", [[1] * 50 + [2, 3, 4, 5, 6, 7, 1423], [750, 750], [1, 0, 1498, 1], [599, 901]])
def test_a_run_in_pieces(models, reference, pieces, threads):
    made = Recurrent(models, threads=threads)
    made.inject()
    assert [made.network.run(n) for n in pieces] == pieces
    assert made.network.step == STEPS
    assert_same(made.result(), reference)


def test_the_seed_matters_and_a_reset_draws_new_numbers(models):
    made, other = Recurrent(models, seed=1), Recurrent(models, seed=2)
    made.network.run(400)
    other.network.run(400)
    first = made.records[2].events()
    assert first[0].size != other.records[2].events()[0].size or (first[1] != other.records[2].events()[1]).any()
    made.network.reset()
    made.network.run(400)
    second = made.records[2].events()
    assert first[0].size != second[0].size or (first[1] != second[1]).any()
    again = Recurrent(models, seed=1)
    again.network.reset()
    again.network.run(400)
    assert_same(again.result(), made.result())


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("cut", [1, 37, 600])
def test_populations_added_after_a_run(models, reference, threads, cut):
    made = Recurrent(models, threads=threads)
    made.inject()
    made.network.run(cut)
    for size in (1, 200):
        for name in ("Lif", "Probe", "Coin"):
            made.network.add_population(models(name), size)
    made.network.run(STEPS - cut)
    assert_same(made.result(), reference)


@pytest.mark.parametrize("threads", [1, 2])
def test_everything_added_after_a_run(models, threads):
    """A projection from neurons that are silent at first, records and a current, before the run or in its middle."""
    results = []
    for late in (False, True):
        made = Recurrent(models, threads=threads, record=not late)
        silent = made.network.add_population(models("Clock"), 20, {"phase": 500.0, "period": 30.0})
        probe = made.network.add_population(models("Probe"), 5)

        def extras(made=made, silent=silent, probe=probe):
            rng = np.random.default_rng(3)
            n = 1500
            source = silent.first + rng.integers(0, 20, n)
            for weight, receptor in ((0.15, "excitatory"), (0.8, "inhibitory")):  # a weight that has a store, and not
                made.network.add_projection(
                    source,
                    made.exc.first + rng.integers(0, made.exc.size, n),
                    receptor=receptor,
                    weight=weight,
                    delay_steps=rng.integers(40, 90, n),  # more than the ring held before
                )
            made.network.add_projection(
                source[:5], probe.first + np.arange(5), receptor="excitatory", weight=1.0, delay_steps=2
            )
            made.network.add_population(models("Lif"), 100, {"tau_m": 11.0})

        if not late:
            extras()
        made.network.run(300)
        if late:
            extras()
            made.record()
        made.network.run(500)
        results.append(made)
    early, late = results
    for kept, whole in zip(late.records, early.records, strict=True):
        neuron, time_ms = whole.events()
        after = time_ms > 30.0 + 1e-9
        assert_same(kept.events(), (neuron[after], time_ms[after]))
        assert after.sum() > 50
    assert late.v.first_step == 300
    np.testing.assert_array_equal(late.v.samples(), early.v.samples()[300 // 5 :])
    assert_same(late.result()[-8:], early.result()[-8:])


def test_longer_delays_keep_what_is_on_its_way(models):
    """Raising a delay after a run moves later spikes only."""
    from device_network import Network

    for threads in (1, 2):
        network = Network(dt_ms=0.1, threads=threads)
        network.add_population(models("Clock"), 1, {"period": 10, "phase": 0})
        probe = network.add_population(models("Probe"), 1)
        exc = probe.record("exc", [0])
        projection = network.add_projection([0], [1], receptor="excitatory", weight=1.0, delay_steps=6)
        network.run(12)  # spikes at 0 and 10; the second one arrives at 16
        projection.set_delay(100)
        projection.set_weight(3.0)
        network.run(188)
        expected = np.zeros(201)
        expected[[6, 16]] = 1.0
        expected[np.arange(20, 101, 10) + 100] = 3.0
        np.testing.assert_array_equal(exc.samples()[:, 0], expected)
        projection.set_delay(2)  # shorter again: both kinds arrive
        network.run(50)
        late = np.flatnonzero(exc.samples()[201:, 0]) + 201
        assert late.tolist() == sorted({*range(210, 251, 10), *range(212, 251, 10)})


def test_uniform_and_heterogeneous_parameters_give_the_same(models):
    results = []
    for heterogeneous in (False, True):
        made = Recurrent(models)
        other = made.network.add_population(models("Lif"), 3, {"tau_syn": 5.0})
        if heterogeneous:  # one neuron that differs makes an array of every constant that depends on the parameter
            for name, value in (("tau_m", 21.0), ("tau_syn", 5.5), ("v_thresh", 14.0), ("t_refrac", 1.0)):
                other.set_parameter(name, value, [1])
            assert other.get_parameter("tau_m").tolist() == [20.0, 21.0, 20.0]
        made.network.run(300)
        made.exc.set_parameter("tau_syn", 4.0)
        made.network.run(300)
        results.append(made.result())
    assert_same(results[0], results[1])


def test_weights_of_uniform_and_weighted_stores_give_the_same(models):
    """The store of a projection decides the format, and for one projection not the result."""
    results = []
    for equal in (True, False):
        rng = np.random.default_rng(7)
        from device_network import Network

        network = Network(dt_ms=0.1)
        network.add_population(models("Coin"), 100)
        lif = network.add_population(models("Lif"), 50)
        weight = np.full(3000, 0.3)
        source, target = rng.integers(0, 100, 3000), 100 + rng.integers(0, 50, 3000)
        if not equal:
            weight[0], target[0] = 0.4, 149
        projection = network.add_projection(
            source, target, receptor="excitatory", weight=weight, delay_steps=rng.integers(1, 20, 3000)
        )
        assert np.ndim(projection.weight) == (0 if equal else 1)
        network.run(500)
        results.append(lif.get_state("v")[:49])
    # Only synapse 0 differs, and it ends on neuron 149, which nothing listens to.
    same = results[0] == results[1]
    assert same.sum() >= 48
