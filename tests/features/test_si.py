"""Control of a simulation: stopping early, callbacks, reset with exceptions, steps; and the one seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest

from pynn_annarchy.native.errors import EquationError

STEPS = [1.0, 0.1, 0.05, 0.025]


def counters(size: Any = 1, **parameters: Any) -> Any:
    Counter = sim.Neuron("rate = 1.0", "r = r + rate", name="Counter")
    return sim.Population(size, Counter(**parameters))


class TestStopping:
    @pytest.mark.parametrize("dt", STEPS)
    def test_SI01_any_and_all(self, dt: float) -> None:
        for text, steps in (("r > 5.0 : any", 3), ("r > 5.0", 3), ("r > 5.0 : all", 6), ("r>5 and r<=6:any", 3)):
            sim.setup(timestep=dt)
            population = counters(2, rate=np.array([1.0, 2.0]))
            population.stop_condition = text
            assert population.stop_condition == text
            assert sim.simulate_until(100 * dt, population) == pytest.approx(steps * dt, rel=1e-12)
            assert sim.get_current_step() == steps

    def test_SI01_maximum_and_parameters(self) -> None:
        sim.setup(timestep=0.1)
        population = counters(1)
        population.stop_condition = "r >= 1000*rate"
        assert sim.simulate_until(2.5, population) == pytest.approx(2.5)
        population.rate = 0.5
        population.stop_condition = "r > 60*rate"
        assert sim.simulate_until(2.5, population) == pytest.approx(1.1)  # 25 + 0.5 * 11 is above 30

    def test_SI01_several_populations(self) -> None:
        for operator, steps in (("and", 10), ("or", 4)):
            sim.setup(timestep=1.0)
            first, second = counters(), counters()
            first.stop_condition, second.stop_condition = "r > 3", "r > 9"
            assert sim.simulate_until(100.0, [first, second], operator=operator) == steps

    def test_SI01_of_a_cell_type(self) -> None:
        sim.setup(timestep=1.0)
        Stops = sim.Neuron(equations="r = r + 1", name="Stops", stop_condition="r > 4 : all")
        first, second = sim.Population(2, Stops()), sim.Population(1, Stops())
        assert first.stop_condition == "r > 4 : all"
        second.stop_condition = "r > 6"
        assert sim.simulate_until(100.0, first) == 5.0
        assert sim.simulate_until(100.0, [first, second]) == 2.0

    def test_SI01_spiking_and_recorded(self) -> None:
        sim.setup(timestep=0.1)
        cells = sim.Population(3, sim.IF_curr_exp(i_offset=0.5), initial_values={"v": -65.0})
        cells.record("v")
        cells.stop_condition = "v > -60 : all"
        elapsed = sim.simulate_until(100.0, cells)
        v = np.asarray(cells.get_data().segments[0].analogsignals[0])
        assert (v[-1] > -60).all()
        assert (v[-2] <= -60).any()
        # towards -65 + 0.5 nA * 20 MOhm with 20 ms: 5 mV after 20 ms * ln 2
        assert elapsed == pytest.approx(0.1 * np.ceil(20 * np.log(2) / 0.1), abs=1e-9)

    def test_SI01_refused(self) -> None:
        sim.setup()
        population = counters()
        for text, says in (
            ("q > 5", "unknown symbol 'q'"),
            ("r > 5 : most", "neither 'any' nor 'all'"),
            ("r + 5", "a condition is expected"),
            ("r > 5; r < 3", "one condition"),
        ):
            with pytest.raises(EquationError, match=says):
                population.stop_condition = text
        with pytest.raises(ValueError, match="has no stop_condition"):
            sim.simulate_until(1.0, population)
        population.stop_condition = "r > 3"
        with pytest.raises(ValueError, match="neither 'and' nor 'or'"):
            sim.simulate_until(1.0, population, operator="xor")


class TestCallbacks:
    @pytest.mark.parametrize("dt", STEPS)
    def test_SI02_period_offset_and_wait(self, dt: float) -> None:
        sim.setup(timestep=dt)
        calls: dict[str, list[tuple[int, int]]] = {}

        def called(name: str) -> Any:
            def function(n: int) -> None:
                calls.setdefault(name, []).append((n, sim.get_current_step()))

            return function

        sim.every(period=3 * dt)(called("plain"))
        sim.every(period=3 * dt, offset=dt)(called("offset"))
        sim.every(period=3 * dt, offset=-dt)(called("end"))
        sim.every(period=3 * dt, wait=4 * dt)(called("wait"))
        for steps in (4, 1, 5):
            sim.run(steps * dt)
        assert calls["plain"] == [(0, 0), (1, 3), (2, 6), (3, 9)]
        assert calls["offset"] == [(0, 1), (1, 4), (2, 7)]  # that of step 10 is called when the next run begins
        assert calls["end"] == [(0, 2), (1, 5), (2, 8)]
        assert calls["wait"] == [(0, 4), (1, 7)]
        sim.run(dt)
        assert calls["offset"][-1] == (3, 10)

    def test_SI02_changes_the_network(self) -> None:
        sim.setup(timestep=1.0)
        population = counters(2)
        population.record("r")

        @sim.every(period=10.0, offset=5.0)
        def double(n: int) -> None:
            population.rate = population.rate * 2

        sim.run(20.0)
        assert population.r.tolist() == [5 + 2 * 10 + 4 * 5] * 2
        r = np.asarray(population.get_data().segments[0].analogsignals[0])[:, 0]
        np.testing.assert_array_equal(np.diff(r), [1] * 5 + [2] * 10 + [4] * 5)
        assert double(0) is None  # it is still the function

    def test_SI02_runs_that_do_not_depend_on_it(self) -> None:
        results = []
        for periodic in (False, True):
            sim.setup(timestep=0.1, seed=5)
            source = sim.Population(20, sim.SpikeSourcePoisson(rate=200.0))
            cells = sim.Population(10, sim.IF_curr_exp())
            sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=1.3))
            if periodic:
                sim.every(period=0.7)(lambda n: None)
            cells.record("spikes")
            sim.run(100.0)
            results.append([np.asarray(t).tolist() for t in cells.get_data().segments[0].spiketrains])
        assert results[0] == results[1]

    def test_SI02_with_callbacks_of_PyNN(self) -> None:
        sim.setup(timestep=0.1)
        ours, theirs = [], []
        sim.every(period=1.0)(lambda n: ours.append(round(sim.get_current_time(), 6)))

        def report(t: float) -> float:
            theirs.append(round(t, 6))
            return t + 1.5

        sim.run(4.0, callbacks=[report])
        assert ours == [0.0, 1.0, 2.0, 3.0]
        assert theirs == [0.0, 1.5, 3.0, 4.0]

    def test_SI02_after_reset_and_errors(self) -> None:
        sim.setup(timestep=1.0)
        calls = []

        @sim.every(period=4.0, offset=1.0)
        def noted(n: int) -> None:
            calls.append((n, sim.get_current_step()))
            if len(calls) == 4:
                raise ZeroDivisionError

        sim.run(6.0)
        sim.reset()
        with pytest.raises(ZeroDivisionError):
            sim.run(20.0)
        sim.run(5.0)
        assert calls == [(0, 1), (1, 5), (0, 1), (1, 5), (2, 9)]

    def test_SI02_refused(self) -> None:
        sim.setup(timestep=0.1)
        for wrong in (
            {"period": 0.0},
            {"period": 0.25},
            {"period": 1.0, "offset": -1.0},
            {"period": 1.0, "wait": -1.0},
        ):
            with pytest.raises(ValueError, match=r"period|offset|wait"):
                sim.every(**wrong)
        sim.every(period=1.0)(lambda n: sim.run(1.0))
        with pytest.raises(RuntimeError, match="cannot run it"):
            sim.run(1.0)

    def test_SI03_disable_enable_clear(self) -> None:
        sim.setup(timestep=1.0)
        calls: list[int] = []
        sim.every(period=2.0)(lambda n: calls.append(sim.get_current_step()))
        sim.run(4.0)
        sim.disable_callbacks()
        sim.run(5.0)
        sim.enable_callbacks()
        sim.run(4.0)
        assert calls == [0, 2, 10, 12]
        sim.clear_all_callbacks()
        sim.run(4.0)
        assert calls == [0, 2, 10, 12]
        sim.every(period=2.0)(lambda n: calls.append(-1))
        sim.setup(timestep=1.0)  # a new simulation has none
        counters()
        sim.run(4.0)
        assert calls == [0, 2, 10, 12]


class TestReset:
    def make(self) -> tuple[Any, Any, Any, Any]:
        sim.setup(timestep=1.0)
        population = counters(2)
        target = sim.Population(2, sim.Neuron(equations="r = sum(exc)", name="Sums")())
        Grow = sim.Synapse(equations="k = k + 1; w = w + 10")
        rate = sim.Projection(population, target, sim.AllToAllConnector(), Grow(w=1.0), receptor_type="exc")
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 2.0]))
        Marks = sim.Synapse("", "dk/dt = 0 : event-driven", pre_spike="k += 1; w += 10")
        spiking = sim.Projection(
            source, sim.Population(1, sim.IF_curr_exp()), sim.AllToAllConnector(), Marks(weight=1.0),
            receptor_type="excitatory",
        )  # fmt: skip
        return population, rate, spiking, sim.Monitor(population, "r")

    def state(self, population: Any, rate: Any, spiking: Any) -> list[float]:
        synapses = [projection.synapse(0, 0) for projection in (rate, spiking)]
        return [float(population.r[0]), *(s.k for s in synapses), *(s.w for s in synapses)]

    @pytest.mark.parametrize(
        ("keywords", "expected"),
        [
            ({}, [0, 0, 0, 1, 1]),
            ({"populations": False}, [5, 0, 0, 1, 1]),
            ({"projections": False}, [0, 5, 2, 1, 1]),
            ({"synapses": False}, [0, 0, 0, 51, 21]),
            ({"populations": False, "projections": False, "synapses": False}, [5, 5, 2, 51, 21]),
        ],
    )
    def test_SI04_what_goes_back(self, keywords: dict[str, bool], expected: list[float]) -> None:
        population, rate, spiking, monitor = self.make()
        sim.run(5.0)
        assert self.state(population, rate, spiking) == [5, 5, 2, 51, 21]
        sim.reset(**keywords)
        assert sim.get_current_time() == 0.0
        assert self.state(population, rate, spiking) == expected
        sim.run(1.0)
        assert monitor.get("r")[:, 0].tolist() == [expected[0] + 1]
        sim.reset()
        assert self.state(population, rate, spiking) == [0, 0, 0, 1, 1]

    def test_SI04_monitors_and_segments(self) -> None:
        population, _, _, monitor = self.make()
        population.record("r")
        sim.run(2.0)
        sim.reset(annotations={"trial": 1}, monitors=False)
        sim.run(3.0)
        assert monitor.get("r")[:, 0].tolist() == [1, 2, 1, 2, 3]
        block = population.get_data()
        assert [len(s.analogsignals[0]) for s in block.segments] == [3, 4]
        assert block.segments[0].annotations["trial"] == 1


class TestTime:
    @pytest.mark.parametrize("dt", STEPS)
    def test_SI05_simulate_and_step(self, dt: float, capsys: pytest.CaptureFixture[str]) -> None:
        sim.setup(timestep=dt)
        population = counters()
        assert sim.step() == pytest.approx(dt)
        assert sim.simulate(10 * dt) == pytest.approx(11 * dt)
        assert capsys.readouterr().out == ""
        sim.simulate(3 * dt, measure_time=True)
        assert capsys.readouterr().out.startswith(f"Simulating {3 * dt:g} ms took 0.")
        assert sim.step(4) == pytest.approx(18 * dt)
        assert (sim.get_current_step(), population.r.tolist()) == (18, [18.0])
        sim.run(0.3)
        assert sim.get_current_step() == 18 + round(0.3 / dt)
        with pytest.raises(ValueError, match="not a number of steps"):
            sim.step(0.5)

    def test_CO09_one_seed(self) -> None:
        def network(seed: int) -> tuple[Any, ...]:
            sim.setup(timestep=0.1, seed=seed)
            Noisy = sim.Neuron(equations="r = Uniform(0, 1)", name="Noisy")
            noisy, source = sim.Population(5, Noisy()), sim.Population(5, sim.SpikeSourcePoisson(rate=500.0))
            monitor = sim.Monitor(source, "spike")
            sim.run(20.0)
            first = [*noisy.r, *(tuple(times) for times in monitor.get("spike").values())]
            sim.reset()
            sim.run(20.0)
            again = [*noisy.r, *(tuple(times) for times in monitor.get("spike").values())]
            return tuple(first), tuple(again)

        one, same, other = network(7), network(7), network(8)
        assert one == same
        assert one[0] != other[0]
        assert one[0] != one[1]  # each run since a reset draws anew
