"""What there is to simulate on."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import DeviceError

EMULATED = "cuda-emulated"
_GPU = re.compile(r"cuda(?::(\d{1,4}))?")


@dataclass(frozen=True)
class DeviceInfo:
    """Something to simulate on.

    Attributes
    ----------
    device
        What `setup` knows it by: ``"cpu"``, ``"cuda:0"``, ...
    name
        The manufacturer's name.
    memory_bytes
        All of its memory.
    compute_capability
        A GPU's generation, None of the CPU.
    multiprocessors
        A GPU's, or the cores that this process may use.
    """

    device: str
    name: str
    memory_bytes: int
    compute_capability: tuple[int, int] | None
    multiprocessors: int


def gpu_index(device: str) -> int | None:
    """Return which GPU a name means, None for the CPU and the emulated device.

    Raises
    ------
    ValueError
        If it is the name of nothing.
    """
    if device in ("cpu", EMULATED):
        return None
    found = _GPU.fullmatch(device)
    if found is None:
        raise ValueError(f"device={device!r}; allowed are 'cpu', 'cuda', 'cuda:0' and so on, and {EMULATED!r}")
    return int(found[1] or 0)


def devices() -> list[DeviceInfo]:
    """Return what `setup` can simulate on, the CPU first.

    Without a driver, or without the package that `pynn-annarchy[cuda]` installs, that is the CPU alone;
    ``setup(device="cuda")`` says what is missing.

    Examples
    --------
    >>> import pyNN.annarchy as sim
    >>> sim.devices()[0].device
    'cpu'
    """
    found = [_cpu()]
    try:
        from .driver import load
        from .nvidia import NvidiaDevice

        gpus = [NvidiaDevice(index) for index in range(load().count())]
    except DeviceError:
        return found
    return found + [
        DeviceInfo(f"cuda:{gpu.index}", gpu.name, gpu.memory_bytes, gpu.compute_capability, gpu.multiprocessors)
        for gpu in gpus
    ]


def _cpu() -> DeviceInfo:
    name = platform.processor() or platform.machine()
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
            names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
            name = names[0] if names else name
    except OSError:
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return DeviceInfo("cpu", name, memory, None, cores)
