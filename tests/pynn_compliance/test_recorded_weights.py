"""Weights and variables of connections over time, as recorded, against solutions of their equations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import quantities as pq
from learning_networks import DT_MS, PAIR, driven, learning, pair_mechanism, pair_weight, signal, source
from numpy.testing import assert_allclose, assert_array_equal

import pynn_annarchy as sim


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=DT_MS, min_delay=DT_MS)


def decaying(t: Any, events: list[float], tau: float) -> Any:
    """The sum of exp(-age/tau) over the events up to time t."""
    return sum(np.where(t >= e, np.exp(-np.maximum(t - e, 0.0) / tau), 0.0) for e in events)


@pytest.mark.parametrize("interval", [DT_MS, 0.5, 3.0])
@pytest.mark.parametrize("threads", [1, 3])
def test_weights_and_traces_over_time(interval: float, threads: int) -> None:
    sim.setup(timestep=DT_MS, min_delay=DT_MS, threads=threads)
    prj = learning()
    prj.record(["weight", "x", "y"], sampling_interval=interval)
    sim.run(7.3)  # that runs are cut at other times than samples are taken makes no difference
    sim.run(32.7)
    weight, x, y = (signal(prj, name) for name in ("weight", "x", "y"))
    t = np.arange(0.0, 40.0 + 1e-9, interval)
    for recorded, expected in (
        (weight, pair_weight(t)),
        (x, decaying(t, [5.0, 30.0], 17.0)),
        (y, decaying(t, [11.0], 31.0)),
    ):
        assert recorded.shape == (t.size, 6)
        assert recorded.sampling_period == interval * pq.ms
        assert_allclose(recorded.times.rescale("ms").magnitude, t, atol=1e-9)
        assert_allclose(recorded.magnitude, np.tile(expected[:, None], 6), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("fraction", [0.0, 0.25, 1.0])
def test_changes_come_when_spikes_reach_the_synapse(fraction: float) -> None:
    prj = learning(pair_mechanism(delay=4.0, dendritic_delay_fraction=fraction), 1, 1)
    prj.record("weight")
    sim.run(40.0)
    weight = signal(prj).magnitude[:, 0]
    changes = np.flatnonzero(np.diff(weight)) + 1
    assert_array_equal(changes * DT_MS, [10.0 + 4.0 * fraction, 30.0 + 4.0 * (1 - fraction)])


def test_tsodyks_markram_resources_over_time() -> None:
    U, tau_rec, tau_facil, tau_syn = 0.25, 80.0, 40.0, 4.0
    post = sim.Population(1, sim.IF_curr_exp(tau_syn_E=tau_syn, v_thresh=1e6))
    synapse = sim.TsodyksMarkramSynapse(U=U, tau_rec=tau_rec, tau_facil=tau_facil, weight=0.5, delay=1.0)
    prj = sim.Projection(source([10.0]), post, sim.AllToAllConnector(), synapse)
    prj.record(prj.recordable)
    sim.run(60.0)
    age = np.arange(0.0, 60.0 + 1e-9, DT_MS) - 10.0
    after = age >= 0
    age = np.maximum(age, 0.0)
    y = np.where(after, U * np.exp(-age / tau_syn), 0.0)
    inactive = U * tau_rec / (tau_syn - tau_rec) * (np.exp(-age / tau_syn) - np.exp(-age / tau_rec))
    assert_allclose(signal(prj, "u").magnitude[:, 0], np.where(after, U * np.exp(-age / tau_facil), 0.0), rtol=1e-12)
    assert_allclose(signal(prj, "y").magnitude[:, 0], y, rtol=1e-12)
    assert_allclose(signal(prj, "x").magnitude[:, 0], 1 - y - np.where(after, inactive, 0.0), rtol=1e-12)
    assert_array_equal(signal(prj).magnitude, 0.5)


def test_release_sites_over_time() -> None:
    """Between spikes `a` is constant; at a spike the number released and `a` add up to what was there."""
    post = sim.Population(40, sim.IF_curr_delta(tau_m=1e15, v_thresh=1e9, v_rest=0.0), initial_values={"v": 0.0})
    synapse = sim.MultiQuantalSynapse(U=0.5, n=6, tau_rec=1e9, weight=6.0, delay=1.0)
    prj = sim.Projection(source([5.0, 9.0, 13.0]), post, sim.AllToAllConnector(), synapse)
    prj.record("a")
    post.record("v")
    sim.run(20.0)
    sites = signal(prj, "a").magnitude
    released = post.get_data("v").segments[0].analogsignals[0].magnitude
    delay = round(1.0 / DT_MS)
    assert set(np.flatnonzero(np.diff(sites, axis=0).any(axis=1)) + 1) == {round(t / DT_MS) for t in (5, 9, 13)}
    assert_allclose(released[delay:], 6.0 - sites[:-delay], atol=1e-9)  # each site's share of the weight is 1 mV
    assert 0 < sites[-1].mean() < 2


def test_the_resource_of_a_stochastic_synapse_over_time() -> None:
    post = sim.Population(200, sim.IF_curr_exp())
    synapse = sim.StochasticTsodyksMarkramSynapse(U=0.3, tau_rec=1e9, weight=0.5, delay=1.0)
    prj = sim.Projection(source([5.0, 9.0]), post, sim.AllToAllConnector(), synapse)
    prj.record("R")
    sim.run(12.0)
    R = signal(prj, "R").magnitude
    assert set(np.unique(R)) == {0.0, 1.0}
    assert (np.diff(R, axis=0) <= 0).all()  # it hardly recovers
    assert_array_equal(R[: round(5 / DT_MS)], 1.0)


def test_the_weight_under_a_modulator_over_time() -> None:
    """One pair and one spike of the modulator: dw/dt = c*(n - b) has a closed solution."""
    tau_c, tau_n, b = 200.0, 50.0, 0.002
    rule, dependence = sim.SpikePairRule(**PAIR), sim.AdditiveWeightDependence(w_max=2.0)
    options = {"tau_c": tau_c, "tau_n": tau_n, "b": b, "modulator_delay": 2.0, "weight": 0.8, "delay": 1.0}
    synapse = sim.NeuromodulatedSTDP(source([20.0]), rule, dependence, **options)
    prj = sim.Projection(source([5.0]), driven([10.0]), sim.AllToAllConnector(), synapse)
    prj.record(["weight", "c", "n"], sampling_interval=0.5)
    sim.run(100.0)
    t = np.arange(0.0, 100.0 + 1e-9, 0.5)
    c0 = 2.0 * 0.06 * math.exp(-6.0 / 17.0)
    assert_allclose(signal(prj, "c").magnitude[:, 0], c0 * decaying(t, [11.0], tau_c), rtol=1e-12, atol=1e-15)
    assert_allclose(signal(prj, "n").magnitude[:, 0], decaying(t, [22.0], tau_n) / tau_n, rtol=1e-12, atol=1e-15)
    age, both = np.maximum(t - 11.0, 0.0), np.maximum(t - 22.0, 0.0)
    rate = 1 / tau_c + 1 / tau_n
    learnt = c0 * math.exp(-11.0 / tau_c) / tau_n * (1 - np.exp(-both * rate)) / rate
    forgotten = c0 * b * tau_c * (1 - np.exp(-age / tau_c))
    assert_allclose(signal(prj).magnitude[:, 0], 0.8 + learnt - forgotten, rtol=1e-12)


def test_averaged_potentials_over_time() -> None:
    post = sim.Population(1, sim.IF_curr_exp(v_rest=-65.0), initial_values={"v": -65.0})
    rule = sim.ClopathRule(tau_plus=7.0, tau_minus=10.0, tau_x=15.0)
    synapse = sim.STDPMechanism(None, sim.AdditiveWeightDependence(), rule, weight=0.0, delay=1.0)
    prj = sim.Projection(source([5.0, 9.0]), post, sim.AllToAllConnector(), synapse)
    prj.initialize(u_plus=-60.0, u_minus=-68.0)
    prj.record(["u_plus", "u_minus", "x"])
    sim.run(30.0)
    t = np.arange(0.0, 30.0 + 1e-9, DT_MS)
    assert_allclose(signal(prj, "u_plus").magnitude[:, 0], -65 + 5 * np.exp(-t / 7.0), rtol=1e-12)
    assert_allclose(signal(prj, "u_minus").magnitude[:, 0], -65 - 3 * np.exp(-t / 10.0), rtol=1e-12)
    assert_allclose(signal(prj, "x").magnitude[:, 0], decaying(t, [6.0, 10.0], 15.0) / 15.0, rtol=1e-12, atol=1e-18)


def test_the_weight_of_an_equation_driven_by_spikes() -> None:
    halving = sim.Synapse(parameters="share = 0.5", pre_spike="g_target += w; w *= share")
    prj = sim.Projection(source([5.0, 9.0]), driven([20.0]), sim.AllToAllConnector(), halving(weight=0.8, delay=1.0))
    prj.record("weight", sampling_interval=4.0)
    sim.run(12.0)
    assert_allclose(signal(prj).magnitude[:, 0], [0.8, 0.8, 0.4, 0.2], rtol=1e-15)


def test_the_weight_of_a_continuous_equation() -> None:
    rate = sim.Neuron(equations="r = sum(exc)")
    fading = sim.Synapse(parameters="tau = 20.0", equations="dw/dt = -w/tau : exact")
    cells = sim.Population(3, rate())
    prj = sim.Projection(cells, cells, sim.AllToAllConnector(), fading(weight=0.8, delay=1.0), receptor_type="exc")
    prj.record("weight", sampling_interval=1.0, indices=[1, 4])
    sim.run(10.0)
    weight = signal(prj)
    assert list(weight.array_annotations["channel_index"]) == [1, 4]
    expected = 0.8 * np.exp(-np.arange(11.0) / 20.0)
    assert_allclose(weight.magnitude, np.tile(expected[:, None], 2), rtol=1e-12)


def test_recording_changes_nothing() -> None:
    weights = []
    for recorded in (False, True):
        sim.setup(timestep=DT_MS, min_delay=DT_MS)
        prj = learning(pair_mechanism(delay=4.0, dendritic_delay_fraction=0.3))
        if recorded:
            prj.record(["weight", "x"], sampling_interval=0.25)
        sim.run(40.0)
        weights.append(prj.get("weight", "array"))
    assert_array_equal(weights[0], weights[1])
