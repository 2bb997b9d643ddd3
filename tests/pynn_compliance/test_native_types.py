"""Native types: the compiled models with their own names, in the place of standard ones."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import errors
from pyNN.models import BaseCellType, BaseCurrentSource, BaseSynapseType
from pyNN.serialization import sonata

import pynn_annarchy as sim
from pynn_annarchy.native import kernels


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1, min_delay=0.1)


def signals(population: sim.Population) -> dict[str, np.ndarray]:
    return {s.name: s.magnitude for s in population.get_data().segments[0].analogsignals}


# ---- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(kernels.standard_names()))
def test_every_compiled_cell_is_a_native_type(name: str) -> None:
    cell_type = sim.native_cell_type(name)
    kernel = kernels.standard(name)
    assert issubclass(cell_type, sim.NativeCellType) and issubclass(cell_type, BaseCellType)
    assert cell_type.__name__ == name and cell_type is sim.native_cell_type(name)
    assert set(kernel.parameters) <= set(cell_type.get_parameter_names())
    assert not any(variable.startswith("_") for variable in cell_type.recordable)
    assert set(cell_type.recordable) - {"spikes"} == set(cell_type.default_initial_values)
    assert tuple(cell_type.receptor_types) == kernel.receptors
    population = sim.Population(2, cell_type())
    population.record(cell_type.recordable)
    sim.run(1.0)
    recorded = population.get_data().segments[0]
    assert {signal.name for signal in recorded.analogsignals} == set(cell_type.recordable) - {"spikes"}
    for variable in cell_type.recordable:
        assert population.find_units(variable) == cell_type.units[variable]


SAME = ["IF_curr_exp", "IF_cond_exp", "IF_cond_exp_gsfa_grr", "EIF_cond_exp_isfa_ista", "HH_cond_exp", "Izhikevich"]


@pytest.mark.parametrize("name", SAME)
def test_a_native_cell_does_what_the_standard_one_does(name: str) -> None:
    standard, native = sim.Population(2, getattr(sim, name)()), sim.Population(2, sim.native_cell_type(name)())
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 6.0, 20.0]))
    for cells in (standard, native):
        cells.record(["v", "spikes"])
        cells.initialize(v=[-70.0, -60.0])
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.05, delay=0.5))
        sim.DCSource(amplitude=0.7, start=10.0, stop=60.0).inject_into(cells)
    sim.run(100.0)
    assert_array_equal(signals(standard)["v"], signals(native)["v"])
    assert np.ptp(signals(native)["v"]) > 5
    assert standard.get_spike_counts() != {} and native.mean_spike_count() == standard.mean_spike_count()


@pytest.mark.parametrize("name", ["IF_cond_exp", "HH_cond_exp", "Izhikevich"])
def test_gap_junctions_find_the_membrane_of_a_native_cell(name: str) -> None:
    native_type = sim.native_cell_type(name)
    recorded = []
    for cell_type, weight in [(getattr(sim, name), 0.01), (native_type, 0.01), (native_type, 0.0)]:
        cells = sim.Population(2, cell_type(), initial_values={"v": [-70.0, -62.0]})
        cells.record("v")
        sim.Projection(cells[:1], cells[1:], sim.OneToOneConnector(), sim.ElectricalSynapse(weight=weight))
        recorded.append(cells)
    sim.run(5.0)
    standard, native, apart = (signals(cells)["v"] for cells in recorded)
    assert_array_equal(standard, native)
    assert np.abs(native - apart).max() > 0.1


def test_units_are_the_engines() -> None:
    cell_type = sim.native_cell_type("IF_cond_exp_gsfa_grr")
    assert cell_type.units["q_sfa"] == cell_type.units["g_s"] == "uS"  # nS in PyNN
    assert cell_type.default_parameters["q_sfa"] == pytest.approx(
        sim.IF_cond_exp_gsfa_grr().parameter_space["q_sfa"].base_value / 1000
    )
    assert cell_type.units["v"] == "mV" and cell_type.units["spikes"] == "ms"


def test_vectors_are_numbered() -> None:
    cell_type = sim.native_cell_type("GIF_cond_exp")
    assert {"tau_eta_1", "tau_eta_2", "tau_eta_3"} <= set(cell_type.get_parameter_names())
    population = sim.Population(2, cell_type(tau_eta_2=[5.0, 6.0]))
    assert_array_equal(population.get("tau_eta_2"), [5.0, 6.0])
    for wrong in (lambda: population.set(tau_eta_2=-1.0), lambda: sim.Population(1, cell_type(tau_gamma_1=0.0))):
        with pytest.raises(errors.InvalidParameterValueError, match=r"GIF_cond_exp: tau_(eta|gamma) = "):
            wrong()
    assert_array_equal(population.get("tau_eta_2"), [5.0, 6.0])


def test_a_native_source_of_given_spikes() -> None:
    source = sim.Population(2, sim.native_cell_type("SpikeSourceArray")(spike_times=[1.0, 2.5]))
    source.record("spikes")
    source[1:].set(spike_times=[4.0])
    sim.run(10.0)
    assert [t.magnitude.tolist() for t in source.get_data().segments[0].spiketrains] == [[1.0, 2.5], [4.0]]
    with pytest.raises(errors.InvalidParameterValueError, match="ascending"):
        sim.Population(1, sim.native_cell_type("SpikeSourceArray")(spike_times=[3.0, 1.0]))
    with pytest.raises(errors.InvalidParameterValueError, match="tau_refrac"):
        sim.Population(1, sim.native_cell_type("SpikeSourcePoissonRefractory")(rate=600.0, tau_refrac=2.0))


def test_other_precisions() -> None:
    sim.setup(timestep=0.1, precision="single")
    cells = sim.Population(1, sim.native_cell_type("IF_curr_exp")(i_offset=0.5))
    cells.record("v")
    sim.run(10.0)
    tau_m, resistance = 20.0, 20.0
    expected = -65.0 + 0.5 * resistance * (1 - np.exp(-10.0 / tau_m))
    one_step = float(np.spacing(np.float32(65.0)))  # rounding of the factor and of the sum: half a unit each
    assert_allclose(signals(cells)["v"][-1, 0], expected, rtol=0, atol=100 * one_step)


@pytest.mark.parametrize("make", [sim.native_cell_type, sim.native_synapse_type, sim.native_electrode_type])
def test_unknown_names(make) -> None:
    known = {
        sim.native_cell_type: "IF_cond_exp, ",
        sim.native_synapse_type: "StaticSynapse, ",
        sim.native_electrode_type: "NoiseCurrent, SineCurrent, StepCurrent",
    }[make]
    with pytest.raises(errors.NoModelAvailableError, match="iaf_psc_alpha") as caught:
        make("iaf_psc_alpha")
    assert known in str(caught.value)
    with pytest.raises(TypeError, match="3"):
        make(3)


def test_unknown_parameters() -> None:
    with pytest.raises(errors.NonExistentParameterError):
        sim.native_cell_type("IF_cond_exp")(V_m=-70.0)
    with pytest.raises(errors.NonExistentParameterError):
        sim.native_synapse_type("StaticSynapse")(tau=1.0)


def test_sonata_finds_native_types() -> None:
    group = sonata.NodeGroup.__new__(sonata.NodeGroup)
    group.parameters = {"model_type": {0: "point_neuron"}, "model_template": {0: "nest:IF_curr_exp"}}
    group.config = {}
    assert group.get_cell_type(sim) is sim.native_cell_type("IF_curr_exp")


# ---- synapses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["StaticSynapse", *sorted(kernels.standard_synapse_names())])
def test_every_compiled_synapse_is_a_native_type_or_says_what_it_needs(name: str) -> None:
    if name != "StaticSynapse" and kernels.standard_synapse(name).modulated:
        with pytest.raises(errors.NoModelAvailableError, match="NeuromodulatedSTDP"):
            sim.native_synapse_type(name)
        return
    synapse_type = sim.native_synapse_type(name)
    assert issubclass(synapse_type, sim.NativeSynapseType) and issubclass(synapse_type, BaseSynapseType)
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[1.0, 3.0]))
    cells = sim.Population(3, sim.IF_cond_exp())
    projection = sim.Projection(source, cells, sim.OneToOneConnector(), synapse_type(weight=0.05, delay=0.7))
    assert projection.get(["weight", "delay"], "list", with_address=False) == [(0.05, pytest.approx(0.7))] * 3
    own = [parameter for parameter in synapse_type.get_parameter_names() if parameter not in ("weight", "delay")]
    if own:
        values = projection.get(own, "list", with_address=False)
        assert_allclose(values, [[synapse_type.default_parameters[parameter] for parameter in own]] * 3)
    cells.record("v")
    sim.run(10.0)
    assert np.isfinite(signals(cells)["v"]).all()


def test_a_native_synapse_does_what_the_standard_one_does() -> None:
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 10.0, 15.0, 40.0]))
    parameters = dict(U=0.3, tau_rec=50.0, tau_facil=20.0, weight=0.02, delay=1.0)
    recorded = []
    for synapse in (sim.TsodyksMarkramSynapse(**parameters), sim.native_synapse_type("TsodyksMarkram")(**parameters)):
        cells = sim.Population(1, sim.IF_cond_exp(tau_syn_E=5.0))
        cells.record("v")
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
        recorded.append(cells)
    sim.run(60.0)
    standard, native = (signals(cells)["v"] for cells in recorded)
    assert_array_equal(standard, native)
    assert np.ptp(native) > 1


def test_a_synapse_that_reads_what_the_target_does_not_have() -> None:
    reading = [name for name in kernels.standard_synapse_names() if "v" in kernels.standard_synapse(name).post]
    synapse = sim.native_synapse_type(reading[0])(weight=0.1, delay=1.0)
    cells = sim.Population(2, sim.IF_cond_exp())
    sim.Projection(cells, cells, sim.OneToOneConnector(), synapse)
    assert "dendritic_delay_fraction" not in synapse.get_parameter_names()


# ---- current sources -------------------------------------------------------------------------------------------------


def test_native_currents_are_the_standard_ones_in_steps() -> None:
    pairs = [
        (
            sim.ACSource(amplitude=0.3, offset=0.1, frequency=50.0, phase=30.0, start=5.0, stop=30.0),
            sim.native_electrode_type("SineCurrent")(
                amplitude_nA=0.3, offset_nA=0.1, frequency_Hz=50.0, phase_deg=30.0, start_step=50, stop_step=300
            ),
        ),
        (
            sim.StepCurrentSource(times=[5.0, 10.0], amplitudes=[0.2, -0.1]),
            sim.native_electrode_type("StepCurrent")(steps=[50, 100], amplitudes_nA=[0.2, -0.1]),
        ),
    ]
    cells = []
    for pair in pairs:
        for source in pair:
            assert isinstance(source, BaseCurrentSource)
            source.record()
            cells.append(sim.Population(1, sim.IF_curr_exp(v_thresh=1000.0)))
            cells[-1].record("v")
            source.inject_into(cells[-1])
    sim.run(50.0)
    for k, (standard, native) in enumerate(pairs):
        assert_array_equal(standard.get_data().magnitude, native.get_data().magnitude)
        assert_array_equal(signals(cells[2 * k])["v"], signals(cells[2 * k + 1])["v"])
        assert np.ptp(native.get_data().magnitude) > 0.1


def test_native_noise() -> None:
    source = sim.native_electrode_type("NoiseCurrent")(mean_nA=0.5, stdev_nA=0.2, interval_steps=2)
    source.inject_into(sim.Population(1, sim.IF_curr_exp()))
    source.record()
    sim.run(4000.0)
    current = source.get_data().magnitude[:-1, 0]
    assert_array_equal(current[::2], current[1::2])
    n = current.size // 2
    assert abs(current.mean() - 0.5) < 5 * 0.2 / np.sqrt(n)
    assert abs(current.std() / 0.2 - 1) < 5 / np.sqrt(2 * n)
    with pytest.raises((errors.InvalidParameterValueError, ValueError), match="stdev"):
        sim.native_electrode_type("NoiseCurrent")(stdev_nA=-1.0)
