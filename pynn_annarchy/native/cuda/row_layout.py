"""Rows of static synapses made by a device: the struct of csrc/cuda/device_layout.cuh and the functions on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .device import Device, Memory, Program
from .layout import uploaded, words
from .source import flattened

THREADS = 256  # of a block
DIGITS = 256  # of one pass of the sort
MAX_SORTERS = 16384
FUNCTIONS = ("count_sources", "begin_rows", "place", "weigh", "fix")
_WORDS = (
    *("arrived", "n_neurons"),
    *("size", "source", "target", "delay", "given_weight", "delay_stride", "weight_stride", "input_shift", "disorder"),
    *("order", "order_scratch", "sorters", "digits"),
    *("first_lane", "block_of", "lane_bits", "n_inputs", "input_begin"),
    *("row_begin", "next", "first", "sums", "n_synapses", "synapse", "weight"),
    *("largest", "lane_sum", "largest_sum", "exponent"),
)


def name_of(function: str) -> str:
    """Return how a function is called in the program."""
    return f"pa_{function}"


def layout_source() -> str:
    """Return the program, which is the same for all networks."""
    functions = "".join(
        f'extern "C" PA_GLOBAL void {name_of(function)}(const pa::cuda::Layout* layout) {{\n'
        "  const pa::cuda::Layout all = *layout;\n"
        f"  pa::cuda::{function}(pa::cuda::Grid{{all.arrived}}, all);\n}}\n"
        for function in FUNCTIONS
    )
    return flattened(f'#define PA_ON_DEVICE 1\n#include "cuda/device_layout.cuh"\n{functions}')


def compiled_layout(device: Device) -> Program:
    """Return the program for a device."""
    return device.compile(layout_source(), tuple(name_of(function) for function in FUNCTIONS))


class Lists(NamedTuple):
    """Synapses of one projection on the device, in order of creation.

    Attributes
    ----------
    size
        How many.
    source, target
        Neuron numbers, 32 bits each.
    delay
        Steps, 16 bits: of each, or one of all.
    weight
        Doubles: of each, or one of all.
    delay_stride, weight_stride
        1 if each has its own, else 0.
    """

    size: int
    source: Memory
    target: Memory
    delay: Memory
    weight: Memory
    delay_stride: int
    weight_stride: int


class RowLayout:
    """The struct, its memory and its launches.

    Parameters
    ----------
    device, program
        Where it runs, and `layout_source` compiled for it.
    n_neurons
        In the network.
    lane_bits
        Of a packed synapse.
    first_lane, block_of
        By neuron: the lane of its first input, and the number of its block.
    input_begin
        The first lane of every input of all blocks, and the number of lanes.
    """

    def __init__(self, device: Device, program: Program, n_neurons: int, lane_bits: int,
                 first_lane: NDArray[np.uint32], block_of: NDArray[np.uint32],
                 input_begin: NDArray[np.uint64]) -> None:  # fmt: skip
        self._device, self._program = device, program
        self._grids = {f: program.resident_blocks(name_of(f), THREADS) for f in FUNCTIONS}
        self._memory: dict[str, Memory] = {}
        self._struct = device.memory(8 * len(_WORDS))
        self._words: dict[str, int] = dict.fromkeys(_WORDS, 0)
        self.n_inputs = len(input_begin) - 1
        self._words |= {"n_neurons": n_neurons, "lane_bits": lane_bits, "n_inputs": self.n_inputs}
        for name, array in (("first_lane", first_lane), ("block_of", block_of), ("input_begin", input_begin)):
            self.keep(name, uploaded(device, array))
        self.zeros("arrived", 1)
        self.zeros("row_begin", n_neurons + 1)
        self.zeros("sums", max(self._grids.values()) * (THREADS + 1))
        for name in ("next", "first"):
            self.room(name, 8 * n_neurons)

    def keep(self, name: str, memory: Memory) -> Memory:
        """Have a member point to some memory, for as long as this lives."""
        self._memory[name] = memory
        self._words[name] = memory.address
        return memory

    def room(self, name: str, nbytes: int) -> Memory:
        """Have a member point to new memory."""
        return self.keep(name, self._device.memory(max(nbytes, 8)))

    def zeros(self, name: str, n: int) -> Memory:
        """Have a member point to as many words of zero."""
        memory = self.room(name, 8 * n)
        memory.fill(0)
        return memory

    def drop(self, *names: str) -> None:
        """Give back memory that is needed no more."""
        for name in names:
            self._memory.pop(name, None)

    def run(self, function: str, **values: int) -> None:
        """Run a function over the struct with these further words."""
        self._words |= values
        self._memory["arrived"].fill(0)  # it counts for grids of one size
        self._struct.upload(words(list(self._words.values())))
        grid = self._grids[function]
        self._program.launch(name_of(function), grid, THREADS, (self._struct.address,), cooperative=True)
        self._device.synchronise()

    def count(self, size: int, source: Memory, disorder: int) -> None:
        """Count synapses by source, and at an address those whose source is smaller than that of the one before."""
        self.run("count_sources", size=size, source=source.address, disorder=disorder)

    def begin_rows(self) -> int:
        """Return how many synapses there are; their rows begin where they are to."""
        self.run("begin_rows")
        n = int(self._memory["row_begin"].download(np.uint64, 1, 8 * self._words["n_neurons"])[0])
        self._words["n_synapses"] = n
        self.room("synapse", 4 * n)
        self.room("weight", 8 * n)
        return n

    def place(self, lists: Lists, input_shift: NDArray[np.uint64], disorder: int, *, ordered: bool) -> None:
        """Put the synapses of a projection behind those that their sources have."""
        self.keep("input_shift", uploaded(self._device, input_shift))
        sorters = min(MAX_SORTERS, 1 + lists.size // 64)
        if not ordered:
            for name in ("order", "order_scratch"):
                self.room(name, 4 * lists.size)
            self.room("digits", 8 * DIGITS * sorters)
        self.run(
            "place",
            size=lists.size,
            source=lists.source.address,
            target=lists.target.address,
            delay=lists.delay.address,
            given_weight=lists.weight.address,
            delay_stride=lists.delay_stride,
            weight_stride=lists.weight_stride,
            disorder=disorder,
            sorters=sorters,
        )
        self.drop("order", "order_scratch", "digits", "input_shift")

    def weigh(self, n_lanes: int) -> NDArray[np.int64]:
        """Return of each input the exponent of a power of two above what all weights onto one neuron add up to; 1 if
        that is nothing."""
        sums, largest = self.zeros("largest_sum", self.n_inputs), self.zeros("largest", self.n_inputs)
        self.zeros("lane_sum", n_lanes)
        self.run("weigh")
        self.drop("lane_sum")
        sum_of = sums.download(np.uint64, self.n_inputs).astype(np.float64)
        scale = np.frexp(largest.download(np.float64, self.n_inputs))[1] - _SUM_BITS
        return np.where(sum_of > 0, np.frexp(sum_of)[1] + scale, 1).astype(np.int64)

    def fix(self, exponent: NDArray[np.int64]) -> tuple[Memory, Memory, Memory]:
        """Bring weights into units of 2^exponent, by input, and return the rows: begin, synapse, weight."""
        self.keep("exponent", uploaded(self._device, exponent))
        self.run("fix")
        return self._memory["row_begin"], self._memory["synapse"], self._memory["weight"]


_SUM_BITS = 31  # kSumBits
