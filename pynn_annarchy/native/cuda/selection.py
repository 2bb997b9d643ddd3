"""Devices by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DeviceError
from ..network import Network
from .devices import gpu_index

if TYPE_CHECKING:
    from .device import Device


def open_network(device: str, *, dt_ms: float, threads: int | str, seed: int, precision: str) -> Network:
    """Return an empty network on a device.

    Parameters
    ----------
    device
        ``"cpu"``, ``"cuda"`` or ``"cuda:1"``, or ``"cuda-emulated"``: the GPU's code, executed slowly by the CPU.
    dt_ms, threads, seed, precision
        As of `Network`; the number of threads is the CPU's business.

    Raises
    ------
    ValueError
        If that is the name of no device.
    DeviceError
        If there is no such GPU.
    """
    if device == "cpu":
        return Network(dt_ms=dt_ms, threads=threads, seed=seed, precision=precision)
    index = gpu_index(device)
    from .network import CudaNetwork

    return CudaNetwork(_opened(device, index), dt_ms=dt_ms, seed=seed, precision=precision)


def _opened(device: str, index: int | None) -> Device:
    if index is None:
        from .emulated import EmulatedDevice

        return EmulatedDevice()
    from .nvidia import NvidiaDevice

    try:
        return NvidiaDevice(index)
    except DeviceError as problem:
        raise DeviceError(f"device={device!r}: {problem}") from problem
