"""Rows EQ11 to EQ13: initial values and bounds."""

from __future__ import annotations

import numpy as np
import pyNN.annarchy as sim
import pytest
from neuron_runs import run
from pyNN.random import NumpyRNG, RandomDistribution

from pynn_annarchy.native.errors import EquationError


def initial(model: type, **more: object) -> np.ndarray:
    return run(model, 0.1, "r", **more)["r"][0]


class TestEQ11:
    def test_EQ11_init_number(self) -> None:
        assert initial(sim.Neuron("", "dr/dt = 0 : init=-65.5")) == -65.5
        assert initial(sim.Neuron("", "dr/dt = 0 : init=2*3 + pi")) == pytest.approx(6 + np.pi)

    def test_EQ11_init_parameter(self) -> None:
        model = sim.Neuron("a = 3.0", "dr/dt = 0 : init=a")
        assert initial(model) == 3.0
        assert initial(model, parameters={"a": 7.0}) == 7.0
        assert initial(model, n=3, parameters={"a": [1.0, 5.0, 2.0]}).tolist() == [1.0, 5.0, 2.0]

    def test_EQ11_init_expression_of_random_parameters(self) -> None:
        sim.setup()
        values = RandomDistribution("uniform", (1.0, 2.0), rng=NumpyRNG(1))
        cells = sim.Population(20, sim.Neuron("a = 3.0", "dr/dt = 0 : init=2*a + 1")(a=values))
        cells.record("r")
        sim.run(0.1)
        found = cells.get_data().segments[0].analogsignals[0].magnitude[0]
        assert len(set(found)) == 20
        np.testing.assert_allclose(found, 2 * np.array(cells.get("a")) + 1)

    def test_EQ11_init_constant(self) -> None:
        start = sim.Constant("start", 4.0)
        model = sim.Neuron("", "dr/dt = 0 : init=start")
        assert initial(model) == 4.0
        start.set(9.0)
        assert initial(model) == 9.0

    def test_EQ11_pynns_initial_values_go_first(self) -> None:
        model = sim.Neuron("a = 3.0", "dr/dt = 0 : init=a")
        assert initial(model, initial={"r": 11.0}) == 11.0

    def test_EQ11_reset_brings_them_back(self) -> None:
        sim.setup(timestep=0.5)
        cells = sim.Population(2, sim.Neuron("a = 3.0", "dr/dt = 1 : init=a")(a=[1.0, 5.0]))
        cells.record("r")
        sim.run(1.0)
        sim.reset()
        sim.run(1.0)
        for segment in cells.get_data().segments:
            assert segment.analogsignals[0].magnitude.tolist() == [[1.0, 5.0], [1.5, 5.5], [2.0, 6.0]]

    def test_EQ11_a_variable_is_no_initial_value(self) -> None:
        with pytest.raises(EquationError, match="'r' changes: an initial value"):
            sim.Neuron("", "dr/dt = 0 : init=r")


class TestEQ12:
    def test_EQ12_constant_bounds(self) -> None:
        found = run(sim.Neuron("", "dr/dt = -1 : init=1.0, min=0.3"), 1.0, "r", dt=0.25)
        np.testing.assert_allclose(found["r"], [1.0, 0.75, 0.5, 0.3, 0.3])

    def test_EQ12_parameter_bounds(self) -> None:
        model = sim.Neuron("top = 2.0", "dr/dt = 1 : max=top")
        found = run(model, 3.0, "r", n=2, dt=1.0, parameters={"top": [1.5, 2.5]})
        np.testing.assert_allclose(found["r"], [[0, 0], [1, 1], [1.5, 2], [1.5, 2.5]])

    def test_EQ12_variable_bounds(self) -> None:
        found = run(sim.Neuron("", "top = 10 - 2*t\ndr/dt = 2 : max=top, explicit"), 4.0, "r", dt=1.0)
        # in the step from t to t + 1 the bound is 10 - 2 t
        np.testing.assert_allclose(found["r"], [0, 2, 4, 6, 4])

    def test_EQ12_bounds_of_assignments(self) -> None:
        found = run(sim.Neuron("", "r = t : min=0.5, max=1.5"), 3.0, "r", dt=1.0)
        np.testing.assert_allclose(found["r"][1:], [0.5, 1.0, 1.5])

    def test_EQ12_a_constant_as_bound_can_be_changed(self) -> None:
        top = sim.Constant("top", 1.0)
        sim.setup(timestep=1.0)
        cells = sim.Population(1, sim.Neuron("", "dr/dt = 1 : max=top")())
        cells.record("r")
        sim.run(2.0)
        top.set(2.5)
        sim.run(2.0)
        np.testing.assert_allclose(cells.get_data().segments[0].analogsignals[0].magnitude.ravel(), [0, 1, 1, 2, 2.5])

    def test_EQ12_a_reset_keeps_the_bounds(self) -> None:
        model = sim.Neuron("", "dv/dt = 1\nu = u : max=1.5", spike="v >= 0.99", reset="v = 0; u += 1")
        found = run(model, 4.0, "u", dt=1.0)
        np.testing.assert_allclose(found["u"], [0, 1, 1.5, 1.5, 1.5])


def stimulated(model: type, weight: float, **parameters: float) -> np.ndarray:
    """Return the conductance that three spikes at once, at 1 ms and delayed by 1 ms, cause."""
    sim.setup(timestep=1.0, min_delay=1.0)
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[1.0]))
    cell = sim.Population(1, model(**parameters))
    sim.Projection(
        source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=1.0), receptor_type="exc"
    )
    cell.record("g_exc")
    sim.run(5.0)
    return cell.get_data().segments[0].analogsignals[0].magnitude.ravel()


class TestEQ13:
    TEXT = "dv/dt = g_exc - v\n{}"

    def test_EQ13_conductance_with_a_maximum_from_a_parameter(self) -> None:
        model = sim.Neuron("gm = 4.0", self.TEXT.format("dg_exc/dt = -g_exc/2 : max=gm"), spike="v > 100")
        decay = np.exp(-0.5)
        np.testing.assert_allclose(stimulated(model, 2.0), [0, 0, 4, 4 * decay, 4 * decay**2, 4 * decay**3])
        np.testing.assert_allclose(stimulated(model, 2.0, gm=5.0)[2], 5.0)

    def test_EQ13_minimum(self) -> None:
        model = sim.Neuron("low = -1.0", self.TEXT.format("dg_exc/dt = 0 : min=low"), spike="v > 100")
        np.testing.assert_allclose(stimulated(model, -2.0), [0, 0, -1, -1, -1, -1])


class TestEQ39:
    def test_EQ39_a_conductance_without_equation_lasts_one_step(self) -> None:
        model = sim.Neuron("", "dv/dt = g_exc : explicit\ns = g_exc", spike="v > 100")
        assert model.receptor_types == ("exc",)
        np.testing.assert_allclose(stimulated(model, 2.0), [0, 0, 6, 0, 0, 0])

    def test_EQ39_what_arrived_is_seen_in_the_next_step(self) -> None:
        sim.setup(timestep=1.0, min_delay=1.0)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 3.0]))
        model = sim.Neuron("", "dv/dt = g_exc - g_inh : explicit", spike="v > 100")
        assert model.receptor_types == ("exc", "inh")
        cell = sim.Population(1, model())
        synapse = sim.StaticSynapse(weight=2.0, delay=1.0)
        sim.Projection(source, cell, sim.AllToAllConnector(), synapse, receptor_type="exc")
        cell.record("v")
        sim.run(6.0)
        found = cell.get_data().segments[0].analogsignals[0].magnitude.ravel()
        np.testing.assert_allclose(found, [0, 0, 0, 2, 2, 4, 4])

    def test_EQ36_receptors_whose_names_contain_each_other(self) -> None:
        model = sim.Neuron("", "dv/dt = g_exc - 10*g_exc2 : explicit", spike="v > 100")
        assert model.receptor_types == ("exc", "exc2")
        sim.setup(timestep=1.0, min_delay=1.0)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        cells = sim.Population(2, model())
        for receptor, cell in (("exc", cells[:1]), ("exc2", cells[1:])):
            synapse = sim.StaticSynapse(weight=2.0, delay=1.0)
            sim.Projection(source, cell, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        cells.record("v")
        sim.run(4.0)
        assert cells.get_data().segments[0].analogsignals[0].magnitude[-1].tolist() == [2.0, -20.0]
