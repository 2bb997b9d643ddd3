"""Rows SN01 to SN07: refractoriness, the time of the last spike, firing rates."""

from __future__ import annotations

import warnings
from typing import Any

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


def aware(dt: float, window: float | None = 10.0, **more: object) -> Any:
    """Cells that spike at the times of TRAINS, whose equations read their rate."""
    sim.setup(timestep=dt, min_delay=dt, **more)
    sources = sim.Population(3, sim.SpikeSourceArray(spike_times=[[time - dt for time in train] for train in TRAINS]))
    cells = sim.Population(3, sim.Neuron("", "x = r + 0*g_exc", spike="g_exc > 0")())
    synapse = sim.StaticSynapse(weight=1.0, delay=dt)
    sim.Projection(sources, cells, sim.OneToOneConnector(), synapse, receptor_type="exc")
    if window is not None:
        cells.compute_firing_rate(window)
    cells.record(["spikes", "r", "x"])
    return cells


@pytest.mark.parametrize("dt", [0.5, 0.1, 0.05])
def test_SN06_equations_read_the_rate(dt: float) -> None:
    """r is exact at every time; an equation sees that of the beginning of the step."""
    cells = aware(dt)
    for _ in range(2):
        sim.run(50.0)
        found = read(cells)
        times = np.arange(found["r"].shape[0]) * dt
        np.testing.assert_allclose(found["r"], expected_rates(TRAINS, np.array(10.0), times), rtol=1e-12)
        np.testing.assert_array_equal(found["x"][1:], found["r"][:-1])
        assert [train.tolist() for train in found.spikes] == [pytest.approx(train) for train in TRAINS]
        sim.reset()
    assert cells.celltype.get_parameter_names() == [] and cells.celltype.receptor_types == ("exc",)
    assert cells.get_data().segments[0].analogsignals[0].units.dimensionality.string == "Hz"


@pytest.mark.parametrize("options", [{"threads": 2}, {"precision": "single"}, {"precision": "mixed", "threads": 2}])
def test_SN06_equations_read_the_rate_with_threads_and_other_precisions(options: dict[str, Any]) -> None:
    cells = aware(0.5, **options)
    for _ in range(10):
        sim.run(5.0)
    found = read(cells)["r"]
    np.testing.assert_allclose(found, expected_rates(TRAINS, np.array(10.0), np.arange(101) * 0.5), rtol=1e-6)


def test_SN06_without_a_window_the_rate_is_0_and_spikes_count_from_the_first_call() -> None:
    cells = aware(0.5, None)
    sim.run(6.0)
    assert not read(cells)["r"].any()
    cells.compute_firing_rate(10.0)
    sim.run(20.0)
    later = [[time for time in train if time > 6.0] for train in TRAINS]
    times = np.arange(53) * 0.5
    np.testing.assert_allclose(read(cells)["r"], expected_rates(later, np.array(10.0), times))


def test_SN07_a_window_that_equations_see_may_change() -> None:
    """A spike counts for the window that there was when it was emitted; here none is in it when that changes."""
    cells = aware(0.5, 5.0)
    sim.run(25.0)
    cells.compute_firing_rate(8.0)
    sim.run(25.0)
    times = np.arange(101) * 0.5
    window = np.where(times < 25, 5.0, 8.0)
    np.testing.assert_allclose(read(cells)["r"], expected_rates(TRAINS, window, times))
    assert read(cells)["r"].any(axis=0).tolist() == [True, False, True]


def test_SN06_the_rate_is_that_of_the_cells_when_they_are_disabled_or_cleared() -> None:
    """Either way, counting begins anew."""
    cells = aware(0.5)
    sim.run(6.0)
    cells.disable()
    sim.run(0.5)
    cells.enable()
    sim.run(23.5)
    later = [[14.0], [], [7.0, 30.0]]
    times = np.arange(61) * 0.5
    found = read(cells)["r"]
    np.testing.assert_allclose(found[14:], expected_rates(later, np.array(10.0), times)[14:])
    cells.clear()
    assert not cells.r.any()


def test_SN06_synapses_and_reductions_read_the_rate() -> None:
    """Homeostasis in one line: the weight follows the target's rate; mean(r) is that of the population."""
    sim.setup(timestep=1.0, min_delay=1.0)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[4.0, 9.0, 20.0]))
    cells = sim.Population(2, sim.Neuron("", "x = mean(r) + 0*g_exc", spike="g_exc > 0")())
    cells.compute_firing_rate(10.0)
    cells.record("x")
    Reading = sim.Synapse(
        equations="seen = seen; before = before", pre_spike="g_target += w; seen = post.r; before = pre.r"
    )
    force = sim.Projection(
        source, cells[:1], sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0), receptor_type="exc"
    )
    between = sim.Projection(
        cells[:1], cells[1:], sim.AllToAllConnector(), Reading(weight=1.0, delay=1.0), receptor_type="exc"
    )
    sim.run(13.0)  # cell 0 spikes at 5 and 10, cell 1 at 6 and 11
    assert len(force) == 1
    assert between.get("seen", "array")[0, 0] == 100.0  # at the start of the step that ends at 11
    assert between.get("before", "array")[0, 0] == 200.0  # as it was when the spike was sent, at 10
    x = read(cells)["x"][:, 0]
    times = np.arange(13.0)
    np.testing.assert_allclose(x[1:], expected_rates([[5.0, 10.0], [6.0, 11.0]], np.array(10.0), times).mean(axis=1))


def test_reset_and_refractory_need_a_spike() -> None:
    with pytest.raises(EquationError, match="needs a spike condition"):
        sim.Neuron("", "r = 1", reset="r = 0")
