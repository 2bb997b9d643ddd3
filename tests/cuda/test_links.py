"""Synapses that read variables of their sources and change those of neurons, on the CPU's engine and on a device."""

import numpy as np
import pytest

from pynn_annarchy.native import kernels
from pynn_annarchy.native.cuda.emulated import EmulatedDevice
from pynn_annarchy.native.cuda.network import CudaNetwork
from pynn_annarchy.native.network import Network
from pynn_annarchy.native.spec import SynapseText

CELLS, SYNAPSES = 40, 300
TEXTS = (
    SynapseText(
        name="Graded",
        parameters="gain = 0.0005",
        equations="seen = pre.v",
        psp="gain * w * (pre.v - post.v)",
        pre_spike="w += 0.01",
    ),
    SynapseText(
        name="Changer",
        parameters="step = 0.05",
        equations="",
        pre_spike="g_target += w * exp((pre.v + 60.0) / 50.0); post.v -= step * w; pre.v += step",
        post_spike="pre.w -= 0.01; w = 0.99 * w",
    ),
)


class LinkedNetwork:
    """Cells of two models that drive each other; an adaptation current `w` is among what synapses change."""

    def __init__(self, network, precision="double"):
        self.network, rng = network, np.random.default_rng(6)
        adapting = kernels.standard("EIF_cond_exp_isfa_ista", precision)
        self.cells = [
            network.add_population(adapting, CELLS, {"i_offset": rng.uniform(0.6, 1.4, CELLS)}),
            network.add_population(adapting, CELLS, {"i_offset": rng.uniform(0.6, 1.4, CELLS)}),
            network.add_population(kernels.standard("IF_cond_exp", precision), CELLS, {"i_offset": 0.9}),
        ]
        self.projections = []
        for text in TEXTS:
            targets = 3 if text.name == "Graded" else 2  # of those, all have what is changed
            self.projections.append(
                network.add_plastic_projection(
                    kernels.compiled_synapse(text, precision),
                    rng.integers(0, 2 * CELLS, SYNAPSES),
                    rng.integers(0, targets * CELLS, SYNAPSES),
                    receptor="excitatory",
                    variables={"w": rng.uniform(0.001, 0.01, SYNAPSES)},
                    delay_steps=rng.integers(1, 12, SYNAPSES),
                )
            )
        self.records = [cells.record_spikes(np.arange(CELLS)) for cells in self.cells]
        self.signals = [self.cells[0].record("v", np.arange(CELLS), 5)]
        self.signals.append(self.projections[0].record("seen", np.arange(0, SYNAPSES, 2), 7))

    def values(self):
        found = {"spikes": np.concatenate([np.array(record.events()[1]) for record in self.records])}
        found |= {f"v {k}": cells.get_state("v") for k, cells in enumerate(self.cells)}
        found |= {f"w {k}": p.get_variable("w") for k, p in enumerate(self.projections)}
        return found | {f"signal {k}": signal.samples() for k, signal in enumerate(self.signals)}


def test_as_the_cpu(device):
    one = LinkedNetwork(Network(dt_ms=0.1, seed=4))
    other = LinkedNetwork(CudaNetwork(device, dt_ms=0.1, seed=4))
    for n_steps in (1, 150, 249):
        for network in (one, other):
            network.network.run(n_steps)
        found = other.values()
        for name, values in one.values().items():
            np.testing.assert_allclose(found[name], values, rtol=1e-8, atol=1e-8, err_msg=name)
        for network in (one, other):  # the host's turn: cells that are left alone, and others that are not
            network.cells[0].set_state("v", -61.0, index=np.arange(5))
            network.cells[1].enabled = n_steps != 150
    assert len(one.values()["spikes"]) > 30
    weights = [np.ptp(values) for name, values in one.values().items() if name.startswith("w")]
    assert min(weights) > 1e-3


def test_any_grid_gives_the_same_bits():
    found = []
    for blocks, cooperative in ((1, True), (2, False), (7, True), (64, True)):
        network = CudaNetwork(EmulatedDevice(blocks, cooperative), dt_ms=0.1, seed=4)
        found.append(LinkedNetwork(network))
        for n_steps in (131, 70):
            network.run(n_steps)
    first = found[0].values()
    for other in found[1:]:
        for name, values in other.values().items():
            np.testing.assert_array_equal(values, first[name], err_msg=name)


@pytest.mark.parametrize("precision", ["mixed", "single"])
def test_other_precisions(device, precision):
    networks = [cls(*given, dt_ms=0.1, seed=4, precision=precision)
                for cls, given in ((Network, ()), (CudaNetwork, (device,)))]  # fmt: skip
    one, other = (LinkedNetwork(network, precision) for network in networks)
    for network in (one, other):
        network.network.run(40)
    for name in ("v 0", "v 2", "w 0", "w 1"):
        np.testing.assert_allclose(other.values()[name], one.values()[name], rtol=1e-3, err_msg=name)
