"""What synapses of one source have in common: which variables these are, and that keeping them once changes no bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synapse_driver import Synapses, compiled
from test_synapse_events import PAIR

from pynn_annarchy.native.parse_synapse import parse_synapse
from pynn_annarchy.native.row_variables import row_variables
from pynn_annarchy.native.spec import SynapseText
from pynn_annarchy.standardmodels.synapse_equations import STANDARD_SYNAPSES

STANDARD = {text.name: text for text in STANDARD_SYNAPSES}
TRIPLET, SHORT_TERM = STANDARD["PfisterSpikeTriplet_Additive"], STANDARD["TsodyksMarkram"]
DOPAMINE = STANDARD["Modulated_SpikePair_Additive"]


@pytest.mark.parametrize(
    ("name", "variables", "parameters"),
    [
        ("SpikePair_Additive", {"x", "_arrived"}, {"tau_plus"}),
        ("SpikePair_Gutig", {"x", "_arrived"}, {"tau_plus"}),
        ("Vogels2011_Additive", {"x", "_arrived"}, {"tau"}),
        ("PfisterSpikeTriplet_Additive", {"r1", "r2", "_arrived"}, {"tau_plus", "tau_x"}),
        ("Modulated_SpikePair_Additive", {"x", "_arrived"}, {"tau_plus"}),
        ("TsodyksMarkram", {"u", "x", "y"}, {"U", "tau_rec", "tau_facil", "tau_psc"}),
        ("StochasticTsodyksMarkram", {"u"}, {"U", "tau_facil"}),
        ("Clopath_Additive", set(), set()),
    ],
)
def test_of_standard_synapses(name: str, variables: set[str], parameters: set[str]) -> None:
    found = row_variables(parse_synapse(STANDARD[name]))
    assert {state.name for state in found.states} == variables
    assert {parameter.name for parameter in found.parameters} == parameters


@pytest.mark.parametrize(
    "parts",
    [
        {"post_spike": "x += 1"},
        {"modulator_spike": "x = 0"},
        {"pre_spike": "x += w"},
        {"pre_spike": "x += Uniform(0, 1)"},
        {"pre_spike": "x += post.v"},
        {"pre_spike": "x += t"},
        {"pre_spike": "x += since_post"},
        {"equations": "dx/dt = -x/tau + w : event-driven"},
        {"equations": "dx/dt = -x/tau : exponential"},
        {"equations": "dx/dt = -x/tau : event-driven\ndw/dt = x : event-driven"},
        {"equations": "x = x*exp(-elapsed/tau) : event-driven", "post_spike": "w += x"},
        {"equations": "dx/dt = -x/tau : event-driven\ndq/dt = -q/tau : event-driven", "post_spike": "q += 1",
         "pre_spike": "x += q"},
    ],
)  # fmt: skip
def test_what_does_not_follow_from_arrivals(parts: dict[str, str]) -> None:
    usual = {"equations": "dx/dt = -x/tau : event-driven", "pre_spike": "x += 1"}
    found = row_variables(parse_synapse(SynapseText(name="Tried", parameters="tau = 10.0", **{**usual, **parts})))
    assert "x" not in {state.name for state in found.states}


steps = st.lists(st.integers(0, 300), max_size=30).map(sorted)


@pytest.mark.parametrize("text", [PAIR, TRIPLET, DOPAMINE, SHORT_TERM], ids=lambda text: text.name)
@settings(deadline=None, max_examples=40)
@given(
    pre=steps,
    posts=st.lists(steps, min_size=1, max_size=4),
    modulator=steps,
    dendritic=st.integers(0, 5),
    n=st.integers(1, 40),
    stop=st.integers(-1, 320),
)
def test_kept_once_or_by_every_synapse(
    text: SynapseText,
    pre: list[int],
    posts: list[list[int]],
    modulator: list[int],
    dendritic: int,
    n: int,
    stop: int,
) -> None:
    kernel = compiled(text)
    some = {"variables": {"w": np.linspace(0.2, 0.8, n)}, "trains": posts, "dendritic": dendritic}
    both = [Synapses(kernel, n, modulator=modulator, by_row=by_row, **some) for by_row in (False, True)]
    arrivals = [(event, pre[:k].count(event)) for k, event in enumerate(pre) if event <= stop]
    for one in both:
        one.sent = [one.arrive(event, repeat) for event, repeat in arrivals]  # type: ignore[attr-defined]
        one.catch_up(stop)
    assert np.array_equal(both[0].sent, both[1].sent)  # type: ignore[attr-defined]
    for name in kernel.variables:
        assert np.array_equal(both[0].observe(name, stop + 7), both[1].observe(name, stop + 7)), name
    for one in both:
        one.catch_up(stop)
    assert both[0].state() == both[1].state()
