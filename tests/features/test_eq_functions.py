"""Rows EQ22 to EQ26: functions and constants."""

from __future__ import annotations

import numpy as np
import pyNN.annarchy as sim
import pytest
from neuron_runs import run, value

from pynn_annarchy.native.errors import EquationError


def test_EQ22_global_functions() -> None:
    sim.add_function("sigmoid(x, k) = 1/(1 + exp(-k*x))")
    sim.add_function("double_sigmoid(y) = 2*sigmoid(y, 3.0)")
    x = np.arange(4)
    np.testing.assert_allclose(value("double_sigmoid(x) + sigmoid(-x, 1)", n=4),
                               2 / (1 + np.exp(-3.0 * x)) + 1 / (1 + np.exp(x)))  # fmt: skip


def test_EQ22_arguments_are_not_mistaken_for_names_of_the_model() -> None:
    sim.add_function("f(x, y) = x - 10*y")
    assert run(sim.Neuron("y = 7.0; a = 1.0", "x = 2\nr = f(y, f(x, a))"), 0.1, "r")["r"][1] == 7 - 10 * (2 - 10)


def test_EQ22_a_linear_function_keeps_an_equation_linear() -> None:
    sim.add_function("leak(v, tau) = -v/tau")
    model = sim.Neuron("tau = 10.0", "dr/dt = leak(r, tau) : init=1.0, exact")
    assert run(model, 5.0, "r")["r"][-1] == pytest.approx(np.exp(-0.5), rel=1e-13)


def test_EQ22_conditions_in_functions() -> None:
    sim.add_function("step(x) = if x > 1: if x > 3: 2 else: 1 else: 0")
    assert value("step(x)", n=5).tolist() == [0, 0, 1, 1, 2]


def test_EQ22_a_function_can_be_replaced_for_models_to_come() -> None:
    sim.add_function("f(x) = x + 1")
    sim.add_function("g(x) = f(2*x)")
    old = sim.Neuron("", "r = g(3)")
    sim.add_function("f(x) = x + 100")
    assert run(old, 0.1, "r")["r"][1] == 7
    assert value("f(1)").tolist() == [101]
    assert value("g(3)").tolist() == [7]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("f(x) = y", "unknown symbol 'y'"),
        ("f(x) = f(x - 1)", "function 'f' cannot call itself"),
        ("f(x, x) = x", "argument 'x' is there twice"),
        ("f(x,) = x", "name of an argument is expected"),
        ("f(2) = 1", "name of an argument is expected"),
        ("exp(x) = 1", "'exp' is predefined"),
        ("f = 3", "a function is written as"),
        ("f(x) = Normal(0, x)", "no random numbers here"),
        ("f(x) = x > 1", "a number is expected here"),
    ],
)
def test_EQ22_errors(text: str, says: str) -> None:
    with pytest.raises(EquationError, match=says):
        sim.add_function(text)
    with pytest.raises(EquationError, match=says):
        sim.Neuron("", "r = 1", functions=text)


def test_EQ22_calls_that_do_not_fit() -> None:
    sim.add_function("f(x, y) = x + y")
    with pytest.raises(EquationError, match="f takes 2 arguments, not 1") as caught:
        sim.Neuron("", "x = 1\nr = 2*f(x)")
    assert (caught.value.line, caught.value.column) == (2, 7)
    with pytest.raises(EquationError, match="'f' is a function"):
        sim.Neuron("", "r = f")


def test_EQ22_calls_without_end_are_refused() -> None:
    sim.add_function("f0(x) = x*(x + 1)*(x - 1)*(x + 2)")
    for k in range(6):
        sim.add_function(f"f{k + 1}(x) = f{k}(x + 1) + x*f{k}(x)") if k < 3 else None
    with pytest.raises(EquationError, match="too long when written out"):
        sim.Neuron("", "r = f3(f3(f3(f3(t))))")


def test_EQ23_functions_are_callable_on_arrays() -> None:
    sim.add_function("sigmoid(x) = 1/(1 + exp(-x))")
    sim.add_function("relu(x, top) = if x > top: top else: pos(x)")
    x = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(sim.functions("sigmoid")(x), 1 / (1 + np.exp(-x)))
    np.testing.assert_allclose(sim.functions("relu")(x.reshape(7, 1), [1.0, 2.0]), np.clip(x[:, None], 0, [1.0, 2.0]))
    assert sim.functions("sigmoid")(0) == 0.5
    with pytest.raises(ValueError, match="no function 'tanhh'; there are sigmoid, relu"):
        sim.functions("tanhh")
    with pytest.raises(TypeError, match="takes 1 arguments, not 2"):
        sim.functions("sigmoid")(1, 2)


def test_EQ24_functions_of_a_model() -> None:
    sim.add_function("f(x) = 1000*x")
    model = sim.Neuron("", "x = x\nr = f(x) + g(x, 2)", functions="""
        f(x) = x^2   # hides the global one
        g(x, n) = f(x)/n
    """)  # fmt: skip
    found = run(model, 0.1, "r", n=3, initial={"x": lambda i: i})
    assert found["r"][1].tolist() == [0, 1.5, 6]
    assert found.population.f(3.0) == 9.0
    np.testing.assert_allclose(found.population[1:].g(np.array([2.0, 4.0]), 2), [2.0, 8.0])
    assert model.functions["g"](4, 2) == 8.0
    assert sim.functions("f")(2) == 2000.0
    with pytest.raises(AttributeError, match="no attribute 'h'"):
        found.population.h(3.0)


def test_EQ25_constants_in_equations() -> None:
    sim.Constant("tau_c", 20.0)
    model = sim.Neuron("", "tau_c*dr/dt = 1 - r")
    assert run(model, 10.0, "r")["r"][-1] == pytest.approx(1 - np.exp(-0.5), rel=1e-12)
    assert "tau_c" not in model.default_parameters


def test_EQ25_set_at_run_time() -> None:
    rate = sim.Constant("rate", 1.0)
    sim.setup(timestep=1.0)
    one, other = (sim.Population(2, sim.Neuron("", f"dr/dt = {k}*rate", name=f"M{k}")()) for k in (1, 2))
    one.record("r")
    other.record("r")
    sim.run(2.0)
    rate.set(10.0)
    assert float(rate) == rate.value == 10.0
    sim.run(1.0)
    later = sim.Population(1, sim.Neuron("", "dr/dt = 3*rate", name="M3")())
    later.record("r")
    sim.run(1.0)
    for population, expected in ((one, [0, 1, 2, 12, 22]), (other, [0, 2, 4, 24, 44]), (later, [0, 30])):
        found = population.get_data().segments[0].analogsignals[0].magnitude[:, 0]
        np.testing.assert_allclose(found, expected)


def test_EQ25_a_value_set_before_setup_counts_and_nothing_is_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    gain = sim.Constant("gain", 2.0)
    model = sim.Neuron("", "r = gain*5")
    assert run(model, 0.1, "r")["r"][1] == 10
    monkeypatch.setenv("CXX", "/nowhere/no-compiler")
    gain.set(4.0)
    assert run(model, 0.1, "r")["r"][1] == 20


def test_EQ25_a_models_own_name_hides_a_constant() -> None:
    sim.Constant("a", 5.0)
    sim.Constant("r", 5.0)
    model = sim.Neuron("a = 1.0", "r = a + r")
    assert run(model, 0.3, "r")["r"].tolist() == [0, 1, 2, 3]
    assert list(model.default_parameters) == ["a"]


def test_EQ25_errors() -> None:
    for name in ("2a", "t", "exp", "if", "a b", ""):
        with pytest.raises(ValueError, match="constant"):
            sim.Constant(name, 1.0)
    with pytest.raises(ValueError, match="has to be a finite number, not 'x'"):
        sim.Constant("a", "x")
    with pytest.raises(EquationError, match=r"unknown symbol 'tau_cc'.*did you mean 'tau_c'"):
        sim.Constant("tau_c", 1.0)
        sim.Neuron("", "r = tau_cc")


@pytest.mark.parametrize("form", ["dict of objects", "dict of names", "text"])
def test_EQ26_a_parameters_value_from_a_constant(form: str) -> None:
    tc = sim.Constant("tc", 20.0)
    parameters = {"dict of objects": {"a": tc, "b": 1}, "dict of names": {"a": "tc", "b": 1}, "text": "a = tc; b = 1"}[
        form
    ]
    model = sim.Neuron(parameters, "r = a + b")
    tc.set(30.0)
    assert model.default_parameters == {"a": 20.0, "b": 1.0}
    assert run(model, 0.1, "r")["r"][1] == 21.0


def test_EQ26_a_cells_value_from_a_constant() -> None:
    tc = sim.Constant("tc", 20.0)
    sim.setup()
    cells = sim.Population(2, sim.Neuron("a = 1.0", "r = a")(a=tc))
    tc.set(30.0)
    assert cells.get("a") == 20.0
    cells.set(a=tc)
    assert cells.get("a") == 30.0
