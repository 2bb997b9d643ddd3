"""Connections that the device draws: the very ones of the host, which has no lists of them before it is asked."""

import numpy as np
import pyNN.annarchy as sim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyNN import errors

from pynn_annarchy.native import connect
from pynn_annarchy.native.cuda.drawing import Drawer, Drawing
from pynn_annarchy.native.cuda.drawn_projection import DrawnProjection
from pynn_annarchy.native.cuda.emulated import EmulatedDevice
from pynn_annarchy.native.drawn import Choice, Distribution, Drawn

KEYS = st.integers(0, 2**64 - 1)
NORMAL = st.builds(
    Distribution,
    st.just("normal"),
    st.floats(0.5, 2.0),
    st.floats(0.0, 1.0),
    st.sampled_from(connect.OUTSIDE),
    st.just(0.1),
    st.floats(1.5, 4.0),
    KEYS,
)
UNIFORM = st.builds(Distribution, st.just("uniform"), st.floats(-1.0, 0.5), st.floats(0.6, 3.0), key=KEYS)


def replaced(key, n_pre, counts):
    """Any source at any time."""
    return Choice("replaced", n_pre, np.full(len(counts), -1), np.array(counts), key=key)


def sorted_lists(lists):
    """What the device has drawn, in order of sources."""
    n = lists.size
    source, target = lists.source.download(np.uint32, n), lists.target.download(np.uint32, n)
    weight = lists.weight.download(np.float64, n if lists.weight_stride else 1)
    delay = lists.delay.download(np.uint16, n if lists.delay_stride else 1)
    order = np.argsort(source, kind="stable")
    return [array[order] if array.size == n else array for array in (source, target, weight, delay)]


@settings(max_examples=40, deadline=None)
@given(
    key=KEYS,
    rule=st.sampled_from(["replaced", "different", "probable"]),
    probability=st.sampled_from([0.003, 0.2, 0.9, 1.0]),
    shape=st.tuples(st.integers(2, 150), st.integers(1, 40)),
    seed=st.integers(0, 2**32),
    weights=st.one_of(NORMAL, UNIFORM, st.just(-0.25)),
    delays=st.one_of(st.builds(Distribution, st.just("uniform"), st.just(0.1), st.just(9.0), key=KEYS), st.just(12)),
    blocks=st.sampled_from([1, 3]),
)
def test_the_numbers_of_the_host(key, rule, probability, shape, seed, weights, delays, blocks):
    rng = np.random.default_rng(seed)
    n_pre, n_post = shape
    drawer = Drawer(EmulatedDevice(blocks))
    given_counts = None if rule == "probable" else rng.integers(0, 2 * n_pre, n_post)
    choice = Choice(rule, n_pre, rng.integers(-1, n_pre, n_post), given_counts, probability, key)
    counts = drawer.counts(choice)
    drawn = Drawn(choice, counts, rng.permutation(n_pre) + 3, 100 + np.arange(n_post), weights, delays, 0.1)
    np.testing.assert_array_equal(np.diff(choice.columns().begin().astype(int)), counts)
    if not drawn.size:
        return
    drawing = Drawing(drawer, drawn)
    host, found = drawn.lists(), sorted_lists(drawing.lists())
    order = np.argsort(host.source, kind="stable")  # the host's are in order of the cells' indices
    for mine, theirs in zip(found, host, strict=True):
        np.testing.assert_array_equal(mine, theirs[order] if np.ndim(theirs) else [theirs])
    for extreme, values in zip(drawing.extremes, (host.weight, drawn.delays), strict=True):
        if isinstance(values, Distribution):
            values = values.numbers(drawn.size)
        np.testing.assert_array_equal(extreme, [np.min(values), np.max(values)] if np.ndim(values) else [])


def test_edges_of_the_ziggurat_and_redraws(device):
    """Among 200,000 numbers some 2,400 are on an edge, 50 in a tail, half outside of these limits."""
    normal = Distribution("normal", 0.0, 1.0, "redrawn", 0.0, 10.0, 11)
    free = Distribution("normal", 5.0, 1.0, key=12)
    drawn = Drawn(replaced(1, 7, [200_000]), np.array([200_000]), np.arange(7), np.arange(1), normal, free, 0.1)
    host, found = drawn.lists(), sorted_lists(Drawing(Drawer(device), drawn).lists())
    np.testing.assert_array_equal(found[2], host.weight)
    np.testing.assert_array_equal(found[3], host.delay_steps)
    assert host.weight.min() > 0
    assert host.weight.max() > 4


def test_a_number_that_cannot_be_drawn(device):
    normal = Distribution("normal", 0.0, 1.0, "redrawn", 50.0, 60.0, 11)
    drawn = Drawn(replaced(1, 7, [3]), np.array([3]), np.arange(7), np.arange(1), normal, 1, 0.1)
    with pytest.raises(RuntimeError, match="outside 1000 times"):
        _ = Drawing(Drawer(device), drawn).extremes


N = 5000


def fixed_total(rng):
    return sim.FixedTotalNumberConnector(N, rng=rng)


CONNECTORS = {
    "total": fixed_total,
    "probability": lambda rng: sim.FixedProbabilityConnector(0.3, rng=rng),
    "probability-others": lambda rng: sim.FixedProbabilityConnector(0.3, allow_self_connections=False, rng=rng),
    "number": lambda rng: sim.FixedNumberPreConnector(40, rng=rng),
    "number-others": lambda rng: sim.FixedNumberPreConnector(250, allow_self_connections=False, rng=rng),
    "number-replaced": lambda rng: sim.FixedNumberPreConnector(
        40, allow_self_connections=False, with_replacement=True, rng=rng
    ),
    "all": lambda rng: sim.AllToAllConnector(),
    "all-others": lambda rng: sim.AllToAllConnector(allow_self_connections=False),
}
BY_THE_HOST = {
    "different": lambda rng: sim.FixedTotalNumberConnector(N, with_replacement=False, rng=rng),
    "others": lambda rng: sim.FixedTotalNumberConnector(N, allow_self_connections=False, rng=rng),
    "callback": lambda rng: sim.FixedTotalNumberConnector(N, rng=rng, callback=lambda fraction: None),
    "one-way": lambda rng: sim.FixedProbabilityConnector(0.3, allow_self_connections="NoMutual", rng=rng),
    "few": lambda rng: sim.FixedProbabilityConnector(0.1, rng=rng),  # fewer numbers are drawn in another way
    "targets": lambda rng: sim.FixedNumberPostConnector(40, rng=rng),
    "twice": lambda rng: Twice(N, rng=rng),
    "one more": lambda rng: OneMore(N, rng=rng),
}


class Twice(sim.FixedTotalNumberConnector):
    """A user's connector that makes connections in two goes."""

    def connect(self, projection):
        super().connect(projection)
        super().connect(projection)


class OneMore(sim.FixedTotalNumberConnector):
    """A user's connector that makes further connections."""

    def connect(self, projection):
        super().connect(projection)
        projection._convergent_connect(np.array([3, 3]), 1, weight=0.5, delay=1.0)


def connected(device, connector=fixed_total, mean=0.02, sign=1.0, delay=1.5):
    """Cells, and a projection with weights and delays of distributions."""
    sim.setup(timestep=0.1, min_delay=0.1, max_delay=8.0, device=device)
    rng = sim.NativeRNG(5)
    cells = sim.Population(200, sim.IF_curr_exp(i_offset=1.0))
    cells.initialize(v=sim.RandomDistribution("uniform", low=-65.0, high=-50.0, rng=rng))
    cells.record("spikes")
    low, high = sorted((0.0, sign * np.inf))
    synapse = sim.StaticSynapse(
        weight=sim.RandomDistribution("normal_clipped", mu=mean, sigma=0.01, low=low, high=high, rng=rng),
        delay=sim.RandomDistribution("normal_clipped", mu=delay, sigma=0.75, low=0.1, high=delay + 3.0, rng=rng),
    )
    return cells, sim.Projection(cells, cells[20:150], connector(rng), synapse, receptor_type="excitatory")


def spikes(cells):
    return [np.asarray(train) for train in cells.get_data("spikes", clear=True).segments[-1].spiketrains]


def outcome(device, connector):
    """Spikes and connections of a network that changes between two runs."""
    cells, projection = connected(device, connector)
    sim.run(30.0)
    found = [spikes(cells), projection.get(["weight", "delay"], "list")]
    projection.set(weight=0.03)
    sim.run(10.0)
    found += [spikes(cells), projection.get("delay", "array")]
    return projection, found


def assert_same(found, expected):
    assert sum(map(len, expected[0])) > 100
    for mine, theirs in zip(found[0] + found[2], expected[0] + expected[2], strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert found[1] == expected[1]
    np.testing.assert_array_equal(found[3], expected[3])


@pytest.mark.parametrize("connector", CONNECTORS.values(), ids=CONNECTORS)
def test_as_the_cpu_through_pynn(connector):
    cpu, expected = outcome("cpu", connector)
    projection, found = outcome("cuda-emulated", connector)
    assert isinstance(projection._native, DrawnProjection)
    assert not isinstance(cpu._native, DrawnProjection)
    assert_same(found, expected)


@pytest.mark.parametrize("connector", BY_THE_HOST.values(), ids=BY_THE_HOST)
def test_what_the_host_draws(connector):
    projection, found = outcome("cuda-emulated", connector)
    assert not isinstance(projection._native, DrawnProjection)
    assert_same(found, outcome("cpu", connector)[1])


def test_numbers_that_all_have():
    """A fixed weight and delay: nothing but the connections is drawn, however few they are."""
    lists = []
    for device in ("cpu", "cuda-emulated"):
        sim.setup(timestep=0.1, device=device)
        cells = sim.Population(30, sim.IF_cond_exp())
        connector = sim.FixedProbabilityConnector(0.1, rng=sim.NativeRNG(2))
        projection = sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.01, delay=2.3))
        sim.run(1.0)
        lists.append(projection.get(["weight", "delay"], "list"))
        assert projection._native.delay_range_steps == (23, 23)
    assert isinstance(projection._native, DrawnProjection)
    assert 50 < len(lists[0]) < 140
    assert lists[0] == lists[1]


def test_the_host_has_no_lists_until_it_is_asked(monkeypatch):
    drawn = []
    monkeypatch.setattr(Drawn, "lists", lambda self, lists=Drawn.lists: drawn.append(self) or lists(self))
    _, projection = connected("cuda-emulated")
    sim.run(2.0)
    assert len(projection) == N
    assert projection._native.delay_range_steps[0] >= 1
    assert not drawn
    assert len(projection.get("weight", "list")) == N
    assert len(drawn) == 1
    sim.run(1.0)
    assert projection._native.drawing is not None


def test_synapses_that_come_and_go():
    found = []
    for device in ("cpu", "cuda-emulated"):
        cells, projection = connected(device)
        sim.run(5.0)
        native = projection._native
        native.prune(np.arange(0, N, 2))
        native.create(native.source[:50], native.target[:50], weight=0.3, delay_steps=4)
        sim.run(20.0)
        found.append((projection.get(["weight", "delay"], "list"), spikes(cells)))
    assert native.size == N // 2 + 50
    assert native.drawing is None
    assert found[0][0] == found[1][0]
    for mine, theirs in zip(found[0][1], found[1][1], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_wrong_values_are_refused_as_on_the_cpu():
    for wrong in ({"mean": -0.02, "sign": -1.0}, {"delay": 9.0}):
        messages = []
        for device in ("cpu", "cuda-emulated"):
            with pytest.raises(errors.ConnectionError) as raised:
                connected(device, **wrong)
            messages.append(str(raised.value).split(";")[-1].split("which is")[-1])
            assert not sim.simulator.state.network._projections
        assert messages[0] == messages[1]
