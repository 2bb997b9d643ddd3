"""The engine's own connectors: weights from matrices, and kernels of the distance."""

import tracemalloc

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.space import Cuboid, Grid2D, Grid3D, Line, RandomStructure, Space
from scipy.spatial.distance import cdist

import pynn_annarchy as sim
from pynn_annarchy.connectors import neighbours


@pytest.fixture(autouse=True)
def fresh():
    sim.setup(timestep=0.1)


def cells(n, structure=None):
    return sim.Population(n, sim.IF_curr_exp(), structure=structure)


def matrix_of(projection, name="weight"):
    return projection.get(name, "array", multiple_synapses="sum")


def project(pre, post, connector, space=None, **synapse):
    return sim.Projection(pre, post, connector, sim.StaticSynapse(**synapse), space=space)


# ---- matrices --------------------------------------------------------------------------------------------------------

SOME = np.array([[0.0, 1.5, 0.0], [2.5, 0.0, 0.0], [0.0, 0.5, 3.5], [0.0, 0.0, 4.5]])
FORMATS = ["bsr", "coo", "csc", "csr", "dia", "dok", "lil"]


@pytest.mark.parametrize("layout", FORMATS)
@pytest.mark.parametrize("kind", [scipy.sparse.csr_array, scipy.sparse.csr_matrix])
def test_every_sparse_format(layout, kind):
    weights = kind(SOME).asformat(layout)
    made = project(cells(4), cells(3), sim.SparseMatrixConnector(weights), weight=9.0, delay=0.7)
    assert_array_equal(matrix_of(made), np.where(SOME, SOME, np.nan))
    assert set(made.get("delay", "list", with_address=False)) == {0.7}
    assert_array_equal(weights.toarray(), SOME)


def test_a_stored_zero_is_a_connection_and_parts_add_up():
    parts = scipy.sparse.coo_array(([1.0, 2.0, 0.0], ([0, 0, 2], [1, 1, 0])), shape=(4, 3))
    made = project(cells(4), cells(3), sim.SparseMatrixConnector(parts))
    assert made.get("weight", "list") == [(0, 1, 3.0), (2, 0, 0.0)]
    assert parts.nnz == 3


@pytest.mark.parametrize("layout", FORMATS)
def test_sparse_delays(layout):
    weights, delays = scipy.sparse.csr_array(SOME), scipy.sparse.csr_array(SOME / 5).asformat(layout)
    made = project(cells(4), cells(3), sim.SparseMatrixConnector(weights, delays), delay=9.0)
    assert_allclose(matrix_of(made, "delay"), np.where(SOME, SOME / 5, np.nan), atol=1e-12)
    made = project(cells(4), cells(3), sim.SparseMatrixConnector(weights, delays=1.3))
    assert set(made.get("delay", "list", with_address=False)) == {1.3}


def test_dense_matrices():
    weights = [[0.0, None, 2.5], [np.nan, -0.0, 3]]
    for form in (weights, np.array(weights, dtype=float)):
        made = project(cells(2), cells(3), sim.DenseMatrixConnector(form, delays=0.4))
        assert made.get(["weight", "delay"], "list") == [
            (0, 0, 0.0, 0.4),
            (0, 2, 2.5, 0.4),
            (1, 1, 0, 0.4),
            (1, 2, 3, 0.4),
        ]
    made = project(cells(2), cells(3), sim.DenseMatrixConnector(weights, delays=[[1, np.nan, 2], [7, 3, 4]]))
    assert made.get("delay", "list", with_address=False) == [1, 2, 3, 4]


def test_matrices_are_copied():
    weights = np.ones((2, 2))
    connector = sim.DenseMatrixConnector(weights)
    weights[:] = np.nan
    assert len(project(cells(2), cells(2), connector)) == 4


def test_the_rest_comes_from_the_synapse_type_as_for_the_array_connector():
    """Random delays are drawn in the same order by the sparse, the dense and PyNN's own matrix connector."""
    results = []
    for connector in (
        sim.SparseMatrixConnector(scipy.sparse.csr_array(SOME)),
        sim.DenseMatrixConnector(np.where(SOME, SOME, np.nan)),
        sim.ArrayConnector(SOME > 0),
    ):
        delay = RandomDistribution("uniform", (0.1, 9.0), rng=NumpyRNG(3))
        results.append(project(cells(4), cells(3), connector, weight=1.0, delay=delay).get("delay", "list"))
    assert results[0] == results[1] == results[2]


def test_inhibitory_matrices():
    made = sim.Projection(
        cells(4), cells(3), sim.SparseMatrixConnector(scipy.sparse.csr_array(-SOME)), receptor_type="inhibitory"
    )
    assert np.nansum(matrix_of(made)) == -SOME.sum()


def test_a_matrix_acts_on_the_cells_it_names():
    """Each source alone moves exactly the targets in its row, by its weights."""
    sources = sim.Population(4, sim.SpikeSourceArray(spike_times=[[10.0 * k + 1] for k in range(4)]))
    post = cells(3)
    project(sources, post, sim.SparseMatrixConnector(scipy.sparse.csr_array(SOME)), delay=0.5)
    post.record("isyn_exc")
    sim.run(41.0)
    trace = post.get_data().segments[0].analogsignals[0].magnitude
    decay = np.exp(-0.1 / post.get("tau_syn_E"))
    for k in range(4):
        arrival = round((10.0 * k + 1.5) / 0.1)
        jump = trace[arrival] - trace[arrival - 1] * decay
        assert_allclose(jump, SOME[k], atol=1e-9)


# ---- kernels ---------------------------------------------------------------------------------------------------------


def gaussian(d, amplitude, sigma):
    return amplitude * np.exp(-(d**2) / (2 * sigma**2))


KERNELS = [
    (sim.GaussianConnector, (2.0, 1.7), lambda d: gaussian(d, 2.0, 1.7), 2.0),
    (sim.GaussianConnector, (-0.5, 0.8), lambda d: gaussian(d, -0.5, 0.8), 0.5),
    (sim.DifferenceOfGaussiansConnector, (3.0, 1.0, 1.0, 3.0), lambda d: gaussian(d, 3, 1) - gaussian(d, 1, 3), 3.0),
    (sim.DifferenceOfGaussiansConnector, (1.0, 2.0, 1.0, 1.0), lambda d: gaussian(d, 1, 2) - gaussian(d, 1, 1), 1.0),
    (sim.DifferenceOfGaussiansConnector, (0.0, 2.0, 1.0, 1.0), lambda d: -gaussian(d, 1, 1), 1.0),
]


def expected_weights(kernel, amplitude, limit, distances):
    weights = kernel(distances)
    return np.where(np.abs(weights) < limit * amplitude, np.nan, weights)


STRUCTURES = {
    "line": lambda: Line(dx=0.7, x0=-3),
    "grid": lambda: Grid2D(dx=1.9, dy=2.1),
    "space": lambda: Grid3D(dx=2.6, dy=2.7, dz=2.8),
    "random": lambda: RandomStructure(Cuboid(15, 14, 13), rng=NumpyRNG(2)),
}


@pytest.mark.parametrize("limit", [0.0, 0.01, 0.3])
@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("connector, arguments, kernel, amplitude", KERNELS)
def test_weights_are_those_of_the_kernel(connector, arguments, kernel, amplitude, structure, limit):
    pre, post = cells(27 if structure != "grid" else 25, STRUCTURES[structure]()), cells(16, Grid2D(dx=0.5, dy=0.4))
    made = project(pre, post, connector(*arguments, limit=limit, safe=False), delay=0.8)
    expected = expected_weights(kernel, amplitude, limit, cdist(pre.positions.T, post.positions.T))
    assert_allclose(matrix_of(made), expected, rtol=1e-9)
    assert np.isnan(expected).any() == (limit > 0)  # the test has both kinds of pairs
    assert len(made) == np.isfinite(expected).sum()


@pytest.mark.parametrize("axes", ["x", "y", "z", "xy", "yz", "xz", "xyz"])
@pytest.mark.parametrize("periodic", [False, True])
@given(seed=st.integers(0, 999), limit=st.sampled_from([0.0, 0.05, 0.5]), strip=st.sampled_from([1, 3, 256]))
@settings(deadline=None, max_examples=8)
def test_spaces(axes, periodic, seed, limit, strip):
    sim.setup(timestep=0.1)
    generator = np.random.default_rng(seed)
    lengths = np.array([4.0, 5.0, 6.0])
    a, b = generator.uniform(size=(13, 3)) * lengths, generator.uniform(size=(11, 3)) * lengths / 2
    pre, post = cells(13), cells(11)
    pre.positions, post.positions = a.T, b.T
    offset = np.array([0.3, -0.2, 0.1])
    space = Space(axes, 2.0, offset, tuple((0, length) for length in lengths) if periodic else None)
    used = ["xyz".index(axis) for axis in axes]
    difference = np.abs(a[:, None, used] - 2.0 * (b[None, :, used] + offset[used]))
    if periodic:
        difference = np.minimum(difference, lengths[used] - difference)
    expected = expected_weights(lambda d: gaussian(d, 1.0, 1.0), 1.0, limit, np.linalg.norm(difference, axis=2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "_TARGETS_AT_ONCE", strip)
        patch.setattr(neighbours, "_DISTANCES_AT_ONCE", 5 * strip)
        made = project(pre, post, sim.GaussianConnector(1.0, 1.0, limit=limit), space=space)
    assert_allclose(matrix_of(made), expected, rtol=1e-9, atol=1e-300)


class Manhattan(Space):
    def distances(self, A, B, expand=False):
        return cdist(np.atleast_2d(A), np.atleast_2d(B), "cityblock").flatten()


def test_a_space_of_the_users_own():
    group = cells(25, Grid2D())
    made = project(group, group, sim.GaussianConnector(1.0, 1.0, limit=0.1), space=Manhattan())
    distances = cdist(group.positions.T, group.positions.T, "cityblock")
    assert_allclose(matrix_of(made), expected_weights(lambda d: gaussian(d, 1, 1), 1.0, 0.1, distances), rtol=1e-9)


def test_positions_that_are_whole_numbers():
    group = cells(9)
    group.positions = np.array([np.arange(9) % 3, np.arange(9) // 3, np.zeros(9)], dtype=int)
    made = project(group, group, sim.GaussianConnector(1.0, 1.0, limit=0.0))
    assert_allclose(matrix_of(made), gaussian(cdist(group.positions.T, group.positions.T), 1, 1), rtol=1e-9)


def test_callbacks_of_kernels_rise_step_by_step(monkeypatch):
    monkeypatch.setattr(neighbours, "_TARGETS_AT_ONCE", 10)
    fractions = []
    group = cells(49, Grid2D())
    project(group, group, sim.GaussianConnector(1.0, 1.0, callback=fractions.append))
    assert_allclose(fractions, [0, 10 / 49, 20 / 49, 30 / 49, 40 / 49, 1])


def test_memory_is_that_of_the_connections():
    """A matrix of all pairs would take 800 MB, and half a minute."""
    group = cells(10_000, Grid2D())
    tracemalloc.start()
    made = project(group, group, sim.GaussianConnector(1.0, 1.0, limit=0.1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # the grid has 13 points within a distance of sqrt(2 ln 10) = 2.146, fewer around those near the edge
    neighbourhood = [(x, y) for x in range(-2, 3) for y in range(-2, 3) if x * x + y * y <= 2 * np.log(10)]
    assert len(made) == sum((100 - abs(x)) * (100 - abs(y)) for x, y in neighbourhood)
    assert peak < 100e6
