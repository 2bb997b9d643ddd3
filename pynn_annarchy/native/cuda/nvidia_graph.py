"""Launches that a GPU of NVIDIA's makes by itself, one after the other."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .device import Launch

if TYPE_CHECKING:
    from .nvidia import NvidiaDevice


def argument_words(args: Sequence[int | np.integer[Any]]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the words of a launch, and where each of them is."""
    words = np.array([int(word) & 0xFFFFFFFFFFFFFFFF for word in args], np.uint64)
    return words, words.ctypes.data + 8 * np.arange(len(words), dtype=np.uint64)


class NvidiaGraph:
    """Kernels in a row, which the GPU starts by itself."""

    def __init__(self, device: NvidiaDevice, functions: Mapping[str, Any], launches: Sequence[Launch]) -> None:
        self._device = device
        driver = device.driver
        before: list[Any] = []
        graph = driver("cuGraphCreate", 0)
        try:
            for launch in launches:
                words, pointers = argument_words(launch.args)
                node = driver.api.CUDA_KERNEL_NODE_PARAMS()
                node.func = functions[launch.name]
                node.gridDimX, node.gridDimY, node.gridDimZ = launch.grid, 1, 1
                node.blockDimX, node.blockDimY, node.blockDimZ = launch.block, 1, 1
                node.sharedMemBytes, node.kernelParams, node.extra = 0, pointers.ctypes.data, 0
                before = [driver("cuGraphAddKernelNode", graph, before or None, len(before), node)]
                del words  # the driver has copied them
            self._graph = driver("cuGraphInstantiate", graph, 0)
        finally:
            driver("cuGraphDestroy", graph)
        weakref.finalize(self, driver, "cuGraphExecDestroy", self._graph)

    def launch(self) -> None:
        """Start them."""
        self._device.enter()
        self._device.driver("cuGraphLaunch", self._graph, 0)
