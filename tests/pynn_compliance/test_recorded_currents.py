"""What no other backend records: synaptic currents of current-based cells, gates of the Hodgkin-Huxley cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import quantities as pq
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from pyNN.parameters import Sequence
from scipy.integrate import solve_ivp

import pynn_annarchy as sim

DT_MS = 0.125
TAU_MS = {"excitatory": 3.0, "inhibitory": 7.0}
ARRIVALS_MS = {"excitatory": ([5.0, 6.5, 20.0], 0.75), "inhibitory": ([10.0, 10.125], -0.5)}


def exponential(age: NDArray[np.float64], tau: float) -> NDArray[np.float64]:
    return np.where(age >= 0, np.exp(-np.maximum(age, 0.0) / tau), 0.0)


def alpha(age: NDArray[np.float64], tau: float) -> NDArray[np.float64]:
    """It has its peak of 1 after tau."""
    x = np.maximum(age, 0.0) / tau
    return x * np.exp(1 - x)


def recorded(cells: Any, name: str) -> Any:
    (signal,) = (s for s in cells.get_data().segments[0].analogsignals if s.name == name)
    return signal


@pytest.mark.parametrize(("model", "shape"), [("IF_curr_exp", exponential), ("IF_curr_alpha", alpha)])
def test_synaptic_currents(model: str, shape: Any) -> None:
    sim.setup(timestep=DT_MS, min_delay=DT_MS)
    cell = getattr(sim, model)(tau_syn_E=TAU_MS["excitatory"], tau_syn_I=TAU_MS["inhibitory"], v_thresh=1e6)
    cells = sim.Population(2, cell)
    cells[1:].initialize(isyn_inh=-0.25)
    for receptor, (times, weight) in ARRIVALS_MS.items():
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=Sequence([t - 1.0 for t in times])))
        synapse = sim.StaticSynapse(weight=weight, delay=1.0)
        sim.Projection(source, cells[:1], sim.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record(["isyn_exc", "isyn_inh"], sampling_interval=0.5)
    sim.run(13.2)  # not a multiple of the interval
    sim.run(26.8)
    t = np.arange(0.0, 40.0 + 1e-9, 0.5)
    for receptor, (times, weight) in ARRIVALS_MS.items():
        signal = recorded(cells, f"isyn_{receptor[:3]}")
        assert signal.units == pq.nA and signal.shape == (t.size, 2)
        expected = weight * sum(shape(t - arrival, TAU_MS[receptor]) for arrival in times)
        assert_allclose(signal.magnitude[:, 0], expected, rtol=1e-9, atol=1e-14)
    initial = recorded(cells, "isyn_inh").magnitude[:, 1]
    assert_allclose(initial, -0.25 * np.exp(-t / TAU_MS["inhibitory"]), rtol=1e-12)  # as NEST and NEURON begin


def rates(v: float) -> dict[str, tuple[float, float]]:
    """Opening and closing rates in 1/ms: Traub & Miles (1991), with the potential relative to v_offset = -63 mV."""
    u = v + 63.0
    return {
        "m": (0.32 * (13 - u) / np.expm1((13 - u) / 4), 0.28 * (u - 40) / np.expm1((u - 40) / 5)),
        "h": (0.128 * np.exp((17 - u) / 18), 4 / (1 + np.exp((40 - u) / 5))),
        "n": (0.032 * (15 - u) / np.expm1((15 - u) / 5), 0.5 * np.exp((10 - u) / 40)),
    }


@pytest.mark.parametrize("current", [0.0, 0.6])
def test_gates_of_the_hodgkin_huxley_cell(current: float) -> None:
    sim.setup(timestep=0.01)
    cells = sim.Population(1, sim.HH_cond_exp(i_offset=current))
    begin = {"v": -65.0, "m": 0.05, "h": 0.6, "n": 0.3}
    cells.initialize(**begin)
    cells.record(list(begin), sampling_interval=0.25)
    cells.record("spikes")
    sim.run(30.0)

    def slope(_: float, y: NDArray[np.float64]) -> list[float]:
        v, *gates = y
        m, h, n = gates
        ionic = 20.0 * m**3 * h * (v - 50.0) + 6.0 * n**4 * (v + 90.0) + 0.01 * (v + 65.0)
        each = zip(rates(v).values(), gates, strict=True)
        return [(current - ionic) / 0.2, *(a * (1 - gate) - b * gate for (a, b), gate in each)]

    t = np.arange(0.0, 30.0 + 1e-9, 0.25)
    exact = solve_ivp(slope, (0.0, 30.0), list(begin.values()), "LSODA", t, rtol=1e-11, atol=1e-12)
    assert (len(cells.get_data().segments[0].spiketrains[0]) > 0) == (current > 0.0)
    for name, expected in zip(begin, exact.y, strict=True):
        signal = recorded(cells, name)
        assert signal.units == (pq.mV if name == "v" else pq.dimensionless)
        assert_allclose(signal.magnitude[:, 0], expected, atol=2e-3 if name == "v" else 1e-5)
