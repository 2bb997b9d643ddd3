"""Bad input to populations and cells: raised at once, with what was given and what is allowed, and nothing changes."""

import numpy as np
import pytest
from pyNN import errors

import pynn_annarchy as sim

BAD = errors.InvalidParameterValueError


@pytest.fixture(autouse=True)
def fresh():
    sim.setup()


@pytest.mark.parametrize("size", [0, -3, (0,), (4, 0), np.int64(0)])
def test_empty_population(size):
    with pytest.raises(ValueError, match="at least one cell"):
        sim.Population(size, sim.IF_cond_exp())
    assert sim.Population(1, sim.IF_cond_exp()).first_id == 0  # no number was taken


@pytest.mark.parametrize("size", [2.5, "3", None, (2, 1.5)])
def test_size_that_is_no_number_of_cells(size):
    with pytest.raises(ValueError, match="int"):
        sim.Population(size, sim.IF_cond_exp())


@pytest.mark.parametrize("celltype", [sim.StaticSynapse, 3, "IF_cond_exp"])
def test_what_is_no_cell_type(celltype):
    with pytest.raises(TypeError):
        sim.Population(2, celltype)


def test_cell_type_of_another_backend():
    from pyNN.standardmodels.cells import IF_cond_exp

    with pytest.raises(TypeError, match=r"IF_cond_exp is not a cell type of pyNN\.annarchy"):
        sim.Population(2, IF_cond_exp())


BAD_VALUES = [
    ("IF_cond_exp", "tau_m", 0.0),
    ("IF_cond_exp", "tau_m", -20.0),
    ("IF_cond_exp", "tau_syn_I", 0.0),
    ("IF_cond_exp", "cm", -1.0),
    ("IF_cond_exp", "tau_refrac", -0.1),
    ("IF_cond_exp", "v_rest", float("nan")),
    ("IF_cond_exp", "v_thresh", float("inf")),
    ("IF_cond_exp", "i_offset", -float("inf")),
    ("EIF_cond_exp_isfa_ista", "tau_w", 0.0),
    ("EIF_cond_exp_isfa_ista", "delta_T", -1.0),
    ("HH_cond_exp", "gbar_Na", -1.0),
    ("IF_facets_hardware1", "g_leak", -1.0),
    ("GIF_cond_exp", "tau_eta", [1.0, 0.0, 2.0]),
    ("GIF_cond_exp", "tau_eta", [1.0, 2.0]),
    ("GIF_cond_exp", "delta_v", 0.0),
    ("GIF_cond_exp", "lambda0", -1.0),
    ("SpikeSourcePoisson", "rate", -5.0),
    ("SpikeSourcePoisson", "rate", float("nan")),
    ("SpikeSourcePoisson", "duration", -1.0),
    ("SpikeSourcePoissonRefractory", "tau_refrac", -1.0),
    ("SpikeSourceGamma", "alpha", 0.0),
    ("SpikeSourceGamma", "beta", -1.0),
    ("SpikeSourceArray", "spike_times", [1.0, 3.0, 2.0]),
    ("SpikeSourceArray", "spike_times", [-1.0, 3.0]),
    ("SpikeSourceArray", "spike_times", [1.0, float("nan")]),
    ("SpikeSourceArray", "spike_times", [1.0, float("inf")]),
]


@pytest.mark.parametrize(("cell", "name", "value"), BAD_VALUES)
def test_value_without_meaning(cell, name, value):
    celltype = getattr(sim, cell)
    with pytest.raises(BAD, match=f"{cell}: {name} "):
        sim.Population(2, celltype(**{name: value}))
    population = sim.Population(3, celltype())
    assert population.first_id == 0
    before = population.get(name)
    with pytest.raises(BAD, match=f"{cell}: {name} "):
        population[1:].set(**{name: value})
    assert population.get(name) == before


def test_message_has_pynns_unit():
    with pytest.raises(BAD, match=r"g_leak = -25 is not allowed, it has to be finite and 0 or greater"):
        sim.Population(2, sim.IF_facets_hardware1(g_leak=[40.0, -25.0]))


def test_one_bad_value_among_many_changes_none():
    population = sim.Population(3, sim.IF_cond_exp())
    with pytest.raises(BAD, match="tau_m = -2"):
        population.set(cm=0.5, tau_m=[10.0, -2.0, 30.0])
    assert population.get(["cm", "tau_m"]) == [1.0, 20.0]
    sim.run(1.0)


@pytest.mark.parametrize(
    ("cell", "good", "bad", "message"),
    [
        ("SpikeSourcePoissonRefractory", dict(rate=90.0, tau_refrac=10.0), dict(rate=101.0), "rate = 101.*at most"),
        ("SpikeSourceInhGamma", dict(a=[1, 2], b=[1, 1], tbins=[0, 9]), dict(a=[1.0]), "1, 2 and 2 values"),
        ("SpikeSourceInhGamma", dict(a=[1, 2], b=[1, 1], tbins=[0, 9]), dict(b=[1.0, -1.0]), "b = -1"),
        ("SpikeSourceInhGamma", dict(a=[1, 2], b=[1, 1], tbins=[0, 9]), dict(tbins=[9.0, 1.0]), "ascending"),
    ],
)
def test_parameters_that_do_not_go_together(cell, good, bad, message):
    celltype = getattr(sim, cell)
    population = sim.Population(3, celltype(**good))
    before = population.get(list(bad))
    with pytest.raises(BAD, match=message):
        population[[2, 0]].set(**bad)
    with pytest.raises(BAD, match=message):
        sim.Population(3, celltype(**{**good, **bad}))
    assert population.get(list(bad)) == before
    sim.run(1.0)


def test_cell_attribute():
    cell = sim.Population(3, sim.IF_cond_exp())[1]
    with pytest.raises(BAD):
        cell.tau_m = -1.0
    assert cell.tau_m == 20.0


@pytest.mark.parametrize("value", [None, "20", "open", 1j, {}, ["a", "b", "c"], [1j, 2, 3], [[1.0], [2.0, 3.0], [4.0]]])
def test_what_is_no_number(value):
    with pytest.raises(BAD, match="IF_cond_exp: tau_m"):
        sim.IF_cond_exp(tau_m=value)
    population = sim.Population(3, sim.IF_cond_exp())
    with pytest.raises(BAD, match="IF_cond_exp: tau_m"):
        population.set(tau_m=value)
    with pytest.raises(BAD, match="v = "):
        population.initialize(v=value)
    assert population.get("tau_m") == 20.0


def test_function_that_does_not_take_arrays():
    with pytest.raises(BAD, match="tau_m cannot be evaluated"):
        sim.Population(3, sim.IF_cond_exp(tau_m=lambda i: 10.0 if i < 2 else 20.0))


@pytest.mark.parametrize("value", [[1.0, 2.0], np.ones(4), np.ones((3, 1))])
def test_wrong_number_of_values(value):
    population = sim.Population(3, sim.IF_cond_exp())
    with pytest.raises(ValueError, match="shape"):
        population.set(cm=value)
    with pytest.raises(ValueError, match="shape"):
        sim.Population(3, sim.IF_cond_exp(cm=value))
    with pytest.raises(ValueError, match="shape"):
        population.initialize(v=value)
    assert population.get("cm") == 1.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [-60.0, float("nan"), -60.0]])
def test_initial_values(value):
    population = sim.Population(3, sim.IF_cond_exp())
    with pytest.raises(ValueError, match="initial values of v"):
        population.initialize(gsyn_exc=1.0, v=value)
    assert population.initial_values["gsyn_exc"].evaluate(simplify=True) == 0.0


def test_unknown_state_variable():
    population = sim.Population(3, sim.IF_cond_exp())
    for wrong in (
        lambda: population.initialize(w=0.0),
        lambda: population[:2].initialize(w=0.0),
        lambda: sim.Population(2, sim.IF_cond_exp(), initial_values={"w": 0.0}),
        lambda: sim.Population(2, sim.SpikeSourcePoisson(), initial_values={"v": 0.0}),
    ):
        with pytest.raises(ValueError, match="no state variable"):
            wrong()


@pytest.mark.parametrize(
    ("selector", "error"),
    [
        ([], ValueError),
        (slice(3, 3), ValueError),
        (np.zeros(5, bool), ValueError),
        (np.ones(4, bool), ValueError),
        ([5], IndexError),
        ([-6], IndexError),
        ([0.5], TypeError),
        (np.zeros((2, 2), int), TypeError),
        ("02", TypeError),
        (1.0, TypeError),
    ],
)
def test_bad_selectors(selector, error):
    with pytest.raises(error):
        sim.Population(5, sim.IF_cond_exp())[selector]


def test_duplicates_are_left_out():
    view = sim.Population(5, sim.IF_cond_exp())[[3, 1, 3]]
    assert [int(cell) for cell in view] == [3, 1]


def test_population_of_an_earlier_simulation():
    old = sim.Population(2, sim.IF_cond_exp())
    sim.setup()
    new = sim.Population(2, sim.IF_cond_exp())
    for use in (
        lambda: old.set(cm=1.0),
        lambda: old.get("cm"),
        lambda: old.record("v"),
        lambda: old.get_data(),
        lambda: old.initialize(v=0.0),
        lambda: sim.DCSource().inject_into(old),
        lambda: sim.DCSource().inject_into([old[0]]),
    ):
        with pytest.raises(RuntimeError, match="later setup"):
            use()
    new.set(cm=2.0)
    sim.run(1.0)


def test_reset_after_a_population_that_could_not_be_made():
    cells = sim.Population(1, sim.IF_cond_exp())
    cells.record("v")
    sim.run(1.0)
    with pytest.raises(BAD):
        sim.Population(1, sim.SpikeSourcePoisson(rate=-1.0))
    sim.reset()
    sim.run(2.0)
    assert [len(segment.analogsignals[0]) for segment in cells.get_data().segments] == [11, 21]
