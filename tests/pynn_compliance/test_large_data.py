"""What reads much data fast gives what slow and plain expressions give."""

import copy
import gc
import pickle
import zipfile

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given
from hypothesis import strategies as st
from neo.core.spiketrainlist import SpikeTrainList
from numpy.testing import assert_array_equal
from pyNN import errors
from pyNN.recording import files

import pynn_annarchy as sim
from pynn_annarchy.native import connect
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


# ---- numbers as text -------------------------------------------------------------------------------------------------


def as_text(columns, threads=2):
    room = np.empty(len(columns[0]) * connect.line_room(len(columns)), np.uint8)
    return b"".join(part.tobytes() for part in connect.lines(columns, 0, len(columns[0]), room, threads)).decode()


def printed(*columns):
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return "".join("\t".join(f"{number:.18e}" for number in row) + "\n" for row in rows)


@given(st.lists(st.floats(), min_size=1, max_size=20))
def test_any_number_as_text(numbers):
    column = np.array(numbers)
    assert as_text([column]) == printed(column)


def test_numbers_that_are_hard_to_round():
    """Those around powers of ten, those in the middle between two texts, and whole numbers of all sizes."""
    rng = np.random.default_rng(1)
    tens = np.array([float(f"1e{k}") for k in range(-323, 309)])
    around = [np.nextafter(tens, 0.0), tens, np.nextafter(tens, np.inf), -tens]
    middle = [rng.integers(1, 1 << 53, 50) * 2.0**-k for k in range(1, 80)]
    whole = [rng.integers(0, 1 << k, 50).astype(float) for k in range(1, 64)]
    column = np.concatenate(
        [*around, *middle, *whole, [0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -1.7976931348623157e308]]
    )
    with np.errstate(all="raise"):
        assert as_text([column]) == printed(column)


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_numbers_that_come_again_and_again(threads):
    column = np.repeat([1.5, 0.0, -0.0, np.nan, 2.0], [4, 3, 2, 3, 1])
    other = np.arange(13.0)[::-1]  # not contiguous
    assert as_text([column, other], threads) == printed(column, other)


def test_lines_without_room():
    with pytest.raises(ValueError, match="no room"):
        connect.lines([np.ones(3)], 0, 3, np.empty(2 * connect.line_room(1), np.uint8), 1)
    with pytest.raises(ValueError, match="has not 4 doubles"):
        connect.lines([np.ones(3)], 0, 4, np.empty(999, np.uint8), 1)


# ---- connections -----------------------------------------------------------------------------------------------------

PAIRS = [(0, 1, 0.1), (0, 1, 0.2), (0, 3, -0.0), (1, 0, 1e-30), (2, 2, 5.0), (2, 2, 0.3), (2, 2, 2.0)]


@pytest.fixture
def connected():
    sim.setup(timestep=0.1)
    pre, post = (sim.Population(4, sim.IF_curr_exp()) for _ in range(2))
    weights = sim.StaticSynapse(delay=1.5)
    return sim.Projection(pre, post, sim.FromListConnector(PAIRS, ["weight"]), weights, receptor_type="excitatory")


def test_lists_are_tuples_of_numbers(connected):
    rows = connected.get(["weight", "delay"], "list")
    assert type(rows) is list and {type(row) for row in rows} == {tuple}
    assert [[type(number) for number in row] for row in rows] == [[int, int, float, float]] * len(PAIRS)
    assert rows == [(*pair, 1.5) for pair in PAIRS]
    assert connected.get("weight", "list", with_address=False) == [weight for *_, weight in PAIRS]
    assert connected.get(["weight", "delay"], "list", with_address=False) == [(w, 1.5) for *_, w in PAIRS]


@pytest.mark.parametrize("collecting", [True, False])
def test_the_garbage_collector_is_left_as_it_was(connected, collecting):
    (gc.enable if collecting else gc.disable)()
    try:
        connected.get("weight", "list")
        assert gc.isenabled() == collecting
        with pytest.raises(ValueError, match="different lengths"):
            connect.tuples(np.zeros(2, int), np.zeros(2, int), [np.ones(3)])
        assert gc.isenabled() == collecting
    finally:
        gc.enable()


def test_tuples_hold_references_of_their_own():
    column = np.arange(1000.0)
    rows = connect.tuples(np.arange(1000) + 1000, np.arange(1000), [column])
    rows[:500] = []
    rows.append([rows])  # a circle, which only the collector can break
    del rows[-1]
    gc.collect()
    assert rows == [(k + 1000, k, float(k)) for k in range(500, 1000)]


@given(st.lists(st.sampled_from([0.0, -0.0, 1.5, 2.5, float("inf"), float("nan")]), max_size=30))
def test_equal_numbers_in_a_row(numbers):
    rows = connect.tuples(None, None, [np.array(numbers, dtype=float)])
    assert [repr(number) for (number,) in rows] == [repr(number) for number in numbers]


@pytest.mark.parametrize("multiple", ["last", "first", "sum", "min", "max"])
def test_matrices_of_repeated_pairs(connected, multiple):
    expected = np.full((4, 4), np.nan)
    combine = connected.MULTI_SYNAPSE_OPERATIONS[multiple]
    for i, j, weight in PAIRS:
        expected[i, j] = weight if np.isnan(expected[i, j]) else combine(expected[i, j], weight)
    assert_array_equal(connected.get("weight", "array", multiple_synapses=multiple), expected)


@pytest.mark.parametrize("kind", [list, tuple, np.array, lambda x: np.array(x, dtype=np.float32), sim.Sequence])
def test_setting_one_value_for_each(connected, kind):
    values = [0.5, 0.25, 4.0, 1.0, 2.0, 3.0, 0.0]
    connected.set(weight=kind(values))
    assert connected.get("weight", "list", with_address=False) == values


@pytest.mark.parametrize("wrong", [[1.0, "x"] * 3 + [1.0], [[1.0], [1.0, 2.0]], [None] * 7, ["1.0"] * 7])
def test_lists_that_are_no_numbers(connected, wrong):
    with pytest.raises(errors.InvalidParameterValueError):
        connected.set(weight=wrong)
    assert connected.get("weight", "list", with_address=False) == [weight for *_, weight in PAIRS]


# ---- files of connections --------------------------------------------------------------------------------------------

KINDS = {
    "text": (files.StandardTextFile, "w", "r"),
    "npz": (files.NumpyBinaryFile, "wb", "rb"),
    "pickle": (files.PickleFile, "wb", "rb"),
}
if files.have_hdf5:
    KINDS["hdf5"] = (files.HDF5ArrayFile, "w", "r")


@pytest.mark.parametrize("with_address", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_files_hold_what_pynn_writes(connected, tmp_path, kind, with_address):
    file, writing, reading = KINDS[kind]
    names = ["weight", "delay"]
    rows = connected.get(names, "list", with_address=with_address)
    metadata = {"columns": ["i", "j", *names] if with_address else names}
    theirs = file(str(tmp_path / "theirs"), mode=writing)
    theirs.write(rows, metadata)
    theirs.close()
    connected.save(names, file(str(tmp_path / "ours"), mode=writing), with_address=with_address)
    read = [file(str(tmp_path / name), mode=reading) for name in ("ours", "theirs")]
    assert read[0].get_metadata() == read[1].get_metadata() == metadata
    ours, expected = (each.read() for each in read)
    assert type(ours) is type(expected) and [type(row) for row in ours] == [type(row) for row in expected]
    assert_array_equal(np.array(ours), np.array(expected))
    if kind == "text":
        assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
    if kind == "npz":
        archives = [zipfile.ZipFile(tmp_path / name) for name in ("ours", "theirs")]
        assert archives[0].namelist() == archives[1].namelist()
    for each in read:
        each.close()


@pytest.mark.parametrize("kind", KINDS)
def test_connections_come_back_to_the_bit(connected, tmp_path, kind):
    file, writing, reading = KINDS[kind]
    connected.save("all", file(str(tmp_path / "file"), mode=writing))
    connector = sim.FromFileConnector(file(str(tmp_path / "file"), mode=reading))
    again = sim.Projection(connected.pre, connected.post, connector, receptor_type="excitatory")
    assert again.get(["weight", "delay"], "list") == connected.get(["weight", "delay"], "list")


@pytest.mark.parametrize("kind", KINDS)
def test_no_connections(tmp_path, kind):
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_curr_exp())
    empty = sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.0))
    file, writing, _ = KINDS[kind]
    empty.save("all", file(str(tmp_path / "file"), mode=writing))
    assert empty.get("weight", "list") == [] and np.isnan(empty.get("weight", "array")).all()
    if kind == "text":
        assert (tmp_path / "file").read_text() == "# columns = ['i', 'j', 'weight', 'delay']\n"
