"""Run every scenario on every simulator, in turn, and compare: ``python benchmarks/run.py``, or ``make bench``.

Peers get environments of their own (made with pip under the user's cache directory, or in --install-peers FOLDER; or
given: ``--nest PYTHON``). Runs are interleaved, because a shared machine is faster at some times than at others. Times
are compared only where the activity agrees. A peer that cannot be installed, or fails, is named and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import report
import va_script
from backends import ENVIRONMENTS, OURS, PEERS, Backend, NotInstalled, interpreter, versions
from tqdm import tqdm

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Scenario:
    """A network, who has a script of it, and how much of the asked-for biological time and size it is run."""

    script: str
    peers: tuple[str, ...] = ("nest", "neuron", "brian2")
    share: float = 1.0
    fixed_ms: float = 0.0  # a duration of its own, whatever is asked for
    scale: float = 1.0
    ours: tuple[Backend, ...] = OURS

    def duration_ms(self, asked: float) -> float:
        """Return the biological time of a run."""
        return self.fixed_ms or asked * self.share

    def backends(self, peers: list[str]) -> list[Backend]:
        """Return who takes part; a peer that has no use for a second thread here comes once."""
        threads = max(backend.threads for backend in self.ours)
        others = [backend for peer in peers if peer in self.peers for backend in PEERS[peer]]
        return [*self.ours, *(backend for backend in others if backend.threads <= threads)]


SCENARIOS = {
    "VA COBA": Scenario("va_coba.py"),
    "VA CUBA": Scenario("va_cuba.py"),
    "Brunel": Scenario("brunel_static.py", ("pynest", "brian2"), 0.2),
    "Brunel STDP": Scenario("brunel_stdp.py", ("pynest", "brian2"), 0.2),
    "Microcircuit": Scenario("microcircuit.py", ("nest",), scale=0.05),
    "Rate network": Scenario("rate_network.py", ("numpy", "annarchy5"), 0.2),
    "PyNN's VAbenchmarks.py": Scenario("va_script.py", ("nest", "neuron"), fixed_ms=1000.0, ours=OURS[:1]),
    "Small script": Scenario(
        "small_script.py", ("imports", "nest", "neuron", "pybrian2"), fixed_ms=50.0, ours=OURS[:1]
    ),
}


def measure(python: str, scenario: Scenario, backend: Backend, options: argparse.Namespace) -> report.Figures:
    """Run one scenario once, in a process of its own.

    `total_s` is the time from its start to its end, less what the scenario spent on measuring the hardware.
    """
    sizes = {
        "--duration": scenario.duration_ms(options.duration),
        "--scale": options.scale * scenario.scale,
        "--threads": backend.threads,
    }
    arguments = [word for name, value in sizes.items() for word in (name, str(value))]
    command = [python, str(HERE / scenario.script), backend.name, *arguments]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": str(backend.threads)}
    if backend.environment:  # ANNarchy looks for its compiler's settings on the PATH, NEST for nest-config
        environment["PATH"] = os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", "")])
    start = perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    total_s = perf_counter() - start
    if done.returncode != 0:
        raise RuntimeError(f"{backend.label} failed in {scenario.script}:\n{done.stderr[-2000:]}")
    figures: report.Figures = json.loads(done.stdout.strip().splitlines()[-1])
    return figures | {"total_s": total_s - figures.get("aside_s", 0.0)}


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--peers",
        nargs="*",
        default=["imports", "numpy", "nest", "pynest", "brian2", "annarchy5"],
        choices=PEERS,
        help=f"{' '.join(PEERS)}, or none",
    )
    parser.add_argument("--install-peers", type=Path, metavar="FOLDER", help="where to make their environments")
    for name in ENVIRONMENTS:
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


def interpreters(taking_part: dict[str, list[Backend]], options: argparse.Namespace) -> dict[str, str]:
    """Return the Python of each environment that can be had, and say which cannot."""
    found: dict[str, str] = {}
    failed: set[str] = set()
    for backend in (backend for backends in taking_part.values() for backend in backends):
        environment = backend.environment
        if environment in found or environment in failed:
            continue
        try:
            found[environment] = interpreter(backend, getattr(options, environment, None), options.install_peers)
        except NotInstalled as problem:
            failed.add(environment)
            print(f"left out: {backend.label}: {problem}", file=sys.stderr)
    return found


def repeatedly(
    scenario: Scenario, backends: list[Backend], pythons: dict[str, str], options: argparse.Namespace, progress: tqdm
) -> dict[str, list[report.Figures]]:
    """Run all backends in turn, several times; a peer that fails is left out from then on."""
    runs: dict[str, list[report.Figures]] = {b.label: [] for b in backends if b.environment in pythons}
    for _ in range(options.repeats):
        for backend in backends:
            if backend.label in runs:
                try:
                    runs[backend.label].append(measure(pythons[backend.environment], scenario, backend, options))
                except RuntimeError as problem:
                    if backend in OURS:
                        raise
                    print(f"left out: {problem}", file=sys.stderr)
                    del runs[backend.label]
            progress.update()
    return runs


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what --keep asks for."""
    options = parse(arguments)
    taking_part = {name: SCENARIOS[name].backends(options.peers) for name in options.scenarios}
    pythons = interpreters(taking_part, options)
    if any(SCENARIOS[name].script == "va_script.py" for name in taking_part):
        os.environ["PYNN_SDIST"] = str(va_script.archive())  # fetched once, here: peers have no means to
    results: dict[str, dict[str, list[report.Figures]]] = {}
    total = options.repeats * sum(map(len, taking_part.values()))
    with tqdm(total=total, disable=not sys.stderr.isatty()) as progress:
        for name, backends in taking_part.items():
            results[name] = repeatedly(SCENARIOS[name], backends, pythons, options, progress)
    tables = [
        report.table(name, runs, OURS[0].label, SCENARIOS[name].duration_ms(options.duration))
        for name, runs in results.items()
    ]
    print("\n".join(tables))
    if options.keep:
        one_of_each = {backend.environment: backend for backends in taking_part.values() for backend in backends}
        software = {e or "ours": versions(one_of_each[e], python) for e, python in pythons.items()}
        print(f"written: {report.write(results, tables, options.repeats, software)}")


if __name__ == "__main__":
    main()
