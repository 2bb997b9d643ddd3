"""Run one PyNN script, unchanged, and write down what it recorded; started in the interpreter of the backend to be run.

Needs nothing but PyNN: a peer's environment does not have this package. The one argument is a task as JSON: ``script``,
``simulator``, ``arguments`` of the script, ``output`` (the .npz to write), ``keep`` (global names of the script whose
data it leaves in memory only), ``printed`` (a pattern of printed lines whose numbers count), ``refine`` (by how much to
divide the script's time step). Keys of the archive: ``kind|source|name``, kind one of
signal, grid, spikes, counts, table, about.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import random
import re
import runpy
import sys
from pathlib import Path
from typing import Any

import neo
import numpy as np
import pyNN.random

SEED = 20081
MANY = 20  # more channels than this are written as mean and standard deviation over the channels


class Harvest:
    """The arrays that go into the archive."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}

    def take(self, source: str, found: Any) -> None:
        """Take whatever data an object of a script holds."""
        if hasattr(found, "pre") and hasattr(found, "post"):
            rows = found.get(["weight", "delay"], format="list")
            self.arrays[f"table|{source}|connections"] = np.array(sorted(tuple(map(float, row)) for row in rows))
        elif isinstance(found, neo.Block) or hasattr(found, "get_data"):
            block = found if isinstance(found, neo.Block) else found.get_data()
            for number, segment in enumerate(block.segments):
                self._segment(f"{source}{number or ''}", segment)
        elif isinstance(found, neo.Segment):
            self._segment(source, found)
        elif isinstance(found, neo.AnalogSignal):
            self._signals(source, found.name or source, [found], many=found.shape[1])
        else:
            self.arrays[f"table|{source}|values"] = np.asarray(found, dtype=float)

    def _segment(self, source: str, segment: neo.Segment) -> None:
        names = dict.fromkeys(signal.name for signal in segment.analogsignals)
        for name in names:
            self._signals(source, name, [signal for signal in segment.analogsignals if signal.name == name])
        populations: dict[str, list[neo.SpikeTrain]] = {}
        for train in segment.spiketrains:
            populations.setdefault(str(train.annotations.get("source_population", "")), []).append(train)
        for label, trains in populations.items():
            trains.sort(key=lambda train: int(train.annotations.get("source_index", 0)))
            times = [np.sort(np.asarray(train.rescale("ms").magnitude, dtype=float)) for train in trains]
            self.arrays[f"spikes|{source}|{label}"] = np.concatenate(times)
            self.arrays[f"counts|{source}|{label}"] = np.array([len(each) for each in times])

    def _signals(self, source: str, name: str, signals: list[neo.AnalogSignal], many: int = MANY) -> None:
        columns = []
        for signal in signals:
            order = np.argsort(signal.array_annotations.get("channel_index", np.arange(signal.shape[1])), kind="stable")
            columns.append(np.asarray(signal.magnitude, dtype=float)[:, order])
        values = np.concatenate(columns, axis=1)
        grid = [float(signals[0].t_start.rescale("ms")), float(signals[0].sampling_period.rescale("ms"))]
        parts = {name: values}
        if values.shape[1] > many:
            parts = {
                f"mean {name}": values.mean(axis=1, keepdims=True),
                f"sd {name}": values.std(axis=1, keepdims=True),
            }
        for part, array in parts.items():
            self.arrays[f"signal|{source}|{part}"] = array
            self.arrays[f"grid|{source}|{part}"] = np.array([*grid, values.shape[1]])


def seeded() -> None:
    """Give the generators that scripts leave without a seed one and the same, so that backends can be compared."""
    np.random.seed(SEED)  # noqa: NPY002 - the generator that scripts use
    original, drawn = pyNN.random.NumpyRNG.__init__, pyNN.random.WrappedRNG.next

    def initialise(self: Any, seed: int | None = None, parallel_safe: bool = True) -> None:
        original(self, SEED if seed is None else seed, parallel_safe)

    def following(self: Any, *args: Any, mask_local: Any = None, **options: Any) -> Any:
        return drawn(self, *args, **options)  # one script still gives the keyword that PyNN 0.9 had

    pyNN.random.NumpyRNG.__init__ = initialise
    pyNN.random.WrappedRNG.next = following


def adjusted(simulator: str, factor: int) -> None:
    """Make the backend's setup() take smaller steps than the script asks for, and NEST keep to their grid.

    NEST's cells with spikes between the grid points, PyNN's choice for some models, cannot give the spikes of a grid.
    And NEST runs ahead by the shortest delay: with PyNN's min_delay="auto" its sources and changes are late by it.
    """
    backend: Any = importlib.import_module(f"pyNN.{simulator}")
    original = backend.setup

    def setup(timestep: float = 0.1, *args: Any, **options: Any) -> int:
        further = {"spike_precision": "on_grid", "min_delay": timestep / factor} if simulator == "nest" else {}
        rank: int = original(timestep / factor, *args, **(further | options))
        random.seed(SEED)  # here, because the backend's imports may draw; the CSA library takes this generator
        return rank

    backend.setup = setup


def readable(simulator: str) -> None:
    """Let a script print parameters that a peer cannot read back (arrays, with PyNN 0.13's nest and neuron)."""
    population = importlib.import_module(f"pyNN.{simulator}").Population
    original = population.get

    def get(self: Any, *names: Any, **options: Any) -> Any:
        try:
            return original(self, *names, **options)
        except ValueError:
            return None

    population.get = get


def run(task: dict[str, Any]) -> dict[str, np.ndarray]:
    """Run the script of a task in the current folder and return its data."""
    simulator, script = task["simulator"], task["script"]
    if simulator == "annarchy":
        importlib.import_module("pynn_annarchy")  # a checkout has no start-up hook that makes pyNN.annarchy known
    else:
        readable(simulator)
    adjusted(simulator, task["refine"])
    seeded()
    sys.argv = [script, *task["arguments"]]
    sys.path[0] = str(Path(script).parent)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        left = runpy.run_path(script, run_name="__main__")
    sys.stdout.write(printed.getvalue())
    return collect(task, left, printed.getvalue())


def collect(task: dict[str, Any], left: dict[str, Any], printed: str) -> dict[str, np.ndarray]:
    """The data in the files that a script wrote, in the objects it left and in what it printed."""
    harvest = Harvest()
    named = re.compile(rf"(.*?)(_np\d+)?_{task['simulator']}(?=_|$)(?!.*_{task['simulator']}(?=_|$))")
    for path in sorted(Path("Results").rglob("*.*")):
        found = named.match(path.stem)
        if path.suffix == ".pkl" and found:
            for block in neo.io.PickleIO(str(path)).read():
                harvest.take(found.group(1), block)
        elif path.suffix == ".conn" and found:
            rows = sorted(map(tuple, np.loadtxt(path)))
            harvest.arrays[f"table|{found.group(1)}|connections"] = np.array(rows)
    for name in task["keep"]:
        harvest.take(name, left[name])
    if task["printed"]:
        lines = re.findall(task["printed"], printed)
        numbers = [float(number) for line in lines for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", line)]
        harvest.arrays["table|printed|values"] = np.array(numbers)
    harvest.arrays["about|version"] = np.array(getattr(sys.modules.get(task["simulator"]), "__version__", ""))
    with contextlib.suppress(RuntimeError):  # of a script that sets no simulation up
        backend = importlib.import_module(f"pyNN.{task['simulator']}")
        harvest.arrays["step"] = np.array(backend.simulator.state.dt * task["refine"])
    return harvest.arrays


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    np.savez(given["output"], **run(given))  # type: ignore[arg-type]
