"""Recording: monitors, periods and offsets, weighted sums, parameters, connections, dendrites, views."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest

STEPS = [1.0, 0.1, 0.05, 0.025]


def counters(size: Any = 3, **parameters: Any) -> Any:
    """Cells whose r is the number of steps, times the rate of each."""
    Counter = sim.Neuron("rate = 1.0", "r = r + rate", name="Counter")
    return sim.Population(size, Counter(**parameters))


def growing(population: Any) -> Any:
    """Connections whose w is the number of steps, to begin with 10 times the source plus the target."""
    target = sim.Population(2, sim.Neuron(equations="r = sum(exc)", name="Sums")())
    Grow = sim.Synapse("eta = 1.0", "n = n + 1 : postsynaptic; all = all + 2 : projection; w = w + eta")
    prj = sim.Projection(population, target, sim.AllToAllConnector(), Grow(), receptor_type="exc")
    prj.set(weight=np.array([[10.0 * i + j for j in range(2)] for i in range(population.size)]))
    return prj


def signal(block: Any, name: str, segment: int = 0) -> Any:
    (found,) = [s for s in block.segments[segment].analogsignals if s.name == name]
    return found


class TestMonitor:
    @pytest.mark.parametrize("dt", STEPS)
    def test_MO01_get_empties(self, dt: float) -> None:
        sim.setup(timestep=dt)
        monitor = sim.Monitor(counters(rate=np.array([1.0, 2.0, 3.0])), ["r", "rate"])
        sim.run(4 * dt)
        r = monitor.get("r", keep=True)
        np.testing.assert_array_equal(r, np.outer(np.arange(1, 5), [1, 2, 3]))  # the ends of 4 steps
        np.testing.assert_array_equal(monitor["r"], r)
        assert monitor.get("r").shape == (0, 3)
        sim.run(3 * dt)
        data = monitor.get()
        assert set(data) == {"r", "rate"}
        np.testing.assert_array_equal(data["r"], np.outer(np.arange(5, 8), [1, 2, 3]))
        np.testing.assert_array_equal(data["rate"], np.tile([1.0, 2.0, 3.0], (7, 1)))
        assert monitor.get()["r"].size == 0

    @pytest.mark.parametrize("dt", STEPS)
    def test_MO02_MO03_period_and_offset(self, dt: float) -> None:
        sim.setup(timestep=dt)
        population = counters(1)
        plain = sim.Monitor(population, "r", period=3 * dt)
        later = sim.Monitor(population, "r", period=3 * dt, period_offset=2 * dt)
        for steps in (4, 1, 5):
            sim.run(steps * dt)
        assert plain.get("r", keep=True).ravel().tolist() == [1, 4, 7, 10]
        assert later.get("r").ravel().tolist() == [3, 6, 9]
        sim.run(4 * dt)  # the period goes on where it was
        assert plain.get("r").ravel().tolist() == [1, 4, 7, 10, 13]
        assert later.get("r").ravel().tolist() == [12]

    @pytest.mark.parametrize("dt", STEPS)
    def test_MO03_record_with_offset(self, dt: float) -> None:
        sim.setup(timestep=dt)
        population = counters(2)
        sim.run(2 * dt)
        population.record("r", sampling_interval=3 * dt, offset=dt)
        sim.run(10 * dt)
        r = signal(population.get_data(), "r")
        assert np.asarray(r)[:, 0].tolist() == [3, 6, 9, 12]
        np.testing.assert_allclose(np.asarray(r.times), np.array([3, 6, 9, 12]) * dt)
        with pytest.raises(ValueError, match="another offset"):
            population.record("r", sampling_interval=3 * dt, offset=2 * dt)
        with pytest.raises(ValueError, match="offset"):
            counters(1).record("r", offset=0.3 * dt)
        sim.reset()
        sim.run(5 * dt)
        assert np.asarray(signal(population.get_data(), "r", 1))[:, 0].tolist() == [1, 4]

    def test_MO04_weighted_sums(self) -> None:
        sim.setup(timestep=1.0)
        source = counters(2)
        target = sim.Population(2, sim.Neuron(equations="r = sum(exc) - sum(inh)", name="Both")())
        for kind, weight in (("exc", 2.0), ("inh", 0.5)):
            sim.Projection(source, target, sim.AllToAllConnector(), sim.Synapse()(weight=weight), receptor_type=kind)
        target.record(["sum(exc)", "r"])
        monitor = sim.Monitor(target, ["r", "sum(inh)"])
        sim.run(4.0)
        assert np.asarray(signal(target.get_data(), "sum(exc)"))[:, 0].tolist() == [0, 0, 4, 8, 12]
        data = monitor.get()
        assert data["sum(inh)"][:, 1].tolist() == [0, 1, 2, 3]
        assert data["r"][:, 0].tolist() == [0, 3, 6, 9]

    def test_MO05_parameters(self) -> None:
        sim.setup(timestep=1.0)
        population = counters(3, rate=np.array([1.0, 2.0, 3.0]))
        population.record(["rate", "r"])
        sim.run(2.0)
        population[1:2].rate = 20.0
        sim.run(2.0)
        rate = np.asarray(signal(population.get_data(), "rate"))
        assert rate[:, 0].tolist() == [1.0] * 5
        assert rate[:, 1].tolist() == [2.0, 2.0, 2.0, 20.0, 20.0]  # up to 2 ms it was 2
        cells = sim.Population(4, sim.IF_cond_exp(tau_m=12.0))
        cells[[3, 1]].record("tau_m")
        sim.run(1.0)
        tau = signal(cells.get_data(), "tau_m")
        assert np.asarray(tau).tolist() == [[12.0, 12.0]] * 2
        assert tau.array_annotations["channel_index"].tolist() == [1, 3]
        with pytest.raises(sim.errors.RecordingError):
            cells.record("tau_n")

    def test_MO06_projections(self) -> None:
        sim.setup(timestep=1.0)
        prj = growing(counters(3))
        monitor = sim.Monitor(prj, ["w", "n", "all", "eta"], period=2.0)
        prj.record(["w", "n", "all"], sampling_interval=5.0)
        sim.run(6.0)
        start = np.array([10.0 * i + j for i in range(3) for j in range(2)])
        data = monitor.get()
        np.testing.assert_array_equal(data["w"], start + np.array([[1.0], [3.0], [5.0]]))
        np.testing.assert_array_equal(data["n"], np.tile([[1.0], [3.0], [5.0]], 6))
        np.testing.assert_array_equal(data["all"], np.tile([[2.0], [6.0], [10.0]], 6))
        np.testing.assert_array_equal(data["eta"], np.ones((3, 6)))
        block = prj.get_data()
        np.testing.assert_array_equal(np.asarray(signal(block, "weight")), [start, start + 5])
        np.testing.assert_array_equal(np.asarray(signal(block, "n")), [[0.0] * 6, [5.0] * 6])
        np.testing.assert_array_equal(np.asarray(signal(block, "all")), [[0.0] * 6, [10.0] * 6])

    def test_MO06_spiking(self) -> None:
        sim.setup(timestep=0.1)
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 2.0]))
        Marks = sim.Synapse("", "dn/dt = 0 : event-driven", pre_spike="n += 1; w += 10")
        cells = sim.Population(2, sim.IF_curr_exp())
        prj = sim.Projection(
            source, cells, sim.AllToAllConnector(), Marks(weight=1.0, delay=0.1), receptor_type="excitatory"
        )
        monitor = sim.Monitor(prj, ["w", "n"], period=0.5)
        sim.run(3.0)
        # samples at 0.1, 0.6, 1.1 ... ms; the spikes arrive at 1.1 and 2.1 ms
        n = [0, 0, 1, 1, 2, 2]
        np.testing.assert_array_equal(monitor.get("n"), np.tile(n, (4, 1)).T)
        np.testing.assert_array_equal(monitor.get("w"), 1 + 10 * np.tile(n, (4, 1)).T)

    def test_MO07_dendrites(self) -> None:
        sim.setup(timestep=1.0)
        prj = growing(counters(3))
        monitor = sim.Monitor(prj.dendrite(1), "w")
        prj.dendrite(0).record("w", sampling_interval=2.0)
        sim.run(4.0)
        np.testing.assert_array_equal(monitor.get("w"), [[k + 1.0, k + 11.0, k + 21.0] for k in range(1, 5)])
        recorded = signal(prj.get_data(), "weight")
        np.testing.assert_array_equal(np.asarray(recorded), [[k, k + 10.0, k + 20.0] for k in (0, 2, 4)])
        assert recorded.array_annotations["postsynaptic_index"].tolist() == [0, 0, 0]
        assert recorded.array_annotations["presynaptic_index"].tolist() == [0, 1, 2]

    def test_MO08_spikes_of_unsorted_views(self) -> None:
        sim.setup(timestep=0.1)
        source = sim.Population(10, sim.SpikeSourceArray())
        for k in range(10):
            source[k : k + 1].set(spike_times=sim.Sequence(np.arange(1, k + 1) * 1.0 + 0.1 * k))
        view = source[[7, 2, 5]]
        view.record("spikes")
        monitor = sim.Monitor(view, "spike")
        sim.run(4.3)
        spikes = monitor.get("spike", keep=True)
        expected = {k: [t for t in np.arange(1, k + 1) + 0.1 * k if t <= 4.3 + 1e-9] for k in (7, 2, 5)}
        assert list(spikes) == [0, 1, 2]
        for place, k in enumerate((7, 2, 5)):
            np.testing.assert_allclose(spikes[place], expected[k], rtol=1e-12)
        for train in view.get_data().segments[0].spiketrains:
            k = int(train.annotations["source_index"])
            np.testing.assert_allclose(np.asarray(train), expected[k], rtol=1e-12)
        sim.run(10.0)
        spikes = monitor["spike"]
        assert [len(spikes[place]) for place in range(3)] == [7, 2, 5]

    def test_MO09_geometry(self) -> None:
        sim.setup(timestep=1.0)
        population = counters((2, 3), rate=np.arange(6.0))
        monitor = sim.Monitor(population, "r")
        part = sim.Monitor(population[:, 1:], "r")
        sim.run(4.0)
        expected = np.arange(1, 5)[:, None, None] * np.arange(6.0).reshape(2, 3)
        np.testing.assert_array_equal(monitor.get("r", reshape=True, keep=True), expected)
        assert monitor.get("r").shape == (4, 6)
        np.testing.assert_array_equal(part.get("r", reshape=True), expected[:, :, 1:])

    @pytest.mark.parametrize("dt", STEPS)
    def test_MO10_pause_and_resume(self, dt: float) -> None:
        sim.setup(timestep=dt)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=sim.Sequence(np.arange(1, 40) * dt)))
        population = counters(1)
        monitor = sim.Monitor(population, "r", start=False)
        spikes = sim.Monitor(source, "spike")
        sim.run(2 * dt)
        monitor.start()
        sim.run(3 * dt)
        monitor.pause()
        spikes.pause()
        sim.run(10 * dt)
        monitor.resume()
        spikes.resume()
        sim.run(2 * dt)
        assert monitor.times()["r"] == {"start": [2 * dt, 15 * dt], "stop": [round(5 * dt, 9), round(17 * dt, 9)]}
        assert monitor.get("r", keep=True).ravel().tolist() == [3, 4, 5, 16, 17]
        np.testing.assert_allclose(spikes.get("spike")[0], np.array([1, 2, 3, 4, 5, 16, 17]) * dt)
        monitor.stop()
        sim.run(2 * dt)
        assert monitor.get("r").ravel().tolist() == [3, 4, 5, 16, 17]

    def test_MO10_reset(self) -> None:
        sim.setup(timestep=1.0)
        monitor = sim.Monitor(counters(1), "r", period=2.0)
        sim.run(3.0)
        sim.reset()
        sim.run(5.0)
        assert monitor.get("r").ravel().tolist() == [1, 3, 5]

    def test_MO01_refused(self) -> None:
        sim.setup(timestep=0.1)
        population = counters(2)
        with pytest.raises(AttributeError, match="'rr', did you mean 'r'"):
            sim.Monitor(population, "rr")
        with pytest.raises(ValueError, match="does not spike"):
            sim.Monitor(population, "spike")
        for wrong in ({"period": 0.25}, {"period": 0.2, "period_offset": 0.2}):
            with pytest.raises(ValueError, match="period"):
                sim.Monitor(population, "r", **wrong)
        monitor = sim.Monitor(population, "r")
        with pytest.raises(ValueError, match="'q' is not recorded"):
            monitor.get("q")
        sim.setup()
        with pytest.raises(RuntimeError, match="later setup"):
            monitor.get("r")

    def test_MO11_nothing_is_left_behind(self) -> None:
        """Monitors of a simulation go with it."""
        for _ in range(3):
            sim.setup(timestep=1.0)
            sim.Monitor(counters(1), "r")
            sim.run(1.0)
            assert len(sim.state.monitors) == 1
