"""Rows of static synapses made by the device, against the same made by numpy."""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynn_annarchy.native.cuda.emulated import EmulatedDevice
from pynn_annarchy.native.cuda.row_layout import compiled_layout
from pynn_annarchy.native.cuda.synapses import SUM_BITS, ListedPart, Synapses


@dataclass
class Inputs:
    """What rows need to know of a block of neurons."""

    first_lane: int
    lanes: int
    inputs: int
    exponents: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass
class Net:
    """Blocks of neurons, and projections: source, target, delay, weight, the input of each block."""

    blocks: list
    block_of: np.ndarray
    place: np.ndarray
    parts: list

    @property
    def n_lanes(self):
        return sum(b.lanes * b.inputs for b in self.blocks)

    @property
    def lane_bits(self):
        return (max(self.n_lanes, 1) - 1).bit_length()

    def on(self, device):
        parts, numbers = [ListedPart(*part) for part in self.parts], (self.lane_bits, self.place, self.block_of)
        return Synapses(device, partial(compiled_layout, device), parts, self.blocks, *numbers)

    def lists(self):
        """All synapses in order of creation: source, lane, delay, weight."""
        columns = [[], [], [], []]
        for source, target, delay, weight, inputs in self.parts:
            first = np.array([b.first_lane + j * b.lanes for b, j in zip(self.blocks, inputs, strict=True)])
            lane = first[self.block_of[target]] + self.place[target]
            for column, values in zip(columns, (source, lane, delay, weight), strict=True):
                column.append(np.broadcast_to(np.asarray(values, np.float64), len(source)))
        return [np.concatenate([np.empty(0), *column]) for column in columns]

    def expected(self):
        """Rows by a stable sort, in the units that the blocks have."""
        source, lane, delay, weight = self.lists()
        order = np.argsort(source, kind="stable")
        lane, delay = lane[order].astype(np.int64), delay[order].astype(np.int64)
        units = [np.repeat(b.exponents, b.lanes) for b in self.blocks]
        exponent = np.concatenate([np.empty(0, np.int64), *units])[lane]
        begin = np.searchsorted(source[order], np.arange(len(self.place) + 1))
        return begin, (delay << self.lane_bits) | lane, np.rint(np.ldexp(weight[order], -exponent))


def random_net(seed, sizes, scale=1.0, ordered=False, most=20):
    """Two models of cells of one and of two inputs, neurons of both in any order."""
    rng = np.random.default_rng(seed)
    n = (int(rng.integers(1 + most // 20, most)), int(rng.integers(1 + most // 20, most)))
    block_of = rng.permutation(np.repeat([0, 1], n))
    place = np.zeros(sum(n), np.int64)
    for k in range(2):
        place[block_of == k] = np.arange(n[k])
    lanes = [-(-k // 8) * 8 for k in n]
    blocks = [Inputs(0, lanes[0], 2), Inputs(2 * lanes[0], lanes[1], 1)]
    parts = []
    for size in sizes:
        source = rng.integers(0, sum(n), size, dtype=np.uint32)
        same = rng.random(2) < 0.3
        delay = 7 if same[0] else rng.integers(1, 100, size).astype(np.uint16)
        weight = -0.3 * scale if same[1] else rng.normal(0, 10.0 ** rng.integers(-12, 12) * scale, size)
        target = rng.integers(0, sum(n), size, dtype=np.uint32)
        parts.append((np.sort(source) if ordered else source, target, delay, weight, [int(rng.integers(2)), 0]))
    return Net(blocks, block_of, place, parts)


def made(net, device):
    synapses = net.on(device)
    for index, block in enumerate(net.blocks):
        block.exponents = synapses.exponents(index)
    n = sum(len(part[0]) for part in net.parts)
    begin, synapse, weight = synapses.rows()
    return begin.download(np.uint64, len(net.place) + 1), synapse.download(np.uint32, n), weight.download(np.int64, n)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    sizes=st.lists(st.integers(0, 300), min_size=0, max_size=4),
    blocks=st.sampled_from([1, 2, 7]),
    ordered=st.booleans(),
)
def test_rows_are_those_of_a_stable_sort(seed, sizes, blocks, ordered):
    net = random_net(seed, sizes, ordered=ordered)
    found = made(net, EmulatedDevice(blocks))
    for one, other in zip(found, net.expected(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("blocks", [2, 7])
def test_more_neurons_than_threads(blocks):
    """Every block of the grid has rows, digits, lanes and synapses of its own."""
    net = random_net(4, [9000, 9000], most=5000)
    for one, other in zip(made(net, EmulatedDevice(blocks)), net.expected(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_on_the_device(device):
    net = random_net(3, [5000, 0, 70000, 300])
    found = made(net, device)
    for one, other in zip(found, net.expected(), strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), scale=st.sampled_from([1.0, 1e-300, 1e290]))
def test_units_are_the_smallest_that_hold_all_weights_onto_a_neuron(seed, scale):
    net = random_net(seed, [40, 200], scale)
    synapses = net.on(EmulatedDevice(2))
    _, lane, _, weight = net.lists()
    sums = [Fraction(0)] * net.n_lanes
    for at, w in zip(lane.astype(int), weight, strict=True):
        sums[at] += abs(Fraction(w))
    for index, block in enumerate(net.blocks):
        for j, exponent in enumerate(synapses.exponents(index)):
            first = block.first_lane + j * block.lanes
            largest = max(sums[first : first + block.lanes])
            bound = Fraction(2) ** (int(exponent) + SUM_BITS)
            if largest == 0:
                assert bound == 2
                continue
            rounding = Fraction(1, 2**20)  # each weight is wrong by 2^-32 of the largest one
            assert bound / 2 <= largest * (1 + rounding)
            assert largest <= bound * (1 + rounding)


@pytest.mark.parametrize("weight", [0.0, 5e-324, 1.7e308])
def test_units_of_extreme_weights(weight):
    source, target = np.zeros(1, np.uint32), np.zeros(1, np.uint32)
    net = Net([Inputs(0, 8, 1)], np.zeros(1, np.int64), np.zeros(1, np.int64), [(source, target, 1, weight, [0])])
    (exponent,) = net.on(EmulatedDevice(1)).exponents(0)
    assert exponent + SUM_BITS == (np.frexp(weight)[1] if weight else 1)


def test_a_network_without_synapses():
    net = Net([], np.zeros(3, np.int64), np.zeros(3, np.int64), [])
    begin, synapse, weight = made(net, EmulatedDevice(1))
    np.testing.assert_array_equal(begin, 0)
    assert synapse.size == weight.size == 0
