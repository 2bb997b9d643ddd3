"""Models in NESTML: they are compiled by NEST, so these functions say what to do instead."""

from __future__ import annotations

from typing import NoReturn

from pyNN import errors


def nestml_cell_type(name: str, nestml_description: str) -> NoReturn:
    """Raise NoModelAvailableError: only NEST compiles NESTML."""
    raise errors.NoModelAvailableError(_advice(name, "native_cell_type()"))


def nestml_synapse_type(
    synapse_name: str,
    nestml_description: str,
    postsynaptic_neuron_nestml_description: str | None = None,
    weight_variable: str = "w",
    delay_variable: str | None = None,
) -> NoReturn:
    """Raise NoModelAvailableError: only NEST compiles NESTML."""
    raise errors.NoModelAvailableError(_advice(synapse_name, "native_synapse_type()"))


def _advice(name: str, native: str) -> str:
    return (
        f"{name}: NESTML models are compiled by NEST, so they run in pyNN.nest; here, choose a standard model "
        f"(list_standard_models()) or a native one ({native})"
    )
