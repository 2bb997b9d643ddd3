"""Set-up and control of a simulation."""

from __future__ import annotations

import math
import numbers
import shlex
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

from pyNN import common
from pyNN.common.control import DEFAULT_MAX_DELAY, DEFAULT_MIN_DELAY, DEFAULT_TIMESTEP

from . import other_backends, simulator
from .keeping import Kept
from .native.cuda.devices import gpu_index
from .native.methods import METHODS
from .native.parallelism import AUTO
from .native.settings import setting
from .native.toolchain import Toolchain, find_compiler

Callback = Callable[[float], float]
Delay = float | Literal["auto"]

DEFAULT_SEED = 42
NOTHING: Mapping[str, Any] = MappingProxyType({})
PRECISIONS = ("double", "mixed", "single")

_KEYWORDS = (
    "timestep", "min_delay", "max_delay", "threads", "seed", "precision", "method", "device", "compiler",
    "compiler_flags", "structural_plasticity",
)  # fmt: skip
_REFUSED_BY_PYNN = ("mindelay", "maxdelay", "dt", "time_step")


def setup(
    timestep: float = DEFAULT_TIMESTEP,
    min_delay: Delay | None = DEFAULT_MIN_DELAY,
    *,
    max_delay: Delay | None = DEFAULT_MAX_DELAY,
    threads: int | str | None = None,
    seed: int | None = None,
    precision: str | None = None,
    method: str | None = None,
    device: str | None = None,
    compiler: str | None = None,
    compiler_flags: str | Sequence[str] = (),
    structural_plasticity: bool | None = None,
    **extra_params: Any,
) -> int:
    """Begin a new, empty simulation; what an earlier one held is discarded.

    Parameters
    ----------
    timestep
        Length of a time step in ms.
    min_delay, max_delay
        Bounds in ms of the delays that connections may have; 'auto' or None leaves them to the connections.
    threads
        Number of threads to simulate with, 1 unless set outside of the script (docs/options.md; the same holds for
        `precision`, `device` and `compiler`); "auto" takes as many as there are cores, but fewer for a network so small
        that they would only wait for each other. Results do not depend on it.
    seed
        Seed of everything random that the simulator itself draws (spike sources, noise). Also accepted as ``rng_seed``.
    precision
        "double" (state and weights in float64, the default), "mixed" (weights in float32) or "single".
    method
        Numerical method of differential equations without a flag in models of `Neuron` and `Synapse`: "explicit",
        "implicit", "exponential", "midpoint", "rk4", "rk45", "magnus" or "exact". None leaves each equation to the
        method that suits it best. Standard models are not affected.
    device
        What to simulate on: "cpu", "cuda" or "cuda:1" (a GPU, see docs/gpu.md; `devices` lists them), or
        "cuda-emulated", which executes the code for GPUs slowly on the processor.
    compiler
        The command of the C++ compiler for models written as equations, in place of the one that is found. Standard
        models need none.
    compiler_flags
        Flags for it beside the package's own: one text, split as a shell would, or a sequence.
    structural_plasticity
        Connections can be created and pruned in every simulation; ANNarchy's scripts ask for it with True.
    extra_params
        Keywords of other backends. Those without a meaning here are ignored, with one warning; a name that no backend
        has gets a warning of its own.

    Returns
    -------
    int
        The rank of this process, which is 0.
    """
    min_delay, max_delay = ("auto" if delay is None else delay for delay in (min_delay, max_delay))
    _check_times(timestep, min_delay, max_delay)
    common.setup(timestep, min_delay, max_delay=max_delay, **extra_params)
    precision = precision or setting("precision") or "double"
    if precision not in PRECISIONS:
        raise ValueError(f"precision={precision!r} is not one of {', '.join(map(repr, PRECISIONS))}")
    device = device or setting("device") or "cpu"
    gpu_index(device)  # raises if it is the name of nothing
    toolchain = _toolchain(compiler, compiler_flags)
    if method is not None and method not in METHODS:
        raise ValueError(f"method={method!r} is not one of {', '.join(map(repr, METHODS))}")
    if structural_plasticity not in (None, True, False):
        raise ValueError(f"structural_plasticity={structural_plasticity!r} is neither True nor False")
    seed = _seed(seed, extra_params)
    _warn_of_ignored(extra_params)
    simulator.state.open(
        float(timestep), min_delay, max_delay, _threads(threads), seed, precision, method or "", toolchain, device
    )
    return rank()


def _check_times(timestep: float, min_delay: Delay, max_delay: Delay) -> None:
    if not (_is_number(timestep) and 0 < timestep < math.inf):
        raise ValueError(f"timestep={timestep!r} is not a positive number of milliseconds")
    for name, delay in (("min_delay", min_delay), ("max_delay", max_delay)):
        if delay != "auto" and not (_is_number(delay) and 0 < delay < math.inf):
            raise ValueError(f"{name}={delay!r} is neither 'auto' nor a positive number of milliseconds")
    if max_delay != "auto" and max_delay < timestep:
        raise ValueError(f"max_delay={max_delay} ms is shorter than the time step of {timestep} ms")


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _threads(threads: int | str | None) -> int | str:
    if threads is None:
        threads = setting("threads") or 1
    if threads == AUTO:
        return AUTO
    if isinstance(threads, str) or not _is_number(threads) or threads != int(threads) or threads < 1:
        raise ValueError(f"threads={threads!r} is not a positive whole number, nor {AUTO!r}")
    return int(threads)


def _toolchain(compiler: str | None, flags: str | Sequence[str]) -> Toolchain:
    """Return what to compile users' models with; a compiler that is named has to be there."""
    words = shlex.split(flags) if isinstance(flags, str) else list(flags)
    if not all(isinstance(word, str) for word in words):
        raise TypeError(f"compiler_flags={flags!r} is neither a text nor a sequence of texts")
    if compiler:
        find_compiler(compiler)
    return Toolchain(compiler or "", tuple(words))


def _seed(seed: int | None, extra_params: Mapping[str, Any]) -> int:
    """Return the one seed that was given, under whatever name."""
    given = {} if seed is None else {"seed": seed}
    for name in other_backends.SEEDS:
        value = extra_params.get(name)
        if value is not None:
            given[name] = value if _is_number(value) else value[0]
    if not given:
        return DEFAULT_SEED
    if len(set(given.values())) > 1:
        raise ValueError("the seed was given more than once: " + ", ".join(f"{k}={v}" for k, v in given.items()))
    name, value = next(iter(given.items()))
    if not _is_number(value) or value != int(value) or not 0 <= value < 2**64:
        raise ValueError(f"{name}={value!r} is not a whole number from 0 to 2**64 - 1")
    return int(value)


def _warn_of_ignored(extra_params: Iterable[str]) -> None:
    foreign = other_backends.belongs_to(other_backends.SETUP)
    ours = {*_KEYWORDS, *other_backends.SEEDS, *_REFUSED_BY_PYNN}
    other_backends.warn_of_ignored("setup()", foreign.intersection(extra_params), other_backends.SETUP, stacklevel=3)
    unknown = set(extra_params) - foreign - ours
    other_backends.warn_of_unknown("setup()", unknown, _KEYWORDS, other_backends.SETUP, stacklevel=3)


def end(compatible_output: bool = True) -> None:
    """Write what was recorded with a file name. The data stay readable until the next `setup()`."""
    pending = simulator.state.write_on_end
    simulator.state.write_on_end = []
    for population, variables, destination in pending:
        population.write_data(destination, variables)


# ---- running ---------------------------------------------------------------------------------------------------------

_, _run_until = common.build_run(simulator)


def run_until(time_point: float, callbacks: Iterable[Callback] | None = None) -> float:
    """Advance the simulation to the time step nearest to `time_point` (in ms).

    Parameters
    ----------
    time_point
        Where to stop.
    callbacks
        Functions of the current time that return the next time at which they wish to be called.

    Returns
    -------
    float
        The time reached.
    """
    if not _is_number(time_point):
        raise TypeError(f"{time_point!r} is not a time in ms")
    # Rounded first: PyNN's loop would wait for ever to reach a time between two steps.
    time_point = simulator.state.on_grid(time_point)
    return _run_until(time_point, [_advancing(callback, time_point) for callback in callbacks or ()])


def run(simtime: float, callbacks: Iterable[Callback] | None = None) -> float:
    """Advance the simulation by `simtime` ms; see `run_until`."""
    if not _is_number(simtime):
        raise TypeError(f"{simtime!r} is not a time in ms")
    return run_until(simulator.state.t + simtime, callbacks)


run_for = run


def _advancing(callback: Callback, last_time: float) -> Callback:
    """Return `callback`, made to raise instead of asking for a time that will never come."""

    def checked(now: float) -> float:
        following = callback(now)
        if now < last_time - 1e-9 and not following > now:
            raise ValueError(f"{callback} was called at {now} ms and wishes to be called next at {following} ms")
        return max(following, now + simulator.state.dt) if now < last_time - 1e-9 else following

    return checked


_reset = common.build_reset(simulator)


def reset(
    annotations: Mapping[str, Any] = NOTHING,
    *,
    populations: bool = True,
    projections: bool = True,
    synapses: bool = True,
    monitors: bool = True,
) -> None:
    """Go back to t = 0 and to the initial values, and begin a new segment of recorded data.

    Parameters
    ----------
    annotations
        To be added to the segment that ends.
    populations
        Whether state variables of cells go back; else they stay as they are.
    projections
        Whether variables of connections other than weights do.
    synapses
        Whether weights that change by themselves do.
    monitors
        Whether `Monitor` objects forget what they have recorded.
    """
    network, ends = simulator.state.network, [p._native for p in simulator.state.projections]
    kept = Kept([] if populations else network.populations, [] if projections else ends, [] if synapses else ends)
    for monitor in simulator.state.monitors:
        monitor.restart(forget=monitors)
    _reset(dict(annotations))
    kept.put_back()


def simulate(duration: float, measure_time: bool = False) -> float:
    """Advance the simulation by some ms, as `run()` does.

    Parameters
    ----------
    measure_time
        Whether to print how long that took.

    Returns
    -------
    float
        The time reached.
    """
    began = time.perf_counter()
    reached = run(duration)
    if measure_time:
        print(f"Simulating {duration:g} ms took {time.perf_counter() - began:.3f} s.")
    return reached


def step(n: int = 1) -> float:
    """Advance the simulation by some time steps, one by default, and return the time reached."""
    if not _is_number(n) or n != int(n) or n < 0:
        raise ValueError(f"{n!r} is not a number of steps")
    simulator.state.run_to_step(simulator.state.network.step + int(n))
    return simulator.state.t


def get_current_step() -> int:
    """Return the number of time steps since the beginning or the last `reset()`."""
    return simulator.state.network.step


initialize = common.initialize

# ---- state -----------------------------------------------------------------------------------------------------------

get_current_time, get_time_step, get_min_delay, get_max_delay, num_processes, rank = common.build_state_queries(
    simulator
)


def name() -> str:
    """Return the name of the simulator; sPyNNaker has this too."""
    return simulator.name
