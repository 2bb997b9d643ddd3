"""Spiking synapses: what happens at spikes, in which order, and at which time."""

from __future__ import annotations

import numpy as np
import pyNN.annarchy as sim
import pytest
from pyNN import errors

from pynn_annarchy.native.errors import EquationError

from .synapse_runs import DTS, network


def test_SN08_arrival_and_emission() -> None:
    """Sources spike at 3 and 5, delay 4: arrivals at 7 and 9; the target spikes at 6 and 8."""
    Traced = sim.Synapse(
        equations="trail = trail : event-driven",
        pre_spike="trail = 10*trail + 1; g_target += w",
        post_spike="trail = 10*trail + 2",
    )
    net = network(Traced(weight=3.0, delay=4.0), [[3, 5]], [[6, 8]])
    found = []
    for _ in range(10):
        sim.run(1.0)
        found.append(net.variable("trail")[0, 0])
    assert found == [0, 0, 0, 0, 0, 2, 21, 212, 2121, 2121]


def test_SN08_what_the_target_gets() -> None:
    """The weight without a pre_spike, what g_target says, nothing if it says nothing of it."""
    got = {}
    for name, pre_spike in {
        "default": "",
        "said": "g_target += 2*w; w += 1; g_target += w",
        "before": "w += 1; g_target += w",
        "nothing": "w += 1",
        "if": "if_ = w; g_target += (if if_ > 2: 7 else: 0)",
    }.items():
        Model = sim.Synapse(equations="if_ = if_ : event-driven", pre_spike=pre_spike, post_spike="w += 0")
        net = network(Model(weight=3.0, delay=2.0), [[1]])
        sim.run(6.0)
        got[name] = float(net.target._native.get_state("got")[0])
    assert got == {"default": 3, "said": 10, "before": 4, "nothing": 0, "if": 7}


@pytest.mark.parametrize("dt", DTS)
def test_SN15_arrives_after_its_delay(dt: float) -> None:
    """At the end of the step in which it arrives the input is in g_exc; an equation reads it in the next one."""
    for delay in (1, 3):
        net = network(sim.Synapse(pre_spike="g_target += w")(weight=2.0, delay=delay * dt), [[2]], dt=dt)
        net.target.record("got")
        sim.run(8 * dt)
        expected = [0.0] * (2 + delay + 1) + [2.0] * (9 - 2 - delay - 1)
        assert net.traces("got")[:, 0].tolist() == expected


def test_SN15_no_delay_below_a_step() -> None:
    with pytest.raises(errors.ConnectionError, match=r"a delay is 0.2 ms, which is out of range"):
        network(sim.Synapse(pre_spike="g_target += w")(weight=1.0, delay=0.2), [[2]])


def test_SN09_bounds() -> None:
    Model = sim.Synapse(
        parameters="top = 2.5",
        equations="x = x : event-driven, max=top",
        pre_spike="w -= 1.0 : min=0.5; x += 1.0",
        post_spike="w += 1.0 : max=top; x -= 10 : min=-1.0",
    )
    net = network(Model(weight=2.0, delay=1.0), [[2, 3, 4]], [[10, 11, 12]])
    found = []
    for _ in range(13):
        sim.run(1.0)
        found.append((net.variable("weight")[0, 0], net.variable("x")[0, 0]))
    arrivals = [(1.0, 1.0), (0.5, 2.0), (0.5, 2.5)]
    spikes = [(1.5, -1.0), (2.5, -1.0), (2.5, -1.0)]
    assert found == [(2.0, 0.0)] * 2 + arrivals + [arrivals[-1]] * 4 + spikes + [spikes[-1]]


def test_SN11_conditionals() -> None:
    Model = sim.Synapse(
        parameters="th = 2.0",
        equations="n = n : event-driven; big = big : event-driven",
        pre_spike="""
            n += 1
            big = if n > th: n else: -1.0
            w = if n == 2 and not (big > 0): 5 elif n == 3: 6 else: w
        """,
    )
    net = network(Model(weight=1.0, delay=1.0), [[1, 2, 3, 4]])
    found = []
    for _ in range(5):
        sim.run(1.0)
        found.append([float(net.variable(name)[0, 0]) for name in ("n", "big", "weight")])
    assert found == [[0, 0, 1], [1, -1, 1], [2, -1, 5], [3, 3, 6], [4, 4, 6]]


# ---- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", DTS)
def test_SN12_times_of_emission(dt: float) -> None:
    """Sources at 2 and 6 with delay 3 arrive at 5 and 9, targets spike at 4 and 7."""
    Model = sim.Synapse(
        equations="; ".join(f"{name} = {name} : event-driven" for name in ("a", "b", "c", "d", "e", "f")),
        pre_spike="a = t; b = t_pre; c = t_post",
        post_spike="d = t; e = t_pre; f = t_post",
    )
    net = network(Model(weight=1.0, delay=3 * dt), [[2, 6]], [[4, 7]], dt=dt)

    def values(names: str) -> list[float]:
        return [float(net.variable(name)[0, 0]) / dt for name in names]

    sim.run(4 * dt)
    assert values("d") == pytest.approx([4])
    assert max(values("ef")) < -1e8, "never"
    sim.run(dt)
    assert values("ac") == pytest.approx([5, 4])
    assert values("b")[0] < -1e8, "the first one"
    sim.run(2 * dt)
    assert values("def") == pytest.approx([7, 2, 4]), "the source's spike of 2, which arrived at 5"
    sim.run(3 * dt)
    assert values("abc") == pytest.approx([9, 2, 7])


def test_SN12_in_equations_of_every_step() -> None:
    Model = sim.Synapse(equations="x = t - t_pre; y = t - t_post", pre_spike="g_target += w", post_spike="w += 0")
    net = network(Model(weight=1.0, delay=3.0), [[2]], [[4]])
    sim.run(8.0)
    assert (net.variable("x")[0, 0], net.variable("y")[0, 0]) == (7 - 2, 7 - 4)  # at the beginning of the step


def test_SN12_delays_raised_while_a_spike_is_on_its_way() -> None:
    """What is on its way arrives when it would have, and was sent when it was."""
    Model = sim.Synapse(
        equations="a = a : event-driven; b = b : event-driven", pre_spike="a = t", post_spike="b = t_pre"
    )
    net = network(Model(weight=1.0, delay=4.0), [[2, 6]], [[8, 20]])
    sim.run(3.0)
    net.projection.set(delay=9.0)
    sim.run(4.0)
    assert net.variable("a")[0, 0] == 6
    sim.run(1.0)
    assert net.variable("b")[0, 0] == 2
    sim.run(12.0)
    assert (net.variable("a")[0, 0], net.variable("b")[0, 0]) == (15, 6)


@pytest.mark.parametrize("dt", DTS)
def test_SN13_simultaneous_spikes(dt: float) -> None:
    """An arrival at the very time of a spike of the target: both happen, the arrival first."""
    Model = sim.Synapse(
        equations="trail = trail : event-driven", pre_spike="trail = 10*trail + 1", post_spike="trail = 10*trail + 2"
    )
    net = network(Model(weight=1.0, delay=2 * dt), [[3, 6]], [[5, 7, 8]], dt=dt)
    sim.run(10 * dt)
    assert net.variable("trail")[0, 0] == 12212


@pytest.mark.parametrize("dt", DTS)
@pytest.mark.parametrize("delay", [1, 4])
def test_SN14_unless_post(dt: float, delay: int) -> None:
    """Source and target spike in one step at 10 and 30, the source alone at 20."""
    Model = sim.Synapse(
        equations="; ".join(f"{name} = {name} : event-driven" for name in "xyz"),
        pre_spike="""
            x += 1 : unless_post
            y += 1
            z += 1 : max=1.5, unless_post
            g_target += w : unless_post
        """,
    )
    net = network(Model(weight=4.0, delay=delay * dt), [[10, 20, 30]], [[10, 30]], dt=dt)
    found = []
    for _ in range(4):
        sim.run(10 * dt)
        found.append([float(net.variable(name)[0, 0]) for name in "xyz"])
    assert found == [[0, 0, 0], [0, 1, 0], [1, 2, 1], [1, 3, 1]]
    assert net.target._native.get_state("got")[0] == 4


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"pre_spike": "x += 1"}, "unknown variable 'x'"),
        ({"equations": "dx/dt = -x : projection", "pre_spike": "x += 1"}, "the flag projection is for parameters"),
        ({"equations": "x = 1 : postsynaptic", "pre_spike": "w += 1"}, "each has its own 'x'"),
        ({"pre_spike": "w += sum(exc)"}, r"write post.sum\(exc\)"),
        ({"pre_spike": "w += mean(pre.v)"}, r"mean\(pre.v\) is for continuous synapses"),
        ({"pre_spike": "w += max(v)"}, "of a variable of the neurons"),
        ({"pre_spike": "g_target = w"}, r"'g_target \+= \.\.\.' is expected"),
        ({"post_spike": "g_target += w"}, "in the pre_spike only"),
        ({"pre_spike": "post.v = 3"}, "changes of a neuron by all its synapses add up"),
        ({"pre_spike": "g_target += w", "psp": "w"}, "either the psp, in every step, or g_target"),
        ({"pre_spike": "w += 1", "operation": "max"}, "is summed"),
        ({"pre_spike": "w += 1 : unless_pots"}, "did you mean 'unless_post'"),
        ({"parameters": "w = 1.0", "pre_spike": "w += 1"}, "'w' is predefined"),
    ],
)
def test_what_spiking_synapses_cannot_have(parts: dict[str, str], says: str) -> None:
    with pytest.raises(EquationError, match=says):
        sim.Synapse(**parts)


def test_names_within_names() -> None:
    """w, w_, post.v and post.vv; g_target2 is an ordinary name."""
    Model = sim.Synapse(
        parameters="w_ = 2.0; tpre = 3.0",
        equations="g_target2 = g_target2 : event-driven; prex = prex : event-driven; ww = ww : event-driven",
        pre_spike="g_target2 += w_*w; prex += tpre; ww = w; g_target += g_target2",
    )
    net = network(Model(weight=5.0, delay=1.0), [[1, 2]])
    sim.run(4.0)
    assert [net.variable(name)[0, 0] for name in ("g_target2", "prex", "ww")] == [20, 6, 5]
    assert np.asarray(net.target._native.get_state("got"))[0] == 30
