"""Names of users' models."""

from __future__ import annotations

import re


def identifier(name: str, otherwise: str = "Model") -> str:
    """Return a model's name as an identifier."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a model is text, not {name!r}")
    return re.sub(r"_+", "_", re.sub(r"\W", "_", name, flags=re.ASCII)).lstrip("_0123456789") or otherwise
