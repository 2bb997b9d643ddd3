"""PyNN's SONATA export and import: what comes back is the network that was written, and it does the same."""

import json

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from pyNN.network import Network
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.serialization import export_to_sonata, import_from_sonata, load_sonata_simulation_plan, sonata

import pynn_annarchy as sim

SPIKES = [[1.0 + k, 5.0 + 2 * k, 30.0] for k in range(5)]
CURRENT = {"amp": 0.8, "delay": 40.0, "duration": 15.0}
T_STOP = 80.0

pytestmark = pytest.mark.filterwarnings("ignore:spike times should be added manually")


def uniform(low, high, seed):
    return RandomDistribution("uniform", (low, high), rng=NumpyRNG(seed))


def build():
    """Sources, two populations of different models, both signs, random and equal parameters, and an assembly."""
    sim.setup(timestep=0.1)
    source = sim.Population(5, sim.SpikeSourceArray(spike_times=SPIKES), label="source")
    cond = sim.IF_cond_exp(tau_m=uniform(10, 20, 1), v_rest=-64.5, i_offset=np.linspace(0, 0.2, 6))
    one, two = sim.Population(6, cond, label="one"), sim.Population(4, sim.IF_curr_alpha(tau_refrac=2.0), label="two")
    synapse = sim.StaticSynapse(weight=uniform(0.02, 0.1, 2), delay=uniform(0.5, 3, 3))
    return Network(
        source,
        sim.Assembly(one, two, label="both"),
        sim.Projection(source, one, sim.FixedProbabilityConnector(0.7, rng=NumpyRNG(4)), synapse, label="input"),
        sim.Projection(one, two, sim.AllToAllConnector(), sim.StaticSynapse(weight=2.5), label="forth"),
        sim.Projection(
            two,
            one,
            sim.FixedNumberPreConnector(2, rng=NumpyRNG(5)),
            sim.StaticSynapse(weight=uniform(0.0, 0.02, 6), delay=1.2),
            receptor_type="inhibitory",
            label="back",
        ),
    )


def simulation(folder):
    """Write what SONATA keeps beside the network: input, what to record, how long to run."""
    with h5py.File(folder / "input.h5", "w") as file:
        group = file.create_group("spikes")
        group["timestamps"] = np.concatenate(SPIKES)
        group["gids"] = np.repeat(np.arange(5), [len(times) for times in SPIKES])
    (folder / "node_sets.json").write_text(
        json.dumps({"clamped": {"population": "one", "node_id": [1, 3]}, "cells": {"model_type": "point_neuron"}})
    )
    config = {
        "manifest": {"$OUTPUT_DIR": str(folder / "output")},
        "target_simulator": "PyNN",
        "run": {"tstop": T_STOP, "dt": 0.1},
        "node_sets_file": str(folder / "node_sets.json"),
        "inputs": {
            "spikes": {
                "input_type": "spikes",
                "module": "h5",
                "input_file": str(folder / "input.h5"),
                "node_set": "source",
            },
            "clamp": {"input_type": "current_clamp", "module": "IClamp", "node_set": "clamped", **CURRENT},
        },
        "output": {"output_dir": "$OUTPUT_DIR", "spikes_sort_order": "by_time"},
        "reports": {"potential": {"cells": "one", "variable_name": "v"}},
    }
    (folder / "simulation.json").write_text(json.dumps(config))
    return str(folder / "simulation.json")


def trains(population):
    return [train.magnitude.tolist() for train in population.get_data("spikes").segments[0].spiketrains]


def potential(population):
    return population.get_data("v").segments[0].analogsignals[0].magnitude


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "network"


def test_the_network_comes_back(folder):
    original = build()
    export_to_sonata(original, folder, overwrite=True)
    members = [original.get_component(label) for label in ("one", "two")]
    cells = {p.label: {name: p.get(name) for name in p.celltype.default_parameters} for p in members}
    models = {p.label: type(p.celltype) for p in members}
    connections = {p.label: (p.receptor_type, p.get(["weight", "delay"], "list")) for p in original.projections}
    sim.setup(timestep=0.1)
    read = import_from_sonata(folder / "circuit_config.json", sim)
    assert {assembly.label for assembly in read.assemblies} == {"source", "one", "two"}
    for label, parameters in cells.items():
        population = read.get_component(label)
        assert type(population.populations[0].celltype) is models[label]
        for name, expected in parameters.items():
            assert_array_equal(population.get(name), expected)
    for label, (receptor, expected) in connections.items():
        projection = read.get_component(f"{label}-0")
        assert projection.receptor_type == receptor
        assert projection.get(["weight", "delay"], "list") == expected


def test_the_network_does_the_same(folder, monkeypatch):
    original = build()
    export_to_sonata(original, folder, overwrite=True)
    one, two = original.get_component("one"), original.get_component("two")
    clamp = sim.DCSource(amplitude=CURRENT["amp"], start=CURRENT["delay"], stop=CURRENT["delay"] + CURRENT["duration"])
    clamp.inject_into(one[[1, 3]])
    one.record(["spikes", "v"])
    two.record("spikes")
    sim.run(T_STOP)
    expected, expected_v = (trains(one), trains(two)), potential(one)
    assert all(len(spikes) > 3 for spikes in expected[1])
    assert all(any(CURRENT["delay"] < t for t in expected[0][k]) for k in (1, 3))

    plan = load_sonata_simulation_plan(simulation(folder))
    plan.setup(sim)
    read = import_from_sonata(folder / "circuit_config.json", sim)
    written = []
    # PyNN 0.13's own writer gives numpy.hstack a generator, which NumPy refuses since version 1.24
    monkeypatch.setattr(sonata.SonataIO, "write", lambda self, blocks: written.extend(blocks))
    plan.execute(read)
    copies = read.get_component("one"), read.get_component("two")
    assert tuple(map(trains, copies)) == expected
    np.testing.assert_allclose(potential(copies[0]), expected_v, rtol=0, atol=1e-9)
    assert {block.name for block in written} == {"source", "one", "two"}


def test_a_spike_file_is_read(tmp_path):
    simulation(tmp_path)
    (block,) = sonata.SonataIO(str(tmp_path), spikes_file="input.h5").read()
    assert [train.magnitude.tolist() for train in block.segments[0].spiketrains] == SPIKES
