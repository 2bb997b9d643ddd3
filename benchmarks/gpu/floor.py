"""The floor of a GPU: what a barrier, a dependent load and a byte of its memory cost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

from pynn_annarchy.native.cuda.device import Device

BARRIERS, LINKS, PLACES, REPEATS = 20_000, 200_000, 1 << 24, 5
THREADS = 256


def measured(device: Device, stream_elements: int = 1 << 27) -> dict[str, float]:
    """Return microseconds of a barrier, nanoseconds of a dependent load, and GB/s, the best of several runs each.

    Parameters
    ----------
    device
        A GPU.
    stream_elements
        Doubles of each of two arrays that are streamed through.
    """
    source = Path(__file__).with_name("floor.cu").read_text(encoding="utf-8")
    program = device.compile(source, ("barriers", "chain", "stream"))
    arrived, end = device.memory(8), device.memory(8)
    arrived.fill()
    grid = program.resident_blocks("barriers", THREADS)

    def best(launch: Callable[[], None]) -> float:
        times = []
        for _ in range(REPEATS):
            device.synchronise()
            start = perf_counter()
            launch()
            device.synchronise()
            times.append(perf_counter() - start)
        return min(times)

    barrier = best(lambda: program.launch("barriers", grid, THREADS, (arrived.address, BARRIERS), cooperative=True))
    links = device.memory(8 * PLACES)
    order = np.random.default_rng(1).permutation(PLACES).astype(np.uint64)
    following = np.empty(PLACES, np.uint64)
    following[order] = np.roll(order, -1)  # one cycle through all places
    links.upload(following)
    load = best(lambda: program.launch("chain", 1, 1, (links.address, LINKS, end.address)))
    here, there = device.memory(8 * stream_elements), device.memory(8 * stream_elements)
    here.fill()
    blocks = program.resident_blocks("stream", THREADS)
    time = best(lambda: program.launch("stream", blocks, THREADS, (here.address, there.address, stream_elements)))
    return {
        "barrier_us": 1e6 * barrier / BARRIERS,
        "load_ns": 1e9 * load / LINKS,
        "bandwidth_GBs": 16e-9 * stream_elements / time,
        "blocks": float(grid),
    }
