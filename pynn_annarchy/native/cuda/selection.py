"""Devices by name."""

from __future__ import annotations

from ..network import Network

EMULATED = "cuda-emulated"


def open_network(device: str, *, dt_ms: float, threads: int | str, seed: int, precision: str) -> Network:
    """Return an empty network on a device.

    Parameters
    ----------
    device
        ``"cpu"``, or ``"cuda-emulated"``: the GPU's code, executed slowly by the CPU.
    dt_ms, threads, seed, precision
        As of `Network`; the number of threads is the CPU's business.

    Raises
    ------
    ValueError
        If there is no such device.
    """
    if device == "cpu":
        return Network(dt_ms=dt_ms, threads=threads, seed=seed, precision=precision)
    if device != EMULATED:
        raise ValueError(f"device={device!r}; allowed are 'cpu' and {EMULATED!r}")
    from .emulated import EmulatedDevice
    from .network import CudaNetwork

    return CudaNetwork(EmulatedDevice(), dt_ms=dt_ms, seed=seed, precision=precision)
