"""What the GPU's engine has not yet: one line each, with what to do instead."""

from __future__ import annotations

from types import MappingProxyType
from typing import NoReturn

UNSUPPORTED = MappingProxyType(
    {
        "linked": "synapses with state that read variables of their sources or change those of neurons",
        "rows": "rate-coded synapses and global operations",
    }
)


def refuse(what: str) -> NoReturn:
    """Say that a feature is not there.

    Raises
    ------
    ValueError
        Always; it names the feature and the alternative.
    """
    raise ValueError(f'{UNSUPPORTED[what]} cannot be simulated on a GPU yet: use the CPU, setup(device="cpu")')
