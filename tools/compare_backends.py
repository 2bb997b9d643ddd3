"""Run one PyNN script per cell on several backends and tabulate how far each is from a converged solution.

Every backend runs in an interpreter of its own, so that no environment needs to hold them all:

    python tools/compare_backends.py annarchy=python nest=/path/to/python brian2=/path/to/other/python

Each cell is simulated three times at once: under a weak current step, under a strong one, and with spikes arriving at
both receptors. A backend that lacks a model, or fails to run it, shows '-'; the reasons are listed below the table.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "engine"))
from protocol import DURATION, EXCITATORY, INHIBITORY, INPUT, ONSET

DT, DELAY = 0.1, 1.0
TRACES = ("weak step", "strong step", "synapses")


# ---- what runs under each backend ------------------------------------------------------------------------------------


def run_cell(sim: Any, name: str) -> dict[str, np.ndarray]:
    """Simulate the three traces of one cell and return their samples and spikes."""
    weak, strong, weight_exc, weight_inh = INPUT[name]
    sim.setup(timestep=DT, min_delay=DT, max_delay=10.0)
    cells = sim.Population(len(TRACES), getattr(sim, name)())
    for k, amplitude in enumerate((weak, strong)):
        sim.DCSource(amplitude=amplitude, start=ONSET, stop=1e6).inject_into(cells[k : k + 1])
    for receptor, times, weight in (("excitatory", EXCITATORY, weight_exc), ("inhibitory", INHIBITORY, weight_inh)):
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[t - DELAY for t in times]))
        synapse = sim.StaticSynapse(weight=weight, delay=DELAY)
        sim.Projection(source, cells[2:3], sim.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record(["v", "spikes"])
    sim.run(DURATION)
    segment = cells.get_data().segments[0]
    signal = segment.filter(name="v")[0]
    order = np.argsort(signal.array_annotations["channel_index"])
    found = {"t": np.asarray(signal.times.rescale("ms")), "v": np.asarray(signal.rescale("mV"))[:, order]}
    for k, train in enumerate(sorted(segment.spiketrains, key=lambda s: s.annotations["source_index"])):
        found[f"spikes{k}"] = np.asarray(train.rescale("ms"))
    sim.end()
    return found


def run_backend(backend: str, name: str, output: Path) -> None:
    # In a checkout that is not installed only the second name of pyNN.annarchy can be imported.
    sim = importlib.import_module("pynn_annarchy" if backend == "annarchy" else f"pyNN.{backend}")
    np.savez(output, **run_cell(sim, name))


# ---- what collects ---------------------------------------------------------------------------------------------------


def collect(python: str, backend: str, name: str) -> dict[str, np.ndarray] | str:
    """Run one cell in another interpreter; return its arrays or the last line of its complaint."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out.npz"
        command = [python, str(Path(__file__).resolve()), "--run", backend, name, str(output)]
        # NEURON compiles its mechanisms with a command that lies beside its interpreter.
        path = os.pathsep.join((str(Path(python).parent), os.environ.get("PATH", "")))
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=600,
            cwd=folder,
            env={**os.environ, "PATH": path},
            check=False,
        )
        if done.returncode != 0 or not output.exists():
            lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
            return lines[-1] if lines else f"exit status {done.returncode}"
        with np.load(output) as archive:
            return {key: archive[key] for key in archive.files}


def reference_traces(name: str) -> list[Any]:
    """Return the converged solutions of the three traces (tests/engine)."""
    reference, published = importlib.import_module("reference"), importlib.import_module("published")
    weak, strong, weight_exc, weight_inh = INPUT[name]
    stimuli = (
        reference.Stimulus(weak, ONSET),
        reference.Stimulus(strong, ONSET),
        reference.Stimulus(0.0, 0.0, EXCITATORY, INHIBITORY, weight_exc, weight_inh),
    )
    cell = published.CELLS[name]
    return [reference.solve(cell, stimulus, dt=DT, duration=DURATION) for stimulus in stimuli]


def distance(found: dict[str, np.ndarray], k: int, exact: Any) -> str:
    """Return max |dv| before either spikes; and one step later or earlier, if the trace fits ten times better there."""
    spikes = [*found[f"spikes{k}"], *exact.spikes, DURATION]
    stop = min(len(found["t"]) - 2, round(min(spikes) / DT) - 2)
    steps = np.arange(1, stop)
    v = found["v"][:, k]
    errors = {s: float(np.max(np.abs(v[steps + s] - exact.y["v"][steps]))) for s in (0, -1, 1)}
    best = min(errors, key=lambda s: errors[s])
    if best and errors[best] < 0.1 * errors[0]:
        return f"{errors[0]:.1e} ({errors[best]:.0e}, one step {'late' if best > 0 else 'early'})"
    return f"{errors[0]:.1e}"


def spikes_of(times: Any) -> str:
    return f"{times[0]:.4g} / {len(times)}" if len(times) else "none"


def tabulate(backends: dict[str, str], names: list[str]) -> None:
    """Print a Markdown table and the reasons for its gaps."""
    head = [f"max abs dv, {trace} (mV)" for trace in TRACES]
    print("| cell | backend | " + " | ".join(head) + " | strong step: first spike (ms) / count |")
    print("|---|---|" + "---|" * (len(head) + 1))
    gaps = []
    for name in names:
        exact = reference_traces(name)
        print(f"| {name} | converged |" + " |" * len(head) + f" {spikes_of(exact[1].spikes)} |", flush=True)
        for backend, python in backends.items():
            found = collect(python, backend, name)
            if isinstance(found, str):
                gaps.append(f"- {name} on {backend}: `{found}`")
                print(f"| | {backend} |" + " - |" * (len(head) + 1), flush=True)
                continue
            cells = [distance(found, k, exact[k]) for k in range(len(TRACES))]
            print(f"| | {backend} | " + " | ".join(cells) + f" | {spikes_of(found['spikes1'])} |", flush=True)
    print("\nNot run:\n" if gaps else "")
    print("\n".join(gaps))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backends", nargs="*", metavar="BACKEND=PYTHON", help="a PyNN backend and its interpreter")
    parser.add_argument("--cells", nargs="+", choices=list(INPUT), default=list(INPUT))
    parser.add_argument("--run", nargs=3, metavar=("BACKEND", "CELL", "OUTPUT"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        run_backend(chosen.run[0], chosen.run[1], Path(chosen.run[2]))
        return
    pairs = [item.partition("=") for item in chosen.backends]
    if not pairs or not all(backend and python for backend, _, python in pairs):
        parser.error("name at least one backend as BACKEND=PYTHON, e.g. nest=/usr/bin/python3")
    tabulate({backend: python for backend, _, python in pairs}, chosen.cells)


if __name__ == "__main__":
    main()
