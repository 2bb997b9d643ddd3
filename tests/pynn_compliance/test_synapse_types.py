"""Synapses with short-term plasticity and chance: their parameters, variables, and what they are made for.

That their responses are those of the models is tested in test_plasticity_reference.py and tests/statistics.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import errors
from pyNN.parameters import Sequence
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.standardmodels import synapses as standard

import pynn_annarchy as sim

DT_MS = 0.125
NAMES = [
    "StaticSynapse",
    "TsodyksMarkramSynapse",
    "SimpleStochasticSynapse",
    "StochasticTsodyksMarkramSynapse",
    "MultiQuantalSynapse",
]
VARIABLES = {
    "StaticSynapse": [],
    "TsodyksMarkramSynapse": ["u", "x", "y"],
    "SimpleStochasticSynapse": [],
    "StochasticTsodyksMarkramSynapse": ["u", "R"],
    "MultiQuantalSynapse": ["u", "a"],
}


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=DT_MS, min_delay=DT_MS)


def source(times: list[float], n: int = 1) -> Any:
    return sim.Population(n, sim.SpikeSourceArray(spike_times=Sequence(times)))


def projection(synapse: Any, times: Any = (10.0, 20.0), pre: int = 2, post: int = 3, cell: Any = None) -> Any:
    targets = sim.Population(post, cell or sim.IF_curr_exp(v_thresh=1e6))
    return sim.Projection(
        source(list(times), pre), targets, sim.AllToAllConnector(), synapse, receptor_type="excitatory"
    )


def make(name: str, **parameters: Any) -> Any:
    return getattr(sim, name)(**{"weight": 0.5, "delay": 1.0, **parameters})


# ---- the classes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_defaults_are_those_of_pynn(name: str) -> None:
    ours, theirs = getattr(sim, name), getattr(standard, name)
    assert ours.get_parameter_names() == theirs.get_parameter_names()
    assert ours.default_parameters == theirs.default_parameters
    assert set(theirs.default_initial_values.items()) <= set(ours.default_initial_values.items())
    made = ours()
    assert sorted(made.get_native_names()) == sorted(theirs.default_parameters)
    assert name in made.describe()
    assert made.describe(template=None)["name"] == name


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_can_be_read_and_set_before_between_and_after_runs(name: str) -> None:
    prj = projection(make(name))
    names = getattr(sim, name).get_parameter_names()
    values = {"weight": 0.3, "delay": 2.0, "U": 0.2, "tau_rec": 30.0, "tau_facil": 7.0, "p": 0.9, "n": 4.0}
    for round_ in range(3):
        for k, parameter in enumerate(names):
            given = values[parameter] if parameter == "n" else values[parameter] / 2**round_
            each = np.full((2, 3), given)
            each[1, 2] = given if k % 2 else given + (1 if parameter == "n" else 0.01 * (parameter != "delay"))
            prj.set(**{parameter: each})
            assert_allclose(prj.get(parameter, "array"), each, rtol=1e-15)
            assert getattr(prj[5], parameter) == pytest.approx(each[1, 2], rel=1e-15)
        assert len(prj.get(names, "list")[0]) == 2 + len(names)
        sim.run(12.0)


@pytest.mark.parametrize("name", NAMES)
def test_single_connections_have_attributes(name: str) -> None:
    prj = projection(make(name))
    for parameter in getattr(sim, name).get_parameter_names():
        value = {"delay": 3.0, "n": 7.0}.get(parameter, 0.75)
        setattr(prj[3], parameter, value)
        expected = np.array([value if k == 3 else getattr(prj[0], parameter) for k in range(6)])
        assert prj[0].weight in (0.5, 0.75)
        assert_array_equal(prj.get(parameter, "list", with_address=False), expected)
    with pytest.raises(AttributeError, match=f"'speed' is not a parameter of {name}"):
        _ = prj[3].speed
    with pytest.raises(AttributeError, match=f"'speed' is not a parameter of {name}"):
        prj[3].speed = 1.0


@pytest.mark.parametrize("name", NAMES)
def test_save_writes_all_parameters(name: str, tmp_path: Any) -> None:
    prj = projection(make(name))
    prj.save("all", str(tmp_path / "all.txt"))
    names = getattr(sim, name).get_parameter_names()
    assert_allclose(np.loadtxt(tmp_path / "all.txt"), prj.get(names, "list"))


def test_parameters_of_each_connection_from_everything_that_pynn_allows() -> None:
    shape = (2, 3)
    listed = list(np.linspace(0.1, 0.6, 6))
    matrix = np.arange(6.0).reshape(shape) + 50
    drawn = RandomDistribution("uniform", low=1.0, high=2.0, rng=NumpyRNG(seed=9))
    prj = projection(make("TsodyksMarkramSynapse", U=listed, tau_rec=matrix, tau_facil=drawn, weight="0.1 + d"))
    assert_allclose(prj.get("U", "list", with_address=False), listed)
    assert_array_equal(prj.get("tau_rec", "array"), matrix)
    tau_facil = prj.get("tau_facil", "array")
    assert len(np.unique(tau_facil)) == 6 and tau_facil.min() >= 1 and tau_facil.max() <= 2
    assert_allclose(prj.get("weight", "array"), 0.1 + abs(np.arange(2)[:, None] - np.arange(3)))
    prj.set(U=listed[::-1], tau_facil=lambda d: 2 + d)
    assert_allclose(prj.get("U", "list", with_address=False), listed[::-1])
    assert_allclose(prj.get("tau_facil", "array"), 2 + abs(np.arange(2)[:, None] - np.arange(3)))


def test_columns_of_a_list_connector_are_parameters() -> None:
    rows = [(0, 0, 0.1, 0.3, 40.0), (1, 1, 0.2, 0.4, 50.0)]
    connector = sim.FromListConnector(rows, column_names=["weight", "U", "tau_rec"])
    prj = sim.Projection(source([5.0], 2), sim.Population(2, sim.IF_cond_exp()), connector, make(NAMES[1]))
    assert_allclose(prj.get(["weight", "U", "tau_rec"], "list"), rows)


# ---- variables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_variables_are_readable(name: str) -> None:
    prj = projection(make(name))
    sim.run(25.0)
    for variable in VARIABLES[name]:
        assert prj.get(variable, "array").shape == (2, 3)
        assert getattr(prj[0], variable) == prj.get(variable, "list", with_address=False)[0]
    with pytest.raises(errors.NonExistentParameterError, match="q"):
        prj.get("q", "list")


def test_tsodyks_markram_variables_are_those_of_now() -> None:
    U, tau_rec, tau_facil, tau_syn = 0.25, 80.0, 40.0, 4.0
    cell = sim.IF_curr_exp(tau_syn_E=tau_syn, v_thresh=1e6)
    prj = projection(make("TsodyksMarkramSynapse", U=U, tau_rec=tau_rec, tau_facil=tau_facil), [10.0], cell=cell)
    sim.run(25.0)  # 15 ms after the spike: the resources are the source's
    y = U * math.exp(-15 / tau_syn)
    z = U * tau_rec / (tau_syn - tau_rec) * (math.exp(-15 / tau_syn) - math.exp(-15 / tau_rec))
    assert_allclose(prj.get("u", "array"), U * math.exp(-15 / tau_facil), rtol=1e-12)
    assert_allclose(prj.get("y", "array"), y, rtol=1e-12)
    assert_allclose(prj.get("x", "array"), 1 - y - z, rtol=1e-12)
    assert_array_equal(prj.get("weight", "array"), 0.5)  # the absolute weight


def first_jump(u0: float, U: float, tau_facil: float, t: float) -> float:
    return 0.5 * (u0 * math.exp(-t / tau_facil) * (1 - U) + U)


def test_initial_values_are_those_of_every_run() -> None:
    prj = projection(make("TsodyksMarkramSynapse", U=0.2, tau_facil=30.0), [10.0], pre=1)
    prj.initialize(u=0.3)
    prj.post.record("isyn_exc")
    for _ in range(2):
        assert_array_equal(prj.get("u", "array"), 0.3)
        sim.run(11.0)
        sim.reset()
    for segment in prj.post.get_data().segments[:2]:
        assert_allclose(segment.analogsignals[0].magnitude[-1], first_jump(0.3, 0.2, 30.0, 10.0), rtol=1e-12)
    assert_array_equal(prj.initial_values["u"].evaluate(), np.full(3, 0.3))


def test_initial_values_from_everything_that_pynn_allows() -> None:
    prj = projection(make("TsodyksMarkramSynapse"))
    prj.initialize(u=RandomDistribution("uniform", low=0.1, high=0.2, rng=NumpyRNG(seed=1)))
    u = prj.get("u", "array")
    assert len(np.unique(u)) == 6 and u.min() >= 0.1 and u.max() <= 0.2
    prj.initialize(u=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6], x=lambda d: 1 / (1 + d))
    assert_allclose(prj.get("u", "list", with_address=False), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert_allclose(prj.get("x", "array")[0], [1, 1 / 2, 1 / 3])
    prj[2].u = 0.9
    assert_allclose(prj.get("u", "list", with_address=False), [0.1, 0.2, 0.9, 0.4, 0.5, 0.6])


def test_all_sites_are_full_at_first() -> None:
    synapse = make("MultiQuantalSynapse", n=np.array([[1, 2, 3], [4, 5, 6]]))
    prj = projection(synapse)
    assert_array_equal(prj.get("a", "array"), [[1, 2, 3], [4, 5, 6]])
    prj.initialize(a=synapse.parameter_space["n"], u=synapse.parameter_space["U"])  # as in one of PyNN's examples
    assert_array_equal(prj.get("a", "array"), [[1, 2, 3], [4, 5, 6]])
    assert_array_equal(prj.get("u", "array"), 0.5)


# ---- effects ---------------------------------------------------------------------------------------------------------


def jumps(prj: Any, times: list[float]) -> np.ndarray:
    """What arrived at the first target at times in ms, in units of its potential."""
    v = prj.post.get_data("v").segments[0].analogsignals[0].magnitude[:, 0]
    steps = np.rint(np.array(times) / DT_MS).astype(int)
    return np.asarray(v[steps] - v[steps - 1])


def test_a_step_of_the_potential_makes_resources_inactive_at_once() -> None:
    cell = sim.IF_curr_delta(tau_m=1e15, v_thresh=1e9)
    synapse = make("TsodyksMarkramSynapse", weight=2.0, U=0.4, tau_rec=50.0)
    prj = projection(synapse, [10.0, 20.0, 20.0, 45.0], pre=1, post=1, cell=cell)
    prj.post.record("v")
    sim.run(50.0)
    x, expected, last = 1.0, [], 0.0
    for now in (10.0, 20.0, 20.0, 45.0):
        x = 1 - (1 - x) * math.exp(-(now - last) / 50.0)
        expected.append(2.0 * 0.4 * x)
        x -= 0.4 * x
        last = now
    assert_allclose(jumps(prj, [11.0, 21.0, 46.0]), [expected[0], expected[1] + expected[2], expected[3]], rtol=1e-9)


def test_each_target_has_its_own_response_time() -> None:
    tau_syn = np.array([1.2, 6.7, 100.0])  # the last is tau_rec
    cell = sim.IF_curr_exp(tau_syn_E=tau_syn, v_thresh=1e6)
    prj = projection(make("TsodyksMarkramSynapse", U=0.5, tau_rec=100.0), [10.0, 20.0], pre=1, cell=cell)
    sim.run(20.0)
    z = [0.5 * 100 / (t - 100) * (math.exp(-10 / t) - math.exp(-10 / 100)) for t in tau_syn[:2]]
    z.append(0.5 * 10 / 100 * math.exp(-10 / 100))
    left = 1 - 0.5 * np.exp(-10 / tau_syn) - np.array(z)
    assert_allclose(prj.get("x", "array")[0], left / 2, rtol=1e-9)


def test_what_is_set_between_runs_holds_from_then_on() -> None:
    cell = sim.IF_curr_delta(tau_m=1e15, v_thresh=1e9)
    synapse = make("TsodyksMarkramSynapse", U=0.4, tau_rec=1e-3)
    prj = projection(synapse, [10.0, 20.0, 30.0, 40.0], pre=1, post=1, cell=cell)
    prj.post.record("v")
    sim.run(15.0)
    prj.set(U=0.8)
    sim.run(10.0)
    prj.set(weight=3.0)
    sim.run(10.0)
    prj.set(delay=2.0)
    sim.run(10.0)
    assert_allclose(jumps(prj, [11.0, 21.0, 31.0, 42.0]), [0.2, 0.4, 2.4, 2.4], rtol=1e-9)


@pytest.mark.parametrize("name", NAMES[1:])
def test_reset_brings_the_initial_state_back(name: str) -> None:
    prj = projection(make(name), [5.0, 7.0, 9.0])
    before = [prj.get(variable, "array") for variable in VARIABLES[name]]
    sim.run(11.0)
    sim.reset()
    for variable, values in zip(VARIABLES[name], before, strict=True):
        assert_array_equal(prj.get(variable, "array"), values)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_projection_to_an_assembly_knows_the_response_of_each_member(threads: int) -> None:
    sim.setup(timestep=DT_MS, min_delay=DT_MS, threads=threads)
    a = sim.Population(2, sim.IF_curr_exp(tau_syn_E=3.0, v_thresh=1e6))
    b = sim.Population(2, sim.IF_curr_alpha(tau_syn_E=[5.0, 7.0], v_thresh=1e6))
    synapse = make("TsodyksMarkramSynapse", U=0.5, tau_rec=50.0)
    prj = sim.Projection(source([10.0]), a + b, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
    sim.run(14.0)
    assert_allclose(prj.get("y", "array")[0], 0.5 * np.exp(-4.0 / np.array([3.0, 3.0, 5.0, 7.0])), rtol=1e-12)


def test_inhibitory_weights_of_current_based_cells_are_negative() -> None:
    post = sim.Population(1, sim.IF_curr_exp())
    pre = source([5.0])
    prj = sim.Projection(pre, post, sim.AllToAllConnector(), make(NAMES[1], weight=-0.5), receptor_type="inhibitory")
    post.record("isyn_inh")
    sim.run(6.0)
    assert post.get_data().segments[0].analogsignals[0].magnitude[-1, 0] == pytest.approx(-0.25)
    assert prj.get("weight", "list", with_address=False) == [-0.5]


# ---- what is refused -------------------------------------------------------------------------------------------------

BAD_PARAMETERS = [
    ("TsodyksMarkramSynapse", "U", -0.1, "from 0 to 1"),
    ("TsodyksMarkramSynapse", "U", 1.1, "from 0 to 1"),
    ("TsodyksMarkramSynapse", "U", math.nan, "from 0 to 1"),
    ("TsodyksMarkramSynapse", "tau_rec", 0.0, "greater than 0"),
    ("TsodyksMarkramSynapse", "tau_rec", math.inf, "finite"),
    ("TsodyksMarkramSynapse", "tau_facil", -1.0, "0 or greater"),
    ("SimpleStochasticSynapse", "p", 2.0, "from 0 to 1"),
    ("StochasticTsodyksMarkramSynapse", "tau_facil", math.nan, "0 or greater"),
    ("MultiQuantalSynapse", "n", 0, "a whole number from 1"),
    ("MultiQuantalSynapse", "n", 2.5, "a whole number from 1"),
    ("MultiQuantalSynapse", "n", [1.0, 2.0, math.nan, 1.0, 1.0, 1.0], "a whole number from 1"),
]


@pytest.mark.parametrize(("name", "parameter", "value", "allowed"), BAD_PARAMETERS)
def test_bad_parameters(name: str, parameter: str, value: Any, allowed: str) -> None:
    message = f"{name}: {parameter} = .* is not allowed, it has to be .*{allowed}"
    with pytest.raises(errors.InvalidParameterValueError, match=message):
        make(name, **{parameter: value})
    prj = projection(make(name))
    before = prj.get(parameter, "list")
    with pytest.raises(errors.InvalidParameterValueError, match=message):
        prj.set(weight=0.9, **{parameter: value})
    if np.ndim(value) == 0:
        with pytest.raises(errors.InvalidParameterValueError, match=message):
            setattr(prj[0], parameter, value)
        with pytest.raises(errors.InvalidParameterValueError, match=message):
            projection(make(name, **{parameter: lambda d: value + 0 * d}))
    assert prj.get(parameter, "list") == before
    assert set(prj.get("weight", "list", with_address=False)) == {0.5}


@pytest.mark.parametrize("value", [None, "U", {"a": 1}, 1j, [[0.1], [0.1, 0.2]], b"x"])
def test_parameters_of_no_kind(value: Any) -> None:
    with pytest.raises(errors.InvalidParameterValueError):
        make("TsodyksMarkramSynapse", U=value)


def test_unknown_names() -> None:
    with pytest.raises(errors.NonExistentParameterError, match="tau_fac"):
        sim.TsodyksMarkramSynapse(tau_fac=3.0)
    prj = projection(make("TsodyksMarkramSynapse"))
    with pytest.raises(errors.NonExistentParameterError, match="tau_fac"):
        prj.set(tau_fac=3.0)
    with pytest.raises(errors.NonExistentParameterError, match="u"):
        prj.set(u=0.3)  # a variable: initialize() sets it
    with pytest.raises(ValueError, match="TsodyksMarkramSynapse has no state variable 'z'; it has u, x, y"):
        prj.initialize(z=0.3)


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, [0.1, 0.1, 0.1, 0.1, 0.1, 2.0]])
def test_bad_initial_values(value: Any) -> None:
    prj = projection(make("TsodyksMarkramSynapse"))
    with pytest.raises(errors.InvalidParameterValueError, match=r"u = .* is not allowed, it has to be from 0 to 1"):
        prj.initialize(x=0.5, u=value)
    assert_array_equal(prj.get(["u", "x"], "array"), [np.zeros((2, 3)), np.ones((2, 3))])


@pytest.mark.parametrize(
    ("value", "error"), [([0.1] * 5, errors.InvalidDimensionsError), (np.ones((3, 2)), ValueError)]
)
def test_initial_values_of_the_wrong_shape(value: Any, error: type[Exception]) -> None:
    prj = projection(make("TsodyksMarkramSynapse"))
    with pytest.raises(error):
        prj.initialize(u=value)
    assert_array_equal(prj.get("u", "array"), 0.0)
