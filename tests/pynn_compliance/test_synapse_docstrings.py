"""The docstrings of synapse types and their parts: their examples run, and they say units and sources."""

from __future__ import annotations

import doctest
import inspect
from typing import Any

import pytest

import pynn_annarchy as sim

RULES = ["SpikePairRule", "Vogels2011Rule", "PfisterSpikeTripletRule", "ClopathRule"]
DEPENDENCES = [
    "AdditiveWeightDependence",
    "MultiplicativeWeightDependence",
    "AdditivePotentiationMultiplicativeDepression",
    "GutigWeightDependence",
]
WITH_EXAMPLE = [
    "TsodyksMarkramSynapse",
    "STDPMechanism",
    "PfisterSpikeTripletRule",
    "ClopathRule",
    "NeuromodulatedSTDP",
]


@pytest.mark.parametrize("name", WITH_EXAMPLE)
def test_the_example_runs(name: str) -> None:
    example = doctest.DocTestParser().get_doctest(getattr(sim, name).__doc__, {}, name, None, None)
    assert len(example.examples) > 5
    printed: list[str] = []
    failed, _ = doctest.DocTestRunner(verbose=False).run(example, out=printed.append)
    assert failed == 0, "".join(printed)


@pytest.mark.parametrize("name", [*RULES, *DEPENDENCES, "NeuromodulatedSTDP"])
def test_every_parameter_is_explained(name: str) -> None:
    kind: Any = getattr(sim, name)
    text = inspect.getdoc(kind) or ""
    parameters = getattr(kind, "default_parameters", None) or {"modulator": 0, "tau_c": 0, "tau_n": 0, "b": 0}
    for parameter in parameters:
        assert f"`{parameter}`" in text
    assert "(2" in text, "the year of a paper"
    if name in RULES:
        assert "milliseconds" in text or "(ms)" in text or "ms)" in text
        assert "w ->" in text
