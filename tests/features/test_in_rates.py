"""Rows IN05, IN06 and IN09: rates that follow a schedule, and rates as currents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from neuron_runs import read
from pyNN import errors


def setup(dt: float = 1.0, **more: Any) -> None:
    sim.setup(timestep=dt, min_delay=dt, max_delay=20.0, seed=42, **more)


def source(times: list[list[float]]) -> Any:
    return sim.Population(len(times), sim.SpikeSourceArray(spike_times=[sim.Sequence(row) for row in times]))


# ---- IN05, IN06 ------------------------------------------------------------------------------------------------------


def rates_of(population: Any) -> np.ndarray:
    """The rates in each step, without the initial one."""
    return read(population).traces["r"][1:]


@pytest.mark.parametrize("dt", [1.0, 0.1, 0.05, 0.025])
def test_IN05_timed_array_schedule_and_period(dt: float) -> None:
    """The value of a step is the last one whose time is not after its beginning."""
    setup(dt)
    rates = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    once = sim.Population(2, sim.TimedArray(rates, schedule=2.0))
    cycling = sim.Population(2, sim.TimedArray(rates, schedule=[0.0, 1.0, 4.0], period=6.0))
    for population in (once, cycling):
        population.record("r")
    sim.run(15.0)
    begin = np.rint(np.arange(round(15.0 / dt)) * dt / dt) * dt + dt / 4  # rounding must not move a step
    np.testing.assert_array_equal(rates_of(once), rates[np.minimum(begin // 2, 2).astype(int)])
    expected = rates[np.searchsorted([0.0, 1.0, 4.0], begin % 6.0, side="right") - 1]
    np.testing.assert_array_equal(rates_of(cycling), expected)
    assert once.get("schedule").value.tolist() == [0.0, 2.0, 4.0] and cycling.get("period") == 6.0


def test_IN05_default_schedule_shapes_and_first_time() -> None:
    """A row each step; one row for all cells; a geometry; the initial value before the first time."""
    setup(0.5)
    each = sim.Population(3, sim.TimedArray([1.0, 2.0, 3.0]))
    grid = sim.Population((2, 2), sim.TimedArray(np.arange(8.0).reshape(2, 2, 2), schedule=1.0))
    late = sim.Population(1, sim.TimedArray([5.0, 6.0], schedule=[1.0, 2.0], period=2.5), initial_values={"r": -1.0})
    for population in (each, grid, late):
        population.record("r")
    sim.run(4.0)
    assert rates_of(each)[:, 2].tolist() == [1.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]
    assert rates_of(grid)[[0, 1, 2, 7]].tolist() == [[0, 1, 2, 3], [0, 1, 2, 3], [4, 5, 6, 7], [4, 5, 6, 7]]
    assert rates_of(late)[:, 0].tolist() == [-1.0, -1.0, 5.0, 5.0, 6.0, 6.0, 6.0, 5.0]
    assert grid.r.tolist() == [[4.0, 5.0], [6.0, 7.0]]


def test_IN05_timed_array_drives_rate_coded_cells() -> None:
    """What begins at t is in r at t + dt, and in the sum of the step after that."""
    setup()
    inputs = sim.Population(2, sim.TimedArray([[1.0, 10.0], [2.0, 20.0]], schedule=3.0))
    cell = sim.Population(1, sim.Neuron(equations="r = sum(exc)")())
    sim.Projection(inputs, cell, sim.AllToAllConnector(), sim.Synapse()(weight=0.5), receptor_type="exc")
    cell.record("r")
    sim.run(6.0)
    assert rates_of(cell)[:, 0].tolist() == [0.0, 5.5, 5.5, 5.5, 11.0, 11.0]


def test_IN05_wrong_schedules() -> None:
    setup()
    for wrong, message in (
        (dict(rates=[1.0, 2.0], schedule=[0.0]), "2 values and schedule 1 times"),
        (dict(rates=[1.0, 2.0], schedule=[1.0, 0.5]), "ascending"),
        (dict(rates=[1.0, 2.0], schedule=2.0, period=2.0), "period = 2 has to be after the last time .* 2"),
        (dict(rates=[1.0, 2.0], schedule=-1.0), "schedule = -1.0 is neither"),
        (dict(rates=[1.0, np.nan]), "finite"),
        (dict(rates="often"), "rates = 'often' is no array"),
        (dict(rates=3.0), "rates = 3.0 is no array"),
    ):
        with pytest.raises(errors.InvalidParameterValueError, match=message):
            sim.Population(1, sim.TimedArray(**wrong))
    with pytest.raises(errors.InvalidDimensionsError):
        sim.Population(3, sim.TimedArray([[1.0, 2.0]]))


def test_IN06_timed_arrays_change_between_runs() -> None:
    """Times count from the beginning of the simulation; a wrong change changes nothing."""
    setup()
    population = sim.Population(2, sim.TimedArray([1.0, 2.0, 3.0, 4.0], schedule=2.0))
    population.record("r")
    sim.run(3.0)
    population.set(rates=[[5.0, 50.0], [6.0, 60.0]], schedule=4.0)
    sim.run(3.0)
    population.set(period=8.0)
    sim.run(4.0)
    with pytest.raises(errors.InvalidParameterValueError, match="3 values and schedule 2 times"):
        population.set(rates=[1.0, 2.0, 3.0])
    with pytest.raises(errors.InvalidParameterValueError, match="period = 4"):
        population.set(period=4.0)
    population[1:2].set(rates=sim.Sequence([7.0, 8.0]))
    sim.run(4.0)
    expected = [1, 1, 2] + [5, 6, 6] + [6, 6, 5, 5] + [5, 5, 6, 6]
    second = [1, 1, 2] + [50, 60, 60] + [60, 60, 50, 50] + [7, 7, 8, 8]
    assert rates_of(population).T.tolist() == [expected, second]
    sim.reset()
    sim.run(5.0)
    assert rates_of(population).T.tolist() == [[5, 5, 5, 5, 6], [7, 7, 7, 7, 8]]


@pytest.mark.parametrize("precision", ["mixed", "single"])
def test_IN06_precisions_and_threads(precision: str) -> None:
    setup(precision=precision, threads=2)
    population = sim.Population(200, sim.TimedArray(np.arange(600.0).reshape(3, 200), schedule=2.0, period=6.0))
    population.record("r")
    sim.run(12.0)
    rows = np.arange(600.0).reshape(3, 200)
    np.testing.assert_array_equal(rates_of(population), rows[np.arange(12) // 2 % 3])


# ---- IN09 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", [1.0, 3.0])
def test_IN09_current_injection_is_the_conductance(delay: float) -> None:
    """g_exc(t) = sum of r(t - delay), whatever was there before."""
    setup()
    rates = np.random.default_rng(1).uniform(0, 5, (12, 3))
    inputs = sim.Population(3, sim.TimedArray(rates))
    cell = sim.Population(1, sim.Neuron(equations="x = g_exc", spike="x > 1000")())
    sim.Projection(inputs, cell, sim.AllToAllConnector(), sim.CurrentInjection(delay=delay), receptor_type="exc")
    cell.record(["g_exc", "x"])
    sim.run(12.0)
    found = read(cell)
    r = np.concatenate([[0.0], rates.sum(1)])  # at 0, 1, 2... ms
    d = int(delay)
    np.testing.assert_allclose(found["g_exc"][d:], r[: 13 - d], rtol=1e-12)
    np.testing.assert_allclose(found["x"][d + 1 :], r[: 12 - d], rtol=1e-12)


def test_IN09_one_to_one_into_standard_cells() -> None:
    """isyn_exc grows by r in each step and decays between: a recursion."""
    setup()
    inputs = sim.Population(2, sim.TimedArray([[0.1, 0.2], [0.3, 0.0]], schedule=4.0))
    cells = sim.Population(2, sim.IF_curr_exp(tau_syn_E=5.0))
    projection = sim.Projection(
        inputs, cells, sim.OneToOneConnector(), sim.CurrentInjection(weight=2.0), receptor_type="excitatory"
    )
    cells.record("isyn_exc")
    sim.run(10.0)
    r = np.concatenate([[[0.0, 0.0]], np.repeat([[0.1, 0.2], [0.3, 0.0]], [4, 6], axis=0)])
    expected = [np.zeros(2)]
    for row in r[:-1]:
        expected.append(expected[-1] * np.exp(-1 / 5.0) + 2.0 * row)
    np.testing.assert_allclose(read(cells).traces["isyn_exc"], expected, rtol=1e-12)
    assert projection.get("weight", "list", with_address=False) == [2.0, 2.0]


def test_IN09_beside_spikes_and_wrong_targets() -> None:
    setup()
    inputs = sim.Population(1, sim.TimedArray([1.0]))
    cell = sim.Population(1, sim.Neuron(equations="x = g_exc", spike="x > 1000")())
    sim.Projection(inputs, cell, sim.AllToAllConnector(), sim.CurrentInjection(), receptor_type="exc")
    spikes = sim.StaticSynapse(weight=10.0, delay=1.0)
    sim.Projection(source([[3.0]]), cell, sim.AllToAllConnector(), spikes, receptor_type="exc")
    cell.record("g_exc")
    sim.run(6.0)
    assert read(cell)["g_exc"].tolist() == [0.0, 0.0, 1.0, 1.0, 11.0, 1.0, 1.0]
    rate_coded = sim.Population(1, sim.Neuron(equations="r = sum(exc)")())
    with pytest.raises(errors.ConnectionError, match="no receptor 'exc' for spikes"):
        sim.Projection(inputs, rate_coded, sim.AllToAllConnector(), sim.CurrentInjection(), receptor_type="exc")
    with pytest.raises(errors.ConnectionError, match=r"reads pre\.r, which SpikeSourceArray lacks"):
        sim.Projection(source([[3.0]]), cell, sim.AllToAllConnector(), sim.CurrentInjection(), receptor_type="exc")
