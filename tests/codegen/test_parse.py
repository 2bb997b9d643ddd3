"""What the equation language accepts, what it means, and how it refuses the rest."""

from __future__ import annotations

import pytest

from pynn_annarchy.native.errors import EquationError
from pynn_annarchy.native.model import NeuronModel
from pynn_annarchy.native.parse import parse
from pynn_annarchy.native.spec import NeuronText
from pynn_annarchy.native.symbols import Local, Parameter, State


def model(equations: str, parameters: str = "", **more: object) -> NeuronModel:
    return parse(NeuronText(name="M", parameters=parameters, equations=equations, **more))  # type: ignore[arg-type]


def slope(text: str, parameters: str = "tau = 10.0; E = 2.0") -> object:
    (equation,) = model(text, parameters).equations
    return equation.value


class TestMeaning:
    def test_parameters_with_comments_and_semicolons(self) -> None:
        found = model("x = a", "a = 1.5 # one\n\n b=-2; c = 1e-3 ;d = 2*3/4 # four; e = 5\n").parameters
        assert {p.name: value for p, value in found.items()} == {"a": 1.5, "b": -2.0, "c": 1e-3, "d": 1.5}

    @pytest.mark.parametrize(
        "text",
        [
            "dv/dt = (E - v)/tau",
            "tau*dv/dt = E - v",
            "tau * dv / dt = E - v",
            "tau*dv/dt + v = E",
            "dv/dt*tau + v - E = 0",
            "2*tau*dv/dt = 2*(E - v)",
        ],
    )
    def test_forms_of_one_differential_equation(self, text: str) -> None:
        tau, e, v = Parameter("tau"), Parameter("E"), State("v")
        assert (slope(text) - (e - v) / tau).expand() == 0  # type: ignore[operator]

    def test_hat_is_a_power_and_binds_as_one(self) -> None:
        v = State("v")
        assert slope("dv/dt = -2*v^2") == -2 * v**2
        assert slope("dv/dt = v^2^2") == v**4

    @pytest.mark.parametrize(
        "name", ["E", "I", "S", "N", "Q", "O", "beta", "gamma", "lambda", "zeta", "in", "is", "None"]
    )
    def test_names_of_sympy_and_python_are_ordinary_variables(self, name: str) -> None:
        (equation,) = model(f"d{name}/dt = -{name}*p", "p = 1").equations
        assert equation.target == State(name)
        assert equation.value == -State(name) * Parameter("p")

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("x = if v > 0: 1 else: 2", "x = ite(v > 0, 1, 2)"),
            ("x = if v > 0: 1 else: 2", "x = 1 if v > 0 else 2"),
            ("x = if v > 0: 1 else: if v > -1: 2 else: 3", "x = ite(v > 0, 1, ite(v > -1, 2, 3))"),
            ("x = if v > 0: 1 elif v > -1: 2 else: 3", "x = ite(v > 0, 1, ite(v > -1, 2, 3))"),
            ("x = 2*(if v > 0: 1 else: 2) + 1", "x = 2*ite(v > 0, 1, 2) + 1"),
            ("x = if v > 0:\n   1\n else:\n   2 : min=0", "x = ite(v > 0, 1, 2) : min=0"),
            ("x = if (if v > 0: w else: v) > 1: 1 else: 2", "x = ite(ite(v > 0, w, v) > 1, 1, 2)"),
            ("x = ite(v > 0 && w > 0, 1, 2)", "x = ite(v > 0 and w > 0, 1, 2)"),
            ("x = ite(!(v > 0) || w > 0, 1, 2)", "x = ite(not (v > 0) or w > 0, 1, 2)"),
            ("x = ite(not(v > 0), 1, 2)", "x = ite(not v > 0, 1, 2)"),
            ("x = ite(0 < v < 1, 1, 2)", "x = ite(0 < v and v < 1, 1, 2)"),
            ("x = pos(v)", "x = max(v, 0)"),
            ("x = min(v, w, 1)", "x = min(min(v, w), 1)"),
            ("x = clip(v, 0, 1)", "x = min(max(v, 0), 1)"),
            ("x = pow(v, 2)", "x = v*v"),
            ("x = (v +\n  w)", "x = v + w"),
            ("x = v +\n  w", "x = v + w"),
            ("x = v \\\n + w", "x = v + w"),
        ],
    )
    def test_same_meaning(self, one: str, other: str) -> None:
        defined = "v = t; w = 2*t; "
        first, second = model(defined + one).equations[-1], model(defined + other).equations[-1]
        assert (first.value, first.flags) == (second.value, second.flags)

    def test_a_name_that_ends_in_if_or_contains_another(self) -> None:
        found = model("r = t; r_mean = 2*r; diff = r - r_mean; notch = diff if diff > 0 else 0")
        assert [equation.target.name for equation in found.equations] == ["r", "r_mean", "diff", "notch"]

    def test_flags(self) -> None:
        found = model("dv/dt = -v : init=-65.0, min = p, max=max(p, 2), rk4, always\n dw/dt = -w # : init=3", "p = 1.0")
        flags = found.equations[0].flags
        assert (flags.init, flags.minimum, flags.method, flags.always) == (-65.0, Parameter("p"), "rk4", True)
        assert found.states == {State("v"): -65.0, State("w"): 0.0}
        assert found.always == {State("v")}

    def test_conductances_evolve_while_refractory(self) -> None:
        assert model("dg_exc/dt = -g_exc; dgsyn/dt = -gsyn").always == {State("g_exc")}

    def test_reset_and_augmented_assignment(self) -> None:
        found = model("dv/dt = -v; dw/dt = -w", "b = 2.0", spike="v > 1", reset="v = 0; w += b\nw /= 2")
        w, b = State("w"), Parameter("b")
        assert [equation.value for equation in found.reset] == [0, w + b, w / 2]

    def test_internal_names_assigned_before_they_are_read_last_one_step(self) -> None:
        found = model("_x = v; dv/dt = _x; _y = _y + 1; _z = v", spike="v > _x", reset="_z = 0")
        kinds = {equation.target.name: type(equation.target) for equation in found.equations}
        assert kinds == {"_x_now": Local, "v": State, "_y": State, "_z": State}

    def test_predefined_names(self) -> None:
        found = model("dv/dt = i_inj + t*dt + pi", spike="v > t_last")
        assert found.injectable
        assert State("t_last") in found.states
        assert not model("dv/dt = -v").injectable

    def test_each_random_call_is_a_draw_of_its_own(self) -> None:
        assert len(model("x = Uniform(0, 1) + Normal(0, 1)*Uniform(-1, 1)").draws) == 3

    def test_no_refractoriness_if_it_is_zero(self) -> None:
        assert model("dv/dt = -v", spike="v > 1", refractory="0.0").refractory is None


BAD = [
    # equations, parameters, line, column, what the message says
    ("dv/dt = E - v\ndu/dt = a*(tua - u)", "tau=1; E=1; a=1", 2, 12, "unknown symbol 'tua' in line 2, did you mean"),
    ("dv/dt = expp(v)", "", 1, 9, "unknown function 'expp' in line 1, did you mean 'exp'?"),
    ("dv/dt = -v : rk5", "", 1, 14, "unknown flag 'rk5' in line 1, did you mean 'rk4"),
    ("dv/dt = -v : innit=3", "", 1, 14, "unknown flag 'innit=3' in line 1"),
    ("dv/dt = (1 - v", "", 1, 9, "this parenthesis is not closed"),
    ("dv/dt = 1 - v)", "", 1, 14, "this parenthesis closes nothing"),
    ("dv/dt = 1 - * v", "", 1, 13, "a value is expected before '*'"),
    ("dv/dt =", "", 1, 7, "an expression is expected after '='"),
    ("dv/dt = 3 v", "", 1, 11, "an operator is expected before 'v'"),
    ("dv/dt = 3v", "", 1, 9, "'3v' is not a number"),
    ("dv/dt = v $ 2", "", 1, 11, "unexpected character '$'"),
    ("dv/dt = v[0]", "", 1, 10, "'[' has no meaning here"),
    ("dv/dt = v.real", "", 1, 10, "'.' has no meaning here"),
    ("dv/dt = ite(v = 1, 1, 2)", "", 1, 15, "did you mean '=='?"),
    ("dv/dt = ite(v, 1, 2)", "", 1, 13, "a condition is expected"),
    ("dv/dt = (v > 1) + 2", "", 1, 10, "a number is expected here, not a condition"),
    ("dv/dt = v > 1", "", 1, 9, "a number is expected here, not a condition"),
    ("dv/dt = exp(v, 1)", "", 1, 9, "exp takes 1 arguments, not 2"),
    ("dv/dt = exp", "", 1, 9, "'exp' is a function"),
    ("dv/dt = a(v)", "a = 1", 1, 9, "'a' is not a function; a product needs its '*'"),
    ("dv/dt = 1/0", "", 1, None, "division by zero"),
    ("dv/dt = 1e999", "", 1, 9, "out of range"),
    ("dv/dt = if v > 0: 1", "", 1, None, "expected 'else'"),
    ("dv/dt = if v > 0 1 else: 2", "", 1, None, ""),
    ("dv/dt = -v\ndv/dt = 1", "", 2, 1, "the derivative of 'v' is given twice"),
    ("dtau/dt = 1", "tau = 1", 1, 1, "'tau' is a parameter already"),
    ("t = 1", "", 1, 1, "'t' is predefined"),
    ("exp = 1", "", 1, 1, "'exp' is predefined"),
    ("else = 1", "", 1, 1, "is a word of the language"),
    ("_refractory = 1", "", 1, 1, "'_refractory' is predefined"),
    ("v", "", 1, 1, "an equation is expected"),
    ("2*v = 1", "", 1, 1, "the left side must be a variable"),
    ("(dv/dt)^2 = 1", "", 1, 1, "the left side must be linear in dv/dt"),
    ("v = 1\nx = dv/dt", "", 2, 5, "a derivative may stand on the left side"),
    ("v = 1 : rk4", "", 1, 9, "method 'rk4' needs a differential equation"),
    ("dv/dt = 1 : rk4, midpoint", "", 1, 18, "two methods"),
    ("dv/dt = 1 : init=v", "p = 1", 1, 18, "'v' changes: an initial value"),
    ("dv/dt = 1 : init=Uniform(0, 1)", "", 1, 18, "no random numbers here"),
    ("dv/dt = 1 : min", "", 1, 13, "flag 'min' needs a value"),
    ("dv/dt = 1 :", "", 1, 11, "a flag is expected"),
    ("dv/dt = __import__(1)", "", 1, 9, "unknown function '__import__'"),
    ("dv/dt = 'x'", "", 1, 9, "unexpected character"),
]  # fmt: skip


class TestErrors:
    @pytest.mark.parametrize(("equations", "parameters", "line", "column", "says"), BAD)
    def test_equations(self, equations: str, parameters: str, line: int, column: int | None, says: str) -> None:
        with pytest.raises(EquationError) as caught:
            model(equations, parameters)
        assert says in str(caught.value)
        assert caught.value.line == line
        if column is not None:
            assert caught.value.column == column
            assert equations.split("\n")[line - 1] in str(caught.value)

    @pytest.mark.parametrize(
        ("parameters", "says"),
        [
            ("a", "a parameter is written as name = value"),
            ("a = b", "unknown symbol 'b'"),
            ("a = 1; a = 2", "parameter 'a' is defined twice"),
            ("dt = 1", "'dt' is predefined"),
            ("a = Normal(0, 1)", "no random numbers here"),
            ("; ".join(f"p{k} = 1" for k in range(65)), "at most 64 parameters"),
        ],
    )
    def test_parameters(self, parameters: str, says: str) -> None:
        with pytest.raises(EquationError, match=says):
            model("dv/dt = -v", parameters)

    @pytest.mark.parametrize(
        ("parts", "says"),
        [
            ({"spike": "v > x"}, "unknown symbol 'x'"),
            ({"spike": "v"}, "a condition is expected"),
            ({"spike": "v > 1; v > 2"}, "the spike is a single expression"),
            ({"spike": "v > 1", "reset": "u = 1"}, "unknown variable 'u'"),
            ({"spike": "v > 1", "reset": "p = 1"}, "'p' is a parameter; a reset assigns variables"),
            ({"spike": "v > 1", "reset": "dv/dt = 1"}, "a reset assigns values"),
            ({"spike": "v > 1", "refractory": "v > 1"}, "a number is expected"),
            ({"refractory": "2"}, "needs a spike condition"),
            ({"receptors": {"exc": "g"}}, "'exc' adds to 'g', which is no variable"),
            ({"receptors": {"a b": "v"}}, "must be an identifier"),
        ],
    )
    def test_other_parts(self, parts: dict[str, object], says: str) -> None:
        with pytest.raises(EquationError, match=says):
            model("dv/dt = -v", "p = 1", **parts)

    @pytest.mark.parametrize("name", ["", "2M", "a b", "a__b", "x;"])
    def test_names_of_models(self, name: str) -> None:
        with pytest.raises(EquationError, match="C identifier"):
            parse(NeuronText(name=name, parameters="", equations="dv/dt = -v"))

    def test_no_variables(self) -> None:
        with pytest.raises(EquationError, match="has no variables"):
            model("")

    @pytest.mark.parametrize(
        "text", ["(" * 500 + "1" + ")" * 500, "-" * 5000 + "1", "1" + "+1" * 20000, "9^9^9^9", "if 1 > 0: " * 300 + "1"]
    )
    def test_excess_is_refused_not_computed(self, text: str) -> None:
        with pytest.raises(EquationError):
            model(f"v = {text}")
