"""Rows EQ14 to EQ21 and EQ36 to EQ38: what expressions and conditions are made of, and how errors point at them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyNN.annarchy as sim
import pytest
from neuron_runs import run, value

from pynn_annarchy.native.errors import EquationError

N = 6
X = np.arange(N)


def check(expression: str, expected: object, parameters: str = "", **more: object) -> None:
    found = value(expression, parameters, N, **more)
    np.testing.assert_allclose(found, np.broadcast_to(np.asarray(expected, dtype=float), N), rtol=1e-14, atol=1e-14)


def test_EQ14_ite() -> None:
    check("ite(x > 2, 1, -1)", np.where(X > 2, 1, -1))
    check("2*ite(x > 2, x, 0) + ite(x == 0, 5, ite(x == 1, 6, 7))", 2 * np.where(X > 2, X, 0) + np.r_[5, 6, 7, 7, 7, 7])


def test_EQ15_if_else() -> None:
    check("if x > 2: 1 else: -1", np.where(X > 2, 1, -1))
    check("if x < 2: if x < 1: 10 else: 20 else: if x > 3: 30 else: 40", [10, 20, 40, 40, 30, 30])
    check("if x < 1: 1 elif x < 2: 2 else: 3", [1, 2, 3, 3, 3, 3])
    check("if x > 2 :\n  1\n else :\n  -1", np.where(X > 2, 1, -1))


def test_EQ15_with_flags_behind() -> None:
    check("if x > 2: x else: -x : min=-1.5, max=4", np.clip(np.where(X > 2, X, -X), -1.5, 4))


def test_EQ15_in_a_differential_equation() -> None:
    model = sim.Neuron("", "dr/dt = if r < 2: 1 else: 0.25 : explicit")
    np.testing.assert_allclose(run(model, 4.0, "r", dt=1.0)["r"], [0, 1, 2, 2.25, 2.5])


def test_EQ16_equality() -> None:
    check("if x == 2: 1 else: 0", X == 2)
    check("if x is 2: 1 else: 0", X == 2)
    check("if a == b: 1 else: 0", 1, "a = 3.0; b = 3.0")
    check("ite((x > 1) == (x < 4), 1, 0)", (X > 1) == (X < 4))


@pytest.mark.parametrize("dt", [1.0, 0.1, 0.05, 0.025])
def test_EQ16_equality_with_the_time(dt: float) -> None:
    """Step k begins at k*dt, which is 0.30000000000000004 for 3 steps of 0.1 ms."""
    model = sim.Neuron(
        "", "r = if (t == 3): 1 else: 0\ns = if t is 2.4: 1 else: 0\nu = ite(t >= 0.3 and t < 0.7, 1, 0)"
    )
    found = run(model, 5.0, "r", "s", "u", dt=dt)
    begins = np.round(np.arange(found["r"].size - 1) * dt, 9)
    assert begins[found["r"][1:] == 1].tolist() == [3.0]
    assert begins[found["s"][1:] == 1].tolist() == ([2.4] if dt < 1 else [])
    assert begins[found["u"][1:] == 1].tolist() == begins[(begins >= 0.3) & (begins < 0.7)].tolist()


def test_EQ17_inequality() -> None:
    check("if x != 2: 1 else: 0", X != 2)
    check("if x is not 2: 1 else: 0", X != 2)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("x > 1 and x < 4", (X > 1) & (X < 4)),
        ("(x > 1) and (x < 4) or (x == 5)", (X > 1) & (X < 4) | (X == 5)),
        ("x < 1 or x > 4", (X < 1) | (X > 4)),
        ("not(x > 1)", X <= 1),
        ("not (x > 1 and x < 4)", (X <= 1) | (X >= 4)),
        ("not x > 1 or x is 3", (X <= 1) | (X == 3)),
        ("1 < x < 4", (X > 1) & (X < 4)),
        ("1 < x <= 4 != 3", (X > 1) & (X <= 4)),
        ("x > 1 && !(x > 3) || x == 0", (X > 1) & (X <= 3) | (X == 0)),
        ("True and x > 1", X > 1),
        ("False or x > 1", X > 1),
    ],
)
def test_EQ18_logic(condition: str, expected: np.ndarray) -> None:
    check(f"if {condition}: 1 else: 0", expected)


def test_EQ19_clip() -> None:
    check("clip(x, 1.5, b)", np.clip(X, 1.5, 4), "b = 4.0")


def test_EQ20_power() -> None:
    check("power(x, 3)", X**3.0)
    check("x^3 + x**2 - pow(x, 2)", X**3.0)
    check("power(x + 1, n)", (X + 1.0) ** 2.5, "n = 2.5")
    check("-x^2", -(X**2.0))
    check("2^3^2", 512)


def test_EQ21_parts() -> None:
    check("pos(x - 2) + 10*positive(x - 4)", np.maximum(X - 2, 0) + 10 * np.maximum(X - 4, 0))
    check("neg(x - 2) + 10*negative(x - 4)", np.minimum(X - 2, 0) + 10 * np.minimum(X - 4, 0))
    check("modulo(x, 3) + 10*(x % 2)", X % 3 + 10 * (X % 2))
    check("pi", np.pi)
    check("min(x, 3) + 10*max(x, 2)", np.minimum(X, 3) + 10 * np.maximum(X, 2))


Y = X / 7
FUNCTIONS = {
    "exp": np.exp, "log": np.log, "ln": np.log, "log10": np.log10, "log2": np.log2, "sqrt": np.sqrt,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "arcsin": np.arcsin, "arccos": np.arccos, "arctan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "asinh": np.arcsinh, "atanh": np.arctanh, "expm1": np.expm1, "log1p": np.log1p, "cbrt": np.cbrt, "floor": np.floor,
    "ceil": np.ceil, "round": np.rint, "abs": np.abs, "fabs": np.abs, "sign": np.sign, "square": np.square,
}  # fmt: skip


def test_EQ21_functions() -> None:
    """All in one model: y is from 0.01 to 0.96, and z the same with a minus."""
    names = list(FUNCTIONS)
    odd = [n for n in names if n not in ("log", "ln", "log10", "log2", "sqrt")]
    equations = ["x = x", "y = 0.01 + x*0.19", *(f"f_{n} = {n}(y)" for n in names), *(f"m_{n} = {n}(-y)" for n in odd)]
    equations += ["a = acosh(1 + y)", "b = atan2(y, x - 2)", "c = erf(y)", "r = exprel(y)"]
    recorded = [*(f"f_{n}" for n in names), *(f"m_{n}" for n in odd), "a", "b", "c", "r"]
    found = run(sim.Neuron("", equations), 0.1, *recorded,
                n=N, initial={"x": lambda i: i})  # fmt: skip
    y = 0.01 + X * 0.19
    from scipy.special import erf

    for sign, prefix, chosen in ((1, "f", names), (-1, "m", odd)):
        for n in chosen:
            np.testing.assert_allclose(found[f"{prefix}_{n}"][1], FUNCTIONS[n](sign * y), rtol=1e-13, err_msg=n)
    for n, expected in (("a", np.arccosh(1 + y)), ("b", np.arctan2(y, X - 2)), ("c", erf(y)), ("r", np.expm1(y) / y)):
        np.testing.assert_allclose(found[n][1], expected, rtol=1e-13)


def test_EQ36_names_that_contain_each_other() -> None:
    model = sim.Neuron(
        "tau = 1.0; tau_mean = 4.0; t_au = 7", "r_mean = r + 10*tau_mean\nrr = tau + t_au\nr = rr + 1\ndiff = r"
    )
    found = run(model, 0.2, "r_mean", "rr", "r", "diff", dt=0.1)
    assert [found[name][-1] for name in ("r_mean", "rr", "r", "diff")] == [49.0, 8.0, 9.0, 9.0]


def test_EQ37_spike_condition_of_several_variables() -> None:
    model = sim.Neuron("", "a = t\nb = 2*t", spike="(a>=2) and (b<=7) and not (a == 3)")
    # a spike of the step from t has the time t + 1
    assert run(model, 8.0, "spikes", dt=1.0).spikes[0].tolist() == [3.0]


def test_EQ38_names_of_sympy_and_of_python_mean_nothing() -> None:
    names = "E I S N Q O beta gamma lambda zeta None is in class sympify oo nan zoo Symbol GoldenRatio".split()
    parameters = "; ".join(f"{name} = {k}" for k, name in enumerate(names))
    found = value(" + ".join(names), parameters)
    assert found.tolist() == [sum(range(len(names)))]
    variables = [name for name in names if name not in ("is",)]
    model = sim.Neuron("", [f"d{name}/dt = 1 - {name}" for name in variables] + ["r = beta"])
    assert run(model, 1.0, "beta", "lambda")["lambda"][-1] == pytest.approx(1 - np.exp(-1))


def test_EQ38_text_is_never_executed(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    for attempt in (
        f"__import__('os').system('touch {trap}')",
        f"open('{trap}', 'w')",
        "().__class__.__bases__[0]",
        "lambda: 0",
        "[x for x in (1, 2)]",
        "f'{x}'",
        "x := 3",
        "system(1)",
    ):
        for arguments in (
            {"equations": f"r = {attempt}"},
            {"equations": "r = 1", "parameters": f"a = {attempt}"},
            {"equations": f"dr/dt = 1 : init={attempt}"},
            {"equations": "r = f(1)", "functions": f"f(x) = {attempt}"},
            {"equations": "dv/dt = 1", "spike": attempt, "refractory": attempt},
        ):
            with pytest.raises(EquationError):
                sim.Neuron(**arguments)
    assert not trap.exists()


ERRORS = [
    ("dv/dt = E - v\ndr/dt = (tua - r)", "E=1; tau=2", 2, 10, "unknown symbol 'tua' in line 2, did you mean 'tau'?"),
    ("r = sigmod(t)", "tau=2", 1, 5, "unknown function 'sigmod'"),
    ("r = tanhh(t)", "", 1, 5, "did you mean 'tanh'?"),
    ("r = 1 # fine\n\nx = 2; dr/dt = r + : min=0", "", 3, 18, "a value is expected after '+'"),
    ("r = (1 + 2", "", 1, 5, "this parenthesis is not closed"),
    ("r = 1 : mni=0", "", 1, 9, "unknown flag 'mni=0'"),
    ("dr/dt = -r : exponentail", "", 1, 14, "did you mean 'exponential'?"),
    ("dr/dt = -r : local", "", 1, 14, "unknown flag 'local'"),
    ("r = if t > 1: 2", "", 1, 5, "expected 'else'"),
    ("r = x > 1 == 2\nx = 1", "", 1, None, "a number is expected"),
    ("r = ite(not 3, 1, 2)", "", 1, 13, "a condition is expected"),
    ("r = 3 is (t > 1)", "", 1, 11, "a number is expected"),
]


@pytest.mark.parametrize(("equations", "parameters", "line", "column", "says"), ERRORS)
def test_errors_point_at_line_and_character(
    equations: str, parameters: str, line: int, column: int | None, says: str
) -> None:
    with pytest.raises(EquationError, match=re.escape(says)) as caught:
        sim.Neuron(parameters, equations)
    assert caught.value.line == line
    assert column is None or caught.value.column == column
    assert equations.split("\n")[line - 1] in str(caught.value)


def test_a_failed_definition_compiles_nothing_and_loads_nothing(tmp_path: Path) -> None:
    script = (
        "import pynn_annarchy as sim\n"
        "import sys\n"
        "assert 'sympy' not in sys.modules\n"
        "try:\n    sim.Neuron('', 'r = x')\nexcept ValueError as error:\n    print(error)\n"
    )
    environment = {"PATH": "", "CXX": str(tmp_path / "none"), "PYNN_ANNARCHY_CACHE_DIR": str(tmp_path)}
    environment["PYTHONPATH"] = str(Path(sim.__file__).resolve().parents[1])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert "unknown symbol 'x' in line 1" in done.stdout, done.stderr
