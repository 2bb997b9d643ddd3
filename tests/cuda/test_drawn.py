"""What a device draws connections from gives the numbers of the host."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynn_annarchy.native import connect
from pynn_annarchy.native.cuda.drawing import Drawer, Drawing
from pynn_annarchy.native.cuda.emulated import EmulatedDevice
from pynn_annarchy.native.drawn import Choice, Distribution, Drawn

KEYS = st.integers(0, 2**64 - 1)
NORMAL = st.builds(
    Distribution,
    st.just("normal"),
    st.floats(0.5, 2.0),
    st.floats(0.0, 1.0),
    st.sampled_from(connect.OUTSIDE),
    st.just(0.1),
    st.floats(1.5, 4.0),
    KEYS,
)
UNIFORM = st.builds(Distribution, st.just("uniform"), st.floats(-1.0, 0.5), st.floats(0.6, 3.0), key=KEYS)


def replaced(key, n_pre, counts):
    """Any source at any time."""
    return Choice("replaced", n_pre, np.full(len(counts), -1), np.array(counts), key=key)


def sorted_lists(lists):
    """What the device has drawn, in order of sources."""
    n = lists.size
    source, target = lists.source.download(np.uint32, n), lists.target.download(np.uint32, n)
    weight = lists.weight.download(np.float64, n if lists.weight_stride else 1)
    delay = lists.delay.download(np.uint16, n if lists.delay_stride else 1)
    order = np.argsort(source, kind="stable")
    return [array[order] if array.size == n else array for array in (source, target, weight, delay)]


@settings(max_examples=40, deadline=None)
@given(
    key=KEYS,
    rule=st.sampled_from(["replaced", "different", "probable"]),
    probability=st.sampled_from([0.003, 0.2, 0.9, 1.0]),
    shape=st.tuples(st.integers(2, 150), st.integers(1, 40)),
    seed=st.integers(0, 2**32),
    weights=st.one_of(NORMAL, UNIFORM, st.just(-0.25)),
    delays=st.one_of(st.builds(Distribution, st.just("uniform"), st.just(0.1), st.just(9.0), key=KEYS), st.just(12)),
    blocks=st.sampled_from([1, 3]),
)
def test_the_numbers_of_the_host(key, rule, probability, shape, seed, weights, delays, blocks):
    rng = np.random.default_rng(seed)
    n_pre, n_post = shape
    drawer = Drawer(EmulatedDevice(blocks))
    given_counts = None if rule == "probable" else rng.integers(0, 2 * n_pre, n_post)
    choice = Choice(rule, n_pre, rng.integers(-1, n_pre, n_post), given_counts, probability, key)
    counts = drawer.counts(choice)
    drawn = Drawn(choice, counts, rng.permutation(n_pre) + 3, 100 + np.arange(n_post), weights, delays, 0.1)
    np.testing.assert_array_equal(np.diff(choice.columns().begin().astype(int)), counts)
    if not drawn.size:
        return
    drawing = Drawing(drawer, drawn)
    host, found = drawn.lists(), sorted_lists(drawing.lists())
    order = np.argsort(host.source, kind="stable")  # the host's are in order of the cells' indices
    for mine, theirs in zip(found, host, strict=True):
        np.testing.assert_array_equal(mine, theirs[order] if np.ndim(theirs) else [theirs])
    for extreme, values in zip(drawing.extremes, (host.weight, drawn.delays), strict=True):
        if isinstance(values, Distribution):
            values = values.numbers(drawn.size)
        np.testing.assert_array_equal(extreme, [np.min(values), np.max(values)] if np.ndim(values) else [])


def test_edges_of_the_ziggurat_and_redraws(device):
    """Among 200,000 numbers some 2,400 are on an edge, 50 in a tail, half outside of these limits."""
    normal = Distribution("normal", 0.0, 1.0, "redrawn", 0.0, 10.0, 11)
    free = Distribution("normal", 5.0, 1.0, key=12)
    drawn = Drawn(replaced(1, 7, [200_000]), np.array([200_000]), np.arange(7), np.arange(1), normal, free, 0.1)
    host, found = drawn.lists(), sorted_lists(Drawing(Drawer(device), drawn).lists())
    np.testing.assert_array_equal(found[2], host.weight)
    np.testing.assert_array_equal(found[3], host.delay_steps)
    assert host.weight.min() > 0
    assert host.weight.max() > 4


def test_a_number_that_cannot_be_drawn(device):
    normal = Distribution("normal", 0.0, 1.0, "redrawn", 50.0, 60.0, 11)
    drawn = Drawn(replaced(1, 7, [3]), np.array([3]), np.arange(7), np.arange(1), normal, 1, 0.1)
    with pytest.raises(RuntimeError, match="outside 1000 times"):
        _ = Drawing(Drawer(device), drawn).extremes
