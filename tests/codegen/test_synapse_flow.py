"""Event-driven and clocked equations of synapses, against matrix exponentials and scipy's integrators."""

from __future__ import annotations

import functools
import itertools

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from synapse_driver import Synapses, compiled

from pynn_annarchy.native import compile
from pynn_annarchy.native.errors import EquationError
from pynn_annarchy.native.spec import SynapseText

DT = 0.1


def text(equations: str, parameters: str = "", **more: str) -> SynapseText:
    return SynapseText(name="Tried", parameters=parameters, equations=equations, **more)


# equations, parameters, variables, matrix and drive
SYSTEMS = {
    "decay": ("dx/dt = -x/a", "a = 7.0", [[-1 / 7]], [0]),
    "driven": ("a*dx/dt = e - x", "a = 7.0; e = 3.0", [[-1 / 7]], [3 / 7]),
    "growth": ("dx/dt = a*x + 1", "a = 0.01", [[0.01]], [1]),
    "ramp": ("dx/dt = a", "a = 0.25", [[0]], [0.25]),
    "apart": ("dx/dt = -x/a; dy/dt = -y/b", "a = 7.0; b = 3.0", [[-1 / 7, 0], [0, -1 / 3]], [0, 0]),
    "pair": ("dx/dt = -x/a; dy/dt = x - y/b", "a = 7.0; b = 3.0", [[-1 / 7, 0], [1, -1 / 3]], [0, 0]),
    "slow and fast": ("dx/dt = -x/a; dy/dt = x - y/b", "a = 3.0; b = 7.0", [[-1 / 3, 0], [1, -1 / 7]], [0, 0]),
    "alpha": ("dx/dt = -x/a; dy/dt = (x - y)/a", "a = 5.0", [[-1 / 5, 0], [1 / 5, -1 / 5]], [0, 0]),
    "equal": ("dx/dt = -x/a; dy/dt = x - y/b", "a = 5.0; b = 5.0", [[-1 / 5, 0], [1, -1 / 5]], [0, 0]),
    "nearly equal": ("dx/dt = -x/a; dy/dt = x - y/b", "a = 5.0; b = 5.000001", [[-0.2, 0], [1, -1 / 5.000001]], [0, 0]),
    "integral": ("dx/dt = -x/a; dy/dt = 2*x", "a = 5.0", [[-1 / 5, 0], [2, 0]], [0, 0]),
    "driven pair": (
        "dx/dt = (1 - x)/a; dy/dt = x - y/b + 0.5", "a = 7.0; b = 3.0", [[-1 / 7, 0], [1, -1 / 3]], [1 / 7, 0.5]
    ),
    "two sources": (
        "dx/dt = -x/a; dy/dt = (2 - y)/b; dz/dt = x - 3*y - z/c", "a = 7.0; b = 3.0; c = 11.0",
        [[-1 / 7, 0, 0], [0, -1 / 3, 0], [1, -3, -1 / 11]], [0, 2 / 3, 0],
    ),
    "chain of three": (
        "dx/dt = -x/a; dy/dt = (x - y)/b; dz/dt = (y - z)/c + 0.1", "a = 2.0; b = 5.0; c = 5.0",
        [[-1 / 2, 0, 0], [1 / 5, -1 / 5, 0], [0, 1 / 5, -1 / 5]], [0, 0, 0.1],
    ),
    "oscillator": ("dx/dt = y; dy/dt = -k*x - y/a", "k = 0.04; a = 50.0", [[0, 1], [-0.04, -1 / 50]], [0, 0]),
    "ramp that is read": ("dx/dt = 1; dy/dt = x - y/b", "b = 3.0", [[0, 0], [1, -1 / 3]], [1, 0]),
}  # fmt: skip


def propagated(matrix: np.ndarray, steps: int, state: np.ndarray) -> np.ndarray:
    """scipy's exponential loses digits where time constants nearly coincide."""
    with mpmath.workdps(40):
        found = mpmath.expm(mpmath.matrix(matrix.tolist()) * steps * mpmath.mpf("0.1")) * mpmath.matrix(state.tolist())
        return np.array([float(value) for value in found])


@pytest.mark.parametrize(("precision", "tolerance"), [("double", 1e-13), ("single", 3e-6)])
@pytest.mark.parametrize("name", SYSTEMS)
def test_event_driven_systems_are_solved_exactly(name: str, precision: str, tolerance: float) -> None:
    equations, parameters, matrix, drive = SYSTEMS[name]
    lines = "\n".join(f"{line} : event-driven" for line in equations.split("; "))
    n = len(drive)
    starts = dict(zip("xyz", [1.25, -0.5, 2.0], strict=False))
    found = Synapses(compiled(text(lines, parameters), precision), variables={k: starts[k] for k in "xyz"[:n]})
    whole = np.zeros((n + 1, n + 1))
    whole[:n, :n], whole[:n, n] = matrix, drive
    state = np.array([*list(starts.values())[:n], 1.0])
    last = -1
    for event in (0, 1, 9, 40, 40, 333):
        found.arrive(event)
        state = propagated(whole, event - last, state)
        last = event
        values = [found[k][0] for k in "xyz"[:n]]
        np.testing.assert_allclose(values, state[:n], rtol=tolerance, atol=tolerance * np.abs(state).max())
    at_the_end = [found.observe(k, 400)[0] for k in "xyz"[:n]]
    np.testing.assert_allclose(at_the_end, propagated(whole, 67, state)[:n], rtol=2 * tolerance, atol=2 * tolerance)


@pytest.mark.parametrize("precision", ["double", "single"])
def test_a_time_constant_of_zero(precision: str) -> None:
    """Gone at any later event, and there at one of the same time; what it feeds gets all of it at once."""
    equations = "dx/dt = -x/a : event-driven\ndy/dt = x/a - y/b : event-driven"
    found = Synapses(compiled(text(equations, "a = 0.0; b = 20.0", pre_spike="x += 1"), precision))
    found.arrive(5)
    found.arrive(5)
    assert (found["x"][0], found["y"][0]) == (2, 0)
    found.arrive(15)
    assert found["x"][0] == 1
    assert found["y"][0] == pytest.approx(2 * np.exp(-1 / 20), rel=1e-6)


EXTREMES = {
    # equations, matrix and drive for time constants a and b
    "leak": ("dx/dt = -x/a + 1", lambda a, b: ([[-1 / a]], [1])),
    "driven": ("dx/dt = (3 - x)/a", lambda a, b: ([[-1 / a]], [3 / a])),
    "rate": ("dx/dt = 1 - x*a", lambda a, b: ([[-a]], [1])),
    "pair": ("dx/dt = -x/a; dy/dt = x - y/b", lambda a, b: ([[-1 / a, 0], [1, -1 / b]], [0, 0])),
    "driven pair": ("dx/dt = (2 - x)/a; dy/dt = x - y/b", lambda a, b: ([[-1 / a, 0], [1, -1 / b]], [2 / a, 0])),
    "leaking pair": ("dx/dt = 1 - x/a; dy/dt = x - y/b", lambda a, b: ([[-1 / a, 0], [1, -1 / b]], [1, 0])),
    "integral": ("dx/dt = -x/a; dy/dt = x", lambda a, b: ([[-1 / a, 0], [1, 0]], [0, 0])),
    "chain": (
        "dx/dt = -x/a; dy/dt = (x - y)/b; dz/dt = y - z/a",
        lambda a, b: ([[-1 / a, 0, 0], [1 / b, -1 / b, 0], [0, 1, -1 / a]], [0, 0, 0]),
    ),
}  # fmt: skip


@functools.cache
def converged(name: str, a: float, b: float, h: float, *start: float) -> list[float]:
    """Scaling and squaring in so many digits that nothing is lost, whatever the entries are."""
    n = len(start)
    with mpmath.workdps(70):
        matrix, drive = EXTREMES[name][1](mpmath.mpf(a), mpmath.mpf(b))
        whole = mpmath.zeros(n + 1)
        for i in range(n):
            whole[i, :] = mpmath.matrix([[*matrix[i], drive[i]]])
        doublings = int(max(0, mpmath.ceil(mpmath.log(mpmath.mnorm(whole, "inf") * h + 1, 2)))) + 6
        whole *= mpmath.mpf(h) / mpmath.mpf(2) ** doublings
        total = term = mpmath.eye(n + 1)
        for k in range(1, 24):
            term = term * whole / k
            total = total + term
        for _ in range(doublings):
            total = total * total
        return [float(value) for value in (total * mpmath.matrix([*start, 1]))[:n]]


@pytest.mark.parametrize("name", EXTREMES)
def test_no_digits_are_lost_to_extreme_times_and_time_constants(name: str) -> None:
    """Time constants from 1e-6 to 1e12 ms and times from 1e-6 to 1e7 ms, in every combination."""
    equations, _ = EXTREMES[name]
    model = text("\n".join(f"{line} : event-driven" for line in equations.split("; ")), "a = 1.0; b = 1.0")
    a, b = np.array(list(itertools.product([1e-6, 20.0, 1e6, 1e12], [1e-6, 7.0, 1e9]))).T
    for precision, tolerance in (("double", 1e-14), ("single", 3e-6)):
        kernel = compiled(model, precision)
        start = {key: value for key, value in zip("xyz", (1.25, -0.5, 2.0), strict=True) if key in kernel.variables}
        for h in (1e-6, 0.1, 1e3, 1e7):
            found = Synapses(kernel, len(a), dt=h, parameters={"a": a, "b": b}, variables=start)
            found.arrive(0)
            for k in range(len(a)):
                expected = converged(name, a[k], b[k], h, *start.values())
                least = 1e-3 * max(1.0, np.abs(expected).max())  # what is small beside the others may be rounded off
                values = [float(found[key][k]) for key in start]
                assert values == pytest.approx(expected, rel=tolerance, abs=tolerance * least), (a[k], b[k], h)


@pytest.mark.parametrize(
    ("equations", "expected"),
    [
        ("dx/dt = 2 - a*x", {"x": 3 + 2 * 40}),
        ("dx/dt = a*x", {"x": 3}),
        ("dx/dt = 2 - a*x; dy/dt = x", {"x": 3 + 2 * 40, "y": 3 * 40 + 40**2}),
        ("dx/dt = -x/8; dy/dt = x - a*y", {"x": 3 * np.exp(-5), "y": 24 * (1 - np.exp(-5))}),
    ],
)
def test_a_rate_that_happens_to_be_zero(equations: str, expected: dict[str, float]) -> None:
    lines = "\n".join(f"{line} : event-driven" for line in equations.split("; "))
    found = Synapses(compiled(text(lines, "a = 0.0")), dt=40.0, variables={"x": 3.0})
    found.arrive(0)
    assert {name: found[name][0] for name in expected} == pytest.approx(expected, rel=1e-14)


def test_a_time_constant_of_zero_in_a_chain() -> None:
    """What is slow keeps all its digits beside what is infinitely fast."""
    equations = "dx/dt = -x/a : event-driven\ndy/dt = (x - y)/b : event-driven\ndz/dt = (y - z)/c : event-driven"
    start = {"x": 1.5, "y": 2.0, "z": 0.5}
    found = Synapses(compiled(text(equations, "a = 40.0; b = 0.0; c = 900.0")), dt=3.0, variables=start)
    found.arrive(0)
    x = 1.5 * np.exp(-3 / 40)  # y follows x at once, after giving nothing to z
    z = 0.5 * np.exp(-3 / 900) + 1.5 / 900 * (np.exp(-3 / 40) - np.exp(-3 / 900)) / (1 / 900 - 1 / 40)
    assert [found[name][0] for name in "xyz"] == pytest.approx([x, x, z], rel=1e-14)


def test_assignments_of_the_time_elapsed() -> None:
    """w' = c (n - b), whose closed form the text gives, and an assignment that sees those before it."""
    equations = """
        w += c*(n*(1 - exp(-elapsed*(1/a + 1/d)))/(1/a + 1/d) - b*a*(1 - exp(-elapsed/a))) : event-driven
        _both = c + n : event-driven
        sum = _both : event-driven
        dc/dt = -c/a : event-driven, init=0.5
        dn/dt = -n/d : event-driven, init=2.0
        before = elapsed : event-driven
    """
    found = Synapses(compiled(text(equations, "a = 50.0; d = 9.0; b = 0.25")))
    for event in (30, 31, 99):
        found.arrive(event)
    exact = solve_ivp(
        lambda t, s: [s[1] * (s[2] - 0.25), -s[1] / 50, -s[2] / 9], (0, 10), [0, 0.5, 2.0], rtol=1e-12, atol=1e-12
    ).y[:, -1]
    assert [found[k][0] for k in "wcn"] == pytest.approx(list(exact), rel=1e-10)
    assert found["before"][0] == pytest.approx(6.8)
    assert found["sum"][0] == pytest.approx(0.5 * np.exp(-3.2 / 50) + 2 * np.exp(-3.2 / 9))


@pytest.mark.parametrize(
    ("equations", "says"),
    [
        ("dx/dt = -x^2 : event-driven", "an event-driven equation has to be linear in x"),
        ("dx/dt = -x*y : event-driven\ndy/dt = -y : event-driven", "linear in x, y"),
        ("dx/dt = t - x : event-driven", "cannot read 't', which changes between events"),
        ("dx/dt = post.v - x : event-driven", "cannot read 'post.v', which changes between events"),
        ("dx/dt = since_pre - x : event-driven", "cannot read 'since_pre'"),
        ("dx/dt = Normal(0, 1) - x : event-driven", "has no random numbers"),
        ("dy/dt = -y : event-driven\n_a = 2*y : event-driven\ndx/dt = _a - x : event-driven", "cannot read 'y'"),
        ("z = 2*elapsed : event-driven\ndx/dt = z - x : event-driven", "cannot read 'z'"),
    ],
)
def test_equations_that_cannot_wait_for_events(equations: str, says: str) -> None:
    with pytest.raises(EquationError, match=says) as caught:
        compile.program(text(equations))
    assert caught.value.line is not None


def test_what_is_constant_between_events_may_be_a_coefficient() -> None:
    equations = "drate/dt = 0 : init=0.1\n_r = 2*rate/a : event-driven\ndx/dt = -_r*x + rate : event-driven, init=1.0"
    found = Synapses(compiled(text(equations, "a = 4.0", pre_spike="rate += 0.1")))
    found.arrive(19)
    x = 2 + (1 - 2) * np.exp(-0.05 * 2)
    assert found["x"][0] == pytest.approx(x, rel=1e-14)
    found.arrive(39)
    assert found["x"][0] == pytest.approx(2 + (x - 2) * np.exp(-0.1 * 2), rel=1e-14)


# ---- in every step ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "tolerance"), [("", 1e-9), ("rk4", 1e-8), ("midpoint", 1e-4), ("implicit", 0.01)])
def test_clocked_equations(method: str, tolerance: float) -> None:
    flag = f", {method}" if method else ""
    equations = f"dx/dt = (e - x)/a : init=1.0{flag}\ndy/dt = x - y/b : init=0.5{flag}"
    found = Synapses(compiled(text(equations, "a = 7.0; b = 3.0; e = 2.0")), 21, dt=DT)
    for step in range(300):
        found.tick(step, cuts=[3, 4])
    exact = solve_ivp(lambda t, s: [(2 - s[0]) / 7, s[0] - s[1] / 3], (0, 30), [1, 0.5], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found["x"], exact.y[0, -1], rtol=tolerance)
    np.testing.assert_allclose(found["y"], exact.y[1, -1], rtol=tolerance)


def test_exact_is_event_driven_where_it_can_be() -> None:
    equations = "dx/dt = (e - x)/a : init=1.0, exact\ndy/dt = x - y/b : init=0.5, exact"
    parameters = "a = 7.0; b = 3.0; e = 2.0"
    waiting = Synapses(compiled(text(equations, parameters)))
    assert not waiting.kernel.clocked
    waiting.arrive(299)
    clocked = Synapses(compiled(text(f"{equations}\nz = y", parameters)), dt=DT)
    assert clocked.kernel.clocked
    for step in range(300):
        clocked.tick(step)
    exact = solve_ivp(lambda t, s: [(2 - s[0]) / 7, s[0] - s[1] / 3], (0, 30), [1, 0.5], rtol=1e-12, atol=1e-12)
    for found in (waiting, clocked):
        np.testing.assert_allclose([found["x"][0], found["y"][0]], exact.y[:, -1], rtol=1e-11)


def test_nonlinear_clocked_equations_with_bounds() -> None:
    equations = "dw/dt = c*w^2*(1 - w) : init=0.2, max=0.9\nslow = t\nfast = 0.5*slow + w : max=3.0"
    found = Synapses(compiled(text(equations, "c = 0.5")), 5)
    exact = solve_ivp(lambda t, w: 0.5 * w**2 * (1 - w), (0, 8), [0.2], rtol=1e-12, atol=1e-14, dense_output=True)
    for step in range(80):
        found.tick(step)
    assert found["w"][0] == pytest.approx(exact.y[0, -1], abs=1e-9)
    assert found["slow"][0] == pytest.approx(7.9)
    assert found["fast"][0] == 3
    for step in range(80, 400):
        found.tick(step)
    assert found["w"].tolist() == [0.9] * 5


def test_times_in_every_step() -> None:
    """The beginning of the step: an event at that very time is 0 ms ago."""
    found = Synapses(compiled(text("now = t; ago = since_pre; then = t_pre", pre_spike="w = 1")))
    found.arrive(6)
    found.tick(7)
    assert (found["now"][0], found["ago"][0], found["then"][0]) == pytest.approx((0.7, 0.0, 0.7))
    found.tick(8)
    assert (found["now"][0], found["ago"][0], found["then"][0]) == pytest.approx((0.8, 0.1, 0.7))


def test_event_driven_variables_that_are_read_in_every_step() -> None:
    """They are integrated with the others, so the solution is that of the whole system."""
    equations = """
        dc/dt = -c/a : event-driven
        dw/dt = c*(n - b) : init=0.5
        dn/dt = -n/d : event-driven, init=0.1
        age = age + elapsed : event-driven
    """
    events = {"pre_spike": "c += 1", "post_spike": "n += 1"}
    model = text(equations, "a = 20.0; d = 9.0; b = 0.05", **events)
    found = Synapses(compiled(model), trains=[[40, 120]], dendritic=2)
    assert found.kernel.clocked
    state, now = np.array([0.0, 0.5, 0.1]), 0.0
    for step in range(300):
        found.catch_up(step - 1)
        found.tick(step)
        if step in (10, 42, 200):
            found.arrive(step)
    for event, change in [(10, [1, 0, 0]), (42, [1, 0, 1]), (122, [0, 0, 1]), (200, [1, 0, 0]), (299, [0, 0, 0])]:
        then = (event + 1) * DT
        solution = solve_ivp(
            lambda t, s: [-s[0] / 20, s[0] * (s[2] - 0.05), -s[2] / 9], (now, then), state, rtol=1e-12, atol=1e-13
        )
        state, now = solution.y[:, -1] + change, then
    assert [found[k][0] for k in "cwn"] == pytest.approx(list(state), rel=1e-8)
    assert found["age"][0] == pytest.approx(30)


def test_event_driven_variables_of_their_own_wait_for_events() -> None:
    found = Synapses(compiled(text("dx/dt = -x/a : event-driven, init=1.0\ndz/dt = -z/a : init=1.0", "a = 5.0")))
    for step in range(50):
        found.tick(step)
    assert found["x"][0] == 1
    assert found["z"][0] == pytest.approx(np.exp(-1), rel=1e-13)
    assert found.observe("x", 49)[0] == pytest.approx(np.exp(-1), rel=1e-13)


def test_variables_of_the_target() -> None:
    events = {"pre_spike": "x = post.u; g_target += post.u*w", "post_spike": "y = post.v"}
    model = text("dw/dt = (post.v - w)/a : exact\ndx/dt = 0; dy/dt = 0", "a = 10.0", **events)
    of_targets = {"v": [1.0, 2.0, 3.0], "u": [10.0, 20.0, 30.0]}
    found = Synapses(compiled(model), 20, trains=[[], [3], []], post=of_targets)
    assert found.kernel.post == ("v", "u")
    found.tick(0)
    v, u = np.resize(of_targets["v"], 20), np.resize(of_targets["u"], 20)
    np.testing.assert_allclose(found["w"], v * (1 - np.exp(-0.01)), rtol=1e-13)
    np.testing.assert_allclose(found.arrive(9)[:20], found["w"] * u, rtol=1e-15)
    np.testing.assert_array_equal(found["x"], u)
    np.testing.assert_array_equal(found["y"], np.resize([0, 2, 0], 20))
