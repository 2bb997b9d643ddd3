"""Point neurons of parts: twins of the standard cells, responses against their formulas, names, mixtures, refusals."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from pyNN import errors
from pyNN.random import RandomDistribution
from scipy.integrate import solve_ivp

RECEPTORS = {
    "CurrExp": sim.CurrExpPostSynapticResponse,
    "CondExp": sim.CondExpPostSynapticResponse,
    "CondAlpha": sim.CondAlphaPostSynapticResponse,
    "CondBeta": sim.CondBetaPostSynapticResponse,
}
TWINS = [
    (sim.IF_curr_exp, sim.LIF, "CurrExp", 2.0),
    (sim.IF_cond_exp, sim.LIF, "CondExp", 0.05),
    (sim.IF_cond_alpha, sim.LIF, "CondAlpha", 0.05),
    (sim.EIF_cond_exp_isfa_ista, sim.AdExp, "CondExp", 0.03),
    (sim.EIF_cond_alpha_isfa_ista, sim.AdExp, "CondAlpha", 0.03),
]


def trains(n: int, rate: float, duration: float, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [np.sort(rng.random(rng.poisson(rate * duration / 1000)) * duration) for _ in range(n)]


def outcome(population: Any) -> tuple[list[np.ndarray], np.ndarray]:
    segment = population.get_data().segments[0]
    return [np.asarray(train) for train in segment.spiketrains], np.asarray(segment.filter(name="v")[0])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("standard", "membrane", "response", "weight"), TWINS)
def test_a_composed_neuron_is_its_twin(
    standard: Any, membrane: Any, response: str, weight: float, threads: int
) -> None:
    sim.setup(timestep=0.1, threads=threads)
    times = {"tau_syn_E": 2.0, "tau_syn_I": 7.0}
    reversal = {} if response == "CurrExp" else {"e_rev_E": -5.0, "e_rev_I": -80.0}
    shared = {name: value for name, value in standard.default_parameters.items() if name in membrane.default_parameters}
    shared |= {"v_rest": np.linspace(-70, -60, 6), "i_offset": 0.3, "tau_refrac": 1.5}
    parts = {"excitatory": {"tau_syn": 2.0}, "inhibitory": {"tau_syn": 7.0}}
    if reversal:
        parts["excitatory"]["e_syn"], parts["inhibitory"]["e_syn"] = -5.0, -80.0
    receptors = {label: RECEPTORS[response](**values) for label, values in parts.items()}
    whole = sim.Population(6, standard(**shared, **times, **reversal))
    composed = sim.Population(6, sim.PointNeuron(membrane(**shared), **receptors))
    sources = sim.Population(8, sim.SpikeSourceArray(spike_times=trains(8, 80.0, 300.0, seed=1)))
    for cells in (whole, composed):
        for label, sign in (("excitatory", 1), ("inhibitory", -1 if response == "CurrExp" else 1)):
            synapse = sim.StaticSynapse(weight=sign * weight * (1.0 if label == "excitatory" else 0.1))
            sim.Projection(sources, cells, sim.AllToAllConnector(), synapse, receptor_type=label)
        cells.record(["spikes", "v"])
    sim.run(300.0)
    (spikes, v), (spikes_of_parts, v_of_parts) = outcome(whole), outcome(composed)
    assert sum(map(len, spikes)) > 20
    for one, other in zip(spikes, spikes_of_parts, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(v, v_of_parts)


def response_of(kind: str, t: np.ndarray, **p: float) -> np.ndarray:
    """What one spike of weight 1 causes, from its formula."""
    if kind in ("CurrExp", "CondExp"):
        return np.exp(-t / p["tau_syn"])
    if kind == "CondAlpha":
        return t / p["tau_syn"] * np.exp(1 - t / p["tau_syn"])
    rise, decay = p["tau_rise"], p["tau_decay"]
    if rise == decay:
        return t / rise * np.exp(1 - t / rise)
    peak = rise * decay / (decay - rise) * np.log(decay / rise)
    shape = np.exp(-t / decay) - np.exp(-t / rise)
    return shape / (np.exp(-peak / decay) - np.exp(-peak / rise))


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("CurrExp", {"tau_syn": 3.0}),
        ("CondExp", {"tau_syn": 3.0}),
        ("CondAlpha", {"tau_syn": 3.0}),
        ("CondBeta", {"tau_rise": 0.5, "tau_decay": 4.0}),
        ("CondBeta", {"tau_rise": 4.0, "tau_decay": 0.5}),
        ("CondBeta", {"tau_rise": 2.0, "tau_decay": 2.0}),
    ],
)
def test_response_to_one_spike(kind: str, parameters: dict[str, float]) -> None:
    """Three receptors, so that the model is one of its own and no standard cell's."""
    sim.setup(timestep=0.1)
    other = sim.CurrExpPostSynapticResponse()
    cell = sim.PointNeuron(sim.LIF(), own=RECEPTORS[kind](**parameters), other=other, third=sim.AlphaPSR())
    cells = sim.Population(1, cell)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    sim.Projection(
        source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=1e-6, delay=1.0), receptor_type="own"
    )
    name = "isyn" if kind == "CurrExp" else "gsyn"
    cells.record([f"own.{name}", "third.gsyn"])
    sim.run(15.0)
    segment = cells.get_data().segments[0]
    signal = np.asarray(segment.filter(name=f"own.{name}")[0])[:, 0]
    expected = np.concatenate([np.zeros(20), 1e-6 * response_of(kind, np.arange(131) * 0.1, **parameters)])
    np.testing.assert_allclose(signal, expected, rtol=1e-11, atol=1e-20)
    assert not np.asarray(segment.filter(name="third.gsyn")[0]).any()


@pytest.mark.parametrize("membrane", [sim.LIF, sim.AdExp])
def test_a_mixture_against_scipy(membrane: Any) -> None:
    """All kinds of responses onto one membrane below threshold."""
    sim.setup(timestep=0.1)
    responses = {
        "first": sim.CurrExpPostSynapticResponse(tau_syn=4.0),
        "second": sim.CondExpPostSynapticResponse(tau_syn=2.0, e_syn=-10.0),
        "third": sim.CondAlphaPostSynapticResponse(tau_syn=3.0, e_syn=-80.0),
        "fourth": sim.CondBetaPostSynapticResponse(tau_rise=1.0, tau_decay=5.0, e_syn=-40.0),
    }
    cells = sim.Population(1, sim.PointNeuron(membrane(), **responses))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    for label, weight in (("first", -0.2), ("second", 0.01), ("third", 0.02), ("fourth", 0.005)):
        synapse = sim.StaticSynapse(weight=weight, delay=1.0)
        sim.Projection(source, cells, sim.OneToOneConnector(), synapse, receptor_type=label)
    cells.record("v")
    sim.run(20.0)
    v = np.asarray(cells.get_data().segments[0].analogsignals[0])[20:, 0]
    p, start = membrane.default_parameters, cells.initial_values["v"].evaluate()

    def slopes(t: float, y: np.ndarray) -> list[float]:
        at, clock = y[0], np.array(t)
        current = -0.2 * response_of("CurrExp", clock, tau_syn=4.0)
        current += 0.01 * response_of("CondExp", clock, tau_syn=2.0) * (-10 - at)
        current += 0.02 * response_of("CondAlpha", clock, tau_syn=3.0) * (-80 - at)
        current += 0.005 * response_of("CondBeta", clock, tau_rise=1.0, tau_decay=5.0) * (-40 - at)
        slope = (p["v_rest"] - at) / p["tau_m"] + current / p["cm"]
        if membrane is sim.LIF:
            return [slope, 0.0]
        slope += p["delta_T"] * np.exp((at - p["v_thresh"]) / p["delta_T"]) / p["tau_m"] - y[1] / p["cm"]
        return [slope, (1e-3 * p["a"] * (at - p["v_rest"]) - y[1]) / p["tau_w"]]

    first = solve_before(membrane, p, float(np.ravel(start)[0]))
    exact = solve_ivp(slopes, (0, 18.0), first, t_eval=np.arange(181) * 0.1, rtol=1e-11, atol=1e-12, max_step=0.05)
    np.testing.assert_allclose(v, exact.y[0], rtol=0, atol=2e-5)


def solve_before(membrane: Any, p: dict[str, float], start: float) -> list[float]:
    """State at 2 ms, when the first input arrives."""
    if membrane is sim.LIF:
        return [start, 0.0]

    def slopes(t: float, y: np.ndarray) -> list[float]:
        upstroke = p["delta_T"] * np.exp((y[0] - p["v_thresh"]) / p["delta_T"])
        slope = (p["v_rest"] - y[0] + upstroke) / p["tau_m"] - y[1] / p["cm"]
        return [slope, (1e-3 * p["a"] * (y[0] - p["v_rest"]) - y[1]) / p["tau_w"]]

    return [float(x[-1]) for x in solve_ivp(slopes, (0, 2.0), [start, 0.0], rtol=1e-11, atol=1e-12).y]


def test_dotted_names() -> None:
    sim.setup()
    cell = sim.PointNeuron(
        sim.AdExp(a=2.0, tau_m=RandomDistribution("uniform", (8, 12))),
        AMPA=sim.ExpPSR(tau_syn=np.array([1.0, 2.0, 3.0])),
        GABA=sim.ExpPSR(e_syn=-75.0),
    )
    cells = sim.Population(3, cell)
    assert cells.receptor_types == ("AMPA", "GABA")
    assert cells.celltype.recordable == ["spikes", "v", "w", "AMPA.gsyn", "GABA.gsyn"]
    np.testing.assert_array_equal(cells.get("AMPA.tau_syn"), [1.0, 2.0, 3.0])
    assert len(set(cells.get("tau_m"))) == 3
    assert cells.get(["a", "GABA.e_syn"]) == [2.0, -75.0]
    cells.set(**{"AMPA.tau_syn": 4.0, "a": 3.0})
    cells[1:].set(**{"GABA.e_syn": [-70.0, -60.0]})
    assert cells.get("AMPA.tau_syn") == 4.0
    assert cells.get("a") == 3.0
    np.testing.assert_array_equal(cells.get("GABA.e_syn"), [-75.0, -70.0, -60.0])
    cells.initialize(**{"AMPA.gsyn": 0.01, "v": -60.0})
    cells.record("AMPA.gsyn")
    sim.run(0.1)
    signal = cells.get_data().segments[0].analogsignals[0]
    assert signal.units.dimensionality.string == "uS"
    np.testing.assert_allclose(np.asarray(signal), [[0.01] * 3, [0.01 * np.exp(-0.1 / 4)] * 3], rtol=1e-12)
    assert isinstance(cells.celltype, sim.PointNeuron)
    assert "PointNeuron" in cells.describe()


def test_reset_brings_everything_back() -> None:
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.PointNeuron(sim.LIF(i_offset=1.2), a=sim.BetaPSR(), b=sim.ExpPSR(), c=sim.AlphaPSR()))
    sources = sim.Population(3, sim.SpikeSourceArray(spike_times=trains(3, 100.0, 100.0, seed=2)))
    for label in "abc":
        sim.Projection(sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01), receptor_type=label)
    cells.record(["spikes", "v"])
    sim.run(100.0)
    sim.reset()
    sim.run(100.0)
    first, second = (np.asarray(segment.analogsignals[0]) for segment in cells.get_data().segments)
    np.testing.assert_array_equal(first, second)
    assert len(cells.get_data().segments[0].spiketrains[0]) > 0


def test_order_of_receptors_makes_no_difference() -> None:
    sim.setup(timestep=0.1)
    parts = {"x": sim.AlphaPSR, "y": sim.CurrExpPostSynapticResponse, "z": sim.BetaPSR}
    runs = []
    for order in permutations(parts):
        cells = sim.Population(1, sim.PointNeuron(sim.LIF(i_offset=0.9), **{label: parts[label]() for label in order}))
        assert cells.receptor_types == ("x", "y", "z")
        cells.record("v")
        runs.append(cells)
    sim.run(50.0)
    signals = [np.asarray(cells.get_data().segments[0].analogsignals[0]) for cells in runs]
    for signal in signals[1:]:
        np.testing.assert_array_equal(signal, signals[0])


def test_short_term_plasticity_knows_the_response() -> None:
    sim.setup()
    cells = sim.Population(1, sim.PointNeuron(sim.LIF(), a=sim.ExpPSR(tau_syn=2.5), b=sim.BetaPSR(tau_decay=6.0)))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    for label, expected in (("a", 2.5), ("b", 6.0)):
        synapse = sim.TsodyksMarkramSynapse(weight=0.01)
        projection = sim.Projection(source, cells, sim.OneToOneConnector(), synapse, receptor_type=label)
        assert projection._native.get_parameter("tau_psc").tolist() == [expected]


def test_weights_have_the_sign_of_their_receptor() -> None:
    sim.setup()
    cells = sim.Population(1, sim.PointNeuron(sim.LIF(), a=sim.ExpPSR(), b=sim.CurrExpPostSynapticResponse()))
    source = sim.Population(1, sim.SpikeSourceArray())
    sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=-1.0), receptor_type="b")
    with pytest.raises(errors.ConnectionError, match="weights must be positive"):
        sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=-1.0), receptor_type="a")


def test_gap_junctions_and_currents() -> None:
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.PointNeuron(sim.LIF(), a=sim.ExpPSR(), b=sim.AlphaPSR()))
    sim.Projection(cells[:1], cells[1:], sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.05))
    cells[:1].inject(sim.DCSource(amplitude=0.2))
    cells.record("v")
    sim.run(200.0)
    v = np.asarray(cells.get_data().segments[0].analogsignals[0])[-1] + 65.0
    g = 1.0 / 20.0  # uS, leak: cm/tau_m
    expected = np.linalg.solve([[g + 0.05, -0.05], [-0.05, g + 0.05]], [0.2, 0.0])
    np.testing.assert_allclose(v, expected, rtol=1e-3)


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: sim.PointNeuron(sim.IF_cond_exp(), a=sim.ExpPSR()), TypeError, "a membrane is expected"),
        (lambda: sim.PointNeuron(sim.LIF, a=sim.ExpPSR()), TypeError, "a membrane is expected"),
        (lambda: sim.PointNeuron(sim.LIF()), TypeError, "at least one receptor"),
        (lambda: sim.PointNeuron(sim.LIF(), a=3.0), TypeError, "a=3.0 is not an object of"),
        (lambda: sim.PointNeuron(sim.LIF(), a=sim.ExpPSR), TypeError, "is not an object of"),
        (
            lambda: sim.PointNeuron(sim.LIF(), **{"a.b": sim.ExpPSR()}),
            errors.InvalidModelError,
            "cannot be called 'a.b'",
        ),
        (lambda: sim.LIF(v_rust=1.0), errors.NonExistentParameterError, "v_rust"),
        (lambda: sim.ExpPSR(tau=1.0), errors.NonExistentParameterError, "tau"),
        (lambda: sim.LIF(tau_m="20"), errors.InvalidParameterValueError, "tau_m = '20'"),
        (
            lambda: sim.Population(1, sim.PointNeuron(sim.LIF(), a=sim.ExpPSR(tau_syn=0.0))),
            errors.InvalidParameterValueError,
            r"a\.tau_syn = 0 is not allowed",
        ),
        (
            lambda: sim.Population(1, sim.PointNeuron(sim.LIF(), a=sim.BetaPSR(tau_rise=-1.0))),
            errors.InvalidParameterValueError,
            r"a\.tau_rise = -1 is not allowed",
        ),
    ],
)
def test_bad_parts(make: Any, error: type[Exception], says: str) -> None:
    sim.setup()
    with pytest.raises(error, match=says):
        make()


def test_bad_names() -> None:
    sim.setup()
    cells = sim.Population(1, sim.PointNeuron(sim.LIF(), a=sim.ExpPSR()))
    with pytest.raises(errors.NonExistentParameterError):
        cells.set(**{"b.tau_syn": 1.0})
    with pytest.raises(errors.NonExistentParameterError):
        cells.get("tau_syn")
    with pytest.raises(errors.RecordingError):
        cells.record("b.gsyn")
    source = sim.Population(1, sim.SpikeSourceArray())
    with pytest.raises(errors.ConnectionError):
        sim.Projection(source, cells, sim.OneToOneConnector(), receptor_type="b")
