"""Structural plasticity by hand, with delays and every operation; rules are in test_st_rules.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from pyNN import errors

from .structure_runs import driven, rates, traces

KINDS = {
    "static": lambda: sim.StaticSynapse(weight=1.0, delay=2.0),
    "depressing": lambda: sim.TsodyksMarkramSynapse(U=0.5, tau_rec=50.0, tau_facil=20.0, weight=1.0, delay=2.0),
    "stochastic": lambda: sim.SimpleStochasticSynapse(p=0.5, weight=1.0, delay=2.0),
    "dendritic": lambda: stdp(1.0),
    "axonal": lambda: stdp(0.0),
    "user": lambda: sim.Synapse(
        "tau = 10.0 : projection; gain = 1.0",
        "tau*dx/dt = -x : event-driven; n = n + 1",
        pre_spike="g_target += gain*w; x += 1; w += 0.01*x",
        post_spike="w -= 0.005*x",
    )(weight=1.0, delay=2.0),
}


def stdp(fraction: float) -> Any:
    return sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(tau_plus=10.0, tau_minus=10.0, A_plus=0.01, A_minus=0.012),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=2.0),
        weight=1.0,
        delay=2.0,
        dendritic_delay_fraction=fraction,
    )


# ---- ST01: by hand ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("dt", [1.0, 0.1])
def test_ST01_what_is_on_its_way_arrives_and_nothing_after(dt: float, threads: int) -> None:
    pairs = sim.FromListConnector([(0, 0), (1, 1), (1, 129), (2, 2)])
    synapse = sim.StaticSynapse(weight=1.0, delay=3 * dt)
    _, target, static = driven(synapse, [[2, 10]] * 3, 130, dt, threads, connector=pairs)
    sim.run(4 * dt)  # the spikes of 2 arrive at 5, and are counted in the step after
    static.prune_synapse(1, 129)
    static.create_synapse([0, 2], [1, 0], weight=[5.0, 7.0], delay=2 * dt)
    sim.run(16 * dt)
    got = traces(target, "got")
    assert got[5].sum() == 0 and got[6, [0, 1, 2, 129]].tolist() == [1.0] * 4
    assert got[-1, [0, 1, 2, 129]].tolist() == [2 + 7, 2 + 5, 2, 1]
    assert np.diff(got[:, 0])[[12, 13]].tolist() == [7.0, 1.0]  # what arrives at 12 and 13


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("threads", [1, 2])
def test_ST01_other_connections_go_on_as_if_nothing_had_happened(kind: str, threads: int) -> None:
    trains = [[3 + k, 9, 14 + 2 * k, 23, 31] for k in range(5)]

    def weights(changed: bool) -> tuple[dict[tuple[int, int], list[Any]], np.ndarray]:
        _, target, made = driven(
            KINDS[kind](), trains, 140, 1.0, threads, targets=[[6, 15, 26]] * 140, chance=0.4, seed=7
        )
        names = [name for name in made._readable if name != "dendritic_delay_fraction"]
        sim.run(10.0)
        if changed:
            pairs = {(i, j) for i, j in made.get([], "list")}
            gone = sorted(pair for pair in pairs if pair[1] % 3 == 0)
            new = sorted((i, j) for i in range(5) for j in range(1, 140, 3) if (i, j) not in pairs)
            made.prune_synapse(*np.transpose(gone))
            made.create_synapse(*np.transpose(new), weight=0.25)
            assert len(made) == len(pairs) - len(gone) + len(new)
            listed = made.get([], "list")
            assert listed == sorted((pairs - set(gone)) | set(new))
        sim.run(8.0)
        if changed:
            made.prune_synapse(*np.transpose(new[::2]))
        sim.run(17.0)
        found = {(i, j): values for i, j, *values in made.get(names, "list")}
        return found, traces(target, "got")

    changed, got = weights(True)
    same, before = weights(False)
    kept = [pair for pair in same if pair[1] % 3 != 0]
    assert len(kept) > 100 and all(changed[pair] == same[pair] for pair in kept)
    assert got[:, 2::3].tolist() == before[:, 2::3].tolist()  # targets of which no connection has changed


@pytest.mark.parametrize("kind", ["dendritic", "axonal", "depressing", "user"])
def test_ST01_a_new_connection_is_one_to_which_nothing_has_happened(kind: str) -> None:
    """It ends as one does that was there from the beginning of a network without earlier spikes."""
    pre, post = [[2, 9, 14, 23]] * 2, [[6, 8, 15, 26]] * 2
    _, target, made = driven(KINDS[kind](), pre, 2, 1.0, targets=post, connector=sim.OneToOneConnector())
    sim.run(10.0)
    made.create_synapse(0, 1)
    names = [name for name in made._readable if name != "dendritic_delay_fraction"]
    sim.run(30.0)
    found = {(i, j): values for i, j, *values in made.get(names, "list")}
    got = traces(target, "got")[-1, 1] - traces(target, "got")[-1, 0]
    late = [[t for t in train if t > 10] for train in pre], [[t for t in train if t > 10] for train in post]
    _, target, made = driven(KINDS[kind](), late[0], 2, 1.0, targets=late[1], connector=sim.OneToOneConnector())
    sim.run(40.0)
    alone = {(i, j): values for i, j, *values in made.get(names, "list")}
    if kind == "user":  # it counts steps
        n = names.index("n")
        assert alone[0, 0][n] - found[0, 1][n] == 10.0
        alone[0, 0][n] = found[0, 1][n]
    assert found[0, 1] == pytest.approx(alone[0, 0], rel=1e-12)
    assert got == pytest.approx(traces(target, "got")[-1, 0], rel=1e-12)


@pytest.mark.parametrize(("kind", "arrives"), [("dendritic", 1.0), ("axonal", 0.0), ("depressing", 0.5)])
def test_ST01_a_spike_that_has_not_reached_a_pruned_connection_is_lost(kind: str, arrives: float) -> None:
    _, target, made = driven(KINDS[kind](), [[3]], 2, 1.0)
    sim.run(4.0)  # sent at 3, in the target at 5; half way it is at the connection, or past it
    made.prune_synapse(0, 0)
    sim.run(6.0)
    assert traces(target, "got")[-1].tolist() == [arrives, max(arrives, 1.0 if kind == "axonal" else 0.0)]


def test_ST01_values_read_between_a_change_and_the_next_run_are_those_of_now() -> None:
    _, _, made = driven(KINDS["user"](), [[2, 5]] * 3, 4, 1.0)
    sim.run(9.0)
    before = made.get(["weight", "x", "n"], "array")
    made.prune_synapse([0, 2], [3, 1])
    after = made.get(["weight", "x", "n"], "array")
    for old, new in zip(before, after, strict=True):
        assert np.isnan(new[[0, 2], [3, 1]]).all()
        new[[0, 2], [3, 1]] = old[[0, 2], [3, 1]]
        assert new.tolist() == old.tolist()
    made.initialize(x=3.0)
    assert set(np.array(made.get("x", "list", with_address=False))) == {3.0}


def test_ST01_errors_change_nothing() -> None:
    _, _, made = driven(sim.StaticSynapse(weight=1.0, delay=2.0), [[2]] * 3, 4, 1.0, connector=sim.OneToOneConnector())
    before = made.get(["weight", "delay"], "list")
    with pytest.raises(errors.ConnectionError, match="cell 1 is connected to cell 1 already"):
        made.create_synapse([0, 1], [1, 1])
    with pytest.raises(errors.ConnectionError, match="cell 0 to cell 2 is asked for twice"):
        made.create_synapse([0, 0], [2, 2])
    with pytest.raises(errors.ConnectionError, match="cell 0 is not connected to cell 2"):
        made.prune_synapse([1, 0], [1, 2])
    with pytest.raises(IndexError, match="pre=3; allowed are 0 to 2"):
        made.create_synapse(3, 0)
    with pytest.raises(IndexError, match="post=-1; allowed are 0 to 3"):
        made.prune_synapse(0, -1)
    with pytest.raises(errors.ConnectionError, match="70000"):
        made.create_synapse(0, 3, delay=70000.0)
    with pytest.raises(errors.InvalidWeightError, match="nan"):
        made.create_synapse(0, 3, weight=np.nan)
    with pytest.raises(errors.NonExistentParameterError, match="speed"):
        made.create_synapse(0, 3, speed=2.0)
    with pytest.raises(errors.InvalidDimensionsError, match="3 values for 2"):
        made.create_synapse([0, 1], [3, 3], weight=[1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match=r"pre=0\.5"):
        made.create_synapse(0.5, 3)
    with pytest.raises(ValueError, match="2 sources for 3 targets"):
        made.prune_synapse([0, 1], [0, 1, 2])
    assert made.get(["weight", "delay"], "list") == before and made.structure_changes == 0


def test_ST01_gap_junctions_stay() -> None:
    sim.setup(timestep=1.0)
    cells = sim.Population(2, sim.IF_curr_exp())
    made = sim.Projection(cells[:1], cells[1:], sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.01))
    with pytest.raises(NotImplementedError, match="gap junctions"):
        made.prune_synapse(0, 0)


def test_ST01_all_of_a_pair_are_pruned_and_default_values_are_the_types() -> None:
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=5.0)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[2.0]))
    target = sim.Population(2, sim.IF_curr_exp())
    pairs = [(0, 0), (0, 0), (1, 1)]
    made = sim.Projection(source, target, sim.FromListConnector(pairs), sim.StaticSynapse(weight=0.5, delay=3.0))
    made.prune_synapse(0, 0)
    assert made.get(["weight", "delay"], "list") == [(1, 1, 0.5, 3.0)]
    made.create_synapse(1, 0, weight=sim.RandomDistribution("uniform", (1.0, 2.0)))
    (i, j, weight, delay), kept = made.get(["weight", "delay"], "list")
    assert (i, j, delay) == (1, 0, 3.0) and 1.0 < weight < 2.0 and kept == (1, 1, 0.5, 3.0)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_ST01_from_nothing_to_nothing(kind: str, threads: int) -> None:
    _, target, made = driven(KINDS[kind](), [[2, 6, 10]] * 2, 70, 1.0, threads, chance=0.0)
    assert len(made) == 0
    sim.run(4.0)
    made.create_synapse(1, 69, weight=2.0)
    sim.run(4.0)
    made.prune_synapse(1, 69)
    assert len(made) == 0 and made.get("weight", "list") == []
    sim.run(8.0)
    made.create_synapse(0, 0)
    sim.run(4.0)
    got = traces(target, "got")
    assert np.flatnonzero(got[-1]).tolist() in ([69], [])  # nothing else is ever sent
    if kind != "stochastic":
        assert got[-1, 69] > 0


def test_ST01_views_callbacks_dendrites_and_single_connections() -> None:
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=5.0)
    source, target = rates([1.0, 2.0, 4.0, 8.0]), rates([0.0] * 5)
    made = sim.Projection(
        source[[3, 1]], target[1:4], sim.OneToOneConnector(), sim.Synapse()(weight=1.0, delay=1.0), receptor_type="exc"
    )
    target.record("r")
    first, dendrite = made[0], made.dendrite(2)
    assert dendrite.size == 0

    @sim.every(period=5.0, offset=2.0)
    def change(n: int) -> None:
        if n == 0:
            made.create_synapse(0, 2, weight=0.5)
        else:
            dendrite.prune_synapse(0)
            dendrite.create_synapse(1, weight=3.0)

    sim.run(10.0)
    assert made.get("weight", "list") == [(0, 0, 1.0), (1, 1, 1.0), (1, 2, 3.0)]
    r = traces(target, "r")
    assert r[2].tolist() == [0, 8, 2, 0, 0]
    assert r[4].tolist() == [0, 8, 2, 0.5 * 8, 0]
    assert r[9].tolist() == [0, 8, 2, 3.0 * 2, 0]
    assert dendrite.pre_ranks == [1] and dendrite.w.tolist() == [3.0]
    with pytest.raises(errors.ConnectionError, match="ask for it again"):
        _ = first.weight
    assert made[0].weight == 1.0 and [c.postsynaptic_index for c in made.connections] == [0, 1, 2]


def test_ST01_what_is_recorded_goes_on_and_is_nan_for_what_is_gone() -> None:
    _, _, made = driven(KINDS["user"](), [[2, 5, 8]] * 2, 2, 1.0)
    made.record(["n", "weight"])
    monitor = sim.Monitor(made, ["n", "gain"])
    sim.run(3.0)
    made.prune_synapse(0, 1)
    made.create_synapse(0, 1, gain=4.0)
    sim.run(2.0)
    made.record("n")  # the new one, too
    sim.run(1.0)
    old, new = (s for s in made.get_data().segments[0].analogsignals if s.name == "n")
    ends = [tuple(int(x) for x in pair) for pair in zip(*(old.array_annotations[k] for k in
            ("presynaptic_index", "postsynaptic_index")), strict=True)]  # fmt: skip
    column = ends.index((0, 1))
    assert old.array_annotations["channel_index"][column] < 0
    assert old[:4, column].magnitude.ravel().tolist() == [0, 1, 2, 3] and np.isnan(old[4:, column].magnitude).all()
    assert all(old[:, ends.index(pair)].magnitude.ravel().tolist() == list(range(7)) for pair in ((0, 0), (1, 0)))
    assert new.magnitude.ravel().tolist() == [2, 3] and new.array_annotations["channel_index"].tolist() == [1]
    counted = monitor.get(keep=True)
    assert np.isnan(counted["n"][3:, 1]).all() and counted["n"][:, 3].tolist() == [1, 2, 3, 4, 5, 6]
    assert counted["gain"][:3].tolist() == [[1.0] * 4] * 3 and np.isnan(counted["gain"][3:, 1]).all()
    sim.reset()
    sim.run(1.0)
    assert monitor.get("n").shape == (1, 4)


def test_ST01_reset_keeps_the_structure_and_files_have_it(tmp_path: Any) -> None:
    _, _, made = driven(KINDS["axonal"](), [[2, 5, 8]] * 2, 2, 1.0, targets=[[4], [6]])
    sim.run(6.0)
    made.prune_synapse(0, 1)
    made.create_synapse(0, 1, weight=0.5)
    made.prune_synapse(1, 0)
    sim.run(4.0)
    assert made.synapse(0, 0).weight != 1.0
    sim.reset()
    assert made.get("weight", "list") == [(0, 0, 1.0), (0, 1, 0.5), (1, 1, 1.0)]
    sim.run(10.0)
    made.save_connectivity(tmp_path / "made.npz")
    with np.load(tmp_path / "made.npz") as file:
        assert file["pre"].tolist() == [0, 0, 1] and file["weight"].tolist() == made.get(
            "weight", "list", with_address=False
        )
    made.save("weight", str(tmp_path / "weights.txt"))
    assert np.loadtxt(tmp_path / "weights.txt")[:, :2].tolist() == [[0, 0], [0, 1], [1, 1]]
    made.reset()
    assert made.get("weight", "list") == [(0, 0, 1.0), (0, 1, 0.5), (1, 1, 1.0)]


def test_ST01_shared_values_are_those_of_the_others() -> None:
    Shared = sim.Synapse(
        "gain = 1.0 : projection; bias = 0.0 : postsynaptic; own = 1.0",
        "count = count + 1 : postsynaptic; total = total + 1 : projection; z = z + own",
        psp="gain*w*pre.r + bias",
    )
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=5.0)
    source, target = rates([1.0, 2.0]), rates([0.0] * 3)
    made = sim.Projection(
        source, target[:2], sim.OneToOneConnector(), Shared(weight=1.0, gain=3.0), receptor_type="exc"
    )
    made.set(bias=[5.0, 7.0])
    target.record("r")
    sim.run(4.0)
    made.create_synapse(1, 0, own=2.0)
    made.create_synapse(0, 1, weight=0.5)
    made.prune_synapse(1, 1)
    made.prune_synapse(0, 1)
    made.create_synapse(0, 1)
    sim.run(3.0)
    names = ["gain", "bias", "own", "count", "total", "z"]
    found = {(i, j): values for i, j, *values in made.get(names, "list")}
    assert found[0, 0] == [3.0, 5.0, 1.0, 7.0, 7.0, 7.0]
    assert found[1, 0] == [3.0, 5.0, 2.0, 7.0, 7.0, 6.0]
    assert found[0, 1] == [3.0, 0.0, 1.0, 3.0, 7.0, 3.0]  # there was no connection onto 1 any more
    assert traces(target, "r")[-1].tolist() == [3 * 1 + 5 + 3 * 2 + 5, 3 * 1, 0]
    with pytest.raises(ValueError, match="gain is shared"):
        made.create_synapse(1, 1, gain=2.0)


# ---- ST04, ST05 ------------------------------------------------------------------------------------------------------


def test_ST04_the_flag_is_accepted_and_not_needed(recwarn: pytest.WarningsRecorder) -> None:
    for flag in (True, False, None):
        sim.setup(timestep=1.0, structural_plasticity=flag)
        made = sim.Projection(rates([1.0]), rates([1.0]), sim.AllToAllConnector(), sim.Synapse()(), receptor_type="exc")
        made.prune_synapse(0, 0)
        assert len(made) == 0
    assert not [w for w in recwarn if "structural_plasticity" in str(w.message)]
    with pytest.raises(ValueError, match="structural_plasticity='yes' is neither True nor False"):
        sim.setup(timestep=1.0, structural_plasticity="yes")


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("operation", ["sum", "max", "min", "mean"])
def test_ST05_delays_and_operations(operation: str, threads: int) -> None:
    """Against the same sums worked out in Python: sources ramp, so that a delay is seen."""
    rng = np.random.default_rng(4)
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=9.0, threads=threads)
    Ramp = sim.Neuron("slope = 1.0", "r = slope*(t + 1)")
    source = sim.Population(6, Ramp(slope=[1.0, -2.0, 3.0, 0.5, 7.0, -1.0]))
    target = sim.Population(131, sim.Neuron(equations="r = sum(exc)")())
    made = sim.Projection(
        source, target, sim.FixedProbabilityConnector(0.5, rng=sim.NumpyRNG(seed=2)),
        sim.Synapse(operation=operation)(weight=1.0, delay=sim.RandomDistribution("uniform_int", (1, 6))),
        receptor_type="exc",
    )  # fmt: skip
    target.record("r")
    known = {(i, j): (w, d) for i, j, w, d in made.get(["weight", "delay"], "list")}
    slope = np.array([1.0, -2.0, 3.0, 0.5, 7.0, -1.0])
    expected = [np.zeros(131)]
    for time in range(20):
        if time in (8, 13):
            gone = [pair for pair in known if rng.random() < 0.3]
            new = [(i, j) for i in range(6) for j in range(131) if (i, j) not in known and rng.random() < 0.3]
            made.prune_synapse(*np.transpose(gone))
            made.create_synapse(*np.transpose(new), weight=0.5, delay=9.0)
            known = {pair: value for pair, value in known.items() if pair not in gone}
            known |= dict.fromkeys(new, (0.5, 9.0))
            assert {(i, j): (w, d) for i, j, w, d in made.get(["weight", "delay"], "list")} == known
        sim.run(1.0)
        inputs: list[list[float]] = [[] for _ in range(131)]
        for (i, j), (weight, delay) in known.items():
            inputs[j].append(weight * slope[i] * max(time + 1 - delay, 0.0))
        join = {"sum": sum, "max": max, "min": min, "mean": np.mean}[operation]
        expected.append(np.array([join(x) if x else 0.0 for x in inputs]))
    got = traces(target, "r")
    # A delay that is longer than any before finds the oldest value that is known.
    late = [k for k in range(len(expected)) if not 8 < k <= 8 + 9]
    assert got[late] == pytest.approx(np.array(expected)[late], rel=1e-13, abs=1e-12)
