"""Recording: what, from whom, how often, from when, and the Neo objects that come of it."""

import warnings
from datetime import datetime, timezone

import neo
import numpy as np
import pytest
import quantities as pq
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import errors

import pynn_annarchy as sim


@pytest.fixture(autouse=True)
def fresh():
    sim.setup(timestep=0.1)


def cells(n=4, **parameters):
    return sim.Population(n, sim.IF_cond_exp(**{"i_offset": 1.0, **parameters}), label="cells")


def signals(group, name="v", segment=-1):
    return [s for s in group.get_data().segments[segment].analogsignals if s.name == name]


def span(signal):
    return float(signal.t_start), signal.shape, list(signal.array_annotations["channel_index"])


# ---- Neo objects -----------------------------------------------------------------------------------------------------


def test_structure_of_a_block():
    population = cells()
    population.record(["spikes", "v"])
    sim.run(30.0)
    block = population.get_data()
    assert block.name == "cells" and block.annotations["simulator"] == "ANNarchy"
    assert block.annotations["size"] == 4 and block.annotations["dt"] == 0.1
    (segment,) = block.segments
    assert segment.block is block and segment.name == "segment000" and block.rec_datetime == segment.rec_datetime
    (v,) = segment.analogsignals
    assert v.units == pq.mV and v.shape == (301, 4) and v.sampling_period == 0.1 * pq.ms and v.t_start == 0 * pq.ms
    assert v.segment is segment and v.name == "v" and v.annotations["source_population"] == "cells"
    assert_array_equal(v.array_annotations["channel_index"], range(4))
    assert_array_equal(v.annotations["channel_ids"], [int(cell) for cell in population])
    assert len(segment.spiketrains) == 4
    train = segment.spiketrains[2]
    assert train.segment is segment and train.t_start == 0 * pq.ms and float(train.t_stop) == pytest.approx(30.0)
    assert train.annotations["source_index"] == 2 and train.annotations["channel_id"] == int(population[2])
    assert train.annotations["source_population"] == "cells" and len(train) > 0


def test_recorded_arrays_belong_to_the_user():
    population = cells()
    population.record("v")
    sim.run(1.0)
    (v,) = signals(population)
    before = v.magnitude.copy()
    v[:] = 0 * pq.mV
    assert_array_equal(signals(population)[0].magnitude, before)


def test_first_sample_is_the_initial_value_even_if_set_after_record():
    population = cells()
    population.record("v")
    population.initialize(v=-60.0)
    sim.run(1.0)
    assert (signals(population)[0].magnitude[0] == -60.0).all()


def test_spikes_agree_with_the_threshold():
    population = cells(1, v_thresh=-55.0, tau_refrac=5.0)
    population.record(["spikes", "v"])
    sim.run(50.0)
    segment = population.get_data().segments[0]
    v = segment.analogsignals[0].magnitude[:, 0]
    resets = np.flatnonzero((v[1:] == -65.0) & (v[:-1] > -65.0)) + 1
    assert_allclose(segment.spiketrains[0].magnitude, resets * 0.1, atol=1e-9)


# ---- what and from whom ----------------------------------------------------------------------------------------------

CELLS = [name for name in sim.standardmodels.cells.__all__ if not name.startswith("SpikeSource")]


@pytest.mark.parametrize("name", CELLS)
def test_every_recordable_of_every_cell(name):
    celltype = getattr(sim, name)
    population = sim.Population(2, celltype())
    population.record(celltype.recordable)
    sim.run(1.0)
    segment = population.get_data().segments[0]
    analog = set(celltype.recordable) - {"spikes"}
    assert {signal.name for signal in segment.analogsignals} == analog
    for signal in segment.analogsignals:
        assert signal.shape == (11, 2)
        assert signal.units == pq.Quantity(1, population.find_units(signal.name)).units
        assert_allclose(signal.magnitude[0], population.initial_values[signal.name].evaluate())


def test_extra_recordables():
    assert {"isyn_exc", "isyn_inh"} <= set(sim.IF_curr_exp.recordable) & set(sim.IF_curr_alpha.recordable)
    assert {"m", "h", "n"} <= set(sim.HH_cond_exp.recordable)


def test_adaptation_in_nanosiemens():
    population = sim.Population(1, sim.IF_cond_exp_gsfa_grr(q_sfa=14.0, i_offset=2.0))
    population.initialize(g_s=3.0)
    population.record(["g_s", "spikes"])
    sim.run(20.0)
    segment = population.get_data().segments[0]
    g_s = segment.analogsignals[0]
    first = round(float(segment.spiketrains[0][0]) / 0.1)
    assert g_s.units == pq.nS and g_s.magnitude[0, 0] == pytest.approx(3.0)
    assert g_s.magnitude[first, 0] - g_s.magnitude[first - 1, 0] == pytest.approx(14.0, rel=0.01)


def test_subsets_and_views():
    population = cells(6)
    population[[5, 1]].record("v")
    population[2:4].record(["spikes", "gsyn_exc"])
    sim.run(20.0)
    assert [span(s)[1:] for s in signals(population)] == [((201, 2), [1, 5])]
    assert [span(s)[1:] for s in signals(population, "gsyn_exc")] == [((201, 2), [2, 3])]
    (v,) = signals(population[[1, 2]])
    assert list(v.array_annotations["channel_index"]) == [1]
    trains = population.get_data("spikes").segments[0].spiketrains
    assert [train.annotations["source_index"] for train in trains] == [2, 3]
    assert set(population.get_spike_counts()) == {2, 3} and set(population[3:].get_spike_counts()) == {3}
    assert population.mean_spike_count() == len(trains[0])
    assert len(population.get_data("v").segments[0].spiketrains) == 0


def test_record_twice_records_once():
    population = cells()
    population.record("v")
    population[:2].record(["v", "spikes"])
    population.record("spikes")
    sim.run(1.0)
    assert [span(s)[1] for s in signals(population)] == [(11, 4)]
    assert len(population.get_data().segments[0].spiketrains) == 4


def test_nothing_else_can_be_recorded():
    population = cells()
    with pytest.raises(errors.RecordingError, match=r"w.*IF_cond_exp.*gsyn_exc"):
        population.record(["v", "w"])
    sim.run(1.0)
    assert len(population.get_data().segments[0].analogsignals) == 0
    with pytest.raises(NotImplementedError, match="point neuron"):
        population.record("v", locations="soma")


# ---- how often and from when -----------------------------------------------------------------------------------------


def test_sampling_intervals():
    population = cells(6)
    population[:3].record("v", sampling_interval=0.3)
    population[3:].record("v", sampling_interval=1.0)
    population[:1].record("gsyn_exc")
    sim.run(3.0)
    fast, slow = signals(population)
    assert fast.sampling_period == 0.3 * pq.ms and span(fast) == (0.0, (11, 3), [0, 1, 2])
    assert slow.sampling_period == 1.0 * pq.ms and span(slow) == (0.0, (4, 3), [3, 4, 5])
    assert signals(population, "gsyn_exc")[0].sampling_period == 1.0 * pq.ms  # the last one given, as with pyNN.nest


@pytest.mark.parametrize("interval", [0.25, 0.05, 0.0, -1.0, float("nan")])
def test_bad_sampling_interval(interval):
    population = cells()
    with pytest.raises(ValueError, match="sampling_interval"):
        population.record("v", sampling_interval=interval)
    population.record("v")
    sim.run(1.0)
    assert signals(population)[0].shape == (11, 4)


def test_same_cell_with_two_intervals():
    population = cells()
    population.record("v", sampling_interval=0.5)
    with pytest.raises(ValueError, match=r"already recorded every 0\.5"):
        population[:2].record("v", sampling_interval=1.0)


def test_recording_that_starts_after_a_run():
    population = cells()
    sim.run(12.0)
    population.record(["v", "spikes"])
    sim.run(18.0)
    (v,) = signals(population)
    assert span(v)[:2] == (pytest.approx(12.0), (181, 4))
    train = population.get_data().segments[0].spiketrains[0]
    assert float(train.t_start) == pytest.approx(12.0) and (train.magnitude >= 12.0).all() and len(train)


def test_cells_recorded_from_different_times():
    population = cells(3, i_offset=[0.8, 0.9, 1.0])
    population[[2]].record(["v", "spikes"])
    sim.run(15.0)
    population.record(["v", "spikes"])
    sim.run(15.0)
    early, late = signals(population)
    assert span(early) == (0.0, (301, 1), [2]) and span(late) == (pytest.approx(15.0), (151, 2), [0, 1])
    trains = population.get_data().segments[0].spiketrains
    assert [t.annotations["source_index"] for t in trains] == [0, 1, 2]
    assert_allclose([float(t.t_start) for t in trains], [15.0, 15.0, 0.0])
    assert population.get_spike_counts() == {i: len(train) for i, train in enumerate(trains)}
    sim.reset()
    sim.run(5.0)
    (joined,) = signals(population)  # from the reset on they are recorded alike
    assert span(joined) == (0.0, (51, 3), [0, 1, 2])
    assert population.get_data().segments[1].spiketrains[0].t_start == 0 * pq.ms


# ---- clear, reset, None ----------------------------------------------------------------------------------------------


def test_clear_starts_anew_with_the_state_of_now():
    population = cells()
    population.record(["v", "spikes"])
    sim.run(15.0)
    first = population.get_data(clear=True).segments[0]
    sim.run(15.0)
    second = population.get_data().segments[0]
    assert span(second.analogsignals[0])[:2] == (pytest.approx(15.0), (151, 4))
    assert_array_equal(first.analogsignals[0][-1], second.analogsignals[0][0])
    assert float(second.spiketrains[0].t_start) == pytest.approx(15.0)
    sim.setup(timestep=0.1)
    whole = cells()
    whole.record("spikes")
    sim.run(30.0)
    trains = whole.get_data().segments[0].spiketrains
    for both, a, b in zip(trains, first.spiketrains, second.spiketrains, strict=True):
        assert_array_equal(both.magnitude, np.concatenate([a.magnitude, b.magnitude]))


def test_data_between_clear_and_reset_are_kept():
    population = cells()
    population.record("v")
    sim.run(2.0)
    population.get_data(clear=True)
    sim.run(3.0)
    sim.reset()
    sim.run(1.0)
    assert [span(s.analogsignals[0])[:2] for s in population.get_data().segments] == [
        (pytest.approx(2.0), (31, 4)),
        (0.0, (11, 4)),
    ]


def test_nothing_left_after_clear_and_reset():
    population = cells()
    population.record("v")
    sim.run(2.0)
    population.get_data(clear=True)
    sim.reset()
    assert len(population.get_data().segments) == 0


def test_earlier_segments_are_filtered_too():
    population = cells()
    population.record(["v", "gsyn_exc", "spikes"])
    sim.run(1.0)
    sim.reset()
    sim.run(1.0)
    for segment in population[1:3].get_data("v").segments:
        assert [(s.name, s.shape) for s in segment.analogsignals] == [("v", (11, 2))]
        assert len(segment.spiketrains) == 0


def test_record_none():
    population = cells()
    population.record("v")
    sim.run(1.0)
    sim.reset()
    population.record(None)
    population[[3]].record("gsyn_inh")
    sim.run(1.0)
    names = [[s.name for s in segment.analogsignals] for segment in population.get_data().segments]
    assert names == [["v"], ["gsyn_inh"]]


def test_no_segment_before_a_run():
    population = cells()
    population.record("v")
    assert len(population.get_data().segments) == 0
    assert population.get_spike_counts() == {} and population.mean_spike_count() == 0


# ---- assemblies ------------------------------------------------------------------------------------------------------


def test_assembly_data():
    a, b = cells(3), sim.Population(2, sim.EIF_cond_exp_isfa_ista(i_offset=1.0), label="other")
    assembly = a[1:] + b
    assembly.record(["v", "spikes"])
    b.record("w")
    sim.run(40.0)
    b.annotate(layer=4)
    assembly.annotate(area="V1")
    block = assembly.get_data()
    expected = dict(size=4, first_id=1, last_id=4, label="cells;other", layer=4, area="V1", simulator="ANNarchy")
    assert expected.items() <= block.annotations.items()
    (v,) = [s for s in block.segments[0].analogsignals if s.name == "v"]
    assert v.shape == (401, 4)
    assert_array_equal(v.array_annotations["channel_index"], range(4))
    assert_array_equal(v.magnitude[:, 3], b.get_data("v").segments[0].analogsignals[0].magnitude[:, 1])
    trains = block.segments[0].spiketrains
    assert [(t.annotations["source_population"], t.annotations["source_index"]) for t in trains] == [
        ("cells", 1),
        ("cells", 2),
        ("other", 0),
        ("other", 1),
    ]
    assert assembly.get_spike_counts() == {t.annotations["channel_id"]: len(t) for t in trains}
    assert assembly.mean_spike_count() == np.mean([len(t) for t in trains])


def test_assembly_whose_populations_were_created_at_different_times():
    a = cells(2)
    a.record("v")
    sim.run(1.0)
    sim.reset()
    b = cells(3)
    b.record("v")
    sim.run(1.0)
    c = cells(1)
    c.record("v")
    sim.run(1.0)
    segments = (a + b + c).get_data().segments
    assert [[span(s)[:2] for s in segment.analogsignals] for segment in segments] == [
        [(0.0, (11, 2))],
        [(0.0, (21, 5)), (pytest.approx(1.0), (11, 1))],
    ]


def test_views_of_one_population_in_an_assembly_are_all_read_before_they_are_cleared():
    population = cells(4)
    assembly = population[:1] + population[2:]
    assembly.record("v")
    sim.run(1.0)
    (v,) = assembly.get_data(clear=True).segments[0].analogsignals
    assert v.shape == (11, 3) and list(v.array_annotations["channel_index"]) == [0, 1, 2]


# ---- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["pkl", "pickle", "nix", "h5", "mat"])
def test_formats(suffix, tmp_path):
    if suffix in ("nix", "h5"):
        pytest.importorskip("nixio")
    population = cells()
    population.record(["v", "spikes"])
    sim.run(20.0)
    sim.reset()
    sim.run(20.0)
    path = tmp_path / f"data.{suffix}"
    population.write_data(str(path), annotations={"script": "mine"})
    expected = population.get_data()
    io = {"nix": neo.io.NixIO, "h5": neo.io.NixIO, "mat": neo.io.NeoMatlabIO}.get(suffix, neo.io.PickleIO)(str(path))
    block = io.read_block()
    assert len(block.segments) == 2
    for segment, reference in zip(block.segments, expected.segments, strict=True):
        assert_array_equal(segment.analogsignals[0].magnitude, reference.analogsignals[0].magnitude)
        for train, other in zip(segment.spiketrains, reference.spiketrains, strict=True):
            assert_array_equal(train.magnitude, other.magnitude)


def test_nwb(tmp_path):
    pytest.importorskip("pynwb")
    population = cells()
    population.record(["v", "spikes"])
    sim.run(20.0)
    path = str(tmp_path / "data.nwb")
    # Neo cannot write this format without the time of the experiment, on any backend.
    population.write_data(path, annotations={"session_start_time": datetime(2026, 1, 1, tzinfo=timezone.utc)})
    expected = population.get_data().segments[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pynwb's own
        segment = neo.io.NWBIO(path, mode="r").read_block().segments[0]
    assert_array_equal(segment.analogsignals[0].magnitude, expected.analogsignals[0].magnitude)
    assert [len(train) for train in segment.spiketrains] == [len(train) for train in expected.spiketrains]


def test_files_at_the_end(tmp_path):
    population = cells()
    population.record("v", to_file=str(tmp_path / "v.pkl"))
    population[:2].record("spikes", to_file=neo.io.PickleIO(str(tmp_path / "spikes.pkl")))
    sim.run(20.0)
    sim.end()
    (v,) = neo.io.PickleIO(str(tmp_path / "v.pkl")).read_block().segments
    assert [s.name for s in v.analogsignals] == ["v"] and len(v.spiketrains) == 0
    (spikes,) = neo.io.PickleIO(str(tmp_path / "spikes.pkl")).read_block().segments
    assert len(spikes.spiketrains) == 2 and len(spikes.analogsignals) == 0


def test_file_format_that_does_not_exist():
    population = cells()
    with pytest.raises(IOError, match="not currently supported"):
        population.record("v", to_file="v.txt")
    with pytest.raises(Exception, match=r"\.xyz not supported"):
        population.record("v", to_file="v.xyz")


def test_much_data_is_fast():
    import time

    population = sim.Population(20000, sim.IF_curr_exp(i_offset=1.0))
    population.record("spikes")
    population[:500].record("v")
    sim.run(30.0)
    begin = time.perf_counter()
    segment = population.get_data().segments[0]
    ids, times = segment.spiketrains.multiplexed
    assert len(ids) == len(times) == 20000 * round(population.mean_spike_count()) > 0
    assert time.perf_counter() - begin < 2.0  # without a loop over cells or spikes it is a tenth of that
