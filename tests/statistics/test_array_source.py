"""SpikeSourceArray: its own times, in the right steps."""

from __future__ import annotations

import numpy as np
import pytest
from firing import Sources

from pynn_annarchy.native import kernels

PRECISIONS = ("double", "single")


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("dt", [0.1, 0.025, 1.0, 0.3])
def test_times_are_recorded_as_given(dt, precision):
    rng = np.random.default_rng(1)
    given = [np.sort(rng.uniform(0.0, 120.0, size)) for size in rng.integers(0, 300, 100)]
    given[3] = np.array([0.0, 0.0, 5.0, 5.0, 5.0, 60.0])
    sources = Sources("Array", 100, dt=dt, precision=precision, threads=2)
    sources.population.set_spike_times(given)
    sources.run(dt * round(120 / dt + 0.5) + dt)
    for train, expected in zip(sources.trains(), given, strict=True):
        np.testing.assert_array_equal(train, expected)


def arrivals(times, dt, steps, precision="double"):
    """The step boundaries at which a cell without leak to speak of jumps, one step after the spike."""
    sources = Sources("Array", 1, dt=dt, precision=precision)
    sources.population.set_spike_times([times])
    parameters = {"tau_m": 1e12, "v_thresh": 1e6}
    cell = sources.network.add_population(kernels.standard("IF_curr_delta", precision), 1, parameters, {"v": 0.0})
    sources.network.add_projection([0], [1], receptor="excitatory", weight=1.0, delay_steps=1)
    signal = cell.record("v", [0])
    sources.network.run(steps)
    return np.rint(np.diff(signal.samples()[:, 0])).astype(int)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("dt", [0.1, 0.7, 1.0])
def test_a_spike_acts_from_the_first_grid_point_at_or_after_it(dt, precision):
    """Times on the grid, just before and after it, and two in one step."""
    times = [0.0, 2 * dt, 3 * dt + 1e-3 * dt, 5 * dt - 1e-3 * dt, 7 * dt + 1e-9, 9 * dt - 1e-9, 11.5 * dt, 11.7 * dt]
    jumps = arrivals(times, dt, 20, precision)
    expected = np.zeros(20, int)
    for step in (0, 2, 4, 5, 7, 9, 12, 12):
        expected[step] += 1
    np.testing.assert_array_equal(jumps, expected)


@pytest.mark.parametrize("dt", [0.1, 0.05, 0.025, 0.3])
def test_every_time_on_the_grid_stays_there(dt):
    """k * dt and its decimal spelling differ in the last place, in either direction."""
    steps = np.arange(3000)
    assert (arrivals(steps * dt, dt, 3000) == 1).all()
    assert (arrivals([float(f"{k * dt:.8g}") for k in steps], dt, 3000) == 1).all()


def test_schedules_replaced_between_runs():
    """What is not after now is passed over; what was played is not played again; what is not replaced is kept."""
    sources = Sources("Array", 3, dt=0.1)
    sources.population.set_spike_times([[1.0, 12.0], [2.0, 13.0], []])
    sources.run(10.0)
    sources.population.set_spike_times([[1.0, 9.99, 10.0, 10.01, 14.0], [3.0, 11.0]], [0, 2])
    sources.run(10.0)
    sources.population.set_spike_times([[1.0, 14.0]], [0])
    sources.run(10.0)
    for train, expected in zip(sources.trains(), [[1.0, 10.01, 14.0], [2.0, 13.0], [11.0]], strict=True):
        np.testing.assert_array_equal(train, expected)


def test_appended_to_before_every_run():
    """As a closed loop does."""
    sources = Sources("Array", 2, dt=0.1)
    times: list[float] = []
    for k in range(200):
        times.append(k * 1.0 + 0.5)
        sources.population.set_spike_times([times], [1])
        sources.run(1.0)
    np.testing.assert_array_equal(sources.trains()[1], times)


def test_a_reset_rewinds():
    sources = Sources("Array", 2, dt=0.1)
    sources.population.set_spike_times([[0.0, 1.0, 7.0], [2.5]])
    for _ in range(3):
        sources.run(5.0)
        np.testing.assert_array_equal(np.concatenate(sources.trains()), [0.0, 1.0, 2.5])
        sources.network.reset()


def test_many_times():
    times = np.linspace(0.0, 1000.0, 100_001)[:-1]
    sources = Sources("Array", 4, dt=0.1)
    sources.population.set_spike_times([times, [], times[::7], [999.99]])
    sources.run(1000.0)
    for train, expected in zip(sources.trains(), [times, [], times[::7], [999.99]], strict=True):
        np.testing.assert_array_equal(train, expected)
