"""Every cell type and spike source in one network: the same bits for any number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyNN.parameters import Sequence

import pynn_annarchy as sim

pytestmark = pytest.mark.threaded

SIZE = 170  # several blocks, the last one not full
SIMTIME = 50.0  # ms
# what is recorded beside v, which every cell has
CELLS = {
    "IF_curr_alpha": "isyn_exc",
    "IF_curr_exp": "isyn_inh",
    "IF_curr_delta": None,
    "IF_cond_alpha": "gsyn_exc",
    "IF_cond_exp": "gsyn_inh",
    "IF_cond_exp_gsfa_grr": "g_s",
    "IF_facets_hardware1": "gsyn_exc",
    "HH_cond_exp": "m",
    "EIF_cond_alpha_isfa_ista": "w",
    "EIF_cond_exp_isfa_ista": "gsyn_inh",
    "Izhikevich": "u",
    "GIF_cond_exp": "v_t",
}
# nA, uS or mV, where the usual ones would be too strong
WEIGHTS = {
    "IF_curr_delta": 0.4,
    "IF_facets_hardware1": 1e-3,
    "Izhikevich": 3e-4,
    "EIF_cond_alpha_isfa_ista": 5e-4,
    "EIF_cond_exp_isfa_ista": 1e-3,
}
SOURCES: dict[str, dict[str, Any]] = {
    "SpikeSourcePoisson": {"rate": 90.0},
    "SpikeSourcePoissonRefractory": {"rate": 90.0, "tau_refrac": 3.0},
    "SpikeSourceGamma": {"alpha": 2.0, "beta": 180.0},
    "SpikeSourceInhGamma": {"a": Sequence([2.0, 3.0]), "b": Sequence([0.006, 0.004]), "tbins": Sequence([0.0, 25.0])},
    "SpikeSourceArray": {"spike_times": [Sequence([1.0 + 0.1 * k, 20.05, 31.0 + 0.01 * k]) for k in range(SIZE)]},
}


def result(threads: int, precision: str) -> dict[str, np.ndarray]:
    """Run the network and return all that it recorded."""
    sim.setup(timestep=0.1, min_delay=0.2, max_delay=4.0, threads=threads, seed=5, precision=precision)
    rng = np.random.default_rng(17)
    sources = {name: sim.Population(SIZE, getattr(sim, name)(**given)) for name, given in SOURCES.items()}
    cells = {name: sim.Population(SIZE, getattr(sim, name)()) for name in CELLS}
    for k, (name, population) in enumerate(cells.items()):
        population.record(["spikes", "v"] + [variable for variable in [CELLS[name]] if variable])
        _connect(list(sources.values())[k % len(sources)], population, rng, "excitatory", 0.15)
        _connect(list(sources.values())[(k + 1) % len(sources)], population, rng, "excitatory", 0.15)
        _connect(list(cells.values())[(k + 5) % len(cells)], population, rng, "inhibitory", 0.05)
        _connect(population, population, rng, "excitatory", 0.05)
    for population in sources.values():
        population.record("spikes")
    _inject(cells)
    sim.run(SIMTIME)
    return {
        f"{name} {key}": values
        for name, population in (sources | cells).items()
        for key, values in _recorded(population).items()
    }


def _connect(pre: Any, post: Any, rng: np.random.Generator, receptor: str, probability: float) -> None:
    name = type(post.celltype).__name__
    unit = WEIGHTS.get(name, 4e-3 if post.conductance_based else 0.2)
    if receptor == "inhibitory" and not post.conductance_based:
        unit = -unit
    i, j = np.nonzero(rng.random((SIZE, SIZE)) < probability)
    rows = np.column_stack([i, j, unit * rng.uniform(0.5, 1.5, i.size), rng.uniform(0.2, 4.0, i.size)])
    sim.Projection(pre, post, sim.FromListConnector(rows), sim.StaticSynapse(), receptor_type=receptor)


def _inject(cells: dict[str, Any]) -> None:
    currents = [
        sim.NoisyCurrentSource(mean=0.5, stdev=0.6, start=3.0, stop=45.0, dt=0.3),
        sim.ACSource(start=5.0, stop=40.0, amplitude=0.4, offset=0.3, frequency=90.0, phase=30.0),
        sim.StepCurrentSource(times=[2.0, 20.0, 41.0], amplitudes=[0.4, -0.2, 0.7]),
        sim.DCSource(amplitude=0.5, start=1.0, stop=30.0),
    ]
    for k, population in enumerate(cells.values()):
        if type(population.celltype).__name__ == "Izhikevich":
            sim.NoisyCurrentSource(mean=0.008, stdev=0.006, start=3.0, stop=45.0, dt=0.5).inject_into(population[5:140])
        elif population.celltype.injectable:
            currents[k % 4].inject_into(population[5:140])
            currents[0].inject_into(population[100:])


def _recorded(population: Any) -> dict[str, np.ndarray]:
    segment = population.get_data().segments[0]
    trains = [train.magnitude for train in segment.spiketrains]
    spikes = {"spikes": np.concatenate(trains), "counts": np.array([train.size for train in trains])}
    return spikes | {signal.name: signal.magnitude for signal in segment.analogsignals}


@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_the_same_bits_for_any_number_of_threads(precision):
    expected = result(1, precision)
    counts = {name: int(values.sum()) for name, values in expected.items() if name.endswith(" counts")}
    assert len(counts) == len(CELLS) + len(SOURCES)
    assert min(counts.values()) > 20 and max(counts.values()) < 30 * SIZE, counts  # alive, and not saturated
    for threads in (2, 3, 7):
        found = result(threads, precision)
        assert found.keys() == expected.keys()
        different = [name for name in expected if not np.array_equal(found[name], expected[name])]
        assert not different, f"{threads} threads"
    assert all(np.isfinite(values).all() for values in expected.values())
    if precision != "double":  # or the network would not show what rounding does
        double = result(2, "double")
        assert not np.array_equal(double["IF_cond_exp v"], expected["IF_cond_exp v"])
