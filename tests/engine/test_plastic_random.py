"""Random networks of synapses with state: the same bits however they are run, and what a walk through the spikes says.

Sources and targets are drawn from few cells, so that there are many autapses and many synapses between the same two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from device_network import Network
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import assert_same
from plastic_networks import DT, KINDS, Reference

from pynn_annarchy.native import kernels

N_PLAYER, STEPS = 12, 260
STANDARD = (
    "SpikePair_Additive", "SpikePair_Gutig", "PfisterSpikeTriplet_Additive", "Modulated_SpikePair_Additive",
    "TsodyksMarkram", "StochasticTsodyksMarkram", "Vogels2011_Additive",
)  # fmt: skip
HAND_WRITTEN = tuple(kind for kind in KINDS if kind != "Stochastic")

delay = st.integers(1, 12).flatmap(lambda d: st.tuples(st.just(d), st.sampled_from([0.0, 0.3, 0.5, 1.0])))


@dataclass(frozen=True)
class Case:
    """A network and how it is run."""

    seed: int
    kinds: tuple[str, ...]
    n_cell: int
    n_synapse: int
    delays: tuple[tuple[int, float], ...]  # steps, and the share of them that is dendritic
    modulator_delay: int
    threads: int = 1
    cuts: tuple[int, ...] = ()
    reads: bool = False


def cases(kinds: tuple[str, ...], **how: Any) -> st.SearchStrategy[Case]:
    return st.builds(
        Case,
        seed=st.integers(0, 1000),
        kinds=st.lists(st.sampled_from(kinds), min_size=1, max_size=3).map(tuple),
        n_cell=st.sampled_from([3, 65, 200]),
        n_synapse=st.integers(1, 400),
        delays=st.lists(delay, min_size=1, max_size=4).map(tuple),
        modulator_delay=st.integers(1, 9),
        **how,
    )


class Random:
    """The network of a case, after its run."""

    def __init__(self, case: Case, models: Any, synapse_models: Any) -> None:
        rng = np.random.default_rng(case.seed)
        self.network = network = Network(dt_ms=DT, threads=case.threads, seed=case.seed)
        self.player = network.add_population(models("Player"), N_PLAYER)
        self.player.set_spike_times([np.sort(rng.integers(0, STEPS, rng.integers(0, 30))) * DT for _ in range(12)])
        self.cell = network.add_population(
            models("Lif"), case.n_cell, {"i_offset": rng.uniform(2, 9, case.n_cell), "t_refrac": 0.3}
        )
        self.projections = [self.connect(kind, case, rng, synapse_models) for kind in case.kinds]
        self.records = [p.record_spikes(np.arange(p.size)) for p in (self.player, self.cell)]
        self.input = self.cell.record("isyn_exc", np.arange(case.n_cell))
        self.v = self.cell.record("v", np.arange(case.n_cell))
        signals = [p.record("w", np.arange(0, p.size, 3), 4) for p in self.projections]
        for n in case.cuts:
            network.run(min(n, STEPS - network.step))
            for projection in self.projections if case.reads else ():
                for name in projection.kernel.variables:
                    projection.get_variable(name)
        network.run(STEPS - network.step)
        self.result = [
            *(array for record in self.records for array in record.events()),
            *(signal.samples() for signal in (self.input, self.v, *signals)),
            *(p.get_variable(name) for p in self.projections for name in p.kernel.variables),
        ]

    def connect(self, kind: str, case: Case, rng: np.random.Generator, synapse_models: Any) -> Any:
        kernel = kernels.standard_synapse(kind) if kind in STANDARD else synapse_models(kind)
        n = case.n_synapse
        total, share = np.array(case.delays)[rng.integers(0, len(case.delays), n)].T
        parameters = {"rate": rng.uniform(0.01, 0.5, n)} if "rate" in kernel.parameters else {}
        parameters |= {"w_max": 0.5} if "w_max" in kernel.parameters else {}
        return self.network.add_plastic_projection(
            kernel,
            rng.integers(0, N_PLAYER + case.n_cell, n),
            N_PLAYER + rng.integers(0, min(case.n_cell, 80), n),
            receptor="excitatory",
            parameters=parameters,
            variables={"w": rng.uniform(0.0, 0.4, n)},
            delay_steps=total.astype(int),
            dendritic_steps=np.rint(total * share).astype(int),
            modulator=np.array([1, N_PLAYER]) if kernel.modulated else None,
            modulator_delay_steps=case.modulator_delay,
        )

    def steps(self) -> list[list[int]]:
        """Steps in which each neuron spiked."""
        found: list[list[int]] = [[] for _ in range(N_PLAYER + self.cell.size)]
        for record in self.records:
            for neuron, time in zip(*record.events(), strict=True):
                found[neuron].append(round(time / DT) - 1)
        return found


FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.threaded
@FEW
@given(
    case=cases(
        (*STANDARD, *KINDS),
        threads=st.integers(1, 4),
        cuts=st.lists(st.integers(1, 60), max_size=6).map(tuple),
        reads=st.booleans(),
    )
)
def test_the_same_bits_however_it_is_run(models, synapse_models, case):
    expected = Random(replace(case, threads=1, cuts=(), reads=False), models, synapse_models)
    assert_same(Random(case, models, synapse_models).result, expected.result)


@FEW
@given(case=cases(HAND_WRITTEN, cuts=st.lists(st.integers(1, 60), max_size=3).map(tuple), reads=st.booleans()))
def test_what_a_walk_through_the_spikes_says(models, synapse_models, case):
    made = Random(case, models, synapse_models)
    steps, v = made.steps(), made.v.samples()
    modulator = sorted(steps[1] + steps[N_PLAYER])
    got = np.zeros((STEPS + 20, case.n_cell))
    for projection in made.projections:
        d, back = (np.broadcast_to(x, projection.size) for x in (projection.delay_steps, projection.dendritic_steps))
        w, rate = projection.initial["w"] + np.zeros(projection.size), projection.get_parameter("rate")
        h, x = projection.get_variable("h"), projection.get_variable("x")
        for k in range(projection.size):
            source, target = projection.source[k], projection.target[k]
            synapse = Reference(
                projection.kernel, w[k], rate[k], int(d[k]), int(back[k]), steps[source], steps[target], modulator,
                v[:, target - N_PLAYER], case.modulator_delay,
            )  # fmt: skip
            synapse.run(STEPS)
            np.testing.assert_allclose([h[k], x[k]], [synapse.h, synapse.x_at(STEPS)], rtol=1e-12, atol=1e-300)
            for _, slot, amount in synapse.inputs:
                got[slot, target - N_PLAYER] += amount
    expected = np.zeros((STEPS + 1, case.n_cell))
    for step in range(STEPS):
        expected[step + 1] = expected[step] * math.exp(-DT / 5.0) + got[step]
    np.testing.assert_allclose(made.input.samples(), expected[: len(made.input.samples())], rtol=1e-10, atol=1e-13)
