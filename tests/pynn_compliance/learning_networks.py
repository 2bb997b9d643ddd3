"""Small networks for tests of plasticity: sources that spike at given times, and targets that are made to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from pyNN.parameters import Sequence

import pynn_annarchy as sim

DT_MS = 0.125  # a binary fraction: times are exact
PAIR = {"tau_plus": 17.0, "tau_minus": 31.0, "A_plus": 0.06, "A_minus": 0.05}


def source(times: Any, n: int = 1) -> Any:
    """Cells that spike at these times."""
    return sim.Population(n, sim.SpikeSourceArray(spike_times=Sequence(list(times))))


def driven(times: Any, n: int = 1) -> Any:
    """Cells that have synapses and a potential and that spike when they are told to: at these times."""
    cells = sim.Population(n, sim.IF_curr_delta(tau_refrac=DT_MS), label="driven")
    early = np.asarray(list(times)) - DT_MS
    strong = sim.StaticSynapse(weight=100.0, delay=DT_MS)
    sim.Projection(source(early), cells, sim.AllToAllConnector(), strong, receptor_type="excitatory")
    return cells


def pair_mechanism(dependence: Any = None, **options: Any) -> Any:
    """The pair rule, additive up to 2 if no other dependence is given; the whole delay of 1 ms is dendritic."""
    weight_dependence = dependence or sim.AdditiveWeightDependence(w_max=2.0)
    return sim.STDPMechanism(sim.SpikePairRule(**PAIR), weight_dependence, **{"weight": 0.8, "delay": 1.0, **options})


def signals(prj: Any, name: str = "weight", segment: int = -1) -> list[Any]:
    """The recorded signals of one variable."""
    return [s for s in prj.get_data().segments[segment].analogsignals if s.name == name]


def signal(prj: Any, name: str = "weight", segment: int = -1) -> Any:
    """The one signal of a variable."""
    (only,) = signals(prj, name, segment)
    return only


def learning(synapse: Any = None, pre: int = 2, post: int = 3, label: str = "learning") -> Any:
    """Sources that spike at 5 and 30 ms onto targets that spike at 10 ms."""
    all_to_all = sim.AllToAllConnector()
    return sim.Projection(
        source([5.0, 30.0], pre), driven([10.0], post), all_to_all, synapse or pair_mechanism(), label=label
    )


def pair_weight(t: Any) -> Any:
    """The weight over time of `learning()`: the target's spike travels for 1 ms."""
    up = 2.0 * 0.06 * math.exp(-(11.0 - 5.0) / 17.0)
    down = 2.0 * 0.05 * math.exp(-(30.0 - 11.0) / 31.0)
    return 0.8 + up * (t >= 11.0) - down * (t >= 30.0)
