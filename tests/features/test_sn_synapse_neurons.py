"""Spiking synapses and variables of neurons: read, changed, transmitted in every step; several receptor types."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from pyNN import errors

from .synapse_runs import DTS, network, relays

# ---- SN10: changes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", DTS)
def test_SN10_target(dt: float) -> None:
    """`count` has one more at the very time of each arrival, and 10 more at each spike of the target."""
    Model = sim.Synapse(pre_spike="g_target += w; post.count += 1", post_spike="post.count += 2*w; post.seen -= 1")
    net = network(Model(weight=5.0, delay=2 * dt), [[3], [4]], [[4, 5]], dt=dt)
    net.target.record(["count", "seen"])
    sim.run(8 * dt)
    assert net.traces("count")[:, 0].tolist() == [0, 0, 0, 0, 20, 41, 42, 42, 42]
    assert net.traces("seen")[:, 0].tolist() == [0, 0, 0, 0, -2, -4, -4, -4, -4]


@pytest.mark.parametrize("threads", [1, 2])
def test_SN10_disabled_neurons_stay_as_they_are(threads: int) -> None:
    """An arrival at 4, 6 and 8 ms, and both populations asleep from 5 to 7: what is added meanwhile is lost."""
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=10.0, threads=threads)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0, 5.0, 7.0]))
    awake, asleep = relays(70), relays(70)  # one block of neurons, of which some are disabled
    Model = sim.Synapse(pre_spike="post.count += w")
    for population in (awake, asleep):
        sim.Projection(source, population, sim.AllToAllConnector(), Model(weight=2.0, delay=1.0), receptor_type="exc")
    sim.run(5.0)
    asleep.enabled = False
    sim.run(2.0)
    assert (set(awake.count), set(asleep.count)) == ({4.0}, {2.0})
    asleep.enabled = True
    sim.run(2.0)
    assert (set(awake.count), set(asleep.count)) == ({6.0}, {4.0})


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_SN10_source_and_target(threads: int, precision: str) -> None:
    """Random views on both sides, delays of all kinds: sums are made in one order, whatever thread makes them."""
    found = changed_neurons(threads, precision)
    np.testing.assert_array_equal(found, changed_neurons(1, precision))
    expected = np.zeros((2, 200))
    pre, post, weight, delay, spikes = wiring()
    for k in range(pre.size):
        arrivals = [n for n in spikes[pre[k]] if n + delay[k] <= 30]
        expected[0, pre[k]] += weight[k] * len(arrivals)
        expected[1, post[k]] += weight[k] ** 2 * len(arrivals)
    np.testing.assert_allclose(found, expected, rtol=1e-13 if precision == "double" else 3e-5)


def wiring() -> tuple[Any, ...]:
    rng = np.random.default_rng(4)
    pre, post = rng.integers(0, 200, 900), rng.integers(0, 200, 900)
    spikes = [np.sort(rng.choice(np.arange(2, 28), 5, replace=False)) for _ in range(200)]
    return pre, post, rng.lognormal(0, 2, 900), rng.integers(1, 9, 900), spikes


def changed_neurons(threads: int, precision: str) -> np.ndarray:
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=10.0, threads=threads, precision=precision)
    pre, post, weight, delay, spikes = wiring()
    cells = relays(200)
    force = sim.Population(200, sim.SpikeSourceArray(spike_times=[(train - 1.0).tolist() for train in spikes]))
    sim.Projection(
        force, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=1.0), receptor_type="force"
    )
    Model = sim.Synapse(pre_spike="pre.seen += w; post.count += w*w")
    pairs = [(int(i), int(j), w, d) for i, j, w, d in zip(pre, post, weight, delay, strict=True)]
    connector = sim.FromListConnector(pairs, column_names=["weight", "delay"])
    sim.Projection(cells, cells, connector, Model(), receptor_type="exc")
    sim.run(13.0)
    sim.run(17.0)
    return np.array([cells._native.get_state("seen"), cells._native.get_state("count")])


def test_SN10_several_models_and_projections() -> None:
    """Changes of one neuron by synapses of different models add up; unless_post holds for them, too."""
    One = sim.Synapse(pre_spike="post.count += 1 : unless_post")
    Two = sim.Synapse(post_spike="post.count += 100; pre.count += 1")
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=10.0)
    cells = relays(3)
    force = sim.Population(3, sim.SpikeSourceArray(spike_times=[[4.0, 8.0], [4.0], [8.0]]))
    sim.Projection(
        force, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=1.0), receptor_type="force"
    )
    connector = sim.FromListConnector([(0, 1), (0, 1), (2, 1), (1, 1)])
    sim.Projection(cells, cells, connector, One(weight=1.0, delay=2.0), receptor_type="exc")
    sim.Projection(cells, cells[1:2], sim.AllToAllConnector(), Two(weight=1.0, delay=3.0), receptor_type="exc")
    sim.run(15.0)
    # 1 spikes at 5, 0 at 5 and 9, 2 at 9. One: from 0 at 9 twice, from 2 at 9; from itself at 5 not. Two: at 5, thrice
    assert cells._native.get_state("count").tolist() == [1, 3 + 300 + 1, 1]


def test_SN10_reset_and_what_is_refused() -> None:
    Model = sim.Synapse(pre_spike="post.count += 1")
    net = network(Model(weight=1.0, delay=2.0), [[3, 5]])
    found = []
    for _ in range(2):
        sim.run(6.0)
        found.append(float(net.target._native.get_state("count")[0]))
        sim.reset()
    assert found == [1, 1]
    Wrong = sim.Synapse(pre_spike="pre.count += 1")
    with pytest.raises(errors.ConnectionError, match=r"reads or changes pre.count, which SpikeSourceArray lacks"):
        network(Wrong(), [[3]])


# ---- SN17: transmission in every step --------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", DTS)
def test_SN17_nmda(dt: float) -> None:
    """Values of g at the end of each step are in g_exc, summed, when the next one begins."""
    Nmda = sim.Synapse(
        parameters="tau = 4.0 : projection",
        equations="tau*dx/dt = -x : explicit; tau*dg/dt = -g + x*(1 - g) : explicit",
        pre_spike="x += w",
        psp="g",
    )
    pre = [[2, 3, 9], [4]]
    net = network(Nmda(weight=0.75, delay=2 * dt, tau=4 * dt), pre, dt=dt)
    net.target.record(["got"])
    sim.run(20 * dt)
    x, g, got, expected = np.zeros(2), np.zeros(2), 0.0, [0.0]
    for n in range(20):
        got += g.sum()  # of the end of the last step
        x, g = x - x / 4, g + (x * (1 - g) - g) / 4
        x += [0.75 * (n + 1 - 2 in train) for train in pre]
        expected.append(got)
    np.testing.assert_allclose(net.traces("got")[:, 0], expected, rtol=1e-12, atol=1e-15)


def test_SN17_g_target_holds_the_sum() -> None:
    """Two projections and static synapses on one target; each step's g_exc is what all of them give."""
    Held = sim.Synapse(equations="x = x : init=w0", parameters="w0 = 1.0", pre_spike="x += w", psp="w*x")
    net = network(Held(weight=2.0, delay=1.0, w0=3.0), [[3]], [[], []])
    other = sim.Population(1, sim.SpikeSourceArray(spike_times=[4.0]))
    sim.Projection(
        other, net.target, sim.AllToAllConnector(), sim.StaticSynapse(weight=100.0, delay=1.0), receptor_type="exc"
    )
    sim.Projection(other, net.target[1:], sim.AllToAllConnector(), Held(weight=0.5, w0=4.0), receptor_type="exc")
    net.target.record("got")
    sim.run(7.0)
    # 2*3 until 4, when the spike of 3 comes, then 2*5; 0.5*4 until 5, then 0.5*4.5
    first, second = [6, 6, 6, 10, 110, 10], [2, 2, 2, 2, 2.25, 2.25]
    steps = np.diff(net.traces("got"), axis=0)
    assert steps[0].tolist() == [0, 0]
    assert steps[1:, 0].tolist() == first
    assert steps[1:, 1].tolist() == [a + b for a, b in zip(first, second, strict=True)]


def test_SN17_into_a_weighted_sum() -> None:
    """A rate-coded target takes it as part of its sum, at the same time as a spiking one."""
    Held = sim.Synapse(equations="dx/dt = 0", pre_spike="x += w", psp="x")
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=10.0)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[2.0], [4.0]]))
    rate = sim.Population(1, sim.Neuron(equations="r = sum(exc)", name="Summing")())
    rate.record("r")
    sim.Projection(source, rate, sim.AllToAllConnector(), Held(weight=3.0, delay=1.0), receptor_type="exc")
    sim.run(8.0)
    r = np.asarray(rate.get_data().segments[0].analogsignals[0])[:, 0]
    assert r.tolist() == [0, 0, 0, 0, 3, 3, 6, 6, 6]  # arrivals at 3 and 5 are seen by the steps to 4 and 6


def test_SN17_reads_the_target() -> None:
    """A conductance that depends on the target's potential: w*x*(E - post.v), v as at the beginning of the step."""
    Model = sim.Synapse("E = 10.0", "dx/dt = 0", pre_spike="x += 1", psp="w*x*(E - post.got)")
    net = network(Model(weight=0.25, delay=1.0), [[2]])
    net.target.record("got")
    sim.run(8.0)
    got, g, expected = 0.0, 0.0, [0.0]
    for n in range(8):
        psp = 0.25 * (n >= 2) * (10 - got)
        got += g
        g = psp
        expected.append(got)
    np.testing.assert_allclose(net.traces("got")[:, 0], expected, rtol=1e-14)


# ---- SN16: variables of the source -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", DTS)
def test_SN16_delayed_variables_of_the_source(dt: float) -> None:
    """What arrives at the end of a step is what the source had `delay` before; a spike brings the value of its time."""
    Clock = sim.Neuron(equations="q = q + 1", spike="modulo(q, 4) == 2", name="Clock")
    Model = sim.Synapse(
        equations="z = z : event-driven", pre_spike="z = pre.q", psp="w*pre.q", post_spike="w += 0*pre.q"
    )
    sim.setup(timestep=dt, min_delay=dt, max_delay=10 * dt)
    source, target = sim.Population(3, Clock()), relays(2)
    source.initialize(q=np.array([0.0, 100.0, 200.0]))
    projection = sim.Projection(
        source[[2, 0]], target[[1]], sim.AllToAllConnector(), Model(weight=1.0, delay=3 * dt), receptor_type="exc"
    )
    projection.set(delay=np.array([[3.0], [5.0]]) * dt)
    target.record("got")
    sim.run(9 * dt)
    segment = target.get_data().segments[0]
    got = np.asarray(next(s for s in segment.analogsignals if s.name == "got"))
    # at the end of step n: 200 + (n + 1 - 3) and 0 + (n + 1 - 5), their initial values before there is anything
    psp = [200 + max(n + 1 - 3, 0) + max(n + 1 - 5, 0) for n in range(9)]
    assert np.diff(got[:, 1]).tolist() == [0, *psp[:8]]
    assert not got[:, 0].any()
    # spikes when q is 2 and 6 mod 4: arrivals of q=202 at 5, q=2 at 7 and q=206 at 9
    assert np.asarray(projection.get("z", "array"))[:, 0].tolist() == [206, 2]


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_SN16_threads_and_raised_delays(threads: int) -> None:
    def run(threads: int) -> np.ndarray:
        sim.setup(timestep=0.1, min_delay=0.1, max_delay=10.0, threads=threads, seed=2)
        cells = sim.Population(150, sim.IF_curr_exp(i_offset=np.linspace(0, 2, 150)))
        target = relays(150)
        Model = sim.Synapse(equations="dz/dt = -z/5 : explicit", pre_spike="z += w*pre.v", psp="w*pre.v*z")
        rng = np.random.default_rng(1)
        pairs = [(int(i), int(j), float(w), float(d)) for i, j, w, d in zip(
            rng.integers(0, 150, 700), rng.integers(0, 150, 700), rng.random(700), rng.integers(1, 30, 700) / 10,
            strict=True)]  # fmt: skip
        connector = sim.FromListConnector(pairs, column_names=["weight", "delay"])
        projection = sim.Projection(cells, target, connector, Model(), receptor_type="exc")
        sim.run(20.0)
        projection.set(delay=5.0)
        sim.run(20.0)
        return np.asarray(target._native.get_state("got"))

    found = run(threads)
    assert (found != 0).sum() > 100
    np.testing.assert_array_equal(found, run(1))


# ---- SN18: several receptor types ------------------------------------------------------------------------------------

INPUTS = {
    "static": lambda: sim.StaticSynapse(weight=2.0, delay=3.0),
    "user": lambda: sim.Synapse(pre_spike="g_target += w")(weight=2.0, delay=3.0),
    "seen": lambda: sim.Synapse(equations="x = x : event-driven", pre_spike="x += 1; g_target += w")(
        weight=2.0, delay=3.0
    ),
    "stdp": lambda: sim.STDPMechanism(
        sim.SpikePairRule(),
        sim.AdditiveWeightDependence(w_max=9.0),
        weight=2.0,
        delay=3.0,
        dendritic_delay_fraction=0.5,
    ),
    "psp": lambda: sim.Synapse(equations="dx/dt = 0", pre_spike="x = w", post_spike="x = 0", psp="x")(
        weight=2.0, delay=3.0
    ),
}


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("threads", [1, 3])
def test_SN18_several_targets(kind: str, threads: int) -> None:
    post = [[] if k % 3 else [8] for k in range(150)]
    net = network(INPUTS[kind](), [[2]], post, receptor=["exc", "nmda"], threads=threads)
    assert len(net.projection) == 150
    net.target.record(["got", "nmda"])
    sim.run(10.0)
    got, nmda = net.traces("got"), net.traces("nmda")
    # from 5 on, one step later in the sum; what is transmitted in every step until the spike of 8, which it cannot know
    ends = [2.0, 4.0, 6.0, 8.0, 8.0] if kind == "psp" else [2.0] * 5
    expected = np.array([0.0] * 6 + ends)
    np.testing.assert_array_equal(got, nmda)
    np.testing.assert_array_equal(got[:, 0], expected)
    if kind == "psp":
        assert got[:, 1].tolist() == [0.0] * 6 + [2.0, 4.0, 6.0, 8.0, 10.0]


def test_SN18_changed_and_refused() -> None:
    net = network(INPUTS["static"](), [[2, 6]], receptor=["exc", "nmda"])
    net.projection.set(weight=5.0, delay=1.0)
    sim.run(10.0)
    assert [net.target._native.get_state(n)[0] for n in ("got", "nmda")] == [10, 10]
    for receptor, says in ((["exc", "gaba"], "'gaba' is not one of"), ([], "each once"), (["exc", "exc"], "each once")):
        with pytest.raises(errors.ConnectionError, match=says):
            network(INPUTS["static"](), [[2]], receptor=receptor)
    source = sim.Population(1, sim.Neuron(equations="r = 1", name="R")())
    target = sim.Population(1, sim.Neuron(equations="r = sum(a) + sum(b)", name="T")())
    with pytest.raises(errors.ConnectionError, match="continuous synapses act on one receptor type"):
        sim.Projection(source, target, sim.AllToAllConnector(), sim.Synapse()(weight=1.0), receptor_type=["a", "b"])
