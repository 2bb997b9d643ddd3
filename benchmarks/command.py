"""What every scenario's command line has in common: `scenario.py BACKEND --duration MS --threads N --scale S`.

A scenario gives one function for PyNN's backends and, by name, one for each other simulator. Each of them builds the
network, runs it and returns its activity and times; they are printed as one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

Figures = dict[str, float]


@dataclass(frozen=True)
class Job:
    """One run of a scenario."""

    backend: str
    duration_ms: float
    threads: int
    scale: float


class Phases:
    """Where the time of the runs goes that begin from now on, for a simulator that can say it: ours.

    With the environment variable BENCHMARK_PHASES=0 nobody looks at a clock during runs.
    """

    def __init__(self, sim: Any) -> None:
        wanted = os.environ.get("BENCHMARK_PHASES", "1") != "0"
        self._profile = sim.Profile() if hasattr(sim, "Profile") and wanted else None

    def figures(self) -> Figures:
        """Return what the table shows of it."""
        if self._profile is None:
            return {}
        times = self._profile.times()
        names = ("update_s", "exchange_s", "deliver_s", "record_s", "layout_s", "update_ns", "event_ns", "events")
        return {f"phase_{name}": float(getattr(times, name)) for name in names}


def main(description: str, in_pynn: Callable[[Job], Figures], others: Mapping[str, Callable[[Job], Figures]]) -> None:
    """Run what the command line asks for and print its figures; `total_s` counts from here."""
    start = perf_counter()
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backend", help=f"a backend of PyNN, or one of: {', '.join(others)}")
    parser.add_argument("--duration", type=float, default=1000.0, help="biological ms")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="number of cells relative to the scenario's")
    options = parser.parse_args()
    job = Job(options.backend, options.duration, options.threads, options.scale)
    figures = others.get(job.backend, in_pynn)(job)
    print(json.dumps({**figures, "total_s": perf_counter() - start}))
