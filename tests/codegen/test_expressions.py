"""Random expressions against numpy, in compiled kernels; random text against the parser."""

from __future__ import annotations

import re

import numpy as np
import pytest
from driver import Neurons
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from trees import Tree, trees

from pynn_annarchy.native import compile, kernels
from pynn_annarchy.native.errors import EquationError
from pynn_annarchy.native.parse import parse
from pynn_annarchy.native.spec import NeuronText

PARAMETERS = {"p": 0.7, "E": -1.3}
STATES = ["x", "beta"]
FUNCTIONS = "sigmoid(x) = 1/(1 + exp(-x))\nlarger(E, x) = if E > x: E else: x  # arguments with names of the model"


def compare(expressions: list[Tree], precision: str) -> None:
    equations = "".join(f"r{k} = {tree.text}\n" for k, tree in enumerate(expressions))
    text = NeuronText(
        name="Trees",
        parameters="; ".join(f"{name} = {value!r}" for name, value in PARAMETERS.items()),
        equations="x = x; beta = beta\n" + equations,
        functions=FUNCTIONS,
    )
    cell = Neurons(kernels.compiled(text, precision), 256)
    rng = np.random.default_rng(1)
    values = {name: np.float32(rng.normal(0, 2, 256)).astype(float) for name in STATES}
    for name, numbers in values.items():
        cell[name][:] = numbers
    cell.step()
    rounding = np.finfo(cell.real).eps / 2
    values |= {name: np.full(256, value) for name, value in PARAMETERS.items()}
    for k, tree in enumerate(expressions):
        expected = tree.at(values, rounding)
        error = np.abs(cell[f"r{k}"] - expected.x)
        allowed = rounding * (10 * expected.error + 4 * np.abs(expected.x)) + 1e-300
        assert np.all(error <= allowed), tree.text


EXPRESSIONS = st.lists(trees([*PARAMETERS, *STATES]), min_size=12, max_size=12)


@pytest.mark.parametrize("precision", ["double", "single"])
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # shrinking would compile hundreds of models; the message names the tree
    suppress_health_check=list(HealthCheck),
)
@given(expressions=EXPRESSIONS)
def test_random_expressions(precision: str, expressions: list[Tree]) -> None:
    compare(expressions, precision)


WORDS = st.sampled_from(
    """v dv/dt dt t tau = == : ; + - * / ^ ** ( ) , < > <= >= != if else elif and or not ite min max exp log sqrt pos
    clip Uniform Normal init= min= rk4 exact magnus always 1 0.5 -2 1e3 i_inj t_last True += [ ] . ! && || % # \\ lambda
    import __class__ du/dt u is not g_exc dg_exc/dt f f( Gamma( DiscreteUniform( LogNormal( Exponential( Binomial( c
    population unless_refractory r""".split()
    + ["\n", "\n", " "]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=25).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_model_or_an_error_of_the_language(text: str) -> None:
    for arguments in (
        {"parameters": "tau = 10.0", "equations": text},
        {"parameters": text, "equations": "dv/dt = -v"},
        {"parameters": "tau = 10.0", "equations": "dv/dt = -v", "spike": text, "reset": text},
        {"parameters": "", "equations": "r = f(t)", "functions": text},
        {"parameters": "", "equations": "r = 1", "spike": "r > 2", "refractory": text},
        {"parameters": "a = c", "equations": text, "functions": "f(x) = x + c", "spike": "v > 1"},
    ):
        try:
            parse(NeuronText(name="Fuzz", constants={"c": 2.0}, conductances=True, **arguments))
        except EquationError as error:
            assert error.line is None or error.line >= 1


MODEL = """tau*dv/dt = g_e*(E - v) - v + i_inj : init=E - 1
dg_e/dt = -g_e/5 : min=0.0, max=top
x = if v is not 0: f(v)^2 else: exp(v) + Gamma(2, tau) - g_i
"""
FIXED = {
    "parameters": "tau = 10.0; E = 1.0",
    "functions": "f(y) = y + top",
    "constants": {"top": 3.0},
    "spike": "v > 1",
}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(MODEL) - 1), st.integers(0, 4), WORDS | st.characters(max_codepoint=127))
def test_a_model_with_one_mistake(position: int, removed: int, inserted: str) -> None:
    """Either it is still a model, and one that prints, or the error points into the text."""
    text = MODEL[:position] + inserted + MODEL[position + removed :]
    try:
        printed = compile.header(NeuronText(name="Mistake", equations=text, conductances=True, **FIXED))
    except EquationError as error:
        assert error.place is None or error.place.text == text.split("\n")[error.place.line - 1]
    else:
        assert re.match("#include", printed)
