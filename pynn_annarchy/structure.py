"""Connections that are made and removed while a simulation goes on, by hand and by the rules of their synapse type."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyNN import errors
from pyNN.parameters import LazyArray
from pyNN.random import RandomDistribution

from . import simulator
from .connectors.pairs import draw_each
from .learning_switches import whole_steps
from .periodic import Periodic
from .standardmodels.electrical import ElectricalSynapse
from .synapse_checks import check_variable
from .synapse_localities import of_projection, shared
from .synapse_values import checked

if TYPE_CHECKING:
    from .native.structure import Rearrangement

Index = NDArray[np.intp]


class FollowedIndex:
    """Indices of connections, which are what they are now: -1 for those that have been pruned."""

    def __init__(self, index: Index) -> None:
        self.index = np.asarray(index, np.int64)

    def follow(self, change: Rearrangement) -> None:
        """Some connections have come or gone."""
        self.index = change.places(self.index)


class StructuralPlasticity:
    """Mixed into `Projection`.

    Attributes
    ----------
    structure_changes
        How often connections have been created or pruned.
    """

    pre: Any
    post: Any
    label: str
    synapse_type: Any
    initial_values: dict[str, Any]
    structure_changes: int = 0
    _native: Any
    _network: Any
    _values: Any
    _recorder: Any
    _followers: weakref.WeakSet[Any]
    _pruning: Periodic | None = None
    _creating: Periodic | None = None

    # ---- by hand -----------------------------------------------------------------------------------------------------

    def create_synapse(
        self, pre: ArrayLike, post: ArrayLike, weight: Any = None, delay: Any = None, **attributes: Any
    ) -> None:
        """Make connections that are not there, from now on.

        Parameters
        ----------
        pre, post
            Indices of sources and targets in the projection's populations: a number each, or arrays that go together.
        weight, delay
            A number (of PyNN's unit; ms), one for each new connection, or a RandomDistribution; those of the synapse
            type by default.
        attributes
            Likewise other parameters, and first values of variables. What several connections share is given by `set`.

        Raises
        ------
        IndexError
            If there is no such cell.
        pyNN.errors.ConnectionError
            If two cells are connected already. Nothing has been changed then, nor if a value is wrong.
        """
        sources, targets = self._cells(pre, post)
        self._check_absent(sources, targets)
        given = {"weight": weight, "delay": delay, **attributes}
        if "w" in given:
            given["weight"] = given.pop("w")
        self.add_connections(sources, targets, {name: value for name, value in given.items() if value is not None})

    def prune_synapse(self, pre: ArrayLike, post: ArrayLike) -> None:
        """Remove connections, all of a pair where there are several: they transmit nothing from now on.

        What has passed a connection on its way to the target arrives, as after a change of its weight; what has not
        reached it yet is lost. A connection without a model is passed when its source spikes.

        Parameters
        ----------
        pre, post
            Indices of sources and targets in the projection's populations: a number each, or arrays that go together.

        Raises
        ------
        IndexError
            If there is no such cell.
        pyNN.errors.ConnectionError
            If two cells are not connected. Nothing has been changed then.
        """
        sources, targets = self._cells(pre, post)
        wanted, known = self._keys(sources, targets), self._keys(self.presynaptic_indices, self.postsynaptic_indices)
        missing = np.flatnonzero(~np.isin(wanted, known))
        if missing.size:
            raise errors.ConnectionError(
                f"{self.label}: cell {sources[missing[0]]} is not connected to cell {targets[missing[0]]}"
            )
        self.remove_connections(np.flatnonzero(np.isin(known, wanted)))

    def _cells(self, pre: ArrayLike, post: ArrayLike) -> tuple[Index, Index]:
        if isinstance(self.synapse_type, ElectricalSynapse):
            raise NotImplementedError(f"{self.label}: gap junctions stay; set the weight to 0 to cut one")
        ends = []
        for name, given, cells in (("pre", pre, self.pre), ("post", post, self.post)):
            index = np.atleast_1d(np.asarray(given))
            if index.ndim != 1 or (index.size and index.dtype.kind not in "iu"):
                raise TypeError(f"{name}={given!r} is neither a whole number nor a list of them")
            wrong = (index < 0) | (index >= cells.size)
            if wrong.any():
                raise IndexError(f"{self.label}: {name}={index[wrong][0]}; allowed are 0 to {cells.size - 1}")
            ends.append(index.astype(np.intp))
        if ends[0].size != ends[1].size and 1 not in (ends[0].size, ends[1].size):
            raise ValueError(f"{self.label}: {ends[0].size} sources for {ends[1].size} targets")
        sources, targets = np.broadcast_arrays(*ends)
        return sources, targets

    def _keys(self, pre: Index, post: Index) -> NDArray[np.int64]:
        """One number for each pair, in the order of connections."""
        return pre.astype(np.int64) * self.post.size + post

    def _check_absent(self, pre: Index, post: Index) -> None:
        wanted, known = self._keys(pre, post), self._keys(self.presynaptic_indices, self.postsynaptic_indices)
        present = np.flatnonzero(np.isin(wanted, known))
        if present.size:
            raise errors.ConnectionError(
                f"{self.label}: cell {pre[present[0]]} is connected to cell {post[present[0]]} already"
            )
        ordered = np.sort(wanted)
        twice = np.flatnonzero(ordered[1:] == ordered[:-1])
        if twice.size:
            source, target = divmod(int(ordered[twice[0]]), self.post.size)
            raise errors.ConnectionError(f"{self.label}: cell {source} to cell {target} is asked for twice")

    # ---- both ways ---------------------------------------------------------------------------------------------------

    def add_connections(self, pre: Index, post: Index, given: Mapping[str, Any]) -> None:
        """Make connections between cells that are not connected; what is not given is the synapse type's."""
        if not pre.size:
            return
        order = np.argsort(self._keys(pre, post), kind="stable")
        pre, post = pre[order], post[order]
        values = self._values_of_new(pre, post, {name: _in_order(value, order) for name, value in given.items()})
        known = self._keys(self.presynaptic_indices, self.postsynaptic_indices)
        before = np.searchsorted(known, self._keys(pre, post), side="right")
        sources, targets = self.pre.neuron_numbers[pre], self.post.neuron_numbers[post]
        try:
            change = self._values.create(sources, targets, values, before)
        except ValueError as problem:
            raise errors.ConnectionError(f"{self.label}: {problem}") from None
        self._follow(change)

    def remove_connections(self, index: Index) -> None:
        """Remove the connections at `index`, in the order of ``get(format="list")``."""
        if index.size:
            self._follow(self._values.prune(index))

    def _follow(self, change: Rearrangement) -> None:
        self.structure_changes += 1
        if self._recorder is not None:
            self._recorder.follow(change)
        for follower in getattr(self, "_followers", ()):
            follower.follow(change)
        for name in self.initial_values:
            values = np.array(self.initial_values[name].evaluate(), dtype=float)
            fresh = self.synapse_type.default_initial_values.get(name, 0.0)
            whole = change.array(values, fresh)
            self.initial_values[name] = LazyArray(whole, shape=whole.shape, dtype=float)

    def followed(self, index: Index) -> FollowedIndex:
        """Return indices that follow the connections, for as long as somebody keeps them."""
        if not hasattr(self, "_followers"):
            self._followers = weakref.WeakSet()
        made = FollowedIndex(index)
        self._followers.add(made)
        return made

    def _values_of_new(self, pre: Index, post: Index, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return all parameters and first values of new connections, in the engine's form, if they are right."""
        kind, model = self.synapse_type, type(self.synapse_type).__name__
        names, localities = kind.get_parameter_names(), kind.localities
        self._check_names(given, [*names, *self._values.variables])
        for name in given:
            if shared(localities, name):
                raise ValueError(f"{model}: {name} is shared by several connections and is given by set()")
        lazy = {name: value for name, value in kind.parameter_space.items() if name not in given}
        for name, value in lazy.items():
            if np.ndim(value.base_value) == 1:
                raise errors.ConnectionError(f"{model}: {name} was given for each connection; give it for new ones")
        values = {
            **self._evaluated(lazy, pre, post, draw_each),
            **{name: _drawn(model, name, given[name], pre.size) for name in names if name in given},
        }
        native = checked(self, self._native_values(values, pre.size), {})
        own = {**native, **self._shared_values(post, native)}
        further = {n: v for n, v in kind.further_parameters(self, post).items() if not shared(localities, n)}
        first = {**kind.initial_values(self, post, own), **self._variables_given(given, pre.size)}
        return {**own, **further, **first}

    def _variables_given(self, given: Mapping[str, Any], size: int) -> dict[str, Any]:
        kind, model = self.synapse_type, type(self.synapse_type).__name__
        found = {}
        for name in self._values.variables:
            if name in given:
                found[name] = _drawn(model, name, given[name], size)
                check_variable(model, name, found[name], kind.variable_limits)
        return found

    def _shared_values(self, post: Index, native: Mapping[str, Any]) -> dict[str, Any]:
        """Return what new connections share with others: the value that these have."""
        found: dict[str, Any] = {}
        targets = self.postsynaptic_indices
        for name, locality in self.synapse_type.localities.items():
            if locality == "local" or name not in native:
                continue
            if locality == "projection":
                found[name] = of_projection(self._native, name)
                continue
            if not self._native.size:
                continue
            now = self._values.read(name, None)
            ranks, first = np.unique(targets, return_index=True)
            at = np.minimum(np.searchsorted(ranks, post), ranks.size - 1)
            own = np.broadcast_to(native[name], post.shape)
            found[name] = np.where(ranks[at] == post, now[first[at]], own)
        return found

    # ---- by rules ----------------------------------------------------------------------------------------------------

    def start_pruning(self, period: float | None = None) -> None:
        """Apply the synapse type's rule of pruning every `period` ms (a time step by default), first after the period.

        Raises
        ------
        ValueError
            If there is no such rule, or the period is no multiple of the time step.
        """
        self.stop_pruning()
        self._pruning = self._started("pruning", period)

    def stop_pruning(self) -> None:
        """Apply it no more."""
        self._stopped(self._pruning)
        self._pruning = None

    def start_creating(self, period: float | None = None) -> None:
        """Apply the synapse type's rule of creating every `period` ms (a time step by default), first after the period.

        Raises
        ------
        ValueError
            If there is no such rule, or the period is no multiple of the time step.
        """
        self.stop_creating()
        self._creating = self._started("creating", period)

    def stop_creating(self) -> None:
        """Apply it no more."""
        self._stopped(self._creating)
        self._creating = None

    def _started(self, part: str, period: float | None) -> Periodic:
        from .structure_rules import apply_creating, apply_pruning  # here: this loads sympy

        steps = 1 if period is None else whole_steps("period", period, at_least=1)
        rule = getattr(type(self.synapse_type), f"{part}_rule", None)
        if rule is None:
            raise ValueError(f"{self.label}: {type(self.synapse_type).__name__} has no rule of {part}")
        apply: Callable[[Any, Any], None] = apply_pruning if part == "pruning" else apply_creating
        callback = Periodic(lambda _: apply(self, rule), steps, steps, self._network.step, internal=True)
        simulator.state.callbacks.add(callback)
        return callback

    def _stopped(self, callback: Periodic | None) -> None:
        if callback is not None:
            simulator.state.callbacks.remove(callback)

    # ---- what Projection has -----------------------------------------------------------------------------------------

    @property
    def presynaptic_indices(self) -> Index:
        """The index of each connection's source in the pre-synaptic population."""
        raise NotImplementedError

    @property
    def postsynaptic_indices(self) -> Index:
        """The index of each connection's target in the post-synaptic population."""
        raise NotImplementedError

    def _check_names(self, names: Any, known: list[str]) -> None:
        raise NotImplementedError

    def _evaluated(self, parameters: Any, pre: Index, post: Index, draw: Any) -> dict[str, Any]:
        raise NotImplementedError

    def _native_values(self, values: Mapping[str, Any], size: int) -> dict[str, Any]:
        raise NotImplementedError


def _in_order(value: Any, order: Index) -> Any:
    return np.asarray(value)[order] if np.ndim(value) == 1 and np.size(value) == order.size else value


def _drawn(model: str, name: str, value: Any, size: int) -> Any:
    """Return a number, or one for each new connection."""
    if isinstance(value, RandomDistribution):
        value = value.next(size)
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise errors.InvalidParameterValueError(f"{model}: {name} = {value!r} is not a number")
    if array.shape not in ((), (size,)):
        raise errors.InvalidDimensionsError(f"{model}: {name} has {array.size} values for {size} new connections")
    return float(array) if array.ndim == 0 else array.astype(float)
