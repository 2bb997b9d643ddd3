"""Rows EQ01 to EQ10: models as text, blocks of equations, numerical methods."""

from __future__ import annotations

import numpy as np
import pyNN.annarchy as sim
import pytest
from neuron_runs import run
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from pynn_annarchy.native.errors import EquationError

DT = 0.5
# x' = (y - x)/10, y' = (1 - x)/20 from (1.5, -1)
A, B, START = np.array([[-0.1, 0.1], [-0.05, 0.0]]), np.array([0.0, 0.05]), np.array([1.5, -1.0])


def coupled(flag: str = "") -> type:
    flag = f", {flag}" if flag else ""
    return sim.Neuron(
        "tau = 10.0",
        f"""
        tau*dx/dt = y - x : init=1.5{flag}
        2*tau*dy/dt = 1 - x : init=-1.0{flag}
        r = x
        """,
    )


def iterated(advance, steps: int = 40) -> np.ndarray:
    states = [START]
    for _ in range(steps):
        states.append(advance(states[-1]))
    return np.array(states)


def trace(model: type, **setup: object) -> np.ndarray:
    found = run(model, 40 * DT, "x", "y", dt=DT, **setup)
    return np.transpose([found["x"], found["y"]])


def euler(s: np.ndarray) -> np.ndarray:
    return s + DT * (A @ s + B)


def midpoint(s: np.ndarray) -> np.ndarray:
    return s + DT * (A @ (s + DT / 2 * (A @ s + B)) + B)


def implicit(s: np.ndarray) -> np.ndarray:
    return np.linalg.solve(np.eye(2) - DT * A, s + DT * B)


def exponential(s: np.ndarray) -> np.ndarray:
    x, y = s
    return np.array([y + (x - y) * np.exp(-DT / 10), y + DT * (1 - x) / 20])


def exact(s: np.ndarray) -> np.ndarray:
    rest = np.linalg.solve(A, -B)
    return rest + expm(A * DT) @ (s - rest)


def test_EQ01_one_description_for_rate_coded_and_spiking() -> None:
    rate = sim.Neuron("tau = 10.0", "tau*dr/dt = 1 - r", name="Rate")
    spiking = sim.Neuron("tau = 10.0", "tau*dv/dt = 2 - v", spike="v > 1", reset="v = 0", name="Spiking")
    assert rate.__name__ == "Rate"
    assert "spikes" not in rate.recordable
    assert spiking.recordable[0] == "spikes"
    found = run(rate, 10.0, "r", n=3, parameters={"tau": [5.0, 10.0, 20.0]})
    np.testing.assert_allclose(found["r"][-1], 1 - np.exp(-10 / np.array([5.0, 10.0, 20.0])), rtol=1e-12)
    # v passes 1 after tau ln 2 = 6.93 ms, seen at the end of a step of 0.1 ms
    assert run(spiking, 10.0, "spikes").spikes[0].tolist() == pytest.approx([7.0])


def test_EQ03_a_rate_coded_neuron_has_to_have_r() -> None:
    with pytest.raises(EquationError, match="rate-coded: its equations have to define 'r'"):
        sim.Neuron("tau = 10.0", "tau*dv/dt = 1 - v")


FORMS = [
    "x = t + dt\ny = 2*x\nr = x + y",
    "x = t + dt; y = 2*x; r = x + y  # one line; this is a comment, r = 0",
    "x = t + dt # first; not a statement\n\n  y = 2*x ;\n r = (x +\n y)\n",
    ["x = t + dt", "y = 2*x", sim.Variable("r = x + y")],
    ["x = t + dt; y = 2*x", "r = x + y"],
]


@pytest.mark.parametrize("equations", FORMS)
def test_EQ04_equations_in_one_text_or_several(equations: object) -> None:
    np.testing.assert_allclose(run(sim.Neuron("", equations), 1.0, "r")["r"], 3 * np.arange(0, 1.05, 0.1))


def test_EQ04_variables_with_flags_as_objects() -> None:
    variable = sim.Variable("dr/dt = a", init="a", max=3.0, method="explicit")
    found = run(sim.Neuron({"a": 2.0}, variable), 1.0, "r", dt=0.25)
    np.testing.assert_allclose(found["r"], [2.0, 2.5, 3.0, 3.0, 3.0])
    more = sim.Variable("dr/dt = 1 : init=1.0", min=0, max=1.5)
    np.testing.assert_allclose(run(sim.Neuron("", [more]), 1.0, "r", dt=0.5)["r"], [1.0, 1.5, 1.5])


def test_EQ05_blocks_are_concurrent_and_what_is_between_separates_them() -> None:
    flags = ": init=1.0, explicit"
    together = sim.Neuron("", f"dx/dt = y {flags}\ndy/dt = -x {flags}\nr = x")
    apart = sim.Neuron("", f"dx/dt = y {flags}\nr = x\ndy/dt = -x {flags}")
    h = 0.5
    found = run(together, h, "x", "y", dt=h)
    assert (found["x"][1], found["y"][1]) == (1 + h, 1 - h)
    found = run(apart, h, "x", "y", "r", dt=h)
    assert (found["x"][1], found["r"][1], found["y"][1]) == (1 + h, 1 + h, 1 - h * (1 + h))


def test_EQ05_assignments_are_sequential() -> None:
    found = run(sim.Neuron("", "a = b + 1\nb = a + 1\nr = a + b"), 0.2, "a", "b", "r")
    assert (found["a"][1:].tolist(), found["b"][1:].tolist(), found["r"][1:].tolist()) == ([1, 3], [2, 4], [3, 7])


@pytest.mark.parametrize(
    ("flag", "advance"),
    [
        pytest.param("explicit", euler, id="explicit"),
        pytest.param("implicit", implicit, id="EQ06_implicit"),
        pytest.param("midpoint", midpoint, id="EQ07_midpoint"),
        pytest.param("exponential", exponential, id="EQ08_exponential"),
        pytest.param("exact", exact, id="exact"),
        pytest.param("", exact, id="none"),
    ],
)
def test_methods_of_coupled_systems(flag: str, advance) -> None:
    np.testing.assert_allclose(trace(coupled(flag)), iterated(advance), rtol=1e-12, atol=1e-14)


def test_EQ06_implicit() -> None:
    """One stiff equation whose explicit solution would blow up: 1/(1 + h/tau) a step."""
    found = run(sim.Neuron("tau = 0.01", "tau*dr/dt = -r : init=1.0, implicit"), 0.5, "r", dt=0.1)
    np.testing.assert_allclose(found["r"], (1 / 11) ** np.arange(6), rtol=1e-12)


def test_EQ06_implicit_needs_a_linear_system() -> None:
    with pytest.raises(EquationError, match="method 'implicit' needs equations linear in r") as caught:
        sim.Neuron("", "x = 1\ndr/dt = -r^2 : implicit")
    assert caught.value.line == 2


def test_EQ07_midpoint() -> None:
    """A nonlinear system, by the formula."""

    def slope(s: np.ndarray) -> np.ndarray:
        return np.array([s[1], (1 - s[0] ** 2) * s[1] - s[0]])

    model = sim.Neuron("", "dx/dt = y : init=1.0, midpoint\ndy/dt = (1 - x^2)*y - x : init=0.5, midpoint\nr = x")
    found = run(model, 2.0, "x", "y")
    expected = [np.array([1.0, 0.5])]
    for _ in range(20):
        expected.append(expected[-1] + 0.1 * slope(expected[-1] + 0.05 * slope(expected[-1])))
    np.testing.assert_allclose(np.transpose([found["x"], found["y"]]), expected, rtol=1e-12)


def test_rk4_is_of_fourth_order() -> None:
    def error(dt: float) -> float:
        found = run(sim.Neuron("", "dr/dt = -r^2 : init=1.0, rk4"), 2.0, "r", dt=dt)
        return abs(found["r"][-1] - 1 / 3)

    assert 14 < error(0.2) / error(0.1) < 18


def test_EQ08_exponential() -> None:
    found = run(sim.Neuron("tau = 10.0", "tau*dr/dt = 3 - r : init=1.0, exponential"), 5.0, "r", dt=1.0)
    np.testing.assert_allclose(found["r"], 3 - 2 * np.exp(-np.arange(6) / 10), rtol=1e-12)


def test_EQ08_the_factor_is_computed_outside_of_the_step() -> None:
    source = sim.Neuron("tau = 10.0", "tau*dr/dt = 3 - r : exponential").source()
    derive, step = source.split("static inline bool step")
    assert "exprel(" in derive
    assert "exp" not in step.replace("exponential", "")


def test_EQ08_exponential_needs_a_linear_equation() -> None:
    with pytest.raises(EquationError, match="method 'exponential' needs an equation linear in v"):
        sim.Neuron("", "dv/dt = -v^2 : exponential", spike="v > 1")


@pytest.mark.parametrize(
    ("method", "advance"),
    [("explicit", euler), ("midpoint", midpoint), ("exponential", exponential), ("implicit", implicit), (None, exact)],
)
def test_EQ10_default_method(method: str | None, advance) -> None:
    np.testing.assert_allclose(trace(coupled(), method=method), iterated(advance), rtol=1e-12, atol=1e-14)


def test_EQ10_a_flag_goes_before_the_default() -> None:
    np.testing.assert_allclose(trace(coupled("exact"), method="explicit"), iterated(exact), rtol=1e-12, atol=1e-14)


def test_EQ10_the_default_ends_with_its_simulation_and_leaves_standard_cells_alone() -> None:
    model = coupled()
    for method, advance in (("explicit", euler), (None, exact), ("explicit", euler)):
        np.testing.assert_allclose(trace(model, method=method), iterated(advance), rtol=1e-12, atol=1e-14)
    standard = [
        run(sim.IF_cond_exp, 20.0, "v", parameters={"i_offset": 0.5}, method=m)["v"] for m in (None, "explicit")
    ]
    assert (standard[0] == standard[1]).all()


def test_EQ10_unknown_method() -> None:
    with pytest.raises(ValueError, match="method='euler' is not one of 'exact'"):
        sim.setup(method="euler")


def test_the_default_without_any_flag_is_accurate() -> None:
    """Nonlinear, against a converged reference."""
    model = sim.Neuron("", "dr/dt = x : init=2.0\ndx/dt = 5*(1 - r^2)*x - r")
    reference = solve_ivp(
        lambda t, s: [s[1], 5 * (1 - s[0] ** 2) * s[1] - s[0]],
        (0, 20),
        [2.0, 0.0],
        rtol=1e-12,
        atol=1e-12,
        method="DOP853",
    )
    found = run(model, 20.0, "r", dt=0.1)
    assert abs(found["r"][-1] - reference.y[0, -1]) < 1e-5
