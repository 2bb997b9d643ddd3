"""Which variables of a synapse follow from its target's spikes alone, and what forbids that they are kept with it."""

from __future__ import annotations

import pytest

from pynn_annarchy.native.parse_synapse import parse_synapse
from pynn_annarchy.native.spec import SynapseText
from pynn_annarchy.native.target_variables import target_variables
from pynn_annarchy.standardmodels.synapse_equations import STANDARD_SYNAPSES

STANDARD = {text.name: text for text in STANDARD_SYNAPSES}
USUAL = {
    "equations": "dx/dt = -x/tau : event-driven\ndy/dt = -y/kappa : event-driven",
    "pre_spike": "x += 1\nw -= y\ng_target += w",
    "post_spike": "w += x\ny += 1",
}


def found_in(parts: dict[str, str]):
    text = SynapseText(name="Tried", parameters="tau = 10.0\nkappa = 20.0\nw_max = 1.0", **{**USUAL, **parts})
    return target_variables(parse_synapse(text))


@pytest.mark.parametrize(
    ("name", "variables", "parameters", "heeded"),
    [
        ("SpikePair_Additive", {"y"}, {"tau_minus"}, False),
        ("SpikePair_Gutig", {"y"}, {"tau_minus"}, False),
        ("Vogels2011_Additive", {"y"}, {"tau"}, False),
        ("PfisterSpikeTriplet_Additive", {"o1", "o2"}, {"tau_minus", "tau_y"}, True),
    ],
)
def test_of_standard_synapses(name: str, variables: set[str], parameters: set[str], heeded: bool) -> None:
    found = target_variables(parse_synapse(STANDARD[name]))
    assert found is not None
    assert {state.name for state in found.states} == variables
    assert {parameter.name for parameter in found.parameters} == parameters
    assert found.heeded == heeded


@pytest.mark.parametrize("name", ["Modulated_SpikePair_Additive", "Clopath_Additive", "TsodyksMarkram"])
def test_not_of_models_that_do_something_else(name: str) -> None:
    assert target_variables(parse_synapse(STANDARD[name])) is None


def test_a_trace_of_the_target() -> None:
    found = found_in({})
    assert found is not None and not found.heeded
    assert {s.name for s in found.states} == {"y"} and {p.name for p in found.parameters} == {"kappa"}


@pytest.mark.parametrize("post_spike", ["w += x*y\ny += 1", "_d = 2*y\nw += _d\ny += 1", "w += since_post\ny += 1"])
def test_what_others_heed(post_spike: str) -> None:
    found = found_in({"post_spike": post_spike})
    assert found is not None and found.heeded


@pytest.mark.parametrize(
    "parts",
    [
        {"pre_spike": "x += 1\ny = 0"},
        {"post_spike": "w += x\ny += w"},
        {"post_spike": "w += x\ny += x"},
        {"post_spike": "w += x\ny += Uniform(0, 1)"},
        {"post_spike": "w += x\ny += t"},
        {"post_spike": "w += x*post.v\ny += 1"},
        {"modulator_spike": "w = 0"},
        {"equations": "dx/dt = -x/tau : event-driven\ndy/dt = -y/kappa : exponential"},
        {"equations": USUAL["equations"] + "\ndw/dt = y : event-driven"},
        {"equations": USUAL["equations"] + "\ndc/dt = -c/tau : event-driven", "post_spike": "c += x\ny += 1"},
        {"equations": "dx/dt = -x/tau : event-driven\ny = y*exp(-elapsed/kappa) : event-driven"},
        {"equations": "dy/dt = -y/kappa : event-driven", "pre_spike": "w -= y", "post_spike": "w += 0.1\ny += 1"},
    ],
)
def test_what_forbids_it(parts: dict[str, str]) -> None:
    assert found_in(parts) is None
