"""Plastic synapses give what pyNN.nest gives, where it has them: the same script, PyNN 0.13.0 with NEST 3.10."""

from __future__ import annotations

import json
from pathlib import Path

import plasticity_protocol
import pytest
from numpy.testing import assert_allclose

import pynn_annarchy as sim

NEST = json.loads((Path(__file__).parent / "plasticity_nest.json").read_text())


def test_short_term() -> None:
    assert_allclose(plasticity_protocol.short_term(sim), NEST["short_term"], rtol=1e-10)


def test_long_term() -> None:
    found = plasticity_protocol.long_term(sim)
    assert found.keys() == NEST["long_term"].keys()
    for name, weights in found.items():
        assert_allclose(weights, NEST["long_term"][name], rtol=1e-12, err_msg=name)
        assert all(weight != pytest.approx(0.5, abs=0.01) for weight in weights)
