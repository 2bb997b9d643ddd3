"""Projections: users' connectors, access to single synapses, dendrites and matrices, files, delays that change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from pyNN import errors
from pyNN.random import RandomDistribution

STEPS = [1.0, 0.1, 0.05, 0.025]
WEIGHTS = np.array([[1.0, np.nan, 2.0, 3.0], [np.nan, 4.0, np.nan, 5.0], [6.0, 7.0, np.nan, np.nan]])


def cells(n: Any) -> Any:
    return sim.Population(n, sim.Neuron(equations="r = 1.0 + 0*sum(exc)", name="Cells")())


def rated(synapse: Any = None, pre: Any = 3, post: Any = 4) -> Any:
    """A projection with the weights WEIGHTS."""
    rows = [(i, j, WEIGHTS[i, j], 1.0 + i) for i, j in np.argwhere(~np.isnan(WEIGHTS)).tolist()]
    connector = sim.FromListConnector(rows)
    return sim.Projection(cells(pre), cells(post), connector, synapse or sim.Synapse()(), receptor_type="exc")


class TestFunctions:
    def setup_method(self) -> None:
        sim.setup(timestep=1.0)

    def test_PR08_collected_dendrite_by_dendrite(self) -> None:
        def near(pre: Any, post: Any, weight: float, reach: int) -> Any:
            connectivity = sim.Connectivity()
            for j in range(post.size):
                sources = [i for i in range(pre.size) if 0 < abs(i - j) <= reach]
                connectivity.add(j, sources, weight=[weight * abs(i - j) for i in sources], delay=2.0)
            return connectivity

        connector = sim.FunctionConnector(near, weight=0.5, reach=2)
        projection = sim.Projection(cells(4), cells(4), connector, sim.Synapse()(), receptor_type="exc")
        expected = [(i, j, 0.5 * abs(i - j), 2.0) for i in range(4) for j in range(4) if 0 < abs(i - j) <= 2]
        assert projection.get(["weight", "delay"], "list") == expected

    def test_PR08_rows(self) -> None:
        pre, post = cells(5)[[4, 0, 2]], cells(2)
        connector = sim.FunctionConnector(lambda pre, post: [(0, 1), (2, 0)])
        projection = sim.Projection(pre, post, connector, sim.Synapse()(weight=0.25), receptor_type="exc")
        assert projection.get("weight", "list") == [(0, 1, 0.25), (2, 0, 0.25)]
        connector = sim.FunctionConnector(lambda pre, post: np.array([(0, 1, 0.5, 3.0)]))
        projection = sim.Projection(pre, post, connector, sim.Synapse()(), receptor_type="exc")
        assert projection.get(["weight", "delay"], "list") == [(0, 1, 0.5, 3.0)]

    def test_PR08_random_spiking(self) -> None:
        rng = np.random.default_rng(3)
        mask = rng.random((30, 20)) < 0.2
        connector = sim.FunctionConnector(lambda pre, post: np.argwhere(mask))
        source, target = sim.Population(30, sim.SpikeSourcePoisson()), sim.Population(20, sim.IF_curr_exp())
        projection = sim.Projection(source, target, connector, sim.StaticSynapse(weight=0.1, delay=1.0))
        np.testing.assert_array_equal(~np.isnan(projection.get("weight", "array")), mask)

    @pytest.mark.parametrize(
        ("function", "error"),
        [
            (lambda pre, post: None, TypeError),
            (lambda pre, post: [(0, 1, 0.5)], ValueError),
            (lambda pre, post: [(0, 7)], errors.ConnectionError),
            (lambda pre, post: [(0, 0.5)], errors.ConnectionError),
        ],
    )
    def test_PR08_refused(self, function: Any, error: type[Exception]) -> None:
        with pytest.raises(error):
            sim.Projection(cells(2), cells(2), sim.FunctionConnector(function), sim.Synapse()(), receptor_type="exc")
        with pytest.raises(TypeError, match="cannot be called"):
            sim.FunctionConnector(3)
        connectivity = sim.Connectivity()
        connectivity.add(0, [1], weight=1.0)
        with pytest.raises(ValueError, match="given here"):
            connectivity.add(1, [1])
        with pytest.raises(ValueError, match="weight has 3 values for 2"):
            connectivity.add(1, [0, 1], weight=[1.0, 2.0, 3.0])


class TestAccess:
    def setup_method(self) -> None:
        sim.setup(timestep=1.0)

    def test_PR09_labels(self) -> None:
        projection = sim.Projection(
            cells(2), cells(2), sim.AllToAllConnector(), sim.Synapse()(), receptor_type="exc", label="forward"
        )
        assert projection.label == "forward"

    def test_PR10_single_synapses(self) -> None:
        projection = rated(sim.Synapse("eta = 0.5")())
        synapse = projection.synapse(1, 3)
        assert (synapse.w, synapse.weight, synapse.delay, synapse.eta) == (5.0, 5.0, 2.0, 0.5)
        synapse.w = 50.0
        synapse.eta = 0.75
        assert projection.dendrite(3).synapse(1).w == 50.0
        assert projection.get("eta", "array")[1, 3] == 0.75
        with pytest.raises(errors.ConnectionError, match="cell 0 is not connected to cell 1"):
            projection.synapse(0, 1)
        with pytest.raises(AttributeError, match="'omega'"):
            _ = synapse.omega

    def test_PR10_several_of_one_pair(self) -> None:
        connector = sim.FromListConnector([(0, 0, 1.0, 1.0), (0, 0, 2.0, 1.0)])
        projection = sim.Projection(cells(1), cells(1), connector, sim.Synapse()(), receptor_type="exc")
        assert projection.synapse(0, 0).w == 1.0
        assert projection.dendrite(0).w.tolist() == [1.0, 2.0]
        assert projection.connectivity_matrix().tolist() == [[3.0]]

    @pytest.mark.parametrize("kind", ["rate", "static", "stdp"])
    def test_PR11_dendrites(self, kind: str) -> None:
        if kind == "rate":
            projection = rated()
        else:
            rows = [(i, j, WEIGHTS[i, j], 1.0 + i) for i, j in np.argwhere(~np.isnan(WEIGHTS)).tolist()]
            stdp = sim.STDPMechanism(
                timing_dependence=sim.SpikePairRule(), weight_dependence=sim.AdditiveWeightDependence(w_max=100.0)
            )
            source, target = sim.Population(3, sim.SpikeSourceArray()), sim.Population(4, sim.IF_curr_exp())
            synapse = stdp if kind == "stdp" else sim.StaticSynapse()
            projection = sim.Projection(
                source, target, sim.FromListConnector(rows), synapse, receptor_type="excitatory"
            )
        dendrite = projection.dendrite(3)
        assert dendrite.pre_ranks == [0, 1]
        assert (dendrite.size, len(dendrite), dendrite.post_rank) == (2, 2, 3)
        assert dendrite.w.tolist() == [3.0, 5.0]
        assert dendrite.delay.tolist() == [1.0, 2.0]
        assert {"weight", "delay"} <= set(dendrite.attributes)
        dendrite.w = [30.0, 50.0]
        dendrite.set(delay=4.0)
        expected = WEIGHTS.copy()
        expected[[0, 1], 3] = 30.0, 50.0
        np.testing.assert_array_equal(projection.get("weight", "array"), expected)
        assert projection.get("delay", "array")[:, 3].tolist()[:2] == [4.0, 4.0]
        assert [synapse.w for synapse in dendrite] == [30.0, 50.0]
        assert [d.post_rank for d in projection.dendrites] == [0, 1, 2, 3]
        assert [d.pre_ranks for d in projection.dendrites] == [[0, 2], [1, 2], [0], [0, 1]]
        with pytest.raises(errors.InvalidDimensionsError):
            dendrite.w = [1.0, 2.0, 3.0]
        with pytest.raises(AttributeError, match="omega"):
            dendrite.omega = 1.0
        with pytest.raises(IndexError):
            projection.dendrite(4)

    def test_PR11_views(self) -> None:
        source, target = cells(6), cells(5)
        pre, post = source[[5, 0, 3]], target[[4, 1]]
        connector = sim.FromListConnector([(0, 1, 1.0, 1.0), (2, 1, 2.0, 1.0), (1, 0, 3.0, 1.0)])
        projection = sim.Projection(pre, post, connector, sim.Synapse()(), receptor_type="exc")
        assert projection.dendrite(1).pre_ranks == [0, 2]
        assert projection.dendrite(1).w.tolist() == [1.0, 2.0]
        assert projection.synapse(1, 0).w == 3.0

    def test_PR14_reset_of_named_attributes(self) -> None:
        projection = rated(sim.Synapse("eta = 1.0", "k = k + eta; w = w + 1")())
        sim.run(3.0)
        np.testing.assert_array_equal(projection.get("weight", "array"), WEIGHTS + 3)
        projection.reset(["w"])
        np.testing.assert_array_equal(projection.get("weight", "array"), WEIGHTS)
        assert set(projection.get("k", "list", with_address=False)) == {3.0}
        projection.set(eta=5.0, delay=3.0)
        projection.reset(["eta", "delay"])
        assert set(projection.get("eta", "list", with_address=False)) == {1.0}
        assert projection.synapse(2, 0).delay == 3.0
        sim.run(1.0)
        projection.reset()
        np.testing.assert_array_equal(projection.get("weight", "array"), WEIGHTS)
        assert set(projection.get("k", "list", with_address=False)) == {0.0}
        with pytest.raises(AttributeError, match="omega"):
            projection.reset(["omega"])

    def test_PR14_spiking(self) -> None:
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 2.0]))
        cell = sim.Population(1, sim.IF_curr_exp())
        Marks = sim.Synapse("", "dn/dt = 0 : event-driven", pre_spike="n += 1; w += 1")
        projection = sim.Projection(
            source, cell, sim.OneToOneConnector(), Marks(weight=0.5), receptor_type="excitatory"
        )
        sim.run(5.0)
        projection.reset(["w"])
        assert (projection.synapse(0, 0).w, projection.synapse(0, 0).n) == (0.5, 2.0)
        projection.reset()
        assert projection.synapse(0, 0).n == 0.0
        static = sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1, delay=2.0))
        static.set(weight=0.2, delay=5.0)
        static.reset(["w", "delay"])
        assert static.get(["weight", "delay"], "list") == [(0, 0, 0.1, 2.0)]

    def test_PR22_matrices(self) -> None:
        projection = rated()
        np.testing.assert_array_equal(projection.connectivity_matrix(), np.nan_to_num(WEIGHTS))
        np.testing.assert_array_equal(projection.connectivity_matrix(fill=-1.0), np.nan_to_num(WEIGHTS, nan=-1.0))
        delays = np.where(np.isnan(WEIGHTS), 0.0, np.arange(1.0, 4.0)[:, None])
        np.testing.assert_array_equal(projection.connectivity_matrix(name="delay"), delays)
        assert projection.nb_synapses == projection.size() == len(projection) == 7
        assert projection.post_ranks == [0, 1, 2, 3]

    def test_PR22_empty_rows(self) -> None:
        connector = sim.FromListConnector([(1, 4, 2.0, 1.0), (0, 2, 1.0, 1.0)])
        projection = sim.Projection(cells(3), cells(5), connector, sim.Synapse()(), receptor_type="exc")
        assert projection.post_ranks == [2, 4]
        assert projection.dendrite(0).pre_ranks == []
        assert projection.dendrite(0).w.size == 0
        assert projection.connectivity_matrix(fill=9.0)[2].tolist() == [9.0] * 5

    def test_PR22_receptive_fields(self) -> None:
        source, target = cells((2, 3)), cells((2, 2))
        connector = sim.AllToAllConnector()
        projection = sim.Projection(source, target, connector, sim.Synapse()(), receptor_type="exc")
        weights = np.arange(24.0).reshape(6, 4)
        projection.set(weight=weights)
        picture = projection.receptive_fields()
        assert picture.shape == (4, 6)
        for rank in range(4):
            row, column = divmod(rank, 2)
            tile = picture[2 * row : 2 * row + 2, 3 * column : 3 * column + 3]
            np.testing.assert_array_equal(tile, weights[:, rank].reshape(2, 3))
            np.testing.assert_array_equal(projection.dendrite(rank).receptive_field(), tile)


class TestFiles:
    @pytest.mark.parametrize("kind", ["rate", "static", "stdp"])
    def test_PR07_npz_without_pickle(self, tmp_path: Path, kind: str) -> None:
        sim.setup(timestep=0.1, min_delay=0.1, max_delay=10.0, seed=1)
        if kind == "rate":
            source, target, receptor = cells(20), cells(10), "exc"
            synapse = sim.Synapse("eta = 1.0")
        else:
            source, target = sim.Population(20, sim.SpikeSourceArray()), sim.Population(10, sim.IF_curr_exp())
            receptor = "excitatory"
        draw = RandomDistribution("uniform", (0.1, 0.9))
        parameters = {"weight": draw, "delay": RandomDistribution("uniform", (0.5, 3.0))}
        made = {
            "rate": lambda **p: synapse(**p),
            "static": sim.StaticSynapse,
            "stdp": lambda **p: sim.STDPMechanism(
                timing_dependence=sim.SpikePairRule(), weight_dependence=sim.AdditiveWeightDependence(), **p
            ),
        }[kind]
        connector = sim.FixedProbabilityConnector(0.3)
        first = sim.Projection(source, target, connector, made(**parameters), receptor_type=receptor)
        file = tmp_path / "connections.npz"
        first.save_connectivity(file)
        with np.load(file, allow_pickle=False) as arrays:
            assert {"pre", "post", "weight", "delay"} <= set(arrays.files)
            np.testing.assert_array_equal(arrays["pre"], first.presynaptic_indices)
        second = sim.Projection(source, target, sim.FromFileConnector(str(file)), made(), receptor_type=receptor)
        names = first.synapse_type.get_parameter_names()
        assert second.get(names, "list") == first.get(names, "list")
        with pytest.raises(ValueError, match=r"does not end in \.npz"):
            first.save_connectivity(tmp_path / "connections.txt")

    def test_PR07_damaged(self, tmp_path: Path) -> None:
        sim.setup()
        np.savez(tmp_path / "a.npz", pre=[0, 1], post=[0], weight=[1.0, 2.0])
        connector = sim.FromFileConnector(str(tmp_path / "a.npz"))
        with pytest.raises(ValueError, match="one number for each connection"):
            sim.Projection(cells(2), cells(2), connector, sim.Synapse()(), receptor_type="exc")
        np.savez(tmp_path / "b.npz", pre=np.array([{}], dtype=object), post=[0])
        connector = sim.FromFileConnector(str(tmp_path / "b.npz"))
        with pytest.raises(ValueError, match="pickle"):
            sim.Projection(cells(2), cells(2), connector, sim.Synapse()(), receptor_type="exc")


class TestDelays:
    """Delays change after the first run, to more than the longest one there was."""

    NEW = np.array([[9.0], [1.0], [4.0]])

    def spiking(self, dt: float, plastic: bool) -> tuple[Any, Any]:
        sim.setup(timestep=dt, min_delay=dt, max_delay=40 * dt)
        source = sim.Population(3, sim.SpikeSourceArray())
        for k in range(3):
            times = np.array([2.0, 20.0]) * dt
            source[k : k + 1].set(spike_times=sim.Sequence(times))
        Sink = sim.Neuron(equations="got = got + g_exc", spike="got > 1e9", name="Sink")
        Marks = sim.Synapse("", "dn/dt = 0 : event-driven", pre_spike="g_target += w; n += 1", post_spike="n += 1000")
        target = sim.Population(1, Sink())
        synapse = (Marks if plastic else sim.StaticSynapse)(weight=1.0, delay=2 * dt)
        projection = sim.Projection(source, target, sim.AllToAllConnector(), synapse, receptor_type="exc")
        projection.set(weight=np.array([[1.0], [10.0], [100.0]]))
        target.record("got")
        return projection, target

    def arrivals(self, target: Any) -> dict[int, float]:
        """Step boundary -> what arrives there."""
        got = np.asarray(target.get_data().segments[0].analogsignals[0])[:, 0]
        steps = np.flatnonzero(np.diff(got))
        return dict(zip(steps.tolist(), np.diff(got)[steps].tolist(), strict=True))

    @pytest.mark.parametrize("plastic", [False, True])
    @pytest.mark.parametrize("dt", STEPS)
    def test_PR18_uniform(self, dt: float, plastic: bool) -> None:
        projection, target = self.spiking(dt, plastic)
        sim.run(10 * dt)
        projection.set(delay=17 * dt)
        assert set(projection.get("delay", "list", with_address=False)) == {round(17 * dt, 9)}
        sim.run(35 * dt)
        assert self.arrivals(target) == {4: 111.0, 37: 111.0}

    @pytest.mark.parametrize("plastic", [False, True])
    @pytest.mark.parametrize("dt", STEPS)
    def test_PR19_variable(self, dt: float, plastic: bool) -> None:
        projection, target = self.spiking(dt, plastic)
        sim.run(10 * dt)
        projection.set(delay=self.NEW * dt)
        sim.run(35 * dt)
        assert self.arrivals(target) == {4: 111.0, 21: 10.0, 24: 100.0, 29: 1.0}

    @pytest.mark.parametrize("plastic", [False, True])
    def test_PR18_while_spikes_are_on_their_way(self, plastic: bool) -> None:
        """They keep the delay that they were sent with; those that are sent later take the new one."""
        projection, target = self.spiking(0.1, plastic)
        projection.set(delay=1.0)
        sim.run(0.5)  # sent at 0.2 ms
        projection.set(delay=3.0)
        sim.run(5.0)
        assert self.arrivals(target) == {12: 111.0, 50: 111.0}

    @pytest.mark.parametrize("dt", STEPS)
    @pytest.mark.parametrize("new", [17.0, NEW])
    def test_PR18_PR19_rate_coded(self, dt: float, new: Any) -> None:
        sim.setup(timestep=dt, min_delay=dt, max_delay=40 * dt)
        source = sim.Population(
            3, sim.Neuron("a = 0.0", "r = r + a", name="Counter")(a=np.array([1.0, 100.0, 10000.0]))
        )
        target = sim.Population(1, sim.Neuron(equations="r = sum(exc)", name="Sums")())
        synapse = sim.Synapse()(weight=1.0, delay=2 * dt)
        projection = sim.Projection(source, target, sim.AllToAllConnector(), synapse, receptor_type="exc")
        sim.run(20 * dt)
        assert target.r.tolist() == [18 * 10101.0]  # the value of boundary 20 - delay
        projection.set(delay=new * dt)
        sim.run(30 * dt)
        delays = np.broadcast_to(np.ravel(new), 3)
        assert target.r.tolist() == [float(((50 - delays) * [1.0, 100.0, 10000.0]).sum())]

    def test_PR16_random_delays(self) -> None:
        sim.setup(timestep=0.1, min_delay=0.1, max_delay=5.0)
        source = sim.Population(200, sim.SpikeSourceArray(spike_times=[1.0]))
        Sink = sim.Neuron(equations="got = got + g_exc", spike="got > 1e9", name="Sink")
        target = sim.Population(1, Sink())
        synapse = sim.StaticSynapse(weight=1.0, delay=RandomDistribution("uniform", (0.5, 3.0)))
        projection = sim.Projection(source, target, sim.AllToAllConnector(), synapse, receptor_type="exc")
        target.record("got")
        sim.run(6.0)
        steps = np.rint(np.array(projection.get("delay", "list", with_address=False)) / 0.1).astype(int)
        assert len(np.unique(steps)) > 15
        assert self.arrivals(target) == {10 + int(d): float((steps == d).sum()) for d in np.unique(steps)}
