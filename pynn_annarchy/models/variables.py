"""Variables and parameters of a model as objects, for those who prefer them to flags in the text."""

from __future__ import annotations

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
        return repr(float(value))
    raise TypeError(f"{value!r} is neither a number nor the name of one")


def equation_text(equations: str | Variable | Iterable[str | Variable]) -> str:
    """Return equations, however they are given, as one text."""
    if isinstance(equations, str):
        return equations
    items = [equations] if isinstance(equations, Variable) or not isinstance(equations, Iterable) else list(equations)
    for item in items:
        if not isinstance(item, str | Variable):
            raise TypeError(f"equations are text or Variable objects, not {item!r}")
    return "\n".join(item if isinstance(item, str) else item.text() for item in items)


def parameter_text(parameters: str | Mapping[str, Any]) -> str:
    """Return parameters, however they are given, as one text."""
    if isinstance(parameters, str):
        return parameters
    if not isinstance(parameters, Mapping):
        raise TypeError(f"parameters are text or a dict, not {parameters!r}")
    lines = []
    for name, value in parameters.items():
        lines.append(f"{name} = {value.text() if isinstance(value, Parameter) else _written(value)}")
    return "\n".join(lines)
