"""The rules by which connections come and go, applied to a projection.

Whatever they draw is a function of the seed, the projection, the rule, the two cells and the time step, so that results
depend neither on the number of threads nor on how a run is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyNN import errors

from . import simulator
from .models.constants import constant_values
from .native import draws
from .native.evaluate import evaluate
from .native.network import STRUCTURE_STREAMS
from .native.parse_structure import CREATING, DELAY, PRUNING, WEIGHT, Rule
from .native.symbols import DT, TIME, Draw, Expr, Parameter, Post, Pre, Reduced, State
from .synapse_localities import of_projection

if TYPE_CHECKING:
    from .native.population import Population

Index = NDArray[np.intp]
Numbers = NDArray[np.float64]

_PAIRS_AT_ONCE = 1 << 20  # of missing connections; an expression then takes some tens of MB
_DRAWS_OF_RULE = 64
_REDUCTIONS: Mapping[str, Callable[[Numbers], Any]] = {
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "norm1": lambda x: np.abs(x).sum(),
    "norm2": lambda x: np.sqrt(np.square(x).sum()),
}


class Chance:
    """The random numbers of one rule of a projection at this time step."""

    def __init__(self, projection: Any, part: str) -> None:
        network = projection._network
        self._seed, self._step, self._stream = network.seed, network.step, network.structure_stream
        self._number = 2 * simulator.state.projections.index(projection) + (part == CREATING)

    def of_pairs(self, draw: int, kind: str, pre: Any, post: Any, repeat: Any = 0) -> Numbers:
        """One number for each pair of neuron numbers; several connections of a pair are told apart by `repeat`."""
        found = np.empty(np.broadcast_shapes(np.shape(pre), np.shape(post)))
        for again in np.unique(repeat).tolist():
            which = _DRAWS_OF_RULE * again + draw
            a, b, _, _ = draws.philox(self._seed, STRUCTURE_STREAMS, self._number, 0, which)
            key = int(b) << 32 | int(a)
            numbers = draws.drawn(kind, draws.philox(key, self._stream, pre, self._step, post))
            found = np.where(np.asarray(repeat) == again, numbers, found)
        return found


class Cells:
    """What a rule reads of the cells on one side."""

    def __init__(self, projection: Any, side: str) -> None:
        self._network = projection._network
        self.numbers: NDArray[np.uint32] = np.asarray(getattr(projection, side).neuron_numbers)
        self._what = f"{projection.label}: {side}"

    def _populations(self) -> list[Population]:
        found: list[Population] = self._network.populations_of(self.numbers.astype(np.uint32))
        return found

    def value(self, name: str) -> Numbers:
        """A variable or a parameter of each cell, now."""
        values = np.empty(self.numbers.size)
        for population in self._populations():
            mine = (self.numbers >= population.first) & (self.numbers < population.first + population.size)
            values[mine] = self._of(population, name)[self.numbers[mine] - population.first]
        return values

    def reduced(self, operation: str, name: str) -> float:
        """A number made of a variable of all cells of the populations on this side."""
        whole = np.concatenate([self._of(population, name) for population in self._populations()])
        return float(_REDUCTIONS[operation](whole))

    def _of(self, population: Population, name: str) -> Numbers:
        kernel = population.kernel
        if name in kernel.states:
            return population.get_state(name)
        if name in kernel.parameters:
            return population.get_parameter(name)
        known = [n for n in (*kernel.states, *kernel.parameters) if not n.startswith("_")]
        raise errors.ConnectionError(f"{self._what}.{name}: {kernel.name} has {', '.join(known) or 'no variables'}")


class Moment:
    """What the symbols of a rule mean now."""

    def __init__(self, projection: Any, rule: Rule, part: str) -> None:
        self.rule = rule
        self.chance = Chance(projection, part)
        self.pre, self.post = Cells(projection, "pre"), Cells(projection, "post")
        self.common: dict[Expr, Any] = {TIME: simulator.state.t, DT: simulator.state.dt}
        self.of_pre: dict[Expr, Numbers] = {}
        self.of_post: dict[Expr, Numbers] = {}
        self.own: dict[Expr, Numbers] = {}
        constants = {**projection.synapse_type.text.constants, **constant_values()}
        fixed = set(projection.synapse_type.model.constants)
        for symbol in set().union(*(e.free_symbols for e in rule.expressions)):
            self._read(projection, symbol, constants, fixed)

    def _read(self, projection: Any, symbol: Expr, constants: Mapping[str, float], fixed: set[str]) -> None:
        name = symbol.name
        if isinstance(symbol, Pre):
            self.of_pre[symbol] = self.pre.value(name)
        elif isinstance(symbol, Post):
            self.of_post[symbol] = self.post.value(name)
        elif isinstance(symbol, Reduced):
            operation, _, behind = name[:-1].partition("(")  # of mean(pre.r) or mean(pre.sum(exc))
            side, _, variable = behind.partition(".")
            self.common[symbol] = getattr(self, side).reduced(operation, variable)
        elif isinstance(symbol, Parameter) and (name in fixed or name not in projection._readable) and name != WEIGHT:
            self.common[symbol] = constants[name]
        elif projection.synapse_type.model.localities.get(name, "local") == "projection":
            self.common[symbol] = of_projection(projection._native, name)
        elif isinstance(symbol, Parameter | State):
            self.own[symbol] = projection._values.read("weight" if name == WEIGHT else name, None)

    def evaluated(self, expression: Expr, pre: Index, post: Index, own: Index | None = None, repeat: Any = 0) -> Any:
        """Return the value of an expression for pairs of cells, given by their indices, whose shapes go together."""
        values = dict(self.common)
        values.update({symbol: array[pre] for symbol, array in self.of_pre.items()})
        values.update({symbol: array[post] for symbol, array in self.of_post.items()})
        if own is not None:
            values.update({symbol: array[own] for symbol, array in self.own.items()})
        for symbol in expression.free_symbols:
            if isinstance(symbol, Draw):
                draw = 1 + self.rule.draws.index(symbol)
                kind = symbol.name.partition("(")[0]
                values[symbol] = self.drawn(draw, kind, pre, post, repeat)
        with np.errstate(all="ignore"):  # a condition on what is not a number does not hold
            found = np.asarray(evaluate(expression, values))
        return np.broadcast_to(found, np.broadcast_shapes(np.shape(pre), np.shape(post)))

    def drawn(self, draw: int, kind: str, pre: Index, post: Index, repeat: Any = 0) -> Numbers:
        """One random number for each pair of cells, given by their indices."""
        return self.chance.of_pairs(draw, kind, self.pre.numbers[pre], self.post.numbers[post], repeat)

    def taken(self, pre: Index, post: Index, own: Index | None = None, repeat: Any = 0) -> NDArray[np.bool_]:
        """Which of the pairs for which the condition holds are concerned."""
        probability = self.evaluated(self.rule.probability, pre, post, own, repeat)
        if (probability >= 1).all():
            return np.ones(pre.shape, bool)
        return self.drawn(0, "uniform", pre, post, repeat) < probability


def apply_pruning(projection: Any, rule: Rule) -> None:
    """Remove the connections of a projection that the rule is for."""
    pre, post = projection.presynaptic_indices, projection.postsynaptic_indices
    moment, own = Moment(projection, rule, PRUNING), np.arange(pre.size)
    repeat = _repeats(projection._keys(pre, post))
    holds = np.flatnonzero(moment.evaluated(rule.condition, pre, post, own, repeat))
    pre, post, own, repeat = pre[holds], post[holds], own[holds], repeat[holds]
    projection.remove_connections(own[moment.taken(pre, post, own, repeat)])


def apply_creating(projection: Any, rule: Rule) -> None:
    """Make the connections of a projection that the rule is for."""
    moment = Moment(projection, rule, CREATING)
    pairs = list(_candidates(projection, moment))
    pre, post = (np.concatenate([np.empty(0, np.intp), *(pair[k] for pair in pairs)]) for k in (0, 1))
    if not pre.size:
        return
    names = {WEIGHT: "weight", DELAY: "delay"}
    own = projection._readable
    given = {
        name if name in own else names[name]: np.array(moment.evaluated(expression, pre, post), dtype=float)
        for name, expression in rule.values.items()
    }
    projection.add_connections(pre, post, given)


def _candidates(projection: Any, moment: Moment) -> Iterable[tuple[Index, Index]]:
    """Yield the pairs that are not connected and are taken, some sources at a time."""
    n_pre, n_post = projection.shape
    old_pre, old_post = projection.presynaptic_indices, projection.postsynaptic_indices
    with_self = getattr(projection._connector, "allow_self_connections", True) is True
    rows = max(1, _PAIRS_AT_ONCE // n_post)
    columns = np.arange(n_post)[None, :]
    for first in range(0, n_pre, rows):
        sources = np.arange(first, min(first + rows, n_pre))[:, None]
        free = np.ones((sources.size, n_post), bool)
        here = slice(*np.searchsorted(old_pre, (first, first + rows)))
        free[old_pre[here] - first, old_post[here]] = False
        if not with_self:
            free &= moment.pre.numbers[sources] != moment.post.numbers[columns]
        free &= moment.evaluated(moment.rule.condition, sources, columns).astype(bool)
        row, column = np.nonzero(free)
        pre = row + first
        taken = moment.taken(pre, column)
        yield pre[taken], column[taken]


def _repeats(keys: NDArray[np.int64]) -> Index:
    """How many connections of the same pair come before each: keys ascend."""
    if not (keys[1:] == keys[:-1]).any():
        return np.zeros(keys.size, np.intp)
    return np.arange(keys.size) - np.searchsorted(keys, keys, side="left")
