"""Projections: their parameters and connections, before, after and between runs."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import common, errors
from pyNN.core import IndexBasedExpression
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.space import Grid2D, Space

import pynn_annarchy as sim
from pynn_annarchy.native import kernels
from pynn_annarchy.standardmodels import equations

PAIRS = [(0, 0), (1, 0), (3, 0), (1, 1), (1, 0), (2, 1)]


@pytest.fixture(autouse=True)
def fresh():
    sim.setup(timestep=0.1)


def cells(n, model=sim.IF_cond_exp, **options):
    return sim.Population(n, model(), **options)


def listed(rows=PAIRS, pre=4, post=2, **values):
    """A projection with the connections of a list, ordered by pre-synaptic cell in what get() returns."""
    connector = sim.FromListConnector(rows)
    return sim.Projection(cells(pre), cells(post), connector, sim.StaticSynapse(**{"weight": 0.1, **values}))


# ---- get -------------------------------------------------------------------------------------------------------------


def test_list_is_ordered_by_pre_then_post():
    projection = listed(delay=0.3)
    expected = [(*pair, 0.1, 0.3) for pair in sorted(PAIRS)]
    assert projection.get(["weight", "delay"], "list") == expected
    assert projection.get("weight", "list", with_address=False) == [0.1] * 6
    assert projection.get(["weight", "delay"], "list", with_address=False) == [(0.1, 0.3)] * 6


def test_array_has_nan_where_nothing_is_connected():
    weights, delays = listed(delay=0.3).get(["weight", "delay"], "array", multiple_synapses="first")
    connected = [[1, 0], [1, 1], [0, 1], [1, 0]]
    assert_array_equal(weights, np.where(connected, 0.1, np.nan))
    assert_array_equal(delays, np.where(connected, 0.3, np.nan))


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.floats(0, 9, width=32)), min_size=1, max_size=30),
    st.sampled_from(["last", "first", "sum", "min", "max"]),
)
@settings(deadline=None, max_examples=50)
def test_multapses_are_combined(rows, combination):
    sim.setup(timestep=0.1)
    projection = sim.Projection(cells(3), cells(4), sim.FromListConnector([(*row, 0.1) for row in rows]))
    combine = {"last": lambda v: v[-1], "first": lambda v: v[0], "sum": sum, "min": min, "max": max}[combination]
    expected = np.full((3, 4), np.nan)
    for pair in {row[:2] for row in rows}:
        expected[pair] = combine([weight for *address, weight in rows if tuple(address) == pair])
    assert len(projection) == projection.size() == len(rows)
    assert_allclose(projection.get("weight", "array", multiple_synapses=combination), expected, rtol=1e-12)


def test_delays_are_whole_steps():
    rows = [(0, 0, 0.1, delay) for delay in (0.1, 0.24, 0.26, 0.3, 7.77)]
    assert listed([row[:2] for row in rows], 1, 1).get("delay", "list", with_address=False) == [0.1] * 5
    projection = sim.Projection(cells(1), cells(1), sim.FromListConnector(rows))
    assert projection.get("delay", "list", with_address=False) == [0.1, 0.2, 0.3, 0.3, 7.8]


def test_rounding_is_to_the_nearest_step():
    sim.setup(timestep=1.0)
    assert listed(delay=1.99).get("delay", "list", with_address=False) == [2.0] * 6


# ---- set -------------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1e3), min_size=6, max_size=6))
@settings(deadline=None, max_examples=25)
def test_what_get_returns_can_be_set_again(values):
    sim.setup(timestep=0.1)
    projection = listed()
    projection.set(weight=values)
    assert projection.get("weight", "list", with_address=False) == values
    projection.set(weight=np.array(values[::-1]), delay=0.5)
    assert projection.get(["weight", "delay"], "list", with_address=False) == [(v, 0.5) for v in values[::-1]]


def test_set_a_matrix():
    projection = listed()
    matrix = np.array([[0, np.nan], [2, 3], [np.nan, 5], [6, np.nan]])
    projection.set(weight=matrix)
    assert_array_equal(projection.get("weight", "array", multiple_synapses="max"), matrix)
    assert projection.get("weight", "list", with_address=False) == [0, 2, 2, 3, 5, 6]


@pytest.mark.parametrize("value", ["0.5 + d", lambda d: 0.5 + d, "np.maximum(d, 0) + 1/2"])
def test_set_a_function_of_distance(value):
    projection = listed()
    projection.set(weight=value, delay=value)
    expected = [(i, j, 0.5 + abs(i - j), 0.5 + abs(i - j)) for i, j in sorted(PAIRS)]
    assert projection.get(["weight", "delay"], "list") == expected


class Signed(IndexBasedExpression):
    def __call__(self, i, j):
        return 10.0 * i + j + 0.01 * self.projection.pre.positions[0, i]


def test_a_function_of_indices():
    expected = [(i, j, 10.0 * i + j + 0.01 * i) for i, j in sorted(PAIRS)]
    projection = listed(weight=Signed())
    assert projection.get("weight", "list") == expected
    projection.set(weight=0.0)
    projection.set(weight=Signed())
    assert projection.get("weight", "list") == expected
    synapse = sim.StaticSynapse(weight=Signed())
    everywhere = sim.Projection(projection.pre, projection.post, sim.AllToAllConnector(), synapse)
    assert set(expected) <= set(everywhere.get("weight", "list"))


@pytest.mark.parametrize("name, low", [("uniform", 0.0), ("normal_clipped", 0.5)])
def test_set_random_values_draws_for_every_pair(name, low):
    parameters = {"low": low, "high": 1.0} | ({"mu": 0.5, "sigma": 1.0} if name == "normal_clipped" else {})
    projection = listed()
    projection.set(weight=RandomDistribution(name, rng=NumpyRNG(1), **parameters))
    matrix = RandomDistribution(name, rng=NumpyRNG(1), **parameters).next(8).reshape(4, 2)
    expected = [matrix[pair] for pair in sorted(PAIRS)]
    assert projection.get("weight", "list", with_address=False) == expected


def test_random_matrix_is_the_same_in_pieces(monkeypatch):
    monkeypatch.setattr("pynn_annarchy.connectors.pairs._DRAWN_AT_ONCE", 5)
    test_set_random_values_draws_for_every_pair("uniform", 0.0)


def test_a_generator_is_left_as_it_was():
    rng = NumpyRNG(3)
    weight = RandomDistribution("uniform", (0, 1), rng=rng)
    listed(weight=weight).set(weight=weight)
    assert rng.next() == NumpyRNG(3).next()


def test_a_wrong_value_changes_nothing():
    projection = listed(delay=0.3)
    with pytest.raises(errors.ConnectionError):
        projection.set(weight=0.9, delay=-1.0)
    assert projection.get(["weight", "delay"], "list", with_address=False) == [(0.1, 0.3)] * 6


def test_million_synapses_in_well_under_a_second():
    group = cells(1000)
    projection = sim.Projection(group, group, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    began = time.perf_counter()
    projection.set(weight=RandomDistribution("uniform", (0, 1)))
    projection.set(delay="0.1 + 0.01*d")
    projection.get("weight", "array")
    assert len(projection) == 1_000_000
    assert time.perf_counter() - began < 3  # half a second on an idle core


# ---- single connections ----------------------------------------------------------------------------------------------


def test_connections_are_live():
    projection = listed(delay=0.3)
    connection = projection.connections[3]
    assert isinstance(connection, common.Connection)
    assert (connection.presynaptic_index, connection.postsynaptic_index) == (1, 1)
    assert connection.source is connection.presynaptic_cell is projection.pre[1]
    assert connection.target is connection.postsynaptic_cell is projection.post[1]
    assert connection.as_tuple("weight", "delay", "postsynaptic_index") == (0.1, 0.3, 1)
    connection.weight, connection.delay = 0.7, 0.44
    assert projection.get(["weight", "delay"], "list")[3] == (1, 1, 0.7, 0.4)
    assert projection.get("weight", "list", with_address=False).count(0.1) == 5
    projection.set(weight=0.2)
    assert connection.weight == 0.2
    assert "1 → 1" in repr(connection)


def test_indexing_and_iteration():
    projection = listed()
    assert len(projection.connections) == len(projection) == 6
    assert [c.presynaptic_index for c in projection] == [c.presynaptic_index for c in projection.connections]
    assert projection[-1].presynaptic_index == projection[np.int64(5)].presynaptic_index == 3
    assert [c.index for c in projection[1:99:2]] == [1, 3, 5]
    with pytest.raises(IndexError, match="connection 6 of a projection that has 6"):
        projection[6]
    with pytest.raises(AttributeError, match="'wieght' is not a parameter of StaticSynapse"):
        projection[0].wieght = 3
    with pytest.raises(AttributeError, match="U"):
        projection[0].U  # noqa: B018


def test_size_one():
    projection = sim.Projection(cells(1), cells(1), sim.AllToAllConnector(), sim.StaticSynapse(weight=0.2, delay=1.0))
    assert projection.get(["weight", "delay"], "list") == [(0, 0, 0.2, 1.0)]
    projection.set(weight=[0.3])
    assert_array_equal(projection.get("weight", "array"), [[0.3]])
    assert projection[0].weight == 0.3


def test_without_a_connection():
    projection = sim.Projection(cells(3), cells(2), sim.FixedProbabilityConnector(0.0))
    assert len(projection) == 0 and list(projection) == [] and projection.get("weight", "list") == []
    projection.set(weight="0.1*d", delay=RandomDistribution("uniform", (1, 2)))
    assert np.isnan(projection.get("delay", "array")).all()
    sim.run(1.0)


# ---- which cells -----------------------------------------------------------------------------------------------------


def test_views_and_assemblies_on_both_sides():
    big, small = cells(6), cells(3, sim.IF_cond_alpha)
    pre = big[[4, 1, 2]] + small[1:]
    post = small + big[::2]
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    rows = [(a, b, 10.0 * i + j, 0.1) for i, a in enumerate(range(5)) for j, b in enumerate(range(6))]
    projection.set(weight=[row[2] for row in rows])
    assert projection.get("weight", "list") == [row[:3] for row in rows]
    assert_array_equal(projection.get("weight", "array"), np.add.outer(10.0 * np.arange(5), np.arange(6)))
    assert [c.source for c in projection[::6]] == [big[4], big[1], big[2], small[1], small[2]]
    assert [c.target for c in projection[:6]] == [*small, big[0], big[2], big[4]]


def test_distances_between_assemblies():
    a, b = cells(4, structure=Grid2D(dx=3.0)), cells(4, structure=Grid2D(dy=5.0, z=1.0))
    assembly = a + b[1:]
    projection = sim.Projection(assembly, assembly, sim.AllToAllConnector(), sim.StaticSynapse(weight="d"))
    where = np.hstack([a.positions, b.positions[:, 1:]]).T
    expected = np.linalg.norm(where[:, None] - where[None], axis=-1)
    assert_allclose(projection.get("weight", "array"), expected, rtol=1e-12)
    projection.set(weight=0.0)
    projection.set(weight="d")
    assert_allclose(projection.get("weight", "array"), expected, rtol=1e-12)


@pytest.mark.parametrize("axes", ["x", "yz", None])
def test_set_uses_the_space_as_creation_does(axes):
    space = Space(axes=axes, scale_factor=1.5, offset=0.3, periodic_boundaries=((0, 4), None, (0, 2)))
    pre, post = cells(16, structure=Grid2D(dx=1.1, z=0.4)), cells(9, structure=Grid2D(dy=0.7))
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), sim.StaticSynapse(weight="d"), space=space)
    created = projection.get("weight", "array")
    projection.set(weight=lambda d: d)
    assert_array_equal(projection.get("weight", "array"), created)
    assert_array_equal(created.ravel(), space.distances(pre.positions.T, post.positions.T))


def test_several_projections_between_the_same_populations():
    group = cells(4)
    first = sim.Projection(group, group, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    second = sim.Projection(group, group, sim.OneToOneConnector(), receptor_type="inhibitory")
    assert (len(first), len(second)) == (16, 4)
    second.set(weight=0.3)
    assert set(first.get("weight", "list", with_address=False)) == {0.1}


# ---- receptors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weight, expected", [(0.1, "excitatory"), (-0.1, "inhibitory"), ([-0.1] * 4, "inhibitory")])
def test_receptor_follows_from_the_sign(weight, expected):
    group = cells(2, sim.IF_curr_exp)
    synapse = sim.StaticSynapse(weight=weight)
    assert sim.Projection(group, group, sim.AllToAllConnector(), synapse).receptor_type == expected
    both = group + cells(2, sim.IF_curr_alpha)
    assert sim.Projection(group[:1], both, sim.AllToAllConnector(), synapse).receptor_type == expected


class Swapped(sim.IF_cond_exp):
    """The same cell, whose receptors the engine has in the opposite order."""

    receptor_types = ("inhibitory", "excitatory")

    def kernel(self, precision):
        receptors = dict(reversed(equations.IF_cond_exp.receptors.items()))
        return kernels.compiled(replace(equations.IF_cond_exp, name="swapped", receptors=receptors), precision)


def test_input_reaches_its_receptor_in_cells_of_several_types():
    a, b = cells(1), cells(1, Swapped)
    assert a.celltype.kernel("double").receptors == b.celltype.kernel("double").receptors[::-1]
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    sim.Projection(source, a + b, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01), receptor_type="inhibitory")
    (a + b).record(["gsyn_exc", "gsyn_inh"])
    sim.run(5.0)
    for group in (a, b):
        signals = {s.name: s.magnitude for s in group.get_data().segments[0].analogsignals}
        assert signals["gsyn_inh"].max() > 0.005
        assert signals["gsyn_exc"].max() == 0


# ---- time ------------------------------------------------------------------------------------------------------------


def peaks(cell_group):
    """Times of the peaks of the excitatory conductance, and their heights."""
    trace = cell_group.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    jumps = np.flatnonzero(np.diff(trace) > 1e-6) + 1
    return [round(float(k) * 0.1, 6) for k in jumps], [float(trace[k] - trace[k - 1] * np.exp(-0.02)) for k in jumps]


def test_changes_between_runs_take_effect():
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 11.0, 21.0]))
    target = cells(1)
    target.record("gsyn_exc")
    projection = sim.Projection(source, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=0.5))
    sim.run(10.0)
    projection.set(weight=0.02, delay=2.0)
    sim.run(10.0)
    projection[0].weight = 0.03
    sim.run(10.0)
    times, heights = peaks(target)
    assert times == [1.5, 13.0, 23.0]
    assert_allclose(heights, [0.01, 0.02, 0.03], rtol=1e-9)


def test_a_projection_can_be_added_after_a_run():
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 11.0]))
    target = cells(1)
    target.record("gsyn_exc")
    sim.run(10.0)
    sim.Projection(source, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01))
    sim.run(10.0)
    times, heights = peaks(target)
    assert times == [11.1]
    assert_allclose(heights, [0.01], rtol=1e-9)


def test_weights_survive_a_reset():
    projection = listed()
    sim.run(1.0)
    projection.set(weight=[1, 2, 3, 4, 5, 6])
    sim.reset()
    assert projection.get("weight", "list", with_address=False) == [1, 2, 3, 4, 5, 6]


def test_delays_of_the_network():
    assert sim.get_min_delay() == 0.1
    listed(delay=1.5)
    listed(delay=0.7)
    assert (sim.get_min_delay(), sim.get_max_delay()) == (pytest.approx(0.7), pytest.approx(1.5))
    sim.setup(timestep=0.1, min_delay=0.5, max_delay=2.0)
    assert listed().get("delay", "list", with_address=False) == [0.5] * 6
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.5, 2.0)


# ---- the rest --------------------------------------------------------------------------------------------------------


def test_save_and_load(tmp_path):
    projection = listed(delay=0.3)
    projection.set(weight=[1, 2, 3, 4, 5, 6])
    name = str(tmp_path / "connections.txt")
    projection.save("all", name)
    copy = sim.Projection(projection.pre, projection.post, sim.FromFileConnector(name))
    assert copy.get(["weight", "delay"], "list") == projection.get(["weight", "delay"], "list")
    projection.save("weight", name)
    copy = sim.Projection(projection.pre, projection.post, sim.FromFileConnector(name))
    assert copy.get("weight", "list") == projection.get("weight", "list")
    projection.save("weight", name, format="array")
    assert_array_equal(np.loadtxt(name), np.nan_to_num(projection.get("weight", "array")))
    projection.save(["weight"], name, with_address=False)
    assert np.loadtxt(name).tolist() == [1, 2, 3, 4, 5, 6]


def test_histogram_description_annotations():
    projection = listed()
    projection.set(weight=[0, 1, 1, 2, 4, 4])
    with pytest.warns(DeprecationWarning):
        counts, edges = projection.weightHistogram(nbins=4)
    assert_array_equal(counts, [1, 2, 1, 2])
    assert_array_equal(edges, [0, 1, 2, 3, 4])
    description = projection.describe(template=None)
    assert (description["size"], description["receptor_type"]) == (6, "excitatory")
    assert projection.label in projection.describe()
    projection.annotate(layer=4)
    assert projection.annotations == {"layer": 4}


def test_deprecated_forms():
    projection = listed()
    with pytest.warns(DeprecationWarning):
        projection.setWeights(0.4)
        projection.setDelays(0.6)
        projection.setSynapseDynamics("weight", 0.5)
        assert projection.getWeights() == [0.5] * 6
        assert projection.getDelays() == [0.6] * 6
        projection.randomizeSynapseDynamics("weight", RandomDistribution("uniform", (2, 3)))
        assert min(projection.getWeights()) >= 2


def test_a_synapse_type_that_is_older_than_the_simulation_has_its_shortest_delay():
    plain, given = sim.StaticSynapse(weight=0.1), sim.StaticSynapse(weight=0.1, delay=3.0)
    plastic = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(), weight=0.1)
    changed = sim.StaticSynapse(weight=0.1)
    changed.parameter_space.update(delay=2.0)
    for timestep in (1.0, 0.5):
        sim.setup(timestep=timestep)
        cells = sim.Population(2, sim.IF_cond_exp())
        for synapse, delay in [(plain, timestep), (given, 3.0), (plastic, timestep), (changed, 2.0)]:
            made = sim.Projection(cells, cells, sim.OneToOneConnector(), synapse)
            assert made.get("delay", "list", with_address=False) == [delay, delay]
