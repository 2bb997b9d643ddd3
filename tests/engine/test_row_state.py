"""What synapses of one source, or of one target, have in common is kept once: the same bits as with a copy for every
synapse, whatever is written, added or lost in between."""

from __future__ import annotations

import numpy as np
import pytest
from device_network import Network
from hypothesis import given, settings
from hypothesis import strategies as st
from plastic_networks import DT

from pynn_annarchy.native.kernels import standard_synapse, standard_synapse_names
from pynn_annarchy.native.plastic_store import PlasticStore

pytestmark = pytest.mark.cpu  # a device has a copy for every synapse

N_PLAYER, N_CELL, N = 12, 70, 500
EARLY, LATE = "early", "late"
SPLIT = "split"  # a projection of both kinds
AXONAL = {EARLY: [0], LATE: [2, 7], SPLIT: [0, 4]}
APART, BY_ROW, BY_TARGET = range(3)  # what may be kept once


class Learning:
    """Players whose spikes reach cells through synapses that learn, of random delays."""

    def __init__(self, models, model, kind, threads=1, *, times=None, seed=1, back=(1, 3)):
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
        axonal, dendritic = rng.choice(AXONAL[kind], N), rng.choice(back, N)
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
    def sharing(self):
        return [store.by_row + store.by_target for store in self.network.synapses._stores.values()]

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


def limited(patch, most):
    """Keep no more than this once."""
    if most < BY_ROW:
        patch.setattr(PlasticStore, "_alike", lambda self, parameters: False)
    if most < BY_TARGET:
        patch.setattr(PlasticStore, "_may_echo", lambda self: False)


def ran(models, model, kind, change, most, threads=1, back=(1, 3)):
    """The result of a run with a change in the middle, and what was kept once before and after it."""
    with pytest.MonkeyPatch.context() as patch:
        limited(patch, most)
        made = Learning(models, model, kind, threads, back=back)
        made.network.run(403)
        before = made.sharing
        change(made)
        made.network.run(3)
        made.network.run(300)
        return made.result(), before, made.sharing


def assert_same(*results):
    for first, *others in zip(*results, strict=True):
        assert all(np.array_equal(first, other) for other in others)


@pytest.mark.parametrize("kind", [EARLY, LATE, SPLIT])
@pytest.mark.parametrize("model", ["SpikePair_Additive", "PfisterSpikeTriplet_Additive", "TsodyksMarkram"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_same_bits_after_changes(models, model, kind, change):
    apart, _, never = ran(models, model, kind, change, APART)
    once, before, _ = ran(models, model, kind, change, BY_ROW)
    threads, _, _ = ran(models, model, kind, change, BY_ROW, threads=3)
    assert all(before) and not any(never)
    assert_same(apart, once, threads)


@pytest.mark.parametrize("kind", [EARLY, LATE, SPLIT])
@pytest.mark.parametrize("model", ["SpikePair_Additive", "PfisterSpikeTriplet_Additive"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_same_bits_by_target(models, model, kind, change):
    apart, _, _ = ran(models, model, kind, change, APART, back=(2,))
    by_row, rows, _ = ran(models, model, kind, change, BY_ROW, back=(2,))
    once, targets, _ = ran(models, model, kind, change, BY_TARGET, back=(2,))
    threads, _, _ = ran(models, model, kind, change, BY_TARGET, threads=3, back=(2,))
    assert set(rows) == {BY_ROW} and set(targets) == {BY_TARGET}
    assert_same(apart, by_row, once, threads)


@pytest.mark.parametrize(
    "model", sorted(name for name in standard_synapse_names() if name.startswith(("SpikePair", "Vogels", "Pfister")))
)
def test_same_bits_of_every_rule(models, model):
    """A target's spike in the very step of an arrival is after it where there is no dendritic delay."""
    for kind, back in ((EARLY, 1), (LATE, 0), (LATE, 3)):
        results = [ran(models, model, kind, lambda made: None, most, back=(back,)) for most in (APART, BY_TARGET)]
        assert {*results[0][1]} == {APART} and {*results[1][1]} == {BY_TARGET}
        assert_same(results[0][0], results[1][0])


@pytest.mark.parametrize(
    ("change", "shared"),
    # A variable that was written is looked at again with the next layout.
    [(write_one, APART), (write_all, APART), (one_parameter, APART), (all_parameters, BY_ROW), (weights, BY_ROW),
     (more_neurons, BY_ROW), (more_synapses, APART), (fewer_synapses, BY_ROW), (reset, BY_ROW)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)  # fmt: skip
def test_what_ends_it(models, change, shared):
    _, before, after = ran(models, "SpikePair_Additive", EARLY, change, BY_ROW)
    assert before == [BY_ROW]
    assert after == [shared]


def test_memory(models):
    """Additive synapses: w, lane, number and target; by row, y, its time, the target's last spike, how many of them."""
    of_row = 3 * 8 + 8 + 8 + 2 + 8 + 8
    for back, own in (((1, 3), 4 * 8 + 4 * 4 + 2), ((2,), 8 + 3 * 4)):
        made = Learning(models, "SpikePair_Additive", EARLY, back=back)
        made.network.run(10)
        (store,) = made.network.synapses._stores.values()
        assert store.by_row and store.core.n_bytes <= N * own + (N_PLAYER + 2) * (of_row + 8)


@settings(deadline=None, max_examples=25)
@given(
    times=st.lists(st.lists(st.integers(0, 290), max_size=25), min_size=N_PLAYER, max_size=N_PLAYER),
    kind=st.sampled_from([EARLY, LATE, SPLIT]),
    seed=st.integers(0, 1000),
    cut=st.integers(1, 299),
    back=st.sampled_from([(1, 3), (1,), (5,)]),
    model=st.sampled_from(["SpikePair_Additive", "PfisterSpikeTriplet_Additive"]),
)
def test_same_bits_for_any_trains_and_delays(models, times, kind, seed, cut, back, model):
    spikes = [np.sort(np.array(t, float)) * DT for t in times]
    results = []
    for most in (APART, BY_ROW, BY_TARGET):
        with pytest.MonkeyPatch.context() as patch:
            limited(patch, most)
            made = Learning(models, model, kind, times=spikes, seed=seed, back=back)
            made.network.run(300) if most else (made.network.run(cut), made.network.run(300 - cut))
            results.append(made.result())
    assert_same(*results)


@pytest.mark.parametrize("model", ["SpikePair_Additive", "PfisterSpikeTriplet_Additive"])
@pytest.mark.parametrize("back", [1, 4])
def test_same_bits_after_bursts_and_long_silence(models, model, back):
    """More spikes between two arrivals than lie beside each other, and fewer than one in 32,767 steps."""
    burst = np.arange(20, 60)
    hears = [[], burst, [*burst, 34000, 70100], [5, 33000, *(70000 + 3 * burst)], [70020], np.repeat(burst, 2)]
    sends = [[10, 100, 69000, 70200], [58, 70100], [70300], [33500, 33501]]
    found = []
    for most in (APART, BY_TARGET):
        with pytest.MonkeyPatch.context() as patch:
            limited(patch, most)
            network = Network(dt_ms=DT, seed=5)
            source, target = (network.add_population(models("Player", "double"), len(t)) for t in (sends, hears))
            for players, trains in ((source, sends), (target, hears)):
                players.set_spike_times([np.sort(np.array(t, float)) * DT for t in trains])
            i, j = (k.ravel() for k in np.meshgrid(np.arange(len(sends)), len(sends) + np.arange(len(hears))))
            projection = network.add_plastic_projection(
                standard_synapse(model), i, j, receptor="excitatory", variables={"w": 0.3}, delay_steps=back,
                dendritic_steps=back,
            )  # fmt: skip
            network.run(70400)
            (store,) = network.synapses._stores.values()
            assert store.by_row + store.by_target == most
            found.append([projection.get_variable(name) for name in projection.kernel.variables])
    assert np.ptp(found[0][0]) > 0.001
    assert_same(*found)
