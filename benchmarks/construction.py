"""What it costs to build a network: ``python benchmarks/construction.py``, or with ``--backends annarchy nest``.

For each connector and generator it prints, per synapse: the time for `Projection()`, the time of the first `run()`
after it (which lays the synapses out for delivery), the highest memory use on the way, and what is left in the end.
Each case is a process of its own. Times are CPU times of the process (user and system, all threads), the least of the
repeats: a busy machine disturbs them less than others.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

DT_MS, DELAY_MS = 0.1, 1.5
CONNECTORS: dict[str, Callable[[Any, Any, int, Any], Any]] = {
    "AllToAll": lambda sim, rng, n, k: sim.AllToAllConnector(),
    "OneToOne": lambda sim, rng, n, k: sim.OneToOneConnector(),
    "FixedProbability": lambda sim, rng, n, k: sim.FixedProbabilityConnector(k / n, rng=rng),
    "DistanceDependentProbability": lambda sim, rng, n, k: sim.DistanceDependentProbabilityConnector(
        f"{2 * k / n}*exp(-d/{n})", rng=rng
    ),
    "FixedNumberPre": lambda sim, rng, n, k: sim.FixedNumberPreConnector(k, rng=rng),
    "FixedNumberPre, with replacement": lambda sim, rng, n, k: sim.FixedNumberPreConnector(
        k, rng=rng, with_replacement=True
    ),
    "FixedNumberPost": lambda sim, rng, n, k: sim.FixedNumberPostConnector(k, rng=rng),
    "FixedTotalNumber": lambda sim, rng, n, k: sim.FixedTotalNumberConnector(n * k, rng=rng, with_replacement=True),
    "SmallWorld": lambda sim, rng, n, k: sim.SmallWorldConnector(degree=k / 2, rewiring=0.1, rng=rng),
    "FromList": lambda sim, rng, n, k: sim.FromListConnector(_listed(rng, n, k)),
}
REGULAR = ("AllToAll", "OneToOne", "FromList")  # draw nothing themselves


def _listed(rng: Any, n: int, k: int) -> Any:
    import numpy as np

    generator = np.random.default_rng(1)
    return np.column_stack([generator.integers(0, n, n * k), generator.integers(0, n, n * k)])


def _population(sim: Any, connector: str, synapses: int) -> tuple[int, int]:
    """Return the number of cells on each side, and of synapses for each."""
    if connector == "AllToAll":
        return math.isqrt(synapses), math.isqrt(synapses)
    if connector == "OneToOne":
        return synapses, 1
    k = 100 if synapses <= 10**6 else 1000
    return synapses // k, k


def _memory() -> int:
    """Return the bytes that this process has in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _peak() -> int:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Build one network in this process."""
    sim = importlib.import_module(f"pyNN.{options.backend}")
    from pyNN.random import NumpyRNG, RandomDistribution

    threads = {"threads": options.threads} if options.threads > 1 else {}
    sim.setup(timestep=DT_MS, min_delay=DELAY_MS, max_delay=DELAY_MS, **threads)
    rng = sim.NativeRNG(seed=2) if options.rng == "native" else NumpyRNG(seed=2)
    n, k = _population(sim, options.connector, options.synapses)
    pre, post = (sim.Population(n, sim.IF_curr_exp()) for _ in range(2))
    weight: Any = 0.001
    if options.weights != "one":
        parameters = {"uniform": (0.0, 0.002), "normal": (0.001, 0.0001)}[options.weights]
        weight = RandomDistribution(options.weights, parameters, rng=rng)
    sim.run(DT_MS)
    connector = CONNECTORS[options.connector](sim, rng, n, k)
    before, start = _memory(), process_time()
    projection = sim.Projection(pre, post, connector, sim.StaticSynapse(weight=weight, delay=DELAY_MS))
    built, built_peak = process_time(), _peak()
    sim.run(DT_MS)
    ran, peak, kept = process_time(), _peak(), _memory()
    count = len(projection)
    figures = {
        "synapses": count,
        "build_ns": 1e9 * (built - start) / count,
        "layout_ns": 1e9 * (ran - built) / count,
        "build_peak_bytes": (built_peak - before) / count,
        "peak_bytes": (peak - before) / count,
        "kept_bytes": (kept - before) / count,
    }
    sim.end()
    return figures


def _repeated(python: str, arguments: list[str], repeats: int) -> dict[str, float] | str:
    """Return the least figures of several processes, or why there are none."""
    runs = []
    for _ in range(repeats):
        command = [python, str(Path(__file__).resolve()), "--one", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        runs.append(json.loads(done.stdout.strip().splitlines()[-1]))
    return {name: min(run[name] for run in runs) for name in runs[0]}


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one", action="store_true", help="one case, in this process; prints JSON")
    parser.add_argument("--backend", default="annarchy")
    parser.add_argument("--backends", nargs="+", default=["annarchy"], choices=["annarchy", "nest", "neuron"])
    parser.add_argument("--connector", default="FixedProbability")
    parser.add_argument("--connectors", nargs="+", default=list(CONNECTORS), choices=CONNECTORS)
    parser.add_argument("--rng", default="numpy")
    parser.add_argument("--rngs", nargs="+", default=["numpy", "native"], choices=["numpy", "native"])
    parser.add_argument("--weights", default="one", choices=["one", "uniform", "normal"])
    parser.add_argument("--synapses", type=lambda text: int(float(text)), default=10**6)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    for name in ("nest", "neuron"):
        parser.add_argument(f"--{name}", metavar="PYTHON", help=f"an interpreter that has {name}")
    return parser.parse_args(arguments)


def main() -> None:
    """Print one line for each case."""
    options = parse()
    if options.one:
        print(json.dumps(measure(options)))
        return
    from backends import PEERS, interpreter  # here: a peer's environment lacks what it needs

    columns = ("synapses", "build_ns", "layout_ns", "build_peak_bytes", "peak_bytes", "kept_bytes")
    print("| backend | connector | rng | weights | " + " | ".join(columns) + " |")
    print("|---" * (4 + len(columns)) + "|")
    for connector in options.connectors:
        for backend in options.backends:
            python = sys.executable
            if backend != "annarchy":
                python = interpreter(PEERS[backend][0], getattr(options, backend))
            for rng in options.rngs:
                drawn = connector not in REGULAR or options.weights != "one"
                if rng == "native" and (backend != "annarchy" or not drawn):
                    continue
                case = {"backend": backend, "connector": connector, "rng": rng, "weights": options.weights}
                sizes = {"synapses": options.synapses, "threads": options.threads}
                arguments = [f"--{name}={value}" for name, value in {**case, **sizes}.items()]
                figures = _repeated(python, arguments, options.repeats)
                told = figures if isinstance(figures, str) else " | ".join(f"{figures[c]:.4g}" for c in columns)
                print(f"| {' | '.join(case.values())} | {told} |", flush=True)


if __name__ == "__main__":
    main()
