"""Connections drawn as they are laid out, by the host or a device, are those that lists would have."""

import numpy as np
import pyNN.annarchy as sim
import pytest
from pyNN import errors

from pynn_annarchy.native.drawn import Drawn
from pynn_annarchy.native.drawn_columns import Drawer
from pynn_annarchy.native.drawn_projection import DrawnProjection

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
    "many": lambda rng: sim.FixedNumberPreConnector(1500, with_replacement=True, rng=rng),
    "all": lambda rng: sim.AllToAllConnector(),
    "all-others": lambda rng: sim.AllToAllConnector(allow_self_connections=False),
}
DRAWN_AT_ONCE = {
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


@pytest.fixture(params=["cuda-emulated", "1 thread", "3 threads"])
def later(request, monkeypatch):
    """Who draws connections as they are laid out, however few there are."""
    monkeypatch.setattr(Drawer, "fewest", 1)
    return request.param


AT_ONCE = "at once"  # by the host, which makes lists


def setup(who):
    options = {"device": who} if who.startswith("cuda") else {"threads": int(who[0]) if who[0].isdigit() else 1}
    sim.setup(timestep=0.1, min_delay=0.1, max_delay=8.0, **options)
    if who == AT_ONCE:
        sim.simulator.state.network.drawer.fewest = 1 << 62


def connected(who, connector=fixed_total, mean=0.02, sign=1.0, delay=1.5):
    """Cells, and a projection with weights and delays of distributions."""
    setup(who)
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


def outcome(who, connector):
    """Spikes and connections of a network that changes between two runs."""
    cells, projection = connected(who, connector)
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
def test_the_very_ones_of_lists(later, connector):
    listed, expected = outcome(AT_ONCE, connector)
    projection, found = outcome(later, connector)
    assert isinstance(projection._native, DrawnProjection)
    assert not isinstance(listed._native, DrawnProjection)
    assert_same(found, expected)


@pytest.mark.parametrize("connector", CONNECTORS.values(), ids=CONNECTORS)
def test_cells_in_another_order(later, connector):
    """Lists are in the order of the cells' indices, which need not be that of their creation."""
    lists = []
    for who in (AT_ONCE, later):
        setup(who)
        rng = sim.NativeRNG(5)
        first, second = (sim.Population(100, sim.IF_curr_exp(), label=name) for name in "ab")
        cells = second + first
        synapse = sim.StaticSynapse(weight=sim.RandomDistribution("uniform", low=0.0, high=1.0, rng=rng), delay=1.0)
        projection = sim.Projection(cells, cells, connector(rng), synapse, receptor_type="excitatory")
        sim.run(1.0)
        lists.append(projection.get(["weight", "delay"], "list"))
    assert len(lists[0]) > 1000
    assert lists[0] == lists[1]


@pytest.mark.parametrize("connector", DRAWN_AT_ONCE.values(), ids=DRAWN_AT_ONCE)
def test_what_is_drawn_at_once(later, connector):
    projection, found = outcome(later, connector)
    assert not isinstance(projection._native, DrawnProjection)
    assert_same(found, outcome(AT_ONCE, connector)[1])


def test_numbers_that_all_have(later):
    """A fixed weight and delay: nothing but the connections is drawn, however few they are."""
    lists = []
    for who in (AT_ONCE, later):
        setup(who)
        cells = sim.Population(30, sim.IF_cond_exp())
        connector = sim.FixedProbabilityConnector(0.1, rng=sim.NativeRNG(2))
        projection = sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.01, delay=2.3))
        sim.run(1.0)
        lists.append(projection.get(["weight", "delay"], "list"))
        assert projection._native.delay_range_steps == (23, 23)
    assert isinstance(projection._native, DrawnProjection)
    assert 50 < len(lists[0]) < 140
    assert lists[0] == lists[1]


def test_there_are_no_lists_until_somebody_asks(later, monkeypatch):
    drawn = []
    monkeypatch.setattr(Drawn, "lists", lambda self, lists=Drawn.lists: drawn.append(self) or lists(self))
    _, projection = connected(later)
    sim.run(2.0)
    assert len(projection) == N
    assert projection._native.delay_range_steps[0] >= 1
    assert not drawn
    assert len(projection.get("weight", "list")) == N
    assert len(drawn) == 1
    sim.run(1.0)
    assert projection._native.drawing is not None


def test_synapses_that_come_and_go(later):
    found = []
    for who in (AT_ONCE, later):
        cells, projection = connected(who)
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


def test_wrong_values_are_refused_as_in_lists(later):
    for wrong in ({"mean": -0.02, "sign": -1.0}, {"delay": 9.0}):
        messages = []
        for who in (AT_ONCE, later):
            with pytest.raises(errors.ConnectionError) as raised:
                connected(who, **wrong)
            messages.append(str(raised.value).split(";")[-1].split("which is")[-1])
            assert not sim.simulator.state.network._projections
        assert messages[0] == messages[1]


@pytest.mark.parametrize("kind", ["one weight", "weights"])
def test_beside_lists_of_the_same_cells(later, kind):
    """Of several projections between the same cells, some are lists: sums are made in the order of creation."""
    found = []
    for who in (AT_ONCE, later):
        setup(who)
        rng = sim.NativeRNG(5)
        cells = sim.Population(200, sim.IF_curr_exp(i_offset=1.0))
        cells.initialize(v=sim.RandomDistribution("uniform", low=-65.0, high=-50.0, rng=rng))
        cells.record("spikes")
        drawn = sim.RandomDistribution("normal_clipped", mu=0.02, sigma=0.01, low=0.0, high=1.0, rng=rng)
        weight = 0.02 if kind == "one weight" else drawn
        delay = sim.RandomDistribution("uniform", low=0.1, high=4.0, rng=rng)
        synapse = sim.StaticSynapse(weight=weight, delay=delay)
        pairs = [(k % 200, (7 * k) % 200) for k in range(1500)]
        for connector in (fixed_total(rng), sim.FromListConnector(pairs), sim.AllToAllConnector()):
            sim.Projection(cells, cells, connector, synapse, receptor_type="excitatory")
        sim.run(30.0)
        found.append(spikes(cells))
    assert sum(map(len, found[0])) > 100
    for mine, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(mine, theirs)
