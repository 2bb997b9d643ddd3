"""PyNN's standard models: their names and units on one side, the engine's on the other."""

from __future__ import annotations

from pyNN.standardmodels import StandardCellType


def list_standard_models() -> list[str]:
    """Return the names of all standard cell types.

    As with PyNN's other backends, that is cells and sources of spikes. Each but `PointNeuron`, which has to be told its
    parts, can be made without arguments. Of PyNN's point neurons none is missing.
    """
    import pynn_annarchy

    from ..native import kernels

    compiled = set(kernels.standard_names())
    return [
        name
        for name, cls in vars(pynn_annarchy).items()
        if isinstance(cls, type)
        and issubclass(cls, StandardCellType)
        and cls is not StandardCellType
        and cls.__name__ == name
        and getattr(cls, "kernel_name", name) in compiled | {"PointNeuron"}
    ]
