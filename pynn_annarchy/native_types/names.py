"""Names of native models and of their parameters."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from pyNN import errors
from pyNN.standardmodels import build_translations


def same_names(names: Iterable[str]) -> dict[str, Any]:
    """Return PyNN's table of translations for parameters that keep their names."""
    return dict(build_translations(*[(name, name) for name in names]))


def checked_name(model_name: str, known: Collection[str], function: str) -> str:
    """Return the name of a model, or raise an error that lists those there are."""
    if not isinstance(model_name, str):
        raise TypeError(f"{function}({model_name!r}): the name of a model is a string")
    if model_name not in known:
        raise errors.NoModelAvailableError(
            f"{function}({model_name!r}): there is no such model, there are {', '.join(sorted(known))}"
        )
    return model_name
