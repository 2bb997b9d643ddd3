"""A plain driver of one compiled neuron model through the C interface, independent of the engine."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping

import numpy as np

from pynn_annarchy.native.kernels import Kernel

CHUNK = 64

_GROW = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t)


class _Sink(ctypes.Structure):
    _fields_ = (
        ("neuron", ctypes.c_void_p),
        ("time_ms", ctypes.c_void_p),
        ("count", ctypes.c_size_t),
        ("capacity", ctypes.c_size_t),
        ("grow", _GROW),
    )


class _Block(ctypes.Structure):
    _fields_ = (
        ("n", ctypes.c_uint32),
        ("neuron", ctypes.c_void_p),
        ("state", ctypes.c_void_p),
        ("constant", ctypes.c_void_p),
        ("constant_stride", ctypes.c_void_p),
        ("source_data", ctypes.c_void_p),
        ("dt_ms", ctypes.c_double),
        ("seed", ctypes.c_uint64),
        ("stream", ctypes.c_uint32),
    )


class _Step(ctypes.Structure):
    _fields_ = (
        ("step", ctypes.c_int64),
        ("t_ms", ctypes.c_double),
        ("t_end_ms", ctypes.c_double),
        ("input", ctypes.c_void_p),
        ("injected", ctypes.c_void_p),
        ("injected_stride", ctypes.c_uint32),
    )


class _Kernel(ctypes.Structure):
    _fields_ = (
        ("head", ctypes.c_uint32 * 4),
        ("name", ctypes.c_char_p),
        ("n_params", ctypes.c_uint32),
        ("param_names", ctypes.c_void_p),
        ("param_defaults", ctypes.c_void_p),
        ("n_constants", ctypes.c_uint32),
        ("constant_names", ctypes.POINTER(ctypes.c_char_p)),
        ("constant_depends", ctypes.POINTER(ctypes.c_uint64)),
        ("n_state", ctypes.c_uint32),
        ("state_names", ctypes.c_void_p),
        ("state_inits", ctypes.c_void_p),
        ("n_inputs", ctypes.c_uint32),
        ("input_names", ctypes.c_void_p),
        ("derive", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_double, ctypes.c_void_p)),
        (
            "update",
            ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p),
        ),
    )


class Neurons:
    """Neurons of one model.

    Parameters
    ----------
    kernel
        The compiled model.
    n
        How many.
    dt
        Time step in ms.
    parameters
        Values that differ from the defaults: a number, or one for each neuron.
    seed
        Of the random numbers.
    """

    def __init__(
        self,
        kernel: Kernel,
        n: int = 1,
        *,
        dt: float = 0.1,
        parameters: Mapping[str, float | np.ndarray] | None = None,
        seed: int = 1,
    ) -> None:
        self.kernel, self.n, self.dt, self.seed, self.now = kernel, n, dt, seed, 0
        self.struct = _Kernel.from_address(kernel.address)
        self.real = np.float32 if kernel.precision == "single" else np.float64
        self.acc = np.float64 if kernel.precision == "double" else np.float32
        self.padded = -(-n // CHUNK) * CHUNK
        self.neuron = np.arange(self.padded, dtype=np.uint32)
        self.state = {name: np.full(self.padded, value, self.real) for name, value in kernel.states.items()}
        self.input = {name: np.zeros(self.padded, self.acc) for name in kernel.receptors}
        self.injected = np.zeros(self.padded, self.real)
        self.spikes: list[tuple[int, float]] = []
        self.constants = self._derive(dict(parameters or {}))
        self._sink_neuron, self._sink_time = np.zeros(0, np.uint32), np.zeros(0)
        self._grow = _GROW(self._enlarge)
        self._sink = _Sink(None, None, 0, 0, self._grow)

    def _derive(self, parameters: dict[str, float | np.ndarray]) -> np.ndarray:
        unknown = set(parameters) - set(self.kernel.parameters)
        assert not unknown, unknown
        columns = [np.broadcast_to(parameters.get(k, v), (self.n,)) for k, v in self.kernel.parameters.items()]
        values = np.ascontiguousarray(np.array(columns, dtype=np.float64).reshape(len(columns), self.n).T)
        out = np.zeros((self.n, self.struct.n_constants))
        for row in range(self.n):
            self.struct.derive(values[row].ctypes.data, self.dt, out[row].ctypes.data)
        padding = np.repeat(out[-1:], self.padded - self.n, axis=0)
        return np.ascontiguousarray(np.concatenate([out, padding]).T.astype(self.real))

    def _enlarge(self, _: int, at_least: int) -> None:
        old_neuron, old_time = self._sink_neuron, self._sink_time
        self._sink_neuron, self._sink_time = np.zeros(2 * at_least + 64, np.uint32), np.zeros(2 * at_least + 64)
        self._sink_neuron[: old_neuron.size], self._sink_time[: old_time.size] = old_neuron, old_time
        self._sink.neuron, self._sink.time_ms = self._sink_neuron.ctypes.data, self._sink_time.ctypes.data
        self._sink.capacity = self._sink_neuron.size

    def derived(self) -> dict[str, np.ndarray]:
        """Return the derived constants by name."""
        names = [self.struct.constant_names[j].decode() for j in range(self.struct.n_constants)]
        return {name: self.constants[j, : self.n] for j, name in enumerate(names)}

    def __getitem__(self, name: str) -> np.ndarray:
        return self.state[name][: self.n]

    def step(self, steps: int = 1, inputs: Mapping[str, float] | None = None) -> None:
        """Advance; ``inputs`` arrive at the end of every one of these steps."""
        state = _pointers(list(self.state.values()))
        constant = _pointers(list(self.constants))
        stride = np.full(max(1, len(self.constants)), CHUNK, np.uint32)
        receptors = _pointers(list(self.input.values()))
        block = _Block(
            self.n, self.neuron.ctypes.data, state.ctypes.data, constant.ctypes.data, stride.ctypes.data, None,
            self.dt, self.seed, 3,
        )  # fmt: skip
        for _ in range(steps):
            for name, value in (inputs or {}).items():
                self.input[name][: self.n] += value
            now = _Step(
                self.now, self.now * self.dt, (self.now + 1) * self.dt, receptors.ctypes.data,
                self.injected.ctypes.data, CHUNK,
            )  # fmt: skip
            self.struct.update(
                ctypes.byref(block), ctypes.byref(now), 0, self.padded // CHUNK, ctypes.byref(self._sink)
            )
            self.now += 1
        count = self._sink.count
        self.spikes = list(zip(self._sink_neuron[:count].tolist(), self._sink_time[:count].tolist(), strict=True))

    def trace(self, name: str, steps: int, inputs: Mapping[int, Mapping[str, float]] | None = None) -> np.ndarray:
        """Return a variable of neuron 0 at every step boundary, the first included; ``inputs`` by number of step."""
        values = [float(self[name][0])]
        for k in range(steps):
            self.step(1, (inputs or {}).get(k))
            values.append(float(self[name][0]))
        return np.array(values)


def _pointers(arrays: list[np.ndarray]) -> np.ndarray:
    for array in arrays:
        assert array.flags.c_contiguous
    return np.array([array.ctypes.data for array in arrays] or [0], dtype=np.uintp)
