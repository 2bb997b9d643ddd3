"""Releases of the stochastic synapses against the Markov chains that they are.

Every target is a cell whose potential hardly leaks and jumps by the weight of what is released, so that each synapse's
releases can be read off at each spike.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pyNN.parameters import Sequence
from scipy import stats
from significance import LEVEL, assert_dispersion, assert_frequencies, assert_uncorrelated

import pynn_annarchy as sim

DT_MS = 0.5
DELAY_MS = 1.0
WEIGHT = 0.5
SYNAPSES = 4000
TIMES_MS = np.cumsum([10.0, 5.0, 20.0, 5.0, 5.0, 100.0, 30.0, 5.0, 60.0, 2.0])


def releases(synapse: Any, times_ms: NDArray[np.float64], seed: int = 3, threads: int = 1) -> NDArray[np.float64]:
    """What each synapse [column] released at each spike [row], in weights."""
    sim.setup(timestep=DT_MS, min_delay=DELAY_MS, seed=seed, threads=threads)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=Sequence(times_ms)))
    cells = sim.Population(SYNAPSES, sim.IF_curr_delta(tau_m=1e12, v_thresh=1e9, v_rest=0.0), initial_values={"v": 0.0})
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
    cells.record("v", sampling_interval=DT_MS)
    sim.run(float(times_ms[-1]) + DELAY_MS + DT_MS)
    v = cells.get_data("v").segments[0].analogsignals[0].magnitude
    arrival = np.rint((times_ms + DELAY_MS) / DT_MS).astype(int)
    return (v[arrival] - v[arrival - 1]) / WEIGHT


def available(U: float, tau_rec: float, tau_facil: float) -> list[tuple[float, float]]:
    """For each spike the release probability u, and the probability that a site has recovered by then."""
    u, recovered, last = 0.0, 1.0, float(TIMES_MS[0])
    chain = []
    for now in TIMES_MS:
        age = float(now) - last
        u = U if tau_facil == 0 else U + u * (1 - U) * math.exp(-age / tau_facil)
        recovered = 1 - (1 - recovered) * math.exp(-age / tau_rec)
        chain.append((u, recovered))
        recovered *= 1 - u
        last = float(now)
    return chain


def assert_binomial(counts: NDArray[np.float64], n: int, p: float) -> None:
    """Each count is a sum of n trials with probability p: tests the total and, where n > 1, the frequencies."""
    whole = np.rint(counts).astype(int)
    assert np.abs(counts - whole).max() < 1e-6
    total = stats.binomtest(int(whole.sum()), n * whole.size, p)
    assert total.pvalue > LEVEL, f"{whole.mean() / n:.4f} of the sites, expected are {p:.4f}: p = {total.pvalue:.2g}"
    if n > 1:
        assert_frequencies(whole, stats.binom(n, p))


@pytest.mark.parametrize("p", [0.05, 0.5, 0.9])
def test_simple_stochastic_transmits_with_its_probability(p: float) -> None:
    released = releases(sim.SimpleStochasticSynapse(weight=WEIGHT, delay=DELAY_MS, p=p), TIMES_MS)
    for row in released:
        assert_binomial(row, 1, p)


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_simple_stochastic_at_the_ends_is_certain(p: float) -> None:
    released = releases(sim.SimpleStochasticSynapse(weight=WEIGHT, delay=DELAY_MS, p=p), TIMES_MS)
    np.testing.assert_allclose(released, p, atol=1e-9)


def test_each_connection_has_its_own_probability() -> None:
    p = np.tile([0.1, 0.8], SYNAPSES // 2)
    released = releases(sim.SimpleStochasticSynapse(weight=WEIGHT, delay=DELAY_MS, p=p[np.newaxis, :]), TIMES_MS)
    for row in released:
        assert_binomial(row[p == 0.1], 1, 0.1)
        assert_binomial(row[p == 0.8], 1, 0.8)


@pytest.mark.parametrize(("tau_rec", "tau_facil"), [(50.0, 0.0), (100.0, 40.0), (5.0, 300.0)])
def test_stochastic_tsodyks_markram_is_its_chain(tau_rec: float, tau_facil: float) -> None:
    synapse = sim.StochasticTsodyksMarkramSynapse(
        weight=WEIGHT, delay=DELAY_MS, U=0.4, tau_rec=tau_rec, tau_facil=tau_facil
    )
    for row, (u, recovered) in zip(releases(synapse, TIMES_MS), available(0.4, tau_rec, tau_facil), strict=True):
        assert_binomial(row, 1, u * recovered)


@pytest.mark.parametrize("n", [1, 5, 12])
@pytest.mark.parametrize(("tau_rec", "tau_facil"), [(80.0, 0.0), (100.0, 40.0)])
def test_multi_quantal_is_a_chain_for_each_site(n: int, tau_rec: float, tau_facil: float) -> None:
    synapse = sim.MultiQuantalSynapse(weight=WEIGHT, delay=DELAY_MS, U=0.3, n=n, tau_rec=tau_rec, tau_facil=tau_facil)
    for row, (u, recovered) in zip(releases(synapse, TIMES_MS), available(0.3, tau_rec, tau_facil), strict=True):
        assert_binomial(row * n, n, u * recovered)


def test_synapses_and_spikes_are_independent() -> None:
    released = releases(sim.SimpleStochasticSynapse(weight=WEIGHT, delay=DELAY_MS, p=0.3), TIMES_MS)
    assert_uncorrelated(released[:, :-1], released[:, 1:])  # of neighbours
    assert_uncorrelated(released[:-1], released[1:])  # of successive spikes
    assert_dispersion_of_totals(released, 0.3)


def assert_dispersion_of_totals(released: NDArray[np.float64], p: float) -> None:
    """Totals over spikes are binomial; thinned to rare events they disperse as Poisson counts do."""
    assert_frequencies(np.rint(released).sum(axis=0).astype(int), stats.binom(released.shape[0], p))
    rare = np.rint(releases(sim.SimpleStochasticSynapse(weight=WEIGHT, delay=DELAY_MS, p=0.002), TIMES_MS))
    assert_dispersion(rare.sum(axis=1), 0.002 * SYNAPSES)


def test_several_spikes_in_one_step_are_drawn_for_one_by_one() -> None:
    """A source of several events a step: the number released is binomial, not all or nothing."""
    sim.setup(timestep=1.0, min_delay=1.0, seed=5)
    source = sim.Population(1, sim.SpikeSourcePoisson(rate=20000.0))
    cells = sim.Population(SYNAPSES, sim.IF_curr_delta(tau_m=1e12, v_thresh=1e9, v_rest=0.0), initial_values={"v": 0.0})
    synapse = sim.SimpleStochasticSynapse(weight=WEIGHT, delay=1.0, p=0.3)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
    source.record("spikes")
    cells.record("v")
    sim.run(12.0)
    times = source.get_data("spikes").segments[0].spiketrains[0].magnitude
    emitted = np.bincount(np.ceil(times - 1e-9).astype(int), minlength=12)
    v = cells.get_data("v").segments[0].analogsignals[0].magnitude
    for boundary in range(2, 12):
        released = (v[boundary] - v[boundary - 1]) / WEIGHT
        assert_binomial(released, int(emitted[boundary - 1]), 0.3)


def test_the_seed_decides_and_the_threads_do_not() -> None:
    synapse = sim.StochasticTsodyksMarkramSynapse(weight=WEIGHT, delay=DELAY_MS, U=0.4, tau_rec=50.0, tau_facil=20.0)
    first = releases(synapse, TIMES_MS, seed=3, threads=1)
    np.testing.assert_array_equal(first, releases(synapse, TIMES_MS, seed=3, threads=3))
    assert (first != releases(synapse, TIMES_MS, seed=4, threads=1)).any()
