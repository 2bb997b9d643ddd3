"""The engine's own models as PyNN's native types, with the engine's names and units."""

from .cells import NativeCellType, native_cell_type
from .electrodes import NativeElectrodeType, native_electrode_type
from .synapses import NativeSynapseType, native_synapse_type

__all__ = [
    "NativeCellType",
    "NativeElectrodeType",
    "NativeSynapseType",
    "native_cell_type",
    "native_electrode_type",
    "native_synapse_type",
]
