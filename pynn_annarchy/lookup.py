"""Populations and projections by their labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import simulator


def get_population(label: str) -> Any:
    """Return the population with this label.

    Raises
    ------
    KeyError
        If there is none, or more than one.
    """
    return _labelled(simulator.state.populations, label, "population")


def get_projection(label: str) -> Any:
    """Return the projection with this label; one that was given none is called as its two populations.

    Raises
    ------
    KeyError
        If there is none, or more than one.
    """
    return _labelled(simulator.state.projections, label, "projection")


def _labelled(among: Sequence[Any], label: str, what: str) -> Any:
    found = [one for one in among if one.label == label]
    if len(found) == 1:
        return found[0]
    if found:
        raise KeyError(f"{len(found)} {what}s have the label {label!r}")
    raise KeyError(f"no {what} has the label {label!r}; there are {', '.join(repr(o.label) for o in among) or 'none'}")
