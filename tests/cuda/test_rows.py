"""Continuous synapses on the CPU's engine and on a device: rates, weights, samples."""

import numpy as np
import pytest

from pynn_annarchy.native import kernels
from pynn_annarchy.native.cuda.emulated import EmulatedDevice
from pynn_annarchy.native.cuda.network import CudaNetwork
from pynn_annarchy.native.network import Network
from pynn_annarchy.native.switches import Switches

from .rate_network import LEAKY, RATE, SYNAPSES, RateNetwork, weights


def pair(device, precision="double", **named):
    networks = (
        Network(dt_ms=1.0, seed=4, precision=precision),
        CudaNetwork(device, dt_ms=1.0, seed=4, precision=precision),
    )
    return [RateNetwork(network, precision, **named) for network in networks]


def assert_close(one, other, tolerance=1e-12):
    found = other.values()
    for name, values in one.values().items():
        scale = np.nanmax(np.abs(values))  # what is sampled of synapses that are no more is NaN
        assert scale > 0, name
        np.testing.assert_allclose(found[name], values, rtol=tolerance, atol=tolerance * scale, err_msg=name)


def assert_identical(one, other):
    found = other.values()
    for name, values in one.values().items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


def run(networks, *steps):
    for n_steps in steps:
        for network in networks:
            network.network.run(n_steps)


def test_as_the_cpu(device):
    both = pair(device)
    for n_steps in (1, 7, 30):
        run(both, n_steps)
        assert_close(*both)


@pytest.mark.parametrize("precision", ["mixed", "single"])
def test_other_precisions(device, precision):
    both = pair(device, precision)
    run(both, 12)
    assert_close(*both, tolerance=2e-5)


def test_any_grid_gives_the_same_bits():
    found = []
    for blocks, cooperative in ((1, True), (2, False), (7, True), (64, True)):
        network = CudaNetwork(EmulatedDevice(blocks, cooperative), dt_ms=1.0, seed=4)
        found.append(RateNetwork(network))
        run(found[-1:], 13, 8)
    for other in found[1:]:
        assert_identical(found[0], other)


def test_changes_between_runs(device):
    both = pair(device)
    rng = np.random.default_rng(8)
    run(both, 6)
    n = both[0].projections["Hebb"].size
    weights, later = rng.random(n) / 50, rng.integers(1, 9, n)
    pruned = rng.choice(n, n // 3, replace=False)
    for network in both:
        network.populations[0].set_state("r", np.linspace(-1, 1, network.populations[0].size))
        network.projections["Hebb"].set_variable("w", weights)
        network.projections["Hebb"].set_parameter("eta", 0.02)
    run(both, 3)
    assert_close(*both)
    for network in both:
        network.projections["Hebb"].set_delay(later)
        network.projections["Reaction"].set_switches(Switches(learns=False))
        network.projections["Static"].set_switches(Switches(transmits=False))
    run(both, 10)
    assert_close(*both)
    for network in both:
        network.projections["Hebb"].prune(pruned)
        network.projections["Hebb"].set_switches(Switches(period_steps=3, offset_steps=1))
        network.projections["Reaction"].set_switches(Switches(changes_weight=False))
        network.projections["Noisy"].create([5, 5, 6], [1, 0, 40], parameters={"w": [0.1, 0.2, 0.3]}, variables={})
    run(both, 10)
    assert_close(*both)


def test_reset(device):
    network = RateNetwork(CudaNetwork(device, dt_ms=1.0, seed=4))
    other = RateNetwork(Network(dt_ms=1.0, seed=4))
    for each in (network, other):
        each.network.run(9)
        each.network.reset()
        each.network.run(5)
    assert_close(other, network)


def test_rows_of_any_length(device):
    """One row of thousands among short ones: several segments, joined in their order."""
    found = []
    for network in (Network(dt_ms=1.0, seed=4), CudaNetwork(device, dt_ms=1.0, seed=4)):
        n = 5000
        rate, leaky = (kernels.compiled(text) for text in (RATE, LEAKY))
        all_of_them = network.add_population(rate, n, {"drive": np.sin(np.arange(n))})
        few = network.add_population(leaky, 4)
        rng = np.random.default_rng(1)
        source = np.concatenate([np.arange(n), rng.integers(0, n, 30)])
        target = n + np.concatenate([np.full(n, 2), rng.integers(0, 4, 30)])
        for name in ("Static", "Largest", "Average"):
            kernel = kernels.compiled_rows(SYNAPSES[name])
            given = weights(kernel, rng.normal(size=source.size) / 70)
            network.add_rows_projection(kernel, source, target, receptor="exc", **given)
        network.run(20)
        found.append(np.concatenate([all_of_them.get_state("r"), few.get_state("r")]))
    np.testing.assert_allclose(found[1], found[0], rtol=1e-12, atol=1e-13)
    assert np.ptp(found[0][-4:]) > 0.01
