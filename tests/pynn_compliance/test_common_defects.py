"""Defects of PyNN 0.13's common code, and what happens here instead; one test for each."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import errors

import pynn_annarchy as sim


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1, min_delay=0.1)


def cells(n: int) -> sim.Population:
    return sim.Population(n, sim.IF_cond_exp())


def pairs(connector: sim.Connector, pre: sim.Population, post: sim.Population | None = None) -> list[tuple[int, int]]:
    """The connections that a connector makes, as pairs of indices."""
    projection = sim.Projection(pre, pre if post is None else post, connector, sim.StaticSynapse(weight=0.1))
    return [(int(i), int(j)) for i, j, _ in projection.get("weight", "list")]


def test_one_to_one_between_populations_of_one_cell() -> None:
    """ValueError with numpy 2.1: calling nonzero on 0d arrays."""
    assert pairs(sim.OneToOneConnector(), cells(1), cells(1)) == [(0, 0)]


def test_all_to_all_without_mutual_connections() -> None:
    """AssertionError in the constructor."""
    made = pairs(sim.AllToAllConnector(allow_self_connections="NoMutual"), cells(4))
    assert len(made) == 6 and len({frozenset(pair) for pair in made}) == 6


def test_distance_dependent_probability_from_a_function() -> None:
    """SyntaxError: the function's repr() is evaluated."""
    row = sim.Population(5, sim.IF_cond_exp(), structure=sim.Line(dx=1.0))
    made = pairs(sim.DistanceDependentProbabilityConnector(lambda d: d < 1.5), row)
    assert sorted(made) == [(i, j) for i in range(5) for j in range(5) if abs(i - j) < 2]


@pytest.mark.parametrize("connector", ["FixedNumberPostConnector", "FixedTotalNumberConnector"])
def test_fixed_numbers_with_a_generator_that_is_not_parallel_safe(connector: str) -> None:
    """ValueError: ragged array."""
    rng = sim.NumpyRNG(seed=3, parallel_safe=False)
    made = pairs(getattr(sim, connector)(4, rng=rng), cells(6), cells(7))
    assert len(made) == (24 if connector == "FixedNumberPostConnector" else 4)


def test_fixed_number_pre_without_self_connections_with_a_generator_that_is_not_parallel_safe() -> None:
    """NotImplementedError."""
    rng = sim.NumpyRNG(seed=3, parallel_safe=False)
    made = pairs(sim.FixedNumberPreConnector(3, allow_self_connections=False, rng=rng), cells(6))
    assert all(i != j for i, j in made)
    assert [sum(target == j for _, target in made) for j in range(6)] == [3] * 6


def test_fixed_total_number_without_replacement() -> None:
    """Ignored: 36 draws from 6 x 6 pairs gave 21 different ones."""
    made = pairs(sim.FixedTotalNumberConnector(36, with_replacement=False, rng=sim.NumpyRNG(seed=1)), cells(6))
    assert sorted(made) == [(i, j) for i in range(6) for j in range(6)]


def test_fixed_total_number_without_self_connections() -> None:
    """Ignored: 16 self-connections."""
    connector = sim.FixedTotalNumberConnector(200, allow_self_connections=False, rng=sim.NumpyRNG(seed=1))
    made = pairs(connector, cells(6))
    assert len(made) == 200 and all(i != j for i, j in made)


def test_displacement_dependent_probability_keeps_its_options() -> None:
    """`safe` and `location_selector` are dropped."""
    assert sim.DisplacementDependentProbabilityConnector(lambda d: d[0], safe=False).safe is False
    with pytest.raises(NotImplementedError, match="location_selector='soma'"):
        sim.DisplacementDependentProbabilityConnector(lambda d: d[0], location_selector="soma")


def test_connection_set_with_values() -> None:
    """Cell IDs are passed as indices, so the values go to other connections or to none."""
    csa = pytest.importorskip("csa")
    cells(5)  # so that IDs differ from indices
    connection_set = csa.cset(csa.oneToOne, lambda i, j: 0.1 + i, lambda i, j: 1.0 + j)
    projection = sim.Projection(cells(3), cells(3), sim.CSAConnector(connection_set))
    assert_allclose(
        projection.get(["weight", "delay"], "list"),
        [(0, 0, 0.1, 1.0), (1, 1, 1.1, 2.0), (2, 2, 2.1, 3.0)],
        rtol=1e-12,
    )


def test_lists_of_connections_keep_their_order() -> None:
    """`conn_list` is sorted in place."""
    given = np.array([(2, 1, 0.3, 1.0), (0, 0, 0.1, 2.0), (1, 2, 0.2, 3.0)])
    connector = sim.FromListConnector(given)
    made = pairs(connector, cells(3))
    assert sorted(made) == [(0, 0), (1, 2), (2, 1)]
    assert given.tolist() == [[2, 1, 0.3, 1.0], [0, 0, 0.1, 2.0], [1, 2, 0.2, 3.0]]
    assert np.asarray(connector.conn_list).tolist() == given.tolist()


@pytest.mark.parametrize("row", [(-1, 0), (0, -1), (3, 0), (0, 3)])
def test_lists_with_indices_out_of_range(row: tuple[int, int]) -> None:
    """A negative source is taken from the end, a target out of range is dropped."""
    with pytest.raises(errors.ConnectionError, match=f"out of range: {row[0] or row[1]} is not"):
        sim.Projection(cells(3), cells(3), sim.FromListConnector([(*row, 0.1, 1.0)]))


def test_units_of_a_variable_given_by_its_name() -> None:
    """AttributeError: only a Variable namedtuple is taken."""
    assert cells(1).find_units("v") == "mV"


def test_order_of_a_list_of_indices() -> None:
    """The selected cells are sorted."""
    population = cells(4)
    assert list(population[[2, 0]]) == [population[2], population[0]]


def test_two_plastic_synapse_types_do_not_share_their_translations() -> None:
    """One class-level table: the parts of each object are added to those of all earlier ones."""
    vogels = sim.STDPMechanism(sim.Vogels2011Rule(), sim.AdditiveWeightDependence(), weight=0.1, delay=1.0)
    before = {name: dict(entry) for name, entry in vogels.translations.items()}
    pair = sim.STDPMechanism(sim.SpikePairRule(), sim.GutigWeightDependence(), weight=0.1, delay=1.0)
    assert "mu_plus" in pair.translations and "rho" not in pair.translations
    assert "rho" in vogels.translations and "mu_plus" not in vogels.translations
    assert set(vogels.translations) == set(before)
    assert set(vogels.get_parameter_names()) >= {"rho", "eta", "w_max"}
    assert not {"mu_plus", "A_plus"} & set(vogels.get_parameter_names())


def test_plastic_synapse_without_a_delay_is_refused() -> None:
    """A delay of 0 silently becomes the shortest one."""
    synapse = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(), weight=0.1, delay=0.0)
    with pytest.raises(errors.ConnectionError, match="a delay is 0 ms, which is out of range"):
        sim.Projection(cells(2), cells(2), sim.OneToOneConnector(), synapse)


def test_a_value_for_each_connection() -> None:
    """IndexError, although the documentation says that a list is possible."""
    synapse = sim.StaticSynapse(weight=[0.1, 0.2, 0.3], delay=[1.0, 2.0, 3.0])
    projection = sim.Projection(cells(3), cells(3), sim.OneToOneConnector(), synapse)
    assert_allclose(projection.get(["weight", "delay"], "list"), [(0, 0, 0.1, 1.0), (1, 1, 0.2, 2.0), (2, 2, 0.3, 3.0)])


def test_setup_forgets_what_was_to_be_written() -> None:
    """Files of the previous simulation are written at the end of the next."""
    cells(1).record("v", to_file="never.pkl")
    sim.setup()
    assert sim.simulator.state.write_on_end == []


def test_recording_that_starts_after_a_run() -> None:
    """AssertionError on NEST, ValueError on NEURON."""
    population = cells(2)
    sim.run(5.0)
    population.record("v")
    sim.run(5.0)
    (v,) = population.get_data().segments[0].analogsignals
    assert (float(v.t_start), v.shape) == (pytest.approx(5.0), (51, 2))


def test_recording_that_starts_after_a_run_is_kept_by_a_reset() -> None:
    """`store_to_cache` looks for a recording start time that recorders do not have."""
    population = cells(2)
    sim.run(5.0)
    population.record("v")
    sim.run(5.0)
    sim.reset()
    sim.run(2.0)
    first, second = (segment.analogsignals[0] for segment in population.get_data().segments)
    assert (first.shape, second.shape) == ((51, 2), (21, 2))
    assert_array_equal(second.magnitude[0], [-65.0, -65.0])
