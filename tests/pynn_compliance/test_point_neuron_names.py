"""Composed point neurons in every place where PyNN takes a name or a unit."""

from __future__ import annotations

import warnings
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import errors
from pyNN.parameters import Sequence
from pyNN.standardmodels import cells as pynn_cells
from pyNN.standardmodels import receptors as pynn_receptors

import pynn_annarchy as sim

RECEPTORS = (
    "CurrExpPostSynapticResponse",
    "CondExpPostSynapticResponse",
    "CondAlphaPostSynapticResponse",
    "CondBetaPostSynapticResponse",
)


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1, min_delay=0.1)


def recorded(population: Any, name: str) -> np.ndarray:
    (signal,) = (s for s in population.get_data().segments[-1].analogsignals if s.name == name)
    return np.asarray(signal.magnitude)


def mixed(**ampa: Any) -> Any:
    """A neuron with a receptor of each kind."""
    return sim.PointNeuron(
        sim.AdExp(tau_m=10.0, a=3.0),
        AMPA=sim.ExpPSR(**{"tau_syn": 2.0, **ampa}),
        GABA=sim.BetaPSR(e_syn=-75.0, tau_rise=0.5, tau_decay=6.0),
        NMDA=sim.AlphaPSR(tau_syn=20.0),
        current=sim.CurrExpPostSynapticResponse(tau_syn=4.0),
    )


def test_the_classes_are_pynns() -> None:
    for name in (*RECEPTORS, "LIF", "AdExp", "PointNeuron"):
        base = getattr(pynn_receptors if name in RECEPTORS else pynn_cells, name)
        assert issubclass(getattr(sim, name), base)
        if name != "PointNeuron":
            assert getattr(sim, name).default_parameters == base.default_parameters
            assert getattr(sim, name)().parameter_space.keys() == base.default_parameters.keys()
    assert sim.ExpPSR is sim.CondExpPostSynapticResponse
    assert sim.AlphaPSR is sim.CondAlphaPostSynapticResponse
    assert sim.BetaPSR is sim.CondBetaPostSynapticResponse
    assert isinstance(mixed(), sim.PointNeuron)
    assert type(mixed()).__name__ == "PointNeuron"
    assert "PointNeuron" in sim.list_standard_models()


def test_what_a_neuron_says_of_itself() -> None:
    cell = mixed()
    assert list(cell.receptor_types) == ["AMPA", "GABA", "NMDA", "current"]
    variables = ["AMPA.gsyn", "GABA.gsyn", "NMDA.gsyn", "current.isyn"]
    assert cell.recordable == ["spikes", "v", "w", *variables]
    assert cell.default_initial_values == {"v": -70.6, "w": 0.0, **dict.fromkeys(variables, 0.0)}
    exponential, beta = ("e_syn", "tau_syn"), ("e_syn", "tau_rise", "tau_decay")
    receptors = {"AMPA": exponential, "GABA": beta, "NMDA": exponential, "current": ("tau_syn",)}
    dotted = [f"{label}.{name}" for label, names in receptors.items() for name in names]
    assert sorted(cell.get_parameter_names()) == sorted([*pynn_cells.AdExp.default_parameters, *dotted])
    assert cell.has_parameter("GABA.tau_rise") and not cell.has_parameter("GABA.tau_syn")
    assert cell.injectable and cell.conductance_based is None
    assert "PointNeuron" in cell.describe()
    population = sim.Population(2, cell)
    assert "PointNeuron" in population.describe()
    units = {"AMPA.gsyn": "uS", "current.isyn": "nA", "GABA.tau_rise": "ms", "NMDA.e_syn": "mV", "a": "nS", "w": "nA"}
    assert {name: population.find_units(name) for name in units} == units
    for label, based in (("AMPA", True), ("current", False)):
        response = sim.PointNeuron(sim.LIF(), **{label: cell.post_synaptic_receptors[label]})
        assert response.conductance_based is based


def test_parameters_by_their_dotted_names() -> None:
    cells = sim.Population(3, mixed(e_syn=[-1.0, 0.0, 1.0]))
    assert_array_equal(cells.get("AMPA.e_syn"), [-1.0, 0.0, 1.0])
    assert cells.get(["tau_m", "GABA.tau_rise", "NMDA.tau_syn", "current.tau_syn", "a"]) == [10.0, 0.5, 20.0, 4.0, 3.0]
    cells.set(**{"GABA.tau_rise": 0.7, "a": 2.0})
    cells[1:].set(**{"NMDA.tau_syn": [30.0, 40.0]})
    assert cells.get(["GABA.tau_rise", "a"]) == [0.7, 2.0]
    assert_array_equal(cells.get("NMDA.tau_syn"), [20.0, 30.0, 40.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cells.tset("AMPA.tau_syn", np.array([1.0, 2.0, 3.0]))
        cells.rset("current.tau_syn", sim.RandomDistribution("uniform", low=1.0, high=2.0))
    assert_array_equal(cells[[2, 0]].get("AMPA.tau_syn"), [3.0, 1.0])
    drawn = cells.get("current.tau_syn")
    assert len(set(drawn)) == 3 and ((drawn >= 1.0) & (drawn < 2.0)).all()
    setattr(cells[0], "GABA.tau_decay", 9.0)
    assert_array_equal(cells.get("GABA.tau_decay"), [9.0, 6.0, 6.0])
    assert cells[0].get_parameters()["GABA.tau_decay"] == 9.0
    other = sim.Population(2, sim.PointNeuron(sim.LIF(), AMPA=sim.ExpPSR(tau_syn=5.5)))
    assert_array_equal((cells + other).get("AMPA.tau_syn"), [1.0, 2.0, 3.0, 5.5, 5.5])
    (cells + other).set(**{"AMPA.tau_syn": 8.0})
    assert (cells + other).get("AMPA.tau_syn") == 8.0


def test_one_neuron_for_several_populations() -> None:
    cell = sim.PointNeuron(sim.LIF(), AMPA=sim.ExpPSR())
    one, other = sim.Population(2, cell), sim.Population(3, cell)
    one.set(**{"AMPA.tau_syn": 1.0})
    assert other.get("AMPA.tau_syn") == 5.0
    assert sim.Population(1, cell).get("AMPA.tau_syn") == 5.0
    assert sim.Population(1, deepcopy(cell)).get("AMPA.tau_syn") == 5.0
    given = {"neuron": sim.LIF(cm=0.5), "AMPA": sim.ExpPSR(tau_syn=2.5)}
    assert sim.Population(1, sim.PointNeuron, given).get(["cm", "AMPA.tau_syn"]) == [0.5, 2.5]


def test_one_receptor_may_serve_twice() -> None:
    response = sim.CurrExpPostSynapticResponse(tau_syn=2.5)
    cells = sim.Population(1, sim.PointNeuron(sim.LIF(), a=response, b=response))
    cells.set(**{"a.tau_syn": 1.0})
    assert cells.get(["a.tau_syn", "b.tau_syn"]) == [1.0, 2.5]


# ---- state variables, recording, reset -------------------------------------------------------------------------------


def test_initial_values_reset_and_clear() -> None:
    cells = sim.Population(2, mixed(), initial_values={"v": -65.0, "AMPA.gsyn": 0.01})
    cells[1:].initialize(**{"current.isyn": 0.2, "w": 0.1})
    cells.record(["v", "w", "AMPA.gsyn", "current.isyn"], sampling_interval=0.5)
    sim.run(10.0)
    first = cells.get_data().segments[0]
    found = {signal.name: np.asarray(signal.magnitude) for signal in first.analogsignals}
    assert {signal.name: str(signal.dimensionality) for signal in first.analogsignals} == {
        "v": "mV", "w": "nA", "AMPA.gsyn": "uS", "current.isyn": "nA"
    }  # fmt: skip
    t = np.arange(21) * 0.5
    assert_allclose(found["AMPA.gsyn"], np.outer(0.01 * np.exp(-t / 2.0), [1.0, 1.0]), rtol=1e-12)
    assert_allclose(found["current.isyn"], np.outer(0.2 * np.exp(-t / 4.0), [0.0, 1.0]), rtol=1e-12)
    assert_array_equal(found["w"][0], [0.0, 0.1])
    sim.reset()
    sim.run(10.0)
    second = cells.get_data(clear=True).segments[-1]
    for signal in second.analogsignals:
        assert_array_equal(signal.magnitude, found[signal.name])
    sim.run(1.0)
    assert recorded(cells, "AMPA.gsyn").shape == (3, 2)


def test_parameters_set_between_runs_count_from_then_on() -> None:
    cells = sim.Population(1, mixed(), initial_values={"AMPA.gsyn": 0.01, "NMDA.gsyn": 0.01})
    cells.record("AMPA.gsyn")
    sim.run(2.0)
    cells.set(**{"AMPA.tau_syn": 8.0})
    sim.run(2.0)
    t = np.arange(21) * 0.1
    expected = 0.01 * np.concatenate([np.exp(-t / 2.0), np.exp(-1.0) * np.exp(-t[1:] / 8.0)])
    assert_allclose(recorded(cells, "AMPA.gsyn")[:, 0], expected, rtol=1e-12)


# ---- projections -----------------------------------------------------------------------------------------------------


def test_populations_of_the_same_parts_keep_their_own_names() -> None:
    """What is the first receptor of one is the second of the other; both are the same compiled model."""
    one = sim.Population(1, sim.PointNeuron(sim.LIF(), A=sim.ExpPSR(tau_syn=1.0), B=sim.ExpPSR(tau_syn=2.0)))
    other = sim.Population(1, sim.PointNeuron(sim.LIF(), B=sim.ExpPSR(tau_syn=3.0), C=sim.ExpPSR(tau_syn=4.0)))
    standard = sim.Population(1, sim.IF_cond_exp())
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    both = one + other
    assert both.receptor_types == ["B"]
    sim.Projection(source, both, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=1.0), receptor_type="B")
    one.record(["A.gsyn", "B.gsyn"])
    other.record(["B.gsyn", "C.gsyn"])
    standard.record("gsyn_exc")
    sim.run(5.0)
    t = np.arange(51) * 0.1
    for population, name, tau in ((one, "B.gsyn", 2.0), (other, "B.gsyn", 3.0)):
        expected = np.where(t > 1.95, 0.01 * np.exp(-(t - 2.0) / tau), 0.0)
        assert_allclose(recorded(population, name)[:, 0], expected, rtol=1e-10)
    assert not recorded(one, "A.gsyn").any() and not recorded(other, "C.gsyn").any()
    assert not recorded(standard, "gsyn_exc").any()


def test_the_sign_of_a_weight_is_checked_for_its_receptor() -> None:
    cells = sim.Population(2, mixed())
    by_current = sim.CurrExpPostSynapticResponse()
    inhibiting = sim.Population(2, sim.PointNeuron(sim.LIF(), GABA=by_current, AMPA=sim.ExpPSR()))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))

    def connect(post: Any, receptor: str, weight: float) -> Any:
        synapse = sim.StaticSynapse(weight=weight, delay=1.0)
        return sim.Projection(source, post, sim.AllToAllConnector(), synapse, receptor_type=receptor)

    for receptor in ("AMPA", "GABA", "NMDA"):
        connect(cells, receptor, 0.01)
        with pytest.raises(errors.ConnectionError, match=f"positive.*{receptor}"):
            connect(cells, receptor, -0.01)
    for weight in (-0.1, 0.1):  # no name that PyNN knows
        connect(cells, "current", weight)
    connect(inhibiting, "GABA", -0.1)
    connect(inhibiting, "AMPA", 0.1)
    with pytest.raises(errors.ConnectionError, match=r"negative.*GABA"):
        connect(inhibiting, "GABA", 0.1)
    with pytest.raises(errors.ConnectionError, match="positive"):
        connect(inhibiting, "AMPA", -0.1)
    with pytest.raises(errors.ConnectionError):
        connect(cells, "nothing", 0.1)
    for receptor, unit in (("AMPA", "uS"), ("current", "nA")):
        projection = connect(cells, receptor, 0.01)
        assert projection.find_units("weight") == unit


@pytest.mark.threaded
def test_threads_do_not_change_anything() -> None:
    rng, found = np.random.default_rng(4), []
    times = [Sequence(np.sort(rng.uniform(1.0, 50.0, 20))) for _ in range(20)]
    for threads in (1, 2):
        sim.setup(timestep=0.1, min_delay=0.1, threads=threads)
        cells = sim.Population(300, mixed())
        sources = sim.Population(20, sim.SpikeSourceArray(spike_times=times))
        for label, weight in (("AMPA", 0.005), ("current", 0.1), ("GABA", 0.01), ("NMDA", 0.002)):
            sim.Projection(
                sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=1.0), None, label
            )
        cells.record(["v", "NMDA.gsyn"])
        sim.run(50.0)
        found.append((recorded(cells, "v"), recorded(cells, "NMDA.gsyn")))
    assert np.ptp(found[0][0]) > 1.0
    for one, other in zip(*found, strict=True):
        assert_array_equal(one, other)


# ---- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: sim.PointNeuron(), TypeError, "LIF"),
        (lambda: sim.PointNeuron(sim.LIF()), TypeError, "at least one receptor"),
        (lambda: sim.PointNeuron(sim.IF_cond_exp(), a=sim.ExpPSR()), TypeError, "LIF"),
        (lambda: sim.PointNeuron(sim.LIF, a=sim.ExpPSR()), TypeError, "LIF"),
        (lambda: sim.PointNeuron(pynn_cells.LIF(), a=sim.ExpPSR()), TypeError, "LIF"),
        (lambda: sim.PointNeuron(sim.LIF(), a=sim.ExpPSR), TypeError, "a="),
        (lambda: sim.PointNeuron(sim.LIF(), a=3.0), TypeError, r"a=3\.0"),
        (lambda: sim.PointNeuron(sim.LIF(), a=sim.LIF()), TypeError, "a="),
        (lambda: sim.PointNeuron(sim.LIF(), **{"a.b": sim.ExpPSR()}), errors.InvalidModelError, "a.b"),
        (lambda: sim.PointNeuron(sim.LIF(), **{"": sim.ExpPSR()}), errors.InvalidModelError, "''"),
        (lambda: sim.PointNeuron(sim.LIF(), **{"a; b": sim.ExpPSR()}), errors.InvalidModelError, "a; b"),
        (lambda: sim.PointNeuron(sim.LIF(), tau_m=sim.ExpPSR()), errors.InvalidModelError, "tau_m"),
        (lambda: sim.PointNeuron(sim.LIF(), v=sim.ExpPSR()), errors.InvalidModelError, "'v'"),
        (lambda: sim.PointNeuron(sim.AdExp(), w=sim.ExpPSR()), errors.InvalidModelError, "'w'"),
        (lambda: sim.PointNeuron(sim.LIF(), spikes=sim.ExpPSR()), errors.InvalidModelError, "spikes"),
        (lambda: sim.LIF(tau_syn=2.0), errors.NonExistentParameterError, "tau_syn"),
        (lambda: sim.ExpPSR(tau=2.0), errors.NonExistentParameterError, "tau"),
        (lambda: sim.ExpPSR(tau_syn="5"), errors.InvalidParameterValueError, "tau_syn"),
        (lambda: sim.BetaPSR(tau_rise=None), errors.InvalidParameterValueError, "tau_rise"),
        (lambda: sim.AdExp(tau_m="__import__('os')"), errors.InvalidParameterValueError, "tau_m"),
    ],
)  # fmt: skip
def test_parts_that_do_not_fit(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    "parameter, value", [("tau_syn", 0.0), ("tau_syn", -1.0), ("tau_syn", np.nan), ("e_syn", np.nan), ("e_syn", np.inf)]
)
def test_values_without_meaning(parameter: str, value: float) -> None:
    cells = sim.Population(2, sim.PointNeuron(sim.LIF(), AMPA=sim.ExpPSR(tau_syn=2.0, e_syn=1.0)))
    with pytest.raises(errors.InvalidParameterValueError, match=parameter):
        sim.Population(2, sim.PointNeuron(sim.LIF(), AMPA=sim.ExpPSR(**{parameter: value})))
    with pytest.raises(errors.InvalidParameterValueError, match=rf"AMPA\.{parameter}"):
        cells.set(**{f"AMPA.{parameter}": [3.0, value]})
    assert cells.get(["AMPA.tau_syn", "AMPA.e_syn"]) == [2.0, 1.0]


def test_time_constants_of_a_beta_function_have_to_be_positive() -> None:
    cells = sim.Population(2, sim.PointNeuron(sim.LIF(), GABA=sim.BetaPSR()))
    for name in ("tau_rise", "tau_decay"):
        with pytest.raises(errors.InvalidParameterValueError, match=rf"GABA\.{name}"):
            cells.set(**{f"GABA.{name}": 0.0})


def test_names_that_a_neuron_does_not_have() -> None:
    cells = sim.Population(2, sim.PointNeuron(sim.LIF(), AMPA=sim.ExpPSR()))
    for name in ("GABA.tau_syn", "AMPA.tau_rise", "AMPA", "tau_syn", "AMPA.locations", "_unused.tau_syn"):
        with pytest.raises(errors.NonExistentParameterError):
            cells.set(**{name: 1.0})
        with pytest.raises(errors.NonExistentParameterError):
            cells.get(name)
    for name in ("GABA.gsyn", "AMPA.isyn", "gsyn", "w", "_unused.gsyn"):
        with pytest.raises(errors.RecordingError):
            cells.record(name)
        with pytest.raises(ValueError, match="state variable"):
            cells.initialize(**{name: 0.0})
    assert cells.get(["tau_m", "AMPA.tau_syn"]) == [20.0, 5.0]
    with pytest.raises(errors.ConnectionError):
        source = sim.Population(1, sim.SpikeSourceArray())
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(), receptor_type="_unused")
