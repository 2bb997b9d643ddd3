"""Attributes of plastic connections, from everything and to everything that PyNN allows, and what cannot be plastic."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from learning_networks import DT_MS, driven, pair_mechanism, source
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import errors
from pyNN.parameters import Sequence
from pyNN.random import NumpyRNG, RandomDistribution

import pynn_annarchy as sim

START = {"weight": 0.5, "delay": 1.0}


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=DT_MS, min_delay=DT_MS)


def stdp(rule: Any, dependence: Any) -> Callable[[], Any]:
    return lambda: sim.STDPMechanism(rule(), dependence(), **START)


RULES = (sim.SpikePairRule, sim.Vogels2011Rule, sim.PfisterSpikeTripletRule)
DEPENDENCES = (
    sim.AdditiveWeightDependence,
    sim.MultiplicativeWeightDependence,
    sim.AdditivePotentiationMultiplicativeDepression,
    sim.GutigWeightDependence,
)
KINDS: dict[str, Callable[[], Any]] = {
    **{
        name: lambda name=name: getattr(sim, name)(**START)  # type: ignore[misc]
        for name in (
            "TsodyksMarkramSynapse",
            "SimpleStochasticSynapse",
            "StochasticTsodyksMarkramSynapse",
            "MultiQuantalSynapse",
        )
    },
    **{f"{rule.__name__} {d.__name__}": stdp(rule, d) for rule, d in itertools.product(RULES, DEPENDENCES)},
    "ClopathRule": lambda: sim.STDPMechanism(None, sim.AdditiveWeightDependence(), sim.ClopathRule(), **START),
    "NeuromodulatedSTDP": lambda: sim.NeuromodulatedSTDP(
        source([3.0, 6.0]), sim.SpikePairRule(), sim.GutigWeightDependence(), **START
    ),
}
FIXED = {"ClopathRule": ["dendritic_delay_fraction"]}  # 0 and nothing else


def half(**options: Any) -> Any:
    """The pair rule with weights that begin at 0.5."""
    return pair_mechanism(**{**START, **options})


def projection(synapse: Any, where: str = "populations") -> Any:
    """Nine connections between three cells each, whatever these are part of."""
    if where == "populations":
        pre, post = source([2.0, 4.0, 9.0], 3), driven([3.0, 7.0], 3)
    elif where == "views":
        pre, post = source([2.0, 4.0, 9.0], 5)[[4, 0, 2]], driven([3.0, 7.0], 4)[1:]
    else:
        pre = source([2.0, 4.0, 9.0], 2)[1:] + source([2.0], 2)
        post = driven([3.0, 7.0], 2)[[1]] + driven([4.0], 2)
    return sim.Projection(pre, post, sim.AllToAllConnector(), synapse, receptor_type="excitatory")


def multapses(synapse: Any) -> Any:
    """Three connections of one pair and one of another."""
    rows = [(0, 1, 0.25, 1.0), (2, 0, 0.5, 2.0), (0, 1, 0.75, 3.0), (0, 1, 0.125, 2.0)]
    connector = sim.FromListConnector(rows, column_names=["weight", "delay"])
    return sim.Projection(source([2.0], 3), driven([3.0], 3), connector, synapse, receptor_type="excitatory")


def spread(name: str) -> np.ndarray:
    """Nine right values of a parameter that differ and that are exact in steps, counts and shares."""
    k = np.arange(1.0, 10.0)
    if name == "n":
        return k
    if name == "w_max":
        return 2.0 + k * 0.125
    return k * 0.125 / (16 if name in ("U", "p", "dendritic_delay_fraction", "w_min") else 1)


# ---- every attribute of every kind -----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["populations", "views", "assemblies"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_attribute_before_between_and_after_runs(kind: str, where: str) -> None:
    prj = projection(KINDS[kind](), where)
    names = [n for n in prj.synapse_type.get_parameter_names() if n not in FIXED.get(kind, [])]
    assert {"weight", "delay"} < set(names)
    for turn in range(3):
        for name in names:
            values = np.roll(spread(name), turn)
            given: Any = [values.reshape(3, 3), list(values), Sequence(values)][turn]
            prj.set(**{name: given})
            assert_array_equal(prj.get(name, "list", with_address=False), values)
            assert_array_equal(prj.get(name, "array", gather=False), values.reshape(3, 3))
            assert prj.get(name, "list") == [(i, j, values[3 * i + j]) for i in range(3) for j in range(3)]
            assert getattr(prj[4], name) == values[4]
        everything = prj.get(names, "list")
        assert [row[:2] for row in everything] == list(itertools.product(range(3), range(3)))
        assert all(np.shape(matrix) == (3, 3) for matrix in prj.get(names, "array"))
        changing = ["weight"] if kind not in list(KINDS)[:4] else []
        before = {name: prj.get(name, "array") for name in names if name not in changing}
        sim.run(3.5)
        for name, values in before.items():  # only weights change by themselves
            assert_array_equal(prj.get(name, "array"), values)
    for variable in prj._values.variables:
        assert np.isfinite(prj.get(variable, "array")).all()


@pytest.mark.parametrize("kind", KINDS)
def test_every_attribute_of_multapses(kind: str) -> None:
    prj = multapses(KINDS[kind]())
    assert prj.get(["weight", "delay"], "list") == [
        (0, 1, 0.25, 1.0), (0, 1, 0.75, 3.0), (0, 1, 0.125, 2.0), (2, 0, 0.5, 2.0)
    ]  # fmt: skip
    for name in prj.synapse_type.get_parameter_names():
        if name in FIXED.get(kind, []):
            continue
        values = spread(name)[:4]
        prj.set(**{name: values})
        assert_array_equal(prj.get(name, "list", with_address=False), values)
        same = {"first": values[0], "last": values[2], "sum": values[:3].sum(), "min": values[0], "max": values[2]}
        for operation, value in same.items():
            expected = np.full((3, 3), np.nan)
            expected[0, 1], expected[2, 0] = value, values[3]
            assert_array_equal(prj.get(name, "array", multiple_synapses=operation), expected)
    sim.run(5.0)
    for variable in ["weight", *prj._values.variables]:
        found = prj.get(variable, "list", with_address=False)
        assert prj.get(variable, "array", multiple_synapses="sum")[0, 1] == pytest.approx(sum(found[:3]))


@pytest.mark.parametrize("kind", KINDS)
def test_random_values_numbers_and_functions(kind: str) -> None:
    prj = projection(KINDS[kind]())
    for name in prj.synapse_type.get_parameter_names():
        if name in FIXED.get(kind, []):
            continue
        low, high = {"n": (3, 9), "w_max": (2.0, 3.0)}.get(name, (0.25, 0.75))
        kind_of = "uniform_int" if name == "n" else "uniform"
        prj.set(**{name: RandomDistribution(kind_of, low=low, high=high, rng=NumpyRNG(seed=8))})
        drawn = prj.get(name, "array")
        assert len(np.unique(drawn)) > 2 and drawn.min() >= low and drawn.max() <= high
        prj.set(**{name: lambda d, low=low: low + 0 * d})
        assert_array_equal(prj.get(name, "array"), low)
        prj.set(**{name: high})
        assert_array_equal(prj.get(name, "array"), high)


@pytest.mark.parametrize("kind", KINDS)
def test_saved_connections_can_be_loaded(kind: str, tmp_path: Any) -> None:
    prj = projection(KINDS[kind]())
    prj.set(weight=np.linspace(0.1, 0.9, 9), delay=np.arange(1, 10) * DT_MS)
    sim.run(8.0)
    path = str(tmp_path / "connections.txt")
    prj.save("all", path)
    names = prj.synapse_type.get_parameter_names()
    saved = prj.get(names, "list")
    assert_allclose(np.loadtxt(path), saved, rtol=1e-12)
    again = sim.Projection(prj.pre, prj.post, sim.FromFileConnector(path), KINDS[kind](), receptor_type="excitatory")
    assert_allclose(again.get(names, "list"), saved, rtol=1e-12)
    prj.save("weight", str(tmp_path / "matrix.txt"), format="array", gather=False)
    assert_allclose(np.loadtxt(tmp_path / "matrix.txt"), prj.get("weight", "array"), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_state_variables_can_be_read_saved_and_set(kind: str, tmp_path: Any) -> None:
    prj = projection(KINDS[kind]())
    if "tau_facil" in prj.synapse_type.get_parameter_names():
        prj.set(tau_facil=50.0)  # without facilitation every spike finds u at 0
    variables = prj._values.variables
    if kind == "SimpleStochasticSynapse":
        assert variables == ()
        return
    assert variables
    for variable in variables:
        prj.initialize(**{variable: np.array([0.0, 1.0] * 4 + [0.0])})
        assert prj.get(variable, "list", with_address=False) == [0.0, 1.0] * 4 + [0.0]
        with pytest.raises(errors.InvalidParameterValueError, match=f"{variable} = nan is not allowed"):
            prj.initialize(**{variable: math.nan})
    sim.run(8.0)
    sim.reset()
    for variable in variables:
        assert prj.get(variable, "list", with_address=False) == [0.0, 1.0] * 4 + [0.0]
    prj.save(list(variables), str(tmp_path / "state.txt"), with_address=False)
    assert np.loadtxt(tmp_path / "state.txt", ndmin=2).reshape(9, -1).shape == (9, len(variables))


@pytest.mark.parametrize("kind", KINDS)
def test_a_clone_has_the_same_connections(kind: str) -> None:
    original = multapses(sim.StaticSynapse())
    clone = sim.Projection(
        original.pre, original.post, sim.CloneConnector(original), KINDS[kind](), receptor_type="excitatory"
    )
    assert clone.get([], "list") == original.get([], "list") == [(0, 1)] * 3 + [(2, 0)]
    again = sim.Projection(
        original.pre, original.post, sim.CloneConnector(clone), KINDS[kind](), receptor_type="excitatory"
    )
    assert again.get([], "list") == clone.get([], "list")
    assert_array_equal(again.get("weight", "list", with_address=False), 0.5)


# ---- what setting does -----------------------------------------------------------------------------------------------


def test_parameters_hold_from_when_they_are_set() -> None:
    prj = sim.Projection(source([5.0]), driven([10.0]), sim.AllToAllConnector(), half())
    sim.run(8.0)
    prj.set(tau_plus=4.0, A_plus=0.1)
    sim.run(4.0)
    trace = math.exp(-3.0 / 17.0) * math.exp(-3.0 / 4.0)  # at 11 ms: the target's spike takes 1 ms to the synapse
    assert prj.get("weight", "list", with_address=False)[0] == pytest.approx(0.5 + 2.0 * 0.1 * trace, rel=1e-12)


def test_a_weight_that_is_set_is_learnt_on_from() -> None:
    prj = sim.Projection(source([5.0]), driven([10.0, 20.0]), sim.AllToAllConnector(), half())
    sim.run(15.0)
    prj[0].weight = 1.0
    sim.run(10.0)
    assert prj[0].weight == pytest.approx(1.0 + 2.0 * 0.06 * math.exp(-16.0 / 17.0), rel=1e-12)


def test_a_trace_that_is_set_is_used() -> None:
    prj = sim.Projection(source([50.0]), driven([10.0]), sim.AllToAllConnector(), half())
    sim.run(8.0)
    prj[0].x = 2.0
    sim.run(4.0)
    assert prj[0].weight == pytest.approx(0.5 + 2.0 * 0.06 * 2.0 * math.exp(-3.0 / 17.0), rel=1e-12)


def test_one_of_many_wrong_values_changes_nothing() -> None:
    prj = projection(half())
    names = prj.synapse_type.get_parameter_names()
    before = prj.get(names, "list")
    for wrong in (
        {"tau_plus": Sequence([1.0] * 8 + [0.0])},
        {"tau_plus": Sequence([1.0] * 8)},
        {"tau_plus": ["long"] * 9},
        {"tau_plus": [None] * 9},
        {"w_max": [2.0] * 8 + [0.0]},
        {"delay": [1.0] * 8 + [0.0]},
        {"dendritic_delay_fraction": [0.5] * 8 + [1.01]},
        {"A_plus": np.full((2, 3), 0.1)},
        {"A_plus": RandomDistribution("uniform", low=math.nan, high=1.0, rng=NumpyRNG(1))},
        {"A_plus": lambda d: d / 0.0 if np.ndim(d) else math.nan},
    ):
        with (
            np.errstate(all="ignore"),
            pytest.raises(
                (
                    errors.InvalidParameterValueError,
                    errors.ConnectionError,
                    errors.InvalidDimensionsError,
                    ValueError,
                    OverflowError,
                )
            ),
        ):
            prj.set(weight=0.75, **wrong)
        assert prj.get(names, "list") == before


@pytest.mark.parametrize("value", ["0.5", None, [0.5], Sequence([0.5]), 1j, {}])
@pytest.mark.parametrize("name", ["weight", "tau_plus", "x"])
def test_values_of_one_connection_that_are_no_number(name: str, value: Any) -> None:
    prj = projection(half())
    with pytest.raises(
        (errors.InvalidParameterValueError, errors.InvalidDimensionsError), match=f"{name} = .* is not (a|one) number"
    ):
        setattr(prj[0], name, value)
    assert prj[0].weight == 0.5


# ---- cells that cannot have it ---------------------------------------------------------------------------------------

PLASTIC: dict[str, Callable[[], Any]] = {
    "STDPMechanism": half,
    "NeuromodulatedSTDP": KINDS["NeuromodulatedSTDP"],
    "TsodyksMarkramSynapse": KINDS["TsodyksMarkramSynapse"],
}


@pytest.mark.parametrize("name", PLASTIC)
@pytest.mark.parametrize("target", ["SpikeSourceArray", "SpikeSourcePoisson"])
def test_sources_of_spikes_are_targets_without_input(name: str, target: str) -> None:
    cells = sim.Population(2, getattr(sim, target)(), label="the sources")
    projection = sim.Projection(source([5.0]), cells, sim.AllToAllConnector(), PLASTIC[name]())
    sim.run(20.0)
    assert np.isfinite(projection.get("weight", "array")).all() and len(projection) == 2
    rates = sim.Population(2, sim.TimedArray([1.0]), label="rates")
    with pytest.raises(errors.ConnectionError, match=r"have no receptor type \(in common\)"):
        sim.Projection(source([5.0]), cells + rates, sim.AllToAllConnector(), PLASTIC[name]())


@pytest.mark.parametrize("name", PLASTIC)
def test_cells_that_do_not_spike_teach_nothing(name: str) -> None:
    silent = sim.Population(2, sim.Neuron(equations="r = sum(exc)", name="Leaky")(), label="rates")
    message = f"{name} on rates→.*: Leaky does not spike, so it cannot be a source"
    with pytest.raises(errors.ConnectionError, match=message):
        sim.Projection(silent, driven([5.0]), sim.AllToAllConnector(), PLASTIC[name]())
    with pytest.raises(errors.ConnectionError, match=f"{name} on .*→rates: Leaky has no receptor 'exc'"):
        sim.Projection(source([5.0]), silent, sim.AllToAllConnector(), PLASTIC[name]())
    if name == "NeuromodulatedSTDP":
        modulated = sim.NeuromodulatedSTDP(silent, sim.SpikePairRule(), sim.AdditiveWeightDependence())
        with pytest.raises(errors.ConnectionError, match="Leaky does not spike, so it cannot be a modulator"):
            sim.Projection(source([5.0]), driven([5.0]), sim.AllToAllConnector(), modulated)
    sim.run(5.0)  # what was refused left nothing behind


def test_a_rule_of_voltage_on_cells_without_one() -> None:
    model = sim.Neuron(equations="dx/dt = -x/10.0 + g_exc", spike="x > 1", reset="x = 0")
    cells = sim.Population(2, model(), label="phases")
    synapse = sim.STDPMechanism(None, sim.AdditiveWeightDependence(), sim.ClopathRule())
    with pytest.raises(errors.ConnectionError, match=r"membrane potential v of .* those of phases have none"):
        sim.Projection(source([5.0]), cells, sim.AllToAllConnector(), synapse)
    pairs = sim.Projection(source([5.0]), cells, sim.AllToAllConnector(), half())  # which needs only spikes
    assert len(pairs) == 2


def test_a_rule_of_voltage_has_no_dendritic_delay() -> None:
    prj = projection(KINDS["ClopathRule"]())
    message = "dendritic_delay_fraction = 0.5 is not allowed, it has to be 0 with a ClopathRule"
    with pytest.raises(errors.InvalidParameterValueError, match=message):
        prj.set(dendritic_delay_fraction=[0.0] * 8 + [0.5], weight=0.1)
    with pytest.raises(errors.InvalidParameterValueError, match=message):
        prj[0].dendritic_delay_fraction = 0.5
    connector = sim.FromListConnector([(0, 0, 0.5)], column_names=["dendritic_delay_fraction"])
    with pytest.raises(errors.InvalidParameterValueError, match=message):
        sim.Projection(prj.pre, prj.post, connector, KINDS["ClopathRule"]())
    assert set(prj.get(["weight", "dendritic_delay_fraction"], "list", with_address=False)) == {(0.5, 0.0)}


OLD_ARGUMENTS = [
    ({"fast": 1}, "fast=1 belongs to SynapseDynamics of PyNN before 0.8"),
    ({"slow": None}, "slow=None belongs to SynapseDynamics of PyNN before 0.8"),
    ({"tau_plus": 20.0}, "has no argument 'tau_plus'; parameters of a rule are given to its parts"),
]


@pytest.mark.parametrize(("arguments", "message"), OLD_ARGUMENTS)
def test_arguments_that_there_are_none_of(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=f"STDPMechanism: {message}" if "=" in message else message):
        half(**arguments)
    with pytest.raises(TypeError, match=message):
        sim.NeuromodulatedSTDP(source([1.0]), sim.SpikePairRule(), sim.AdditiveWeightDependence(), **arguments)


# ---- modulators ------------------------------------------------------------------------------------------------------


def test_modulators_that_are_views_and_assemblies() -> None:
    releasing, others = source([10.0], 4), source([14.0, 15.0], 2)
    for modulator, spikes in (
        (releasing[[3, 1]], [10.0] * 2),
        (releasing[:1] + others, [10.0, 14.0, 14.0, 15.0, 15.0]),
        (driven([12.0], 3)[1:], [12.0] * 2),
    ):
        synapse = sim.NeuromodulatedSTDP(
            modulator, sim.SpikePairRule(), sim.AdditiveWeightDependence(), tau_n=50.0, modulator_delay=2.0
        )
        prj = sim.Projection(source([1.0]), driven([1.0]), sim.AllToAllConnector(), synapse)
        sim.run(20.0)
        expected = sum(math.exp(-(20.0 - t - 2.0) / 50.0) for t in spikes) / 50.0
        assert prj[0].n == pytest.approx(expected, rel=1e-12)
        sim.reset()
