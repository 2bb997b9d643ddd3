"""Threshold, reset, refractoriness and input of compiled models, against a plain re-enactment."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from driver import Neurons

from pynn_annarchy.native import kernels
from pynn_annarchy.native.spec import NeuronText


def neurons(equations: str, parameters: str = "", n: int = 1, *, dt: float = 0.1, **more: object) -> Neurons:
    text = NeuronText(name="Tried", parameters=parameters, equations=equations, **more)  # type: ignore[arg-type]
    return Neurons(kernels.compiled(text), n, dt=dt)


@pytest.mark.parametrize(("refractory", "dt", "steps"), [(2.0, 0.1, 20), (0.3, 0.1, 3), (1.0, 0.05, 20), (0.7, 1.0, 1)])
def test_held_for_the_refractory_period(refractory: float, dt: float, steps: int) -> None:
    """A ramp that spikes at k*dt moves again after exactly ``steps`` steps."""
    cell = neurons(
        "dv/dt = 1/dt; du/dt = 1/dt : always; dg_x/dt = 1/dt", f"ref = {refractory}", dt=dt,
        spike="v >= 5", reset="v = 0; u = 0", refractory="ref",
    )  # fmt: skip
    v, u = cell.trace("v", 5 + steps + 2), cell["u"][0]
    assert v.tolist() == pytest.approx([0, 1, 2, 3, 4, 0] + [0] * steps + [1, 2])
    assert u == pytest.approx(steps + 2)
    assert cell["g_x"][0] == pytest.approx(5 + steps + 2)
    assert cell.spikes == [(0, pytest.approx(5 * dt))]


def test_input_arrives_after_integration_and_is_dropped_by_held_variables() -> None:
    cell = neurons(
        "dv/dt = -v/tau; dg_e/dt = -g_e/tau", "tau = 10.0",
        spike="v >= 1", reset="v = 0", refractory="0.2", receptors={"onto_v": "v", "onto_g": "g_e"},
    )  # fmt: skip
    decay = math.exp(-0.01)
    cell.step(1, {"onto_v": 0.5, "onto_g": 2.0})
    assert (cell["v"][0], cell["g_e"][0]) == (0.5, 2.0)
    cell.step(1, {"onto_v": 0.6})
    assert cell.spikes == [(0, 0.2)]
    assert cell["v"][0] == 0.0
    cell.step(2, {"onto_v": 5.0, "onto_g": 1.0})
    assert len(cell.spikes) == 1
    assert cell["v"][0] == 0.0
    assert cell["g_e"][0] == pytest.approx(2 * decay**3 + decay + 1, rel=1e-14)
    cell.step(1, {"onto_v": 0.25})
    assert cell["v"][0] == 0.25
    assert all(np.all(values == 0) for values in cell.input.values())


def test_an_exact_variable_that_goes_on_sees_the_held_value() -> None:
    """w follows v, which rests at its reset value: the propagator of the resting system, not of the free one."""
    cell = neurons(
        "dv/dt = -v/tau + 2 - w; dw/dt = (a*v - w)/tw : always", "tau = 10.0; a = 0.5; tw = 7.0",
        spike="v >= 3", reset="v = 1.5; w += 0.25", refractory="1.0",
    )  # fmt: skip
    free = mpmath.matrix([[-0.1, -1, 2], [0.5 / 7, -1 / 7.0, 0], [0, 0, 0]])
    held = mpmath.matrix([[0, 0, 0], [0.5 / 7, -1 / 7.0, 0], [0, 0, 0]])
    state, waiting, spikes = mpmath.matrix([0, 0, 1]), 0, []
    free, held = mpmath.expm(free * 0.1), mpmath.expm(held * 0.1)
    for k in range(300):
        state = (held if waiting else free) * state
        waiting = max(0, waiting - 1)
        if state[0] >= 3:
            spikes.append(k)
            state[0], state[1], waiting = 1.5, state[1] + 0.25, 10
        cell.step()
        np.testing.assert_allclose([cell["v"][0], cell["w"][0]], [float(state[0]), float(state[1])], rtol=1e-11)
    assert [round(t / 0.1) - 1 for _, t in cell.spikes] == spikes
    assert len(spikes) > 0


def test_magnus_variable_that_goes_on_sees_the_held_value() -> None:
    cell = neurons("dv/dt = 1; dx/dt = -v*x : init=1.0, always", spike="v >= 0.5", reset="v = 0.25", refractory="0.3")
    cell.step(5)
    before = float(cell["x"][0])
    assert before == pytest.approx(math.exp(-0.125), rel=1e-12)
    cell.step(3)
    assert cell["x"][0] == pytest.approx(before * math.exp(-0.25 * 0.3), rel=1e-12)


def test_no_spike_while_refractory() -> None:
    cell = neurons("dv/dt = 0 : init=2.0", spike="v >= 1", refractory="0.5")
    cell.step(13)
    assert [round(t / 0.1) for _, t in cell.spikes] == [1, 7, 13]


def test_reset_is_sequential_and_reads_the_time_of_the_spike() -> None:
    cell = neurons(
        "dv/dt = 1; dlast/dt = 0; da/dt = 0; db/dt = 0; since = t - t_last",
        spike="v >= 0.35", reset="v = 0; last = t; a += 1; b = 2*a",
    )  # fmt: skip
    cell.step(8)
    assert [t for _, t in cell.spikes] == pytest.approx([0.4, 0.8])
    assert (cell["a"][0], cell["b"][0], cell["last"][0]) == (2.0, 4.0, pytest.approx(0.8))
    assert cell["since"][0] == pytest.approx(0.3)


def test_spikes_are_in_order_of_neurons_and_padding_is_silent() -> None:
    cell = neurons("dv/dt = 0 : init=2.0", n=70, spike="v >= 1", reset="v = 0")
    cell.step()
    assert [neuron for neuron, _ in cell.spikes] == list(range(70))


def test_random_spiking_has_the_rate_of_its_hazard() -> None:
    """5000 neurons, 200 steps, p = 0.01: 10000 +- 100 spikes; five standard deviations."""
    cell = neurons("dv/dt = 0", "p = 0.01", n=5000, spike="Uniform(0, 1) < p")
    cell.step(200)
    assert abs(len(cell.spikes) - 10000) < 500
    again = neurons("dv/dt = 0", "p = 0.01", n=5000, spike="Uniform(0, 1) < p")
    again.step(200)
    assert again.spikes == cell.spikes


def test_random_numbers_of_one_step_are_independent() -> None:
    cell = neurons("a = Normal(1, 2); b = Normal(0, 1); c = Uniform(-1, 3)", n=20000)
    cell.step()
    values = np.array([cell["a"], cell["b"], cell["c"]])
    np.testing.assert_allclose(values.mean(axis=1), [1, 0, 1], atol=0.06)
    np.testing.assert_allclose(values.std(axis=1), [2, 1, 4 / math.sqrt(12)], rtol=0.03)
    assert np.abs(np.corrcoef(values) - np.eye(3)).max() < 0.03


@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_precisions(precision: str) -> None:
    text = NeuronText(
        name="Cell",
        parameters="tau = 10.0; ts = 2.0; er = 0.0; vt = -50.0",
        equations="dg/dt = -g/ts : always; dv/dt = (-65 - v)/tau + g*(er - v) : init=-65.0; dx/dt = exp(-x*x) - x",
        spike="v >= vt",
        reset="v = -65",
        refractory="1.0",
        receptors={"exc": "g"},
    )
    kernel = kernels.compiled(text, precision)
    assert kernel.precision == precision
    cell = Neurons(kernel, 3)
    reference = Neurons(kernels.compiled(text), 3)
    for one in (cell, reference):
        one.step(1, {"exc": 0.05})
        one.step(30)
    tolerance = {"double": 0.0, "mixed": 1e-6, "single": 1e-4}[precision]
    for name in ("v", "x", "g"):
        np.testing.assert_allclose(cell[name], reference[name], rtol=tolerance)


def test_heterogeneous_parameters() -> None:
    taus = np.linspace(1, 50, 130)
    text = NeuronText(name="Decay", parameters="tau = 10.0", equations="dv/dt = -v/tau : init=1.0")
    cell = Neurons(kernels.compiled(text), 130, parameters={"tau": taus})
    cell.step(10)
    np.testing.assert_allclose(cell["v"], np.exp(-1 / taus), rtol=1e-14)


def test_dependences_of_derived_constants() -> None:
    """A constant names the parameters that change it, and no parameter that changes nothing."""
    text = NeuronText(
        name="Membrane",
        parameters="a = 1.5; tau = 10.0; ts = 2.0; cm = 0.5; unused = 1.0; top = 3.0",
        equations="dg/dt = -g/ts; dh/dt = -h*a; dv/dt = -v/tau + g*h*(1 - v)/cm; dw/dt = (h - w)/tau",
        spike="v > top",
    )
    kernel = kernels.compiled(text)
    base = Neurons(kernel).derived()
    struct = Neurons(kernel).struct
    for bit, name in enumerate(kernel.parameters):
        changed = Neurons(kernel, parameters={name: kernel.parameters[name] * 1.25}).derived()
        for index, constant in enumerate(base):
            declared = bool(struct.constant_depends[index] >> bit & 1)
            assert declared or changed[constant][0] == base[constant][0], (constant, name)
            assert not (declared and name == "unused")


def test_what_is_only_copied_is_copied_before_it_is_overwritten() -> None:
    """Of loops that do nothing else, GCC makes calls of memcpy and memset, whose order it has to keep."""
    cell = neurons(
        "got = got + g_exc; other = other + g_inh; count = count; seen = seen", n=130, spike="g_force > 0.5",
        conductances=True,
    )  # fmt: skip
    for number in range(1, 9):
        cell.step(1, {"exc": number, "inh": -2 * number})
    for name, value in {"g_exc": 8, "got": 28, "g_inh": -16, "other": -56}.items():
        assert set(cell[name][:130]) == {value}, name
