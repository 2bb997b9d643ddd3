"""Recording of weights and variables of connections over time: Projection.record, get_data and write_data."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import neo
import numpy as np
import pytest
import quantities as pq
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import errors
from pyNN.parameters import Sequence

import pynn_annarchy as sim

DT_MS = 0.125
PAIR = {"tau_plus": 17.0, "tau_minus": 31.0, "A_plus": 0.06, "A_minus": 0.05}


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=DT_MS, min_delay=DT_MS)


def source(times: Any, n: int = 1) -> Any:
    return sim.Population(n, sim.SpikeSourceArray(spike_times=Sequence(list(times))))


def driven(times: Any, n: int = 1) -> Any:
    """Cells that spike when they are told to: at these times."""
    cells = sim.Population(n, sim.IF_curr_delta(tau_refrac=DT_MS), label="driven")
    strong = sim.StaticSynapse(weight=100.0, delay=DT_MS)
    sim.Projection(
        source(np.asarray(times) - DT_MS), cells, sim.AllToAllConnector(), strong, receptor_type="excitatory"
    )
    return cells


def pair_mechanism(**options: Any) -> Any:
    dependence = sim.AdditiveWeightDependence(w_max=2.0)
    return sim.STDPMechanism(sim.SpikePairRule(**PAIR), dependence, **{"weight": 0.8, "delay": 1.0, **options})


def projection(synapse: Any = None, pre: int = 2, post: int = 3, label: str = "learning") -> Any:
    """Sources that spike at 5 and 30 ms onto targets that spike at 10 ms."""
    return sim.Projection(
        source([5.0, 30.0], pre),
        driven([10.0], post),
        sim.AllToAllConnector(),
        synapse or pair_mechanism(),
        label=label,
    )


def signals(prj: Any, name: str = "weight", segment: int = -1) -> list[Any]:
    return [s for s in prj.get_data().segments[segment].analogsignals if s.name == name]


def signal(prj: Any, name: str = "weight", segment: int = -1) -> Any:
    (only,) = signals(prj, name, segment)
    return only


def channels(recorded: Any) -> list[int]:
    return list(recorded.array_annotations["channel_index"])


def pair_weight(t: Any) -> Any:
    """The weight between cells that spike at 5 and 30 ms and at 10 ms: the target's spike travels for 1 ms."""
    up = 2.0 * 0.06 * math.exp(-(11.0 - 5.0) / 17.0)
    down = 2.0 * 0.05 * math.exp(-(30.0 - 11.0) / 31.0)
    return 0.8 + up * (t >= 11.0) - down * (t >= 30.0)


def decaying(t: Any, events: list[float], tau: float) -> Any:
    """The sum of exp(-age/tau) over the events up to time t."""
    return sum(np.where(t >= e, np.exp(-np.maximum(t - e, 0.0) / tau), 0.0) for e in events)


# ---- what is recorded, against the equations -------------------------------------------------------------------------


@pytest.mark.parametrize("interval", [DT_MS, 0.5, 3.0])
@pytest.mark.parametrize("threads", [1, 3])
def test_weights_and_traces_over_time(interval: float, threads: int) -> None:
    sim.setup(timestep=DT_MS, min_delay=DT_MS, threads=threads)
    prj = projection()
    prj.record(["weight", "x", "y"], sampling_interval=interval)
    sim.run(7.3)  # that runs are cut at other times than samples are taken makes no difference
    sim.run(32.7)
    weight, x, y = (signal(prj, name) for name in ("weight", "x", "y"))
    t = np.arange(0.0, 40.0 + 1e-9, interval)
    for recorded, expected in (
        (weight, pair_weight(t)),
        (x, decaying(t, [5.0, 30.0], 17.0)),
        (y, decaying(t, [11.0], 31.0)),
    ):
        assert recorded.shape == (t.size, 6)
        assert recorded.sampling_period == interval * pq.ms
        assert_allclose(recorded.times.rescale("ms").magnitude, t, atol=1e-9)
        assert_allclose(recorded.magnitude, np.tile(expected[:, None], 6), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("fraction", [0.0, 0.25, 1.0])
def test_changes_come_when_spikes_reach_the_synapse(fraction: float) -> None:
    prj = projection(pair_mechanism(delay=4.0, dendritic_delay_fraction=fraction), 1, 1)
    prj.record("weight")
    sim.run(40.0)
    weight = signal(prj).magnitude[:, 0]
    changes = np.flatnonzero(np.diff(weight)) + 1
    assert_array_equal(changes * DT_MS, [10.0 + 4.0 * fraction, 30.0 + 4.0 * (1 - fraction)])


def test_tsodyks_markram_resources_over_time() -> None:
    U, tau_rec, tau_facil, tau_syn = 0.25, 80.0, 40.0, 4.0
    post = sim.Population(1, sim.IF_curr_exp(tau_syn_E=tau_syn, v_thresh=1e6))
    synapse = sim.TsodyksMarkramSynapse(U=U, tau_rec=tau_rec, tau_facil=tau_facil, weight=0.5, delay=1.0)
    prj = sim.Projection(source([10.0]), post, sim.AllToAllConnector(), synapse)
    prj.record(prj.recordable)
    sim.run(60.0)
    age = np.arange(0.0, 60.0 + 1e-9, DT_MS) - 10.0
    after = age >= 0
    age = np.maximum(age, 0.0)
    y = np.where(after, U * np.exp(-age / tau_syn), 0.0)
    inactive = U * tau_rec / (tau_syn - tau_rec) * (np.exp(-age / tau_syn) - np.exp(-age / tau_rec))
    assert_allclose(signal(prj, "u").magnitude[:, 0], np.where(after, U * np.exp(-age / tau_facil), 0.0), rtol=1e-12)
    assert_allclose(signal(prj, "y").magnitude[:, 0], y, rtol=1e-12)
    assert_allclose(signal(prj, "x").magnitude[:, 0], 1 - y - np.where(after, inactive, 0.0), rtol=1e-12)
    assert_array_equal(signal(prj).magnitude, 0.5)


def test_release_sites_over_time() -> None:
    """Between spikes `a` is constant; at a spike the number released and `a` add up to what was there."""
    post = sim.Population(40, sim.IF_curr_delta(tau_m=1e15, v_thresh=1e9, v_rest=0.0), initial_values={"v": 0.0})
    synapse = sim.MultiQuantalSynapse(U=0.5, n=6, tau_rec=1e9, weight=6.0, delay=1.0)
    prj = sim.Projection(source([5.0, 9.0, 13.0]), post, sim.AllToAllConnector(), synapse)
    prj.record("a")
    post.record("v")
    sim.run(20.0)
    sites = signal(prj, "a").magnitude
    released = post.get_data("v").segments[0].analogsignals[0].magnitude
    delay = round(1.0 / DT_MS)
    assert set(np.flatnonzero(np.diff(sites, axis=0).any(axis=1)) + 1) == {round(t / DT_MS) for t in (5, 9, 13)}
    assert_allclose(released[delay:], 6.0 - sites[:-delay], atol=1e-9)  # each site's share of the weight is 1 mV
    assert 0 < sites[-1].mean() < 2


def test_the_resource_of_a_stochastic_synapse_over_time() -> None:
    post = sim.Population(200, sim.IF_curr_exp())
    synapse = sim.StochasticTsodyksMarkramSynapse(U=0.3, tau_rec=1e9, weight=0.5, delay=1.0)
    prj = sim.Projection(source([5.0, 9.0]), post, sim.AllToAllConnector(), synapse)
    prj.record("R")
    sim.run(12.0)
    R = signal(prj, "R").magnitude
    assert set(np.unique(R)) == {0.0, 1.0}
    assert (np.diff(R, axis=0) <= 0).all()  # it hardly recovers
    assert_array_equal(R[: round(5 / DT_MS)], 1.0)


def test_the_weight_under_a_modulator_over_time() -> None:
    """One pair and one spike of the modulator: dw/dt = c*(n - b) has a closed solution."""
    tau_c, tau_n, b = 200.0, 50.0, 0.002
    rule, dependence = sim.SpikePairRule(**PAIR), sim.AdditiveWeightDependence(w_max=2.0)
    options = {"tau_c": tau_c, "tau_n": tau_n, "b": b, "modulator_delay": 2.0, "weight": 0.8, "delay": 1.0}
    synapse = sim.NeuromodulatedSTDP(source([20.0]), rule, dependence, **options)
    prj = sim.Projection(source([5.0]), driven([10.0]), sim.AllToAllConnector(), synapse)
    prj.record(["weight", "c", "n"], sampling_interval=0.5)
    sim.run(100.0)
    t = np.arange(0.0, 100.0 + 1e-9, 0.5)
    c0 = 2.0 * 0.06 * math.exp(-6.0 / 17.0)
    assert_allclose(signal(prj, "c").magnitude[:, 0], c0 * decaying(t, [11.0], tau_c), rtol=1e-12, atol=1e-15)
    assert_allclose(signal(prj, "n").magnitude[:, 0], decaying(t, [22.0], tau_n) / tau_n, rtol=1e-12, atol=1e-15)
    age, both = np.maximum(t - 11.0, 0.0), np.maximum(t - 22.0, 0.0)
    rate = 1 / tau_c + 1 / tau_n
    learnt = c0 * math.exp(-11.0 / tau_c) / tau_n * (1 - np.exp(-both * rate)) / rate
    forgotten = c0 * b * tau_c * (1 - np.exp(-age / tau_c))
    assert_allclose(signal(prj).magnitude[:, 0], 0.8 + learnt - forgotten, rtol=1e-12)


def test_averaged_potentials_over_time() -> None:
    post = sim.Population(1, sim.IF_curr_exp(v_rest=-65.0), initial_values={"v": -65.0})
    rule = sim.ClopathRule(tau_plus=7.0, tau_minus=10.0, tau_x=15.0)
    synapse = sim.STDPMechanism(None, sim.AdditiveWeightDependence(), rule, weight=0.0, delay=1.0)
    prj = sim.Projection(source([5.0, 9.0]), post, sim.AllToAllConnector(), synapse)
    prj.initialize(u_plus=-60.0, u_minus=-68.0)
    prj.record(["u_plus", "u_minus", "x"])
    sim.run(30.0)
    t = np.arange(0.0, 30.0 + 1e-9, DT_MS)
    assert_allclose(signal(prj, "u_plus").magnitude[:, 0], -65 + 5 * np.exp(-t / 7.0), rtol=1e-12)
    assert_allclose(signal(prj, "u_minus").magnitude[:, 0], -65 - 3 * np.exp(-t / 10.0), rtol=1e-12)
    assert_allclose(signal(prj, "x").magnitude[:, 0], decaying(t, [6.0, 10.0], 15.0) / 15.0, rtol=1e-12, atol=1e-18)


def test_the_weight_of_an_equation_driven_by_spikes() -> None:
    halving = sim.Synapse(parameters="share = 0.5", pre_spike="g_target += w; w *= share")
    prj = sim.Projection(source([5.0, 9.0]), driven([20.0]), sim.AllToAllConnector(), halving(weight=0.8, delay=1.0))
    prj.record("weight")
    sim.run(12.0)
    t = np.arange(0.0, 12.0 + 1e-9, DT_MS)
    assert_allclose(signal(prj).magnitude[:, 0], 0.8 * 0.5 ** ((t >= 5.0) * 1 + (t >= 9.0)), rtol=1e-15)


def test_the_weight_of_a_continuous_equation() -> None:
    rate = sim.Neuron(equations="r = sum(exc)")
    fading = sim.Synapse(parameters="tau = 20.0", equations="dw/dt = -w/tau : exact")
    cells = sim.Population(3, rate())
    prj = sim.Projection(cells, cells, sim.AllToAllConnector(), fading(weight=0.8, delay=1.0), receptor_type="exc")
    prj.record("weight", sampling_interval=1.0, indices=[1, 4])
    sim.run(10.0)
    weight = signal(prj)
    assert channels(weight) == [1, 4]
    expected = 0.8 * np.exp(-np.arange(11.0) / 20.0)
    assert_allclose(weight.magnitude, np.tile(expected[:, None], 2), rtol=1e-12)


def test_recording_changes_nothing() -> None:
    weights = []
    for recorded in (False, True):
        sim.setup(timestep=DT_MS, min_delay=DT_MS)
        prj = projection(pair_mechanism(delay=4.0, dendritic_delay_fraction=0.3))
        if recorded:
            prj.record(["weight", "x"], sampling_interval=0.25)
        sim.run(40.0)
        weights.append(prj.get("weight", "array"))
    assert_array_equal(weights[0], weights[1])


# ---- Neo objects -----------------------------------------------------------------------------------------------------


def test_structure_of_a_block() -> None:
    prj = projection()
    prj.annotate(run="first")
    prj.record(["weight", "x"])
    sim.run(12.0)
    block = prj.get_data(annotations={"script": "mine"})
    assert block.name == "learning" and block.annotations["simulator"] == "ANNarchy"
    assert block.annotations["size"] == 6 and block.annotations["dt"] == DT_MS
    assert block.annotations["run"] == "first" and block.annotations["script"] == "mine"
    (segment,) = block.segments
    assert segment.block is block and segment.name == "segment000"
    assert len(segment.spiketrains) == 0
    weight = next(s for s in segment.analogsignals if s.name == "weight")
    assert weight.segment is segment and weight.annotations["source_projection"] == "learning"
    assert_array_equal(weight.array_annotations["channel_index"], range(6))
    rows = prj.get("weight", "list")
    assert_array_equal(weight.array_annotations["presynaptic_index"], [row[0] for row in rows])
    assert_array_equal(weight.array_annotations["postsynaptic_index"], [row[1] for row in rows])
    assert_array_equal(weight.magnitude[-1], [row[2] for row in rows])


def test_recorded_arrays_belong_to_the_user() -> None:
    prj = projection()
    prj.record("weight")
    sim.run(1.0)
    signal(prj)[:] = 7.0 * pq.mV
    assert_array_equal(signal(prj).magnitude, 0.8)


UNITS: list[tuple[Callable[[], Any], float, str]] = [
    (lambda: sim.IF_cond_exp(), 1.0, "uS"),
    (lambda: sim.IF_curr_exp(), 1.0, "nA"),
    (lambda: sim.IF_curr_delta(), 1.0, "mV"),
    (lambda: sim.PointNeuron(sim.LIF(), excitatory=sim.ExpPSR()), 1.0, "uS"),
]


@pytest.mark.parametrize(("cell", "weight", "unit"), UNITS)
def test_weights_have_the_unit_of_their_target(cell: Any, weight: float, unit: str) -> None:
    prj = sim.Projection(
        source([5.0]), sim.Population(1, cell()), sim.AllToAllConnector(), pair_mechanism(), receptor_type="excitatory"
    )
    prj.record(["weight", "x"])
    sim.run(1.0)
    assert signal(prj).units == pq.Quantity(1, unit)
    assert signal(prj, "x").units == pq.dimensionless
    assert prj.find_units("weight") == unit


def test_multapses_are_connections_of_their_own() -> None:
    rows = [(0, 1, 0.1, 1.0), (1, 0, 0.5, 1.0), (0, 1, 0.3, 2.0)]
    connector = sim.FromListConnector(rows, column_names=["weight", "delay"])
    prj = sim.Projection(source([5.0, 30.0], 2), driven([10.0], 2), connector, pair_mechanism())
    prj.record("weight")
    sim.run(40.0)
    weight = signal(prj)
    assert list(weight.array_annotations["presynaptic_index"]) == [0, 0, 1]
    assert list(weight.array_annotations["postsynaptic_index"]) == [1, 1, 0]
    assert_array_equal(weight.magnitude[0], [0.1, 0.3, 0.5])
    assert_array_equal(weight.magnitude[-1], prj.get("weight", "list", with_address=False))
    assert len({tuple(column - column[0]) for column in weight.magnitude.T}) >= 2  # delays differ


def test_views_and_assemblies() -> None:
    pre, post = source([5.0, 30.0], 4), driven([10.0], 3)
    other = sim.Population(2, sim.IF_curr_delta())
    prj = sim.Projection(
        pre[[3, 1]], post[1:] + other, sim.AllToAllConnector(), pair_mechanism(), receptor_type="excitatory"
    )
    prj.record("weight", indices=slice(None, None, 3))
    sim.run(40.0)
    weight = signal(prj)
    assert channels(weight) == [0, 3, 6]
    assert list(weight.array_annotations["presynaptic_index"]) == [0, 0, 1]
    assert list(weight.array_annotations["postsynaptic_index"]) == [0, 3, 2]
    assert_allclose(weight.magnitude[-1], [pair_weight(40.0), 0.8, 0.8], rtol=1e-12)  # the others have not spiked


CHOICES = [
    ([4, 1], [1, 4]),
    (np.array([-1]), [5]),
    (slice(1, 6, 2), [1, 3, 5]),
    ([True, False, False, True, False, True], [0, 3, 5]),
    (2, [2]),
    ([3, 3], [3]),
]


@pytest.mark.parametrize(("indices", "expected"), CHOICES)
def test_some_of_the_connections(indices: Any, expected: list[int]) -> None:
    prj = projection(pair_mechanism(weight=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]))
    prj.record("weight", indices=indices)
    sim.run(1.0)
    assert channels(signal(prj)) == expected
    assert_allclose(signal(prj).magnitude[-1], 0.1 * (np.array(expected) + 1))


def test_connections_themselves() -> None:
    prj = projection()
    prj.record("weight", indices=prj[1:3])
    prj.record("weight", indices=prj[-1])
    sim.run(1.0)
    assert channels(signal(prj)) == [1, 2, 5]
    with pytest.raises(TypeError, match="are not all of them connections of learning"):
        prj.record("x", indices=projection(label="another")[:2])


# ---- when ------------------------------------------------------------------------------------------------------------


def test_connections_with_different_intervals_and_beginnings() -> None:
    prj = projection()
    prj.record("weight", sampling_interval=0.5, indices=[0, 1])
    prj.record("weight", sampling_interval=2.0, indices=[2])
    sim.run(10.5)
    prj.record("weight", sampling_interval=0.5, indices=[1, 3, 4, 5])  # 1 is recorded already
    with pytest.raises(ValueError, match="already recorded every 2"):
        prj.record("weight", sampling_interval=0.5, indices=[2])
    sim.run(29.5)
    early, sparse, late = signals(prj)
    assert [channels(s) for s in (early, sparse, late)] == [[0, 1], [2], [3, 4, 5]]
    assert [s.shape[0] for s in (early, sparse, late)] == [81, 21, 60]
    assert [float(s.t_start) for s in (early, sparse, late)] == [0.0, 0.0, 10.5]
    for s in (early, sparse, late):
        t = s.times.rescale("ms").magnitude
        assert_allclose(s.magnitude[:, 0], pair_weight(t), rtol=1e-12)


def test_record_twice_records_once() -> None:
    prj = projection()
    prj.record("weight")
    prj.record(["weight", "x"])
    sim.run(1.0)
    assert signal(prj).shape == (9, 6) == signal(prj, "x").shape


def test_without_an_interval_it_is_the_last_one_given() -> None:
    prj = projection()
    prj.record("weight", sampling_interval=0.5)
    prj.record("x")
    sim.run(2.0)
    assert signal(prj, "x").shape == (5, 6)


def test_every_reset_begins_a_segment() -> None:
    prj = projection()
    prj.record("weight")
    sim.run(40.0)
    sim.reset(annotations={"trial": 1})
    sim.run(12.0)
    first, second = prj.get_data().segments
    assert first.annotations["trial"] == 1
    assert [len(s.analogsignals[0]) for s in (first, second)] == [321, 97]
    assert_array_equal(second.analogsignals[0].magnitude, first.analogsignals[0].magnitude[:97])
    prj.set(weight=0.3)
    sim.reset()
    sim.run(1.0)
    assert_array_equal(signal(prj).magnitude, 0.3)
    assert len(prj.get_data().segments) == 3


def test_weights_that_are_set_between_runs() -> None:
    prj = projection()
    prj.record("weight", sampling_interval=1.0)
    sim.run(2.0)
    prj.set(weight=0.25)
    prj[1].weight = 0.5
    sim.run(2.0)
    assert_array_equal(signal(prj).magnitude[:, 0], [0.8, 0.8, 0.8, 0.25, 0.25])
    assert_array_equal(signal(prj).magnitude[:, 1], [0.8, 0.8, 0.8, 0.5, 0.5])


def test_the_first_sample_is_the_initial_value_even_if_set_after_record() -> None:
    prj = projection()
    prj.record(["weight", "x"])
    prj.set(weight=0.25)
    prj.initialize(x=0.5)
    sim.run(1.0)
    assert_array_equal(signal(prj).magnitude[0], 0.25)
    assert_array_equal(signal(prj, "x").magnitude[0], 0.5)


def test_clear_starts_anew_with_the_state_of_now() -> None:
    prj = projection()
    prj.record("weight")
    sim.run(11.0)
    first = prj.get_data(clear=True).segments[0].analogsignals[0]
    sim.run(29.0)
    second = signal(prj)
    assert float(second.t_start) == 11.0
    assert_array_equal(first.magnitude[-1], second.magnitude[0])
    whole = np.concatenate([first.magnitude[:-1], second.magnitude])[:, 0]
    assert_allclose(whole, pair_weight(np.arange(0.0, 40.0 + 1e-9, DT_MS)), rtol=1e-12)
    sim.reset()
    sim.run(1.0)
    assert [len(s.analogsignals[0]) for s in prj.get_data().segments] == [233, 9]


def test_nothing_left_after_clear_and_reset() -> None:
    prj = projection()
    prj.record("weight")
    sim.run(2.0)
    prj.get_data(clear=True)
    sim.reset()
    assert len(prj.get_data().segments) == 0


def test_no_segment_before_a_run() -> None:
    prj = projection()
    prj.record("weight")
    assert len(prj.get_data().segments) == 0


def test_record_none() -> None:
    prj = projection()
    prj.record("weight")
    sim.run(1.0)
    sim.reset()
    prj.record(None)
    prj.record("x", indices=[0])
    sim.run(1.0)
    names = [[s.name for s in segment.analogsignals] for segment in prj.get_data().segments]
    assert names == [["weight"], ["x"]]


def test_some_of_the_variables() -> None:
    prj = projection()
    prj.record(["weight", "x", "y"])
    sim.run(1.0)
    sim.reset()
    sim.run(1.0)
    for segment in prj.get_data(["y", "weight"]).segments:
        assert sorted(s.name for s in segment.analogsignals) == ["weight", "y"]


def test_connections_that_are_made_while_others_are_recorded() -> None:
    prj = projection()
    prj.record("weight")
    sim.run(7.0)
    later = projection(label="later")
    later.record("weight")
    sim.run(33.0)
    t = np.arange(0.0, 40.0 + 1e-9, DT_MS)
    assert_allclose(signal(prj).magnitude, np.tile(pair_weight(t)[:, None], 6), rtol=1e-12)
    assert float(signal(later).t_start) == 7.0


# ---- files and pictures ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["pkl", "nix", "mat"])
def test_formats(suffix: str, tmp_path: Any) -> None:
    if suffix == "nix":
        pytest.importorskip("nixio")
    prj = projection()
    prj.record("weight")
    sim.run(20.0)
    path = str(tmp_path / f"weights.{suffix}")
    prj.write_data(path, annotations={"script": "mine"})
    io = {"nix": neo.io.NixIO, "mat": neo.io.NeoMatlabIO, "pkl": neo.io.PickleIO}[suffix](path)
    (segment,) = io.read_block().segments
    assert_array_equal(segment.analogsignals[0].magnitude, signal(prj).magnitude)


def test_files_at_the_end(tmp_path: Any) -> None:
    prj = projection()
    prj.record("weight", to_file=str(tmp_path / "weights.pkl"))
    prj.record("x", to_file=neo.io.PickleIO(str(tmp_path / "x.pkl")))
    sim.run(20.0)
    sim.end()
    for name in ("weight", "x"):
        path = str(tmp_path / ("weights.pkl" if name == "weight" else "x.pkl"))
        (segment,) = neo.io.PickleIO(path).read_block().segments
        assert [s.name for s in segment.analogsignals] == [name]


def test_plotting(tmp_path: Any) -> None:
    from pyNN.utility.plotting import Figure, Panel

    prj = projection()
    prj.record("weight")
    sim.run(20.0)
    Figure(Panel(signal(prj), ylabel="weight", yticks=True, xticks=True)).save(str(tmp_path / "weights.png"))
    assert (tmp_path / "weights.png").stat().st_size > 5000


# ---- what is refused -------------------------------------------------------------------------------------------------

BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"variables": "A_plus"}, ValueError, "'A_plus' of STDPMechanism cannot be recorded; what can is weight, x, y"),
    ({"variables": ["weight", "speed"]}, ValueError, "'speed' of STDPMechanism cannot be recorded"),
    ({"variables": 3}, TypeError, "variables are given by their names, not as 3"),
    ({"variables": "weight", "sampling_interval": 0.2}, ValueError, "sampling_interval = 0.2 ms is not a multiple"),
    ({"variables": "weight", "sampling_interval": 0.0}, ValueError, "sampling_interval = 0.0 ms is not a multiple"),
    ({"variables": "weight", "sampling_interval": -1.0}, ValueError, "sampling_interval = -1.0 ms"),
    ({"variables": "weight", "sampling_interval": math.nan}, ValueError, "sampling_interval = nan ms"),
    ({"variables": "weight", "sampling_interval": "1 ms"}, TypeError, "sampling_interval = '1 ms' is not a time"),
    ({"variables": "weight", "indices": [6]}, IndexError, "connection 6 of a projection that has 6"),
    ({"variables": "weight", "indices": -7}, IndexError, "connection -7 of a projection that has 6"),
    ({"variables": "weight", "indices": [0.5]}, TypeError, r"indices=\[0.5\] is neither a slice nor"),
    ({"variables": "weight", "indices": [True] * 5}, TypeError, "6 truth values"),
    ({"variables": "weight", "indices": "all"}, TypeError, "indices='all' is neither"),
    ({"variables": "weight", "to_file": "w.txt"}, IOError, "not currently supported"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD)
def test_bad_requests(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    prj = projection()
    with pytest.raises(error, match=message):
        prj.record(**arguments)
    with pytest.raises(errors.NothingToWriteError, match="nothing is recorded from learning"):
        prj.get_data()
    prj.record("x", sampling_interval=0.5)
    with pytest.raises(error, match=message):
        prj.record(**arguments)
    sim.run(1.0)
    assert [(s.name, s.shape) for s in prj.get_data().segments[0].analogsignals] == [("x", (3, 6))]


def test_static_connections_have_nothing_that_changes() -> None:
    prj = projection(sim.StaticSynapse(weight=0.5, delay=1.0))
    assert prj.recordable == []
    with pytest.raises(ValueError, match="'weight' of StaticSynapse cannot be recorded; what can is nothing"):
        prj.record("weight")


def test_names_that_cannot_have_been_recorded() -> None:
    prj = projection()
    prj.record("weight")
    sim.run(1.0)
    with pytest.raises(ValueError, match="'speed' of STDPMechanism cannot be recorded"):
        prj.get_data("speed")


def test_data_of_an_earlier_simulation() -> None:
    prj = projection()
    prj.record("weight")
    sim.run(1.0)
    sim.end()
    assert len(prj.get_data().segments) == 1
    sim.setup(timestep=DT_MS)
    with pytest.raises(RuntimeError, match="a later setup"):
        prj.get_data()
    with pytest.raises(RuntimeError, match="a later setup"):
        prj.record("x")


def test_recording_of_connections_of_an_earlier_simulation() -> None:
    prj = projection()
    sim.setup(timestep=DT_MS)
    with pytest.raises(RuntimeError, match="a later setup"):
        prj.record("weight")
    with pytest.raises(errors.NothingToWriteError):
        prj.get_data()
