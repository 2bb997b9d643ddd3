"""Every argument of every connector, on populations, views in any order and assemblies."""

import inspect

import numpy as np
import pytest
import scipy.sparse
from connector_table import (
    ENDS,
    NAMES,
    REQUIRED,
    WITH_SELF_CONNECTIONS,
    WITH_WEIGHTS,
    WITHOUT_WEIGHTS,
    arguments_of,
    connector,
    ends,
    pattern,
)
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import connectors as common
from pyNN import errors
from pyNN.core import IndexBasedExpression
from pyNN.random import NumpyRNG, RandomDistribution

import pynn_annarchy as sim
from pynn_annarchy import connectors

BASE = {"location_selector", "safe", "callback"}


@pytest.fixture(autouse=True)
def fresh():
    sim.setup(timestep=0.1)


@pytest.fixture(params=ENDS)
def groups(request):
    return ends(request.param)


def connect(name, groups, folder, synapse=None, **options):
    given = {"weight": 0.1} if name in WITHOUT_WEIGHTS else {}
    synapse = sim.StaticSynapse(**(given | (synapse or {})))
    return sim.Projection(*groups, connector(name, *groups, folder, **options), synapse, receptor_type="excitatory")


def indices(projection):
    return projection.presynaptic_indices, projection.postsynaptic_indices


def distances(projection):
    pre, post = indices(projection)
    return np.linalg.norm(projection.pre.positions[:, pre] - projection.post.positions[:, post], axis=0)


# ---- the table is complete -------------------------------------------------------------------------------------------


def test_every_connector_is_in_the_table():
    assert set(REQUIRED) == {name for name in connectors.__all__ if name.endswith("Connector")}
    bases = {"Connector", "MapConnector", "FixedNumberConnector"}
    theirs = {n for n, c in vars(common).items() if inspect.isclass(c) and issubclass(c, common.Connector)} - bases
    assert theirs <= set(REQUIRED)


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_those_of_pynn(name):
    mine = arguments_of(name)
    assert mine >= BASE - ({"location_selector"} if name == "CloneConnector" else set())
    if hasattr(common, name) and name != "CSAConnector":  # whose arguments PyNN changes where csa is missing
        theirs = inspect.signature(getattr(common, name)).parameters
        assert list(inspect.signature(getattr(sim, name)).parameters) == list(theirs)
        for argument, parameter in inspect.signature(getattr(sim, name)).parameters.items():
            assert parameter.default == theirs[argument].default


# ---- which cells are connected ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_connections_are_between_the_cells_of_the_groups(name, groups, tmp_path):
    projection = connect(name, groups, tmp_path)
    assert len(projection) > 0
    for connection, i, j in zip(projection.connections, *indices(projection), strict=True):
        assert connection.presynaptic_cell == groups[0].all_cells[i]
        assert connection.postsynaptic_cell == groups[1].all_cells[j]


LISTED = "ArrayConnector DenseMatrixConnector FromFileConnector FromListConnector SparseMatrixConnector".split()


def test_connections_are_those_that_the_arguments_say(groups, tmp_path):
    pre, post = groups
    everywhere = [(i, j) for i in range(pre.size) for j in range(post.size)]
    listed = [tuple(pair) for pair in np.argwhere(pattern(*groups)).tolist()]
    expected = {
        "AllToAllConnector": everywhere,
        "OneToOneConnector": [(k, k) for k in range(min(pre.size, post.size))],
        **dict.fromkeys(
            (
                "ArrayConnector",
                "DenseMatrixConnector",
                "FromFileConnector",
                "FromListConnector",
                "SparseMatrixConnector",
            ),
            listed,
        ),
    }
    for name, wanted in expected.items():
        made = connect(name, groups, tmp_path).get("weight", "list")
        assert [row[:2] for row in made] == wanted, name
    degrees = [
        np.bincount(ix, minlength=n.size)
        for ix, n in zip(indices(connect("FixedNumberPostConnector", groups, tmp_path, n=3)), groups, strict=True)
    ]
    assert set(degrees[0]) == {3}
    degrees = [
        np.bincount(ix, minlength=n.size)
        for ix, n in zip(indices(connect("FixedNumberPreConnector", groups, tmp_path, n=3)), groups, strict=True)
    ]
    assert set(degrees[1]) == {3}
    assert len(connect("FixedTotalNumberConnector", groups, tmp_path, n=31)) == 31


# ---- allow_self_connections, with_replacement ------------------------------------------------------------------------


@pytest.mark.parametrize("allow", [False, "NoMutual", np.False_])
@pytest.mark.parametrize("name", WITH_SELF_CONNECTIONS)
def test_self_and_mutual_connections(name, groups, tmp_path, allow):
    made = connect(name, groups, tmp_path, allow_self_connections=allow)
    pairs = {(int(groups[0].all_cells[i]), int(groups[1].all_cells[j])) for i, j in zip(*indices(made), strict=True)}
    assert pairs and not any(a == b for a, b in pairs)
    if isinstance(allow, str):
        assert not any((b, a) in pairs for a, b in pairs)
    elif name in ("AllToAllConnector", "GaussianConnector"):
        assert groups[0] != groups[1] or any((b, a) in pairs for a, b in pairs)


@pytest.mark.parametrize("name", ["AllToAllConnector", "FixedProbabilityConnector", "GaussianConnector"])
def test_one_direction_of_every_pair_is_left(name, groups, tmp_path):
    certain = {"FixedProbabilityConnector": {"p_connect": 1.0}, "GaussianConnector": {"limit": 0.0}}.get(name, {})
    made = connect(name, groups, tmp_path, allow_self_connections="NoMutual", **certain)
    a, b = (group.all_cells for group in groups)
    pairs = {frozenset((int(a[i]), int(b[j]))) for i, j in zip(*indices(made), strict=True)}
    assert pairs == {frozenset((int(x), int(y))) for x in a for y in b if x != y}
    assert len(made) == len(pairs)


@pytest.mark.parametrize("name", ["FixedNumberPreConnector", "FixedNumberPostConnector", "FixedTotalNumberConnector"])
@pytest.mark.parametrize("allow", [True, False, "NoMutual"])
@pytest.mark.parametrize("safe", [True, False])
def test_replacement(name, allow, safe, tmp_path):
    group = sim.Population(12, sim.IF_cond_exp())
    n = 40 if "Total" in name else 4
    options = {"n": n, "allow_self_connections": allow, "rng": NumpyRNG(2, parallel_safe=safe)}
    without = connect(name, (group, group), tmp_path, with_replacement=False, **options)
    replaced = connect(name, (group, group), tmp_path, with_replacement=True, **options)
    assert len(without) == len(replaced) == (n if "Total" in name else 12 * n)
    assert len(set(zip(*indices(without), strict=True))) == len(without)
    assert len(set(zip(*indices(replaced), strict=True))) < len(replaced)


def test_no_room_for_one_direction(tmp_path):
    group = sim.Population(4, sim.IF_cond_exp())
    assert (
        len(
            connect(
                "FixedTotalNumberConnector",
                (group,) * 2,
                tmp_path,
                n=6,
                with_replacement=False,
                allow_self_connections="NoMutual",
            )
        )
        == 6
    )
    for name, n in (("FixedTotalNumberConnector", 7), ("FixedNumberPreConnector", 2), ("FixedNumberPostConnector", 2)):
        with pytest.raises(errors.ConnectionError, match="NoMutual"):
            connect(name, (group,) * 2, tmp_path, n=n, with_replacement=False, allow_self_connections="NoMutual")


# ---- callback, safe, location_selector -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_callbacks_get_rising_fractions(name, groups, tmp_path):
    fractions = []
    connect(name, groups, tmp_path, callback=fractions.append)
    assert fractions == sorted(fractions)
    assert fractions[0] >= 0 and fractions[-1] == 1 and fractions.count(1) == 1


@pytest.mark.parametrize("name", ["FromListConnector", "FixedProbabilityConnector", "SparseMatrixConnector"])
def test_callbacks_also_where_nothing_is_connected(name, tmp_path):
    nothing = {"conn_list": []}, {"p_connect": 0.0}, {"weights": scipy.sparse.csr_array((6, 5))}
    options = nothing[["FromListConnector", "FixedProbabilityConnector", "SparseMatrixConnector"].index(name)]
    fractions = []
    assert len(connect(name, ends("two populations"), tmp_path, callback=fractions.append, **options)) == 0
    assert fractions == sorted(fractions) and fractions[-1] == 1


def negative(name, groups):
    """Arguments of connector and synapse that make a weight negative."""
    return {
        "DenseMatrixConnector": ({"weights": np.full((groups[0].size, groups[1].size), -0.5)}, {}),
        "DifferenceOfGaussiansConnector": ({"amp_pos": 0.0}, {}),
        "GaussianConnector": ({"amplitude": -1.0}, {}),
        "SparseMatrixConnector": ({"weights": -connector("SparseMatrixConnector", *groups, None).weights}, {}),
    }.get(name, ({}, {"weight": -0.5}))


@pytest.mark.parametrize("name", NAMES)
def test_signs_are_checked_if_safe(name, groups, tmp_path):
    options, synapse = negative(name, groups)
    with pytest.raises(errors.ConnectionError, match="weights must be positive"):
        connect(name, groups, tmp_path, synapse, **options)
    made = connect(name, groups, tmp_path, synapse, safe=False, **options)
    assert max(made.get("weight", "list", with_address=False)) < 0


@pytest.mark.parametrize("name", [name for name in NAMES if name != "CloneConnector"])
def test_locations_are_refused(name, tmp_path):
    with pytest.raises(NotImplementedError, match=rf"{name}\(location_selector='soma'\): cells here are points"):
        connector(name, *ends("population"), tmp_path, location_selector="soma")


@pytest.mark.parametrize("name", NAMES)
def test_description(name, tmp_path):
    pre, post = ends("population")
    made = connector(name, pre, post, tmp_path)
    assert made.describe().startswith(f"{name}(") and made.describe().endswith(")")
    assert made.describe(template=None)["name"] == name
    assert made.describe("$name!", engine="string") == f"{name}!"
    assert set(made.get_parameters()) == set(made.parameter_names)
    assert name in sim.Projection(pre, post, made).describe()


# ---- what the synapse type says --------------------------------------------------------------------------------------


class Numbered(IndexBasedExpression):
    def __call__(self, i, j):
        return 0.5 + i + 10.0 * j


@pytest.mark.parametrize("name", WITHOUT_WEIGHTS)
def test_forms_of_weights(name, groups, tmp_path):
    plain = connect(name, groups, tmp_path)
    pre, post = indices(plain)
    matrix = np.random.default_rng(1).uniform(size=plain.shape)
    forms = {
        "list": (list(range(len(plain))), np.arange(len(plain))),
        "array": (np.arange(len(plain)) / 7, np.arange(len(plain)) / 7),
        "matrix": (matrix, matrix[pre, post]),
        "expression": ("0.1 + d**2", 0.1 + distances(plain) ** 2),
        "function": (lambda d: 1 + np.sin(d), 1 + np.sin(distances(plain))),
        "indices": (Numbered(), 0.5 + pre + 10.0 * post),
    }
    for form, (given, expected) in forms.items():
        made = connect(name, groups, tmp_path, {"weight": given})
        assert_array_equal(indices(made), (pre, post), err_msg=form)
        assert_allclose(made.get("weight", "list", with_address=False), expected, rtol=1e-12, err_msg=form)


@pytest.mark.parametrize("name", NAMES)
def test_forms_of_delays(name, groups, tmp_path):
    plain = connect(name, groups, tmp_path)
    pre, post = indices(plain)
    listed = 0.1 * (1 + np.arange(len(plain)))
    for given, expected in (
        (listed, listed),
        ("0.3 + 0.2*d", np.round(0.3 + 0.2 * distances(plain), 1)),
        (Numbered(), 0.5 + pre + 10.0 * post),
    ):
        made = connect(name, groups, tmp_path, {"delay": given})
        assert_allclose(made.get("delay", "list", with_address=False), expected, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_random_values_are_drawn_for_one_post_synaptic_cell_after_the_other(name, groups, tmp_path):
    parameter = "delay" if name in WITH_WEIGHTS else "weight"
    random = RandomDistribution("uniform", low=1.0, high=9.0, rng=NumpyRNG(6))
    made = connect(name, groups, tmp_path, {parameter: random})
    drawn = RandomDistribution("uniform", low=1.0, high=9.0, rng=NumpyRNG(6)).next(len(made))
    post = indices(made)[1]
    values = np.array(made.get(parameter, "list", with_address=False))
    bounds = np.cumsum(np.bincount(post, minlength=groups[1].size))[:-1]
    for j, expected in enumerate(np.split(drawn, bounds)):
        if parameter == "delay":
            expected = np.round(expected, 1)
        assert_allclose(np.sort(values[post == j]), np.sort(expected), atol=1e-9)


# ---- the results can be copied and saved -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_clones_and_files(name, groups, tmp_path):
    made = connect(name, groups, tmp_path, {"delay": "0.1 + 0.3*d"})
    clone = sim.Projection(*groups, sim.CloneConnector(made), sim.StaticSynapse(weight=0.2))
    assert_array_equal(indices(clone), indices(made))
    file = str(tmp_path / "saved.txt")
    made.save("all", file)
    read = sim.Projection(*groups, sim.FromFileConnector(file))
    assert_allclose(read.get(["weight", "delay"], "list"), made.get(["weight", "delay"], "list"), rtol=1e-12)
    if len(set(zip(*indices(made), strict=True))) == len(
        made
    ):  # a matrix has no room for several connections of a pair
        weights, delays = made.get(["weight", "delay"], "array")
        dense = sim.Projection(*groups, sim.DenseMatrixConnector(weights, delays))
        assert dense.get(["weight", "delay"], "list") == made.get(["weight", "delay"], "list")
