"""The state of the synapses of one store, in the order in which the engine walks them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import core
from .arrays import FloatArray, Values, aligned_zeros
from .lent import Lent
from .switches import HELD_ALL

if TYPE_CHECKING:
    from .kernels import SynapseKernel
    from .plastic import PlasticProjection

NEVER = -(1 << 40)  # PA_NEVER: the event of something that has not happened
_POST, _MODULATED, _LAST_PRE, _LAST_POST, _TIMELESS = 1, 2, 4, 8, 64
_LAST, _SEEN, _ROW_FROM, _HEARD = 0, 3, 5, 6
_N_COUNTERS = 7  # last, last_pre, last_post, seen, seen_modulator, row_from, heard

# A number if all synapses have it, else one per synapse, None if the model does not ask.
Field = float | NDArray[Any] | None


class Places(NamedTuple):
    """Some synapses of one projection that one thread owns."""

    thread: int
    here: NDArray[np.uint64]  # in the thread's order
    creation: NDArray[np.int64]  # in the projection's


class PlasticStore:
    """Arrays for each thread's synapses, and how they go to and come from projections.

    What follows from arrivals alone is kept once for all synapses of a row, while it is equal for them (``by_row``),
    and what follows from spikes of targets alone once for all of a target (``by_target``). The same numbers come out of
    it, so whether it is decides about time and memory only.

    Parameters
    ----------
    members
        The projections that some of the synapses belong to, by ascending number.
    n_targets
        The neurons of the block.
    """

    def __init__(
        self,
        engine_store: core.PlasticStore,
        kernel: SynapseKernel,
        members: tuple[PlasticProjection, ...],
        threads: int,
        real: type[np.floating[Any]],
        n_targets: int,
    ) -> None:
        self.core = engine_store
        self.kernel = kernel
        self.members = members
        self._real = real
        self._constants: list[list[NDArray[Any]]] = [[] for _ in range(threads)]
        self._strides: list[int] = []
        info = core.synapse_kernel_info(kernel.address)
        flags, of_row, of_target = info["flags"], info["row_variables"], info["target_variables"]
        asked = (flags & flag for flag in (_LAST_PRE, _LAST_POST, _POST, _MODULATED))
        dtypes = (np.int64, np.int64, np.int64, np.uint32, np.uint32, np.int64, np.int64)
        n = len(kernel.variables)
        exist = (~flags & _TIMELESS, *asked, of_row, 0)
        self._dtypes = [real] * n + [d if there else None for there, d in zip(exist, dtypes, strict=True)]
        self._row_from, self._heard = n + _ROW_FROM, n + _HEARD
        of_rows = [v for v in range(n) if of_row >> v & 1] + [n + 1, self._row_from] * bool(of_row)
        self._of_rows = [field for field in of_rows if self._dtypes[field] is not None]
        self._row_parameters = _chosen(kernel.parameters, info["row_parameters"])
        self._target_variables = [v for v in range(n) if of_target >> v & 1]
        self._of_targets = [*self._target_variables, *(n + field for field in (_LAST, _LAST + 2, _SEEN))]
        self._target_parameters = _chosen(kernel.parameters, info["target_parameters"])
        self._n_targets = n_targets
        self.by_row = self.by_target = False
        self._apart_until = NEVER  # up to this event, arrivals at synapses of one row may differ
        self._attached: tuple[list[NDArray[Any]], int] | None = None
        self._states: Lent[list[list[NDArray[Any] | None]]] = Lent([[None] * len(self._dtypes) for _ in range(threads)])
        self._sizes = [int(engine_store.row_first(thread)[-1]) for thread in range(threads)]

    # -- places --------------------------------------------------------------------------------------------------------

    def places(self, projection: PlasticProjection, index: NDArray[np.int64] | None = None) -> Iterator[Places]:
        """Where the projection's synapses are, or those at ``index``, thread by thread."""
        wanted = _wanted(projection, index)
        found = (self._places(projection, wanted, thread) for thread in range(len(self._parts)))
        return (places for places in found if places.here.size)

    def _places(self, projection: PlasticProjection, wanted: NDArray[np.bool_] | None, thread: int) -> Places:
        creation = projection.numbers.places(self.core.numbers(thread))
        mine = creation >= 0
        if wanted is None and mine.all():  # most often: there is one projection
            return Places(thread, np.arange(creation.size, dtype=np.uint64), creation)
        if wanted is not None:
            mine[mine] = wanted[creation[mine]]
        here = np.flatnonzero(mine)
        return Places(thread, here.astype(np.uint64), creation[here])

    def _spread(self, thread: int, values: list[Field], dtype: Any) -> NDArray[Any]:
        """One value of each member's synapse after the other, in the thread's order."""
        array = aligned_zeros(self._sizes[thread], dtype)
        if all(not isinstance(v, np.ndarray) and v == values[0] for v in values):
            array[:] = values[0]
            return array
        sizes = [member.size for member in self.members]
        table = np.concatenate([np.broadcast_to(np.asarray(v, dtype), n) for v, n in zip(values, sizes, strict=True)])
        array[:] = table[self._in_members(thread)]
        return array

    def _in_members(self, thread: int) -> NDArray[np.int64]:
        """The place of each synapse in the members' synapses one after the other."""
        numbers = self.core.numbers(thread).astype(np.int64)
        offsets = np.cumsum([0, *(member.size for member in self.members)])[:-1]
        firsts = np.array([-1 if member.numbers.first is None else member.numbers.first for member in self.members])
        if (firsts < 0).any():
            place = np.empty(numbers.size, np.int64)
            for member, offset in zip(self.members, offsets, strict=True):
                here = member.numbers.places(numbers)
                place[here >= 0] = here[here >= 0] + offset
            return place
        shift: NDArray[np.int64] = (offsets - firsts)[np.searchsorted(firsts, numbers, side="right") - 1]
        return numbers + shift

    # -- state ---------------------------------------------------------------------------------------------------------

    @property
    def _parts(self) -> list[list[NDArray[Any] | None]]:
        """Each thread's arrays, by field; fetched now if a device has them."""
        return self._states.here

    def lend(self, fetch: Callable[[], None]) -> None:
        """Let a device have the states until somebody asks for them: ``fetch`` brings them back."""
        self._states.lend(fetch)

    @staticmethod
    def begin_with(projection: PlasticProjection, last: int) -> list[Field]:
        """The fields of synapses to which nothing has happened yet."""
        counters: list[Field] = [last, NEVER, NEVER, 0, 0, last, last]
        return [*projection.initial.values(), *counters]

    def take(self, fields: list[list[Field]], held: bool) -> None:
        """Take the state of the members, the fields of each; ``held``: nothing may change it."""
        self.by_row = bool(self._of_rows) and _same_for_all(fields, self._of_rows) and self._alike(self._row_parameters)
        self.by_target = self.by_row and not held and self._may_echo() and _same_for_all(fields, self._of_targets)
        if self.by_target:
            first = [float(np.asarray(fields[0][v])) for v in self._target_variables]
            self.core.begin_echoes(self._n_targets, first, int(np.asarray(fields[0][self._heard])))
        with ThreadPoolExecutor(len(self._parts)) as pool:  # new memory is slow, and numpy fills it without the lock
            list(pool.map(partial(self._take_part, fields), range(len(self._parts))))

    def _may_echo(self) -> bool:
        """Whether what follows from spikes of targets may be kept once for each."""
        return self.core.may_echo and self._alike(self._target_parameters)

    def _take_part(self, fields: list[list[Field]], thread: int) -> None:
        part = self._parts[thread]
        for j, dtype in enumerate(self._dtypes):
            if self.by_row and j in self._of_rows:
                part[j] = self._of_each_row(thread, fields[0][j], dtype)
            elif self.by_target and j in self._of_targets:
                part[j] = None
            elif dtype is not None:
                part[j] = self._spread(thread, [of_member[j] for of_member in fields], dtype)
        part[self._heard] = self._of_each_row(thread, fields[0][self._heard], np.int64) if self.by_target else None

    def _of_each_row(self, thread: int, value: Field, dtype: Any) -> NDArray[Any]:
        array = aligned_zeros(len(self.core.row_first(thread)) - 1, dtype)
        array[:] = value
        return array

    def give(self, last: int) -> None:
        """Give the state back to the members when all events up to ``last`` have happened."""
        self._part_targets(last)
        for member in self.members:
            if member.state is None:
                member.state = [None if d is None else np.zeros(member.size, d) for d in self._dtypes]
            for places in self.places(member):
                for j, field in enumerate(member.state):
                    if isinstance(field, np.ndarray) and self._dtypes[j] is not None:
                        field[places.creation] = self.raw(places, j)

    def restore(self) -> None:
        """Bring every synapse back to where it began, with no spike to be taken."""
        self._apart_until = NEVER
        held = self.members[0].switches.held == HELD_ALL
        self.take([self.begin_with(member, -1) for member in self.members], held)
        self._tell()

    def _array(self, thread: int, field: int) -> NDArray[Any]:
        array = self._parts[thread][field]
        assert array is not None
        return array

    # -- rows ----------------------------------------------------------------------------------------------------------

    def set_apart(self, until: int, last: int) -> None:
        """Prepare for arrivals after the event ``last`` and up to ``until`` at some of the synapses of a row."""
        self._apart_until = max(self._apart_until, until)
        self._part_rows(last)

    def _alike(self, parameters: list[str]) -> bool:
        """Whether these parameters are the same for all."""
        first = self.members[0].parameters
        return all(_same(m.parameters[name], first[name]) for m in self.members for name in parameters)

    def _row_of(self, thread: int) -> NDArray[np.int64]:
        """The row of each synapse."""
        sizes = np.diff(self.core.row_first(thread))
        return np.repeat(np.arange(sizes.size), sizes)

    def _part_rows(self, last: int) -> None:
        """Give every synapse its own copy of what is its row's, and so its target's, after the event ``last``."""
        if not self.by_row:
            return
        self._part_targets(last)
        self.by_row = False
        for thread in range(len(self._parts)):
            self._gather(thread, self._row_of(thread))
        self._tell()

    def _join_rows(self, last: int) -> None:
        """Keep what is equal within every row once, if everything is that may be."""
        if self.by_row or not self._of_rows or last < self._apart_until or not self._alike(self._row_parameters):
            return
        firsts = [self.core.row_first(thread) for thread in range(len(self._parts))]
        for thread, first in enumerate(firsts):
            for field in self._of_rows:
                values = self._array(thread, field)
                differs = values[1:] != values[:-1]
                differs[first[1:-1] - 1] = False
                if differs.any():
                    return
        self.by_row = True
        for thread, first in enumerate(firsts):
            self._gather(thread, first[:-1])

    def _gather(self, thread: int, index: NDArray[np.int64]) -> None:
        for field in self._of_rows:
            old = self._array(thread, field)
            new = aligned_zeros(index.size, old.dtype)
            new[:] = old[index]
            self._parts[thread][field] = new

    # -- targets -------------------------------------------------------------------------------------------------------

    def _part_targets(self, last: int) -> None:
        """Give every synapse its own copy of what is its target's, when all events up to ``last`` have happened."""
        if not self.by_target:
            return
        self.by_target = False
        for thread, part in enumerate(self._parts):
            for field in self._of_targets:
                if self._dtypes[field] is not None:
                    part[field] = aligned_zeros(self._sizes[thread], self._dtypes[field])
            self.core.part_targets(thread, last, self._arrays(thread))
            part[self._heard] = None
        self._tell()

    # -- engine --------------------------------------------------------------------------------------------------------

    def derive(self, dt_ms: float) -> None:
        """Bring the constants up to date with the parameters."""
        of_members = [member.constants(dt_ms) for member in self.members]
        self._strides = []
        constants: list[list[NDArray[Any]]] = [[] for _ in self._parts]
        for j in range(len(of_members[0])):
            values: list[Field] = [constant[j] for constant in of_members]
            uniform = all(not isinstance(v, np.ndarray) and v == values[0] for v in values)
            self._strides.append(0 if uniform else 1)
            one = aligned_zeros(1, self._real)
            if uniform:
                one[:] = values[0]
            for thread, arrays in enumerate(constants):
                arrays.append(one if uniform else self._spread(thread, values, self._real))
        self._constants = constants

    def attach(self, post: list[NDArray[Any]], stream: int, last: int) -> None:
        """Tell the engine where everything is; events up to ``last`` have happened."""
        if self._alike(self._row_parameters):
            self._join_rows(last)
        else:
            self._part_rows(last)
        if self.by_target and not self._may_echo():
            self._part_targets(last)
        self._attached = post, stream
        self._tell()

    def _arrays(self, thread: int) -> tuple[Any, ...]:
        part = self._parts[thread]
        return part[:-_N_COUNTERS], self._constants[thread], *part[-_N_COUNTERS : self._heard]

    def _tell(self) -> None:
        if self._attached is None:
            return
        for thread, part in enumerate(self._parts):
            heard = (part[self._heard],) if self.by_target else ()
            self.core.attach(thread, self._arrays(thread), self.by_row, self._strides, *self._attached, *heard)

    def catch_up(self, last: int) -> None:
        """Apply what targets and modulators have sent up to the event ``last``."""
        for thread in range(len(self._parts)):
            self.core.catch_up(thread, last)

    def read(self, places: Places, variable: int, last: int) -> FloatArray:
        """The variable when all events up to ``last`` have happened."""
        return self.core.observe(places.thread, places.here, variable, last)

    def read_into(
        self,
        values: FloatArray,
        projection: PlasticProjection,
        variable: int,
        last: int,
        index: NDArray[np.int64] | None,
    ) -> None:
        """Read all of a projection's synapses here, or those at ``index``, into their places among ``values``."""
        wanted = _wanted(projection, index)

        def read(thread: int) -> None:
            places = self._places(projection, wanted, thread)
            if places.here.size:
                values[places.creation] = self.read(places, variable, last)

        with ThreadPoolExecutor(len(self._parts)) as threads:
            list(threads.map(read, range(len(self._parts))))

    def raw(self, places: Places, variable: int) -> NDArray[Any]:
        """The variable as the last event left it behind."""
        shared = self.by_row and variable in self._of_rows
        where = self._row_of(places.thread)[places.here] if shared else places.here
        values: NDArray[Any] = self._array(places.thread, variable)[where]
        return values

    def write(self, places: Places, variable: int, values: Values, last: int) -> None:
        """Set the variable when all events up to ``last`` have happened."""
        if variable in self._of_rows:
            self._part_rows(last)
        elif variable in self._of_targets:
            self._part_targets(last)
        self._array(places.thread, variable)[places.here] = values

    def advance(self, places: Places, last: int) -> None:
        """Bring equations that are advanced only at events to the end of the event ``last``, as if it were one."""
        self._part_targets(last)
        count = len(self.kernel.variables)
        for variable, values in enumerate([self.read(places, v, last) for v in range(count)]):
            self.write(places, variable, values, last)
        for field in (count, self._row_from):
            if self._dtypes[field] is not None:
                self._array(places.thread, field)[places.here] = last


def _wanted(projection: PlasticProjection, index: NDArray[np.int64] | None) -> NDArray[np.bool_] | None:
    if index is None:
        return None
    wanted = np.zeros(projection.size, bool)
    wanted[index] = True
    return wanted


def _chosen(names: Iterable[str], bits: int) -> list[str]:
    return [name for k, name in enumerate(names) if bits >> k & 1]


def _same_for_all(fields: list[list[Field]], which: list[int]) -> bool:
    return all(_same(of_member[j], fields[0][j]) for of_member in fields for j in which)


def _same(a: Field, b: Field) -> bool:
    return not isinstance(a, np.ndarray) and not isinstance(b, np.ndarray) and a == b
