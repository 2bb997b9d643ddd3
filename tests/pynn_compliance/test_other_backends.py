"""What scripts carry for other backends: accepted with one warning, or refused with a reason."""

from __future__ import annotations

import warnings

import api_surface
import numpy as np
import pytest
from pyNN import errors

import pynn_annarchy as sim
from pynn_annarchy import other_backends


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup()


def one_warning(call) -> str:
    """What a call warns of; it has to be one warning, at the line of the call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert [warning.filename for warning in caught] == [__file__]
    assert caught[0].category is UserWarning
    return str(caught[0].message)


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        (dict(spike_precision="on_grid", verbosity="error", t_flush=1.0), "spike_precision, t_flush, verbosity (NEST)"),
        (dict(use_cvode=True, rtol=1e-3, atol=1e-4), "atol, rtol, use_cvode (NEURON)"),
        (dict(n_chips_required=4, time_scale_factor=10), "n_chips_required, time_scale_factor (SpiNNaker)"),
        (dict(use_cpu=True, model_name="net"), "model_name, use_cpu (GeNN)"),
        (dict(verbosity=0, use_cpu=True), "verbosity (NEST); use_cpu (GeNN)"),
    ],
)
def test_setup_keywords(keywords: dict[str, object], expected: str) -> None:
    message = one_warning(lambda: sim.setup(timestep=0.5, **keywords))
    assert message == f"pyNN.annarchy: setup(): these keywords of other backends have no meaning here: {expected}"
    assert sim.get_time_step() == 0.5


@pytest.mark.parametrize("backend", api_surface.BACKENDS)
def test_every_setup_keyword_of_pynns_backends_is_known(backend: str) -> None:
    node = api_surface.exported(backend)["setup"].node
    assert node is not None
    for name in set(api_surface.keywords(node).names) - {"timestep", "min_delay", "max_delay", "threads"}:
        known = other_backends.belongs_to(other_backends.SETUP) | set(other_backends.SEEDS)
        assert name in known, f"pyNN.{backend}.setup() knows {name!r}"


@pytest.mark.parametrize("name", ["rng_seed", "grng_seed", "rng_seeds_seed", "native_rng_baseseed"])
def test_seeds_of_other_backends_are_seeds_here(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sim.setup(**{name: 77})
    assert sim.state.seed == 77


def test_calls_of_spinnaker() -> None:
    for call, arguments in [
        (sim.set_number_of_neurons_per_core, (sim.IF_curr_exp, 100)),
        (sim.set_number_of_synapse_cores, (sim.IF_curr_exp, 2)),
        (sim.set_allow_delay_extensions, (sim.IF_curr_exp, False)),
        (sim.register_binary_search_path, ("binaries",)),
        (sim.register_database_notification_request, ("localhost", 1, 2)),
    ]:
        message = one_warning(lambda call=call, arguments=arguments: call(*arguments))
        assert call.__name__ in message and "SpiNNaker" in message


def test_methods_of_populations_of_spinnaker() -> None:
    cells = sim.Population(3, sim.IF_curr_exp())
    assert "add_placement_constraint" in one_warning(lambda: cells.add_placement_constraint(x=0, y=1))
    assert "set_constraint" in one_warning(lambda: cells.set_constraint(None))
    assert "set_mapping_constraint" in one_warning(lambda: cells.set_mapping_constraint({"x": 0}))
    assert "set_max_atoms_per_core" in one_warning(lambda: cells.set_max_atoms_per_core(5))


def test_spinnakers_arrays_of_data() -> None:
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=[0.0, 1.0, 1.5]))
    cells.record(["spikes", "v"])
    sim.run(5.0)
    sim.reset()
    sim.run(40.0)
    segment = cells.get_data().segments[-1]
    spikes = cells.spinnaker_get_data("spikes")
    expected = [(i, t) for i, train in enumerate(segment.spiketrains) for t in train.times.magnitude]
    assert len(expected) > 2 and spikes.tolist() == [list(row) for row in expected]
    (v,) = segment.analogsignals
    assert (cells.spinnaker_get_data(["v"], as_matrix=True) == v.magnitude).all()
    rows = cells.spinnaker_get_data("v")
    assert rows.shape == (3 * 401, 3)
    assert (rows[:, 0] == np.repeat([0, 1, 2], 401)).all()
    np.testing.assert_allclose(rows[:, 1], np.tile(v.times.rescale("ms").magnitude, 3))
    assert (rows[:, 2] == v.magnitude.T.ravel()).all()


def test_spinnakers_arrays_of_data_of_some_cells() -> None:
    cells = sim.Population(4, sim.IF_curr_exp(i_offset=2.0))
    cells[1:].record("spikes")
    cells[[3]].record("v")
    sim.run(20.0)
    cells[[0]].record("v")
    sim.run(1.0)
    spikes = cells.spinnaker_get_data("spikes")
    assert set(spikes[:, 0]) == {1, 2, 3}
    for some in (cells.spinnaker_get_data("spikes", view_indexes=[0, 2]), cells[[0, 2]].spinnaker_get_data("spikes")):
        assert some.tolist() == [row for row in spikes.tolist() if row[0] == 2]
    rows = cells.spinnaker_get_data("v")
    assert [(rows[:, 0] == i).sum() for i in range(4)] == [11, 0, 0, 211]
    np.testing.assert_allclose(rows[[0, 10, 11, -1], 1], [20.0, 21.0, 0.0, 21.0])
    with pytest.raises(ValueError, match="v was recorded as 2 signals"):
        cells.spinnaker_get_data("v", as_matrix=True)
    with pytest.raises(ValueError, match="one variable at a time"):
        cells.spinnaker_get_data(["v", "spikes"])


def test_spinnakers_recording_of_everything() -> None:
    cells = sim.Population(2, sim.IF_curr_exp())
    cells.record("all", to_file="never.pkl")
    sim.run(1.0)
    segment = cells.get_data("all").segments[0]
    assert {signal.name for signal in segment.analogsignals} == {"v", "isyn_exc", "isyn_inh"}
    assert len(segment.spiketrains) == 2
    sim.simulator.state.write_on_end.clear()


def test_spinnakers_names_of_synaptic_currents() -> None:
    cells = sim.Population(2, sim.IF_curr_exp())
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=1.0))
    message = one_warning(lambda: cells.record(["v", "gsyn_exc", "gsyn_inh", "isyn_exc"]))
    assert "gsyn_exc, gsyn_inh of IF_curr_exp (SpiNNaker) are currents in nA, called isyn_exc, isyn_inh here" in message
    sim.run(10.0)
    (given,) = cells.get_data("gsyn_exc").segments[0].analogsignals
    (own,) = cells.get_data("isyn_exc").segments[0].analogsignals
    assert (given.name, given.units, float(given.max())) == ("gsyn_exc", own.units, 0.5)
    assert (given.magnitude == own.magnitude).all()
    assert not cells.can_record("gsyn_exc") and "gsyn_exc" not in cells.celltype.recordable
    with pytest.raises(errors.RecordingError, match=r"gsyn_exc.*Izhikevich"):
        sim.Population(1, sim.Izhikevich()).record("gsyn_exc")


def test_keywords_of_classes() -> None:
    made = []
    message = one_warning(
        lambda: made.append(sim.Population(4, sim.IF_curr_exp(), neurons_per_core=2, additional_parameters={"seed": 1}))
    )
    assert "additional_parameters, neurons_per_core (SpiNNaker)" in message
    connectors = []
    for cls, arguments in [
        (sim.OneToOneConnector, ()),
        (sim.FixedProbabilityConnector, (0.5,)),
        (sim.FixedNumberPreConnector, (2,)),
        (sim.FromListConnector, ([(0, 1, 0.1, 1.0)],)),
    ]:
        message = one_warning(
            lambda cls=cls, arguments=arguments: connectors.append(cls(*arguments, on_device_init=True, verbose=True))
        )
        assert message.endswith("on_device_init (GeNN); verbose (SpiNNaker)")
    projections = []
    message = one_warning(
        lambda: projections.append(
            sim.Projection(made[0], made[0], connectors[0], download_synapses=True, use_procedural=False)
        )
    )
    assert "use_procedural (GeNN); download_synapses (SpiNNaker)" in message
    assert len(projections[0]) == 4


def test_genns_native_random_numbers() -> None:
    expected = sim.NativeRNG(seed=9).next(3).tolist()
    host = sim.NumpyRNG(seed=1)
    made = []
    for make in (
        lambda: sim.NativeRNG(host, 9),
        lambda: sim.NativeRNG(host, seed=9),
        lambda: sim.NativeRNG(host_rng=host, seed=9),
    ):
        assert one_warning(lambda make=make: made.append(make())).endswith("no meaning here: host_rng (GeNN)")
    assert [rng.next(3).tolist() for rng in made] == [expected] * 3


def test_backends_names_of_arguments() -> None:
    a, b = (sim.Population(2, sim.IF_curr_exp()) for _ in range(2))
    connector = sim.AllToAllConnector()
    named = sim.Projection(presynaptic_population=a, postsynaptic_population=b, connector=connector)
    assert (named.pre, named.post) == (a, b)
    with pytest.raises(TypeError, match="are the same argument"):
        sim.Projection(a, presynaptic_population=a, presynaptic_neurons=b, connector=connector)
    sim.DCSource(amplitude=1.0).inject_into(cell_list=a)
    with pytest.raises(NotImplementedError, match="location='soma'"):
        sim.DCSource(amplitude=1.0).inject_into(a, location="soma")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: sim.Population(2, sim.IF_curr_exp(), neurons=3),
        lambda: sim.AllToAllConnector(on_device=True),
        lambda: sim.Projection(None, None, None, partition="x"),
    ],
)
def test_misspelled_keywords_of_classes_are_errors(wrong) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        wrong()


def test_names_of_spinnakers_module() -> None:
    """sPyNNaker 7 exports these beside PyNN's standard models and connectors, which other tests have."""
    names = set(
        """ConvolutionConnector Convolution Cuboid DistanceDependentFormation Grid2D Grid3D KernelConnector
        LastNeuronSelection Line NumpyRNG PoolDense PoolDenseConnector RandomByWeightElimination RandomDistribution
        RandomSelection RandomStructure Space SpiNNakerProjection Sphere StructuralMechanismSTDP
        StructuralMechanismStatic connect create distance end external_devices extra_models get_current_time get_machine
        get_max_delay get_min_delay get_time_step initialize list_standard_models name num_processes rank record
        record_gsyn record_v reset run run_for run_until set_number_of_neurons_per_core setup""".split()
    )
    assert {name for name in names if not hasattr(sim, name)} <= set(other_backends.ABSENT)


def test_names_that_cannot_work_say_why() -> None:
    for name, (backend, instead) in other_backends.ABSENT.items():
        assert not hasattr(sim, name), f"{name} exists, so it does not belong into this list"
        with pytest.raises(AttributeError, match=f"PyNN's {backend} module") as caught:
            getattr(sim, name)
        assert instead in str(caught.value)
    with pytest.raises(AttributeError, match="has no attribute 'frobnicate'"):
        sim.frobnicate  # noqa: B018


def test_nests_own_functions() -> None:
    assert "nest.set_verbosity" in one_warning(lambda: sim.nest.set_verbosity("M_ERROR"))
    assert "local_num_threads" in one_warning(lambda: sim.nest.SetKernelStatus({"local_num_threads": 2}))
    assert "nest.local_num_threads" in one_warning(lambda: setattr(sim.nest, "local_num_threads", 4))
    with pytest.raises(AttributeError, match="no NEST below"):
        sim.nest.local_num_threads  # noqa: B018
    with pytest.raises(NotImplementedError, match="mymodule"):
        sim.nest.Install("mymodule")
    with pytest.raises(AttributeError, match="no NEST below"):
        sim.nest.GetStatus  # noqa: B018


# ---- cells with compartments, NESTML ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["MultiCompartmentNeuron", "NaChannel", "KdrChannel", "PassiveLeak", "PassiveLeakHH"])
def test_compartments_are_refused(name: str) -> None:
    for error in (NotImplementedError, errors.NoModelAvailableError):
        with pytest.raises(error, match=f"{name}: .*point neurons.*pyNN.neuron and pyNN.arbor"):
            getattr(sim, name)(conductance_density=0.1)
    assert name not in sim.list_standard_models()


def test_a_multi_compartment_class_can_be_described_but_not_used() -> None:
    class Pyramidal(sim.MultiCompartmentNeuron):
        ion_channels = {"pas": sim.PassiveLeak}
        post_synaptic_entities = {"AMPA": sim.CondExpPostSynapticResponse}

    leak = {"conductance_density": sim.morphology.uniform("all", 0.0003), "e_rev": -65.0}
    for act in (
        lambda: Pyramidal(morphology=None, cm=1.0, Ra=500.0, pas=leak),
        lambda: sim.Population(2, Pyramidal, {"cm": 1.0}),
    ):
        with pytest.raises(NotImplementedError, match="Pyramidal"):
            act()
    anywhere = sim.morphology.random_placement(sim.morphology.by_distance("apical_dendrites", lambda d: 0.05 * d))
    assert anywhere.density_function.selector.labels == ("apical_dendrites",)
    with pytest.raises(NotImplementedError, match="Location"):
        sim.morphology.Location(None, 0, 0.5)


def test_nestml_says_what_to_do_instead() -> None:
    for make in (sim.nestml.nestml_cell_type, sim.nestml.nestml_synapse_type):
        with pytest.raises(errors.NoModelAvailableError, match=r"my_model: .*pyNN\.nest.*native"):
            make("my_model", "model my_model: ...")
