"""Run every scenario on every simulator, in turn, and compare: ``python benchmarks/run.py``, or ``make bench``.

Peers get environments of their own (made with pip under the user's cache directory, or given: ``--nest PYTHON``).
Runs are interleaved, because a shared machine is faster at some times than at others. Times are compared only where the
activity agrees.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import report
from backends import OURS, PEERS, Backend, interpreter
from tqdm import tqdm

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Scenario:
    """A network, who has a script of it, and how much of the asked-for biological time it is run."""

    script: str
    peers: tuple[str, ...] = ("nest", "neuron", "brian2")
    share: float = 1.0


SCENARIOS = {
    "VA COBA": Scenario("va_coba.py"),
    "VA CUBA": Scenario("va_cuba.py"),
    "Brunel": Scenario("brunel_static.py", ("pynest", "brian2"), 0.2),
    "Brunel STDP": Scenario("brunel_stdp.py", ("pynest", "brian2"), 0.2),
}


def measure(python: str, scenario: Scenario, backend: Backend, options: argparse.Namespace) -> report.Figures:
    """Run one scenario once, in a process of its own."""
    duration_ms, script = options.duration * scenario.share, scenario.script
    arguments = ["--duration", str(duration_ms), "--scale", str(options.scale), "--threads", str(backend.threads)]
    command = [python, str(HERE / script), backend.name, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{backend.label} failed in {script}:\n{done.stderr[-2000:]}")
    figures: report.Figures = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--peers", nargs="*", default=["nest", "pynest", "brian2"], choices=PEERS, help=f"{' '.join(PEERS)}, or none"
    )
    for name in PEERS:
        parser.add_argument(
            f"--{name}", metavar="PYTHON", help=f"an interpreter that has {name}, instead of making one"
        )
    parser.add_argument(
        "--scenarios", nargs="+", default=list(SCENARIOS), choices=SCENARIOS, metavar="NAME", help=", ".join(SCENARIOS)
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--duration", type=float, default=1000.0, help="biological ms; a fifth for Brunel's networks")
    parser.add_argument("--scale", type=float, default=1.0, help="size relative to the scenario's")
    parser.add_argument("--keep", action="store_true", help="write JSON, plot and the table in docs/performance.md")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what --keep asks for."""
    options = parse(arguments)
    scenarios = {name: SCENARIOS[name] for name in options.scenarios}
    all_peers = {name: PEERS[name] for name in options.peers if any(name in s.peers for s in scenarios.values())}
    pythons = {b.label: interpreter(b, getattr(options, b.name, None)) for b in (*OURS, *chain(*all_peers.values()))}
    results: dict[str, dict[str, list[report.Figures]]] = {}
    taking_part = {
        name: [*OURS, *chain(*(all_peers[peer] for peer in options.peers if peer in scenario.peers))]
        for name, scenario in scenarios.items()
    }
    total = options.repeats * sum(map(len, taking_part.values()))
    with tqdm(total=total, disable=not sys.stderr.isatty()) as progress:
        for scenario, backends in taking_part.items():
            runs = results[scenario] = {backend.label: [] for backend in backends}
            for _ in range(options.repeats):
                for backend in backends:
                    runs[backend.label].append(measure(pythons[backend.label], SCENARIOS[scenario], backend, options))
                    progress.update()
    tables = [
        report.table(name, runs, OURS[0].label, options.duration * SCENARIOS[name].share)
        for name, runs in results.items()
    ]
    print("\n".join(tables))
    if options.keep:
        print(f"written: {report.write(results, tables, options.repeats)}")


if __name__ == "__main__":
    main()
