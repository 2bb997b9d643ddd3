"""Conditions at which a simulation stops early."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import cell_attributes, simulator
from .learning_switches import whole_steps
from .models.constants import constant_values

if TYPE_CHECKING:
    from .native.symbols import Expr

_COMBINED = {"any": np.any, "all": np.all}


class StopCondition:
    """A condition on the cells of a population, such as ``r > 5.0 : any``.

    Parameters
    ----------
    text
        A condition of the equation language over parameters and state variables, and behind a colon whether it has to
        hold for "any" cell, as by default, or for "all".
    names
        Parameters and variables that there are.

    Raises
    ------
    EquationError
        If the text is none.
    """

    def __init__(self, text: str, names: Iterable[str]) -> None:
        from .native import symbols
        from .native.errors import EquationError
        from .native.expression import Scope, condition
        from .native.tokens import Statement, opens_flags, spelled, statements

        found: list[Statement] = statements(text, "stop_condition")
        if len(found) != 1:
            raise EquationError("a stop condition is one condition, such as r > 5.0 : any")
        tokens = found[0].tokens
        colon = opens_flags(tokens)
        word = "any" if colon is None else spelled(tokens[colon + 1 :])
        if word not in _COMBINED:
            raise EquationError(f"{word!r} says neither 'any' nor 'all'", tokens[colon or 0].place)
        self.text = text
        self._combined = _COMBINED[word]
        self._symbols: dict[str, Expr] = {name: symbols.State(name) for name in names}
        self._constants = {symbols.Parameter(name): value for name, value in constant_values().items()}
        known = {
            **{symbol.name: symbol for symbol in self._constants},
            "pi": symbols.PI,
            "t": symbols.TIME,
            **self._symbols,
        }
        self._expression = condition(tokens[:colon], Scope(known, random=False), tokens[-1])
        self._time = symbols.TIME

    def holds(self, group: Any) -> bool:
        """Return whether it does for a population or view as it is now."""
        from .native.evaluate import evaluate

        read = {symbol for symbol in self._expression.free_symbols if symbol in self._symbols.values()}
        values = {symbol: np.ravel(cell_attributes.read(group, symbol.name)) for symbol in read}
        known = {**self._constants, self._time: simulator.state.t, **values}
        return bool(self._combined(evaluate(self._expression, known)))


def stop_condition(group: Any, text: str) -> StopCondition:
    """Return the condition that a text spells for the cells of a population."""
    names = [*cell_attributes.parameter_names(group), *cell_attributes.variable_names(group)]
    return StopCondition(text, [name for name in names if name not in group.celltype.sequence_parameters])


def simulate_until(max_duration: float, population: Any, operator: str = "and") -> float:
    """Simulate until the stop condition of a population holds, or for the longest time that is allowed.

    Conditions are looked at after every step, so this is slower than `run()`.

    Parameters
    ----------
    max_duration
        In ms.
    population
        A population with a `stop_condition`, or several.
    operator
        Whether the conditions of all of them have to hold at once ("and"), or that of one ("or").

    Returns
    -------
    float
        How long it has simulated, in ms.
    """
    groups = list(population) if isinstance(population, list | tuple | set) else [population]
    if operator not in ("and", "or"):
        raise ValueError(f"operator={operator!r} is neither 'and' nor 'or'")
    for group in groups:
        if getattr(group, "_stopping", None) is None:
            raise ValueError(f"{getattr(group, 'label', group)} has no stop_condition")
    joined = all if operator == "and" else any
    state = simulator.state
    first, n_steps = state.network.step, whole_steps("max_duration", max_duration)
    while state.network.step < first + n_steps:
        state.run_to_step(state.network.step + 1)
        if joined(group._stopping.holds(group) for group in groups):
            break
    return (state.network.step - first) * state.dt
