"""NVIDIA's driver, through cuda-bindings: found or refused with what was looked for, and calls that raise."""

from __future__ import annotations

import os
from functools import cache
from types import ModuleType
from typing import Any

from ..errors import DeviceError

INSTALL = 'pip install "pynn-annarchy[cuda]"'
_OUT_OF_MEMORY = 2  # CUDA_ERROR_OUT_OF_MEMORY


class Driver:
    """The functions of a driver, each raising what goes wrong.

    Parameters
    ----------
    api
        What has them: `cuda.bindings.driver`, or what stands for it in tests.
    """

    def __init__(self, api: Any) -> None:
        self._api = api

    @property
    def api(self) -> Any:
        """The module itself, for its types."""
        return self._api

    def __call__(self, function: str, *arguments: Any) -> Any:
        """Call ``cuFunction`` and return its results: none, one, or a tuple.

        Raises
        ------
        DeviceError
            With the driver's name and description of what is wrong.
        MemoryError
            Where the device has no room.
        """
        result, *values = getattr(self._api, function)(*arguments)
        if int(result) == _OUT_OF_MEMORY:
            raise MemoryError(function)
        if int(result) != 0:
            raise DeviceError(f"{function} failed: {self._described(result)}")
        return None if not values else values[0] if len(values) == 1 else tuple(values)

    def _described(self, result: Any) -> str:
        parts = []
        for function in ("cuGetErrorName", "cuGetErrorString"):
            error, text = getattr(self._api, function)(result)
            if int(error) == 0 and text:
                parts.append(text.decode() if isinstance(text, bytes) else str(text))
        return ": ".join(parts) or f"error {int(result)}"

    def count(self) -> int:
        """The number of GPUs."""
        return int(self("cuDeviceGetCount"))


def bindings(name: str) -> ModuleType:
    """Return a module of cuda-bindings.

    Raises
    ------
    DeviceError
        If the package is not installed.
    """
    import importlib

    try:
        return importlib.import_module(f"cuda.bindings.{name}")
    except ImportError as problem:
        raise DeviceError(
            f"no GPU can be used: looked for the package cuda-bindings, which is not installed ({problem}): {INSTALL}"
        ) from problem


@cache
def load() -> Driver:
    """Return the machine's driver, initialised.

    Raises
    ------
    DeviceError
        If the package, the driver or every GPU is missing.
    """
    return started(Driver(bindings("driver")))


def started(driver: Driver) -> Driver:
    """Initialise a driver."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    restricted = "" if visible is None else f", CUDA_VISIBLE_DEVICES={visible!r}"
    try:
        driver("cuInit", 0)
        count = driver.count()
    except Exception as problem:  # cuda-bindings raises errors of its own where there is no library to load
        raise DeviceError(
            f"no GPU can be used: looked for NVIDIA's driver (libcuda) and a GPU{restricted}: {problem}"
        ) from problem
    if count == 0:
        raise DeviceError(f"no GPU can be used: NVIDIA's driver is there but sees no GPU{restricted}")
    return driver
