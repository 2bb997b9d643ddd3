"""Switches of projections: transmission, update, plasticity, and when learning is enabled.

The expected values come from a synapse that is written out here, event by event.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from pyNN.random import RandomDistribution

STEPS = [1.0, 0.1, 0.05, 0.025]
SWITCHES = ["transmission", "update", "plasticity"]

# The weight changes before it is transmitted, so that it shows whether that was held, too.
MARKS = dict(
    equations="dn/dt = 0 : event-driven; dm/dt = 0 : event-driven",
    pre_spike="w += 10; n += 1; g_target += w * n",
    post_spike="m += 1; w += 100",
)


@dataclass
class Marked:
    """One synapse with the model MARKS and the three switches."""

    w: float = 1.0
    n: float = 0.0
    m: float = 0.0
    transmission: bool = True
    update: bool = True
    plasticity: bool = True
    sent: list[tuple[int, float]] = field(default_factory=list)

    def arrival(self, event: int) -> None:
        if not self.transmission:
            return
        if self.update:
            self.w += 10 * self.plasticity
            self.n += 1
        self.sent.append((event, self.w * self.n))

    def target_spikes(self) -> None:
        if self.transmission and self.update:
            self.m += 1
            self.w += 100 * self.plasticity

    def advance(self, first: int, end: int, arrivals: list[int], spikes: list[int]) -> None:
        """Events of the steps from `first` to `end`; a target that spikes when something arrives does so after it."""
        for step in range(first, end):
            for _ in range(arrivals.count(step)):
                self.arrival(step)
            for _ in range(spikes.count(step)):
                self.target_spikes()


def network(dt: float, pre: list[int], post: list[int], delay: int, threads: int = 1) -> tuple[Any, Any]:
    """A marked synapse between two cells that spike in steps with these numbers."""
    sim.setup(timestep=dt, min_delay=dt, max_delay=50 * dt, threads=threads)
    source = sim.Population(3, sim.SpikeSourceArray())
    source[2:3].set(spike_times=sim.Sequence((np.array(pre) + 1) * dt))
    # it spikes in the step after the one in which the driver's spike arrives
    Cell = sim.Neuron(equations="got = got + g_exc; v = g_drive", spike="v > 0.5", reset="v = 0", name="Cell")
    target = sim.Population(2, Cell())
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=sim.Sequence((np.array(post) - 1) * dt)))
    static = sim.StaticSynapse(weight=1.0, delay=dt)
    sim.Projection(driver, target[1:2], sim.OneToOneConnector(), static, receptor_type="drive")
    synapse = sim.Synapse(**MARKS)(weight=1.0, delay=delay * dt)
    ends = source[2:3], target[1:2]
    return sim.Projection(*ends, sim.OneToOneConnector(), synapse, receptor_type="exc"), target[1:2]


def values(projection: Any) -> tuple[float, ...]:
    return tuple(projection.get(name, "list", with_address=False)[0] for name in ("n", "m", "weight"))


def follow(dt: float, switch: str, threads: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pre, post = (sorted(rng.choice(np.arange(3, 197), 60, replace=False).tolist()) for _ in range(2))
    delay = int(rng.integers(1, 9))
    projection, target = network(dt, pre, post, delay, threads)
    target.record(["spikes", "got"])
    expected = Marked()
    arrivals = [step + delay for step in pre]
    cuts = [0, *np.cumsum(rng.integers(5, 30, 9)).tolist()]
    for k, (first, end) in enumerate(itertools.pairwise(cuts)):
        setattr(projection, switch, k % 2 == 0)
        setattr(expected, switch, k % 2 == 0)
        assert getattr(projection, switch) == (k % 2 == 0)
        sim.run((end - first) * dt)
        expected.advance(first, end, arrivals, post)
        assert values(projection) == (expected.n, expected.m, expected.w)
    data = target.get_data().segments[0]
    spikes = np.rint(np.asarray(data.spiketrains[0]) / dt).astype(int) - 1
    assert spikes.tolist() == [step for step in post if step < cuts[-1]]
    got = np.asarray(data.analogsignals[0])[:, 0]
    # what arrives at the end of a step is read in the next one
    sums = [sum(value for event, value in expected.sent if event + 2 <= step) for step in range(cuts[-1] + 1)]
    np.testing.assert_array_equal(got, sums)


class TestSwitches:
    @pytest.mark.parametrize("dt", STEPS)
    def test_PL01_transmission(self, dt: float) -> None:
        follow(dt, "transmission", 1, 1)

    @pytest.mark.parametrize("dt", STEPS)
    def test_PL02_update(self, dt: float) -> None:
        follow(dt, "update", 1, 2)

    @pytest.mark.parametrize("dt", STEPS)
    def test_PL03_plasticity(self, dt: float) -> None:
        follow(dt, "plasticity", 1, 3)

    @pytest.mark.parametrize("switch", SWITCHES)
    @pytest.mark.parametrize("seed", range(4, 9))
    def test_PL03_any_trains_and_threads(self, switch: str, seed: int) -> None:
        follow(0.1, switch, 2, seed)

    def test_PL01_static(self) -> None:
        """What was sent before arrives; what is sent meanwhile never does."""
        sim.setup(timestep=0.1, min_delay=0.1, max_delay=10.0)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=sim.Sequence(np.arange(1, 60) * 0.1)))
        cell = sim.Population(1, sim.Neuron(equations="got = got + g_exc", spike="got > 1e9", name="Sink")())
        prj = sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=0.5))
        cell.record("got")
        sim.run(2.0)
        prj.transmission = False
        sim.run(1.0)
        prj.transmission = True
        sim.run(2.0)
        got = np.asarray(cell.get_data().segments[0].analogsignals[0])[:, 0]
        arrivals = [k + 5 for k in range(1, 60) if not 20 < k <= 30]
        np.testing.assert_array_equal(got, [sum(a + 1 <= step for a in arrivals) for step in range(51)])

    def test_PL01_gap_junction(self) -> None:
        sim.setup(timestep=0.1)
        cells = sim.Population(2, sim.IF_curr_exp(v_rest=-60.0, tau_m=10.0), initial_values={"v": -60.0})
        cells[1:2].initialize(v=-70.0)
        prj = sim.Projection(cells[0:1], cells[1:2], sim.OneToOneConnector(), sim.ElectricalSynapse(weight=0.1))
        prj.transmission = False
        sim.run(1.0)
        v = cells.v
        np.testing.assert_allclose(v, [-60.0, -60.0 - 10.0 * np.exp(-0.1)], rtol=1e-12)
        prj.transmission = True
        sim.run(1.0)
        assert cells.v[0] < -60.1

    @pytest.mark.parametrize(
        ("switch", "sums", "weights"),
        [
            ("transmission", [3, 4, 5, 0, 0, 6], [3, 4, 5, 5, 5, 6]),
            ("update", [3, 4, 5, 5, 5, 6], [3, 4, 5, 5, 5, 6]),
            ("plasticity", [3, 4, 5, 5, 5, 6], [3, 4, 5, 5, 5, 6]),
        ],
    )
    def test_PL01_to_PL03_rate_coded(self, switch: str, sums: list[float], weights: list[float]) -> None:
        sim.setup(timestep=1.0)
        Ones = sim.Neuron(equations="r = 1.0 : init=1", name="Ones")
        source, target = sim.Population(1, Ones()), sim.Population(1, sim.Neuron(equations="r = sum(exc)")())
        Grow = sim.Synapse(equations="k = k + 1; w = w + 1")
        prj = sim.Projection(source, target, sim.OneToOneConnector(), Grow(w=2.0), receptor_type="exc")
        seen: list[tuple[float, float]] = []
        for step in range(6):
            setattr(prj, switch, step not in (3, 4))
            sim.run(1.0)
            seen.append(
                (float(target.r[0]), float(prj.w[0])) if hasattr(prj, "w") else (target.r[0], prj.synapse(0, 0).w)
            )
        # the sum of a step is made with the weight that the last step left behind
        transmitted = [2, *weights[:-1]] if switch != "transmission" else [2, 3, 4, 0, 0, 5]
        assert [got for got, _ in seen] == transmitted
        assert [weight for _, weight in seen] == weights
        assert prj.synapse(0, 0).k == {"plasticity": 6.0}.get(switch, 4.0)

    @pytest.mark.parametrize("switch", ["transmission", "update"])
    def test_PL02_event_driven_time_stands_still(self, switch: str) -> None:
        """A trace that decays by itself does not do so while it is held, and goes on from there."""
        sim.setup(timestep=0.1)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        cell = sim.Population(1, sim.IF_curr_exp())
        Trace = sim.Synapse("tau = 5.0", "tau*dx/dt = -x : event-driven", pre_spike="x += 1; g_target += w")
        prj = sim.Projection(
            source, cell, sim.OneToOneConnector(), Trace(weight=0.1, delay=0.1), receptor_type="excitatory"
        )
        sim.run(3.1)  # the spike arrived at 1.1 ms
        setattr(prj, switch, False)
        for _ in range(3):
            sim.run(7.0)
            np.testing.assert_allclose(prj.synapse(0, 0).x, np.exp(-2.0 / 5.0), rtol=1e-12)
        setattr(prj, switch, True)
        sim.run(4.0)
        np.testing.assert_allclose(prj.synapse(0, 0).x, np.exp(-6.0 / 5.0), rtol=1e-12)

    def test_PL03_clocked_equations(self) -> None:
        """With plasticity off, what is evaluated in every step goes on without the weight."""
        sim.setup(timestep=0.1)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[50.0]))
        cell = sim.Population(1, sim.IF_curr_exp())
        Clock = sim.Synapse(equations="k = k + 1; w = w + 0.5", pre_spike="g_target += w")
        prj = sim.Projection(
            source, cell, sim.OneToOneConnector(), Clock(weight=1.0, delay=0.1), receptor_type="excitatory"
        )
        expected = []
        for switch, (k, w) in [("plasticity", (10, 0)), ("update", (0, 0)), ("transmission", (0, 0)), (None, (10, 5))]:
            for name in SWITCHES:
                setattr(prj, name, name != switch)
            before = (expected or [(0.0, 1.0)])[-1]
            sim.run(1.0)
            expected.append((before[0] + k, before[1] + w))
            assert (prj.synapse(0, 0).k, prj.synapse(0, 0).w) == expected[-1]

    @pytest.mark.parametrize("make", ["stdp", "tsodyks", "stochastic"])
    def test_PL03_standard_synapses(self, make: str) -> None:
        """Standard types obey the same switches: nothing about them changes while `update` is off."""
        sim.setup(timestep=0.1, min_delay=0.1, seed=3)
        source = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0))
        cells = sim.Population(10, sim.IF_curr_exp(i_offset=1.0))
        types = {
            "stdp": sim.STDPMechanism(
                timing_dependence=sim.SpikePairRule(A_plus=0.01, A_minus=0.012),
                weight_dependence=sim.AdditiveWeightDependence(w_max=1.0),
                weight=0.5,
                delay=1.0,
            ),
            "tsodyks": sim.TsodyksMarkramSynapse(weight=0.5, delay=1.0, U=0.4, tau_rec=100.0, tau_facil=50.0),
            "stochastic": sim.StochasticTsodyksMarkramSynapse(weight=0.5, delay=1.0, U=0.4, tau_rec=100.0),
        }
        prj = sim.Projection(source, cells, sim.AllToAllConnector(), types[make], receptor_type="excitatory")
        names = prj._readable
        cells.record("spikes")
        sim.run(100.0)
        prj.update = False
        read = np.array(prj.get(names, "list", with_address=False))
        sim.run(1.0)
        before = np.array(prj.get(names, "list", with_address=False))
        np.testing.assert_allclose(before, read, rtol=1e-13)  # reading advances what decays, over no time here
        sim.run(99.0)
        np.testing.assert_array_equal(np.array(prj.get(names, "list", with_address=False)), before)
        prj.update = True
        sim.run(100.0)
        assert (np.array(prj.get(names, "list", with_address=False)) != before).any()
        trains = cells.get_data().segments[0].spiketrains
        counts = np.histogram(np.concatenate([np.asarray(t) for t in trains]), [0, 100, 200, 300])[0]
        assert (counts > 0).all()  # it transmitted all the time

    def test_PL03_weights_alone_of_stdp(self) -> None:
        sim.setup(timestep=0.1, min_delay=0.1, seed=3)
        source = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0))
        cells = sim.Population(10, sim.IF_curr_exp(i_offset=1.0))
        stdp = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(A_plus=0.01, A_minus=0.012),
            weight_dependence=sim.AdditiveWeightDependence(w_max=1.0),
            weight=RandomDistribution("uniform", (0.3, 0.6)),
            delay=1.0,
        )
        prj = sim.Projection(source, cells, sim.AllToAllConnector(), stdp, receptor_type="excitatory")
        others = prj._values.variables
        prj.disable_learning()
        weights = prj.get("weight", "array")
        sim.run(150.0)
        np.testing.assert_array_equal(prj.get("weight", "array"), weights)
        assert any(np.any(prj.get(name, "array") != 0) for name in others)  # its traces went on
        prj.enable_learning()
        sim.run(150.0)
        assert (prj.get("weight", "array") != weights).mean() > 0.5

    @pytest.mark.parametrize("switch", SWITCHES)
    def test_PL01_to_PL03_many_spikes_and_a_new_layout_while_off(self, switch: str) -> None:
        """More spikes of the target than are kept, and cells and synapses that join meanwhile."""
        pre, post = list(range(5, 12000, 50)), list(range(3, 12000, 2))
        projection, target = network(0.1, pre, post, 3)
        expected, arrivals = Marked(), [step + 3 for step in pre]
        sim.run(30.0)
        expected.advance(0, 300, arrivals, post)
        setattr(projection, switch, False)
        setattr(expected, switch, False)
        sim.run(470.0)
        more = sim.Population(100, target.celltype.__class__())
        marked = sim.Synapse(**MARKS)(weight=1.0, delay=0.3)
        sim.Projection(projection.pre, more, sim.AllToAllConnector(), marked, receptor_type="exc")
        sim.run(500.0)
        expected.advance(300, 10000, arrivals, post)
        assert values(projection) == (expected.n, expected.m, expected.w)
        setattr(projection, switch, True)
        setattr(expected, switch, True)
        sim.run(100.0)
        expected.advance(10000, 11000, arrivals, post)
        assert values(projection) == (expected.n, expected.m, expected.w)

    def test_PL03_switching_at_once_changes_nothing(self) -> None:
        results = []
        for switches in ([], ["transmission", "update", "plasticity"]):
            projection, target = network(0.1, list(range(3, 90, 3)), list(range(4, 95, 5)), 4)
            sim.run(5.0)
            for name in switches:
                setattr(projection, name, False)
                setattr(projection, name, True)
            sim.run(5.0)
            results.append((values(projection), target.got.tolist()))
        assert results[0] == results[1]

    def test_PL01_reset_while_off(self) -> None:
        projection, _ = network(0.1, list(range(3, 90, 3)), list(range(4, 95, 5)), 4)
        sim.run(5.0)
        at_5 = values(projection)
        projection.update = False
        sim.run(2.0)
        sim.reset()
        assert values(projection) == (0.0, 0.0, 1.0)
        projection.update = True
        sim.run(5.0)
        assert values(projection) == at_5

    def test_refused(self) -> None:
        projection, _ = network(0.1, [3], [4], 1)
        for name in SWITCHES:
            with pytest.raises(TypeError, match="neither True nor False"):
                setattr(projection, name, "off")
            assert getattr(projection, name) is True


def growing(dt: float) -> Any:
    sim.setup(timestep=dt)
    cells = sim.Population(2, sim.Neuron(equations="r = 1.0 + 0*sum(exc)", name="Cells")())
    Grow = sim.Synapse(equations="w = w + 1")
    return sim.Projection(cells, cells, sim.AllToAllConnector(), Grow(w=0.0), receptor_type="exc")


class TestLearning:
    @pytest.mark.parametrize("dt", STEPS)
    def test_PL04_period_and_offset(self, dt: float) -> None:
        """Enabled at 10 ms with a period of 10 ms and an offset of 5 ms: the steps that begin at 15, 25, 35 ms."""
        prj = growing(dt)
        sim.run(10.0)
        assert prj.synapse(0, 1).w == round(10.0 / dt)
        prj.enable_learning(period=10.0, offset=5.0)
        changes = []
        for _ in range(30):
            before = prj.synapse(0, 1).w
            sim.run(1.0)
            changes.append(prj.synapse(0, 1).w - before)
        assert changes == [1.0 if n in (6, 16, 26) else 0.0 for n in range(1, 31)]

    def test_PL04_spiking_equations_of_every_step(self) -> None:
        sim.setup(timestep=0.1)
        source, cell = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0])), sim.Population(1, sim.IF_curr_exp())
        Clock = sim.Synapse(equations="k = k + 1", pre_spike="g_target += w")
        prj = sim.Projection(source, cell, sim.OneToOneConnector(), Clock(weight=1.0), receptor_type="excitatory")
        prj.enable_learning(period=0.3)  # 3 steps
        sim.run(3.0)
        assert prj.synapse(0, 0).k == 10.0

    def test_PL04_settings_are_kept(self) -> None:
        prj = growing(1.0)
        prj.enable_learning(period=5.0)
        sim.run(10.0)
        prj.disable_learning()
        sim.run(10.0)
        assert prj.synapse(0, 0).w == 2.0
        prj.enable_learning()
        sim.run(10.0)
        assert prj.synapse(0, 0).w == 4.0

    def test_PL04_refused(self) -> None:
        prj = growing(0.1)
        for wrong in (
            {"period": 0.25},
            {"period": 1.0, "offset": 1.0},
            {"offset": 0.1},
            {"period": 0.0},
            {"period": "1"},
        ):
            with pytest.raises(ValueError, match=r"period|offset"):
                prj.enable_learning(**wrong)
        projection, _ = network(0.1, [3], [4], 1)
        with pytest.raises(ValueError, match="no equations that are evaluated in every step"):
            projection.enable_learning(period=1.0)

    def test_PL05_of_both_kinds_and_of_all(self) -> None:
        sim.setup(timestep=1.0)
        rate = sim.Population(1, sim.Neuron(equations="r = 1.0 + 0*sum(exc)", name="Rate")())
        Grow = sim.Synapse(equations="k = k + 1; w = w + 1")
        first = sim.Projection(rate, rate, sim.AllToAllConnector(), Grow(w=0.0), receptor_type="exc")
        source, cell = (
            sim.Population(1, sim.SpikeSourceArray(spike_times=sim.Sequence(np.arange(1.0, 40.0)))),
            sim.Population(1, sim.IF_curr_exp()),
        )
        Marks = sim.Synapse(equations="dn/dt = 0 : event-driven", pre_spike="n += 1; w += 1")
        second = sim.Projection(source, cell, sim.OneToOneConnector(), Marks(weight=0.0), receptor_type="excitatory")
        third = sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1))
        sim.disable_learning()
        assert (first.update, second.update, second.plasticity) == (False, True, False)
        sim.run(10.0)
        assert (first.synapse(0, 0).k, first.synapse(0, 0).w) == (0.0, 0.0)
        assert second.synapse(0, 0).w == 0.0
        assert second.synapse(0, 0).n == 9.0  # its other variables go on; the spike at 10 ms arrives at 11 ms
        sim.enable_learning([second])
        sim.run(10.0)
        assert (first.synapse(0, 0).w, second.synapse(0, 0).w) == (0.0, 10.0)
        sim.enable_learning(period=5.0)
        sim.run(10.0)
        assert (first.synapse(0, 0).w, second.synapse(0, 0).w) == (2.0, 20.0)
        assert third.transmission
