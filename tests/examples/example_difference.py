"""What a comparison of one recorded variable found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One recorded variable of one source: what differs, by how much, and whether that is too much."""

    key: str
    text: str
    size: float
    too_large: bool
