"""Plastic synapses against the rules in plain Python, for random spike trains, delays and dendritic fractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from plasticity_reference import (
    Synapse,
    WeightDependence,
    pair_rule,
    triplet_rule,
    tsodyks_markram,
    vogels_rule,
    weight,
)
from pyNN.parameters import Sequence as Times

import pynn_annarchy as sim

DT_MS = 0.125  # a binary fraction: times are exact
TOLERANCE = 1e-9

W_MIN, W_MAX = 0.25, 1.5
DEPENDENCES = {
    "additive": (sim.AdditiveWeightDependence(w_min=W_MIN, w_max=W_MAX), 0.0, 0.0),
    "multiplicative": (sim.MultiplicativeWeightDependence(w_min=W_MIN, w_max=W_MAX), 1.0, 1.0),
    "mixed": (sim.AdditivePotentiationMultiplicativeDepression(w_min=W_MIN, w_max=W_MAX), 0.0, 1.0),
    "Gutig": (sim.GutigWeightDependence(w_min=W_MIN, w_max=W_MAX, mu_plus=0.3, mu_minus=0.7), 0.3, 0.7),
}
PAIR = {"tau_plus": 17.0, "tau_minus": 31.0, "A_plus": 0.06, "A_minus": 0.05}
TRIPLET = {
    "tau_plus": 16.8, "tau_minus": 33.7, "tau_x": 101.0, "tau_y": 125.0,
    "A2_plus": 0.02, "A2_minus": 0.03, "A3_plus": 0.04, "A3_minus": 0.025,
}  # fmt: skip
VOGELS = {"tau": 20.0, "eta": 0.03, "rho": 4.0}
RULES = {
    "pair": (lambda: sim.SpikePairRule(**PAIR), pair_rule(**PAIR)),
    "triplet": (lambda: sim.PfisterSpikeTripletRule(**TRIPLET), triplet_rule(**TRIPLET)),
    "Vogels": (lambda: sim.Vogels2011Rule(**VOGELS), vogels_rule(20.0, 0.03, 4.0)),
}


@dataclass(frozen=True)
class Case:
    """Spikes of sources in steps, spikes that targets are made to emit, delays in steps and their dendritic parts."""

    pre: list[list[int]]
    drive: list[list[int]]
    delays: NDArray[np.int64]
    fractions: NDArray[np.float64]
    end: int

    def synapse(self, i: int, j: int, pre_steps: list[list[int]], post_steps: list[list[int]]) -> Synapse:
        """What the reference wants to know about one pair."""
        dendritic = round(self.fractions[i, j] * self.delays[i, j])
        return Synapse(pre_steps[i], post_steps[j], int(self.delays[i, j]) - dendritic, dendritic, DT_MS)


def trains(count: int, end: int) -> st.SearchStrategy[list[list[int]]]:
    one = st.lists(st.integers(0, end - 1), unique=True, max_size=12).map(sorted)
    return st.lists(one, min_size=count, max_size=count)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    n_pre, n_post, end = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(20, 250))
    size = n_pre * n_post
    delays = draw(st.lists(st.integers(1, 30), min_size=size, max_size=size))
    fraction = st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0]) | st.floats(0, 1)
    fractions = draw(st.lists(fraction, min_size=size, max_size=size))
    return Case(
        pre=draw(trains(n_pre, end)),
        drive=draw(trains(n_post, end)),
        delays=np.array(delays).reshape(n_pre, n_post),
        fractions=np.array(fractions).reshape(n_pre, n_post),
        end=end,
    )


def sources(steps: Sequence[Sequence[int]]) -> Any:
    """Cells that spike in given steps: a spike of step n is at the end of it."""
    times = [Times([(n + 1) * DT_MS for n in train]) for train in steps]
    return sim.Population(len(steps), sim.SpikeSourceArray(spike_times=times))


def spike_steps(population: Any) -> list[list[int]]:
    channels, times = population.get_data("spikes").segments[-1].spiketrains.multiplexed
    steps = np.rint(np.asarray(times, dtype=float) / DT_MS).astype(int) - 1
    return [sorted(steps[np.asarray(channels, dtype=int) == int(cell)].tolist()) for cell in population.all_cells]


def network(case: Case, synapse: Any, threads: int = 1) -> tuple[Any, Any, Any]:
    """Sources, targets that a strong input makes spike, and the plastic projection between them."""
    sim.setup(timestep=DT_MS, min_delay=DT_MS, threads=threads)
    pre, drivers = sources(case.pre), sources(case.drive)
    post = sim.Population(len(case.drive), sim.IF_curr_delta(tau_refrac=DT_MS))
    strong = sim.StaticSynapse(weight=100.0, delay=DT_MS)
    sim.Projection(drivers, post, sim.OneToOneConnector(), strong, receptor_type="excitatory")
    rows = [(i, j, case.delays[i, j] * DT_MS, case.fractions[i, j]) for i, j in np.ndindex(case.delays.shape)]
    connector = sim.FromListConnector(rows, column_names=["delay", "dendritic_delay_fraction"])
    projection = sim.Projection(pre, post, connector, synapse, receptor_type="excitatory")
    pre.record("spikes")
    post.record("spikes")
    return pre, post, projection


def check_weights(case: Case, synapse: Any, rule: Any, bounds: WeightDependence, w0: float, threads: int = 1) -> None:
    pre, post, projection = network(case, synapse, threads)
    for end in (case.end // 3, case.end):  # a look at the weights in between changes nothing
        sim.run_until(end * DT_MS)
        found = projection.get("weight", format="array")
        pre_steps, post_steps = spike_steps(pre), spike_steps(post)
        for i, j in np.ndindex(case.delays.shape):
            one = case.synapse(i, j, pre_steps, post_steps)
            expected = weight(one, end - 1, w0, rule, bounds)
            assert found[i, j] == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE * W_MAX), (i, j, end)


@pytest.mark.parametrize("dependence", DEPENDENCES)
@pytest.mark.parametrize("name", RULES)
@given(case=cases(), threads=st.integers(1, 2))
@settings(max_examples=20, deadline=None)
def test_stdp_is_the_rule(case: Case, threads: int, name: str, dependence: str) -> None:
    make, rule = RULES[name]
    weight_dependence, mu_plus, mu_minus = DEPENDENCES[dependence]
    synapse = sim.STDPMechanism(
        timing_dependence=make(),
        weight_dependence=weight_dependence,
        weight=0.8,
    )
    check_weights(case, synapse, rule, WeightDependence(W_MIN, W_MAX, mu_plus, mu_minus), 0.8, threads)


@given(case=cases())
@settings(max_examples=25, deadline=None)
def test_heterogeneous_parameters_belong_to_their_connections(case: Case) -> None:
    shape = case.delays.shape
    tau_plus = 10.0 + np.arange(case.delays.size).reshape(shape)
    w0 = np.linspace(0.3, 1.2, case.delays.size).reshape(shape)
    synapse = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(**{**PAIR, "tau_plus": 10.0}),
        weight_dependence=sim.AdditiveWeightDependence(w_min=W_MIN, w_max=W_MAX),
        weight=0.8,
    )
    pre, post, projection = network(case, synapse)
    projection.set(tau_plus=tau_plus, weight=w0)
    sim.run_until(case.end * DT_MS)
    found = projection.get("weight", format="array")
    pre_steps, post_steps = spike_steps(pre), spike_steps(post)
    for i, j in np.ndindex(shape):
        one = case.synapse(i, j, pre_steps, post_steps)
        rule = pair_rule(**{**PAIR, "tau_plus": tau_plus[i, j]})
        expected = weight(one, case.end - 1, w0[i, j], rule, WeightDependence(W_MIN, W_MAX, 0.0, 0.0))
        assert found[i, j] == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE)


@given(
    steps=st.lists(st.integers(0, 900), unique=True, min_size=1, max_size=15).map(sorted),
    U=st.floats(0.05, 1.0),
    tau_rec=st.floats(1.0, 500.0),
    tau_facil=st.just(0.0) | st.floats(1.0, 500.0),
    tau_syn=st.floats(0.5, 20.0),
    delay=st.integers(1, 40),
)
@settings(max_examples=80, deadline=None)
def test_tsodyks_markram_is_the_rule(
    steps: list[int], U: float, tau_rec: float, tau_facil: float, tau_syn: float, delay: int
) -> None:
    """The synaptic current is the sum of exponentials with the amplitudes that the reference has."""
    sim.setup(timestep=DT_MS, min_delay=DT_MS)
    pre = sources([steps])
    post = sim.Population(1, sim.IF_curr_exp(tau_syn_E=tau_syn, v_thresh=1e6))
    synapse = sim.TsodyksMarkramSynapse(weight=0.7, delay=delay * DT_MS, U=U, tau_rec=tau_rec, tau_facil=tau_facil)
    sim.Projection(pre, post, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
    post.record("isyn_exc")
    n = 1000
    sim.run(n * DT_MS)
    found = post.get_data("isyn_exc").segments[0].analogsignals[0].magnitude[:, 0]
    times = [(step + 1) * DT_MS for step in steps]
    released = tsodyks_markram(times, U, tau_rec, tau_facil, tau_syn, u0=0.0)
    now = np.arange(n + 1) * DT_MS
    expected = np.zeros(n + 1)
    for time, amount in zip(times, released, strict=True):
        age = now - (time + delay * DT_MS)
        expected += np.where(age >= 0, 0.7 * amount * np.exp(-np.maximum(age, 0) / tau_syn), 0.0)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
