"""Where the simulators to compare are found: an interpreter for each, its environment made if none was given."""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True)
class Backend:
    """One competitor: what the scenarios call it, and how its environment is made."""

    name: str
    label: str
    requirements: tuple[str, ...] = ()
    threads: int = 1


OURS = (Backend("annarchy", "pyNN.annarchy, 1 thread"), Backend("annarchy", "pyNN.annarchy, 2 threads", threads=2))
NEST = ("pyNN", "nest-simulator")
BRIAN = ("brian2", "numpy<2.4", "setuptools")  # 2.9 does not run with numpy 2.4, and it compiles Cython at import
PEERS = {
    "nest": (
        Backend("nest", "pyNN.nest, 1 thread", NEST),
        Backend("nest", "pyNN.nest, 2 threads", NEST, threads=2),
    ),
    "pynest": (
        Backend("pynest", "NEST, 1 thread", NEST),
        Backend("pynest", "NEST, 2 threads", NEST, threads=2),
    ),
    "neuron": (Backend("neuron", "pyNN.neuron", ("pyNN", "neuron")),),
    "brian2": (
        Backend("brian2", "Brian 2 C++ standalone, 1 thread", BRIAN),
        Backend("brian2", "Brian 2 C++ standalone, 2 threads", BRIAN, threads=2),
    ),
}


def interpreter(backend: Backend, given: str | None) -> str:
    """Return the Python that runs this backend; makes its environment under the user's cache directory if need be."""
    if backend in OURS:
        return sys.executable
    if given:
        return given
    folder = Path(platformdirs.user_cache_dir("pynn_annarchy"), "benchmarks", backend.name)
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        print(f"making an environment for {backend.label} (once)", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *backend.requirements], check=True)
        (folder / "complete").touch()
    return str(python)
