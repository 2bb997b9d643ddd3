"""What reads much data fast gives what slow and plain expressions give."""

import copy
import pickle

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given
from hypothesis import strategies as st
from neo.core.spiketrainlist import SpikeTrainList
from numpy.testing import assert_array_equal

import pynn_annarchy as sim
from pynn_annarchy.spike_trains import RecordedTrains


def trains(kind, ids, senders, times, t_stop=100.0):
    ids = list(ids)
    return kind.from_spike_time_array(
        np.asarray(times, dtype=float) * pq.ms,
        np.asarray(senders, dtype=np.int64),
        ids,
        t_start=0.0 * pq.ms,
        t_stop=t_stop * pq.ms,
        source_population="cells",
        source_index=np.arange(len(ids)),
    )


def same(ours, neos):
    """Whether two trains have the same times and the same attributes of the same types, in the same order."""
    assert type(ours) is type(neos) is neo.SpikeTrain and ours.dtype == neos.dtype
    assert_array_equal(ours.magnitude, neos.magnitude)
    assert list(vars(ours)) == list(vars(neos))
    for name, value in vars(neos).items():
        assert type(getattr(ours, name)) is type(value)
        assert getattr(ours, name) == value
    types = [[type(value) for value in train.annotations.values()] for train in (ours, neos)]
    assert types[0] == types[1] and list(ours.annotations) == list(neos.annotations)


# ---- spike trains ----------------------------------------------------------------------------------------------------


@given(data=st.data())
def test_trains_are_those_that_neo_splits_off(data):
    ids = data.draw(st.lists(st.integers(-5, 40), unique=True, max_size=8))
    spikes = data.draw(st.lists(st.tuples(st.integers(-9, 44), st.floats(0.0, 100.0)), max_size=40))
    senders, times = [sender for sender, _ in spikes], [time for _, time in spikes]
    ours, neos = (trains(kind, ids, senders, times) for kind in (RecordedTrains, SpikeTrainList))
    assert len(ours) == len(neos) == len(ids)
    for one, other in zip(ours, neos, strict=True):
        same(one, other)


def test_each_train_has_attributes_of_its_own():
    first, second = trains(RecordedTrains, [3, 4], [3, 4, 3], [1.0, 2.0, 3.0])
    first.t_stop[...] = 7.0 * pq.ms
    first[0] = 0.5 * pq.ms
    first.annotate(label="x")
    assert float(second.t_stop) == 100.0 and "label" not in second.annotations
    assert_array_equal(second.magnitude, [2.0])


def test_the_list_is_the_same_list_at_every_look():
    some = trains(RecordedTrains, [3, 4], [4, 3], [1.0, 2.0])
    assert some[1] is some[1] is list(some)[1]
    channels, times = some.multiplexed
    assert_array_equal(channels, [4, 3])
    assert_array_equal(times.magnitude, [1.0, 2.0])


def test_spikes_after_the_end_are_refused_as_by_neo():
    for kind in (RecordedTrains, SpikeTrainList):
        with pytest.raises(ValueError, match="after t_stop"):
            list(trains(kind, [1, 2], [1, 2], [5.0, 11.0], t_stop=10.0))


@pytest.mark.parametrize("repeated", [lambda x: pickle.loads(pickle.dumps(x)), copy.copy, copy.deepcopy])
@pytest.mark.parametrize("looked_at", [False, True])
def test_copies_need_neo_alone(repeated, looked_at):
    original = trains(RecordedTrains, [1, 2], [2, 1, 2], [1.0, 2.0, 3.0])
    if looked_at:
        list(original)
    twin = repeated(original)
    assert type(twin) is SpikeTrainList
    for one, other in zip(twin, original, strict=True):
        same(one, other)


def test_channels_that_are_no_small_numbers_are_left_to_neo():
    spread = trains(RecordedTrains, [1, 1 << 40], [1 << 40, 1], [1.0, 2.0])
    assert [list(train.magnitude) for train in spread] == [[2.0], [1.0]]
    named = RecordedTrains.from_spike_time_array(
        np.array([1.0, 2.0]) * pq.ms, np.array(["b", "a"]), ["a", "b"], t_stop=3.0 * pq.ms
    )
    assert [list(train.magnitude) for train in named] == [[2.0], [1.0]]


def test_lists_can_be_added():
    one, other = trains(RecordedTrains, [1], [1], [1.0]), trains(SpikeTrainList, [2], [2], [2.0])
    for both in (one + other, other + one, one + trains(RecordedTrains, [2], [2], [2.0])):
        assert sorted(train.annotations["channel_id"] for train in both) == [1, 2]


def network(n=6):
    sim.setup(timestep=0.1)
    population = sim.Population(n, sim.SpikeSourceArray(), label="source")
    for k, cell in enumerate(population):
        cell.set_parameters(spike_times=sim.Sequence(np.arange(1.0, 1.0 + k)))
    return population


def test_trains_of_cells_that_were_recorded_from_different_times():
    population = network()
    population[:4].record("spikes")
    sim.run(2.5)
    population[3:].record("spikes")
    sim.run(4.0)
    recorded = population.get_data().segments[0].spiketrains
    assert [train.annotations["source_index"] for train in recorded] == list(range(6))
    assert [float(train.t_start) for train in recorded] == [0.0] * 4 + [2.5] * 2
    expected = [np.arange(1.0, 1.0 + k) for k in range(6)]
    expected[4:] = [times[times > 2.5] for times in expected[4:]]
    for train, times in zip(recorded, expected, strict=True):
        np.testing.assert_allclose(train.magnitude, times, rtol=1e-12)


def test_trains_of_an_assembly():
    population = network()
    population.record("spikes")
    sim.run(10.0)
    assembly = sim.Assembly(population[4:], population[:2])
    segment = assembly.get_data().segments[0]
    assert type(segment.spiketrains) is SpikeTrainList
    assert [len(train) for train in segment.spiketrains] == [4, 5, 0, 1]
    assert all(train.segment is segment for train in segment.spiketrains)
