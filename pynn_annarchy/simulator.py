"""What PyNN's common code needs of a simulator: its name, its one state, and the type of a cell's ID."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from pyNN import common
from pyNN.common.control import DEFAULT_TIMESTEP

from .native.toolchain import DEFAULT_TOOLCHAIN, Toolchain
from .periodic import Callbacks

if TYPE_CHECKING:
    from .native.network import Network

name = "ANNarchy"  # annotates recorded data


class ID(int, common.IDMixin):
    """A cell: its number in the network, with attribute access to its parameters."""

    def __new__(cls, number: int, parent: Any = None) -> ID:
        cell = int.__new__(cls, number)
        cell.__dict__["parent"] = parent  # PyNN's __setattr__ would double the time to make a population
        return cell

    @property
    def local(self) -> bool:
        return True

    def get_initial_value(self, variable: str) -> float:
        return float(self.parent._get_cell_initial_value(self, variable))

    def set_initial_value(self, variable: str, value: float) -> None:
        """Set the value that a state variable of the cell has now and after a `reset()`."""
        self.as_view().initialize(**{variable: value})


class State(common.control.BaseState):
    """The running simulation. It holds the one native network; nothing else in the package is global."""

    num_processes = 1
    mpi_rank = 0

    def __init__(self) -> None:
        super().__init__()
        self._network: Network | None = None
        self._min_delay: float | Literal["auto"] = "auto"
        self._max_delay: float | Literal["auto"] = "auto"
        self.seed = 0
        self.segment_counter = -1
        self.native_rngs = 0
        self.current_sources: list[Any] = []
        self.method = ""
        self.toolchain = DEFAULT_TOOLCHAIN
        # Names that all models know, by kind; they are not part of a simulation and outlive setup().
        self.constants: dict[str, Any] = {}
        self.functions: dict[str, Any] = {}
        self.function_texts: list[str] = []
        self.constant_readers: list[tuple[Any, frozenset[str]]] = []

    def open(
        self,
        timestep: float,
        min_delay: float | Literal["auto"],
        max_delay: float | Literal["auto"],
        threads: int | str,
        seed: int,
        precision: str,
        method: str = "",
        toolchain: Toolchain = DEFAULT_TOOLCHAIN,
        device: str = "cpu",
    ) -> None:
        """Replace the network by an empty one."""
        # here, because a package without its compiled core can still be described
        from .native.cuda.selection import open_network

        network = open_network(device, dt_ms=timestep, threads=threads, seed=seed, precision=precision)
        self.clear()
        self._network = network
        self._min_delay, self._max_delay = min_delay, max_delay
        self.seed = seed
        self.method = method
        self.toolchain = toolchain

    def clear(self) -> None:
        """Forget the network and everything that refers to it."""
        if self._network is not None:
            self._network.close()
        self._network = None
        self.recorders: set[Any] = set()
        self.populations: list[Any] = []
        self.projections: list[Any] = []
        self.monitors: list[Any] = []
        self.callbacks = Callbacks()
        self.write_on_end: list[Any] = []
        self.current_sources = []
        self.constant_readers = []
        self.native_rngs = 0
        self.running = False
        self.segment_counter = 0

    @property
    def is_open(self) -> bool:
        return self._network is not None

    @property
    def network(self) -> Network:
        if self._network is None:
            raise RuntimeError("there is no simulation yet: call setup() first")
        return self._network

    @property
    def dt(self) -> float:
        return self.network.dt_ms

    @property
    def t(self) -> float:
        return self.network.step * self.network.dt_ms

    # ---- delays ------------------------------------------------------------------------------------------------------

    @property
    def lowest_delay(self) -> float:
        """The shortest delay in ms that a connection may have, and the one it has if none is given."""
        if not self.is_open:  # a synapse type may be described before setup()
            return DEFAULT_TIMESTEP
        return self.dt if self._min_delay == "auto" else self._min_delay

    @property
    def highest_delay(self) -> float:
        """The longest delay in ms that a connection may have."""
        return math.inf if self._max_delay == "auto" else self._max_delay

    @property
    def min_delay(self) -> float:
        """What was given to `setup()`, or the shortest delay in the network."""
        if self._min_delay != "auto":
            return self._min_delay
        extremes = self.network.delay_range_steps()
        return self.dt if extremes is None else extremes[0] * self.dt

    @property
    def max_delay(self) -> float:
        """What was given to `setup()`, or the longest delay in the network."""
        if self._max_delay != "auto":
            return self._max_delay
        extremes = self.network.delay_range_steps()
        return self.lowest_delay if extremes is None else extremes[1] * self.dt

    # ---- time --------------------------------------------------------------------------------------------------------

    def steps(self, time_ms: float) -> int:
        """Return the nearest whole number of time steps."""
        if not math.isfinite(time_ms):
            raise ValueError(f"{time_ms} is not a time: expected a finite number of milliseconds")
        return round(time_ms / self.dt)

    def on_grid(self, time_ms: float) -> float:
        """Return the nearest time that the simulation can stop at."""
        return self.steps(time_ms) * self.dt

    def run_until(self, time_ms: float) -> None:
        self.run_to_step(self.steps(time_ms))

    def run_to_step(self, end_step: int) -> None:
        """Go to a step, and call what is to be called on the way."""
        self.running = True  # before the run: one that is interrupted has data too
        self.callbacks.run(self.network.step, end_step, self._advance)

    def _advance(self, end_step: int) -> None:
        n_steps = end_step - self.network.step
        with _progress_bar(n_steps, self.network.step, self.dt) as progress:
            self.network.run(n_steps, progress)

    def run(self, simtime_ms: float) -> None:
        self.run_until(self.t + simtime_ms)

    def reset(self) -> None:
        """Go back to t = 0 and the initial values, and begin a new segment of data."""
        self.network.reset()
        self.callbacks.restart()
        self.running = False
        self.segment_counter += 1


@contextlib.contextmanager
def _progress_bar(n_steps: int, first_step: int, dt_ms: float) -> Iterator[Callable[[int], None] | None]:
    """Yield what to call with the step reached: a bar that appears once the run has lasted a second, on a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm  # here, because most runs show no bar

    with tqdm(total=n_steps * dt_ms, unit="ms", delay=1.0, leave=False, bar_format=_BAR) as bar:

        def show(step: int) -> None:
            bar.update((step - first_step) * dt_ms - bar.n)

        yield show


_BAR = "{percentage:3.0f}% |{bar}| {n:.0f}/{total:.0f} ms, {remaining} left"

state = State()
