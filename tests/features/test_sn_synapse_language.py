"""The language in spiking synapses: event-driven equations, functions, constants, random numbers, parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from pyNN.random import RandomDistribution

from pynn_annarchy.native.errors import EquationError

from .synapse_runs import DTS, network

# ---- EQ09: event-driven ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", DTS)
@pytest.mark.parametrize("how", ["event-driven", "exact", "exact, event-driven", "Variable", "every step"])
def test_EQ09_event_driven(dt: float, how: str) -> None:
    """Arrivals at 5 and 11 steps, a spike of the target at 8, looked at in between: exp(-t/tau) exactly."""
    equations: Any = f"tau*dx/dt = b - x : {how}, init=2.0"
    if how == "Variable":
        equations = [sim.Variable("tau*dx/dt = b - x", init=2.0, method="event-driven")]
    elif how == "every step":
        equations = "tau*dx/dt = b - x : init=2.0"
    Trace = sim.Synapse("tau = 7.0; b = 0.5", equations, pre_spike="x += w; g_target += x", post_spike="x *= 2")
    net = network(Trace(weight=3.0, delay=3 * dt, tau=7.0), [[2, 8]], [[8]], dt=dt)
    assert net.projection._native.kernel.clocked == (how == "every step")
    x, now = 2.0, 0
    for steps in (1, 4, 2, 1, 3, 9):
        sim.run(steps * dt)
        now += steps
        x = 0.5 + (x - 0.5) * math.exp(-steps * dt / 7)
        x = x + 3 if now in (5, 11) else x * 2 if now == 8 else x
        assert net.variable("x")[0, 0] == pytest.approx(x, rel=1e-12)


def test_EQ09_linear_systems_and_what_is_refused() -> None:
    Alpha = sim.Synapse(
        "tau = 5.0",
        "tau*dy/dt = -y : event-driven\ntau*dx/dt = y - x : event-driven",
        pre_spike="y += w",
    )
    net = network(Alpha(weight=1.0, delay=1.0), [[2]])
    sim.run(12.0)
    assert net.variable("x")[0, 0] == pytest.approx(9 / 5 * math.exp(-9 / 5), rel=1e-12)
    for text, says in (
        ("dx/dt = -x^2 : event-driven", "has to be linear in x"),
        ("dx/dt = post.v - x : event-driven", "cannot read 'post.v'"),
        ("dx/dt = pre.v - x : event-driven", "cannot read 'pre.v'"),
        ("dx/dt = -x : event-driven, rk4", "it takes no method"),
    ):
        with pytest.raises(EquationError, match=says):
            sim.Synapse(equations=text, pre_spike="w += 1")


def test_EQ10_default_method() -> None:
    Model = sim.Synapse(
        "tau = 8.0", "tau*dx/dt = -x : init=1.0; dy/dt = -y/8 : event-driven, init=1.0", "", pre_spike="y += 0"
    )
    for method, factor in ((None, math.exp(-0.125)), ("explicit", 0.875), ("implicit", 1 / 1.125)):
        sim.setup(timestep=1.0, min_delay=1.0, max_delay=50.0, method=method)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[30.0]))
        target = sim.Population(1, sim.IF_curr_exp())
        projection = sim.Projection(source, target, sim.AllToAllConnector(), Model(weight=0.0, delay=1.0))
        sim.run(10.0)
        assert projection.get("x", "list", with_address=False)[0] == pytest.approx(factor**10, rel=1e-9)
        assert projection.get("y", "list", with_address=False)[0] == pytest.approx(math.exp(-10 / 8), rel=1e-9)


# ---- EQ22, EQ24 to EQ26, EQ11 ----------------------------------------------------------------------------------------


def test_EQ22_EQ24_functions() -> None:
    sim.add_function("soft(x, k) = 1/(1 + exp(-k*x))")
    Model = sim.Synapse(
        "k = 2.0",
        "x = soft(w, k) : event-driven; dy/dt = -slow(y) : event-driven",
        pre_spike="g_target += soft(slow(w), k); y += 1",
        functions="slow(x) = x/4",
    )
    net = network(Model(weight=3.0, delay=1.0), [[2, 5]])
    sim.run(7.0)
    assert float(net.target._native.get_state("got")[0]) == pytest.approx(2 / (1 + math.exp(-2 * 0.75)), rel=1e-14)
    assert net.variable("x")[0, 0] == pytest.approx(1 / (1 + math.exp(-6)), rel=1e-14)
    assert net.variable("y")[0, 0] == pytest.approx((math.exp(-3 / 4) + 1) * math.exp(-1 / 4), rel=1e-12)


def test_EQ25_EQ26_constants() -> None:
    gain, start = sim.Constant("gain", 2.0), sim.Constant("start", 7.0)
    Model = sim.Synapse({"a": start}, "x = x : event-driven, init=start", pre_spike="g_target += gain*w; x += a")
    gain.set(3.0)  # before there are connections
    net = network(Model(weight=1.0, delay=1.0), [[1, 4]])
    other = network_of_same_type(net, Model(weight=1.0, delay=2.0, a=1.0))
    sim.run(3.0)
    gain.set(10.0)
    start.set(100.0)
    sim.run(4.0)
    assert float(net.target._native.get_state("got")[0]) == 2 * (3 + 10)
    assert net.variable("x")[0, 0] == 7 + 7 + 7
    assert np.asarray(other.get("x", "array"))[0, 0] == 7 + 1 + 1
    assert "gain" not in Model.default_parameters


def network_of_same_type(net: Any, synapse: Any) -> Any:
    return sim.Projection(net.source, net.target, sim.AllToAllConnector(), synapse, receptor_type="exc")


def test_EQ11_initial_values_from_parameters() -> None:
    Model = sim.Synapse(
        "a = 2.0; b = 1.0 : projection",
        "dx/dt = 0 : init=a*b + 1; dw/dt = 0 : init=0.25; u = u : event-driven, init=5",
        pre_spike="g_target += w",
    )
    net = network(Model(delay=1.0, a=np.array([[3.0, 4.0]]), b=10.0), [[2]], [[], []])
    assert net.variable("x").tolist() == [[31.0, 41.0]]
    assert net.variable("u").tolist() == [[5.0, 5.0]]
    assert net.variable("weight").tolist() == [[0.25, 0.25]]
    net.projection.initialize(x=7.0)
    sim.run(5.0)
    sim.reset()
    assert net.variable("x").tolist() == [[7.0, 7.0]]


# ---- EQ27, EQ28: random numbers --------------------------------------------------------------------------------------

DISTRIBUTIONS = [
    ("Uniform(a, b)", 3.0, 1 / 3),
    ("DiscreteUniform(a, b)", 3.0, 2 / 3),
    ("Normal(a, b)", 2.0, 16.0),
    ("LogNormal(a/8, b/8)", math.exp(0.25 + 0.125), (math.exp(0.25) - 1) * math.exp(0.5 + 0.25)),
    ("Exponential(a)", 0.5, 0.25),
    ("Gamma(a, b)", 8.0, 32.0),
    ("Binomial(10, 1/b)", 2.5, 1.875),
]


@pytest.mark.parametrize(("text", "mean", "variance"), DISTRIBUTIONS)
def test_EQ27_EQ28_distributions(text: str, mean: float, variance: float) -> None:
    """Each arrival at each of 20000 connections has its own number; its arguments are parameters."""
    Model = sim.Synapse(
        "a = 2.0; b = 4.0 : projection",
        "x = x : event-driven; y = y : event-driven",
        pre_spike=f"y = x; x = {text}; g_target += 0",
        post_spike=f"x = {text}",
    )
    net = network(Model(weight=0.0, delay=1.0), [[2, 3]] * 100, [[]] * 200, seed=7)
    sim.run(6.0)
    first, second = net.variable("y").ravel(), net.variable("x").ravel()
    for drawn in (first, second):
        error = 5 * math.sqrt(variance / drawn.size)
        assert abs(drawn.mean() - mean) < error
        assert drawn.var() == pytest.approx(variance, rel=0.12)
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / math.sqrt(first.size)


def test_EQ27_in_every_step_and_what_is_transmitted() -> None:
    Model = sim.Synapse(equations="x = Uniform(0, 1)", pre_spike="w += 0", psp="w*Normal(0, 1)")
    net = network(Model(weight=1.0, delay=1.0), [[40]] * 30, [[]] * 70, seed=3)
    net.target.record("got")
    sim.run(100.0)
    x = net.variable("x")
    assert len(np.unique(x)) == 2100
    assert abs(x.mean() - 0.5) < 5 * math.sqrt(1 / 12 / 2100)
    sums = np.diff(net.traces("got"), axis=0)[1:]
    assert abs(sums.mean()) < 5 * math.sqrt(30 / sums.size)
    assert sums.var() == pytest.approx(30, rel=0.1)


def test_EQ27_random_numbers_do_not_depend_on_threads() -> None:
    Model = sim.Synapse(
        equations="x = x : event-driven", pre_spike="x += Gamma(2, 1)*Uniform(0, 1)", post_spike="x += Normal(0, 1)"
    )

    def values(threads: int) -> np.ndarray:
        net = network(Model(weight=0.0, delay=2.0), [[2, 3, 9]] * 20, [[4, 5]] * 90, seed=11, threads=threads)
        sim.run(7.0)
        sim.run(7.0)
        return net.variable("x")

    np.testing.assert_array_equal(values(1), values(2))
    np.testing.assert_array_equal(values(1), values(3))


# ---- how many values of a parameter there are ------------------------------------------------------------------------


def test_EQ30_localities_of_parameters() -> None:
    Model = sim.Synapse(
        "one = 1.0 : projection; each = 2.0 : postsynaptic; own = 3.0",
        "x = x : event-driven",
        pre_spike="x += one + 10*each + 100*own",
    )
    net = network(Model(weight=0.0, delay=1.0, each=np.array([[1.0, 2.0, 3.0]] * 2)), [[2, 6], [2, 6]], [[]] * 3)
    assert net.variable("each").tolist() == [[1, 2, 3]] * 2
    sim.run(4.0)
    assert net.variable("x").tolist() == [[311, 321, 331]] * 2
    net.projection.set(each=[4.0, 5.0, 6.0, 7.0, 8.0, 9.0], own=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], one=9.0)
    assert net.variable("each").tolist() == [[4, 5, 6]] * 2, "the first of each target counts"
    net.projection[3].each = 0.0  # of all connections onto that target
    net.projection[1].one = 8.0
    assert net.variable("each").tolist() == [[0, 5, 6]] * 2
    assert net.variable("one").tolist() == [[8] * 3] * 2
    sim.run(4.0)
    own = np.array([[1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(
        net.variable("x"), np.array([311, 321, 331]) + 8 + 10 * np.array([0, 5, 6]) + 100 * own
    )


def test_EQ29_random_values_of_targets(request: pytest.FixtureRequest) -> None:
    Model = sim.Synapse("th = 2.0 : postsynaptic", pre_spike="g_target += w*th")
    net = network(Model(weight=1.0, delay=1.0), [[2], [3]], [[]] * 20)
    net.projection.set(th=RandomDistribution("uniform", (1.0, 2.0)))
    th = net.variable("th")
    assert len(np.unique(th)) == 20
    assert (th[0] == th[1]).all()
    sim.run(6.0)
    fixed_point = 1.5 * 2.0**-44 if request.config.getoption("--device") else 0.0  # docs/gpu.md: half a unit for each
    np.testing.assert_allclose(net.target._native.get_state("got"), 2 * th[0], rtol=1e-14, atol=fixed_point)
