"""Each integrator, through compiled kernels, against closed forms and scipy."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from driver import Neurons
from scipy.integrate import solve_ivp

from pynn_annarchy.native import compile, kernels
from pynn_annarchy.native.errors import EquationError
from pynn_annarchy.native.halves import halves
from pynn_annarchy.native.spec import NeuronText


def neurons(equations: str, parameters: str = "", n: int = 1, *, dt: float = 0.1, **more: object) -> Neurons:
    text = NeuronText(name="Tried", parameters=parameters, equations=equations, **more)  # type: ignore[arg-type]
    return Neurons(kernels.compiled(text), n, dt=dt)


def methods(equations: str, parameters: str = "", **more: object) -> dict[str, str]:
    """Return the method of each variable, as the titles of the generated sections tell."""
    text = NeuronText(name="Tried", parameters=parameters, equations=equations, **more)  # type: ignore[arg-type]
    found = {}
    for section in compile.program(text).bodies["step"].sections:
        names, _, method = section.title.partition(": ")
        if method not in ("", "assigned"):
            found.update(dict.fromkeys(names.split(", "), method))
    return found


def solution(slope: object, start: list[float], end: float, steps: int) -> np.ndarray:
    """Return the converged solution at equally spaced times, one row a variable."""
    found = solve_ivp(
        slope, (0, end), start, method="DOP853", t_eval=np.linspace(0, end, steps + 1), rtol=1e-13, atol=1e-14
    )
    assert found.success
    return found.y


def expm_exactly(matrix: np.ndarray) -> mpmath.matrix:
    """Return the matrix exponential to 40 digits (scipy's loses 1e-9 where two eigenvalues nearly coincide)."""
    with mpmath.workdps(60):
        return mpmath.expm(mpmath.matrix(matrix.tolist()))


class TestChoice:
    def test_linear_systems_are_exact(self) -> None:
        assert methods("dx/dt = -x/tau; dy/dt = (x - y)/tau + i_inj", "tau = 2.0") == {"x": "exact", "y": "exact"}

    def test_coupled_linear_systems_are_exact(self) -> None:
        assert methods("dx/dt = -y/tau; dy/dt = x/tau", "tau = 2.0") == {"x": "exact", "y": "exact"}

    def test_conditionally_linear_is_magnus(self) -> None:
        found = methods("dg/dt = -g/tau; dv/dt = g*(e - v) - v + t", "tau = 2.0; e = 1.0")
        assert found == {"g": "exact", "v": "magnus"}

    def test_what_reads_a_nonlinear_variable_is_not_exact(self) -> None:
        found = methods("dg/dt = -g; dv/dt = -v^3 + g; dw/dt = v - w")
        assert found == {"g": "exact", "v": "rk45", "w": "rk45"}

    def test_a_flag_passes_on_to_what_reads_the_variable(self) -> None:
        assert methods("dv/dt = -v + u : midpoint; du/dt = v - u") == {"v": "midpoint", "u": "midpoint"}

    def test_an_assigned_variable_is_seen_through(self) -> None:
        assert methods("i = g*(1 - v); dg/dt = -g; dv/dt = i - v") == {"g": "exact", "v": "magnus"}

    def test_random_numbers_rest_during_a_step(self) -> None:
        assert methods("dv/dt = -v + Normal(0, 1)") == {"v": "exact"}

    @pytest.mark.parametrize(
        ("equations", "says"),
        [
            ("dv/dt = -v^2 : exact", "method 'exact' needs an equation with constant coefficients"),
            ("dg/dt = -g; dv/dt = -g*v : exact", "method 'exact' needs"),
            ("dv/dt = -v^2 : magnus", "method 'magnus' needs an equation linear in v"),
            ("du/dt = -u^2; dv/dt = -u*v : magnus", "method 'magnus' needs"),
            ("dv/dt = exp(v) : exponential", "method 'exponential' needs an equation linear in v"),
            ("du/dt = v*u : implicit; dv/dt = u : implicit", "method 'implicit' needs equations linear in u, v"),
        ],
    )
    def test_a_method_that_does_not_apply(self, equations: str, says: str) -> None:
        with pytest.raises(EquationError, match=says) as caught:
            methods(equations)
        assert caught.value.line == 1


class TestExact:
    def test_decay_over_a_million_steps(self) -> None:
        cell = neurons("dx/dt = -x/tau : init=1.0", "tau = 1000.0", dt=0.01)
        cell.step(100_000)
        assert cell["x"][0] == pytest.approx(math.exp(-1.0), rel=1e-11)

    @pytest.mark.parametrize("tau_syn", [0.5, 5.0, 9.999999, 10.0, 10.000001, 300.0])
    def test_membrane_with_alpha_current(self, tau_syn: float) -> None:
        """No singularity where the time constants are equal."""
        cell = neurons(
            "dx/dt = -x/ts : init=1.0; di/dt = (x - i)/ts; dv/dt = -v/tm + i/cm", f"ts = {tau_syn}; tm = 10.0; cm = 0.5"
        )
        matrix = np.array([[-1 / tau_syn, 0, 0], [1 / tau_syn, -1 / tau_syn, 0], [0, 2, -0.1]])
        trace = cell.trace("v", 500)[::25]
        exact = [float((expm_exactly(matrix * 0.1 * 25 * k) * mpmath.matrix([1, 0, 0]))[2]) for k in range(21)]
        np.testing.assert_allclose(trace, exact, rtol=1e-12, atol=1e-14)

    @pytest.mark.parametrize("dt", [0.01, 0.1, 1.0, 50.0])
    def test_matrices_to_rounding(self, dt: float) -> None:
        """P and Q of a coupled system with eigenvalues between -1000 and oscillation, in one go."""
        a = np.array([[-0.3, 2.0, 0.0], [-2.0, -0.3, 0.1], [0.5, 0.0, -4.0]])
        names = "xyz"
        equations = "; ".join(
            f"d{n}/dt = " + " + ".join(f"({a[i, j]})*{m}" for j, m in enumerate(names)) + f" + c{n}"
            for i, n in enumerate(names)
        )
        cell = neurons(equations, "cx = 1.0; cy = -2.0; cz = 0.5", dt=dt)
        for name, value in zip(names, (0.3, -0.7, 1.1), strict=True):
            cell[name][:] = value
        cell.step()
        augmented = np.zeros((4, 4))
        augmented[:3, :3], augmented[:3, 3] = a, [1.0, -2.0, 0.5]
        expected = (expm_exactly(augmented * dt) * mpmath.matrix([0.3, -0.7, 1.1, 1.0]))[:3]
        np.testing.assert_allclose([cell[n][0] for n in names], [float(x) for x in expected], rtol=1e-14, atol=1e-15)

    def test_injected_current_enters_as_a_constant_of_the_step(self) -> None:
        cell = neurons("dv/dt = -v/tau + i_inj/cm", "tau = 10.0; cm = 0.25")
        cell.injected[:] = 0.5
        trace = cell.trace("v", 100)
        np.testing.assert_allclose(trace, 20 * (1 - np.exp(-0.01 * np.arange(101))), rtol=1e-13)

    def test_an_integrator_without_leak(self) -> None:
        cell = neurons("dv/dt = p", "p = 2.0")
        assert cell.trace("v", 10)[-1] == pytest.approx(2.0, rel=1e-15)


class TestMagnus:
    EQUATIONS = "dg/dt = -g/ts : init=0.05; dv/dt = (e - v)/tm + g*(er - v)/cm : init=-65.0"
    PARAMETERS = "ts = 2.0; tm = 10.0; cm = 0.2; e = -65.0; er = 0.0"

    def error(self, dt: float) -> float:
        steps = round(10 / dt)
        trace = neurons(self.EQUATIONS, self.PARAMETERS, dt=dt).trace("v", steps)
        exact = solution(lambda t, v: (-65 - v) / 10 - 0.05 * np.exp(-t / 2) * v / 0.2, [-65.0], 10, steps)
        return float(np.abs(trace - exact[0]).max())

    def test_error_and_order(self) -> None:
        coarse, fine = self.error(0.4), self.error(0.2)
        assert self.error(0.1) < 1e-7
        assert 3.7 < math.log2(coarse / fine) < 4.5

    def test_time_dependent_coefficients(self) -> None:
        cell = neurons("dv/dt = cos(t) - (1 + sin(t))*v : magnus, init=1.0", dt=0.1)
        exact = solution(lambda t, v: np.cos(t) - (1 + np.sin(t)) * v, [1.0], 10, 100)
        np.testing.assert_allclose(cell.trace("v", 100), exact[0], atol=2e-6)

    def test_strong_conductance_is_stable(self) -> None:
        """Far beyond |x| = 40, where phi1 must be -1/x: v settles at the reversal potential, it does not overshoot."""
        for strength in (1e2, 1e3, 1e5):
            cell = neurons("dg/dt = 0 : init=1.0; dv/dt = s*g*(-7 - v) : init=50.0", f"s = {strength}", dt=1.0)
            cell.step()
            assert cell["v"][0] == pytest.approx(-7.0, abs=1e-5)

    @pytest.mark.parametrize("rate", [1e-9, 1e-3, 0.3, 1.0, 3.0, 30.0, 300.0, 1e5])
    def test_exponentials_of_any_decay(self, rate: float) -> None:
        """The errors that csrc/fastmath.h states for phi1, by a closed form: v = 1 - exp(-k t)."""
        cell = neurons("x = 1.0; dv/dt = k*x*(1 - v) : magnus", f"k = {rate}", dt=1.0)
        cell.step()
        np.testing.assert_allclose(cell["v"], -math.expm1(-rate), rtol=2e-15 if rate <= 1 else 2e-11)

    def test_constant_coefficients_from_outside_are_exact(self) -> None:
        """With nothing that changes, the expansion is the closed form to the accuracy of phi1."""
        cell = neurons("x = 0.5; dv/dt = 1 - x*x*v : magnus", dt=1.0)
        trace = cell.trace("v", 20)
        np.testing.assert_allclose(trace, 4 * (1 - np.exp(-np.arange(21) / 4)), rtol=1e-12)


class TestRungeKutta:
    @pytest.mark.parametrize(("method", "order"), [("explicit", 1), ("midpoint", 2), ("rk4", 4)])
    def test_order_of_fixed_step_methods(self, method: str, order: int) -> None:
        """A pendulum, whose conductance-like drive is solved exactly at the stages."""
        equations = f"dg/dt = -g/3 : init=1.0; dx/dt = y : init=1.0, {method}; dy/dt = -sin(x) + g : {method}"

        def error(dt: float) -> float:
            steps = round(4 / dt)
            exact = solution(lambda t, s: [s[1], -np.sin(s[0]) + np.exp(-t / 3)], [1.0, 0.0], 4, steps)
            return float(np.abs(neurons(equations, dt=dt).trace("x", steps) - exact[0]).max())

        ratio = error(0.1) / error(0.05)
        assert math.log2(ratio) == pytest.approx(order, abs=0.25)

    def test_time_at_the_stages(self) -> None:
        cell = neurons("dx/dt = 4*t^3 : rk4", dt=0.5)
        np.testing.assert_allclose(cell.trace("x", 6), (0.5 * np.arange(7)) ** 4, rtol=1e-14, atol=1e-14)

    def test_adaptive_van_der_pol(self) -> None:
        """Stiff turns within a step of 1 ms."""
        cell = neurons("dx/dt = y : init=2.0; dy/dt = mu*(1 - x^2)*y - x", "mu = 5.0", dt=1.0)
        exact = solution(lambda t, s: [s[1], 5 * (1 - s[0] ** 2) * s[1] - s[0]], [2.0, 0.0], 30, 30)
        np.testing.assert_allclose(cell.trace("x", 30), exact[0], atol=2e-6)

    def test_adaptive_with_exact_companions_and_time(self) -> None:
        cell = neurons("dg/dt = -g/2 : init=1.0; dx/dt = g*cos(t) - x^3")
        exact = solution(lambda t, x: np.exp(-t / 2) * np.cos(t) - x**3, [0.0], 10, 100)
        np.testing.assert_allclose(cell.trace("x", 100), exact[0], atol=1e-9)
        assert cell["g"][0] == pytest.approx(math.exp(-5), rel=1e-12)

    def test_a_divergence_ends_the_step_and_is_seen(self) -> None:
        cell = neurons("dx/dt = x^2 : init=1.0", dt=2.0)
        cell.step(2)
        assert not math.isfinite(cell["x"][0]) or abs(cell["x"][0]) > 1e6

    def test_an_upstroke_stops_at_the_threshold(self) -> None:
        """dv/dt = v^2 is infinite at t = 1; the spike is on the grid, and w went on to the end of the step."""
        cell = neurons(
            "dv/dt = v^2 : init=1.0; dw/dt = 1 + 0*v : init=0.0, rk45", "top = 100.0", dt=0.4,
            spike="v >= top", reset="v = 0",
        )  # fmt: skip
        cell.step(3)
        assert cell.spikes[0] == (0, pytest.approx(1.2))
        assert cell["v"][0] == 0.0
        assert cell["w"][0] == pytest.approx(1.2, rel=1e-9)


class TestLinearOneStep:
    def test_exponential_euler(self) -> None:
        cell = neurons("du/dt = -u^2 : init=1.0, explicit; dv/dt = u - u*v : exponential", dt=0.1)
        u, v = 1.0, 0.0
        for _ in range(20):
            u, v = u - 0.1 * u * u, v + (1 - v) * (1 - math.exp(-0.1 * u))
            cell.step()
            assert cell["v"][0] == pytest.approx(v, rel=1e-12)

    def test_implicit_euler_of_a_coupled_system(self) -> None:
        a = np.array([[-1000.0, 1.0, 0.0], [2.0, -3.0, 0.5], [0.0, 1.0, -0.1]])
        equations = "\n".join(
            f"d{n}/dt = " + " + ".join(f"({a[i, j]})*{m}" for j, m in enumerate("xyz")) + " + 1 : implicit"
            for i, n in enumerate("xyz")
        )
        cell, state = neurons(equations, dt=0.5), np.zeros(3)
        for _ in range(5):
            state = np.linalg.solve(np.eye(3) - 0.5 * a, state + 0.5)
            cell.step()
            np.testing.assert_allclose([cell[n][0] for n in "xyz"], state, rtol=1e-12)

    def test_implicit_with_coefficients_of_the_step(self) -> None:
        cell = neurons("g = 2*t; dv/dt = 1 - g*v : implicit", dt=0.5)
        v = 0.0
        for k in range(5):
            v = (v + 0.5) / (1 + 0.5 * 2 * 0.5 * k)
            cell.step()
            assert cell["v"][0] == pytest.approx(v, rel=1e-14)


class TestBlocks:
    def test_a_later_block_sees_new_values(self) -> None:
        cell = neurons("dx/dt = 1; y = x; dz/dt = x - z : explicit", dt=1.0)
        cell.step()
        assert (cell["x"][0], cell["y"][0], cell["z"][0]) == (1.0, 1.0, 1.0)

    def test_bounds(self) -> None:
        cell = neurons("dx/dt = 1 : max=0.25; y = -x : min=-0.15; dz/dt = -z/p : min=p", "p = 0.5", dt=0.1)
        cell.step(5)
        assert (cell["x"][0], cell["y"][0], cell["z"][0]) == (0.25, -0.15, 0.5)


class TestHalves:
    """Steps that call phi1 are made in two halves, the second by a polynomial where all of a chunk are near 0."""

    CELL = NeuronText(
        name="Halved",
        parameters="tau = 20.0; e = 0.0; e_inh = -80.0",
        equations="""
            dg/dt = -g/5.0 : init=0.01
            dh/dt = -h/9.0 : init=0.02
            dv/dt = (-65 - v)/tau + g*(e - v) + h*(e_inh - v) + i_inj : init=-60.0
        """,
        spike="v >= -50",
        reset="v = -65; g += 0.1",
        refractory="2.0",
    )

    def test_numbers_do_not_depend_on_their_neighbours(self) -> None:
        """One neuron of a chunk is far from 0, which makes the whole chunk take the other loop."""
        alone, beside = Neurons(kernels.compiled(self.CELL), 64), Neurons(kernels.compiled(self.CELL), 64)
        for cells in (alone, beside):
            cells["g"][:] = np.linspace(0, 4.0, 64)
        beside["h"][7] = 200.0
        for _ in range(50):
            alone.step()
            beside.step()
        others = np.arange(64) != 7
        for name in ("g", "h", "v"):
            assert np.array_equal(alone[name][others], beside[name][others])
        assert beside["v"][7] == pytest.approx(-80.0, abs=1.0)

    def test_both_loops_agree(self) -> None:
        """At the border between them, to the accuracy of both."""
        text = NeuronText(name="Decay", parameters="", equations="k = k; dv/dt = -k*v : init=1.0, exponential")
        assert halves(compile.program(text).bodies["step"]) is not None
        for rate in (np.nextafter(0.5, 1), 0.5, 0.49, 1e-3, 2.0, 30.0):
            cells = Neurons(kernels.compiled(text), 64, dt=1.0)
            cells["k"][:] = rate
            cells.step()
            assert cells["v"][0] == pytest.approx(math.exp(-rate), rel=2e-11)
