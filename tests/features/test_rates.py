"""Rate-coded networks: sums, what synapses transmit and learn, locality, global operations, delays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from pyNN import errors
from pyNN.random import RandomDistribution

from pynn_annarchy.native.errors import EquationError


def given(values: Any) -> Any:
    """A population whose cells have these rates and keep them."""
    Constant = sim.Neuron(parameters="level = 0.0", equations="r = level : init=level", name="Given")
    return sim.Population(len(values), Constant(level=np.asarray(values, dtype=float)))


def summing(n: int, text: str = "r = sum(exc)", **parameters: Any) -> Any:
    return sim.Population(n, sim.Neuron(equations=text, name="Summing")(**parameters))


def rates(population: Any, name: str = "r") -> np.ndarray:
    return population._native.get_state(name)


class TestSums:
    def setup_method(self) -> None:
        sim.setup(timestep=1.0, min_delay=1.0, max_delay=10.0)

    def test_EQ02_one_description_for_rate_coded_and_spiking_synapses(self) -> None:
        rate, spiking = sim.Synapse(psp="w*pre.r"), sim.Synapse(pre_spike="g_target += w")
        source, target = given([1.0, 2.0]), summing(1)
        projection = sim.Projection(source, target, sim.AllToAllConnector(), rate(weight=3.0), receptor_type="exc")
        sim.run(2.0)
        assert rates(target).tolist() == [9.0]
        assert isinstance(projection.synapse_type, rate)
        with pytest.raises((errors.ConnectionError, ValueError)):
            sim.Projection(source, target, sim.AllToAllConnector(), spiking(weight=3.0), receptor_type="exc")

    def test_EQ03_weight_is_w(self) -> None:
        Grow = sim.Synapse(equations="w = w + pre.r")
        source, target = given([1.0]), summing(1)
        projection = sim.Projection(source, target, sim.AllToAllConnector(), Grow(w=0.5), receptor_type="exc")
        sim.run(4.0)
        assert projection.get("weight", "list", with_address=False) == [4.5]

    def test_a_sum_is_made_of_the_rates_at_the_end_of_the_last_step(self) -> None:
        Counter = sim.Neuron(equations="r = r + 1", name="Counter")
        source, target = sim.Population(1, Counter()), summing(1)
        sim.Projection(source, target, sim.AllToAllConnector(), sim.Synapse()(weight=1.0), receptor_type="exc")
        target.record("r")
        sim.run(4.0)
        assert np.ravel(target.get_data().segments[0].analogsignals[0]).tolist() == [0, 0, 1, 2, 3]

    def test_EQ34_sum_without_argument(self) -> None:
        target = summing(2, "r = sum()")
        for source, kind, weight in ((given([1.0]), "exc", 2.0), (given([10.0]), "inh", -0.25)):
            synapse = sim.Synapse()(weight=weight)
            sim.Projection(source, target, sim.AllToAllConnector(), synapse, receptor_type=kind)
        sim.run(2.0)
        assert rates(target).tolist() == [-0.5, -0.5]

    def test_two_projections_on_one_target(self) -> None:
        target = summing(1, "r = sum(exc)")
        for level in (1.0, 4.0):
            sim.Projection(
                given([level]), target, sim.AllToAllConnector(), sim.Synapse()(weight=2.0), receptor_type="exc"
            )
        sim.run(2.0)
        assert rates(target).tolist() == [10.0]

    def test_EQ35_zero_when_unconnected_and_recordable(self) -> None:
        target = summing(2, "r = sum(exc) - 2*sum(inh) + 1")
        source = given([3.0])
        sim.Projection(source, target[1:2], sim.AllToAllConnector(), sim.Synapse()(weight=1.0), receptor_type="exc")
        target.record(["sum(exc)", "sum(inh)"])
        sim.run(2.0)
        signals = {s.name: np.asarray(s) for s in target.get_data().segments[0].analogsignals}
        assert rates(target).tolist() == [1.0, 4.0]
        assert signals["sum(exc)"][-1].tolist() == [0.0, 3.0]
        assert not signals["sum(inh)"].any()

    def test_EQ36_names_within_names(self) -> None:
        Two = sim.Neuron(equations="r = 1.0; r_mean = 5.0; exc = 7", name="Two")
        Sums = sim.Neuron(equations="r = sum(exc) + 100*sum(exc2)", name="Sums")
        source, target = sim.Population(1, Two()), sim.Population(1, Sums())
        Odd = sim.Synapse(psp="w*pre.r_mean + 0*pre.r")
        sim.Projection(source, target, sim.AllToAllConnector(), Odd(weight=2.0), receptor_type="exc")
        sim.Projection(source, target, sim.AllToAllConnector(), sim.Synapse()(weight=3.0), receptor_type="exc2")
        sim.run(3.0)
        assert rates(target).tolist() == [310.0]

    def test_EQ40_psp(self) -> None:
        target = sim.Population(2, sim.Neuron(parameters="b=0.5", equations="r = sum(exc); q = b", name="Psp")())
        Odd = sim.Synapse(parameters="k = 2.0", psp="k*w*pos(1 - pre.r) + post.q")
        sim.Projection(given([0.25, 3.0]), target, sim.AllToAllConnector(), Odd(weight=4.0), receptor_type="exc")
        sim.run(3.0)
        assert rates(target).tolist() == [2 * 4 * 0.75 + 2 * 0.5] * 2

    @pytest.mark.parametrize(("operation", "expected"), [("max", 6.0), ("min", -4.0), ("mean", 1.0), ("sum", 3.0)])
    def test_EQ41_operation(self, operation: str, expected: float) -> None:
        source, target = given([1.0, 3.0, -2.0]), summing(2)
        Joined = sim.Synapse(operation=operation)
        weights = np.array([[1.0], [2.0], [2.0]])
        connector = sim.ArrayConnector(np.array([[True, False]] * 3))
        projection = sim.Projection(source, target, connector, Joined(weight=1.0), receptor_type="exc")
        projection.set(weight=np.ravel(weights))
        sim.run(2.0)
        assert rates(target).tolist() == [expected, 0.0]

    def test_EQ41_unknown_operation(self) -> None:
        with pytest.raises(EquationError, match=r"'median'; allowed are 'sum', 'max', 'min', 'mean'"):
            sim.Synapse(operation="median")


class TestGlobals:
    def setup_method(self) -> None:
        sim.setup(timestep=1.0, min_delay=1.0, max_delay=10.0)

    @pytest.mark.parametrize(
        ("operation", "value"),
        [("mean", 1.0), ("max", 4.0), ("min", -3.0), ("norm1", 10.0), ("norm2", np.sqrt(30.0))],
    )
    def test_EQ31_in_a_neuron(self, operation: str, value: float) -> None:
        Model = sim.Neuron("level = 0.0", f"x = level : init=level; r = {operation}(x) + 100*max(level, 0)", name="G")
        populations = [sim.Population(4, Model(level=np.array([1.0, 2.0, -3.0, 4.0]))), sim.Population(1, Model())]
        sim.run(1.0)
        np.testing.assert_allclose(rates(populations[0]) - [100, 200, 0, 400], value, rtol=1e-13)
        np.testing.assert_allclose(rates(populations[1]), 0)  # its own population, not all of the model

    def test_EQ32_in_a_synapse(self) -> None:
        source, target = given([1.0, 3.0, 5.0]), given([2.0, 8.0])
        Covariance = sim.Synapse(equations="w = (pre.r - mean(pre.r)) * (post.r - max(post.r))", psp="w*norm1(pre.r)")
        projection = sim.Projection(source, target, sim.AllToAllConnector(), Covariance(), receptor_type=None) \
            if target.receptor_types else None  # fmt: skip
        assert projection is None  # the target has no weighted sum
        target = summing(2, "r = 2*sum(exc)")
        projection = sim.Projection(
            source, target, sim.AllToAllConnector(), Covariance(weight=1.0), receptor_type="exc"
        )
        sim.run(1.0)
        w = np.outer([-2.0, 0.0, 2.0], np.zeros(2))
        np.testing.assert_array_equal(rates(target), [2 * 3 * 9.0] * 2)
        np.testing.assert_array_equal(projection.get("weight", "array"), w)

    def test_EQ33_weighted_sums_of_both_sides(self) -> None:
        target = summing(2, "r = sum(exc) + sum(inh)")
        source = summing(1, "r = 1 + sum(exc)")
        sim.Projection(given([3.0]), source, sim.AllToAllConnector(), sim.Synapse()(weight=1.0), receptor_type="exc")
        sim.Projection(given([5.0]), target, sim.AllToAllConnector(), sim.Synapse()(weight=2.0), receptor_type="inh")
        Look = sim.Synapse(equations="w = pre.sum(exc) + 100*post.sum(inh)", psp="0*w")
        projection = sim.Projection(source, target, sim.AllToAllConnector(), Look(), receptor_type="exc")
        sim.run(1.0)
        assert projection.get("weight", "list", with_address=False) == [1003.0, 1003.0]


class TestLocality:
    def setup_method(self) -> None:
        sim.setup(timestep=1.0, min_delay=1.0, max_delay=10.0)

    MODEL = dict(
        parameters="a = 1.0 : projection; b = 2.0 : postsynaptic; c = 3.0",
        equations="n = n + a : projection; m = m + b*post.r + n : postsynaptic; w = w + c*pre.r + m",
    )

    def make(self, **given_parameters: Any) -> Any:
        source, target = given([1.0, 2.0]), summing(3, "r = 1.0 + 0*sum(exc)")
        synapse = sim.Synapse(**self.MODEL)(**given_parameters)
        return sim.Projection(source, target, sim.AllToAllConnector(), synapse, receptor_type="exc")

    def test_EQ30_localities(self) -> None:
        projection = self.make()
        sim.run(2.0)
        n = [1, 2]
        m = np.cumsum([2 * 1 + n[0], 2 * 1 + n[1]])
        w = np.outer([1.0, 2.0], [3.0] * 3) * 2 + m.sum()
        np.testing.assert_array_equal(projection.get("weight", "array"), w)
        np.testing.assert_array_equal(projection.get("m", "array"), np.full((2, 3), m[-1]))
        np.testing.assert_array_equal(projection.get("n", "array"), np.full((2, 3), 2.0))

    def test_EQ30_one_value_a_target(self) -> None:
        projection = self.make()
        projection.set(b=[1.0, 2.0, 3.0, 1.0, 2.0, 3.0])  # ordered by source: each target has its value twice
        sim.run(1.0)
        np.testing.assert_array_equal(projection.get("m", "array"), [[2.0, 3.0, 4.0]] * 2)

    def test_EQ29_random_values_of_targets(self) -> None:
        projection = self.make()
        projection.initialize(m=RandomDistribution("uniform", (5.0, 6.0)))
        m = projection.get("m", "array")
        assert len(np.unique(m)) == 3
        assert (m[0] == m[1]).all()
        assert ((m >= 5) & (m <= 6)).all()

    def test_EQ29_drawn_in_equations(self) -> None:
        Draws = sim.Synapse(
            equations="th = Uniform(0, 1) : postsynaptic; w = Uniform(2, 3); u = Uniform(0, 1) : projection"
        )
        projection = sim.Projection(
            given(np.ones(40)), summing(30), sim.AllToAllConnector(), Draws(), receptor_type="exc"
        )
        sim.run(1.0)
        th, w, u = (projection.get(name, "array") for name in ("th", "weight", "u"))
        assert len(np.unique(th)) == 30
        assert (th == th[0]).all()
        assert len(np.unique(w)) == 1200
        assert 2.4 < w.mean() < 2.6  # 17 standard errors
        assert len(np.unique(u)) == 1
        before = w.copy()
        sim.run(1.0)
        assert (projection.get("weight", "array") != before).all()

    def test_a_parameter_has_no_more_values_than_the_equation_that_reads_it(self) -> None:
        Free = sim.Synapse(parameters="tau = 2.0", equations="x = x + tau : projection")
        projection = sim.Projection(
            given([1.0, 2.0]), summing(1), sim.AllToAllConnector(), Free(tau=3.0), receptor_type="exc"
        )
        sim.run(2.0)
        assert projection.get("x", "list", with_address=False) == [6.0, 6.0]

    @pytest.mark.parametrize(
        ("equations", "says"),
        [
            ("x = pre.r : projection", "a projection variable cannot read pre.r"),
            ("x = pre.r : postsynaptic", "a postsynaptic variable cannot read pre.r"),
            ("x = post.r : projection", "a projection variable cannot read post.r"),
            ("y = pre.r; x = y : postsynaptic", "'x' is postsynaptic and cannot read 'y', which is local"),
            ("x = 1 : postsynaptic, projection", "postsynaptic and projection at once"),
            ("pre.r = 2", "belongs to a neuron and can only be read"),
            ("x = pre.", "'.' has no meaning here"),
            ("x = sum(pre.r)", "'sum'"),
            ("dw/dt = mean(r)", r"mean\(pre.r\)"),
        ],
    )
    def test_refused(self, equations: str, says: str) -> None:
        with pytest.raises(EquationError, match=says):
            sim.Synapse(equations=equations)


class TestDelays:
    @pytest.mark.parametrize("dt", [1.0, 0.1, 0.05, 0.025])
    def test_PR21_uniform_and_per_synapse(self, dt: float) -> None:
        sim.setup(timestep=dt, min_delay=dt, max_delay=20 * dt)
        Counter = sim.Neuron(equations="r = r + 1", name="Counter")
        source, target = sim.Population(2, Counter()), summing(2)
        synapse = sim.Synapse()(weight=1.0, delay=3 * dt)
        projection = sim.Projection(source, target, sim.AllToAllConnector(), synapse, receptor_type="exc")
        target.record("r")
        sim.run(9 * dt)
        signal = np.asarray(target.get_data().segments[0].analogsignals[0])[:, 0]
        np.testing.assert_array_equal(signal, [0, *(2 * max(n - 2, 0) for n in range(9))])
        projection.set(delay=np.array([[1, 4], [2, 7]]) * dt)  # PR19: longer than before, in the middle of it
        sim.run(dt)
        np.testing.assert_array_equal(rates(target), [9 + 8, 6 + 6])  # nothing is known of before boundary 6
        sim.run(4 * dt)
        np.testing.assert_array_equal(rates(target), [13 + 12, 10 + 7])

    def test_PR17_delays_are_rounded(self) -> None:
        sim.setup(timestep=1.0, min_delay=1.0, max_delay=10.0)
        source, target = sim.Population(1, sim.Neuron(equations="r = r + 1", name="C")()), summing(1)
        sim.Projection(
            source, target, sim.AllToAllConnector(), sim.Synapse()(weight=1.0, delay=1.99), receptor_type="exc"
        )
        sim.run(5.0)
        assert rates(target).tolist() == [3.0]

    def test_SN16_variables_of_spiking_neurons_and_views(self) -> None:
        """A continuous synapse reads any variable of any neuron; random unsorted views on both sides."""
        sim.setup(timestep=0.1, min_delay=0.1, max_delay=10.0)
        cells = sim.Population(5, sim.IF_curr_exp(tau_m=np.array([5.0, 10.0, 20.0, 30.0, 40.0]), i_offset=0.1))
        cells.initialize(v=-60.0)
        target = summing(4)
        Seen = sim.Synapse(psp="w*pre.v")
        projection = sim.Projection(
            cells[[3, 0, 4]], target[[2, 1]], sim.AllToAllConnector(), Seen(weight=1.0, delay=0.5), receptor_type="exc"
        )
        projection.set(weight=np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
        cells.record("v")
        sim.run(2.0)
        v = np.asarray(cells.get_data().segments[0].analogsignals[0])[-1 - 5, [3, 0, 4]]
        expected = np.zeros(4)
        expected[[2, 1]] = v @ [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
        np.testing.assert_allclose(rates(target), expected, rtol=1e-12)


def test_learning_against_numpy() -> None:
    """Oja's rule, its own neurons, exact to rounding with the explicit method."""
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=1.0, seed=3)
    Leaky = sim.Neuron("tau = 10.0; B = 0.0", "tau*dr/dt + r = B + sum(exc) : explicit, min=0.0", name="Leaky")
    Oja = sim.Synapse(
        "tau = 50.0 : projection; alpha = 8.0 : projection",
        "tau*dw/dt = pre.r*post.r - alpha*post.r^2*w : min=0.0, explicit",
    )
    rng = np.random.default_rng(0)
    level, w = rng.random(30), rng.random((30, 7))
    source, target = sim.Population(30, Leaky(B=level)), sim.Population(7, Leaky())
    projection = sim.Projection(source, target, sim.AllToAllConnector(), Oja(weight=w), receptor_type="exc")
    sim.run(200.0)
    x, y = np.zeros(30), np.zeros(7)
    for _ in range(200):
        x, y = np.maximum(x + (level - x) / 10, 0), np.maximum(y + (x @ w - y) / 10, 0)
        w = np.maximum(w + (np.outer(x, y) - 8 * y**2 * w) / 50, 0)
    np.testing.assert_allclose(rates(target), y, rtol=1e-11)
    np.testing.assert_allclose(projection.get("weight", "array"), w, rtol=1e-11)
