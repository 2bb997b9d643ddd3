"""Build, check and time everything on a GPU, in one command: ``python benchmarks/gpu/run.py``.

Needs a GPU with its driver, this package and its extra ``cuda`` (``pip install "pynn-annarchy[cuda]"``, or the same
from wheels in a folder: ``--wheels FOLDER`` installs them without a network), and no more. Every scenario of
benchmarks/ runs in a process of its own with PYNN_ANNARCHY_DEVICE set; what fails says so in the table,
which is printed last. Scenarios that would pass --minutes are left out, and named. The table before it says where the
time of a step goes, seen by one thread of the GPU, beside the floor: what the two barriers of a step take without any
work. That thread's looking at a clock is part of all times; --no-phases leaves it out, and that table.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from time import perf_counter

HERE = Path(__file__).parent
SCENARIOS = HERE.parent
ROOT = SCENARIOS.parent


@dataclass(frozen=True)
class Case:
    """One row of the table: a scenario of benchmarks/, its size, what it simulates, and the most that it may take.

    A step has ``dt_ms``, and at least so many barriers.
    """

    label: str
    script: str
    scale: float
    duration_ms: float
    limit_s: float = 100.0
    dt_ms: float = 0.1
    barriers: int = 2

    @property
    def steps(self) -> int:
        """How many are simulated."""
        return round(self.duration_ms / self.dt_ms)


CASES = (
    Case("VA COBA, 4,000 cells", "va_coba.py", 1.0, 1000.0),
    Case("VA COBA, 40,000 cells", "va_coba.py", 10.0, 500.0),
    Case("VA COBA, 400,000 cells", "va_coba.py", 100.0, 100.0),
    Case("VA COBA, 4,000,000 cells", "va_coba.py", 1000.0, 20.0, 150.0),
    Case("Brunel", "brunel_static.py", 1.0, 200.0),
    Case("Brunel with STDP", "brunel_stdp.py", 1.0, 200.0),
    Case("Microcircuit, full scale, constant current", "microcircuit.py", 1.0, 1000.0, 200.0),
    Case("Microcircuit, a tenth, Poisson sources", "microcircuit.py", 0.1, 1000.0),
    Case("Rate network", "rate_network.py", 1.0, 10000.0, dt_ms=1.0, barriers=4),
)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", help="cuda, cuda:1, ... or cuda-emulated, to try this script")
    parser.add_argument("--wheels", type=Path, metavar="FOLDER", help="install pynn-annarchy[cuda] from here first")
    parser.add_argument("--minutes", type=float, default=8.0, help="begin nothing that could end later")
    parser.add_argument("--scale", type=float, default=1.0, help="sizes relative to those of the table")
    parser.add_argument("--cases", nargs="+", metavar="TEXT", help="only rows whose label contains one of these")
    parser.add_argument("--no-phases", action="store_true", help="do not look where the time goes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser.parse_args(arguments)


def install(folder: Path) -> None:
    """Install the package and what it needs from wheels."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", f"--find-links={folder}"]
    subprocess.run([*command, "pynn-annarchy[cuda]"], check=True)


def about(device: str) -> dict[str, object]:
    """Return what the GPU is, its driver's version, and its floor."""
    from pynn_annarchy.native.cuda.devices import gpu_index

    index = gpu_index(device)
    if index is None:
        return {"device": device}
    from pynn_annarchy.native.cuda.nvidia import NvidiaDevice

    sys.path.insert(0, str(HERE))
    from floor import measured

    gpu = NvidiaDevice(index)
    return {"device": gpu.name, "driver": gpu.driver("cuDriverGetVersion"), **measured(gpu)}


def check(device: str) -> str:
    """Run the device's own tests; return pytest's last line."""
    command = [sys.executable, "-m", "pytest", "-q", "--device", device, str(ROOT / "tests" / "cuda"), "-m", "not slow"]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return finished.stdout.strip().rpartition("\n")[2] or finished.stderr.strip().rpartition("\n")[2]


def run(case: Case, options: argparse.Namespace) -> dict[str, object]:
    """Return the figures of a case, or ``failed`` with the last line of what it said."""
    command = [sys.executable, str(SCENARIOS / case.script), "annarchy", "--duration", str(case.duration_ms)]
    command += ["--scale", str(case.scale * options.scale)]
    environment = {**os.environ, "PYNN_ANNARCHY_DEVICE": options.device}
    environment["BENCHMARK_PHASES"] = "0" if options.no_phases else "1"
    try:
        finished = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=case.limit_s
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {case.limit_s:.0f} s"}
    if finished.returncode != 0:
        return {"failed": finished.stderr.strip().rpartition("\n")[2][:150]}
    figures: dict[str, object] = json.loads(finished.stdout.strip().rpartition("\n")[2])
    return figures


def row(case: Case, figures: dict[str, object]) -> str:
    """Return a line of the table."""
    label = case.label
    if "failed" in figures:
        return f"| {label} | {figures['failed']} | | | | |"
    duration_s, run_s = case.duration_ms / 1000, float(str(figures["run_s"]))
    step_us = 1e6 * run_s / case.steps
    numbers = f"{float(str(figures['synapses'])):.3g} | {float(str(figures['build_s'])):.2f} | {run_s:.3f}"
    return f"| {label} | {numbers} | {run_s / duration_s:.3f} | {step_us:.2f} |"


PHASES = ("update", "deliver", "record", "exchange")


def phase_row(case: Case, figures: dict[str, object], barrier_us: float | None) -> str:
    """Return a line of the table of phases, in microseconds a step; what is not in a phase is the host's."""
    times = [1e6 * float(str(figures[f"phase_{name}_s"])) / case.steps for name in PHASES]
    host = 1e6 * float(str(figures["run_s"])) / case.steps - sum(times)
    floor = "not measured" if barrier_us is None else f"{case.barriers * barrier_us:.2f}"
    return f"| {case.label} | {' | '.join(f'{time:.2f}' for time in times)} | {host:.2f} | {floor} |"


def print_phases(results: dict[Case, dict[str, object]], barrier_us: float | None) -> None:
    """Print the table of phases of what has any."""
    measured = {case: figures for case, figures in results.items() if "phase_update_s" in figures}
    if measured:
        titles = " | ".join(PHASES)
        print(f"\n| us a step | {titles} | elsewhere | floor |\n|---|---|---|---|---|---|---|")
        print("\n".join(phase_row(case, figures, barrier_us) for case, figures in measured.items()))


def print_traffic(results: dict[Case, dict[str, object]], bandwidth_GBs: float | None) -> None:
    """Print how much memory a rate network reads and writes, beside what the GPU can."""
    for case, figures in results.items():
        if "traffic_GBs" in figures:
            traffic = float(str(figures["traffic_GBs"]))
            share = "" if bandwidth_GBs is None else f", {100 * traffic / bandwidth_GBs:.0f} % of {bandwidth_GBs:.0f}"
            print(f"\n{case.label}: {traffic:.1f} GB/s{share}")


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    options = parse(arguments)
    start = perf_counter()
    if options.wheels:
        install(options.wheels)
    found: dict[str, object] = {"date": datetime.now(timezone.utc).date().isoformat(), **about(options.device)}
    print("\n".join(f"{name}: {value}" for name, value in found.items()), flush=True)
    print(f"tests: {check(options.device)}", flush=True)
    results: dict[Case, dict[str, object]] = {}
    for case in CASES:
        if options.cases and not any(text in case.label for text in options.cases):
            continue
        left = 60 * options.minutes - (perf_counter() - start)
        results[case] = run(case, options) if left > case.limit_s else {"failed": f"left out: {left:.0f} s left"}
        print(row(case, results[case]), flush=True)
    if options.json:
        named = {case.label: figures for case, figures in results.items()}
        options.json.write_text(json.dumps({**found, "results": named}, indent=1), encoding="utf-8")
    barrier_us = float(str(found["barrier_us"])) if "barrier_us" in found else None
    print_phases(results, barrier_us)
    print_traffic(results, float(str(found["bandwidth_GBs"])) if "bandwidth_GBs" in found else None)
    print("\n| | connections | build, s | run, s | real-time factor | us a step |\n|---|---|---|---|---|---|")
    print("\n".join(row(case, figures) for case, figures in results.items()))


if __name__ == "__main__":
    main()
