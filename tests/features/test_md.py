"""The models that come with the package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest


def signal(population: Any, name: str) -> np.ndarray:
    return np.asarray(population.get_data().segments[0].filter(name=name)[0])


def test_MD01_izhikevich_regular_spiking() -> None:
    """Against the two lines of Izhikevich's paper; PyNN's model keeps its own d."""
    sim.setup(timestep=1.0)
    assert sim.Izhikevich.default_parameters["d"] == 2.0
    assert [sim.IzhikevichRS.default_parameters[name] for name in "abcd"] == [0.02, 0.2, -65.0, 8.0]
    cells = sim.Population(1, sim.IzhikevichRS(i_offset=10.0))
    cells.record(["v", "spikes"])
    sim.run(200.0)
    v, u, expected, spikes = -65.0, -13.0, [-65.0], []
    for step in range(200):
        v, u = v + 0.04 * v * v + 5 * v + 140 - u + 10.0, u + 0.02 * (0.2 * v - u)
        if v > 30.0:
            spikes.append(step + 1.0)
            v, u = -65.0, u + 8.0
        expected.append(v)
    np.testing.assert_allclose(signal(cells, "v")[:, 0], expected, rtol=1e-9)
    assert np.asarray(cells.get_data().segments[0].spiketrains[0]).tolist() == spikes
    assert len(spikes) > 3


@pytest.mark.parametrize(
    "name",
    ["IF_curr_exp", "IF_cond_exp", "IF_curr_alpha", "IF_cond_alpha", "HH_cond_exp", "EIF_cond_exp_isfa_ista",
     "EIF_cond_alpha_isfa_ista"],
)  # fmt: skip
def test_MD02_to_MD06_pynns_cells(name: str) -> None:
    """Their accuracy is tested elsewhere; here, that they are PyNN's."""
    from pyNN.standardmodels import cells

    assert issubclass(getattr(sim, name), getattr(cells, name))


def test_MD07_leaky_integrator() -> None:
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.LeakyIntegrator(tau=5.0, B=[1.0, 3.0], T=0.5))
    cells.record("r")
    sim.run(20.0)
    t = np.arange(201) * 0.1
    x = np.outer(1 - np.exp(-t / 5.0), [1.0, 3.0])
    np.testing.assert_allclose(signal(cells, "r"), np.maximum(x - 0.5, 0), rtol=1e-12, atol=1e-14)


def test_MD07_noise() -> None:
    sim.setup(timestep=1.0)
    cells = sim.Population(500, sim.LeakyIntegrator(tau=10.0, noise=2.0, T=-1e3))
    sim.run(300.0)
    x = cells._native.get_state("x")
    decay = np.exp(-0.1)
    deviation = 2.0 * (1 - decay) / np.sqrt(1 - decay**2)
    assert abs(x.std() / deviation - 1) < 4 / np.sqrt(2 * 500)
    assert abs(x.mean()) < 4 * deviation / np.sqrt(500)


def learned(rule: Any, **parameters: Any) -> tuple[Any, np.ndarray, np.ndarray]:
    """Two sources of constant rates on two targets of constant rates."""
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=1.0)
    Given = sim.Neuron("level = 0.0", "r = level + 0*sum(exc) : init=level", name="Given")
    pre, post = np.array([0.5, 2.0]), np.array([1.0, 3.0])
    source, target = sim.Population(2, Given(level=pre)), sim.Population(2, Given(level=post))
    projection = sim.Projection(
        source, target, sim.AllToAllConnector(), rule(weight=0.25, **parameters), receptor_type="exc"
    )
    return projection, pre, post


def test_MD08_hebb() -> None:
    projection, pre, post = learned(sim.Hebb, eta=0.01, w_max=0.4)
    sim.run(5.0)
    np.testing.assert_allclose(projection.get("weight", "array"), np.minimum(0.25 + 0.05 * np.outer(pre, post), 0.4))


def test_MD08_oja() -> None:
    projection, pre, post = learned(sim.Oja, tau=100.0, alpha=2.0)
    sim.run(50.0)
    rate, goal = 2.0 * post**2 / 100.0, np.outer(pre, 1 / post) / 2.0
    expected = goal + (0.25 - goal) * np.exp(-50.0 * rate)
    np.testing.assert_allclose(projection.get("weight", "array"), expected, rtol=1e-12)


def test_MD08_ibcm() -> None:
    projection, pre, post = learned(sim.IBCM, eta=0.001, tau=20.0)
    sim.run(30.0)
    t = np.arange(1, 31)[:, None]
    theta = post**2 * (1 - np.exp(-t / 20.0))
    expected = 0.25 + 0.001 * np.outer(pre, (post * (post - theta)).sum(axis=0))
    np.testing.assert_allclose(projection.get("weight", "array"), np.maximum(expected, 0), rtol=1e-10)


def test_equations_are_not_read_before_they_are_needed(tmp_path: Path) -> None:
    code = "import sys, pyNN.annarchy as sim; assert 'sympy' not in sys.modules; sim.Oja; assert 'sympy' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)  # else the checkout hides the package
