"""Variables and parameters of a model as objects, for those who prefer them to flags in the text."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .constants import Constant

Bound = float | str | Constant


@dataclass(frozen=True)
class Variable:
    """An equation and what belongs to it.

    Parameters
    ----------
    equation
        As in the text of a model: ``tau*dv/dt = -v`` or ``r = pos(v)``.
    init
        The initial value: a number, or the name of a parameter or constant.
    min, max
        Bounds: numbers, or expressions of parameters and variables.
    method
        Numerical method of a differential equation.
    locality
        ``"population"`` for what is the same for all neurons; ``"local"`` is the default.
    """

    equation: str
    init: Bound | None = None
    min: Bound | None = None
    max: Bound | None = None
    method: str | None = None
    locality: str = "local"

    def text(self) -> str:
        """Return the equation with its flags."""
        for name in ("equation", "method", "locality"):
            value = getattr(self, name)
            if not isinstance(value, str) and (name, value) != ("method", None):
                raise TypeError(f"the {name} of a Variable is text, not {value!r}")
        given = {"init": self.init, "min": self.min, "max": self.max}
        flags = [f"{name}={_written(value)}" for name, value in given.items() if value is not None]
        flags += [] if self.method is None else [self.method]
        flags += [] if self.locality == "local" else [self.locality]
        if not flags:
            return self.equation
        return f"{self.equation.rstrip()}{', ' if _has_flags(self.equation) else ' : '}{', '.join(flags)}"


@dataclass(frozen=True)
class Parameter:
    """A parameter's default value and whether it may differ between neurons.

    Parameters
    ----------
    value
        A number, or the name of a constant, whose value of now it gets.
    locality
        ``"population"`` for a value that all neurons of a population share; ``"local"`` is the default.
    """

    value: Bound
    locality: str = "local"

    def text(self) -> str:
        """Return the value with its flag."""
        return _written(self.value) + ("" if self.locality == "local" else f" : {self.locality}")


def _has_flags(equation: str) -> bool:
    from ..native.tokens import opens_flags, scan

    tokens = tuple(token for token in scan(equation, "equations") if token.kind not in ("newline", "end"))
    return opens_flags(tokens) is not None


def _written(value: Any) -> str:
    if isinstance(value, Constant):
        return value.name
    if isinstance(value, str):
        return value
    if isinstance(value, numbers.Real):
        if not math.isfinite(value):
            raise TypeError(f"{float(value)!r} is no finite number")
        return repr(float(value))
    raise TypeError(f"{value!r} is neither a number nor the name of one")


def equation_text(equations: str | Variable | Iterable[str | Variable], part: str = "equations") -> str:
    """Return equations, however they are given, as one text.

    Raises
    ------
    TypeError
        If they are neither text nor `Variable` objects, nor several of these.
    """
    if isinstance(equations, str):
        return equations
    items: list[Any] = []  # what users give
    if isinstance(equations, Iterable) and not isinstance(equations, Mapping):
        items += equations
    else:
        items.append(equations)
    for item in items:
        if not isinstance(item, str | Variable):
            raise TypeError(f"{part}: text or Variable objects are expected, or a list of these, not {item!r}")
    return "\n".join(item if isinstance(item, str) else item.text() for item in items)


def plain_text(text: str | None, part: str) -> str:
    """Return one of the parts that are text, empty if it is not given.

    Raises
    ------
    TypeError
        If it is anything else.
    """
    if text is None:
        return ""
    if not isinstance(text, str):
        raise TypeError(f"{part}: text is expected, not {text!r}")
    return text


def names_to_text(names: Mapping[str, str], part: str) -> dict[str, str]:
    """Return a dict of text to text.

    Raises
    ------
    TypeError
        If it is anything else.
    """
    if not isinstance(names, Mapping) or not all(isinstance(word, str) for item in names.items() for word in item):
        raise TypeError(f"{part}: a dict of names to text is expected, not {names!r}")
    return dict(names)


def proper_unit(unit: str) -> str:
    """Return a unit as quantities knows it: "1" is that of numbers without one."""
    return "dimensionless" if unit.strip() == "1" else unit


def checked_units(units: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the units of a model's variables and parameters.

    Raises
    ------
    ValueError
        If a name is none of the model's, or a unit is not known.
    """
    import quantities

    from ..native.errors import closest

    known = [*names]
    for name, unit in units.items():
        if name not in known:
            near = closest(name, known)
            meant = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}"
            raise ValueError(f"units: {name!r} is no variable or parameter of the model; {meant}")
        try:
            quantities.Quantity(1.0, proper_unit(unit))
        except (LookupError, AttributeError):  # the latter of a number, which quantities evaluates
            raise ValueError(f"units: {unit!r} of {name!r} is no unit that is known, such as 'mV', '1/s'") from None
    return dict(units)


def parameter_text(parameters: str | Mapping[str, Any]) -> str:
    """Return parameters, however they are given, as one text."""
    if isinstance(parameters, str):
        return parameters
    if not isinstance(parameters, Mapping):
        raise TypeError(f"parameters are text or a dict, not {parameters!r}")
    return "\n".join(f"{name} = {_default(name, value)}" for name, value in parameters.items())


def _default(name: str, value: Any) -> str:
    try:
        return value.text() if isinstance(value, Parameter) else _written(value)
    except TypeError as problem:
        reason = f"parameter {name!r}: {problem}; values that differ are given with the population or projection"
        raise TypeError(reason) from None
