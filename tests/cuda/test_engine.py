"""The same network on the CPU's engine and on a device: connectivity, spikes, states."""

import numpy as np
import pytest

from pynn_annarchy.native import kernels
from pynn_annarchy.native.cuda import run
from pynn_annarchy.native.cuda.emulated import EmulatedDevice
from pynn_annarchy.native.cuda.layout import DeviceBlock
from pynn_annarchy.native.cuda.network import CudaNetwork
from pynn_annarchy.native.network import Network, NoiseCurrent, StepCurrent
from pynn_annarchy.native.spec import NeuronText

# Sums in fixed point and sums in double, in different orders: some units in the last place of v, in mV, for as long as
# no spike has moved.
ROUNDING = 1e-9


class Mixed:
    """Two models of cells and two of sources, all kinds of weights and delays, two currents, records of everything."""

    def __init__(self, network, precision="double"):
        rng = np.random.default_rng(1)
        self.network = network

        def kernel(name):
            return kernels.standard(name, precision)

        self.exc = network.add_population(
            kernel("IF_cond_exp"), 200, {"i_offset": rng.uniform(0.5, 1.2, 200)}, {"v": rng.uniform(-65, -50, 200)}
        )
        inh = network.add_population(kernel("IF_curr_alpha"), 60, {"i_offset": 0.9})
        noise = network.add_population(kernel("SpikeSourcePoisson"), 50, {"rate": 40.0})
        given = network.add_population(kernel("SpikeSourceArray"), 3)
        given.set_spike_times([[0.0, 1.0, 1.0, 5.0], [2.25, 20.0], []])
        self.populations = (self.exc, inh, noise, given)
        receptors = self.exc.kernel.receptors
        self.connected = [
            network.add_projection(
                source.first + rng.integers(0, source.size, n),
                rng.choice(260, n),
                receptor=receptors[inhibitory],
                weight=weight,
                delay_steps=rng.integers(1, 40, n),
            )
            for source, n, inhibitory, weight in (
                (self.exc, 4000, 0, rng.uniform(0, 0.004, 4000)),
                (inh, 2000, 1, -rng.uniform(0, 0.01, 2000)),
                (noise, 1500, 0, 0.01),
                (given, 300, 0, 0.02),
            )
        ]
        network.add_current(StepCurrent(np.array([10, 150]), np.array([0.3, -0.2]))).inject(np.arange(0, 200, 3))
        network.add_current(NoiseCurrent(0.1, 0.2, 4, 20, 400)).inject(np.arange(0, 230, 2))
        self.records = [p.record_spikes(np.arange(p.size)) for p in self.populations]
        self.signal = self.exc.record("v", np.arange(0, 200, 7), 5)

    def spikes(self):
        return [np.array(array) for record in self.records for array in record.events()]


def assert_close(one, other):
    for a, b in zip(one.spikes(), other.spikes(), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(one.signal.samples(), other.signal.samples(), rtol=0, atol=ROUNDING)
    for a, b in zip(one.populations[:2], other.populations[:2], strict=True):
        for name in a.kernel.states:
            np.testing.assert_allclose(a.get_state(name), b.get_state(name), rtol=0, atol=ROUNDING, err_msg=name)


def assert_identical(one, other):
    for a, b in zip([*one.spikes(), one.signal.samples()], [*other.spikes(), other.signal.samples()], strict=True):
        np.testing.assert_array_equal(a, b)


def test_as_the_cpu_through_changes_and_reset(device):
    both = [Mixed(Network(dt_ms=0.1, seed=3)), Mixed(CudaNetwork(device, dt_ms=0.1, seed=3))]
    for mixed in both:
        mixed.network.run(250)
    assert len(both[0].spikes()[0]) > 200
    assert_close(*both)
    for mixed in both:
        mixed.exc.set_parameter("i_offset", 0.8)
        mixed.exc.set_state("v", -60.0, np.arange(20))
        mixed.connected[1].set_weight(-0.02)
        mixed.connected[0].set_delay(3)
        mixed.populations[3].set_spike_times([[26.0, 31.0]], np.array([2]))
        mixed.network.run(150)
    assert_close(*both)
    for mixed in both:
        mixed.network.reset()
        mixed.network.run(200)
    assert len(both[0].spikes()[0]) > 100
    assert_close(*both)


def test_growing_network_keeps_what_is_in_flight(device):
    both = [Mixed(Network(dt_ms=0.1, seed=3)), Mixed(CudaNetwork(device, dt_ms=0.1, seed=3))]
    for mixed in both:
        mixed.network.run(100)
        cells = mixed.network.add_population(kernels.standard("IF_curr_exp"), 70, {"i_offset": 1.5})
        later = mixed.network.add_population(kernels.standard("IF_cond_exp"), 90, {"i_offset": 1.5})
        mixed.network.add_projection(
            cells.first + np.arange(70), np.arange(70), receptor="excitatory", weight=5.0, delay_steps=100
        )
        mixed.populations = (*mixed.populations[:2], cells, later)
        mixed.network.run(200)
    assert_close(*both)


@pytest.mark.parametrize(("blocks", "pieces"), [(1, [200]), (7, [1, 99, 100]), (64, [200])])
def test_grid_and_pieces_change_no_bit(device, blocks, pieces):
    whole = Mixed(CudaNetwork(device, dt_ms=0.1, seed=3))
    whole.network.run(200)
    cut = Mixed(CudaNetwork(EmulatedDevice(blocks), dt_ms=0.1, seed=3))
    for n in pieces:
        cut.network.run(n)
    assert_identical(whole, cut)


def every_cell(network):
    """All standard cells and sources in one network, which is one program; two spikes and a current for each cell."""
    source = network.add_population(kernels.standard("SpikeSourceArray"), 1)
    source.set_spike_times([[1.0, 3.0]])
    current = network.add_current(StepCurrent(np.array([20]), np.array([0.6])))
    cells, records = [], []
    for name in kernels.standard_names():
        kernel = kernels.standard(name)
        population = network.add_population(kernel, 5, {"rate": 200.0} if "rate" in kernel.parameters else {})
        numbers = population.first + np.arange(5)
        for receptor in kernel.receptors:
            network.add_projection(
                np.full(5, source.first), numbers, receptor=receptor, weight=0.01, delay_steps=np.arange(1, 6)
            )
        if kernel.injectable:
            current.inject(numbers)
        cells.append(population)
        if kernel.spiking:
            records.append(population.record_spikes(np.arange(5)))
    return cells, records


def test_every_standard_cell(device):
    networks = (Network(dt_ms=0.1, seed=5), CudaNetwork(device, dt_ms=0.1, seed=5))
    (cells, records), (other_cells, other_records) = built = [every_cell(network) for network in networks]
    for n in (60, 140):
        for network in networks:
            network.run(n)
    assert len(built[0][0]) >= 17
    assert sum(len(record.events()[0]) > 0 for record in records) >= 5
    for record, other in zip(records, other_records, strict=True):
        for a, b in zip(record.events(), other.events(), strict=True):
            np.testing.assert_array_equal(a, b)
    for population, other in zip(cells, other_cells, strict=True):
        name = population.kernel.name
        for state in population.kernel.states:
            if state == "_h":  # the next substep to try, from an estimate of errors that may be as small as rounding is
                continue
            np.testing.assert_allclose(
                other.get_state(state), population.get_state(state), rtol=1e-6, atol=1e-6, err_msg=f"{state} of {name}"
            )


@pytest.mark.parametrize("precision", ["mixed", "single"])
def test_other_precisions_run(device, precision):
    mixed = Mixed(CudaNetwork(device, dt_ms=0.1, seed=3, precision=precision), precision)
    reference = Mixed(Network(dt_ms=0.1, seed=3, precision=precision), precision)
    for one in (mixed, reference):
        one.network.run(20)  # later, rounding to single precision has moved a spike
    np.testing.assert_allclose(mixed.signal.samples(), reference.signal.samples(), rtol=0, atol=1e-3)


def test_equations_of_a_user_with_random_numbers(device):
    text = NeuronText(
        name="Noisy",
        parameters="tau = 10.0",
        equations="dv/dt = (Normal(0.0, 1.0) - v) / tau : init=0.5",
        spike="v > 0.9",
        reset="v = 0.0",
    )
    kernel = kernels.compiled(text)
    states = []
    for network in (Network(dt_ms=0.1, seed=9), CudaNetwork(device, dt_ms=0.1, seed=9)):
        cells = network.add_population(kernel, 100)
        network.run(100)
        states.append(cells.get_state("v"))
    assert np.ptp(states[0]) > 0.01
    np.testing.assert_allclose(states[1], states[0], rtol=0, atol=1e-12)


def test_progress_stops_with_everything_readable(device):
    mixed = Mixed(CudaNetwork(device, dt_ms=0.1, seed=3))

    def stop(step):
        raise KeyboardInterrupt

    mixed.network.run(50)
    with pytest.raises(KeyboardInterrupt):
        mixed.network.run(1000000, stop)
    assert 50 < mixed.network.step < 1000000
    assert len(mixed.signal.samples()) == mixed.network.step // 5 + 1
    assert mixed.spikes()[1].max() <= mixed.network.step * 0.1 + 1e-9


def test_states_stay_on_the_device_until_they_are_asked_for(device, monkeypatch):
    fetched, fetch = [], DeviceBlock.fetch

    def counted(block):
        fetched.append(block._ahead)
        fetch(block)

    monkeypatch.setattr(DeviceBlock, "fetch", counted)
    both = [Mixed(Network(dt_ms=0.1, seed=3)), Mixed(CudaNetwork(device, dt_ms=0.1, seed=3))]
    for n in (1, 40, 9):
        for mixed in both:
            mixed.network.run(n)
    assert not fetched
    assert_close(*both)
    assert sum(fetched) == 2  # the two models of cells
    for mixed in both:
        mixed.network.run(1)
        mixed.exc.set_state("v", -58.0, np.arange(30))
        assert (mixed.exc.get_state("v")[:30] == -58.0).all()
        mixed.network.run(100)
        mixed.network.run(1)
    assert sum(fetched) == 3
    assert_close(*both)
    for mixed in both:
        mixed.network.run(10)
        mixed.network.close()
    assert_close(*both)


def test_disabled_neurons_stay_as_they_are(device):
    both = [Mixed(Network(dt_ms=0.1, seed=3)), Mixed(CudaNetwork(device, dt_ms=0.1, seed=3))]
    for mixed in both:
        mixed.network.run(50)
        before = mixed.exc.get_state("v")
        mixed.exc.enabled = False
        mixed.network.run(60)
        np.testing.assert_array_equal(mixed.exc.get_state("v"), before)
        mixed.exc.enabled = True
        mixed.network.run(60)
        assert (mixed.exc.get_state("v") != before).any()
    assert_close(*both)


def test_a_full_record_ends_a_launch_and_loses_nothing(device, monkeypatch):
    whole = Mixed(CudaNetwork(device, dt_ms=0.1, seed=3))
    whole.network.run(150)
    monkeypatch.setattr(run, "RECORD_ROOM", 3)
    cut = Mixed(CudaNetwork(device, dt_ms=0.1, seed=3))
    cut.network.run(150)
    assert len(whole.spikes()[0]) > 30
    assert_identical(whole, cut)


@pytest.mark.parametrize("pieces", [(50,), (1, 20, 29)])
def test_rates_follow_a_schedule(device, pieces):
    """Cells have schedules of their own, one with a period and one that has nothing to do at first."""
    found = []
    for network in (Network(dt_ms=0.1), CudaNetwork(device, dt_ms=0.1)):
        cells = network.add_population(kernels.standard("TimedArray"), 3, {"period": np.array([2.0, -1.0, 1.5])})
        cells.set_timed_rates([[1.0, 2.5], [7.0], [3.0, 4.0]], [[0.0, 0.7], [3.0], [0.2, 1.1]])
        signal = cells.record("r", np.arange(3))
        for n in pieces:
            network.run(n)
        found.append(signal.samples())
    np.testing.assert_array_equal(*found)
    times = np.arange(51) * 0.1
    np.testing.assert_array_equal(found[1][1:8, 0], 1.0)
    np.testing.assert_array_equal(found[1][:, 1], np.where(times > 3.04, 7.0, 0.0))
