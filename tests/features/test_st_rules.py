"""Structural plasticity by rules of the synapse type."""

from __future__ import annotations

import numpy as np
import pyNN.annarchy as sim
import pytest
from pyNN import errors

from pynn_annarchy import structure_rules

from .structure_runs import RULED, driven, rates


@pytest.mark.parametrize("threads", [1, 2])
def test_ST02_age_of_connections_that_are_not_used(threads: int) -> None:
    Ageing = sim.Synapse(
        "T = 3.0 : projection", "age = if pre.r*post.r > 1.0: 0 else: age + 1", pruning="age > T", name="Ageing"
    )
    sim.setup(timestep=1.0, threads=threads)
    source, target = rates([0.0, 2.0]), rates([3.0, 0.0], drive=0.0)
    made = sim.Projection(source, target, sim.AllToAllConnector(), Ageing(weight=0.0), receptor_type="exc")
    sim.run(2.0)
    assert len(made) == 4
    made.start_pruning()
    sim.run(2.0)  # ages are 4 at the end, which is looked at when the next run begins
    assert len(made) == 4
    sim.run(1.0)
    assert made.get("age", "list") == [(1, 0, 0.0)]
    made.stop_pruning()
    source.set(base=0.0)
    sim.run(10.0)
    assert len(made) == 1


def test_ST02_a_spiking_synapse_is_pruned_by_its_trace() -> None:
    Weak = sim.Synapse("tau = 10.0", "tau*dx/dt = -x : event-driven", pre_spike="g_target += w; x += 1",
                       pruning="x < 0.5")  # fmt: skip
    _, _, made = driven(Weak(weight=1.0, delay=1.0), [[1], [4], []], 2, 1.0)
    made.start_pruning(period=11.0)  # x of 0: exp(-(11 - 2)/10) = 0.41, of 1: exp(-(11 - 5)/10) = 0.55
    sim.run(12.0)
    assert made.get([], "list") == [(1, 0), (1, 1)]
    assert made.get("x", "list")[0][2] == pytest.approx(np.exp(-0.7), rel=1e-14)


@pytest.mark.parametrize("dt", [1.0, 0.1])
def test_ST02_ST03_probabilities_and_reproducibility(dt: float) -> None:
    def outcome(seed: int, threads: int, chunk: int = 1 << 20) -> list[tuple[int, int]]:
        sim.setup(timestep=dt, seed=seed, threads=threads, min_delay=dt, max_delay=10 * dt)
        source, target = rates([1.0] * 100), rates([0.0] * 200, drive=0.0)
        half = sim.FixedProbabilityConnector(0.5, rng=sim.NumpyRNG(seed=3))
        made = sim.Projection(source, target, half, RULED()(weight=0.01), receptor_type="exc")
        known = set(made.get([], "list"))
        made.start_pruning(2 * dt)
        made.start_creating(2 * dt)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(structure_rules, "_PAIRS_AT_ONCE", chunk)
            sim.run(2 * dt)
            assert set(made.get([], "list")) == known
            sim.run(dt)
        found = made.get(["weight", "delay"], "list")
        now = {(i, j) for i, j, *_ in found}
        pruned, created = known - now, now - known
        # 0.3 of 10000, then 0.2 of those that are missing then: five standard deviations
        assert abs(len(pruned) - 0.3 * len(known) * 0.8) < 5 * np.sqrt(0.24 * len(known))
        assert abs(len(created) - 0.2 * (20000 - len(known))) < 5 * np.sqrt(0.16 * 10000)
        new = [(w, d) for i, j, w, d in found if (i, j) in created]
        weights = np.array([w for w, _ in new])
        assert all(d == pytest.approx(3 * dt) for _, d in new)
        assert abs(weights.mean() - 0.5) < 5 / np.sqrt(12 * len(new)) and weights.min() > 0 and weights.max() < 1
        return found

    first = outcome(5, 1)
    assert outcome(5, 2) == first and outcome(5, 1, chunk=777) == first
    assert outcome(6, 1) != first


def test_ST03_where_both_are_active() -> None:
    Active = sim.Synapse(creating="pre.r*post.r > 0.5 : proba=1.0, w=0.25*pre.r, d=1.0 + post.base", name="Active")
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=10.0)
    source, target = rates([1.0, 0.0, 2.0]), rates([0.0, 1.0, 2.0], drive=0.0)
    made = sim.Projection(source, target, sim.OneToOneConnector(), Active(weight=1.0, delay=1.0), receptor_type="exc")
    made.start_creating(3.0)
    sim.run(4.0)
    assert made.get(["weight", "delay"], "list") == [
        (0, 0, 1.0, 1.0), (0, 1, 0.25, 2.0), (0, 2, 0.25, 3.0), (1, 1, 1.0, 1.0), (2, 1, 0.5, 2.0), (2, 2, 1.0, 1.0),
    ]  # fmt: skip
    made.stop_creating()
    made.prune_synapse(0, 1)
    sim.run(10.0)
    assert len(made) == 5


def test_ST03_reads_standard_cells_sums_reductions_functions_and_constants() -> None:
    bound = sim.Constant("bound", 1.0)
    Made = sim.Synapse(
        "theta = 0.5 : projection",
        functions="above(x, y) = x - y",
        pre_spike="g_target += w",
        creating="above(post.v, mean(post.v)) > bound*theta and post.tau_m < 15 : w=theta",
    )
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=10.0)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[]))
    cells = sim.Population(
        4, sim.IF_curr_exp(tau_m=[10.0, 20.0, 10.0, 10.0], v_rest=-65.0), initial_values={"v": -65.0}
    )
    cells.initialize(v=[-60.0, -60.0, -65.0, -65.0])
    made = sim.Projection(source, cells, sim.FixedProbabilityConnector(0.0), Made(delay=1.0))
    made.start_creating()
    sim.run(2.0)
    assert made.get("weight", "list") == [(0, 0, 0.5)]
    bound.set(1e6)
    made.prune_synapse(0, 0)
    sim.run(2.0)
    assert len(made) == 0


def test_ST03_no_connections_of_cells_with_themselves_unless_the_connector_allows_them() -> None:
    for allowed in (False, True):
        sim.setup(timestep=1.0)
        cells = rates([1.0] * 4)
        empty = sim.FixedProbabilityConnector(0.0, allow_self_connections=allowed)
        made = sim.Projection(cells, cells[1:], empty, sim.Synapse(creating="True : w=0")(), receptor_type="exc")
        made.start_creating()
        sim.run(2.0)
        assert len(made) == (12 if allowed else 9)


def test_ST02_ST03_rules_are_read_when_the_class_is_made() -> None:
    wrong = {
        "pruning": {
            "agee > 3": "unknown symbol 'agee' in line 1, did you mean 'age'",
            "age": "a condition is expected",
            "age > 3 : proba=2": "no probability",
            "age > 3 : w=0.1": "unknown flag 'w'",
            "age > 3 : proba": "needs a value",
            "age > Gamma(1.0, 2.0)": "GammaVariate",
            "age > 1; age > 2": "a single condition",
        },
        "creating": {
            "age > 3": "what is missing has none",
            "w > 3": "what is missing has none",
            "pre.r > 1 : age": "needs a value",
            "pre.r > 1 : w=1, w=2": "given twice",
            "pre.r > 1 : probability=1": "unknown flag 'probability'",
        },
    }
    for part, texts in wrong.items():
        for text, reason in texts.items():
            with pytest.raises(ValueError, match=reason):
                sim.Synapse("T = 1.0", "age = age + 1", **{part: text})
    sim.setup(timestep=1.0)
    cells = rates([1.0] * 2)
    made = sim.Projection(
        cells, cells, sim.AllToAllConnector(), sim.Synapse(pruning="pre.x > 1")(), receptor_type="exc"
    )
    with pytest.raises(ValueError, match="has no rule of creating"):
        made.start_creating()
    with pytest.raises(ValueError, match=r"period=0\.5 ms is not a multiple"):
        made.start_pruning(0.5)
    made.start_pruning()
    with pytest.raises(errors.ConnectionError, match=r"pre\.x: Neuron has sum\(exc\), r, base, drive"):
        sim.run(2.0)


def test_ST02_users_switches_of_callbacks_are_not_for_rules() -> None:
    sim.setup(timestep=1.0)
    cells = rates([1.0] * 2)
    made = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.Synapse(pruning="t > 4")(), receptor_type="exc")
    made.start_pruning(2.0)
    sim.clear_all_callbacks()
    sim.disable_callbacks()
    sim.run(6.0)
    assert len(made) == 4
    sim.run(1.0)
    assert len(made) == 0
