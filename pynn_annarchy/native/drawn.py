"""Connections that are known by what they are drawn from: the numbers are made when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import connect
from .arrays import Values
from .projection import MAX_DELAY_STEPS
from .recall import Lists

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Distribution:
    """What numbers are drawn from with counter-based random bits, each a function of its place and a key.

    Attributes
    ----------
    kind
        ``"uniform"`` from ``a`` to ``b``, or ``"normal"`` with mean ``a`` and standard deviation ``b``.
    a, b
        Its parameters.
    outside
        What becomes of normal numbers outside of the limits: ``"kept"``, ``"redrawn"``, or ``"moved"`` to them.
    low, high
        The limits.
    key
        64 bits.
    """

    kind: str
    a: float
    b: float
    outside: str = "kept"
    low: float = -np.inf
    high: float = np.inf
    key: int = 0

    def numbers(self, n: int, threads: int = 1) -> Numbers:
        """Return the first n of them.

        Raises
        ------
        RuntimeError
            If a number to be drawn again lies outside again and again.
        """
        if self.kind == "uniform":
            return connect.uniform_counted(self.key, self.a, self.b, n, threads)
        return connect.normal_counted(self.key, self.a, self.b, n, self.outside, self.low, self.high, threads)


@dataclass(frozen=True, eq=False)
class Choice:
    """How the sources of each post-synaptic cell are chosen, by their places among the pre-synaptic cells.

    Attributes
    ----------
    rule
        ``"replaced"``: a given number, any cell at any time; ``"different"``: a given number, none twice before all are
        there once; ``"probable"``: each with a probability.
    n_pre
        How many there are to choose from.
    barred
        For each post-synaptic cell the one that it is not connected to, or -1.
    counts
        The number of connections onto each, None if that is drawn, too.
    probability
        From 0 to 1.
    key
        64 bits.
    """

    rule: str
    n_pre: int
    barred: NDArray[np.int64]
    counts: NDArray[np.int64] | None = None
    probability: float = 0.0
    key: int = 0

    def columns(self, threads: int = 1) -> connect.Columns:
        """Choose them on the host."""
        if self.counts is not None:
            how = self.barred, self.n_pre, self.rule == "replaced"
            return connect.number_counted(self.key, self.counts, *how, threads=threads)
        cells = np.arange(self.n_pre), self.barred, False  # no pair of the same number
        shape = self.n_pre, self.barred.size
        return connect.below_counted(self.key, self.probability, *shape, cells, threads)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Connections of two groups of cells.

    Attributes
    ----------
    sources
        How they are chosen.
    counts
        The number of connections onto each post-synaptic cell.
    pre, post
        The neuron numbers of the cells.
    weights
        Of all connections (nA or uS), or what they are drawn from in order of their targets.
    delays
        Steps of all connections, or what they are drawn from, in ms.
    dt_ms
        The time step.
    threads
        How many may draw them; what comes out does not depend on it.
    """

    sources: Choice
    counts: NDArray[np.int64]
    pre: NDArray[np.uint32]
    post: NDArray[np.uint32]
    weights: float | Distribution
    delays: int | Distribution
    dt_ms: float
    threads: int = 1

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self.counts.sum())

    @property
    def weight(self) -> float | None:
        """That of all, None if each has its own."""
        return None if isinstance(self.weights, Distribution) else self.weights

    @property
    def delay_steps(self) -> int | None:
        """Likewise."""
        return None if isinstance(self.delays, Distribution) else self.delays

    @property
    def has_repeats(self) -> bool:
        """Whether two cells may be connected more than once."""
        rule, n_pre = self.sources.rule, self.sources.n_pre
        return rule == "replaced" or (rule == "different" and int(self.counts.max()) >= n_pre)

    @property
    def begin(self) -> NDArray[np.uint64]:
        """Where the connections onto each cell begin, in order of their targets, and how many there are."""
        return np.concatenate([[0], np.cumsum(self.counts)]).astype(np.uint64)

    def values_ms(self) -> tuple[Values, Values]:
        """Return weights, and delays in ms, in order of targets: one number for all, or one for each."""
        weight, delay = (self._numbers(d) if isinstance(d, Distribution) else d for d in (self.weights, self.delays))
        return weight, delay if isinstance(delay, np.ndarray) else delay * self.dt_ms

    def lists(self) -> Lists:
        """Draw them on the host: in order of source, then target, then age."""
        columns = self.sources.columns(self.threads)
        drawn = [self._numbers(d) for d in (self.weights, self.delays) if isinstance(d, Distribution)]
        source, target, values = connect.by_source(self.begin, columns.pre(), self.pre.size, drawn, self.threads)
        weight = values.pop(0) if isinstance(self.weights, Distribution) else self.weights
        delay = self._steps(values.pop(0)) if isinstance(self.delays, Distribution) else self.delays
        return Lists(self.pre[source], self.post[target], weight, delay)

    def _numbers(self, distribution: Distribution) -> Numbers:
        return distribution.numbers(self.size, self.threads)

    def _steps(self, delays_ms: Numbers) -> NDArray[np.uint16]:
        steps, wrong = connect.to_steps(delays_ms, self.dt_ms, 1, MAX_DELAY_STEPS, self.threads)
        if steps is None:
            raise ValueError(f"a delay of {wrong} ms is not between 1 and {MAX_DELAY_STEPS} steps of {self.dt_ms} ms")
        return steps
