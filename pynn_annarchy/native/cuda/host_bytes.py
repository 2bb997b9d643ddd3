"""Memory of the host, whoever made it, as `HostMemory`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class HostBytes:
    """Bytes that a device copies to.

    Parameters
    ----------
    data
        All of them.
    """

    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._bytes = data

    @property
    def nbytes(self) -> int:
        """Its size in bytes."""
        return len(self._bytes)

    def view(self, dtype: Any, count: int, offset: int = 0) -> NDArray[Any]:
        """Return ``count`` numbers from ``offset`` bytes behind the beginning, not copied."""
        end = offset + count * np.dtype(dtype).itemsize
        if offset < 0 or count < 0 or end > self.nbytes:
            raise ValueError(f"{count} of {np.dtype(dtype)} at {offset}; there are {self.nbytes} bytes")
        numbers: NDArray[Any] = self._bytes[offset:end].view(dtype)
        return numbers
