"""Rows SN01 to SN07: refractoriness, the time of the last spike, firing rates."""

from __future__ import annotations

import warnings

import numpy as np
import pyNN.annarchy as sim
import pytest
from neuron_runs import read, run

from pynn_annarchy.native.errors import EquationError

DTS = [1.0, 0.1, 0.05, 0.025]


def integrator(**more: object) -> type:
    """v counts ms; a spike as soon as it has counted 2."""
    return sim.Neuron("tref = 3.0", "dv/dt = 1 : explicit", spike="v >= 2 - 1e-6", reset="v = 0", **more)


@pytest.mark.parametrize("dt", DTS)
def test_SN01_refractory_period(dt: float) -> None:
    """2 ms to the threshold and 3 ms of rest: a spike every 5 ms."""
    found = run(integrator(refractory=3.0), 20.0, "spikes", "v", dt=dt)
    np.testing.assert_allclose(found.spikes[0], [2, 7, 12, 17], atol=1e-9)
    times = np.arange(found["v"].size) * dt
    resting = (times >= 2 - 1e-9) & (times <= 5 + 1e-9)
    assert (found["v"][resting] == 0).all()
    assert found["v"][np.flatnonzero(times > 5 + 1e-9)[0]] == pytest.approx(dt)


def test_SN01_no_refractoriness() -> None:
    for nothing in (None, 0, 0.0, "0"):
        np.testing.assert_allclose(run(integrator(refractory=nothing), 9.0, "spikes").spikes[0], [2, 4, 6, 8])


@pytest.mark.parametrize("dt", DTS)
def test_SN02_refractory_parameter(dt: float) -> None:
    found = run(integrator(refractory="tref"), 20.0, "spikes", n=3, dt=dt, parameters={"tref": [3.0, 1.0, 0.0]})
    for train, period in zip(found.spikes, (5.0, 3.0, 2.0), strict=True):
        np.testing.assert_allclose(train, np.arange(2, 20 + 1e-9, period), atol=1e-9)


def test_SN02_refractory_variable() -> None:
    """The rest grows by 1 ms with every spike; it is the value after the reset that counts."""
    model = sim.Neuron("", "dv/dt = 1 : explicit\nrest = rest", spike="v >= 2 - 1e-6", reset="v = 0; rest += 1",
                       refractory="2*rest")  # fmt: skip
    np.testing.assert_allclose(run(model, 25.0, "spikes").spikes[0], [2, 6, 12, 20], atol=1e-9)


def test_SN03_only_conductances_go_on() -> None:
    model = sim.Neuron(
        "", "dg_exc/dt = -g_exc/2 : init=1.0\ndw/dt = 1 : explicit\nn = n + 1\ndv/dt = 1 : explicit",
        spike="v >= 0.99", reset="v = 0", refractory=3.0,
    )  # fmt: skip
    found = run(model, 6.0, "g_exc", "w", "n", "v", dt=1.0)
    np.testing.assert_allclose(found["g_exc"], np.exp(-np.arange(7) / 2))
    for name in ("w", "n"):
        assert found[name].tolist() == [0, 1, 1, 1, 1, 2, 2]
    assert found["v"].tolist() == [0, 0, 0, 0, 0, 0, 0]


def test_SN03_always_exempts_a_variable() -> None:
    model = sim.Neuron("", "dw/dt = 1 : explicit, always\ndv/dt = 1 : explicit", spike="v >= 0.99", reset="v = 0",
                       refractory=3.0)  # fmt: skip
    assert run(model, 4.0, "w", dt=1.0)["w"].tolist() == [0, 1, 2, 3, 4]


def test_SN04_unless_refractory_has_no_effect() -> None:
    with pytest.warns(UserWarning, match=r"equations, line 1, column 1: the flag unless_refractory has no effect"):
        flagged = sim.Neuron(
            "", "dv/dt = 1 : explicit, unless_refractory", spike="v >= 2", reset="v = 0", refractory=3.0
        )
    plain = sim.Neuron("", "dv/dt = 1 : explicit", spike="v >= 2", reset="v = 0", refractory=3.0)
    traces = [run(model, 10.0, "v", dt=0.5)["v"] for model in (flagged, plain)]
    assert (traces[0] == traces[1]).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sim.Neuron("", "dv/dt = 1", spike="v >= 2", reset="v = 0")


@pytest.mark.parametrize("dt", DTS)
def test_SN05_t_last(dt: float) -> None:
    model = sim.Neuron(
        "", "dv/dt = 1 : explicit\nsince = t - t_last\ninterval = interval",
        spike="v >= 2 - 1e-6", reset="interval = t - t_last; v = 0", refractory=1.0,
    )  # fmt: skip
    found = run(model, 10.0, "spikes", "t_last", "since", "interval", dt=dt)
    np.testing.assert_allclose(found.spikes[0], [2, 5, 8], atol=1e-9)
    step = {time: round(time / dt) for time in (1, 2, 4, 5, 6, 8, 10)}
    assert found["t_last"][step[1]] < -1e6
    assert [found["t_last"][step[time]] for time in (2, 4, 5, 10)] == pytest.approx([2, 2, 5, 8])
    assert [found["interval"][step[time]] for time in (5, 6, 8)] == pytest.approx([3, 3, 3])
    assert found["since"][step[4]] == pytest.approx(2 - dt)  # evaluated in the step that began at 4 - dt


def test_SN05_the_unit_of_t_last() -> None:
    sim.setup()
    cells = sim.Population(1, sim.Neuron("", "x = t_last", spike="x > 1")())
    cells.record("t_last")
    sim.run(1.0)
    assert cells.get_data().segments[0].analogsignals[0].units == 1 * cells.get_data().segments[0].t_start.units


TRAINS = [[1.0, 2.0, 3.0, 14.0, 40.0], [], [5.0, 5.5, 6.0, 6.5, 7.0, 30.0, 30.5]]


def expected_rates(trains: list[list[float]], window: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Count spikes in (t - window, t], by comparing every pair."""
    counted = [[sum(t - w + 1e-9 < s <= t + 1e-9 for s in train) for train in trains]
               for t, w in zip(times, np.broadcast_to(window, times.shape), strict=True)]  # fmt: skip
    return np.array(counted) * 1000.0 / np.broadcast_to(window, times.shape)[:, None]


def relays(dt: float) -> object:
    """Cells that spike at the times of TRAINS."""
    sim.setup(timestep=dt, min_delay=dt)
    times = [[time - dt for time in train] for train in TRAINS]
    sources = sim.Population(3, sim.SpikeSourceArray(spike_times=times))
    cells = sim.Population(3, sim.Neuron("", "x = g_exc", spike="g_exc > 0")())
    synapse = sim.StaticSynapse(weight=1.0, delay=dt)
    sim.Projection(sources, cells, sim.OneToOneConnector(), synapse, receptor_type="exc")
    cells.record("spikes")
    return cells


@pytest.mark.parametrize("dt", [0.5, 0.1])
def test_SN06_firing_rate(dt: float) -> None:
    cells = relays(dt)
    cells.compute_firing_rate(10.0)
    cells.record("r")
    sim.run(50.0)
    found = read(cells)
    assert [train.tolist() for train in found.spikes] == [pytest.approx(train) for train in TRAINS]
    times = np.arange(found["r"].shape[0]) * dt
    np.testing.assert_allclose(found["r"], expected_rates(TRAINS, np.array(10.0), times))
    assert cells.get_data().segments[0].analogsignals[0].units.dimensionality.string == "Hz"


def test_SN06_of_standard_cells_on_views_and_between_runs_and_resets() -> None:
    sim.setup(timestep=0.5)
    sources = sim.Population(3, sim.SpikeSourceArray(spike_times=TRAINS))
    sources.compute_firing_rate(4.0)
    sources[[2, 0]].record("r", sampling_interval=1.0)
    for _ in range(2):
        sim.run(20.0)
        sim.run(25.0)
        sim.reset()
    data = sources.get_data()
    assert len(data.segments) == 2
    for segment in data.segments:
        signal = segment.analogsignals[0]
        chosen = [TRAINS[k] for k in (0, 2)]
        np.testing.assert_allclose(signal.magnitude, expected_rates(chosen, np.array(4.0), np.arange(46.0)))


def test_SN06_refusals() -> None:
    sim.setup()
    cells = sim.Population(2, sim.IF_cond_exp())
    with pytest.raises(sim.errors.RecordingError):
        cells.record("r")
    for window in (0, -1.0, "x", None, float("nan"), float("inf"), True):
        with pytest.raises(ValueError, match="not a positive number of milliseconds"):
            cells.compute_firing_rate(window)
    with pytest.raises(ValueError, match="does not spike"):
        sim.Population(1, sim.Neuron("", "r = 1")()).compute_firing_rate(10.0)
    with pytest.raises(ValueError, match="has an 'r' of its own"):
        sim.Population(1, sim.Neuron("", "r = 1", spike="r > 2")()).compute_firing_rate(10.0)


def test_SN07_the_window_can_be_changed_at_any_time() -> None:
    cells = relays(0.5)
    cells.compute_firing_rate(10.0)
    cells.record("r")
    sim.run(20.0)
    cells.compute_firing_rate(25.0)
    sim.run(20.0)
    cells.compute_firing_rate(1.0)
    sim.run(10.0)
    found = read(cells)["r"]
    times = np.arange(found.shape[0]) * 0.5
    window = np.where(times < 20, 10.0, np.where(times < 40, 25.0, 1.0))
    np.testing.assert_allclose(found, expected_rates(TRAINS, window, times))


def test_reset_and_refractory_need_a_spike() -> None:
    with pytest.raises(EquationError, match="need a spike condition"):
        sim.Neuron("", "r = 1", reset="r = 0")
