"""The source of users' models, as files to be read in review."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from test_printer import GOLDEN, UPDATE

from pynn_annarchy.native import compile
from pynn_annarchy.native.spec import NeuronText

IZHIKEVICH = NeuronText(
    name="Izhikevich",
    parameters="a = 0.02; b = 0.2; c = -65.0; d = 8.0; I = 0.0",
    equations="""
        dv/dt = 0.04*v^2 + 5*v + 140 - u + I + g_exc - g_inh : init=-65.0, midpoint
        du/dt = a*(b*v - u)                                  : init=-13.0
    """,
    spike="v >= 30.0",
    reset="v = c; u += d",
    refractory="2.0",
    conductances=True,
)
NOISY_RATE = NeuronText(
    name="NoisyRate",
    parameters="tau = 10.0; top = 2.0 : population; mu = 0.0; sg = 0.1",
    equations="""
        noise = Normal(mu, sg) + if t > 100: Gamma(2.0, sg) else: 0   # from 100 ms on
        tau*dx/dt + x = gain*noise : init=top/2, exponential
        r = sigmoid(x) : max=top
    """,
    functions="sigmoid(x) = 1/(1 + exp(-x))",
    constants={"gain": 3.0, "unused": 1.0},
)
ADAPTIVE_REST = NeuronText(
    name="AdaptiveRest",
    parameters="tau = 20.0; tau_exc = 5.0; el = -65.0; rest = 2.0; gm = 4.0",
    equations="""
        tau_exc*dg_exc/dt = -g_exc : max=gm
        tau*dv/dt = el - v + g_exc*(0 - v) + 100*i_inj : init=el, implicit
        period = period
    """,
    spike="(v > -50) and not (t < 10)",
    reset="v = el; period = t - t_last",
    refractory="min(rest, period/2)",
    conductances=True,
)
MODELS = [IZHIKEVICH, NOISY_RATE, ADAPTIVE_REST]


@pytest.mark.parametrize("text", MODELS, ids=lambda text: text.name)
def test_golden(text: NeuronText) -> None:
    path: Path = GOLDEN / f"{text.name}.cpp"
    printed = compile.source(text)
    if os.environ.get(UPDATE):
        path.write_text(printed)
    assert printed == path.read_text()
