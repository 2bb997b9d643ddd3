"""What is wrong is refused at once, by name, and leaves the network as it was."""

from __future__ import annotations

import numpy as np
import pytest
from device_network import Network

from pynn_annarchy.native.network import NoiseCurrent, SineCurrent, StepCurrent


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dt_ms": 0.0}, "dt_ms"),
        ({"dt_ms": np.nan}, "dt_ms"),
        pytest.param({"dt_ms": 0.1, "threads": 0}, "threads is 0", marks=pytest.mark.cpu),
        pytest.param({"dt_ms": 0.1, "threads": 1.5}, "threads is 1.5", marks=pytest.mark.cpu),
        ({"dt_ms": 0.1, "seed": -1}, "seed is -1"),
        ({"dt_ms": 0.1, "precision": "half"}, "'half'.*double, mixed, single"),
    ],
)
def test_networks(arguments, message):
    with pytest.raises(ValueError, match=message):
        Network(**arguments)


@pytest.fixture
def network(models):
    network = Network(dt_ms=0.1)
    network.add_population(models("Lif"), 10)
    network.add_population(models("Clock"), 5)
    network.add_population(models("Probe"), 5)
    return network


@pytest.mark.parametrize(
    ("size", "parameters", "initial", "error", "message"),
    [
        (0, {}, {}, ValueError, "population of 0"),
        (2.5, {}, {}, ValueError, "2.5"),
        (3, {"tau": 1.0}, {}, KeyError, "'tau' is no parameter of Lif; it has tau_m"),
        (3, {"tau_m": [1.0, 2.0]}, {}, ValueError, r"tau_m has shape \(2,\)"),
        (3, {"tau_m": np.nan}, {}, ValueError, "tau_m.*NaN"),
        (3, {}, {"u": 0.0}, KeyError, "'u' is no state variable"),
        (3, {}, {"v": np.zeros((3, 1))}, ValueError, "v has shape"),
    ],
)
def test_populations(network, models, size, parameters, initial, error, message):
    with pytest.raises(error, match=message):
        network.add_population(models("Lif"), size, parameters, initial)
    network.run(5)
    assert network.add_population(models("Lif"), 3).first == 20
    network.run(5)


def test_the_precision_has_to_fit(network, models):
    with pytest.raises(ValueError, match=r"'single'.*'double'"):
        network.add_population(models("Lif", "single"), 1)


@pytest.mark.parametrize(
    ("source", "target", "change", "error", "message"),
    [
        ([0], [20], {}, ValueError, "target has neurons 20 to 20; allowed are 0 to 19"),
        ([-1], [0], {}, ValueError, "source has neurons -1"),
        ([0.5], [0], {}, TypeError, "source"),
        ([0, 1], [0], {}, ValueError, "2 sources for 1 targets"),
        ([0], [0], {"receptor": "nmda"}, ValueError, "no receptor 'nmda'; it has excitatory, inhibitory"),
        ([17], [0], {}, ValueError, "Probe does not spike"),
        ([0], [0], {"weight": np.inf}, ValueError, "weights have to be finite"),
        ([0], [0], {"weight": [1.0, 2.0]}, ValueError, "weight has shape"),
        ([0], [0], {"delay_steps": 0}, ValueError, "0 .* steps"),
        ([0], [0], {"delay_steps": 1.5}, ValueError, "1.5"),
        ([0, 1], [0, 0], {"delay_steps": [1, 70000]}, ValueError, "70000.*65535"),
    ],
)
def test_projections(network, source, target, change, error, message):
    with pytest.raises(error, match=message):
        network.add_projection(source, target, **({"receptor": "excitatory", "weight": 1.0, "delay_steps": 1} | change))
    assert network.window_steps == 64
    network.run(5)


def test_handles(network, models):
    population = network.add_population(models("Lif"), 4)
    projection = network.add_projection([0, 1], [0, 1], receptor="excitatory", weight=1.0, delay_steps=3)
    for use, error, message in [
        (lambda: population.get_parameter("x"), KeyError, "x"),
        (lambda: population.set_parameter("tau_m", 1.0, [4]), IndexError, "4..4 is outside 0..3"),
        (lambda: population.set_parameter("tau_m", 1.0, [True, False]), ValueError, "mask"),
        (lambda: population.set_parameter("tau_m", 1.0, [0.5]), TypeError, "index"),
        (lambda: population.set_state("v", [1.0, 2.0]), ValueError, "v has shape"),
        (lambda: population.set_state("v", np.nan), ValueError, "NaN"),
        (lambda: population.record("x", [0]), KeyError, "x"),
        (lambda: population.record("v", [7]), IndexError, "7"),
        (lambda: population.record("v", [0], 0), ValueError, "0 steps"),
        (lambda: projection.set_weight(np.nan), ValueError, "NaN"),
        (lambda: projection.set_delay(0, [1]), ValueError, "0"),
        (lambda: network.run(-1), ValueError, "-1"),
    ]:
        with pytest.raises(error, match=message):
            use()
    assert projection.delay_steps == 3 and projection.weight == 1.0
    assert population.get_parameter("tau_m").tolist() == [20.0] * 4
    assert network.run(5) == 5


def test_currents(network):
    current = network.add_current(StepCurrent(np.array([0]), np.array([1.0])))
    for use, message in [
        (lambda: network.add_current(StepCurrent(np.array([5, 3]), np.array([1.0, 1.0]))), "ascend"),
        (lambda: network.add_current(StepCurrent(np.array([5]), np.array([1.0, 1.0]))), r"\(1,\) steps for \(2,\)"),
        (lambda: network.add_current(SineCurrent(np.nan, 0, 1, 0, 0, 10)), "finite"),
        (lambda: network.add_current(NoiseCurrent(0, -1, 1, 0, 10)), "stdev -1"),
        (lambda: current.set(NoiseCurrent(0, 1, 0, 0, 10)), "interval 0"),
        (lambda: current.inject([11]), "into Clock"),
        (lambda: current.inject([99]), "99"),
        (lambda: current.data(), "record"),
    ]:
        with pytest.raises(ValueError, match=message):
            use()
    network.run(3)
