"""Plastic synapses under one protocol on any backend of PyNN; needs nothing but PyNN and NumPy.

Run as a script with a backend's name, it prints the weights (in units of the highest) that a backend's rules lead to
and the amplitudes of its short-term plasticity, as JSON. `plasticity_nest.json` is what pyNN.nest prints.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import numpy as np

DT_MS, DELAY_MS, END_MS = 0.125, 1.0, 450.0
HIGHEST = 1e-6  # uS: so small that plastic synapses drive no cell
N_SOURCES = 4
DEPENDENCES = (
    "AdditiveWeightDependence",
    "MultiplicativeWeightDependence",
    "AdditivePotentiationMultiplicativeDepression",
    "GutigWeightDependence",  # with its default exponents: pyNN.nest does not pass others on
)
RESOURCES = (
    {"U": 0.5, "tau_rec": 800.0, "tau_facil": 0.0},
    {"U": 0.04, "tau_rec": 100.0, "tau_facil": 1000.0},
    {"U": 0.3, "tau_rec": 50.0, "tau_facil": 20.0},
)
TRAIN_MS = (10.0, 20.0, 25.0, 60.0, 61.0, 100.0)
TAU_SYN_MS = 6.75


def trains() -> tuple[list[list[float]], list[float]]:
    """Times in ms, on the grid, of the sources and of what makes their target spike.

    The sources spike once more after the target's last spike, because NEST changes a weight when its source spikes.
    """
    rng = np.random.default_rng(5)
    sources = [np.unique(np.rint(rng.uniform(5, 400, 40) / DT_MS)) * DT_MS for _ in range(N_SOURCES)]
    driver = np.unique(np.rint(rng.uniform(5, 400, 40))) - 1.0
    driver = driver[np.r_[True, np.diff(driver) > 2.5]]
    return [[*train.tolist(), 420.0] for train in sources], driver.tolist()


def long_term(sim: Any) -> dict[str, list[float]]:
    """Weights under the pair rule, for all weight dependences."""
    sim.setup(timestep=DT_MS, min_delay=DT_MS, max_delay=10.0)
    times, driver_times = trains()
    sources = [sim.Population(1, sim.SpikeSourceArray(spike_times=train)) for train in times]
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=driver_times))
    cell = sim.Population(1, sim.IF_cond_exp(tau_m=5.0, tau_syn_E=0.3, tau_refrac=1.0, v_reset=-65.0))
    all_to_all = sim.AllToAllConnector()
    strong = sim.StaticSynapse(weight=2.0, delay=1.0)
    sim.Projection(driver, cell, all_to_all, strong, receptor_type="excitatory")
    projections = {}
    for name in DEPENDENCES:
        synapse = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(tau_plus=17.0, tau_minus=31.0, A_plus=0.02, A_minus=0.015),
            weight_dependence=getattr(sim, name)(w_min=0.0, w_max=HIGHEST),
            weight=0.5 * HIGHEST,
            delay=DELAY_MS,
            dendritic_delay_fraction=1.0,
        )
        projections[name] = [sim.Projection(s, cell, all_to_all, synapse, receptor_type="excitatory") for s in sources]
    sim.run(END_MS)
    return {
        name: [p.get("weight", format="list", with_address=False)[0] / HIGHEST for p in made]
        for name, made in projections.items()
    }


def short_term(sim: Any) -> list[list[float]]:
    """The conductance (uS) in the sample after each arrival."""
    sim.setup(timestep=DT_MS, min_delay=DT_MS, max_delay=10.0)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=list(TRAIN_MS)))
    cells = []
    for parameters in RESOURCES:
        cell = sim.Population(1, sim.IF_cond_exp(tau_syn_I=TAU_SYN_MS))
        cell.record("gsyn_inh")
        synapse = sim.TsodyksMarkramSynapse(weight=0.01, delay=0.5, **parameters)
        sim.Projection(source, cell, sim.AllToAllConnector(), synapse, receptor_type="inhibitory")
        cells.append(cell)
    sim.run(150.0)
    arrivals = [round((t + 0.5) / DT_MS) for t in TRAIN_MS]
    signals = [cell.get_data().segments[0].analogsignals[0].magnitude[:, 0] for cell in cells]
    return [[float(max(g[n - 1 : n + 3])) for n in arrivals] for g in signals]


if __name__ == "__main__":
    backend = importlib.import_module(f"pyNN.{sys.argv[1]}")
    print(json.dumps({"long_term": long_term(backend), "short_term": short_term(backend)}, indent=1))
