"""What comes back from a device: packed spikes, samples in blocks, and where the time went."""

from time import perf_counter

import numpy as np
import pytest

from pynn_annarchy.native import kernels
from pynn_annarchy.native.cuda import plasticity, run, signal_blocks
from pynn_annarchy.native.cuda.emulated import EmulatedDevice
from pynn_annarchy.native.cuda.network import CudaNetwork
from pynn_annarchy.native.cuda.recording import SpikeLog
from pynn_annarchy.native.cuda.spike_buffer import NOBODY, SpikeBuffer
from pynn_annarchy.native.network import Network

from .plastic_network import CELLS, SOURCES, PlasticNetwork, synapse_kernels
from .test_engine import Mixed, assert_close, assert_identical

MODELS = [kernels.standard_synapse("SpikePair_Additive")]
TIMES = [0.1, 0.3, 0.30000000000000004, 0.37, 0.37, 2.05, 7.0]  # on the grid of 0.1 ms, beside it, and twice the same


def sources(network):
    """Two sources of spikes at exact times, one before the cells and one behind, of whom only some are recorded."""
    first = network.add_population(kernels.standard("SpikeSourceArray"), 3)
    network.add_population(kernels.standard("IF_curr_exp"), 5, {"i_offset": 3.0})
    second = network.add_population(kernels.standard("SpikeSourceArray"), 2)
    first.set_spike_times([TIMES, [0.0, 0.31], TIMES])
    second.set_spike_times([[0.35, 7.0], [1.0]])
    return [
        first.record_spikes(np.array([0, 1])),
        second.record_spikes(np.arange(2)),
        first.record_spikes(np.array([1])),
    ]


def test_times_inside_steps_are_kept(device):
    networks = Network(dt_ms=0.1), CudaNetwork(device, dt_ms=0.1)
    records = [sources(network) for network in networks]
    for n in (3, 1, 50, 46):
        for network in networks:
            network.run(n)
    assert [len(record.events()[0]) for record in records[0]] == [9, 3, 2]
    for one, other in zip(*records, strict=True):
        for a, b in zip(one.events(), other.events(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("ranks", "steps", "itemsize"), [(1 << 22, 1000, 4), (1 << 22, 1024, 8), (1, 1000, 4)])
def test_words_are_short_where_all_fit(device, ranks, steps, itemsize):
    neurons = np.arange(ranks, dtype=np.uint32)[::-1].copy()
    log, some = SpikeLog(), SpikeLog()
    buffer = SpikeBuffer(device, 0.5, neurons, [(log, neurons[:1]), (some, neurons[-1:])])
    buffer.reserve(steps, 10, 0, 0)
    rank, at, wide, bits, *_ = (int(word) for word in buffer.struct(1, 100)[:-1])
    assert (wide, bits) == (itemsize == 8, (ranks - 1).bit_length())
    found = buffer._rank.download(np.uint32, ranks)
    assert (rank, found[neurons[0]], found[neurons[-1]]) == (buffer._rank.address, 0, ranks - 1)
    assert np.sum(found != NOBODY) == min(ranks, 2)
    packed = np.array([(steps - 1) << bits | ranks - 1, 7 << bits | 0, 7 << bits | ranks - 1], f"u{itemsize}")
    buffer._halves._memory[1].upload(packed)
    assert at == buffer._halves.address(1)
    buffer.begin_copy(1, 3, 0)
    buffer.log(1, 100, 3, 0)
    last = (100 + steps) * 0.5
    assert log.events()[1].tolist() == ([54.0] if ranks > 1 else [54.0, 54.0, last])
    assert some.events()[1].tolist() == ([54.0, last] if ranks > 1 else [54.0, 54.0, last])


@pytest.mark.parametrize("steps", [1, 7, 1000, 1 << 30])  # of the last, spikes are words of 8 bytes
def test_blocks_of_any_length_are_the_same(device, monkeypatch, steps):
    whole = Mixed(CudaNetwork(device, dt_ms=0.1, seed=3))
    whole.network.run(130)
    monkeypatch.setattr(run, "LAUNCH_STEPS", steps)
    cut = Mixed(CudaNetwork(device, dt_ms=0.1, seed=3))
    offset = cut.exc.record("v", np.array([3, 1]), 3, 2)
    for n in (1, 100, 29):
        cut.network.run(n)
    assert_identical(whole, cut)
    expected = Mixed(Network(dt_ms=0.1, seed=3))
    reference = expected.exc.record("v", np.array([3, 1]), 3, 2)
    expected.network.run(130)
    assert reference.samples().shape == (43, 2)
    np.testing.assert_allclose(offset.samples(), reference.samples(), rtol=0, atol=1e-9)


def test_samples_of_synapses_in_blocks_are_nan_where_they_are_gone(device, monkeypatch):
    networks = [Network(dt_ms=0.1, seed=4), *(CudaNetwork(device, dt_ms=0.1, seed=4) for _ in range(2))]
    samples = []
    for steps, network in zip((1000, 1000, 6), networks, strict=True):
        monkeypatch.setattr(run, "LAUNCH_STEPS", steps)
        learning = PlasticNetwork(network, MODELS, rate=200.0)
        network.run(80)
        learning.projections[0].prune(np.array([0, 1, 6]))  # two of them are sampled
        network.run(90)
        samples.append(learning.signals[0].samples())
    assert np.isnan(samples[0]).sum() == 2 * (samples[0].shape[0] - 12)
    assert np.ptp(samples[0][:, 5]) > 0
    np.testing.assert_allclose(samples[1], samples[0], rtol=1e-9)
    np.testing.assert_array_equal(samples[2], samples[1])


def test_memory_for_samples_does_not_grow_with_a_run(device, monkeypatch):
    monkeypatch.setattr(signal_blocks, "SIGNAL_BYTES", 2000)
    sizes = []
    for n in (20, 200):
        mixed = Mixed(CudaNetwork(device, dt_ms=0.1, seed=3))
        mixed.exc.record("v", np.arange(100), 1)
        mixed.network.run(n)
        sizes.append(mixed.network.engine()._signal_blocks._halves._memory[0].nbytes)
    assert sizes[0] == sizes[1] < 6000


def test_launches_are_graphs_where_threads_cannot_wait(monkeypatch):
    monkeypatch.delenv("PYNN_ANNARCHY_GPU_GRAPH", raising=False)
    whole = Mixed(CudaNetwork(EmulatedDevice(3), dt_ms=0.1, seed=3))
    whole.network.run(200)
    monkeypatch.setattr(run, "RECORD_ROOM", 40)  # what is left of a graph does nothing when there is no more room
    mixed = Mixed(CudaNetwork(EmulatedDevice(7, cooperative=False), dt_ms=0.1, seed=3))
    for n in (1, 99, 100):
        mixed.network.run(n)
    assert_identical(whole, mixed)
    assert whole.network.engine()._launcher._graph is None
    assert mixed.network.engine()._launcher._graph is not None
    assert mixed.network.engine()._launcher._phases == (2, 0)


def test_synapses_with_state_in_graphs(monkeypatch):
    """Their phases differ from step to step, and trains are cut in the midst of a run."""
    monkeypatch.setattr(plasticity, "TRAIN_ROOM", 4)
    models = [kernels.standard_synapse("SpikePair_Additive"), *synapse_kernels()[-3:]]
    both = [
        PlasticNetwork(CudaNetwork(EmulatedDevice(4, cooperative=c), dt_ms=0.1, seed=4), models, rate=300.0)
        for c in (True, False)
    ]
    for network in both:
        for n in (150, 1, 549):
            network.network.run(n)
            network.projections[0].set_delay(5, 2)  # with spikes on their way
    of_a_step, at_the_end = both[1].network.engine()._launcher._phases
    assert (of_a_step > 8, at_the_end) == (True, 1)
    for a, b in zip(both[0].spikes(), both[1].spikes(), strict=True):
        np.testing.assert_array_equal(a, b)
    found = both[1].variables()
    for name, values in both[0].variables().items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)
    for a, b in zip(both[0].signals, both[1].signals, strict=True):
        np.testing.assert_array_equal(a.samples(), b.samples())
    assert np.unique(both[0].records[0].events()[0], return_counts=True)[1].max() > 10


def test_graphs_can_be_asked_for(device, monkeypatch):
    both = [Mixed(Network(dt_ms=0.1, seed=3)), Mixed(CudaNetwork(device, dt_ms=0.1, seed=3))]
    monkeypatch.setenv("PYNN_ANNARCHY_GPU_GRAPH", "1")
    for mixed in both:
        mixed.network.run(150)
    assert both[1].network.engine()._launcher._graph is not None
    assert_close(*both)


@pytest.mark.parametrize("graph", [False, True])
def test_where_the_time_goes(device, monkeypatch, graph):
    if graph:
        monkeypatch.setenv("PYNN_ANNARCHY_GPU_GRAPH", "1")
    plain, measured = (PlasticNetwork(CudaNetwork(device, dt_ms=0.1, seed=4), models=some) for some in [MODELS] * 2)
    emitted = measured.source.record_spikes(np.arange(SOURCES))
    for network in (plain, measured):
        few, cells = network.source.first + np.arange(8) % 4, network.cells[0].first + np.arange(8)
        network.network.add_projection(few, cells, receptor="excitatory", weight=0.001, delay_steps=3)
    engine = measured.network.engine()
    assert engine.phases() == [(0.0,) * 4 + (0, 0)]
    engine.measure(True)
    began = perf_counter()
    for network in (plain, measured):
        network.network.run(120)
        network.network.run(80)
    elapsed = perf_counter() - began
    [(update, exchange, deliver, record, updates, events)] = engine.phases()
    assert updates == 200 * (measured.cells[-1].first + CELLS)
    assert min(update, exchange, deliver, record) > 0
    assert update + exchange + deliver + record < elapsed
    rows = np.bincount(measured.projections[0].source, minlength=measured.source.first + SOURCES)
    rows[measured.source.first + np.arange(4)] += 2
    neuron, _ = emitted.events()
    given = [0.0, 2.0, 2.01, 2.02], [0.0, 4.0]  # of PlasticNetwork, in 20 ms
    first = measured.source.first + SOURCES
    expected = rows[neuron].sum() + sum(rows[first + k] * len(times) for k, times in enumerate(given))
    assert events == expected > 50
    engine.measure(False)
    found = measured.variables()
    for name, values in plain.variables().items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)
    measured.network.run(10)
    assert engine.phases()[0][4] == 0
