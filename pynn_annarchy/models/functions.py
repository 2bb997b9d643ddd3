"""Functions written in the equation language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import simulator
from .constants import constant_values

if TYPE_CHECKING:
    from ..native.functions import Function
    from ..native.spec import NeuronText


class UserFunction:
    """A function of the equation language, which takes numbers and arrays.

    Attributes
    ----------
    text
        Its definition.
    """

    def __init__(self, definition: Function) -> None:
        self._definition = definition
        self.text = definition.text

    @property
    def __name__(self) -> str:
        return self._definition.name

    def __call__(self, *arguments: Any) -> Any:
        values = constant_values()
        return self._definition(*arguments, **{name: values[name] for name in self._definition.constants})

    def __repr__(self) -> str:
        return f"<function {self.text}>"


def add_function(text: str) -> UserFunction:
    """Define a function that all models' equations can call from now on.

    Parameters
    ----------
    text
        ``"name(argument, ...) = expression"``. It may read constants and call functions defined before. A function of
        the same name is replaced for models that are defined from now on.

    Returns
    -------
    UserFunction
        The same as ``functions(name)``.
    """
    from ..native.functions import functions as read  # here: this loads sympy
    from ..native.symbols import Parameter

    if not isinstance(text, str):
        raise TypeError(f"a function is given as text, such as 'f(x) = x^2', not as {text!r}")
    constants = {name: Parameter(name) for name in constant_values()}
    known = {name: function._definition for name, function in simulator.state.functions.items()}
    made = read(text, known, constants)
    if len(made) != 1:
        raise ValueError(f"one function is expected, such as 'f(x) = x^2', not {len(made)}")
    (definition,) = made.values()
    simulator.state.functions[definition.name] = UserFunction(definition)
    simulator.state.function_texts.append(definition.text)
    return functions(definition.name)


def functions(name: str) -> UserFunction:
    """Return a function that was defined by `add_function`, to be called with numbers or arrays."""
    from ..native.errors import closest

    known: Mapping[str, UserFunction] = simulator.state.functions
    if name not in known:
        near = closest(name, known) if isinstance(name, str) else None
        meant = f"did you mean {near!r}?" if near else f"there are {', '.join(known) or 'none'}"
        raise ValueError(f"there is no function {name!r}; {meant}")
    return known[name]


def library() -> str:
    """Return the text of all functions that have been defined for all models, oldest first."""
    return "\n".join(simulator.state.function_texts)


def functions_of(text: NeuronText) -> dict[str, UserFunction]:
    """Return the functions that a model's author defined in it."""
    from ..native.functions import functions as read
    from ..native.functions import library as read_library
    from ..native.symbols import Parameter

    constants = {name: Parameter(name) for name in text.constants}
    shared = read_library(text.library, constants)
    return {name: UserFunction(made) for name, made in read(text.functions, shared, constants).items()}
