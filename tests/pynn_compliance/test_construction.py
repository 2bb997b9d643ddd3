"""Networks that native code builds: those of PyNN's own loop, and the same for any number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from pyNN import connectors as reference
from pyNN import errors
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.space import Space

import pynn_annarchy as sim

CONNECTORS: list[tuple[str, dict[str, Any]]] = [
    ("AllToAllConnector", {}),
    ("AllToAllConnector", {"allow_self_connections": False}),
    ("OneToOneConnector", {}),
    *(("FixedProbabilityConnector", {"p_connect": p}) for p in (0.0, 0.02, 0.5, 1.0)),
    *(("FixedProbabilityConnector", {"p_connect": 0.6, "allow_self_connections": a}) for a in (False, "NoMutual")),
    ("DistanceDependentProbabilityConnector", {"d_expression": "exp(-d/3)"}),
    ("DistanceDependentProbabilityConnector", {"d_expression": "0.9*(d<4)", "allow_self_connections": False}),
    *(("FixedNumberPreConnector", {"n": n}) for n in (1, 3, 12)),
    ("FixedNumberPreConnector", {"n": 4, "allow_self_connections": False}),
    ("FixedNumberPreConnector", {"n": 5, "with_replacement": True}),
    *(("FixedNumberPostConnector", {"n": n}) for n in (1, 3, 12)),
    ("FixedNumberPostConnector", {"n": 4, "allow_self_connections": False}),
    ("FixedNumberPostConnector", {"n": 5, "with_replacement": True}),
    *(("FixedTotalNumberConnector", {"n": n}) for n in (1, 40)),
]
RANDOM = [entry for entry in CONNECTORS if entry[0].startswith(("Fixed", "Distance"))]
DISTRIBUTIONS: list[tuple[str, dict[str, float]]] = [
    ("uniform", {"low": 0.5, "high": 2.0}),
    ("normal", {"mu": 9.0, "sigma": 0.5}),
    ("lognormal", {"mu": 0.1, "sigma": 0.7}),
    ("exponential", {"beta": 0.3}),
    ("normal_clipped", {"mu": 1.0, "sigma": 1.0, "low": 0.7, "high": 1.5}),
    ("normal_clipped_to_boundary", {"mu": 1.0, "sigma": 1.0, "low": 0.7, "high": 1.5}),
    ("uniform_int", {"low": 1, "high": 11}),
    ("gamma", {"k": 2.0, "theta": 0.5}),
    ("poisson", {"lambda_": 4.0}),
    ("binomial", {"n": 20, "p": 0.3}),
]


@pytest.fixture(autouse=True)
def fresh():
    sim.setup(timestep=0.1, max_delay=400.0)


def cells(n):
    return sim.Population(n, sim.IF_cond_exp())


def groups(kind):
    """Pre- and post-synaptic cells: nine and seven, some of them on both sides where the name says so."""
    one, other = cells(12), cells(10)
    return {
        "populations": lambda: (cells(9), cells(7)),
        "one population": lambda: (other, other),
        "views of one": lambda: (one[[8, 1, 5, 3, 2, 11, 0, 9, 6]], one[[5, 2, 7, 8, 10, 4, 0]]),
        "assemblies": lambda: (one[2:7] + other[[3, 9, 0, 1]], other[:3] + one[3:7]),
    }[kind]()


def value(form, rng):
    if form is None:
        return 1.5
    if form == "distance":
        return "0.3 + 0.25*d + 0.01*exp(-d)"
    distribution = RandomDistribution(form[0], rng=rng, **form[1])
    return distribution


def state_of(rng):
    kind, key, *rest = rng.rng.get_state()
    return kind, key.tolist(), rest


VALUES = st.one_of(st.none(), st.just("distance"), st.sampled_from(DISTRIBUTIONS))


@given(
    connector=st.sampled_from(CONNECTORS),
    kind=st.sampled_from(["populations", "one population", "views of one", "assemblies"]),
    weight=VALUES,
    delay=VALUES,
    generators=st.sampled_from([(0, 0, 0), (0, 1, 1), (0, 1, 2), (0, 1, 0), (0, 0, 1)]),
    seed=st.integers(0, 2**32 - 1),
    used=st.integers(0, 1300),
)
@settings(deadline=None, max_examples=120)
def test_the_numbers_of_the_reference(connector, kind, weight, delay, generators, seed, used):
    """Connectivity, weights, delays, and where the generators are in the end, shared or not, begun at any place."""
    name, options = connector
    sim.setup(timestep=0.1, max_delay=400.0)
    pre, post = groups(kind)

    def made(module, **further):
        rngs = [NumpyRNG(seed + k & 0xFFFFFFFF) for k in range(3)]
        for rng in rngs:
            rng.rng.bytes(4 * used)  # words
            rng.rng.normal()  # keeps another one
        mine, weights, delays = (rngs[k] for k in generators)
        given_rng = {"rng": mine} if connector in RANDOM else {}
        synapse = sim.StaticSynapse(weight=value(weight, weights), delay=value(delay, delays))
        made_of = getattr(module, name)(**options, **given_rng, **further)
        projection = sim.Projection(pre, post, made_of, synapse, space=Space(axes="xy"))
        return projection.get(["weight", "delay"], "list"), [state_of(rng) for rng in rngs]

    comparable = "allow_self_connections" not in options or kind == "one population"
    modules = (sim, reference) if comparable else (sim,)  # PyNN gets self-connections wrong, or refuses, elsewhere
    try:
        slowly = made(sim, callback=lambda fraction: None)  # for which a loop in Python draws the numbers
    except errors.ConnectionError:  # a delay that is too long or too short
        for module in modules:
            with pytest.raises(errors.ConnectionError):
                made(module)
        return
    for module in modules:
        assert made(module) == slowly


@pytest.mark.parametrize("n, p", [(1000, 0.003), (700, 0.3), (313, 1.0)])
def test_many_pairs_as_the_reference(n, p):
    """More numbers than the generator makes at a time, for sparse and dense networks."""
    group = cells(n)

    def made(module):
        rng = NumpyRNG(42)
        weight = RandomDistribution("normal", mu=1.0, sigma=0.1, rng=rng)
        connector = module.FixedProbabilityConnector(p, rng=rng, allow_self_connections=False)
        return sim.Projection(group, group[:300], connector, sim.StaticSynapse(weight=weight)).get("weight", "list")

    mine = made(sim)
    assert len(mine) > 500
    assert mine == made(reference)


@pytest.mark.parametrize("n", [17, 300, 1400, 2900])
def test_long_shuffles_as_the_reference(n):
    pre, post = cells(1400), cells(4)
    made = [
        sim.Projection(pre, post, module.FixedNumberPreConnector(n, rng=NumpyRNG(8))).get("weight", "list")
        for module in (sim, reference)
    ]
    assert made[0] == made[1]
    assert len(made[0]) == 4 * n


REFUSED = [entry for entry in DISTRIBUTIONS if entry[0] in ("normal", "lognormal", "exponential", "uniform_int")]


@pytest.mark.parametrize("distribution", REFUSED, ids=lambda entry: entry[0])
def test_parameters_that_numpy_refuses(distribution):
    """Native code leaves to numpy what it does not know, and so its errors, too."""
    name, parameters = distribution
    wrong = {**parameters, list(parameters)[-1]: -1.0 if name != "uniform_int" else 1}
    weight = RandomDistribution(name, rng=NumpyRNG(1), **wrong)
    with pytest.raises(ValueError, match=r"<|>="):
        sim.Projection(cells(4), cells(4), sim.AllToAllConnector(), sim.StaticSynapse(weight=weight))


@pytest.mark.parametrize("rng_class", [NumpyRNG, sim.NativeRNG])
@pytest.mark.parametrize("name, options", RANDOM)
def test_the_same_network_for_any_number_of_threads(name, options, rng_class):
    found = []
    for threads in (1, 2, 5):
        sim.setup(timestep=0.1, threads=threads)
        rng = rng_class(seed=12)
        weight = RandomDistribution("normal", mu=1.0, sigma=0.01, rng=rng)
        pre, post = groups("views of one")
        connector = getattr(sim, name)(**options, rng=rng)
        projection = sim.Projection(pre, post, connector, sim.StaticSynapse(weight=weight))
        found.append((projection.get("weight", "list"), rng.next(3).tolist()))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("name, options", RANDOM)
def test_native_networks_keep_the_promises_of_the_connector(name, options):
    """Numbers of partners, no cell with itself, no pair twice before all are there once."""
    pre, post = groups("views of one")
    connector = getattr(sim, name)(**options, rng=sim.NativeRNG(seed=3))
    rows = np.array(sim.Projection(pre, post, connector).get("weight", "list")).reshape(-1, 3)[:, :2].astype(int)
    assert_array_equal(rows, rows[np.lexsort(rows.T[::-1])])
    if not options.get("allow_self_connections", True):
        assert (pre.neuron_numbers[rows[:, 0]] != post.neuron_numbers[rows[:, 1]]).all()
    if "FixedNumber" in name:
        side, other = (1, 0) if "Pre" in name else (0, 1)
        sizes = (pre.size, post.size)
        assert (np.bincount(rows[:, side], minlength=sizes[side]) == options["n"]).all()
        if not options.get("with_replacement"):
            times = np.zeros(sizes, int)
            np.add.at(times, tuple(rows.T), 1)
            allowed = pre.neuron_numbers[:, None] != post.neuron_numbers
            if options.get("allow_self_connections", True):
                allowed[:] = True
            for k in range(sizes[side]):
                numbers = times.take(k, side)[allowed.take(k, side)]
                assert numbers.max(initial=0) - numbers.min(initial=9) <= 1
        assert other in (0, 1)
    if name == "FixedTotalNumberConnector":
        assert len(rows) == options["n"]


def test_two_native_connectors_draw_different_networks():
    rng = sim.NativeRNG(seed=1)
    group = cells(50)
    made = [
        sim.Projection(group, group, sim.FixedProbabilityConnector(0.3, rng=rng)).get("weight", "list")
        for _ in range(2)
    ]
    assert made[0] != made[1]


def test_a_callback_sees_rising_fractions():
    told: list[float] = []
    connector = sim.FixedProbabilityConnector(0.3, rng=NumpyRNG(1), callback=told.append)
    sim.Projection(cells(9), cells(6), connector)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 3


def test_text_has_the_digits_of_numpy(tmp_path):
    pre, post = cells(40), cells(40)
    weight = RandomDistribution("lognormal", mu=0.0, sigma=30.0, rng=NumpyRNG(2))
    connector = sim.FixedProbabilityConnector(0.5, rng=NumpyRNG(1))
    made = sim.Projection(pre, post, connector, sim.StaticSynapse(weight=weight))
    made.save(["weight", "delay"], str(tmp_path / "mine.txt"))
    rows = np.array(made.get(["weight", "delay"], "list"))
    np.savetxt(tmp_path / "expected.txt", rows, delimiter="\t")
    header, _, text = (tmp_path / "mine.txt").read_text().partition("\n")
    assert header == "# columns = ['i', 'j', 'weight', 'delay']"
    assert text == (tmp_path / "expected.txt").read_text()
    made.save("weight", str(tmp_path / "matrix.txt"), format="array")
    assert_array_equal(np.loadtxt(tmp_path / "matrix.txt"), np.nan_to_num(made.get("weight", "array")))
