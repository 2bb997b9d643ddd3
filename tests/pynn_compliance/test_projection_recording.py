"""Recording of weights and variables of connections over time: Projection.record, get_data and write_data.

That what is recorded is right is tested in test_recorded_weights.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import neo
import numpy as np
import pytest
import quantities as pq
from learning_networks import DT_MS, driven, learning, pair_mechanism, pair_weight, signal, signals, source
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import errors

import pynn_annarchy as sim


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=DT_MS, min_delay=DT_MS)


def channels(recorded: Any) -> list[int]:
    return list(recorded.array_annotations["channel_index"])


# ---- Neo objects -----------------------------------------------------------------------------------------------------


def test_structure_of_a_block() -> None:
    prj = learning()
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
    prj = learning()
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
    prj = learning(pair_mechanism(weight=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]))
    prj.record("weight", indices=indices)
    sim.run(1.0)
    assert channels(signal(prj)) == expected
    assert_allclose(signal(prj).magnitude[-1], 0.1 * (np.array(expected) + 1))


def test_connections_themselves() -> None:
    prj = learning()
    prj.record("weight", indices=prj[1:3])
    prj.record("weight", indices=prj[-1])
    sim.run(1.0)
    assert channels(signal(prj)) == [1, 2, 5]
    with pytest.raises(TypeError, match="are not all of them connections of learning"):
        prj.record("x", indices=learning(label="another")[:2])


# ---- when ------------------------------------------------------------------------------------------------------------


def test_connections_with_different_intervals_and_beginnings() -> None:
    prj = learning()
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
    prj = learning()
    prj.record("weight")
    prj.record(["weight", "x"])
    sim.run(1.0)
    assert signal(prj).shape == (9, 6) == signal(prj, "x").shape


def test_without_an_interval_it_is_the_last_one_given() -> None:
    prj = learning()
    prj.record("weight", sampling_interval=0.5)
    prj.record("x")
    sim.run(2.0)
    assert signal(prj, "x").shape == (5, 6)


def test_every_reset_begins_a_segment() -> None:
    prj = learning()
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
    prj = learning()
    prj.record("weight", sampling_interval=1.0)
    sim.run(2.0)
    prj.set(weight=0.25)
    prj[1].weight = 0.5
    sim.run(2.0)
    assert_array_equal(signal(prj).magnitude[:, 0], [0.8, 0.8, 0.8, 0.25, 0.25])
    assert_array_equal(signal(prj).magnitude[:, 1], [0.8, 0.8, 0.8, 0.5, 0.5])


def test_the_first_sample_is_the_initial_value_even_if_set_after_record() -> None:
    prj = learning()
    prj.record(["weight", "x"])
    prj.set(weight=0.25)
    prj.initialize(x=0.5)
    sim.run(1.0)
    assert_array_equal(signal(prj).magnitude[0], 0.25)
    assert_array_equal(signal(prj, "x").magnitude[0], 0.5)


def test_clear_starts_anew_with_the_state_of_now() -> None:
    prj = learning()
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
    prj = learning()
    prj.record("weight")
    sim.run(2.0)
    prj.get_data(clear=True)
    sim.reset()
    assert len(prj.get_data().segments) == 0


def test_no_segment_before_a_run() -> None:
    prj = learning()
    prj.record("weight")
    assert len(prj.get_data().segments) == 0


def test_record_none() -> None:
    prj = learning()
    prj.record("weight")
    sim.run(1.0)
    sim.reset()
    prj.record(None)
    prj.record("x", indices=[0])
    sim.run(1.0)
    names = [[s.name for s in segment.analogsignals] for segment in prj.get_data().segments]
    assert names == [["weight"], ["x"]]


def test_some_of_the_variables() -> None:
    prj = learning()
    prj.record(["weight", "x", "y"])
    sim.run(1.0)
    sim.reset()
    sim.run(1.0)
    for segment in prj.get_data(["y", "weight"]).segments:
        assert sorted(s.name for s in segment.analogsignals) == ["weight", "y"]


def test_connections_that_are_made_while_others_are_recorded() -> None:
    prj = learning()
    prj.record("weight")
    sim.run(7.0)
    later = learning(label="later")
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
    prj = learning()
    prj.record("weight")
    sim.run(20.0)
    path = str(tmp_path / f"weights.{suffix}")
    prj.write_data(path, annotations={"script": "mine"})
    io = {"nix": neo.io.NixIO, "mat": neo.io.NeoMatlabIO, "pkl": neo.io.PickleIO}[suffix](path)
    (segment,) = io.read_block().segments
    assert_array_equal(segment.analogsignals[0].magnitude, signal(prj).magnitude)


def test_files_at_the_end(tmp_path: Any) -> None:
    prj = learning()
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

    prj = learning()
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
    prj = learning()
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
    prj = learning(sim.StaticSynapse(weight=0.5, delay=1.0))
    assert prj.recordable == []
    with pytest.raises(ValueError, match="'weight' of StaticSynapse cannot be recorded; what can is nothing"):
        prj.record("weight")


def test_names_that_cannot_have_been_recorded() -> None:
    prj = learning()
    prj.record("weight")
    sim.run(1.0)
    with pytest.raises(ValueError, match="'speed' of STDPMechanism cannot be recorded"):
        prj.get_data("speed")


def test_data_of_an_earlier_simulation() -> None:
    prj = learning()
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
    prj = learning()
    sim.setup(timestep=DT_MS)
    with pytest.raises(RuntimeError, match="a later setup"):
        prj.record("weight")
    with pytest.raises(errors.NothingToWriteError):
        prj.get_data()
