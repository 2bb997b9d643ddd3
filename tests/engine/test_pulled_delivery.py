"""Spikes that wait for their synapses and spikes that are pushed to them at once: the same sums to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from device_network import Network
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import Recurrent, assert_same

pytestmark = [pytest.mark.threaded, pytest.mark.cpu]  # a device has no caches to care for

STEPS = 700


def recurrent(models, way, **options):
    made = Recurrent(models, **options)
    made.network.engine().set_delivery(way)
    made.inject()
    return made


@pytest.fixture(scope="module")
def pushed(models):
    made = recurrent(models, "push")
    made.network.run(STEPS)
    return made.result()


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.parametrize("pieces", [[STEPS], [1] * 40 + [2, 29, 30, 31, 32, 33, 503], [13, 640, 47]])
def test_the_same_bits(models, pushed, threads, pieces):
    assert sum(pieces) == STEPS
    made = recurrent(models, "pull", threads=threads)
    for n in pieces:
        made.network.run(n)
        assert made.network.engine().pulls
    assert_same(made.result(), pushed)


def test_now_one_way_and_now_the_other(models, pushed):
    made = recurrent(models, "push")
    for k, n in enumerate([50, 7, 3, 40, 200, 1, 1, 1, 397]):
        made.network.engine().set_delivery(("push", "pull")[k % 2])
        made.network.run(n)
    assert_same(made.result(), pushed)


@pytest.mark.parametrize("precision", ["mixed", "single"])
@pytest.mark.parametrize("min_delay", [1, 3, 12])
def test_precisions_and_windows(models, precision, min_delay):
    results = []
    for way in ("push", "pull"):
        made = recurrent(models, way, precision=precision, min_delay=min_delay, threads=2)
        made.network.run(400)
        results.append(made.result())
    assert results[0][0].size > 100
    assert_same(*results)


def test_what_is_on_its_way_survives_changes_and_a_reset(models):
    """Weights, delays, populations and synapses that change while spikes are in flight."""
    results = []
    for way in ("push", "pull"):
        made = recurrent(models, way, threads=2)
        made.network.run(101)
        made.projections[0].set_weight(0.2)
        made.network.run(3)
        made.projections[1].set_delay(9)
        made.network.run(50)
        more = made.network.add_population(made.models("Lif"), 77, {"i_offset": 0.9}, {"v": 3.0})
        made.connect(made.coin, more.first + np.arange(77), 400, "excitatory", 0.4)
        made.network.run(120)
        first = made.result()
        made.network.reset()
        made.network.run(100)
        results.append((first, made.result()))
    for pushed, pulled in zip(*results, strict=True):
        assert_same(pulled, pushed)


@given(
    delays=st.lists(st.integers(1, 70), min_size=1, max_size=60),
    weight=st.one_of(st.just(0.3), st.none()),
    period=st.integers(1, 9),
    pieces=st.lists(st.integers(1, 60), min_size=1, max_size=5),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_synapse_acts_after_its_delay(models, delays, weight, period, pieces):
    """Against sums in Python, for any delays from one source, also many to the same target."""
    network = Network(dt_ms=0.1)
    network.engine().set_delivery("pull")
    clock = network.add_population(models("Clock"), 1, {"period": period, "phase": 2})
    probe = network.add_population(models("Probe"), 7)
    excitation = probe.record("exc", np.arange(7))
    target = np.arange(len(delays)) % 7
    weights = np.full(len(delays), 0.3) if weight is not None else np.linspace(-1.0, 2.0, len(delays))
    network.add_projection(
        np.full(len(delays), clock.first),
        probe.first + target,
        receptor="excitatory",
        weight=weights if weight is None else weight,
        delay_steps=np.array(delays),
    )
    for n in pieces:
        network.run(n)
    expected = np.zeros((sum(pieces) + 200, 7))
    for spike in range(0, sum(pieces) + 1):
        if spike >= 2 and (spike - 2) % period == 0:
            np.add.at(expected, (spike + np.array(delays), target), weights)
    np.testing.assert_allclose(excitation.samples(), expected[: sum(pieces) + 1], rtol=0, atol=1e-12)


def test_it_is_chosen_where_sums_exceed_the_cache(models):
    """Many delays onto many neurons in long pieces, and not otherwise."""

    def pulls(n, synapses, delays):
        network = Network(dt_ms=0.1)
        rng = np.random.default_rng(1)
        coin = network.add_population(models("Coin"), 10, {"p": 0.01})
        probe = network.add_population(models("Probe"), n)
        sources = coin.first + rng.integers(0, 10, synapses)
        targets = probe.first + rng.integers(0, n, synapses)
        network.add_projection(
            sources, targets, receptor="excitatory", weight=1.0, delay_steps=rng.integers(*delays, synapses)
        )
        network.run(1)
        return network.engine().pulls

    assert pulls(5000, 100_000, (1, 60))
    assert not pulls(5000, 100_000, (60, 61))  # one row of sums
    assert not pulls(500, 100_000, (1, 60))  # few sums
    assert not pulls(5000, 1000, (1, 60))  # pieces of a synapse or two
