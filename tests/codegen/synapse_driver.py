"""A plain driver of one compiled synapse model through the C interface, independent of the engine."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from pynn_annarchy.native.kernels import SynapseKernel, compiled_synapse
from pynn_annarchy.native.spec import SynapseText

NEVER = -(1 << 40)
LANES = 64


class _Train(ctypes.Structure):
    _fields_ = (
        ("step", ctypes.c_void_p),
        ("first", ctypes.c_uint32),
        ("end", ctypes.c_uint32),
        ("latest", ctypes.c_int64),
    )


class _Synapses(ctypes.Structure):
    _fields_ = (
        ("variable", ctypes.c_void_p),
        ("constant", ctypes.c_void_p),
        ("constant_stride", ctypes.c_void_p),
        ("lane", ctypes.c_void_p),
        ("dendritic", ctypes.c_void_p),
        ("dendritic_stride", ctypes.c_uint32),
        ("number", ctypes.c_void_p),
        ("last", ctypes.c_void_p),
        ("last_pre", ctypes.c_void_p),
        ("last_post", ctypes.c_void_p),
        ("seen", ctypes.c_void_p),
        ("seen_modulator", ctypes.c_void_p),
        ("target", ctypes.c_void_p),
        ("train", ctypes.c_void_p),
        ("modulator", _Train),
        ("modulator_delay", ctypes.c_uint32),
        ("post", ctypes.c_void_p),
        ("dt_ms", ctypes.c_double),
        ("seed", ctypes.c_uint64),
        ("stream", ctypes.c_uint32),
        ("held", ctypes.c_uint32),
        ("by_row", ctypes.c_uint32),
        ("row_from", ctypes.c_void_p),
        ("row_first", ctypes.c_void_p),
        ("n_rows", ctypes.c_size_t),
        ("by_target", ctypes.c_uint32),
        ("heard", ctypes.c_void_p),
        ("recent", ctypes.c_void_p),
        ("previous", ctypes.c_void_p),
        ("history", ctypes.c_void_p),
        ("began", ctypes.c_int64),
    )


class _Arrival(ctypes.Structure):
    _fields_ = (
        ("event", ctypes.c_int64),
        ("repeat", ctypes.c_uint32),
        ("sums", ctypes.c_void_p),
        ("offset", ctypes.c_uint32),
        ("mask", ctypes.c_uint32),
        ("emitted", ctypes.c_int64),
        ("n_further", ctypes.c_uint32),
        ("further", ctypes.c_void_p),
    )


_P, _N = ctypes.c_void_p, ctypes.c_size_t


class _Kernel(ctypes.Structure):
    _fields_ = (
        ("abi_version", ctypes.c_uint32),
        ("state_bytes", ctypes.c_uint32),
        ("acc_bytes", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("name", ctypes.c_char_p),
        ("n_params", ctypes.c_uint32),
        ("param_names", _P),
        ("param_defaults", _P),
        ("n_constants", ctypes.c_uint32),
        ("constant_names", _P),
        ("constant_depends", _P),
        ("n_variables", ctypes.c_uint32),
        ("variable_names", _P),
        ("variable_inits", _P),
        ("n_post", ctypes.c_uint32),
        ("post_names", _P),
        ("derive", ctypes.CFUNCTYPE(None, _P, ctypes.c_double, _P)),
        ("arrive", ctypes.CFUNCTYPE(None, _P, _N, _N, _P)),
        ("catch_up", ctypes.CFUNCTYPE(None, _P, _N, _N, ctypes.c_int64)),
        ("tick", _P),
        ("observe", ctypes.CFUNCTYPE(None, _P, _P, _N, ctypes.c_uint32, ctypes.c_int64, _P)),
        ("transmit", _P),
        ("row_variables", ctypes.c_uint64),
        ("row_parameters", ctypes.c_uint64),
        ("target_variables", ctypes.c_uint64),
        ("target_parameters", ctypes.c_uint64),
        ("echo", _P),
    )


_TICK = ctypes.CFUNCTYPE(None, _P, _N, _N, ctypes.c_int64)


class Synapses:
    """Synapses of one source, one for each target; targets take turns if there are fewer.

    Parameters
    ----------
    kernel
        The compiled model.
    n
        How many.
    dt
        Time step in ms.
    parameters, variables
        Values that differ from the defaults: a number, or one for each synapse. A parameter that is a number is
        uniform.
    trains
        For each target the steps of its spikes; all that will be, for a synapse looks no further than it is told.
    modulator
        The steps of the modulator's spikes.
    post
        For each variable of the target that the model reads its values.
    dendritic
        Steps: a number, or one for each synapse.
    taken
        How many spikes of every train, and of the modulator, came before those that are given.
    by_row
        Whether what follows from arrivals alone is kept once: then arrivals are at all synapses.
    """

    def __init__(
        self,
        kernel: SynapseKernel,
        n: int = 1,
        *,
        dt: float = 0.1,
        parameters: Mapping[str, float | np.ndarray] | None = None,
        variables: Mapping[str, float | np.ndarray] | None = None,
        trains: Sequence[Sequence[int]] = ((),),
        modulator: Sequence[int] = (),
        modulator_delay: int = 1,
        post: Mapping[str, Sequence[float]] | None = None,
        dendritic: int | Sequence[int] = 1,
        seed: int = 1,
        taken: int = 0,
        by_row: bool = False,
    ) -> None:
        self.kernel, self.n, self.dt = kernel, n, dt
        self.struct = _Kernel.from_address(kernel.address)
        self.real = np.float32 if kernel.precision == "single" else np.float64
        self.acc = np.float64 if kernel.precision == "double" else np.float32
        self.of_row = [name for v, name in enumerate(kernel.variables) if self.struct.row_variables >> v & 1]
        by_row = by_row and bool(self.of_row)
        self.value = {
            name: np.array(
                np.broadcast_to((variables or {}).get(name, initial), 1 if by_row and name in self.of_row else n),
                self.real,
            )
            for name, initial in kernel.variables.items()
        }
        assert set(variables or {}) <= set(kernel.variables)
        self._derive(dict(parameters or {}))
        self.sums = np.zeros(LANES, self.acc)
        self.lane = (np.arange(n) % LANES).astype(np.uint32)
        self.number = np.arange(n, dtype=np.uint32)
        self.last = np.full(n, -1, np.int64)
        self.last_pre, self.last_post = np.full(1 if by_row else n, NEVER, np.int64), np.full(n, NEVER, np.int64)
        self.row_from, self._row_first = np.full(1 if by_row else n, -1, np.int64), np.array([0, n], np.uint64)
        self.seen, self.seen_modulator = (np.full(n, taken % 2**32, np.uint32) for _ in range(2))
        self.target = (np.arange(n) % len(trains)).astype(np.uint32)
        self._steps = [np.array(train, np.int64) for train in (*trains, modulator)]
        filled = [
            _Train(steps.ctypes.data, taken % 2**32, (taken + len(steps)) % 2**32, steps[-1] if len(steps) else 0)
            for steps in self._steps
        ]
        self._trains = (_Train * len(trains))(*filled[:-1])
        self._dendritic = np.atleast_1d(np.array(dendritic, np.uint16))
        self._post = [np.array((post or {})[name], self.real) for name in kernel.post]
        self._tables = [_pointers(list(self.value.values())), _pointers(self.constants), _pointers(self._post)]
        variable, constant, remote = (table.ctypes.data for table in self._tables)
        flags = self.struct.flags
        self._synapses = _Synapses(
            variable=variable, constant=constant, constant_stride=self._stride.ctypes.data,
            lane=self.lane.ctypes.data, number=self.number.ctypes.data, target=self.target.ctypes.data,
            dendritic=self._dendritic.ctypes.data, dendritic_stride=int(self._dendritic.size > 1),
            last=None if flags & 64 else self.last.ctypes.data,
            by_row=by_row, row_from=self.row_from.ctypes.data if self.of_row else None,
            row_first=self._row_first.ctypes.data, n_rows=1,
            last_pre=self.last_pre.ctypes.data if flags & 4 else None,
            last_post=self.last_post.ctypes.data if flags & 8 else None,
            seen=self.seen.ctypes.data if flags & 1 else None,
            seen_modulator=self.seen_modulator.ctypes.data if flags & 2 else None,
            train=ctypes.addressof(self._trains) if flags & 1 else None,
            modulator=filled[-1], modulator_delay=modulator_delay,
            post=remote if kernel.post else None, dt_ms=dt, seed=seed, stream=5,
        )  # fmt: skip

    def _derive(self, parameters: dict[str, float | np.ndarray]) -> None:
        assert set(parameters) <= set(self.kernel.parameters)
        columns = [np.asarray(parameters.get(name, value)) for name, value in self.kernel.parameters.items()]
        uniform = all(column.ndim == 0 for column in columns)
        rows = 1 if uniform else self.n
        values = np.array([np.broadcast_to(column, rows) for column in columns], np.float64).reshape(len(columns), rows)
        out = np.zeros((rows, self.struct.n_constants))
        for row in range(rows):
            mine = np.ascontiguousarray(values[:, row])
            self.struct.derive(mine.ctypes.data, self.dt, out[row:].ctypes.data)
        self.constants = [np.ascontiguousarray(column, self.real) for column in out.T]
        self._stride = np.full(max(1, len(self.constants)), 0 if uniform else 1, np.uint32)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.value[name]

    def state(self) -> dict[str, bytes]:
        """Return all that a synapse remembers, bit by bit."""
        kept = {**self.value, "last": self.last, "pre": self.last_pre, "post": self.last_post, "seen": self.seen}
        kept["from"] = self.row_from
        return {name: np.broadcast_to(values, self.n).tobytes() for name, values in kept.items()}

    def arrive(
        self, event: int, repeat: int = 0, cuts: Sequence[int] = (), offset: int = 0, emitted: int | None = None
    ) -> np.ndarray:
        """Let a spike arrive, at pieces of the row if ``cuts`` says where to cut it; return the sums of the lanes."""
        sent = event if emitted is None else emitted
        arrival = _Arrival(event, repeat, self.sums.ctypes.data, offset, LANES - 1, sent)
        edges = [0, *cuts, self.n]
        for begin, end in pairwise(edges):
            self.struct.arrive(ctypes.byref(self._synapses), begin, end, ctypes.byref(arrival))
        found = self.sums.copy()
        self.sums[:] = 0
        return found

    def catch_up(self, last: int) -> None:
        """Take the events of target and modulator up to an event."""
        self.struct.catch_up(ctypes.byref(self._synapses), 0, self.n, last)

    def tick(self, step: int, cuts: Sequence[int] = ()) -> None:
        """Advance the equations of every step."""
        edges = [0, *cuts, self.n]
        for begin, end in pairwise(edges):
            _TICK(self.struct.tick)(ctypes.byref(self._synapses), begin, end, step)

    def observe(self, name: str, last: int) -> np.ndarray:
        """Return a variable at the time of an event."""
        index, values = np.arange(self.n, dtype=np.uint64), np.zeros(self.n)
        which = list(self.kernel.variables).index(name)
        self.struct.observe(
            ctypes.byref(self._synapses), index.ctypes.data, self.n, which, last, values.ctypes.data
        )  # fmt: skip
        return values


_COMPILED: dict[tuple[str, str], SynapseKernel] = {}


def compiled(text: SynapseText, precision: str = "double") -> SynapseKernel:
    """Return the compiled model, for any number of examples of one test."""
    key = (repr(text), precision)
    if key not in _COMPILED:
        _COMPILED[key] = compiled_synapse(text, precision)
    return _COMPILED[key]


def _pointers(arrays: Sequence[np.ndarray]) -> np.ndarray:
    for array in arrays:
        assert array.flags.c_contiguous
    return np.array([array.ctypes.data for array in arrays] or [0], dtype=np.uintp)
