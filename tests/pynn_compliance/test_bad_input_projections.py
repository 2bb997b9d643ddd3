"""What projections, connectors and synapses refuse, with which exception and message, and that the network survives."""

from types import SimpleNamespace

import numpy as np
import pytest
from pyNN import errors
from pyNN.random import NumpyRNG, RandomDistribution

import pynn_annarchy as sim
from pynn_annarchy.connectors.distance_expression import DistanceExpression

net = SimpleNamespace()


@pytest.fixture(autouse=True)
def usable():
    """A network of two populations and a projection, which still works after each test."""
    sim.setup(timestep=0.1, min_delay=0.2, max_delay=5.0)
    net.a = sim.Population(3, sim.IF_cond_exp(), label="a")
    net.b = sim.Population(2, sim.IF_curr_exp(), label="b")
    net.ab = sim.Projection(net.a, net.b, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=0.5))
    yield
    assert net.ab.get(["weight", "delay"], "list", with_address=False) == [(0.1, 0.5)] * 6
    sim.run(1.0)
    assert sim.get_current_time() == pytest.approx(1.0)


def connect(weight=0.1, delay=0.5, connector=None, **options):
    return sim.Projection(
        options.pop("pre", net.a),
        options.pop("post", net.a),
        connector or sim.AllToAllConnector(),
        sim.StaticSynapse(weight=weight, delay=delay),
        **options,
    )


# ---- weights and delays ----------------------------------------------------------------------------------------------

BAD_WEIGHTS = [
    (np.nan, errors.InvalidWeightError, "a weight is nan"),
    (np.inf, errors.InvalidWeightError, "a weight is inf"),
    (np.array([[0.1, 0.1, 0.1], [0.1, np.nan, 0.1], [0.1, 0.1, 0.1]]), errors.InvalidWeightError, "a weight is nan"),
    (-0.1, errors.ConnectionError, "a weight is -0.1; weights must be positive"),
    (lambda d: d - 1.0, errors.ConnectionError, "a weight is -1; weights must be positive"),
    ([0.1] * 8, errors.InvalidDimensionsError, "weight has 8 values for 9 connections"),
    (np.ones((2, 2)), ValueError, "shape"),
    ("0.1*x", errors.InvalidParameterValueError, "name 'x' is not defined"),
]


@pytest.mark.parametrize("weight, error, message", BAD_WEIGHTS)
def test_weights(weight, error, message):
    with pytest.raises(error, match=message):
        connect(weight=weight, receptor_type="excitatory")
    projection = connect()
    with pytest.raises(error, match=message):
        projection.set(weight=weight)
    assert set(projection.get("weight", "list", with_address=False)) == {0.1}


def test_weights_of_current_based_inhibition_are_negative():
    with pytest.raises(errors.ConnectionError, match="weights must be negative for current-based, inhibitory"):
        connect(post=net.b, receptor_type="inhibitory")
    assert len(connect(weight=-0.1, post=net.b)) == 6


def test_signs_are_not_checked_if_the_user_says_so():
    connector = sim.AllToAllConnector(safe=False)
    projection = connect(weight=-0.1, connector=connector, receptor_type="excitatory")
    assert projection[0].weight == -0.1
    with pytest.raises(errors.InvalidWeightError):
        projection.set(weight=np.nan)


@pytest.mark.parametrize("delay", [0.0, -1.0, 0.1, 5.1, np.nan, np.inf, lambda d: 0.5 + 10 * d, [0.5] * 8 + [9.0]])
def test_delays(delay):
    with pytest.raises(errors.ConnectionError, match=r"a delay is .* ms, which is out of range \[0.2, 5\] ms"):
        connect(delay=delay)
    projection = connect()
    with pytest.raises(errors.ConnectionError, match="out of range"):
        projection.set(delay=delay)
    with pytest.raises(errors.ConnectionError, match="out of range"):
        projection[4].delay = 9.0
    assert set(projection.get("delay", "list", with_address=False)) == {0.5}


def test_delays_at_the_limits():
    assert connect(delay=0.2)[0].delay == 0.2
    assert connect(delay=5.0)[0].delay == 5.0
    assert connect(delay=None)[0].delay == 0.2


def test_random_delays_out_of_range():
    with pytest.raises(errors.ConnectionError, match="out of range"):
        connect(delay=RandomDistribution("uniform", (0.0, 10.0), rng=NumpyRNG(1)))


# ---- what is connected to what ---------------------------------------------------------------------------------------


def test_arguments_of_projection():
    with pytest.raises(errors.ConnectionError, match=r"presynaptic_neurons must be a Population.*not a builtins.list"):
        connect(pre=[1, 2])
    with pytest.raises(errors.ConnectionError, match="receptor_types must be one of"):
        connect(receptor_type="NMDA")
    with pytest.raises(errors.ConnectionError, match="source='axon'"):
        connect(source="axon")
    with pytest.raises(errors.ConnectionError, match="homogeneous"):
        connect(post=net.a + net.b)
    with pytest.raises(TypeError, match="connector"):
        connect(connector=sim.AllToAllConnector)
    with pytest.raises(TypeError, match=r"synapse_type=.*synapse types"):
        sim.Projection(net.a, net.a, sim.AllToAllConnector(), sim.StaticSynapse)


def test_cells_without_receptors_receive_nothing():
    cells = sim.Population(2, sim.TimedArray([1.0]), label="input")
    with pytest.raises(errors.ConnectionError, match="the cells of input have no receptor type"):
        connect(post=cells)


def test_a_population_of_an_earlier_simulation():
    old = net.a
    sim.setup(timestep=0.1, min_delay=0.2, max_delay=5.0)
    net.a, net.b = sim.Population(3, sim.IF_cond_exp()), sim.Population(2, sim.IF_curr_exp())
    net.ab = sim.Projection(net.a, net.b, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=0.5))
    with pytest.raises(Exception, match="setup"):
        connect(pre=old)


def test_without_setup(monkeypatch):
    monkeypatch.setattr(sim.simulator, "state", sim.simulator.State())
    synapses = [
        sim.StaticSynapse(weight=0.1),
        sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(), weight=0.1),
    ]
    for synapse in synapses:  # can be described, but not used
        with pytest.raises(RuntimeError, match=r"call setup\(\) first"):
            sim.Projection(net.a, net.a, sim.AllToAllConnector(), synapse)
    with pytest.raises(RuntimeError, match=r"call setup\(\) first"):
        sim.Population(1, sim.IF_cond_exp())


# ---- names and formats -----------------------------------------------------------------------------------------------


def test_unknown_parameters():
    for act in (
        lambda: sim.StaticSynapse(wieght=0.1),
        lambda: net.ab.set(wieght=0.1),
        lambda: net.ab.get("wieght", "list"),
        lambda: net.ab.get(["weight", "wieght"], "array"),
    ):
        with pytest.raises(errors.NonExistentParameterError, match=r"wieght.*StaticSynapse.*delay, weight"):
            act()
    with pytest.raises(ValueError, match="no state variable 'u'"):
        net.ab.initialize(u=0.1)


def test_formats():
    with pytest.raises(ValueError, match="format='matrix' is neither 'list' nor 'array'"):
        net.ab.get("weight", "matrix")
    with pytest.raises(ValueError, match="multiple_synapses='mean' is not one of"):
        net.ab.get("weight", "array", multiple_synapses="mean")
    with pytest.raises(errors.InvalidDimensionsError, match="not one number"):
        net.ab[0].weight = [1, 2]


# ---- connectors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows, error, message",
    [
        ([(3, 0)], errors.ConnectionError, "source index out of range: 3 is not a whole number from 0 to 2"),
        ([(-1, 0)], errors.ConnectionError, "source index out of range: -1"),
        ([(0, 0), (0, 2)], errors.ConnectionError, "target index out of range: 2 is not a whole number from 0 to 1"),
        ([(0, -2)], errors.ConnectionError, "target index out of range: -2"),
        ([(0.5, 0)], errors.ConnectionError, "source index out of range: 0.5"),
        ([(np.nan, 0)], errors.ConnectionError, "source index out of range: nan"),
        ([(0, 0, np.nan, 0.5)], errors.InvalidWeightError, "a weight is nan"),
        ([(0, 0, 0.1, 0.0)], errors.ConnectionError, "a delay is 0 ms, which is out of range"),
        ([(0, 0, -0.1, 0.5)], errors.ConnectionError, "weights must be positive"),
        ([(0, 0, 0.1)], TypeError, "column_names"),
        ([(0,)], ValueError, "rows of 1 column"),
        ([0, 1], ValueError, "one row for each"),
        ([(0, 0), (1,)], ValueError, "inhomogeneous"),
    ],
)
def test_lists(rows, error, message):
    with pytest.raises(error, match=message):
        connect(post=net.b, connector=sim.FromListConnector(rows), receptor_type="excitatory")


def test_columns_of_lists():
    with pytest.raises(ValueError, match="U is not a parameter of StaticSynapse, which has weight, delay"):
        connect(connector=sim.FromListConnector([(0, 0, 0.5)], ["U"]))
    with pytest.raises(ValueError, match="1 parameter columns, but 2 column names"):
        sim.FromListConnector([(0, 0, 0.5)], ["weight", "delay"])


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        connect(connector=sim.FromFileConnector(str(tmp_path / "missing.txt")))


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: sim.FixedProbabilityConnector(1.5), ValueError, "p_connect=1.5 is not a probability"),
        (lambda: sim.FixedProbabilityConnector(np.nan), ValueError, "p_connect=nan"),
        (lambda: sim.FixedNumberPreConnector(-1), ValueError, "n=-1 is negative"),
        (lambda: sim.FixedNumberPostConnector(2.5), TypeError, "n=2.5 is neither a whole number"),
        (lambda: sim.FixedTotalNumberConnector("many"), TypeError, "n='many'"),
        (lambda: sim.FixedNumberPreConnector(RandomDistribution("normal", (0, 1))), ValueError, "negative"),
        (lambda: sim.AllToAllConnector("no"), ValueError, "'no' is not True, False or 'NoMutual'"),
        (lambda: sim.SmallWorldConnector(3, 1.1), ValueError, "rewiring=1.1"),
        (lambda: sim.SmallWorldConnector(-3, 0.1), ValueError, "degree=-3"),
        (lambda: sim.SmallWorldConnector(3, 0.1, n_connections=1.5), TypeError, "n_connections=1.5"),
        (lambda: sim.IndexBasedProbabilityConnector(lambda i, j: 0.5), TypeError, "IndexBasedExpression"),
        (lambda: sim.DisplacementDependentProbabilityConnector("d[0]"), TypeError, "disp_function='d"),
        (lambda: sim.ArrayConnector(np.ones(3)), errors.InvalidDimensionsError, "two dimensions"),
        (lambda: sim.ArrayConnector([[0, 2]]), ValueError, "only True and False"),
        (lambda: sim.OneToOneConnector(location_selector="dendrite"), NotImplementedError, "cells here are points"),
        (lambda: sim.FromListConnector([(0, 0)], location_selector="x"), NotImplementedError, "points"),
        (lambda: sim.DistanceDependentProbabilityConnector(0.5), TypeError, "neither an expression in d"),
        (lambda: sim.DistanceDependentProbabilityConnector("-d"), ValueError, r"is -1000000000000.0 at d = 1e\+12"),
        (lambda: sim.DistanceDependentProbabilityConnector("1/d"), ZeroDivisionError, "division by zero"),
    ],
)
def test_constructors(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_shapes_of_arrays():
    with pytest.raises(errors.InvalidDimensionsError, match=r"the matrix has shape \(2, 2\), the projection \(3, 3\)"):
        connect(connector=sim.ArrayConnector(np.ones((2, 2), bool)))


def test_random_numbers_of_connections_that_are_not_whole():
    n = RandomDistribution("uniform", (1, 2), rng=NumpyRNG(1))
    for connector in (sim.FixedNumberPreConnector, sim.FixedNumberPostConnector, sim.FixedTotalNumberConnector):
        with pytest.raises(ValueError, match="is not a whole number >= 0"):
            connect(connector=connector(n))


# ---- expressions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "open('x')",
        "d.__class__",
        "(lambda: d)()",
        "[d for d in (1, 2)]",
        "d[0]",
        "'text'",
        "exp",
        "exp(d, out=d)",
        "np.linalg",
        "np.load('x')",
        "d if d else 0",
        "(d := 3)",
        "d +",
        "",
        "f'{d}'",
    ],
)
def test_expressions_that_are_not_arithmetic(text):
    with pytest.raises(errors.InvalidParameterValueError, match="is not an expression in d"):
        sim.StaticSynapse(weight=text)


@pytest.mark.parametrize(
    "text, value",
    [
        ("1", 1),
        ("-d**2 + 3", -22),
        ("0.5*(d<3) + pi", np.pi),
        ("1 < d < 6", True),
        ("d > 1 and d < 3 or not d == 5", False),
        ("(d > 1) & ~(d > 9)", True),
        ("where(d > 4, 7, 8) % 4", 3),
        ("max(d, 9) // 2", 4),
        ("np.exp(-d/5) * e", 1.0),
    ],
)
def test_values_of_expressions(text, value):
    expression = DistanceExpression(text)
    assert expression(5.0) == pytest.approx(value)
    assert np.broadcast_to(expression(np.array([5.0, 5.0])), 2) == pytest.approx([value] * 2)
