"""What the language of synapses accepts, what it means, and how it refuses the rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynn_annarchy.native import compile
from pynn_annarchy.native.errors import EquationError
from pynn_annarchy.native.model import SynapseModel
from pynn_annarchy.native.parse_synapse import parse_synapse
from pynn_annarchy.native.spec import SynapseText
from pynn_annarchy.native.symbols import Local, Parameter, Post, State


def model(equations: str = "", parameters: str = "", **parts: str) -> SynapseModel:
    return parse_synapse(SynapseText(name="M", parameters=parameters, equations=equations, **parts))


class TestMeaning:
    def test_the_weight_is_there_without_being_declared(self) -> None:
        assert model().states == {State("w"): 0.0}
        found = model("dx/dt = 0 : init=2.0\ndw/dt = 0 : init=0.5")
        assert found.states == {State("x"): 2.0, State("w"): 0.5}
        assert list(model("dx/dt = 0").states) == [State("w"), State("x")]

    def test_a_derivative_of_zero_needs_no_time(self) -> None:
        for flag in ("", ", event-driven", ", rk4"):
            found = model(f"dw/dt = 0 : init=0.5{flag}")
            assert (found.clocked, found.event_driven) == ((), ())

    def test_which_equations_wait_for_events(self) -> None:
        found = model("dx/dt = -x : event-driven\ny = elapsed : event-driven, init=3.0\ndz/dt = -z : rk4")
        assert [e.target.name for e in found.event_driven] == ["x", "y"]
        assert [e.target.name for e in found.clocked] == ["z"]
        assert found.states[State("y")] == 3.0

    def test_nothing_waits_that_is_read_in_every_step(self) -> None:
        for reader in ("dz/dt = x - z", "z = 2*x", "x = 3*x"):
            found = model(f"dx/dt = -x : event-driven\n{reader}\ny = elapsed : event-driven")
            assert found.event_driven == ()
            assert len(found.clocked) == 3

    def test_sections(self) -> None:
        found = model(
            "dx/dt = -x/tau : event-driven", "tau = 20.0",
            pre_spike="x += 1; g_target += w*x", post_spike="w *= 2", modulator_spike="x -= 1 : min=0.0",
        )  # fmt: skip
        x, w = State("x"), State("w")
        assert [(e.target, e.value) for e in found.pre] == [(x, x + 1), (found.input[0], w * x)]
        assert [(e.target, e.value) for e in found.post] == [(w, 2 * w)]
        assert found.modulator[0].flags.minimum == 0

    def test_a_temporary_is_new_whenever_it_is_assigned(self) -> None:
        found = model(pre_spike="_a = w; _a += 1; w = _a", post_spike="_a = 3; w = _a")
        first, second, last = found.pre[1:]
        assert (first.value, second.value, last.value) == (State("w"), first.target + 1, second.target)
        assert len({first.target, second.target, found.post[0].target}) == 3

    def test_variables_of_the_target(self) -> None:
        found = model("dw/dt = post.v - w", pre_spike="w += post . u")
        assert found.remote == (Post("v"), Post("u"))
        assert found.clocked[0].value == Post("v") - State("w")

    def test_temporaries_of_equations(self) -> None:
        found = model("_a = 2*t; _b = _a; dw/dt = _b", pre_spike="w += _b")
        assert [type(e.target) for e in found.clocked] == [Local, State, State]

    def test_default_input(self) -> None:
        found = model(pre_spike="w = 3")
        assert [(e.target, e.value) for e in found.pre] == [(found.input[0], State("w")), (State("w"), 3)]

    @pytest.mark.parametrize("name", ["E", "I", "S", "N", "Q", "beta", "gamma", "lambda", "zeta", "in", "is"])
    def test_names_of_sympy_and_python_are_ordinary_variables(self, name: str) -> None:
        found = model(f"d{name}/dt = -{name}*p : event-driven", "p = 1", pre_spike=f"{name} += p")
        assert found.pre[1].value == State(name) + Parameter("p")


BAD = [
    # part, text, column, what the message says
    ("equations", "dx/dt = -x/tua : event-driven", 12, "unknown symbol 'tua' in line 1, did you mean 'tau'?"),
    ("equations", "dx/dt = -x : event-drivn", 14, "unknown flag 'event-drivn' in line 1, did you mean 'event-driven'?"),
    ("equations", "dx/dt = -x : event driven", 14, "unknown flag 'event driven'"),
    ("equations", "dx/dt = -x : always", 14, "unknown flag 'always'"),
    ("equations", "dx/dt = -x : event-driven, event-driven", 28, "is given twice"),
    ("equations", "dx/dt = -x : event-driven, rk4", None, "solved exactly: it takes no method"),
    ("equations", "dx/dt = -x*elapsed : event-driven", 12, "assignments with the flag event-driven only"),
    ("equations", "x = elapsed", 5, "assignments with the flag event-driven only"),
    ("equations", "dx/dt = -x\ndx/dt = 1", 1, "the derivative of 'x' is given twice"),
    ("equations", "dtau/dt = 1", 1, "'tau' is a parameter already"),
    ("equations", "elapsed = 1", 1, "'elapsed' is predefined"),
    ("equations", "t_pre = 1", 1, "'t_pre' is predefined"),
    ("equations", "g_target = 1", 1, "'g_target' is predefined"),
    ("equations", "x = g_target", 5, "'g_target' can be given to the target, as in 'g_target += w', but not read"),
    ("equations", "post.v = 1", 1, "'post.v' belongs to a neuron: spikes may change it, as in 'post.v += 1'"),
    ("equations", "x = post", 5, "a name is expected, as in 'post.v'"),
    ("equations", "x = post.", 9, "'.' has no meaning here"),
    ("equations", "x = post.v.u", 11, "'.' has no meaning here"),
    ("equations", "x = other.v", 10, "'.' has no meaning here"),
    ("equations", "dx/dt = -y : event-driven\ndy/dt = -y", None, "cannot read 'y', which changes in every step"),
    ("equations", "x = post.v(2)", 5, "'post.v' is not a function"),
    ("equations", "x = i_inj", 5, "unknown symbol 'i_inj'"),
    ("pre_spike", "ww += 1", 1, "unknown variable 'ww' in line 1, did you mean 'w'?"),
    ("pre_spike", "tau = 1", 1, "'tau' is a parameter; a spike changes variables"),
    ("pre_spike", "dw/dt = 1", 1, "a pre_spike assigns values, it has no derivatives"),
    ("pre_spike", "w += elapsed", 6, "assignments with the flag event-driven only"),
    ("pre_spike", "g_target = w", 10, "'g_target += ...' is expected"),
    ("pre_spike", "g_target += w : min=0", 15, "'g_target' has no flags but unless_post"),
    ("pre_spike", "_a = 1 : unless_post", 1, "unless_post would leave '_a' without a value"),
    ("post_spike", "w = 1 : unless_post", 9, "unknown flag 'unless_post'"),
    ("post_spike", "w = 1; pre.v *= 2", 14, "'pre.v += ...' or '-=' is expected"),
    ("psp", "w*y", 3, "unknown symbol 'y'"),
    ("equations", "x = 1 : projection", 1, "the flag projection is for parameters"),
    ("equations", "dx/dt = -x : postsynaptic", 1, "the flag postsynaptic is for parameters"),
    ("pre_spike", "w = g_target", 5, "but not read"),
    ("pre_spike", "g_target += g_target", 13, "but not read"),
    ("pre_spike", "w = 1 : init=2", 9, "unknown flag 'init=2'"),
    ("pre_spike", "w = 1 : event-driven", 9, "unknown flag 'event-driven'"),
    ("pre_spike", "_a += 1", 1, "unknown variable '_a'"),
    ("pre_spike", "w = _a", 5, "unknown symbol '_a'"),
    ("pre_spike", "t = 1", 1, "'t' is predefined"),
    ("pre_spike", "post.v = 1", 8, "'post.v += ...' or '-=' is expected"),
    ("pre_spike", "post.v += 1 : min=0", 13, "'post.v' has no flags but unless_post"),
    ("pre_spike", "w = Binomial(3)", 5, "Binomial takes 2 arguments, not 1"),
    ("pre_spike", "w = __import__(1)", 5, "unknown function '__import__'"),
    ("pre_spike", "w", 1, "an equation is expected"),
    ("post_spike", "w = 1\nx = 2", 1, "unknown variable 'x' in line 2"),
    ("post_spike", "g_target += w", 1, "in the pre_spike only"),
    ("modulator_spike", "w = y", 5, "unknown symbol 'y'"),
    ("parameters", "w = 1", 1, "'w' is predefined"),
    ("parameters", "elapsed = 1", 1, "'elapsed' is predefined"),
    ("parameters", "a = Binomial(1, 2)", None, "no random numbers here"),
    ("parameters", "; ".join(f"p{k} = 1" for k in range(65)), None, "at most 64 parameters"),
]  # fmt: skip


class TestErrors:
    @pytest.mark.parametrize(("part", "text", "column", "says"), BAD)
    def test_one_mistake(self, part: str, text: str, column: int | None, says: str) -> None:
        parts = {"parameters": "tau = 10.0", "equations": "", part: text}
        with pytest.raises(EquationError) as caught:
            model(**parts)
        assert says in str(caught.value)
        if column is not None:
            assert caught.value.column == column
            assert part in str(caught.value)

    def test_random_numbers_are_counted(self) -> None:
        with pytest.raises(EquationError, match="at most 64 random numbers, not 65"):
            model(pre_spike="w = " + " + ".join(["Uniform(0, 1)"] * 65))

    @pytest.mark.parametrize("name", ["", "2M", "a b", "a__b", "x;"])
    def test_names_of_models(self, name: str) -> None:
        with pytest.raises(EquationError, match="C identifier"):
            parse_synapse(SynapseText(name=name, parameters="", equations=""))


PIECES = st.sampled_from(
    """x y w tau _a elapsed since_pre t_post t dt post.v pre.r g_target post Uniform(0,1) Binomial(2,x) exp( ( ) 0 1 2.5
    1e3 + - * / ^ ** = += -= *= == < >= and or not if else : , ; dx/dt dw/dt event-driven event driven init=1 min= max=2
    rk4 exact . [ ' # @ \\ \n""".split(" ")
)


def texts(pieces: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(pieces, max_size=14).map(" ".join)


NEARLY = st.sampled_from(
    [
        "dx/dt = -x/tau : event-driven",
        "x = x*exp(-elapsed/tau) : event-driven, init=1.0",
        "dw/dt = 0 : init=0.5, min=0.0",
        "_a = if since_post == 0: 1 else: 0",
        "w = clip(w + x*_a, 0, 1)",
        "g_target += w*x if Uniform(0, 1) < 0.5 else 0",
        "dy/dt = (post.v - y)/tau",
    ]
)


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A right text, or one with some characters or tokens exchanged."""
    lines = draw(st.lists(NEARLY, max_size=4))
    whole = list("\n".join(lines))
    for _ in range(draw(st.integers(0, 3))):
        if whole:
            at = draw(st.integers(0, len(whole) - 1))
            whole[at] = draw(
                st.sampled_from(["", " ", "(", ")", "x", "=", ":", "1", ".", "\n", "-", "é", "#"]) | PIECES
            )
    return "".join(whole)


@settings(deadline=None, max_examples=300)
@given(equations=broken() | texts(PIECES), pre=broken() | texts(PIECES), post=broken())
def test_a_text_makes_a_model_or_raises_the_languages_error(equations: str, pre: str, post: str) -> None:
    text = SynapseText(
        name="Any", parameters="tau = 10.0", equations=equations, pre_spike=pre, post_spike=post, modulator_spike=pre
    )
    try:
        printed = compile.source(text)
    except EquationError as error:
        assert str(error)
    else:
        assert "PA_EXPORT_SYNAPSE(Any)" in printed
