"""What answers as NVIDIA's driver does, with the memory of this process and functions that only count."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class CUdeviceptr(int):
    """An address."""


@dataclass
class FakeApi:
    """The module `cuda.bindings.driver` of a machine with these GPUs."""

    names: tuple[str, ...] = ("GPU A", "GPU B")
    memory_bytes: int = 1 << 20
    cooperative: int = 1
    failing: dict[str, int] = field(default_factory=dict)  # function -> what it returns
    kept: dict[int, Any] = field(default_factory=dict)
    launched: list[tuple[str, int, int, list[int]]] = field(default_factory=list)
    host: dict[int, Any] = field(default_factory=dict)
    copies: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)  # of streams, not made yet
    destroyed: list[int] = field(default_factory=list)
    loaded: list[bytes] = field(default_factory=list)
    retained: list[int] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    CUdeviceptr = CUdeviceptr

    def __getattribute__(self, name: str) -> Any:
        failing = object.__getattribute__(self, "failing")
        if name in failing:
            return lambda *_: (failing[name],)
        return object.__getattribute__(self, name)

    @staticmethod
    def CUdevice_attribute(number: int) -> int:
        return number

    def cuInit(self, flags: int) -> tuple[int]:
        return (0,)

    def cuGetErrorName(self, code: int) -> tuple[int, bytes]:
        return 0, f"CUDA_ERROR_{code}".encode()

    def cuGetErrorString(self, code: int) -> tuple[int, bytes]:
        return 0, b"it went wrong"

    def cuDeviceGetCount(self) -> tuple[int, int]:
        return 0, len(self.names)

    def cuDeviceGet(self, index: int) -> tuple[int, int]:
        return 0, index

    def cuDeviceGetName(self, length: int, device: int) -> tuple[int, bytes]:
        return 0, self.names[device].encode().ljust(length, b"\0")

    def cuDeviceGetAttribute(self, attribute: int, device: int) -> tuple[int, int]:
        return 0, {16: 4, 75: 9, 76: 0, 95: self.cooperative}[attribute]

    def cuDeviceTotalMem(self, device: int) -> tuple[int, int]:
        return 0, self.memory_bytes

    def cuDevicePrimaryCtxRetain(self, device: int) -> tuple[int, int]:
        self.retained.append(device)
        return 0, 100 + device

    def cuDevicePrimaryCtxRelease(self, device: int) -> tuple[int]:
        self.released.append(device)
        return (0,)

    def cuCtxSetCurrent(self, context: int) -> tuple[int]:
        return (0,)

    def cuCtxSynchronize(self) -> tuple[int]:
        return (0,)

    def _used(self) -> int:
        return sum(len(memory) for memory in self.kept.values())

    def cuMemGetInfo(self) -> tuple[int, int, int]:
        return 0, self.memory_bytes - self._used(), self.memory_bytes

    def cuMemAlloc(self, size: int) -> tuple[int, int]:
        if self._used() + size > self.memory_bytes:
            return 2, 0
        memory = ctypes.create_string_buffer(size)
        self.kept[ctypes.addressof(memory)] = memory
        return 0, CUdeviceptr(ctypes.addressof(memory))

    def cuMemFree(self, pointer: int) -> tuple[int]:
        del self.kept[int(pointer)]
        return (0,)

    def cuMemcpyHtoD(self, target: int, source: int, size: int) -> tuple[int]:
        ctypes.memmove(int(target), source, size)
        return (0,)

    def cuMemcpyDtoH(self, target: int, source: int, size: int) -> tuple[int]:
        ctypes.memmove(target, int(source), size)
        return (0,)

    def cuMemsetD8(self, target: int, value: int, size: int) -> tuple[int]:
        ctypes.memset(int(target), value, size)
        return (0,)

    def cuMemHostAlloc(self, size: int, flags: int) -> tuple[int, int]:
        memory = ctypes.create_string_buffer(size)
        self.host[ctypes.addressof(memory)] = memory
        return 0, ctypes.addressof(memory)

    def cuMemFreeHost(self, address: int) -> tuple[int]:
        del self.host[address]
        return (0,)

    def cuStreamCreate(self, flags: int) -> tuple[int, int]:
        assert flags == 1  # it is not to wait for the default stream
        self.copies[len(self.copies) + 1] = []
        return 0, len(self.copies)

    def cuMemcpyDtoHAsync(self, target: int, source: int, size: int, stream: int) -> tuple[int]:
        self.copies[stream].append((target, int(source), size))
        return (0,)

    def cuStreamSynchronize(self, stream: int) -> tuple[int]:
        for target, source, size in self.copies[stream]:
            ctypes.memmove(target, source, size)
        self.copies[stream] = []
        return (0,)

    def cuStreamDestroy(self, stream: int) -> tuple[int]:
        del self.copies[stream]
        return (0,)

    class CUDA_KERNEL_NODE_PARAMS:
        """Fields are set one by one."""

    def cuGraphCreate(self, flags: int) -> tuple[int, list[Any]]:
        return 0, []

    def cuGraphAddKernelNode(self, graph: list[Any], before: list[int] | None, n: int, node: Any) -> tuple[int, int]:
        assert (before or []) == ([len(graph) - 1] if graph else []) and n == len(before or [])
        assert (node.gridDimY, node.gridDimZ, node.blockDimY, node.blockDimZ) == (1, 1, 1, 1)
        assert (node.sharedMemBytes, node.extra) == (0, 0)
        graph.append((node.func, node.gridDimX, node.blockDimX, self._words(node.kernelParams, 2)))
        return 0, len(graph) - 1

    def cuGraphInstantiate(self, graph: list[Any], flags: int) -> tuple[int, list[Any]]:
        return 0, list(graph)

    def cuGraphDestroy(self, graph: list[Any]) -> tuple[int]:
        graph.clear()
        return (0,)

    def cuGraphExecDestroy(self, graph: list[Any]) -> tuple[int]:
        self.destroyed.append(len(graph))
        return (0,)

    def cuGraphLaunch(self, graph: list[Any], stream: int) -> tuple[int]:
        self.launched += graph
        return (0,)

    def cuModuleLoadData(self, code: bytes) -> tuple[int, str]:
        self.loaded.append(code)
        return 0, "module"

    def cuModuleGetFunction(self, module: str, name: bytes) -> tuple[int, str]:
        return 0, name.decode()

    def cuOccupancyMaxActiveBlocksPerMultiprocessor(self, function: str, block: int, shared: int) -> tuple[int, int]:
        return 0, 2048 // block

    def _launch(self, function: str, grid: int, block: int, parameters: int) -> tuple[int]:
        self.launched.append((function, grid, block, self._words(parameters, 3)))
        return (0,)

    @staticmethod
    def _words(parameters: int, n: int) -> list[int]:
        pointers = np.ctypeslib.as_array(ctypes.cast(parameters, ctypes.POINTER(ctypes.c_uint64)), (n,))
        return [ctypes.c_int64.from_address(int(pointer)).value for pointer in pointers]

    def cuLaunchCooperativeKernel(
        self, function: str, x: int, y: int, z: int, a: int, b: int, c: int, shared: int, stream: int, parameters: int
    ) -> tuple[int]:
        assert (y, z, b, c, shared, stream) == (1, 1, 1, 1, 0, 0)
        return self._launch(function, x, a, parameters)
