"""A composed point neuron is the standard cell of the same parts, whatever its receptors are called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pyNN.parameters import Sequence

import pynn_annarchy as sim

# Standard cell to membrane, receptor, and the weights (nA or uS) that make it spike irregularly here.
TWINS = {
    "IF_curr_exp": ("LIF", "CurrExpPostSynapticResponse", (0.35, -0.25)),
    "IF_cond_exp": ("LIF", "CondExpPostSynapticResponse", (0.006, 0.01)),
    "IF_cond_alpha": ("LIF", "CondAlphaPostSynapticResponse", (0.006, 0.01)),
    "EIF_cond_exp_isfa_ista": ("AdExp", "CondExpPostSynapticResponse", (0.004, 0.006)),
    "EIF_cond_alpha_isfa_ista": ("AdExp", "CondAlphaPostSynapticResponse", (0.004, 0.006)),
}
TAUS = (3.0, 7.0)


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1, min_delay=0.1)


def composed(standard: str, labels: tuple[str, str], **membrane: Any) -> Any:
    """The composition that should be a standard cell with `TAUS`, its receptors called by the labels."""
    kind, receptor, _ = TWINS[standard]
    response = getattr(sim, receptor)
    reversal: tuple[dict[str, float], ...] = ({}, {})
    if response.conductance_based:
        defaults = getattr(sim, standard).default_parameters
        reversal = tuple({"e_syn": defaults[name]} for name in ("e_rev_E", "e_rev_I"))
    parts = {label: response(tau_syn=tau, **given) for label, tau, given in zip(labels, TAUS, reversal, strict=True)}
    return sim.PointNeuron(getattr(sim, kind)(**membrane), **parts)


def monolith(standard: str, **membrane: Any) -> Any:
    return getattr(sim, standard)(tau_syn_E=TAUS[0], tau_syn_I=TAUS[1], **membrane)


def recorded(population: Any, name: str) -> np.ndarray:
    (signal,) = (s for s in population.get_data().segments[-1].analogsignals if s.name == name)
    return np.asarray(signal.magnitude)


def trains(population: Any) -> list[np.ndarray]:
    return [train.magnitude for train in population.get_data("spikes").segments[-1].spiketrains]


def noise(n: int, seed: int) -> Any:
    """Sources with the same spikes in every simulation."""
    rng = np.random.default_rng(seed)
    return sim.SpikeSourceArray(spike_times=[Sequence(np.sort(rng.uniform(1.0, 300.0, 120))) for _ in range(n)])


def drive(population: Any, standard: str, labels: tuple[str, str]) -> None:
    """Give each cell excitation from 20 sources, and inhibition from 8."""
    for seed, label, weight, n in zip((1, 2), labels, TWINS[standard][2], (20, 8), strict=True):
        sources = sim.Population(n, noise(n, seed))
        sim.Projection(
            sources,
            population,
            sim.AllToAllConnector(),
            sim.StaticSynapse(weight=weight, delay=0.5),
            receptor_type=label,
        )


def assert_twins(one: Any, other: Any, standard: str, labels: tuple[str, str]) -> None:
    """Both populations have spiked at the same times, and have had the same variables to the last bit."""
    pairs = list(zip(trains(one), trains(other), strict=True))
    assert all(len(a) > 3 for a, _ in pairs)
    for a, b in pairs:
        assert_array_equal(a, b)
    variable = "gsyn" if "cond" in standard else "isyn"
    names = {"v": "v", f"{variable}_exc": f"{labels[0]}.{variable}", f"{variable}_inh": f"{labels[1]}.{variable}"}
    for theirs, ours in names.items():
        assert_array_equal(recorded(one, theirs), recorded(other, ours))


def run_twins(standard: str, labels: tuple[str, str]) -> None:
    one = sim.Population(3, monolith(standard, i_offset=[0.0, 0.1, 0.2]))
    other = sim.Population(3, composed(standard, labels, i_offset=[0.0, 0.1, 0.2]))
    for population, names in ((one, ("excitatory", "inhibitory")), (other, labels)):
        population.record(list(population.celltype.recordable))
        drive(population, standard, names)
    sim.run(300.0)
    assert_twins(one, other, standard, labels)


@pytest.mark.parametrize("labels", [("excitatory", "inhibitory"), ("AMPA", "GABAA")])
@pytest.mark.parametrize("standard", TWINS)
def test_a_composed_neuron_is_its_monolithic_twin(standard: str, labels: tuple[str, str]) -> None:
    run_twins(standard, labels)


@pytest.mark.parametrize("standard", TWINS)
def test_a_twin_whose_second_receptor_comes_first(standard: str) -> None:
    """Sums are formed in another order then, so that the last bits may differ, and the spikes may not."""
    one = sim.Population(3, monolith(standard, i_offset=[0.0, 0.1, 0.2]))
    other = sim.Population(3, composed(standard, ("second", "first"), i_offset=[0.0, 0.1, 0.2]))
    for population, names in ((one, ("excitatory", "inhibitory")), (other, ("second", "first"))):
        population.record(["spikes", "v"])
        drive(population, standard, names)
    sim.run(300.0)
    for a, b in zip(trains(one), trains(other), strict=True):
        assert len(a) > 3
        assert_array_equal(a, b)
    # The upstroke of AdExp multiplies what v differs by: a factor exp(10 mV/delta_T) until it is cut off.
    assert_allclose(recorded(one, "v"), recorded(other, "v"), rtol=0, atol=1e-9)


@pytest.mark.parametrize("precision", ["mixed", "single"])
@pytest.mark.parametrize("standard", ["IF_curr_exp", "EIF_cond_alpha_isfa_ista"])
def test_twins_in_other_precisions(standard: str, precision: str) -> None:
    sim.setup(timestep=0.1, min_delay=0.1, precision=precision)
    run_twins(standard, ("AMPA", "GABAA"))


@pytest.mark.cpu
def test_standard_compositions_need_no_compiler_and_no_sympy(tmp_path: Path) -> None:
    script = """
import sys, os
os.environ["CXX"] = "no-such-compiler"
import pynn_annarchy as sim
sim.setup()
for membrane, kinds in ((sim.LIF, ("CurrExp", "CondExp", "CondAlpha")), (sim.AdExp, ("CondExp", "CondAlpha"))):
    for kind in kinds:
        response = getattr(sim, kind + "PostSynapticResponse")
        sim.Population(2, sim.PointNeuron(membrane(), NMDA=response()))
        sim.Population(2, sim.PointNeuron(membrane(), NMDA=response(), GABAB=response()))
sim.run(1.0)
assert "sympy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)


@pytest.mark.parametrize("standard", ["IF_cond_exp", "EIF_cond_exp_isfa_ista"])
def test_gap_junctions_and_injected_current_act_as_on_the_twin(standard: str) -> None:
    populations = []
    for cell in (monolith(standard), composed(standard, ("A", "B"))):
        cells = sim.Population(2, cell)
        cells.record(["v", "spikes"])
        sim.Projection(cells[:1], cells[1:], sim.OneToOneConnector(), sim.ElectricalSynapse(weight=0.02))
        sim.DCSource(amplitude=1.5, start=5.0).inject_into(cells[:1])
        populations.append(cells)
    sim.run(200.0)
    one, other = populations
    assert len(trains(one)[0]) > 3
    assert np.ptp(recorded(one, "v")[:, 1]) > 0.5
    assert_array_equal(recorded(one, "v"), recorded(other, "v"))


def test_short_term_plasticity_takes_the_time_constant_of_the_receptor() -> None:
    taus = [2.0, 9.0]
    populations = []
    for cell, receptor in (
        (sim.IF_cond_exp(tau_syn_E=taus), "excitatory"),
        (sim.PointNeuron(sim.LIF(), B=sim.ExpPSR(tau_syn=taus), A=sim.ExpPSR(tau_syn=70.0)), "B"),
    ):
        cells = sim.Population(2, cell)
        cells.record("v")
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=np.arange(10.0, 100.0, 8.0)))
        synapse = sim.TsodyksMarkramSynapse(weight=0.01, delay=1.0, U=0.4, tau_rec=60.0, tau_facil=15.0)
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        populations.append(cells)
    sim.run(150.0)
    one, other = (recorded(cells, "v") for cells in populations)
    assert (np.ptp(one, axis=0) > 0.1).all()
    assert np.abs(one[:, 0] - one[:, 1]).max() > 0.05
    assert_array_equal(one, other)


def test_plastic_synapses_onto_a_receptor() -> None:
    weights = []
    for cell, receptor in ((sim.IF_cond_exp(), "excitatory"), (composed("IF_cond_exp", ("AMPA", "GABA")), "AMPA")):
        cells = sim.Population(2, cell)
        cells.set(**{"tau_syn_E" if receptor == "excitatory" else "AMPA.tau_syn": 4.0})
        sources = sim.Population(10, noise(10, 3))
        mechanism = sim.STDPMechanism(
            sim.SpikePairRule(A_plus=0.02, A_minus=0.03),
            sim.AdditiveWeightDependence(w_min=0.0, w_max=0.04),
            weight=0.015,
            delay=1.0,
        )
        projection = sim.Projection(sources, cells, sim.AllToAllConnector(), mechanism, receptor_type=receptor)
        cells.record("spikes")
        weights.append((projection, cells))
    sim.run(300.0)
    (one, cells), (other, _) = weights
    assert len(trains(cells)[0]) > 2
    found = one.get("weight", "array")
    assert (found != 0.015).all()
    assert_array_equal(found, other.get("weight", "array"))
