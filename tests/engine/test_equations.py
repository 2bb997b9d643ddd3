"""The equation text against PyNN's own description of the cells: names, defaults, units, recordables."""

from __future__ import annotations

import numpy as np
import pytest
from pyNN.parameters import ArrayParameter
from pyNN.standardmodels import cells

from pynn_annarchy.native.parse import parse
from pynn_annarchy.native.spec import NeuronText
from pynn_annarchy.standardmodels.equations import STANDARD_CELLS

IN_NANOSIEMENS = {"a": ("EIF",), "q_sfa": ("IF_cond",), "q_rr": ("IF_cond",), "g_leak": ("IF_facets",)}
FIXED = {"IF_facets_hardware1": {"cm", "tau_refrac", "e_rev_E"}}  # PyNN's text fixes them, its parameters lack them


def scale(model: str, parameter: str) -> float:
    return 1e-3 if model.startswith(IN_NANOSIEMENS.get(parameter, ("-",))) else 1.0


def expected(model: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in getattr(cells, model).default_parameters.items():
        if isinstance(value, ArrayParameter):
            found |= {f"{name}_{k}": float(v) for k, v in enumerate(value.value, 1)}
        else:
            found[name] = value * scale(model, name)
    return found


def test_every_point_neuron_of_pynn_is_there_once() -> None:
    names = [text.name for text in STANDARD_CELLS]
    assert len(set(names)) == len(names)
    point_neurons = {
        name
        for name, item in vars(cells).items()
        if isinstance(item, type) and name.startswith(("IF_", "EIF_", "HH_", "GIF_", "Izh"))
    }
    assert set(names) == point_neurons


@pytest.mark.parametrize("text", STANDARD_CELLS, ids=lambda text: text.name)
def test_parameters_and_defaults_are_pynns(text: NeuronText) -> None:
    found = {symbol.name: value for symbol, value in parse(text).parameters.items()}
    own = {name: value for name, value in found.items() if name not in FIXED.get(text.name, ())}
    assert own == pytest.approx(expected(text.name))


@pytest.mark.parametrize("text", STANDARD_CELLS, ids=lambda text: text.name)
def test_recordables_and_initial_values_are_pynns(text: NeuronText) -> None:
    model = getattr(cells, text.name)
    states = {symbol.name: value for symbol, value in parse(text).states.items()}
    wanted = {*model.recordable, *model.default_initial_values} - {"spikes"}
    assert wanted <= set(states)
    for name, value in model.default_initial_values.items():
        assert np.isclose(float(states[name]), value), name
    assert set(text.units) == {name for name in states if not name.startswith("_")}
    assert set(text.receptors) == {"excitatory", "inhibitory"}
