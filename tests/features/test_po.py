"""Populations and views: selection, geometry, disabling, clearing, resetting, attributes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from pyNN.random import NumpyRNG, RandomDistribution

STEPS = [1.0, 0.1, 0.05, 0.025]


def counters(size: Any, **parameters: Any) -> Any:
    Counter = sim.Neuron("rate = 1.0", "r = r + rate; q = 0.0*r + 5.0 : init=5.0", name="Counter")
    return sim.Population(size, Counter(**parameters))


class TestViews:
    def setup_method(self) -> None:
        sim.setup(timestep=1.0)

    @pytest.mark.parametrize("kind", [list, tuple, np.array])
    def test_PO01_list_of_ranks(self, kind: Any) -> None:
        population = counters(40)
        view = population[kind([17, 1, 34, 4])]
        assert view.neuron_numbers.tolist() == [17, 1, 34, 4]
        view.set(rate=np.array([1.0, 2.0, 3.0, 4.0]))
        assert population.rate[[1, 4, 17, 34]].tolist() == [2.0, 4.0, 1.0, 3.0]

    def test_PO02_single_cells(self) -> None:
        population = counters(3)
        assert isinstance(population[0], int)
        assert isinstance(population[0:1], sim.PopulationView)
        assert population[0:1].size == 1

    def test_PO04_views_of_grids(self) -> None:
        population = counters((3, 5))
        population[:, 1].r = 7
        population[0, 2:].initialize(q=np.array([1.0, 2.0, 3.0]))
        expected = np.zeros((3, 5))
        expected[:, 1] = 7
        np.testing.assert_array_equal(population.r, expected)
        np.testing.assert_array_equal(population.q[0], [5, 5, 1, 2, 3])
        population[1:3, ::2].rate = [[1, 2, 3], [4, 5, 6]]
        np.testing.assert_array_equal(population.rate, [[1] * 5, [1, 1, 2, 1, 3], [4, 1, 5, 1, 6]])
        assert population[2, 3] is not None  # PyNN: the cells 2 and 3
        assert population[2, 3].neuron_numbers.tolist() == [2, 3]

    def test_PO05_views_at_both_ends(self) -> None:
        source, target = counters(6), sim.Population(5, sim.Neuron(equations="r = sum(exc)", name="Sums")())
        source.rate = np.arange(6.0)
        pre, post = source[[4, 1, 2]], target[[3, 0]]
        sim.Projection(pre, post, sim.AllToAllConnector(), sim.Synapse()(weight=1.0), receptor_type="exc")
        sim.run(2.0)
        assert target.r.tolist() == [7.0, 0.0, 0.0, 7.0, 0.0]


class TestGeometry:
    def setup_method(self) -> None:
        sim.setup(timestep=1.0)

    @pytest.mark.parametrize("geometry", [(7,), (3, 5), (2, 3, 4)])
    def test_PO11_ranks_and_coordinates(self, geometry: tuple[int, ...]) -> None:
        population = counters(geometry)
        assert population.geometry == geometry
        assert (population.width, population.height, population.depth) == (*geometry, 1, 1)[:3]
        assert population.dimension == len(geometry)
        ranks = np.arange(population.size).reshape(geometry)
        for coordinates in np.ndindex(*geometry):
            assert population.rank_from_coordinates(coordinates) == ranks[coordinates]
            assert population.coordinates_from_rank(int(ranks[coordinates])) == coordinates
        # PyNN's grid puts cell (x, y, z) at this position
        x = population.positions[0]
        np.testing.assert_array_equal(x, np.indices(geometry)[0].ravel())

    def test_PO03_views(self) -> None:
        view = counters((3, 5))[1:3, ::2]
        assert view.geometry == (2, 3)
        assert view.rank_from_coordinates((2, 4)) == 14
        assert view.rank_from_coordinates((1, 2), local=True) == 14
        assert view.coordinates_from_rank(14) == (2, 4)
        assert view.coordinates_from_rank(14, local=True) == (1, 2)
        with pytest.raises(IndexError, match=r"cell 3 .* is not in"):
            view.rank_from_coordinates((0, 3))
        listed = counters((3, 5))[[7, 2]]
        assert listed.geometry == (2,)
        assert listed.rank_from_coordinates((1,), local=True) == 2
        assert listed.coordinates_from_rank(7, local=True) == (0,)

    def test_PO11_refused(self) -> None:
        population = counters((3, 5))
        for wrong in ((3, 0), (0, -1), (1,), (0, 0, 0)):
            with pytest.raises(IndexError, match="no cell at"):
                population.rank_from_coordinates(wrong)
        with pytest.raises(IndexError, match="no cell 15"):
            population.coordinates_from_rank(15)
        with pytest.raises(TypeError):
            population.rank_from_coordinates((0.5, 1))


class TestDisabled:
    @pytest.mark.parametrize("threads", [1, 2])
    def test_PO06_neither_updated_nor_spiking(self, threads: int) -> None:
        """Populations of one model share memory; only the disabled one stands still."""
        sim.setup(timestep=0.1, threads=threads)
        populations = [sim.Population(n, sim.IF_curr_exp(i_offset=1.0, tau_refrac=1.0)) for n in (70, 30, 90)]
        alone = sim.Population(1, sim.IF_curr_exp(i_offset=1.0, tau_refrac=1.0))
        for population in (*populations, alone):
            population.record(["v", "spikes"])
        sim.run(20.0)
        populations[1].disable()
        sim.run(33.0)
        populations[1].enable()
        sim.run(20.0)
        v, held, last, reference = (
            np.asarray(p.get_data().segments[0].analogsignals[0]) for p in (*populations, alone)
        )
        assert (v == reference).all()
        assert (last == reference).all()
        # it goes on where it stopped: 33 ms later than the others
        expected = np.concatenate([reference[:201], np.repeat(reference[200:201], 330, axis=0), reference[201:401]])
        assert (held == expected).all()
        spikes = [np.asarray(p.get_data().segments[0].spiketrains[0]) for p in (populations[1], alone)]
        times = spikes[1][spikes[1] <= 40.0 + 1e-9]
        np.testing.assert_allclose(spikes[0], np.where(times > 20.0 + 1e-9, times + 33.0, times), rtol=1e-12)

    def test_PO06_input_is_lost_and_sources_are_silent(self) -> None:
        sim.setup(timestep=0.1)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=sim.Sequence(np.arange(1.0, 30.0))))
        Sink = sim.Neuron(equations="got = got + g_exc", spike="got > 1e9", name="Sink")
        first, second = sim.Population(1, Sink()), sim.Population(1, Sink())
        for target in (first, second):
            sim.Projection(source, target, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=0.1))
        sim.run(10.45)
        first.enabled = False
        sim.run(5.0)
        first.enabled, source.enabled = True, False
        sim.run(5.0)
        source.enabled = True
        sim.run(5.0)
        # at 1.1, 2.1, ... 25.1 ms without 16.1 ... 20.1; the first loses 11.1 ... 15.1, too
        assert (first.got[0], second.got[0]) == (15.0, 20.0)

    def test_PO06_rate_coded(self) -> None:
        sim.setup(timestep=1.0)
        source, other = counters(2), counters(2)
        target = sim.Population(1, sim.Neuron(equations="r = sum(exc)", name="Sums")())
        sim.Projection(source, target, sim.AllToAllConnector(), sim.Synapse()(weight=1.0), receptor_type="exc")
        source.disable()
        sim.run(3.0)
        assert (source.r.tolist(), other.r.tolist(), target.r.tolist()) == ([0, 0], [3, 3], [0])
        source.enable()
        sim.run(3.0)
        assert (source.r.tolist(), target.r.tolist()) == ([3, 3], [4])

    def test_PO07_readable_and_kept(self) -> None:
        sim.setup(timestep=0.1)
        population = counters(2)
        assert population.enabled is True
        population.disable()
        assert population.enabled is False
        sim.run(1.0)
        counters(3)  # a new layout
        sim.run(1.0)
        sim.reset()
        sim.run(1.0)
        assert population.enabled is False
        assert not population.r.any()

    def test_PO06_gap_junctions(self) -> None:
        sim.setup(timestep=0.1)
        cells = sim.Population(2, sim.IF_curr_exp())
        sim.Projection(cells[0:1], cells[1:2], sim.OneToOneConnector(), sim.ElectricalSynapse(weight=0.1))
        with pytest.raises(ValueError, match="gap junctions"):
            cells.disable()


class TestClearAndReset:
    @pytest.mark.parametrize("dt", STEPS)
    @pytest.mark.parametrize("plastic", [False, True])
    def test_PO09_clear(self, dt: float, plastic: bool) -> None:
        """What is on its way to one population is dropped, whatever its synapses are; the other still gets it."""
        sim.setup(timestep=dt, min_delay=dt, max_delay=20 * dt)
        times = sim.Sequence(np.arange(1, 30) * dt)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
        Sink = sim.Neuron(equations="got = got + g_exc", spike="got > 1e9", name="Sink")
        Marks = sim.Synapse("", "dn/dt = 0 : event-driven", pre_spike="g_target += w; n += 1", post_spike="n += 1000")
        kind = Marks(weight=1.0, delay=7 * dt) if plastic else sim.StaticSynapse(weight=1.0, delay=7 * dt)
        targets = [sim.Population(2, Sink()) for _ in range(2)]
        for target in targets:
            sim.Projection(source, target, sim.AllToAllConnector(), kind)
        sim.run(15 * dt)
        before = targets[0].got.copy()
        targets[0].clear()
        assert (targets[0].got == before).all()
        sim.run(40 * dt)
        # sent at 1 ... 29; those that were to arrive later than at the boundary 15, sent at 9 ... 15, are lost; what
        # arrived at 15 has already been read or waits in g_exc
        assert targets[1].got.tolist() == [29.0, 29.0]
        assert targets[0].got.tolist() == [29.0 - 7.0] * 2

    def test_PO10_reset_of_named_attributes(self) -> None:
        sim.setup(timestep=1.0)
        Model = sim.Neuron("a = 1.0", "count = count + a; r = r + 1 : init=4.0", name="Model")
        population = sim.Population(4, Model(a=np.array([1.0, 2.0, 3.0, 4.0])))
        sim.run(3.0)
        population.reset(["count"])
        assert (population.count.tolist(), population.r.tolist()) == ([0.0] * 4, [7.0] * 4)
        population.a = 9.0
        population[1:3].reset("r")
        assert population.r.tolist() == [7.0, 4.0, 4.0, 7.0]
        population.reset(["a"])
        assert population.a.tolist() == [1.0, 2.0, 3.0, 4.0]
        assert sim.get_current_time() == 3.0
        population.reset()
        assert population.r.tolist() == [4.0] * 4
        with pytest.raises(AttributeError, match="'cuont', did you mean 'count'"):
            population.reset(["cuont"])

    def test_PO10_standard_cells(self) -> None:
        sim.setup(timestep=0.1)
        cells = sim.Population(3, sim.IF_cond_exp(i_offset=0.5), initial_values={"v": -63.0})
        sim.run(5.0)
        assert (cells.v > -62.9).all()
        cells[1:2].reset(["v"])
        assert cells.v[1] == -63.0
        assert (cells.v[[0, 2]] > -62.9).all()


class TestNames:
    def setup_method(self) -> None:
        sim.setup(timestep=1.0)

    def test_PO12_by_label(self) -> None:
        first, second = sim.Population(2, sim.IF_curr_exp(), label="src"), sim.Population(2, sim.IF_curr_exp())
        projection = sim.Projection(first, second, sim.OneToOneConnector(), label="out")
        assert sim.get_population("src") is first
        assert sim.get_population(second.label) is second
        assert sim.get_projection("out") is projection
        with pytest.raises(KeyError, match="no population has the label 'scr'; there are 'src'"):
            sim.get_population("scr")
        sim.Population(1, sim.IF_curr_exp(), label="src")
        with pytest.raises(KeyError, match="2 populations have the label 'src'"):
            sim.get_population("src")
        sim.setup()
        with pytest.raises(KeyError, match="there are none"):
            sim.get_population("src")

    def test_PO13_before_and_after_the_first_run(self) -> None:
        Model = sim.Neuron("tau = 2.0; both = 1.0 : population", "v = v + tau : init=1.0; r = v", name="Model")
        population = sim.Population(3, Model())
        assert population.tau.tolist() == [2.0] * 3
        assert population.both == 1.0
        population.v = np.array([1.0, 2.0, 3.0])
        population.tau = 10.0
        sim.run(1.0)
        assert population.v.tolist() == [11.0, 12.0, 13.0]
        population.tau = lambda i: 100.0 * i
        population[0:2].v = 0.0
        assert population.v.tolist() == [0.0, 0.0, 13.0]
        sim.run(1.0)
        assert population.v.tolist() == [0.0, 100.0, 213.0]
        sim.reset()  # what was set before the first run is where it begins
        assert population.v.tolist() == [1.0, 2.0, 3.0]

    def test_PO13_random_values(self) -> None:
        population = counters(1000)
        population.r = RandomDistribution("uniform", (2.0, 3.0), rng=NumpyRNG(1))
        population.rate = RandomDistribution("normal", (5.0, 1.0), rng=NumpyRNG(2))
        assert len(np.unique(population.r)) == 1000
        assert ((population.r >= 2) & (population.r < 3)).all()
        assert abs(population.rate.mean() - 5.0) < 5 / np.sqrt(1000)

    def test_PO13_standard_cells_in_their_units(self) -> None:
        cells = sim.Population(2, sim.IF_cond_exp(tau_m=np.array([10.0, 20.0])))
        assert cells.tau_m.tolist() == [10.0, 20.0]
        cells.v = -55.0
        cells.v_rest = -70.0
        assert cells.v.tolist() == [-55.0, -55.0]
        assert cells.get("v_rest") == -70.0

    def test_PO13_no_clash_and_no_typos(self) -> None:
        Odd = sim.Neuron("size = 3.0; label = 1.0; tau = 2.0", "r = size + label", name="Odd")
        population = sim.Population(2, Odd(), label="mine")
        assert (population.size, population.label) == (2, "mine")
        population.label = "yours"
        assert population.get("label") == 1.0
        assert population.label == "yours"
        with pytest.raises(AttributeError, match="'taau', did you mean 'tau'"):
            population.taau = 3.0
        with pytest.raises(AttributeError, match="'taau', did you mean 'tau'"):
            _ = population.taau
        assert not hasattr(population, "anything")
        with pytest.raises(AttributeError, match="its cells have size, label, tau, r"):
            population[0:1].anything = 1.0
        assert population.tau.tolist() == [2.0, 2.0]

    def test_PO13_firing_rate(self) -> None:
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=sim.Sequence([3.0, 5.0, 8.0])))
        source.compute_firing_rate(10.0)
        sim.run(10.0)
        assert source.r.tolist() == [300.0]
