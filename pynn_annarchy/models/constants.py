"""Named values that all models know."""

from __future__ import annotations

import math
import numbers
import re
from typing import Any

from .. import simulator


class Constant:
    """A named number that equations of all models can read, and that can be changed at any time.

    Parameters
    ----------
    name
        How equations call it. A parameter or variable of the same name hides it in its model. A new constant takes the
        place of an older one with the same name.
    value
        A number.
    """

    def __init__(self, name: str, value: float) -> None:
        from ..native.respell import WORDS  # here: this loads sympy
        from ..native.vocabulary import FUNCTION_NAMES

        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            raise ValueError(f"a constant's name has to be an identifier, not {name!r}")
        if name in FUNCTION_NAMES or name in WORDS or name in _PREDEFINED:
            raise ValueError(f"{name!r} is predefined and cannot be a constant")
        self.name = name
        self.value = _checked(name, value)
        simulator.state.constants[name] = self
        self.set(value)

    def set(self, value: float) -> None:
        """Give the constant another value, from the next step on, in all models of the running simulation."""
        self.value = _checked(self.name, value)
        if simulator.state.constants.get(self.name) is not self:
            return
        for model, names in simulator.state.constant_readers:
            if self.name in names:
                model.set_parameter(self.name, self.value)

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        return f"Constant({self.name!r}, {self.value!r})"


_PREDEFINED = frozenset(("t", "dt", "pi", "t_last", "t_pre", "t_post", "i_inj", "elapsed", "pre", "post", "w"))


def _checked(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ValueError(f"constant {name!r} has to be a finite number, not {value!r}")
    return float(value)


def constant_values() -> dict[str, float]:
    """Return all constants' values of now."""
    return {name: constant.value for name, constant in simulator.state.constants.items()}
