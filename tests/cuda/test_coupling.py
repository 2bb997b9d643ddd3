"""Gap junctions on a device: the host's numbers but for rounding, and the same bits for any grid."""

import numpy as np
import pytest

from pynn_annarchy.native import kernels
from pynn_annarchy.native.cuda.emulated import EmulatedDevice
from pynn_annarchy.native.cuda.network import CudaNetwork
from pynn_annarchy.native.network import Network, StepCurrent

N = 40


class Coupled:
    """Rings of spiking cells, a chain so stiff that it takes implicit steps, and two models in one component."""

    def __init__(self, network, precision="double"):
        self.network = network
        rng = np.random.default_rng(3)
        kernel = kernels.standard("IF_cond_exp", precision)
        drive = {"i_offset": rng.uniform(0.5, 1.5, N), "tau_refrac": np.full(N, 2.0)}
        self.cells = network.add_population(kernel, N, drive, {"v": rng.uniform(-65, -51, N)})
        exponential = kernels.standard("EIF_cond_exp_isfa_ista", precision)
        self.others = network.add_population(exponential, 6, {"i_offset": np.full(6, 0.8)})
        ring = np.arange(30)
        self.junctions = [
            network.add_gap_junctions(ring, ring // 5 * 5 + (ring + 1) % 5, conductance=rng.uniform(0.001, 0.1, 30)),
            network.add_gap_junctions(np.arange(30, 39), np.arange(31, 40), conductance=200.0),
            network.add_gap_junctions([0, 0, N], [N, N + 1, N + 2], conductance=0.02),
        ]
        network.add_current(StepCurrent(np.array([20, 90]), np.array([0.3, 0.0]))).inject(np.array([0, 33]))
        self.signals = [p.record("v", np.arange(p.size)) for p in (self.cells, self.others)]
        self.record = self.cells.record_spikes(np.arange(N))

    def run(self, *pieces):
        for n in pieces:
            self.network.run(n)
        return *(signal.samples() for signal in self.signals), *self.record.events()


def make(device, precision="double"):
    return Coupled(CudaNetwork(device, dt_ms=0.1, precision=precision, seed=3), precision)


@pytest.mark.parametrize("precision", ["double", "single"])
def test_as_the_host(device, precision):
    """Spikes are the same; v differs by what compilers make of the same equations (fused multiply-adds or not)."""
    ours = make(device, precision).run(300)
    host = Coupled(Network(dt_ms=0.1, precision=precision, seed=3), precision).run(300)
    assert len(host[2]) > 20
    tolerance = {"double": 1e-12, "single": 3e-5}[precision]
    for one, other in zip(ours[:2], host[:2], strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance)
    for one, other in zip(ours[2:], host[2:], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("blocks", "pieces"), [(2, (300,)), (7, (1, 99, 200)), (64, (150, 150))])
def test_no_bit_depends_on_the_grid(blocks, pieces):
    whole, other = make(EmulatedDevice(1)).run(300), make(EmulatedDevice(blocks)).run(*pieces)
    for one, another in zip(whole, other, strict=True):
        np.testing.assert_array_equal(one, another)


def test_in_graphs():
    whole = make(EmulatedDevice(3)).run(100)
    network = make(EmulatedDevice(3, cooperative=False))
    for one, other in zip(whole, network.run(50, 50), strict=True):
        np.testing.assert_array_equal(one, other)
    assert network.network.engine()._launcher._phases == (4, 0)


def test_charge_is_kept_and_junctions_change(device):
    """What leaves one cell enters the other; with no conductance left, nothing does."""
    network = CudaNetwork(device, dt_ms=0.1)
    still = {"cm": np.array([1.0, 0.25]), "v_rest": np.zeros(2), "v_thresh": np.full(2, 1e9), "tau_m": np.full(2, 1e15)}
    cells = network.add_population(kernels.standard("IF_curr_exp"), 2, still, {"v": np.array([10.0, -5.0])})
    junctions = network.add_gap_junctions([0], [1], conductance=0.05)
    network.run(37)
    v = cells.get_state("v")
    rate = 0.05 * (1 / 1.0 + 1 / 0.25)
    assert v[0] + 0.25 * v[1] == pytest.approx(10.0 - 1.25, abs=1e-9)
    assert v[0] - v[1] == pytest.approx(15.0 * np.exp(-rate * 3.7), rel=1e-8)
    junctions.set_conductance(0.0)
    network.run(10)
    np.testing.assert_allclose(cells.get_state("v"), v, rtol=1e-8)
