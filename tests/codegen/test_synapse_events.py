"""What happens at the events of compiled synapses, and in which order, against plain re-enactments."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synapse_driver import LANES, NEVER, Synapses, compiled

from pynn_annarchy.native import kernels
from pynn_annarchy.native.spec import SynapseText

PAIR = SynapseText(
    name="Pair",
    parameters="tau_plus = 16.0; tau_minus = 30.0; A_plus = 0.01; A_minus = 0.012; w_min = 0.0; w_max = 1.0",
    equations="""
        dx/dt = -x/tau_plus : event-driven
        dy/dt = -y/tau_minus : event-driven
        dw/dt = 0 : init=0.5, min=w_min, max=w_max
    """,
    pre_spike="""
        w -= A_minus*(y - (1 if since_post == 0 else 0))
        g_target += w
        x += 1
    """,
    post_spike="""
        w += A_plus*(x - (1 if since_pre == 0 else 0))
        y += 1
    """,
)


def synapses(n: int = 1, *, precision: str = "double", more: dict[str, object] | None = None, **parts: str) -> Synapses:
    text = SynapseText(name="Tried", **{"parameters": "", "equations": "", **parts})
    return Synapses(compiled(text, precision), n, **(more or {}))


def every_pair(pre: list[int], post: list[int], dt: float, post_first: bool) -> float:
    """The weight after all events, by the definition of the rule: each pair of a later and an earlier spike counts, in
    the order of the later ones, with the bounds applied after each event."""
    w = 0.5
    events = sorted([(q, not post_first, "post") for q in post] + [(a, post_first, "pre") for a in pre])
    for time, _, kind in events:
        if kind == "post":
            w += sum(0.01 * math.exp(-(time - a) * dt / 16.0) for a in pre if a < time)
        else:
            w -= sum(0.012 * math.exp(-(time - q) * dt / 30.0) for q in post if q < time)
        w = min(max(w, 0.0), 1.0)
    return w


spikes = st.lists(st.integers(0, 400), max_size=40, unique=True).map(sorted)


@settings(deadline=None, max_examples=60)
@given(pre=spikes, posts=st.lists(spikes, min_size=1, max_size=3), dendritic=st.integers(0, 7), n=st.integers(1, 40))
def test_pair_rule_equals_the_sum_over_pairs(pre: list[int], posts: list[list[int]], dendritic: int, n: int) -> None:
    found = Synapses(compiled(PAIR), n, trains=posts, dendritic=dendritic)
    for event in pre:
        found.arrive(event)
    found.catch_up(1000)
    expected = [every_pair(pre, [p + dendritic for p in post], 0.1, dendritic > 0) for post in posts]
    np.testing.assert_allclose(found["w"], np.resize(expected, n), rtol=0, atol=1e-13)


@pytest.mark.parametrize(("precision", "tolerance"), [("double", 1e-13), ("mixed", 1e-13), ("single", 1e-5)])
def test_pair_rule_in_every_precision(precision: str, tolerance: float) -> None:
    rng = np.random.default_rng(3)
    pre, post = (sorted(rng.choice(3000, 60, replace=False).tolist()) for _ in range(2))
    found = Synapses(compiled(PAIR, precision), 1, trains=[post], dendritic=0)
    for event in pre:
        found.arrive(event)
    found.catch_up(3000)
    assert found["w"][0] == pytest.approx(every_pair(pre, post, 0.1, False), abs=tolerance)


# Every section appends a digit, so that a number tells the order in which they were executed.
ORDER = {
    "equations": "dtrail/dt = 0",
    "pre_spike": "trail = 10*trail + 3",
    "post_spike": "trail = 10*trail + 1",
    "modulator_spike": "trail = 10*trail + 2",
}


@pytest.mark.parametrize(
    ("dendritic", "post", "modulator", "arrivals", "trail"),
    [
        (2, [8], [9], [10], 123),  # all at event 10
        (0, [10], [9], [10], 23),  # the target's spike of the same step comes after an arrival
        (0, [10], [9], [10, 11], 2313),
        (0, [9], [9], [10], 123),
        (3, [8], [], [10], 3),
        (3, [7, 7, 8], [], [10], 113),
        (1, [0, 5, 6], [1, 4, 5], [6, 7], 12212313),
    ],
)  # fmt: skip
def test_order_of_events(
    dendritic: int, post: list[int], modulator: list[int], arrivals: list[int], trail: int
) -> None:
    found = synapses(more={"trains": [post], "modulator": modulator, "dendritic": dendritic}, **ORDER)
    for event in arrivals:
        found.arrive(event)
    assert int(found["trail"][0]) == trail


@pytest.mark.parametrize("before", [1, 7, 100, 1000])
def test_counts_of_spikes_start_again_from_0(before: int) -> None:
    """Trains that have had nearly 2^32 spikes."""
    rng = np.random.default_rng(before)
    trains = [sorted(rng.integers(0, 3000, 1200).tolist()) for _ in range(3)]
    modulator = sorted(rng.integers(0, 3000, 1200).tolist())
    fading = {name: text.replace("10*", "0.5*") for name, text in ORDER.items()}
    states = []
    for taken in (0, 2**32 - before):
        more = {"trains": trains, "modulator": modulator, "taken": taken}
        found = synapses(40, more=more, **fading)
        for event in (0, 3, 700, 701, 2900):
            found.arrive(event)
        found.catch_up(3100)
        states.append({name: bits for name, bits in found.state().items() if name != "seen"})
        assert (found.seen == (taken + 1200) % 2**32).all() and (found.seen_modulator == found.seen).all()
        assert np.isfinite(found["trail"]).all()
    assert states[0] == states[1]


@settings(deadline=None, max_examples=60)
@given(
    post=st.lists(st.integers(0, 12), max_size=6).map(sorted),
    modulator=st.lists(st.integers(0, 12), max_size=6).map(sorted),
    arrivals=st.lists(st.integers(0, 14), max_size=5).map(sorted),
    dendritic=st.integers(0, 3),
    delay=st.integers(1, 3),
    caught=st.integers(-1, 14),
)
def test_order_of_random_events(
    post: list[int], modulator: list[int], arrivals: list[int], dendritic: int, delay: int, caught: int
) -> None:
    """Sorted by time, then post before modulator before pre; but post after a pre if there is no dendritic delay."""
    found = synapses(
        more={"trains": [post], "modulator": modulator, "dendritic": dendritic, "modulator_delay": delay}, **ORDER
    )
    after = set(arrivals) if dendritic == 0 else set()
    events = [(p + dendritic, 2.5 if p in after else 0.5, 1) for p in post] + [(m + delay, 1.0, 2) for m in modulator]
    events += [(a, 2.0, 3) for a in arrivals]
    for event in arrivals:
        if event > caught >= 0:
            found.catch_up(caught)
        found.arrive(event)
    found.catch_up(20)
    expected = 0
    for _, _, digit in sorted(events):
        expected = 10 * expected + digit
    assert found["trail"][0] == float(expected)


def test_times_that_a_synapse_knows() -> None:
    found = synapses(
        more={"trains": [[3, 3, 40]], "dendritic": 2},
        equations="; ".join(f"d{name}/dt = 0" for name in ("a", "b", "c", "d", "e", "f", "g")),
        pre_spike="a = t; b = since_pre; c = since_post; d = t_pre; e = t_post; f = dt",
        post_spike="g = since_post",
    )
    found.arrive(4)
    assert (found["a"][0], found["f"][0]) == (0.5, 0.1)
    assert (found["d"][0], found["e"][0]) == (-1e9, (NEVER + 1) * 0.1)
    assert found["b"][0] == found["c"][0] == -(NEVER - 4) * 0.1
    found.arrive(9)
    assert [found[name][0] for name in "abcde"] == pytest.approx([1.0, 0.5, 0.4, 0.5, 0.6])
    assert found["g"][0] == 0.0  # the second of two spikes of one step
    found.arrive(9)
    assert (found["b"][0], found["d"][0]) == (0.0, 1.0)
    found.arrive(12, emitted=2)
    found.arrive(13)
    assert (found["b"][0], found["d"][0]) == pytest.approx((0.1, 0.3))  # since it arrived; when it was sent
    found.catch_up(42)
    assert found["g"][0] == pytest.approx(3.7)


def test_input_is_added_in_the_order_of_the_row() -> None:
    rng = np.random.default_rng(1)
    n = 150
    found = synapses(n, precision="mixed", equations="dw/dt = 0")
    found.value["w"][:] = rng.lognormal(0, 3, n)
    found.lane[:] = rng.integers(0, 3 * LANES, n)
    expected = np.zeros(LANES, np.float32)
    for lane, weight in zip(found.lane, found["w"].astype(np.float32), strict=True):
        expected[(lane + 7) % LANES] += weight
    np.testing.assert_array_equal(found.arrive(0, offset=7), expected)


def test_what_the_target_gets() -> None:
    parts = {"parameters": "a = 2.0", "equations": "dw/dt = 0 : init=3.0\ndz/dt = 0"}
    assert synapses(**parts).arrive(0)[0] == 3
    assert synapses(**parts, pre_spike="w = 5").arrive(0)[0] == 3, "the weight from before all else"
    assert synapses(**parts, pre_spike="w = 5; g_target += w").arrive(0)[0] == 5
    assert synapses(**parts, pre_spike="g_target += a*w; w = 7; g_target += w").arrive(0)[0] == 13
    assert synapses(**parts, pre_spike="g_target += a").arrive(0)[0] == 2
    assert synapses(**parts, pre_spike="g_target += 0").arrive(0)[0] == 0


def test_assignments_are_made_one_after_another() -> None:
    found = synapses(
        equations="da/dt = 0 : init=1.0; db/dt = 0 : init=10.0",
        pre_spike="_old = a; a = b; b = _old; _old += 1; _old *= 3; w = _old + a",
    )
    found.arrive(0)
    assert [found[name][0] for name in "abw"] == [10, 1, 16]


def test_bounds_hold_after_every_change() -> None:
    found = synapses(
        parameters="low = -1.0; high = 2.0",
        equations="dw/dt = 0 : min=low, max=high\ndx/dt = 0\ndz/dt = 4 - z : event-driven, max=3.0",
        pre_spike="w += 5; x = w; w -= 7 : min=0.5; x += 10*w; w = -8",
    )
    found.arrive(9)
    assert (found["x"][0], found["w"][0]) == (2 + 10 * 0.5, -1)
    assert found["z"][0] == pytest.approx(4 - 4 * math.exp(-1))
    found.arrive(99)
    assert found["z"][0] == 3


def test_bounds_of_several_equations_of_a_variable_hold_together() -> None:
    found = synapses(
        equations="dw/dt = 0 : min=0.0\nw = w + elapsed : event-driven, max=2.0\ndz/dt = 0 : max=1.0\ndu/dt = 0",
        pre_spike="w = 50*u; z = w; u = 1 - u",
    )
    for u, w in ((1.0, 2.0), (-1.0, 0.0)):
        found.value["u"][:] = u
        found.arrive(3)
        assert (found["w"][0], found["z"][0]) == (w, min(w, 1.0))


@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
@pytest.mark.parametrize("scalar", [False, True])
def test_cutting_a_row_changes_no_bit(precision: str, scalar: bool) -> None:
    """In vector code and in the code of a model that has none, `pow` being a call."""
    text = PAIR if not scalar else SynapseText(**{**vars(PAIR), "pre_spike": f"w *= pow(w, 0.01)\n{PAIR.pre_spike}"})
    rng = np.random.default_rng(8)
    n, trains = 77, [np.flatnonzero(rng.random(500) < 0.05).tolist() for _ in range(9)]
    parameters = {"tau_plus": rng.uniform(5, 40, n), "A_plus": 1e-3, "A_minus": 1e-3}
    states = []
    for cuts in ([], [16, 32], [1, 2, 3, 18, 60], [5]):
        found = Synapses(compiled(text, precision), n, trains=trains, dendritic=2, parameters=parameters)
        sums = [found.arrive(event, cuts=cuts).tobytes() for event in range(0, 480, 7)]
        states.append((found.state(), sums))
    assert all(state == states[0] for state in states)
    assert len(np.unique(found["w"])) > 70


def test_uniform_constants_give_the_same_bits_as_equal_ones() -> None:
    kernel, trains = compiled(PAIR), [[3, 8, 22], [5, 6]]
    one = Synapses(kernel, 30, trains=trains)
    other = Synapses(kernel, 30, trains=trains, parameters={"tau_plus": np.full(30, 16.0)})
    for event in (4, 9, 10, 30):
        np.testing.assert_array_equal(one.arrive(event), other.arrive(event))
    assert one.state() == other.state()


def test_reading_changes_nothing() -> None:
    found = Synapses(compiled(PAIR), 20, trains=[[3, 8, 22, 300], [5, 6]], dendritic=3)
    for event in (4, 9, 10, 30):
        found.arrive(event)
    found.catch_up(99)
    before = found.state()
    x, y = found.observe("x", 99), found.observe("y", 99)
    assert found.state() == before
    expected = sum(math.exp(-(99 - a) * 0.1 / 16.0) for a in (4, 9, 10, 30))
    np.testing.assert_allclose(x, expected, rtol=1e-13)
    expected = [sum(math.exp(-(99 - q) * 0.1 / 30.0) for q in train) for train in ([6, 11, 25], [8, 9])]
    np.testing.assert_allclose(y, np.resize(expected, 20), rtol=1e-13)
    np.testing.assert_array_equal(found.observe("w", 99), found["w"])


def test_reading_takes_what_is_due() -> None:
    one, other = (Synapses(compiled(PAIR), 3, trains=[[3, 8, 22]], dendritic=1) for _ in range(2))
    for synapse in (one, other):
        synapse.arrive(2)
    one.catch_up(20)
    np.testing.assert_array_equal(one.observe("w", 20), other.observe("w", 20))
    assert one.state() == other.state()


def test_pruned_trains() -> None:
    """What all synapses have taken may be dropped; counters go on, and may wrap around."""
    whole = Synapses(compiled(PAIR), 2, trains=[[3, 8, 22, 40]])
    pruned = Synapses(compiled(PAIR), 2, trains=[[3, 8, 22, 40]])
    start = 2**32 - 3
    pruned.seen[:] = start
    pruned._trains[0].first, pruned._trains[0].end = start, (start + 4) % 2**32
    for event in (10, 30, 50):
        np.testing.assert_array_equal(whole.arrive(event), pruned.arrive(event))
    assert pruned.seen[0] == 1
    np.testing.assert_array_equal(whole["w"], pruned["w"])


def test_metadata() -> None:
    kernel = compiled(PAIR)
    assert dict(kernel.variables) == {"x": 0.0, "y": 0.0, "w": 0.5}
    assert list(kernel.parameters) == ["tau_plus", "tau_minus", "A_plus", "A_minus", "w_min", "w_max"]
    assert (kernel.has_post, kernel.modulated, kernel.clocked, kernel.post) == (True, False, False, ())
    assert kernel.needs_late


@pytest.mark.parametrize(
    ("parts", "late"),
    [
        ({}, False),
        ({"equations": "dz/dt = -z : event-driven", "pre_spike": "z += since_pre"}, False),
        ({"pre_spike": "w = since_post"}, True),
        ({"pre_spike": "w = post.v"}, True),
        ({"equations": "dz/dt = -z"}, True),
        ({"equations": "dz/dt = 0", "modulator_spike": "z += 1"}, True),
        ({"equations": "dz/dt = 0", "post_spike": "z += 1"}, True),
    ],
)
def test_which_models_have_to_wait(parts: dict[str, str], late: bool) -> None:
    assert synapses(**parts, more={"post": {"v": [0.0]}}).kernel.needs_late == late


def test_standard_synapses() -> None:
    names = kernels.standard_synapse_names()
    assert len(names) > 1
    for precision in ("double", "mixed", "single"):
        kernel = kernels.standard_synapse(names[0], precision)
        assert (kernel.name, kernel.precision) == (names[0], precision)
        assert "w" in kernel.variables
    with pytest.raises(KeyError, match=names[-1]):
        kernels.standard_synapse("NoSuchSynapse")
