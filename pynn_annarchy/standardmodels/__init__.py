"""PyNN's standard models: their names and units on one side, the engine's on the other."""

from __future__ import annotations


def list_standard_models() -> list[str]:
    """Return the names of the standard cell types that this build has."""
    from ..native import kernels
    from . import cells

    compiled = set(kernels.standard_names())
    return [name for name in cells.__all__ if getattr(cells, name).kernel_name in compiled]
