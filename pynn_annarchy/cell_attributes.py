"""Parameters and state variables of cells as attributes: ``population.v``."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN.parameters import LazyArray

from . import simulator
from .firing_rate import RATE
from .other_backends import own_name


def parameter_names(group: Any) -> Sequence[str]:
    """Return the names of parameters that may be attributes."""
    return list(group.celltype.get_parameter_names())


def variable_names(group: Any) -> Sequence[str]:
    """Return the names of state variables that may be attributes."""
    celltype = group.celltype
    names = [name for name in celltype.recordable if name != "spikes"]
    return [*celltype.default_initial_values, *(n for n in names if n not in celltype.default_initial_values)]


def read(group: Any, name: str) -> Any:
    """Return a parameter or variable of every cell, in the geometry of the group; a shared parameter is one number.

    Raises
    ------
    AttributeError
        If there is none of this name.
    """
    if name in parameter_names(group):
        value = group.get(name)
        if name in getattr(group.celltype, "shared_parameters", ()) or isinstance(value, list):
            return value
        return _shaped(group, value) if np.ndim(value) < 2 else value
    if name in variable_names(group):
        return _shaped(group, variable(group, name))
    rate = group._root.firing_rate
    if name == RATE and rate is not None:
        return _shaped(group, rate.at(np.array([rate.now]), group._root_index)[0])
    raise unknown(group, name)


def _shaped(group: Any, value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value
    if not isinstance(value, int | float | np.number | np.ndarray):
        return value  # one sequence of numbers
    return np.array(np.broadcast_to(value, (group.size,))).reshape(group.geometry)


def variable(group: Any, name: str) -> NDArray[np.float64]:
    """Return the value that a state variable of each cell has now, in PyNN's unit."""
    root = group._root
    own = own_name(root.celltype, name)
    numbers: NDArray[np.float64] = root.native.get_state(own)[group._root_index]
    scale = root.celltype.variable_scales.get(own)
    return numbers if scale is None else numbers / scale


def assign(group: Any, name: str, value: Any) -> None:
    """Set a parameter or variable of every cell: to a number, one for each, random numbers or a function of the index.

    A variable that is set before time has begun to run also begins with this value after each `reset()`.

    Raises
    ------
    AttributeError
        If there is none of this name.
    """
    flat = _flat(group, value)
    if name in parameter_names(group):
        group.set(**{name: flat})
    elif name not in variable_names(group):
        raise unknown(group, name)
    elif simulator.state.network.step == 0 and name in group.celltype.default_initial_values:
        group.initialize(**{name: flat})
    else:
        _set_now(group, name, flat)


def _flat(group: Any, value: Any) -> Any:
    """Return an array in the geometry of the group as one in the order of the cells."""
    if len(group.geometry) > 1 and np.ndim(value) > 1 and np.shape(value) == group.geometry:
        return np.ravel(value)
    return value


def _set_now(group: Any, name: str, value: Any) -> None:
    lazy = LazyArray(value, shape=(group.size,), dtype=float)
    numbers = np.broadcast_to(np.asarray(lazy.evaluate(simplify=True), dtype=float), (group.size,))
    if not np.isfinite(numbers).all():
        raise ValueError(f"{group.label}: {name} has to be finite")
    root, index = group._root, group._root_index
    for state, values in root.celltype.initial_states(name, numbers, root.native, index).items():
        root.native.set_state(state, values, index)


def unknown(group: Any, name: str) -> AttributeError:
    """Return the error that tells what a name could have been meant for."""
    known = [*parameter_names(group), *variable_names(group)]
    close = difflib.get_close_matches(name, known, n=1)
    hint = f", did you mean {close[0]!r}?" if close else f"; its cells have {', '.join(known)}"
    return AttributeError(f"{type(group).__name__} has no attribute {name!r}{hint}")
