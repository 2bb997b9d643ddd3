"""What synapses of one source have in common is kept once: the same bits as with a copy for every synapse, whatever is
written, added or lost in between."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plastic_networks import DT

from pynn_annarchy.native.kernels import standard_synapse
from pynn_annarchy.native.network import Network
from pynn_annarchy.native.plastic_store import PlasticStore

N_PLAYER, N_CELL, N = 12, 70, 500
EARLY, LATE = "early", "late"
SPLIT = "split"  # a projection of both kinds
AXONAL = {EARLY: [0], LATE: [2, 7], SPLIT: [0, 4]}


class Learning:
    """Players whose spikes reach cells through synapses that learn, of random delays."""

    def __init__(self, models, model, kind, threads=1, *, times=None, seed=1):
        rng = self.rng = np.random.default_rng(seed)
        self.network = network = Network(dt_ms=DT, threads=threads, seed=5)
        self.models = models
        self.player = network.add_population(models("Player", "double"), N_PLAYER)
        self.cell = network.add_population(
            models("Lif", "double"),
            N_CELL,
            {"i_offset": rng.uniform(0.9, 1.3, N_CELL)},
            {"v": rng.uniform(0, 15, N_CELL)},
        )
        drawn = [np.sort(np.rint(rng.uniform(0, 900, 40)) * DT) for _ in range(N_PLAYER)]
        drawn[0] = np.repeat(drawn[0], 2)  # more than one in a step
        self.player.set_spike_times(drawn if times is None else times)
        axonal, dendritic = rng.choice(AXONAL[kind], N), rng.choice([1, 3], N)
        self.projection = network.add_plastic_projection(
            standard_synapse(model),
            rng.integers(0, N_PLAYER, N),
            N_PLAYER + rng.integers(0, N_CELL, N),
            receptor="excitatory",
            variables={"w": rng.uniform(0.0, 0.05, N)},
            delay_steps=axonal + dendritic,
            dendritic_steps=dendritic,
        )
        self.input = self.cell.record("isyn_exc", np.arange(N_CELL))

    @property
    def by_row(self):
        return [store.by_row for store in self.network.synapses._stores.values()]

    def result(self):
        kept = self.projection.kernel.variables
        return [self.input.samples(), *(self.projection.get_variable(name) for name in kept)]


def write_one(made):
    name = "x" if "x" in made.projection.kernel.variables else "r1"
    made.projection.set_variable(name, 0.7, [3])


def write_all(made):
    name = "x" if "x" in made.projection.kernel.variables else "r1"
    made.projection.set_variable(name, 0.7)


def one_parameter(made):
    made.projection.set_parameter(next(iter(made.projection.kernel.parameters)), 11.0, [5])


def all_parameters(made):
    for name, value in made.projection.kernel.parameters.items():
        made.projection.set_parameter(name, value * 1.25)


def weights(made):
    made.projection.set_variable("w", np.linspace(0.0, 0.04, made.projection.size))


def other_delays(made):
    where = np.arange(0, made.projection.size, 3)
    made.projection.set_delay(9, 2, where)


def more_neurons(made):
    made.network.add_population(made.models("Lif", "double"), 100)


def more_synapses(made):
    made.projection.create(
        np.arange(N_PLAYER), np.full(N_PLAYER, N_PLAYER + 5), parameters={}, variables={"w": 0.02}, delay_steps=3,
        dendritic_steps=3,
    )  # fmt: skip


def fewer_synapses(made):
    made.projection.prune(np.arange(0, made.projection.size, 7))


def lost(made):
    made.cell.clear_input()


def reset(made):
    made.network.reset()


CHANGES = [write_one, write_all, one_parameter, all_parameters, weights, other_delays, more_neurons, more_synapses,
           fewer_synapses, lost, reset]  # fmt: skip


def ran(models, model, kind, change, once, threads=1):
    """The result of a run with a change in the middle, and whether rows were shared before and after it."""
    with pytest.MonkeyPatch.context() as patch:
        if not once:
            patch.setattr(PlasticStore, "_alike", lambda self: False)
        made = Learning(models, model, kind, threads)
        made.network.run(403)
        before = made.by_row
        change(made)
        made.network.run(3)
        made.network.run(300)
        return made.result(), before, made.by_row


@pytest.mark.parametrize("kind", [EARLY, LATE, SPLIT])
@pytest.mark.parametrize("model", ["SpikePair_Additive", "PfisterSpikeTriplet_Additive", "TsodyksMarkram"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_same_bits_after_changes(models, model, kind, change):
    apart, _, never = ran(models, model, kind, change, once=False)
    once, before, _ = ran(models, model, kind, change, once=True)
    threads, _, _ = ran(models, model, kind, change, once=True, threads=3)
    assert all(before) and not any(never)
    for a, b, c in zip(apart, once, threads, strict=True):
        assert np.array_equal(a, b) and np.array_equal(a, c)


@pytest.mark.parametrize(
    ("change", "shared"),
    # A variable that was written is looked at again with the next layout.
    [(write_one, False), (write_all, False), (one_parameter, False), (all_parameters, True), (weights, True),
     (more_neurons, True), (more_synapses, False), (fewer_synapses, True), (reset, True)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)  # fmt: skip
def test_what_ends_it(models, change, shared):
    _, before, after = ran(models, "SpikePair_Additive", EARLY, change, once=True)
    assert before == [True]
    assert after == [shared]


def test_memory(models):
    """Additive synapses: w and y, their time, the target's last spike, how many were taken; lane, number and target."""
    made = Learning(models, "SpikePair_Additive", EARLY)
    made.network.run(10)
    (store,) = made.network.synapses._stores.values()
    per_row = 3 * 8 + 8 + 8 + 2 + 8 + 8
    assert store.by_row and store.core.n_bytes <= N * (4 * 8 + 4 * 4 + 2) + (N_PLAYER + 2) * per_row


@settings(deadline=None, max_examples=25)
@given(
    times=st.lists(st.lists(st.integers(0, 290), max_size=25), min_size=N_PLAYER, max_size=N_PLAYER),
    kind=st.sampled_from([EARLY, LATE, SPLIT]),
    seed=st.integers(0, 1000),
    cut=st.integers(1, 299),
)
def test_same_bits_for_any_trains_and_delays(models, times, kind, seed, cut):
    spikes = [np.sort(np.array(t, float)) * DT for t in times]
    results = []
    for once in (True, False):
        with nullcontext() if once else pytest.MonkeyPatch.context() as patch:
            if patch is not None:
                patch.setattr(PlasticStore, "_alike", lambda self: False)
            made = Learning(models, "SpikePair_Additive", kind, times=spikes, seed=seed)
            made.network.run(300) if once else (made.network.run(cut), made.network.run(300 - cut))
            results.append(made.result())
    for a, b in zip(*results, strict=True):
        assert np.array_equal(a, b)
