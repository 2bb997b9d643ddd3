"""Synapses with state on the CPU's engine and on a device: weights, spikes, samples."""

import numpy as np
import pytest

from pynn_annarchy.native import kernels
from pynn_annarchy.native.cuda import plasticity
from pynn_annarchy.native.cuda.emulated import EmulatedDevice, EmulatedMemory
from pynn_annarchy.native.cuda.network import CudaNetwork
from pynn_annarchy.native.network import Network
from pynn_annarchy.native.switches import Switches

from .plastic_network import CELLS, SYNAPSES, PlasticNetwork, synapse_kernels


def pair(device, **named):
    networks = (Network(dt_ms=0.1, seed=4), CudaNetwork(device, dt_ms=0.1, seed=4))
    return [PlasticNetwork(network, **named) for network in networks]


def assert_close(one, other):
    for a, b in zip(one.spikes(), other.spikes(), strict=True):
        np.testing.assert_array_equal(a, b)
    reads_neurons = ("Clopath", "Reader")  # whose potentials are those of sums in another order
    found = other.variables()
    for name, values in one.variables().items():
        # what is a difference of the like, as traces after a long time, is compared with the largest of its kind
        tolerance = 1e-9 if name.startswith(reads_neurons) else 1e-12
        scale = np.abs(values).max(initial=0.0)
        np.testing.assert_allclose(found[name], values, rtol=tolerance, atol=tolerance * scale, err_msg=name)
    for a, b in zip(one.signals, other.signals, strict=True):
        np.testing.assert_allclose(b.samples(), a.samples(), rtol=1e-9, atol=0)


def assert_identical(one, other):
    for a, b in zip(one.spikes(), other.spikes(), strict=True):
        np.testing.assert_array_equal(a, b)
    for name, values in one.variables().items():
        np.testing.assert_array_equal(other.variables()[name], values, err_msg=name)
    for a, b in zip(one.signals, other.signals, strict=True):
        np.testing.assert_array_equal(b.samples(), a.samples())


@pytest.fixture(scope="module")
def some():
    """Models of every kind: what only arrivals change, what targets change, modulated, random, reading targets."""
    names = ("TsodyksMarkram", "SpikePair_Additive", "Modulated_SpikePair_Additive")
    return [kernels.standard_synapse(name) for name in names] + synapse_kernels()[-2:]


def test_every_model_as_the_cpu(device):
    both = pair(device)
    for n in (1, 499, 300):
        for network in both:
            network.network.run(n)
        assert_close(*both)
    changed = [np.ptp(signal.samples(), axis=0).max() > 0 for signal in both[0].signals]
    assert sum(changed) >= 9
    assert len(np.concatenate(both[0].spikes()[::2])) > 50
    for network in both:
        network.network.reset()
        network.network.run(300)
    assert_close(*both)


def test_changes_between_runs_as_the_cpu(device, some):
    both = pair(device, models=some)
    rng = np.random.default_rng(8)
    weights, later = rng.uniform(0, 0.01, SYNAPSES), rng.integers(3, 30, SYNAPSES)
    for network in both:
        network.network.run(200)
        for projection in network.projections:
            projection.set_variable("w", weights)
            projection.set_delay(later, np.minimum(later, 2))  # with spikes on their way, to both sides
        network.projections[1].set_parameter("w_max", 0.012)
        network.network.run(3)
        network.projections[1].set_switches(Switches(learns=False))
        network.projections[0].set_switches(Switches(transmits=False))
        network.projections[3].set_switches(Switches(period_steps=3, offset_steps=1))
        network.network.run(100)
        network.projections[1].set_switches(Switches())
        network.projections[0].set_switches(Switches())
        network.projections[4].set_delay(1, 1)
        network.network.run(150)
    assert_close(*both)


def test_synapses_come_and_go_as_on_the_cpu(device, some):
    both = pair(device, models=some)
    for network in both:
        network.network.run(250)
        for projection, cells in zip(network.projections, network.cells, strict=True):
            projection.prune(np.arange(0, SYNAPSES, 5))
            projection.create(
                network.source.first + np.arange(CELLS),
                cells.first + np.arange(CELLS),
                parameters={},
                variables={"w": 0.004},
                delay_steps=np.arange(2, CELLS + 2),
                dendritic_steps=1,
            )
        network.network.run(1)
        network.network.run(200)
    assert_close(*both)
    assert both[1].projections[0].size == SYNAPSES - 12 + CELLS


def test_input_of_a_population_is_forgotten_and_the_network_grows(device, some):
    both = pair(device, models=some)
    for network in both:
        network.network.run(200)
        for cells in network.cells:
            network.network.clear_input(cells)
        cells = network.network.add_population(kernels.standard("IF_cond_exp"), 70, {"i_offset": 1.0})
        network.network.add_plastic_projection(
            some[1], network.source.first + np.arange(5), cells.first + np.arange(5), receptor="excitatory",
            variables={"w": 0.002}, delay_steps=5, dendritic_steps=1,
        )  # fmt: skip
        network.cells[0].enabled = False
        network.network.run(150)
    assert_close(*both)


@pytest.mark.parametrize(("blocks", "pieces"), [(1, [400]), (7, [1, 99, 300]), (64, [400])])
def test_grid_and_pieces_change_no_bit(device, some, blocks, pieces):
    whole, cut = (PlasticNetwork(CudaNetwork(d, dt_ms=0.1, seed=4), some) for d in (device, EmulatedDevice(blocks)))
    whole.network.run(400)
    for n in pieces:
        cut.network.run(n)
    assert_identical(whole, cut)


class Backwards(EmulatedDevice):
    """A device whose threads run in the opposite order in each phase."""

    def compile(self, source, names):
        for what in ("block", "lane"):
            end = "emulated_blocks()" if what == "block" else "emulated_width()"
            loop = f"for (uint32_t {what} = 0; {what} < {end}; ++{what})"
            assert loop in source
            source = source.replace(loop, f"for (uint32_t {what} = {end}; {what}-- > 0;)")
        return super().compile(source, names)


def test_the_order_of_threads_changes_no_bit(device, some):
    networks = [PlasticNetwork(CudaNetwork(d, dt_ms=0.1, seed=4), some) for d in (device, Backwards(3))]
    for network in networks:
        network.network.run(400)
    assert_identical(*networks)


def test_trains_are_cut_and_nothing_changes(device, some, monkeypatch):
    whole = PlasticNetwork(CudaNetwork(device, dt_ms=0.1, seed=4), some, rate=300.0)
    whole.network.run(800)
    monkeypatch.setattr(plasticity, "TRAIN_ROOM", 4)
    cut = PlasticNetwork(CudaNetwork(device, dt_ms=0.1, seed=4), some, rate=300.0)
    cut.network.run(800)
    assert np.unique(whole.records[1].events()[0], return_counts=True)[1].max() > 10
    assert_identical(whole, cut)


@pytest.mark.parametrize("precision", ["mixed", "single"])
def test_other_precisions_run(device, precision):
    made = []
    for network in (
        Network(dt_ms=0.1, seed=4, precision=precision),
        CudaNetwork(device, dt_ms=0.1, seed=4, precision=precision),
    ):
        source = network.add_population(kernels.standard("SpikeSourcePoisson", precision), 20, {"rate": 80.0})
        cells = network.add_population(kernels.standard("IF_cond_exp", precision), 5, {"i_offset": 0.9})
        made.append(
            network.add_plastic_projection(
                kernels.standard_synapse("SpikePair_Additive", precision),
                source.first + np.arange(20),
                cells.first + np.arange(20) % 5,
                receptor="excitatory",
                variables={"w": 0.005},
                delay_steps=10,
                dendritic_steps=2,
            )
        )
        network.run(400)
    weights = made[0].get_variable("w")
    assert np.ptp(weights) > 1e-5
    np.testing.assert_allclose(made[1].get_variable("w"), weights, rtol=1e-5)


def test_weights_that_outgrow_the_fixed_point_are_an_error(device):
    network = CudaNetwork(device, dt_ms=0.1)
    source = network.add_population(kernels.standard("SpikeSourceArray"), 1)
    source.set_spike_times([[1.0]])
    cells = network.add_population(kernels.standard("IF_cond_exp"), 1)
    synapse = network.add_plastic_projection(
        kernels.standard_synapse("TsodyksMarkram"), [source.first], [cells.first], receptor="excitatory",
        variables={"w": 1e-3}, parameters={"U": 1e9}, delay_steps=1,
    )  # fmt: skip
    assert synapse.size == 1
    with pytest.raises(OverflowError, match="fixed point"):
        network.run(30)


def test_weights_that_are_set_to_what_nobody_expected(device):
    """Far beyond what the units of inputs were made for, and with input on its way."""
    kernel = kernels.standard_synapse("SpikePair_Additive")
    found = []
    for network in (Network(dt_ms=0.1), CudaNetwork(device, dt_ms=0.1)):
        source = network.add_population(kernels.standard("SpikeSourceArray"), 3)
        source.set_spike_times([[5.0, 9.5, 15.0, 25.0]] * 3)
        target = network.add_population(kernels.standard("IF_curr_delta"), 3, {"v_thresh": 1e12})
        projection = network.add_plastic_projection(
            kernel, [0, 1, 2, 2], target.first + np.array([0, 1, 2, 2]), receptor="excitatory",
            delay_steps=[10, 7, 1, 9], parameters={"w_max": 1e6}, variables={"w": 0.001},
        )  # fmt: skip
        signal = target.record("v", [0, 1, 2])
        network.run(100)
        projection.set_variable("w", [5e5, 1.0, 3e4, -2e5])
        network.run(200)
        found.append(signal.samples())
    np.testing.assert_allclose(found[1], found[0], rtol=1e-12, atol=1e-6)
    assert np.abs(found[0]).max() > 5e5


def test_states_stay_on_the_device_until_somebody_asks(monkeypatch):
    """Runs one after the other move nothing of the size of the synapses; reading does, and writing after it."""
    moved = []
    for name in ("upload", "download"):
        usual = getattr(EmulatedMemory, name)

        def counted(self, *given, usual=usual):
            done = usual(self, *given)
            moved.append(np.asarray(given[0] if done is None else done).nbytes)
            return done

        monkeypatch.setattr(EmulatedMemory, name, counted)

    def largest_of(work):
        moved.clear()
        work()
        return max(moved)

    n, cells = 30_000, 50
    network = CudaNetwork(EmulatedDevice(), dt_ms=0.1)
    source = network.add_population(kernels.standard("SpikeSourcePoisson"), cells, {"rate": 50.0})
    target = network.add_population(kernels.standard("IF_cond_exp"), cells, {"i_offset": 1.2})
    rng = np.random.default_rng(2)
    projection = network.add_plastic_projection(
        kernels.standard_synapse("SpikePair_Additive"), rng.integers(0, cells, n), cells + rng.integers(0, cells, n),
        receptor="excitatory", variables={"w": 0.0001}, delay_steps=10,
    )  # fmt: skip
    assert largest_of(lambda: network.run(50)) >= 8 * n
    assert largest_of(lambda: network.run(50)) < n
    assert largest_of(lambda: target.get_state("v")) < n
    assert largest_of(lambda: network.run(50)) < n
    before = projection.get_variable("w")
    assert largest_of(lambda: network.run(50)) >= 8 * n  # for the host might have changed it
    assert largest_of(lambda: projection.get_variable("w")) >= 8 * n
    assert source.size == cells and np.ptp(projection.get_variable("w") - before) > 0


def test_a_new_layout_finds_the_states_that_the_device_has(device, some):
    both = pair(device, models=some)
    for network in both:
        network.network.run(200)
        network.network.add_population(kernels.standard("IF_curr_exp"), 300)  # nobody has asked for anything meanwhile
        network.network.run(150)
    assert_close(*both)


def test_states_that_could_not_be_fetched_are_fetched_when_asked_again(device, monkeypatch, some):
    both = pair(device, models=some[:1])
    for network in both:
        network.network.run(300)
    memory = type(device.memory(8))
    with monkeypatch.context() as patch:
        patch.setattr(memory, "download", fails)
        with pytest.raises(MemoryError, match="none for copies"):
            both[1].projections[0].get_variable("w")
    assert_close(*both)


def fails(*_):
    raise MemoryError("none for copies")
