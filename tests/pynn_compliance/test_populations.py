"""Populations, views and assemblies: selection, parameters, initial values, positions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import errors
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.space import Grid2D, Line

import pynn_annarchy as sim


@pytest.fixture(autouse=True)
def fresh():
    sim.setup(timestep=0.1)


def ten(**parameters):
    return sim.Population(10, sim.IF_cond_exp(**parameters), label="ten")


def numbers(group):
    return [int(cell) for cell in group.all_cells]


# ---- which cells -----------------------------------------------------------------------------------------------------


def test_ids_are_consecutive_over_populations():
    a, b = sim.Population(3, sim.IF_cond_exp()), sim.Population(2, sim.SpikeSourceArray())
    assert numbers(a) + numbers(b) == list(range(5))
    assert a[1].parent is a and a.id_to_index(a[1]) == 1 and b.first_id == 3 and b.last_id == 4
    assert a.is_local(a[0]) and a[0].local and len(list(a)) == a.local_size == 3


def test_size_may_be_a_grid():
    grid = sim.Population((3, 4), sim.IF_cond_exp())
    assert grid.size == 12 and isinstance(grid.structure, Grid2D)


@pytest.mark.parametrize(
    ("selector", "index"),
    [
        (slice(2, 7, 2), [2, 4, 6]),
        (slice(None, None, -3), [9, 6, 3, 0]),
        ([2, 0], [2, 0]),
        ((7, 1, 3), [7, 1, 3]),
        (np.array([5, 4]), [5, 4]),
        ([-1, 0], [9, 0]),
        (np.arange(10) % 4 == 1, [1, 5, 9]),
    ],
)
def test_order_of_a_view_is_that_of_its_selector(selector, index):
    population = ten(tau_m=np.arange(10, 20.0))
    view = population[selector]
    assert numbers(view) == index
    assert_array_equal(view.get("tau_m"), np.array(index) + 10.0)
    assert [view.id_to_index(population[i]) for i in index] == list(range(len(index)))
    assert_array_equal(view.id_to_index(view.all_cells), np.arange(len(index)))
    assert_array_equal(view.index_in_grandparent(np.arange(len(index))), index)
    assert_array_equal(view.index_from_parent_index(np.array(index)), np.arange(len(index)))
    assert_array_equal(view.positions[0], population.positions[0, index])


def test_views_of_views():
    population = ten()
    view = population[[8, 6, 4, 2]][1:][[2, 0]]
    assert numbers(view) == [2, 6]
    assert view.grandparent is population and list(view.index_in_grandparent([0, 1])) == [2, 6]
    view.set(cm=[0.3, 0.5])
    assert population[6].cm == 0.5 and population[2].cm == 0.3


def test_cells_outside_a_view():
    view = ten()[3:6]
    with pytest.raises(IndexError, match="ID 7"):
        view.id_to_index(7)
    with pytest.raises(IndexError):
        view.index_from_parent_index(np.array([3, 9]))


def test_sample_is_the_same_as_on_other_backends():
    view = ten().sample(4, NumpyRNG(seed=3))
    assert numbers(view) == sorted(NumpyRNG(seed=3).permutation(np.arange(10))[:4])


def test_equal_views():
    population = ten()
    assert population[[1, 2]] == population[1:3] and population[[2, 1]] != population[1:3]
    assert len({population[[1, 2]], population[1:3]}) == 1


def test_assembly():
    a, b = ten(cm=0.5), sim.Population(4, sim.IF_curr_exp())
    assembly = a[2:4] + b
    assert isinstance(assembly, sim.Assembly) and assembly.size == 6
    assert_array_equal(assembly.get("cm"), [0.5, 0.5, 1, 1, 1, 1])
    assert assembly.find_units("v") == "mV"
    assembly.set(cm=0.7)
    assert a[2].cm == 0.7 and a[4].cm == 0.5 and b.get("cm") == 0.7
    assembly.initialize(v=-62.0)
    assert a[3:4].initial_values["v"].evaluate(simplify=True) == -62.0
    part = assembly[[1, 5]]
    assert numbers(part) == [3, 13]
    assert numbers(assembly.sample(3, NumpyRNG(seed=1))) == sorted(numbers(assembly.sample(3, NumpyRNG(seed=1))))
    with pytest.raises(ValueError, match="units"):  # uS and 1/ms
        (sim.Population(1, sim.Izhikevich()) + sim.Population(1, sim.EIF_cond_exp_isfa_ista())).find_units("a")


# ---- parameters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (15.0, np.full(10, 15.0)),
        (15, np.full(10, 15.0)),
        (list(range(10, 20)), np.arange(10.0, 20)),
        (np.arange(10, 20), np.arange(10.0, 20)),
        (lambda i: 10.0 + i, np.arange(10.0, 20)),
        (
            sim.RandomDistribution("uniform", (10, 20), rng=NumpyRNG(5)),
            NumpyRNG(5).next(10, "uniform", dict(low=10, high=20)),
        ),
    ],
    ids=["float", "int", "list", "array", "function", "random"],
)
def test_forms_of_a_parameter(value, expected):
    population = ten(tau_m=value)
    assert_array_equal(population.get("tau_m", simplify=False), expected)
    other = ten()
    other.set(tau_m=value)
    assert_array_equal(other.get("tau_m", simplify=False), expected)
    assert other[3].tau_m == expected[3]


def test_function_of_position():
    population = sim.Population(5, sim.IF_cond_exp(), structure=Line(dx=10.0))
    position = population.position_generator
    population.set(tau_m=lambda i: 10.0 + position(i)[..., 0] / 10)
    assert_allclose(population.get("tau_m"), 10.0 + np.arange(5))


def test_get_simplifies():
    population = ten()
    assert population.get("cm") == 1.0 and population.get(["cm", "tau_m"]) == [1.0, 20.0]
    population[4].cm = 0.25
    assert_array_equal(population.get("cm"), np.where(np.arange(10) == 4, 0.25, 1.0))
    assert population[5:].get("cm") == 1.0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tset_and_rset():
    population = ten()
    population.tset("cm", np.linspace(1, 2, 10))
    assert population[9].cm == 2.0
    population.rset("cm", RandomDistribution("uniform", (3.0, 4.0)))
    assert (population.get("cm") >= 3.0).all()
    assembly = population[:5] + population[5:]
    assembly.rset("tau_m", RandomDistribution("uniform", (7.0, 8.0)))
    assert (population.get("tau_m") < 8.0).all()


def test_parameters_change_the_membrane_between_runs():
    population = ten()
    population.record("v")
    sim.run(1.0)
    population[[7]].set(i_offset=1.0)
    sim.run(1.0)
    v = population.get_data().segments[0].analogsignals[0].magnitude
    assert (v[:11] == v[0]).all() and v[-1, 7] > -65.0 and (np.delete(v, 7, axis=1) == v[0, 0]).all()


def test_ids_have_attributes():
    population = ten()
    population[3].tau_m = 11.0
    population[4].set_parameters(tau_m=12.0, cm=0.1)
    assert population[3:5].get("tau_m").tolist() == [11.0, 12.0]
    assert population[4].get_parameters()["cm"] == 0.1
    assert population[3].celltype is population.celltype and population[3].is_standard_cell
    population[2].position = (1.0, 2.0, 3.0)
    assert_array_equal(population.positions[:, 2], (1, 2, 3))
    assert population[2].as_view().size == 1


# ---- initial values --------------------------------------------------------------------------------------------------


def first_v(population):
    population.record("v")
    sim.run(0.1)
    signal = population.get_data("v").segments[0].analogsignals[0]
    return signal.magnitude[0]


def test_view_initialize_leaves_the_rest_alone():
    population = ten()
    population[[4, 2]].initialize(v=[-60.0, -50.5])
    expected = np.full(10, -65.0)
    expected[4], expected[2] = -60.0, -50.5
    assert_array_equal(population.initial_values["v"].evaluate(), expected)
    assert_array_equal(population[[4, 2]].initial_values["v"].evaluate(), [-60.0, -50.5])
    assert_array_equal(first_v(population), expected)
    sim.reset()
    sim.run(0.1)
    assert_array_equal(population.get_data().segments[1].analogsignals[0].magnitude[0], expected)


def test_initial_value_of_a_cell():
    population = ten()
    population[1].set_initial_value("v", -55.5)
    assert population[1].get_initial_value("v") == -55.5 and population[0].get_initial_value("v") == -65.0
    assert first_v(population)[1] == -55.5


@pytest.mark.parametrize("value", [-60.0, np.linspace(-70, -60, 10), lambda i: -70.0 + i])
def test_forms_of_an_initial_value(value):
    population = sim.Population(10, sim.IF_cond_exp(), initial_values={"v": value})
    expected = value(np.arange(10)) if callable(value) else value
    assert_array_equal(first_v(population), np.broadcast_to(expected, 10))


def test_random_initial_values_come_once_from_the_stream():
    rng = NumpyRNG(seed=8)
    population = ten()
    population.initialize(v=RandomDistribution("uniform", (-70.0, -60.0), rng=rng))
    reference = NumpyRNG(seed=8)
    assert_array_equal(first_v(population), reference.next(10, "uniform", dict(low=-70.0, high=-60.0)))
    assert rng.next() == reference.next()


# ---- the rest --------------------------------------------------------------------------------------------------------


def test_find_units():
    population = ten()
    for group in (population, population[:2]):
        assert group.find_units("v") == "mV"
        assert group.find_units("cm") == "nF"


def test_annotations_and_descriptions():
    population = ten()
    population.annotate(layer="4")
    assert "ten" in population.describe() and "ten" in population[:3].describe()
    assert population.describe(template=None)["size"] == 10
    population.record("v")
    sim.run(1.0)
    assert population.get_data().annotations["layer"] == "4"


def test_nearest_and_saved_positions(tmp_path):
    population = sim.Population(5, sim.IF_cond_exp(), structure=Line(dx=10.0))
    assert population.nearest((31.0, 0.0, 0.0)) == population[3]
    population.save_positions(str(tmp_path / "positions.txt"))
    assert_allclose(np.loadtxt(tmp_path / "positions.txt")[:, 1], 10.0 * np.arange(5))


def test_class_instead_of_instance_as_cell_type():
    with pytest.warns(DeprecationWarning):
        assert sim.Population(2, sim.IF_cond_exp).get("tau_m") == 20.0
    with pytest.warns(DeprecationWarning):
        assert sim.Population(2, sim.IF_cond_exp, {"tau_m": 7.0}).get("tau_m") == 7.0


def test_one_cell_type_for_populations_of_different_size():
    celltype = sim.IF_cond_exp(cm=0.5)
    assert sim.Population(3, celltype).get("cm") == sim.Population(7, celltype).get("cm") == 0.5


def test_unknown_parameters():
    population = ten()
    for wrong in (
        lambda: sim.IF_cond_exp(tau=3.0),
        lambda: population.set(tau=3.0),
        lambda: population.get("tau"),
        lambda: population[0].tau,
    ):
        with pytest.raises(errors.NonExistentParameterError, match="tau_m"):
            wrong()


def test_building_goes_on_after_a_run():
    first = ten()
    first.record("v")
    sim.run(2.0)
    second = sim.Population(3, sim.IF_cond_exp(i_offset=0.5))
    second.record("v")
    sim.run(2.0)
    v = second.get_data().segments[0].analogsignals[0]
    assert v.shape == (21, 3) and float(v.t_start) == pytest.approx(2.0)
    assert first.get_data().segments[0].analogsignals[0].shape == (41, 10)
