"""Small deterministic networks spike as they do in pyNN.nest and pyNN.neuron.

The peers' spikes are in ``data/``, written by ``make_reference.py``. Against NEST at the same step the linear and the
conductance-based integrate-and-fire cells agree in every spike, rings of 500 spikes included.

Against NEURON, whose fixed step is of first order, some networks are compared less strictly:

- EIF_cond_exp_isfa_ista: weakly driven; NEURON's error grows from spike to spike (0.66 ms at steps of 1/256 ms,
  0.18 ms at 1/1024 ms); only first spikes are compared. EIF_cond_alpha_isfa_ista is given two steps.
- IF_curr_exp: one crossing is so shallow that a threshold lower by 0.005 mV moves the spike by 4.7 ms, within 0.16 ms
  of NEURON's; NEST has it where we have. Steps of 1/1024 ms do not bring NEURON there. Only first spikes are compared.
- HH_cond_exp: a spike is at the peak here and in NEST, at the upward crossing of 10 mV in NEURON, 0.05 to
  0.22 ms earlier (so too at 1/1024 ms); two steps are given.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from peer_networks import NETWORKS, TIMESTEP, spikes

import pynn_annarchy as sim

DATA = Path(__file__).parent / "data"
EXACT_IN_NEST = {name for name in NETWORKS if "IF_c" in name and "EIF" not in name}
FIRST_ONLY = {("neuron", "IF_curr_exp"), ("neuron", "EIF_cond_exp_isfa_ista")}
STEPS = {("neuron", "HH_cond_exp"): 2, ("neuron", "EIF_cond_alpha_isfa_ista"): 2}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("backend", ["nest", "neuron"])
def test_same_spikes(backend, name):
    reference = json.loads((DATA / f"{backend}.json").read_text())
    assert not reference["failures"]
    expected = reference["spikes"][name]
    found = spikes(sim, NETWORKS[name], NETWORKS[name].timestep(backend))
    assert sum(map(len, found)) >= 15
    if (backend, name) in FIRST_ONLY:
        expected, found = ([train[:1] for train in trains] for trains in (expected, found))
    assert [len(train) for train in found] == [len(train) for train in expected]
    difference = np.abs(np.concatenate(found) - np.concatenate(expected)).max()
    if backend == "nest" and name in EXACT_IN_NEST:
        assert difference < 1e-6  # the peer's times are rounded to that
    assert difference <= TIMESTEP * STEPS.get((backend, name), 1) + 1e-6
