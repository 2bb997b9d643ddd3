"""What is said of a wrong model: where in its author's text, what is wrong, and what was expected."""

from __future__ import annotations

from typing import Any

import pyNN.annarchy as sim
import pytest

SPIKING = {"parameters": "tau = 10.0", "equations": "tau*dv/dt = -v", "spike": "v > 1", "reset": "v = 0"}

# A part of a neuron, its text, line and column of what is wrong in it, and words that the message has to have.
NEURONS = [
    # tokens
    ("equations", "r = 1 $ 2", 1, 7, "unexpected character '$'"),
    ("equations", "r = 1\nτ = 2; r = τ", 2, 1, "unexpected character 'τ'"),
    ("equations", "r = 'a'", 1, 5, 'unexpected character "\'"'),
    ("equations", "r = 1.2.3", 1, 5, "'1.2.' is not a number"),
    ("equations", "r = 2x", 1, 5, "'2x' is not a number"),
    ("equations", "r = 1e400", 1, 5, "out of range"),
    ("equations", "r = (1 + 2", 1, 5, "not closed"),
    ("equations", "r = 1 + 2)", 1, 10, "closes nothing"),
    ("equations", "r = tau[1]", 1, 8, "'[' has no meaning here"),
    ("equations", "r = np.exp(2)", 1, 7, "'.' has no meaning here"),
    ("equations", "r = __import__('os')", 1, 16, "unexpected character"),
    # the order of values and operators
    ("equations", "r = 1 +\n", 1, 7, "a value is expected after '+'"),
    ("equations", "r = 1 + * 2", 1, 9, "a value is expected before '*'"),
    ("equations", "r = 5 // 2", 1, 8, "a value is expected before '/'"),
    ("equations", "x = 1\nr = 2 tau", 2, 7, "an operator is expected before 'tau'"),
    ("equations", "r = 2(tau)", 1, 6, "an operator is expected before '('"),
    ("equations", "r = tau(2)", 1, 5, "'tau' is not a function; a product needs its '*'"),
    ("equations", "dr/dt = -r explicit", 1, 12, "an operator is expected before 'explicit'"),
    ("equations", "r = clip(1, , 2)", 1, 13, "a value is expected before ','"),
    ("equations", "r = if t <> 1: 1 else: 2", 1, 11, "a value is expected before '>'"),
    ("equations", "r = if t => 1: 1 else: 2", 1, 10, "'=>' has no meaning here in line 1, did you mean '>='?"),
    ("equations", "r = if t = 1: 1 else: 2", 1, 10, "did you mean '=='?"),
    ("equations", "r = if t > 1 2 else: 3", 1, 14, "an operator or ':' is expected before '2'"),
    ("equations", "r = if t > 1: 2", 1, 5, "expected 'else'"),
    ("equations", "r = else: 2", 1, 5, "a value is expected before 'else'"),
    # what an equation is
    ("equations", "r =", 1, 3, "an expression is expected after '='"),
    ("equations", "r + 1", 1, 1, "an equation is expected: name = ..., or dname/dt = ..."),
    ("equations", "x = 1\nr == 2", 2, 1, "an equation is expected"),
    ("equations", "2*r = 3", 1, 1, "the left side must be a variable or contain dname/dt"),
    ("equations", "if t > 1: r = 0", 1, 1, "name = if condition: a else: b"),
    ("equations", "r = 1; dr/dx = 2", 1, 8, "contain dname/dt"),
    ("equations", "0*dr/dt = -r", 1, 1, "linear in dr/dt"),
    ("equations", "dr/dt = -dr/dt", 1, 10, "on the left side of an equation only"),
    ("equations", "dr/dt = -r\ndr/dt = 2", 2, 1, "the derivative of 'r' is given twice"),
    ("equations", "r = t > 1", 1, 5, "a number is expected here, not a condition"),
    ("equations", "r = if t: 2 else: 3", 1, 8, "a condition is expected here, such as v > 0"),
    ("equations", "r = 1/(2 - 2)", 1, 8, "division by zero"),
    ("equations", "r = sqrt(-1)", 1, 5, "not a finite real number"),
    # names
    ("equations", "x = 1\ntau*dr/dt = x - tua*r", 2, 17, "unknown symbol 'tua' in line 2, did you mean 'tau'?"),
    ("equations", "r = sine(t)", 1, 5, "unknown function 'sine' in line 1, did you mean 'sin'?"),
    ("equations", "r = uniform(0, 1)", 1, 5, "did you mean 'Uniform'?"),
    ("equations", "r = exp + 1", 1, 5, "'exp' is a function: write exp(...)"),
    ("equations", "r = exp(1, 2)", 1, 5, "exp takes 1 arguments, not 2"),
    ("equations", "t = 2; r = 1", 1, 1, "'t' is predefined"),
    ("equations", "r = 1\nif = 3", 2, 1, "'if' is a word of the language"),
    ("equations", "r = 1\n  tau = 2", 2, 3, "'tau' is a parameter already"),
    ("parameters", "a = 1; a = 2", 1, 8, "parameter 'a' is defined twice"),
    ("parameters", "b = 2\na = 2*c", 2, 7, "unknown symbol 'c'"),
    ("parameters", "a", 1, 1, "a parameter is written as name = value"),
    ("parameters", "dt = 2", 1, 1, "'dt' is predefined"),
    ("parameters", "exp = 2", 1, 1, "'exp' is predefined"),
    ("parameters", "a = Uniform(0, 1)", 1, 5, "no random numbers here"),
    ("parameters", "a = 1 : populaton", 1, 9, "did you mean 'population'?"),
    ("parameters", "a = 1 : postsynaptic", 1, 9, "(allowed: population)"),
    # what belongs to synapses, to populations, and to neurons that spike
    ("equations", "r = 2*pre.r", 1, 7, "a neuron has no pre and no post"),
    ("equations", "r = 1; post.x = 2", 1, 8, "a neuron has no pre and no post"),
    ("equations", "r = w", 1, 5, "'w' is the weight of a synapse"),
    ("equations", "r = t - t_pre", 1, 9, "known in spiking synapses only"),
    ("equations", "r = g_exc", 1, 5, "rate-coded input is sum(exc)"),
    ("equations", "r = mean(x)", 1, 5, "'mean(x)' is of something that is no variable of this model"),
    ("equations", "r = mean(r + 1)", 1, 5, "'mean' is of one variable: write mean(r)"),
    ("equations", "r = sum(1 + 2)", 1, 5, "'sum' is of a receptor type: write sum(exc)"),
    ("equations", "sum(exc) = 2; r = 1", 1, 1, "can only be read"),
    # flags and methods
    ("equations", "dr/dt = -r : exponetial", 1, 14, "did you mean 'exponential'?"),
    ("equations", "dr/dt = -r : euler", 1, 14, "rk4, midpoint, explicit, implicit, exponential)"),
    ("equations", "dr/dt = -r : int=2", 1, 14, "did you mean 'init'?"),
    ("equations", "dr/dt = -r : init", 1, 14, "flag 'init' needs a value: init=..."),
    ("equations", "dr/dt = -r : max=1, max=2", 1, 21, "flag 'max' is given twice"),
    ("equations", "dr/dt = -r : min=2, max=1", 1, 14, "min=2 is greater than max=1"),
    ("equations", "dr/dt = -r : min=top", 1, 18, "unknown symbol 'top'"),
    ("equations", "x = 1; r = 2 : init=x", 1, 21, "an initial value is made of numbers, parameters and constants"),
    ("equations", "dr/dt = -r : explicit, implicit", 1, 24, "two methods, 'explicit' and 'implicit'"),
    ("equations", "r = 2 : explicit", 1, 9, "method 'explicit' needs a differential equation"),
    ("equations", "r = 2 :", 1, 7, "a flag is expected after this colon"),
    ("equations", "x = 1\ndr/dt = -r^2 : exponential", 2, 1, "method 'exponential' needs an equation linear in r"),
    ("equations", "dr/dt = -exp(r) : exact", 1, 1, "method 'exact' needs an equation with constant coefficients"),
    # random numbers
    ("equations", "r = Uniform(1)", 1, 5, "Uniform takes 2 arguments, not 1"),
    ("equations", "r = Uniform(1, 0)", 1, 5, "the bounds of Uniform are 1 and 0"),
    ("equations", "r = 2 + Normal(0, -1)", 1, 9, "the standard deviation of Normal is -1; it has to be 0 or greater"),
    ("equations", "r = Binomial(10, 2)", 1, 5, "the probability of Binomial is 2; it has to be from 0 to 1"),
    ("equations", "r = Gamma(-1, 2)", 1, 5, "the shape of Gamma is -1; it has to be greater than 0"),
    ("equations", "r = Exponential(0)", 1, 5, "the rate of Exponential is 0"),
    ("equations", "r = Normal(mu=0, sigma=1)", 1, 14, "arguments have no names"),
    ("equations", "r = Uniform(0, 1, min=0)", 1, 5, "only Exponential, Gamma, LogNormal, Normal take min= and max="),
    # functions
    ("functions", "f(x) = f(x - 1)", 1, 8, "function 'f' cannot call itself"),
    ("functions", "f(x) = g(x)\ng(x) = f(x)", 1, 8, "function 'g' is defined later"),
    ("functions", "f(x) = x + y", 1, 12, "unknown symbol 'y'"),
    ("functions", "f(x, x) = x", 1, 6, "argument 'x' is there twice"),
    ("functions", "f(x) = x\nf(x) = 2", 2, 1, "function 'f' is defined twice"),
    ("functions", "f = 2", 1, 1, "name(argument, ...) = expression"),
    ("functions", "f(x) = x : min=2", 1, 10, "a function has no flags"),
    # spike, reset, refractoriness
    ("spike", "u > 1", 1, 1, "unknown symbol 'u'"),
    ("spike", "v", 1, 1, "a condition is expected here, such as v > 0"),
    ("spike", "v = 1", 1, 3, "did you mean '=='?"),
    ("spike", "v > 1; v > 2", 1, 8, "the spike is a single expression"),
    ("spike", "v > 1 : always", 1, 7, "which has no flags"),
    ("reset", "v = 0; u = 0", 1, 8, "unknown variable 'u'"),
    ("reset", "tau = 1", 1, 1, "'tau' is a parameter; a reset assigns variables"),
    ("reset", "dv/dt = 1", 1, 1, "it has no derivatives"),
    ("refractory", "tref", 1, 1, "unknown symbol 'tref'"),
    ("refractory", "v > 1", 1, 1, "a number is expected here, not a condition"),
    ("refractory", "-2", 1, 1, "the refractory period is -2 ms; it has to be 0 or longer"),
    ("stop_condition", "u > 1", 1, 1, "unknown symbol 'u'"),
    ("stop_condition", "v > 1 : al", 1, 7, "neither 'any' nor 'all'"),
]

SYNAPSES = [
    # continuous ones
    ({"equations": "dw/dt = x"}, 1, 9, "unknown symbol 'x'"),
    ({"equations": "dw/dt = pre"}, 1, 9, "a name is expected, as in 'pre.r'"),
    ({"equations": "dw/dt = pre(r)"}, 1, 9, "a name is expected, as in 'pre.r'"),
    ({"equations": "dw/dt = pre.mean(r)"}, 1, 9, "write mean(pre.r)"),
    ({"psp": "w*mean(r)"}, 1, 3, "a reduction is of a variable of the neurons: mean(pre.r)"),
    ({"psp": "w*sum(exc)"}, 1, 3, "write post.sum(exc), or pre.sum(exc)"),
    ({"psp": "g = w*pre.r"}, 1, 3, "the psp is an expression, not an equation"),
    ({"psp": "w*pre.r : min=0"}, 1, 9, "which has no flags"),
    ({"psp": "w > 1"}, 1, 1, "a number is expected here, not a condition"),
    ({"equations": "x = 1\npre.r = 2"}, 2, 1, "'pre.r' belongs to a neuron and can only be read"),
    ({"equations": "x = pre.r : projection"}, 1, 1, "a projection variable cannot read pre.r"),
    ({"equations": "x = w : projection"}, 1, 1, "'x' is projection and cannot read 'w', which is local"),
    ({"equations": "th = post.r : projection"}, 1, 1, "a projection variable cannot read post.r"),
    ({"equations": "x = 1 : projection, postsynaptic"}, 1, 1, "postsynaptic and projection at once"),
    ({"equations": "x = 1 : population"}, 1, 9, "did you mean 'projection'?"),
    ({"equations": "dw/dt = -w^2 : exponential"}, 1, 1, "method 'exponential' needs an equation linear in w"),
    ({"parameters": "a = 1 : postsynaptic, projection"}, 1, 23, "one flag is expected"),
    # those that are driven by spikes
    ({"pre_spike": "w += g_target"}, 1, 6, "but not read"),
    ({"pre_spike": "g_target = w"}, 1, 10, "'g_target += ...' is expected"),
    ({"post_spike": "w += 1; g_target += w"}, 1, 9, "in the pre_spike only"),
    ({"equations": "dtrace/dt = -trace", "pre_spike": "trase += 1"}, 1, 1, "did you mean 'trace'?"),
    ({"parameters": "A = 1", "pre_spike": "A = 2"}, 1, 1, "'A' is a parameter; a spike changes variables"),
    ({"pre_spike": "post.x = 1"}, 1, 8, "'post.x += ...' or '-=' is expected"),
    ({"pre_spike": "w += 1 : unles_post"}, 1, 10, "did you mean 'unless_post'?"),
    ({"post_spike": "w += 1 : unless_post"}, 1, 10, "(allowed: min, max)"),
    ({"pre_spike": "if w > 1: w = 0"}, 1, 1, "name = if condition: a else: b"),
    ({"pre_spike": "w += t_pree"}, 1, 6, "did you mean 't_pre'?"),
    ({"pre_spike": "w += mean(pre.r)"}, 1, 6, "mean(pre.r) is for continuous synapses"),
    ({"equations": "dx/dt = -x : projection", "pre_spike": "x += 1"}, 1, 1, "the flag projection is for parameters"),
    ({"equations": "dx/dt = -x^2 : event-driven", "pre_spike": "x += 1"}, 1, 1, "has to be linear in x"),
    ({"equations": "dx/dt = -x : event_driven", "pre_spike": "x += 1"}, 1, 14, "did you mean 'event-driven'?"),
    ({"equations": "x = elapsed", "pre_spike": "x += 1"}, 1, 5, "with the flag event-driven only"),
    ({"equations": "t_pre = 1", "pre_spike": "w += 1"}, 1, 1, "'t_pre' is predefined"),
    ({"pre_spike": "w += 1\ng_target += w", "psp": "w"}, 2, 1, "either the psp, in every step, or g_target"),
    # rules
    ({"pruning": "age > 2"}, 1, 1, "unknown symbol 'age'"),
    ({"pruning": "w > 1 : prob=0.5"}, 1, 9, "did you mean 'proba'?"),
    ({"pruning": "w > 1 : proba=1.5"}, 1, 1, "no probability, from 0 to 1"),
    ({"creating": "w > 1"}, 1, 1, "what is missing has none"),
    ({"creating": "pre.r > 1 : d=-1"}, 1, 1, "d=-1 is no delay"),
]

# Arguments that are no text, or say nothing that has a place in it: which error, and its words.
ARGUMENTS = [
    ({"spike": 3}, TypeError, "spike: text is expected, not 3"),
    ({"spike": ["v > 1"]}, TypeError, "spike: text is expected, not ['v > 1']"),
    ({"functions": 3}, TypeError, "functions: text or Variable objects are expected, or a list of these, not 3"),
    ({"equations": {"v": "1"}}, TypeError, "equations: text or Variable objects are expected"),
    ({"equations": sim.Variable(3)}, TypeError, "the equation of a Variable is text, not 3"),  # type: ignore[arg-type]
    ({"equations": sim.Variable("v = 1", init=[1])}, TypeError, "[1] is neither a number"),  # type: ignore[arg-type]
    ({"reset": 3}, TypeError, "reset: text or Variable objects are expected"),
    ({"parameters": ["tau = 1"]}, TypeError, "parameters are text or a dict, not ['tau = 1']"),
    ({"parameters": {"tau": [1, 2]}}, TypeError, "parameter 'tau': [1, 2] is neither a number"),
    ({"parameters": {"tau": float("nan")}}, TypeError, "parameter 'tau': nan is no finite number"),
    ({"refractory": -2.0}, ValueError, "refractory = -2.0: a number of ms, 0 or greater"),
    ({"refractory": float("inf")}, ValueError, "refractory = inf: a number of ms"),
    ({"units": "mV"}, TypeError, "units: a dict of names to text is expected, not 'mV'"),
    ({"units": {"vv": "mV"}}, ValueError, "units: 'vv' is no variable or parameter of the model; did you mean 'v'?"),
    ({"units": {"v": "mVolt"}}, ValueError, "units: 'mVolt' of 'v' is no unit that is known"),
    ({"units": {"v": "3"}}, ValueError, "units: '3' of 'v' is no unit that is known"),
    ({"receptors": ["exc"]}, TypeError, "receptors: a dict of names to text is expected, not ['exc']"),
    ({"receptors": {"exc": "vv"}}, ValueError, "'exc' adds to 'vv', which is no variable; did you mean 'v'?"),
    ({"name": 3}, TypeError, "the name of a model is text, not 3"),
    ({"stop_condition": 3}, TypeError, "stop_condition: text is expected, not 3"),
    ({"spike": "", "reset": ""}, ValueError, "its equations have to define 'r', and define 'v'"),
]


def said(make: Any, arguments: dict[str, Any]) -> Any:
    """The error that a model is refused with."""
    with pytest.raises(ValueError) as caught:
        make(**arguments)
    return caught.value


@pytest.mark.parametrize(("part", "text", "line", "column", "words"), NEURONS)
def test_neuron(part: str, text: str, line: int, column: int, words: str) -> None:
    rate_coded = {"parameters": "tau = 10.0", "equations": "r = 1"}
    spiking = part in ("spike", "reset", "refractory", "stop_condition")
    error = said(sim.Neuron, {**(SPIKING if spiking else rate_coded), part: text})
    assert (error.line, error.column) == (line, column)
    assert words in str(error)
    assert text.split("\n")[line - 1] in str(error)  # the author's own line


@pytest.mark.parametrize(("parts", "line", "column", "words"), SYNAPSES)
def test_synapse(parts: dict[str, str], line: int, column: int, words: str) -> None:
    error = said(sim.Synapse, parts)
    assert (error.line, error.column) == (line, column)
    assert words in str(error)
    assert any(text.split("\n")[line - 1] in str(error) for text in parts.values() if text.count("\n") >= line - 1)


@pytest.mark.parametrize(("given", "kind", "words"), ARGUMENTS)
def test_argument(given: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        sim.Neuron(**{**SPIKING, **given})
    assert words in str(caught.value)


@pytest.mark.parametrize("part", ["psp", "pruning", "creating"])
def test_synapse_argument(part: str) -> None:
    with pytest.raises(TypeError, match=f"{part}: text is expected, not 3"):
        sim.Synapse(**{part: 3})  # type: ignore[arg-type]


def test_function_names() -> None:
    sim.add_function("steep(x) = 1/(1 + exp(-9*x))")
    with pytest.raises(ValueError, match="there is no function 'step'; did you mean 'steep'"):
        sim.functions("step")


def test_what_is_right_is_not_refused() -> None:
    """Texts that are near to refused ones."""
    sim.Neuron("is = 1.0", "r = is")
    sim.Neuron("", "x = 1; r = 2 if not x > 1 and (x < 3) else -(-x)^-2 * +x")
    sim.Neuron("", "r = if t > 1: if t is not 2: 1 else: 2 else: if t > 3: 4 else: 5")
    sim.Neuron("", "r = Normal(0, 0, min=-1, max=1) + Uniform(1, 1)")
    sim.Neuron("", "r = f(2)", functions=["f(g) = g + 1", "g(x) = f(x)"])
    sim.Neuron(**{**SPIKING, "refractory": "0.0"}, units={"v": "mV", "tau": "ms"})
    assert sim.Neuron(**SPIKING, units={"v": "1"}).units["v"] == "dimensionless"
    sim.Synapse("w = 1.0 : projection", "x = w : projection")
