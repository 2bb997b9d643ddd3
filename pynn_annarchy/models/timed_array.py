"""Rates that follow a schedule."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pyNN import errors
from pyNN.models import BaseCellType
from pyNN.parameters import ArrayParameter, ParameterSpace, Sequence
from pyNN.standardmodels import StandardModelType

from ..cells import EngineCell, Index
from ..native_types.names import same_names

if TYPE_CHECKING:
    from ..native.population import Population

NOT_PERIODIC = -1.0


class TimedArray(EngineCell, StandardModelType, BaseCellType):  # type: ignore[misc]
    """Rate-coded cells whose rate `r` follows a schedule.

    In the step from t to t + dt, `r` becomes the last value whose time is not after t; before the first one it is the
    initial value, 0 by default. After the last one it stays, or with a period all begins again.

    Parameters
    ----------
    rates
        An array with a row for each time: of shape (times,) for cells that all do the same, (times, cells), or
        (times, *geometry). Or a list with a `Sequence` for each cell.
    schedule
        In ms: the interval between two rows, the first of which is at 0; or the time of each row, ascending. A row for
        each time step if it is left out. Times are rounded to the nearest step.
    period
        In ms, after the last time; -1 for none.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        If there are not as many times as rows, or they do not ascend, or the period ends before the last of them.

    Notes
    -----
    ``population.set(rates=..., schedule=...)`` gives others between two runs; times count from the beginning of the
    simulation. An interval that is given is kept as the times that it leads to.
    """

    kernel_name = "TimedArray"
    default_parameters: ClassVar[dict[str, Any]] = {
        "rates": Sequence([]),
        "schedule": Sequence([]),
        "period": NOT_PERIODIC,
    }
    default_initial_values: ClassVar[dict[str, float]] = {"r": 0.0}
    recordable: ClassVar[list[str]] = ["r"]
    receptor_types = ()
    injectable = False
    conductance_based = None
    standard_names = False
    units: ClassVar[Mapping[str, str]] = {"r": "dimensionless", "schedule": "ms", "period": "ms"}
    translations = same_names(default_parameters)
    sequence_parameters = ("rates", "schedule")
    linked_parameters = ("rates", "schedule", "period")
    scheduling_parameters = ("period",)

    def __init__(self, rates: Any = (), schedule: Any = None, period: float = NOT_PERIODIC) -> None:
        super().__init__(**self.in_form({"rates": rates, "schedule": schedule, "period": period}))

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """Return the parameters as they are."""
        return deepcopy(parameters) if copy else parameters

    reverse_translate = translate

    def in_form(self, parameters: Mapping[str, Any], cells: Any = None) -> dict[str, Any]:
        """Return arrays as a sequence for each cell, and an interval as the times that it leads to."""
        formed = dict(parameters)
        if "rates" in formed:
            formed["rates"] = _columns(formed["rates"])
        if "schedule" in formed:
            rates = formed["rates"] if "rates" in formed or cells is None else cells.get("rates")
            formed["schedule"] = _times(formed["schedule"], rates)
        return formed

    def check_together(self, values: Mapping[str, Any]) -> None:
        size = len(values["rates"])
        periods = np.broadcast_to(values["period"], (size,))
        for rates, times, period in zip(values["rates"], values["schedule"], periods, strict=True):
            if times.size and times.size != rates.size:
                raise _wrong(f"rates has {rates.size} values and schedule {times.size} times; there is one for each")
            if not np.isfinite(rates).all():
                raise _wrong("rates have to be finite")
            if times.size and (times[0] < 0 or (np.diff(times) <= 0).any()):
                raise _wrong(f"schedule = {times} has to begin at 0 or later and to be in ascending order")
            if period > 0 and times.size and times[-1] >= period:
                raise _wrong(f"period = {period:g} has to be after the last time of the schedule, {times[-1]:g}")

    def schedule(self, population: Population, sequences: Mapping[str, NDArray[np.object_]], index: Index) -> None:
        rates, times = ([sequence.value for sequence in sequences[name][index]] for name in self.sequence_parameters)
        dt = population.network.dt_ms
        each = [t if t.size else dt * np.arange(r.size) for r, t in zip(rates, times, strict=True)]
        population.set_timed_rates(rates, each, index)


def _columns(rates: Any) -> Any:
    """Return the sequence of each cell, or that of all."""
    first = rates[0] if isinstance(rates, list) and rates else rates
    if isinstance(first, ArrayParameter):
        return rates
    try:
        array = np.asarray(rates, dtype=float)
    except (TypeError, ValueError):
        raise _wrong(f"rates = {rates!r} is no array with a row for each time") from None
    if array.ndim == 0:
        raise _wrong(f"rates = {rates!r} is no array with a row for each time")
    if array.ndim == 1:
        return Sequence(array)
    return [Sequence(column) for column in array.reshape(len(array), -1).T]


def _times(schedule: Any, rates: Any) -> Any:
    """Return the times of a schedule: an interval gives as many as there are values."""
    if schedule is None:
        return Sequence([])
    if np.ndim(schedule) or isinstance(schedule, ArrayParameter):
        each = isinstance(schedule, list | tuple | np.ndarray) and isinstance(schedule[0], ArrayParameter)
        return schedule if each or isinstance(schedule, ArrayParameter) else Sequence(np.asarray(schedule, dtype=float))
    if isinstance(schedule, bool | str) or not 0 < schedule < np.inf:
        raise _wrong(f"schedule = {schedule!r} is neither an interval in ms, greater than 0, nor an array of times")
    one = isinstance(rates, ArrayParameter)
    sequences = [Sequence(schedule * np.arange(len(row.value))) for row in ([rates] if one else rates)]
    return sequences[0] if one else sequences


def _wrong(message: str) -> errors.InvalidParameterValueError:
    return errors.InvalidParameterValueError(f"TimedArray: {message}")
