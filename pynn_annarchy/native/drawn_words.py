"""What connections are drawn from, word by word as csrc/connect/drawn_synapses.h has it, for the host and devices."""

from __future__ import annotations

import math
from collections.abc import Mapping

from . import connect
from .drawn import Choice, Distribution, Drawn

Words = Mapping[str, int | float]

_DISTRIBUTION = ("kind", "key", "a", "b", "outside", "low", "high")
# the members of a `DrawnSynapses`
DRAWN_WORDS = (
    *("size", "n_post", "begin", "pre", "post", "key", "n_pre", "rule", "barred", "probability", "scale"),
    *(f"{value}_{name}" for value in ("weight", "delay") for name in _DISTRIBUTION),
    *("width", "height", "dt_ms"),
)
_KINDS = {"uniform": 1, "normal": 2}
_RULES = ("replaced", "different", "probable")


def words_of_sources(sources: Choice, barred: int) -> Words:
    """Return how sources are chosen; `barred` is the address of that array, of int64."""
    p = sources.probability
    scale = 1.0 / math.log1p(-p) if 0.0 < p < 1.0 else 0.0  # as in csrc/connect/counted.cpp
    rule = {"rule": _RULES.index(sources.rule), "barred": barred, "probability": float(p), "scale": scale}
    return {"key": sources.key, "n_pre": sources.n_pre, "n_post": sources.barred.size, **rule}


def words_of_connections(drawn: Drawn, *, begin: int, pre: int, post: int, barred: int) -> Words:
    """Return everything but the tables; the last ones are addresses of arrays of uint64, uint32, uint32 and int64."""
    return {
        **{"size": drawn.size, "dt_ms": float(drawn.dt_ms), "begin": begin, "pre": pre, "post": post},
        **words_of_sources(drawn.sources, barred),
        **_words_of_values("weight", drawn.weights),
        **_words_of_values("delay", drawn.delays),
    }


def _words_of_values(name: str, given: float | Distribution) -> Words:
    if not isinstance(given, Distribution):
        return {}
    a, b, low, high = (float(x) for x in (given.a, given.b, given.low, given.high))
    outside = connect.OUTSIDE.index(given.outside)
    of = (_KINDS[given.kind], given.key, a, b, outside, low, high)
    return {f"{name}_{member}": value for member, value in zip(_DISTRIBUTION, of, strict=True)}
