"""What values the parameters of a cell type may have, and the form in which the engine gets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import errors
from pyNN.parameters import ArrayParameter

Numbers = NDArray[np.float64]
Values = Any  # as PyNN evaluates a parameter: a number, an ArrayParameter, or an array of either

NONE: Mapping[str, Any] = MappingProxyType({})

# A parameter name means the same in every standard cell, so one table holds for all.
_POSITIVE = frozenset(
    (
        "cm",
        "tau_m",
        "tau_syn_E",
        "tau_syn_I",
        "tau_sfa",
        "tau_rr",
        "tau_w",
        "tau_eta",
        "tau_gamma",
        "delta_v",
        "alpha",
        "tau_syn",
        "tau_rise",
        "tau_decay",
    )
)
_NOT_NEGATIVE = frozenset(
    ("tau_refrac", "rate", "beta", "duration", "delta_T", "lambda0", "gbar_Na", "gbar_K", "g_leak", "spike_times")
)
_MAY_BE_INFINITE = frozenset(("duration",))
_ASCENDING = frozenset(("spike_times", "tbins", "schedule"))
_HINTS = MappingProxyType({"spike_times": "; sorted_spike_times() puts them in order"})


@dataclass(frozen=True)
class Checked:
    """Parameters in the engine's form: one number for all cells or one for each, and sequences of any length."""

    numbers: dict[str, float | Numbers]
    sequences: dict[str, list[Numbers]]


def check_forms(celltype: Any, parameters: Mapping[str, Any]) -> None:
    """Raise InvalidParameterValueError for what PyNN would evaluate as code, or answer with an empty AssertionError."""
    for name, value in parameters.items():
        if isinstance(celltype.default_parameters.get(name), int | float) and not is_numeric(value):
            raise errors.InvalidParameterValueError(
                f"{celltype.__name__}: {name} = {value!r} is no number, array, random distribution or function"
            )


def is_numeric(value: Any) -> bool:
    """Whether something can be the values of a parameter, as far as its type tells."""
    if value is None or isinstance(value, str | bytes | complex | dict | set):
        return False
    if isinstance(value, list | tuple | np.ndarray):
        try:
            return np.asarray(value).dtype.kind in "biuf"
        except ValueError:  # rows of different length
            return False
    return True


def checked(celltype: Any, values: Mapping[str, Values], size: int, kept: Mapping[str, Any] = NONE) -> Checked:
    """Return parameters of a cell type in the engine's form.

    Parameters
    ----------
    kept
        The linked parameters as they are, for checking those that change against those that do not.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        If one has a value without meaning. Nothing has changed then.
    """
    result = Checked({}, {})
    model = type(celltype).__name__
    for name, value in values.items():
        if name in celltype.sequence_parameters:
            rows = _rows(value, size)
            _check_sequences(model, name, rows)
            result.sequences[name] = rows
        elif name in celltype.vector_parameters:
            for k, column in enumerate(_columns(celltype, name, value, size)):
                check_numbers(model, name, column)
                result.numbers[vector_element(name, k)] = column
        else:
            numbers = np.asarray(value, dtype=float)
            if celltype.standard_names:
                check_numbers(model, name, numbers / celltype.parameter_scales.get(name, 1.0))
            elif np.isnan(numbers).any():
                raise errors.InvalidParameterValueError(f"{model}: {name} = nan is not allowed, it has to be a number")
            result.numbers[name] = numbers if numbers.ndim else float(numbers)
    linked = {**kept, **result.numbers, **result.sequences}
    if any(name in values for name in celltype.linked_parameters):
        together = {name: linked[name] for name in celltype.linked_parameters}
        celltype.check_together(together)
        result.numbers.update(celltype.dependent_parameters(together))
    return result


def check_numbers(model: str, name: str, numbers: Numbers) -> None:
    """Raise InvalidParameterValueError unless every value of a parameter makes sense."""
    bare = name.rpartition(".")[2]  # of a part of a composed neuron
    if bare in _POSITIVE:
        right, allowed = numbers > 0, "greater than 0"
    elif bare in _NOT_NEGATIVE:
        right, allowed = numbers >= 0, "0 or greater"
    else:
        right, allowed = ~np.isnan(numbers), "a number"
    if name not in _MAY_BE_INFINITE:
        right, allowed = right & ~np.isinf(numbers), f"finite and {allowed}"
    if not right.all():
        wrong = float(np.atleast_1d(numbers)[~np.atleast_1d(right)][0])
        raise errors.InvalidParameterValueError(f"{model}: {name} = {wrong:g} is not allowed, it has to be {allowed}")


def _check_sequences(model: str, name: str, rows: list[Numbers]) -> None:
    distinct = {id(row): row for row in rows}.values()
    check_numbers(model, name, np.concatenate(list(distinct)))
    if name in _ASCENDING and any((np.diff(row) < 0).any() for row in distinct):
        raise errors.InvalidParameterValueError(f"{model}: {name} have to be in ascending order{_HINTS.get(name, '')}")


def vector_element(name: str, k: int) -> str:
    """Return what the engine calls element `k` of a parameter that is a vector of fixed length."""
    return f"{name}_{k + 1}"


def _columns(celltype: Any, name: str, value: Values, size: int) -> list[Numbers]:
    length = celltype.vector_parameters[name]
    rows = _rows(value, size)
    for row in rows:
        if row.size != length:
            raise errors.InvalidParameterValueError(
                f"{type(celltype).__name__}: {name} has {row.size} values for a cell, it has to have {length}"
            )
    return list(np.array(rows).T)


def _rows(value: Values, size: int) -> list[Numbers]:
    """Return the numbers that each cell has for a parameter that is an array."""
    if isinstance(value, np.ndarray):
        return [_numbers(item) for item in value]
    return [_numbers(value)] * size


def _numbers(item: ArrayParameter) -> Numbers:
    if not isinstance(item, ArrayParameter):
        raise errors.InvalidParameterValueError(f"{item!r} is not a sequence of numbers for one cell")
    value = item.value
    if hasattr(value, "rescale"):  # a quantity, as Neo's spike trains are
        value = value.rescale("ms").magnitude
    return np.array(value, dtype=float).reshape(-1)
