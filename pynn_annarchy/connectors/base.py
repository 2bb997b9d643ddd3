"""What every connector here adds to PyNN's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyNN import descriptions
from pyNN.parameters import LazyArray
from pyNN.random import AbstractRNG

from ..other_backends import CONNECTOR, forgiving
from .arguments import flag
from .columns import Columns, ColumnValues, Picker, by_target
from .drawn import drawn_later
from .order import stable_order

if TYPE_CHECKING:
    from ..native.drawn import Choice

Index = NDArray[np.intp]
Callback = Callable[[float], Any] | None
Rule = tuple[NDArray[np.int64], NDArray[np.int64], bool]

_NO_SUCH_FILE = "connector_default.txt"  # PyNN's default, which it does not have and so gives this name as description


class PointConnector:
    """Mixed in before one of PyNN's connectors.

    The order of PyNN's reference path is kept: it visits the post-synaptic cells in order, and for each of them draws
    which pre-synaptic cells connect to it and then their parameters. So the same ``NumpyRNG`` gives the same network
    here as in the other backends. Native code draws the numbers where it knows how; where not, a loop does.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "__init__" in vars(cls):
            cls.__init__ = forgiving(f"{cls.__name__}()", CONNECTOR)(cls.__init__)  # type: ignore[method-assign]

    @property
    def location_selector(self) -> None:
        """Always None: a point neuron has no locations to choose from."""
        return None

    @location_selector.setter
    def location_selector(self, selector: Any) -> None:
        if selector is not None:
            raise NotImplementedError(
                f"{type(self).__name__}(location_selector={selector!r}): cells here are points, without locations on "
                "them; leave it out"
            )

    @property
    def safe(self) -> bool:
        """Whether the signs of weights are checked."""
        return self._safe

    @safe.setter
    def safe(self, safe: bool) -> None:
        self._safe = flag("safe", safe)

    @property
    def callback(self) -> Callback:
        """A function that is called with the fraction done: any number of rising ones, the last of them 1."""
        return self._callback

    @callback.setter
    def callback(self, callback: Callback) -> None:
        if callback is not None and not callable(callback):
            raise TypeError(f"callback={callback!r} is neither None nor a function of the fraction done")
        self._callback = callback

    def describe(self, template: str | None = _NO_SUCH_FILE, engine: str = "default") -> Any:
        """Describe the connector and its arguments.

        Parameters
        ----------
        template
            Text with fields such as ``$name`` and ``$parameters`` for the engine to fill in. None for a dictionary.
        engine
            One of PyNN's template engines.
        """
        parameters = self.get_parameters()  # type: ignore[attr-defined]
        if template == _NO_SUCH_FILE:
            arguments = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
            return f"{type(self).__name__}({arguments})"
        return descriptions.render(engine, template, {"name": type(self).__name__, "parameters": parameters})

    def report(self, fraction: float) -> None:
        """Tell the user's callback how much is done."""
        if self._callback is not None:
            self._callback(fraction)

    def _standard_connect(
        self, projection: Any, columns: Callable[..., Iterable[Any]], distance_map: Any = None
    ) -> None:
        """Connect as PyNN's loop over the post-synaptic cells; `columns` gives the sources of one after the other."""
        values = ColumnValues(projection)
        if not values.usable:
            self._loop(projection, columns, distance_map)
            return
        rng = getattr(self, "rng", None)
        at_once = rng is not None and values.independent_of(rng)
        sizes, sources, drawn = [], [], []
        for k, column in enumerate(columns()):
            if self._callback is not None:
                self._callback(k / projection.post.size)
            array = np.asarray(column)
            pre = np.flatnonzero(array) if array.dtype == bool else array
            sizes.append(pre.size)
            sources.append(pre.astype(np.uint32))
            if pre.size and not at_once:
                drawn.append(values.draw_column(pre.size))
        found = Columns.of_sizes(sizes, np.concatenate([np.empty(0, np.uint32), *sources]))
        if at_once or not drawn:
            arrays = values.draw(found)
        else:
            arrays = [np.concatenate(pieces) for pieces in zip(*drawn, strict=True)]
        self._take(projection, found, values.evaluate(found, arrays))

    def _take(self, projection: Any, columns: Columns, values: Mapping[str, Any]) -> None:
        projection.connect_columns(columns, values)
        self.report(1.0)

    def _loop(self, projection: Any, columns: Callable[..., Iterable[Any]], distance_map: Any) -> None:
        """Run PyNN's own loop, for parameters that are any function."""
        callback = self._callback

        def reported(mask: NDArray[np.bool_] | None = None) -> Iterator[Any]:
            for k, column in enumerate(columns(mask)):
                if callback is not None:
                    callback(k / projection.post.size)
                yield column

        self._callback = None  # PyNN's loop asks an assembly for its local_size, which it does not have, and fails
        try:
            super()._standard_connect(projection, reported, distance_map)  # type: ignore[misc]
        finally:
            self._callback = callback
        self.report(1.0)

    def _pick(self, projection: Any, picker: Picker) -> bool:
        """Connect natively; return False if the loop has to."""
        if self._callback is not None:  # which wants to see how it goes on
            return False
        if self._leave_for_later(projection, picker.rng, picker.sources):
            return True
        values = ColumnValues(projection)
        picked = values.pick(picker, projection.threads) if values.usable else None
        if picked is None:
            return False
        self._take(projection, picked[0], values.evaluate(*picked))
        return True

    def _leave_for_later(
        self, projection: Any, rng: AbstractRNG | None, sources: Choice | None, *, key_first: bool = False
    ) -> bool:
        """Connect, if all can be drawn when it is laid out; arguments as of `drawn_later`."""
        if sources is None or self._callback is not None:
            return False
        drawn = drawn_later(projection, rng, sources, key_first=key_first)
        if drawn is not None:
            projection.connect_drawn(drawn)
        return drawn is not None

    def _connect_columns(self, projection: Any, columns: Columns) -> None:
        """Connect sources that are known; only the parameters are drawn."""
        values = ColumnValues(projection)
        if self._callback is None and values.usable:
            self._take(projection, columns, values.evaluate(columns, values.draw(columns)))
            return
        bounds = columns.begin.tolist()

        def generate(mask: NDArray[np.bool_] | None = None) -> Iterator[Index]:
            chosen = range(len(bounds) - 1) if mask is None else np.flatnonzero(mask)
            return (columns.pre[bounds[k] : bounds[k + 1]].astype(np.intp) for k in chosen)

        self._standard_connect(projection, generate)

    def _connect_with_map(self, projection: Any, connection_map: LazyArray, distance_map: Any = None) -> None:
        """Connect according to a 2-D map of booleans."""

        def columns(mask: NDArray[np.bool_] | None = None) -> Iterator[NDArray[np.bool_]]:
            for column in connection_map.by_column(mask):
                array = np.asarray(column, dtype=bool)
                # lazyarray shortens a column of one element to a scalar, which PyNN does not recognise
                yield array if array.ndim else np.full(projection.pre.size, array)

        self._standard_connect(projection, columns, distance_map)

    def _connect_pairs(self, projection: Any, pre: NDArray[Any], post: NDArray[Any]) -> None:
        """Connect pre[k] to post[k]; the parameters are drawn for one post-synaptic cell after the other."""
        self._connect_columns(projection, by_target(pre, post, projection.post.size))

    def _connect_values(
        self, projection: Any, pre: NDArray[Any], post: NDArray[Any], **values: NDArray[np.float64]
    ) -> None:
        """Connect pre[k] to post[k] with values of its own for each. They win over those of the synapse type."""
        known = projection.synapse_type.get_parameter_names()
        for name in values:
            if name not in known:
                model = type(projection.synapse_type).__name__
                raise ValueError(f"{name} is not a parameter of {model}, which has {', '.join(known)}")
        if pre.size:
            # what the synapse type says is drawn for one post-synaptic cell after the other, as on PyNN's path
            order = stable_order(post, projection.post.size)
            ordered = {name: array[order] for name, array in values.items()}
            sizes = np.bincount(post, minlength=projection.post.size)
            columns = Columns.of_sizes(sizes, pre[order].astype(np.uint32, copy=False))
            projection.connect_listed(columns, **ordered)
        self.report(1.0)

    def _get_connection_map_no_self_connections(self, projection: Any) -> LazyArray:
        pre, post = projection.pre.neuron_numbers, projection.post.neuron_numbers
        return LazyArray(lambda i, j: pre[i] != post[j], shape=projection.shape)

    def _get_connection_map_no_mutual_connections(self, projection: Any) -> LazyArray:
        """Of each two connections that would run in opposite directions, allow one; and none of a cell to itself."""
        return LazyArray(no_mutual(projection), shape=projection.shape)


def no_mutual(projection: Any) -> Callable[[Any, Any], Any]:
    """Return a function that says for a pair (i, j) whether it is the one of two opposite directions to be kept.

    That is, as in PyNN's maps, the one from the later to the earlier cell. Pairs that have but one direction are kept.
    """
    pre, post = projection.pre.neuron_numbers, projection.post.neuron_numbers
    pre_on_both_sides, post_on_both_sides = np.isin(pre, post), np.isin(post, pre)
    return lambda i, j: ~(pre_on_both_sides[i] & post_on_both_sides[j]) | (pre[i] > post[j])


def allowed(projection: Any, allow: bool | str) -> Callable[[Any, Any], Any] | None:
    """Return a function that says whether `allow_self_connections` allows a pair (i, j); None if it allows all."""
    if allow == "NoMutual":
        return no_mutual(projection)
    if allow:
        return None
    pre, post = projection.pre.neuron_numbers, projection.post.neuron_numbers
    return lambda i, j: pre[i] != post[j]


def same_cell_index(cells: NDArray[np.int64], among: NDArray[np.int64]) -> Index:
    """For each of `cells` (neuron numbers), its index in `among`, or -1."""
    order = np.argsort(among)
    place = np.minimum(np.searchsorted(among[order], cells), among.size - 1)
    index = order[place]
    return np.where(among[index] == cells, index, -1)


def numbers_on_both_sides(projection: Any, allow: bool | str) -> Rule | None:
    """Return what native code needs to know about `allow_self_connections`; None if all pairs are allowed.

    That is: the numbers of the cells on each side, or -1 where a cell is not on the other one; and whether of two
    opposite directions but one is allowed.
    """
    if allow and allow != "NoMutual":
        return None
    pre, post = projection.pre.neuron_numbers, projection.post.neuron_numbers
    return np.where(np.isin(pre, post), pre, -1), np.where(np.isin(post, pre), post, -1), allow == "NoMutual"
