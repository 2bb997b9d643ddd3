"""Networks on the device that `pytest --device` names: engine tests make theirs by this class, whatever it is."""

from __future__ import annotations

import os
from typing import Any

from pynn_annarchy.native import network
from pynn_annarchy.native.cuda.devices import gpu_index
from pynn_annarchy.native.cuda.emulated import EmulatedDevice
from pynn_annarchy.native.cuda.network import CudaNetwork
from pynn_annarchy.native.cuda.nvidia import NvidiaDevice

_NAME = os.environ.get("PYNN_ANNARCHY_DEVICE", "")


class DeviceNetwork(CudaNetwork):
    """With the arguments of `Network`: threads are those of the device."""

    def __init__(self, *, dt_ms: float, threads: int | str = 1, seed: int = 0, precision: str = "double") -> None:
        index = gpu_index(_NAME)
        device: Any = EmulatedDevice() if index is None else NvidiaDevice(index)
        super().__init__(device, dt_ms=dt_ms, seed=seed, precision=precision)


Network: Any = DeviceNetwork if _NAME.startswith("cuda") else network.Network
