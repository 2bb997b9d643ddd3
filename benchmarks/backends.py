"""Where the simulators to compare are found: an interpreter for each, its environment made if none was given."""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import platformdirs

ENVIRONMENTS = {  # what pip installs into each
    "nest": ("pyNN", "nest-simulator"),
    "neuron": ("pyNN", "neuron"),
    "brian2": ("brian2", "pyNN", "numpy<2.4", "setuptools"),  # 2.9: not with numpy 2.4, and compiles Cython at import
    "annarchy5": ("ANNarchy",),
}


@dataclass(frozen=True)
class Backend:
    """One competitor: what the scenarios call it, the environment it is in (none: ours), and its threads."""

    name: str
    label: str
    environment: str = ""
    threads: int = 1


OURS = (Backend("annarchy", "pyNN.annarchy, 1 thread"), Backend("annarchy", "pyNN.annarchy, 2 threads", threads=2))


def _twice(name: str, label: str, environment: str = "") -> tuple[Backend, Backend]:
    return (
        Backend(name, f"{label}, 1 thread", environment),
        Backend(name, f"{label}, 2 threads", environment, threads=2),
    )


PEERS = {
    "nest": _twice("nest", "pyNN.nest", "nest"),
    "pynest": _twice("pynest", "NEST", "nest"),
    "neuron": (Backend("neuron", "pyNN.neuron", "neuron"),),
    "brian2": _twice("brian2", "Brian 2 C++ standalone", "brian2"),
    "pybrian2": (Backend("brian2", "pyNN.brian2", "brian2"),),
    "annarchy5": _twice("annarchy5", "ANNarchy 5", "annarchy5"),
    "numpy": _twice("numpy", "numpy"),
    "imports": (Backend("imports", "import of PyNN and Neo"),),
}


class NotInstalled(Exception):
    """pip cannot install a peer; the message ends with what it said."""


def interpreter(backend: Backend, given: str | None, folder: Path | None = None) -> str:
    """Return the Python that runs this backend, after making its environment if need be.

    Parameters
    ----------
    given
        Its path, if there is an environment already.
    folder
        Where environments are made; under the user's cache directory if None.

    Raises
    ------
    NotInstalled
        If pip fails.
    """
    if not backend.environment:
        return sys.executable
    if given:
        return given
    parent = Path(platformdirs.user_cache_dir("pynn_annarchy"), "benchmarks") if folder is None else folder
    environment = parent.absolute() / backend.environment
    python = environment / "bin" / "python"
    if not (environment / "complete").exists():
        print(f"making an environment for {backend.label} in {environment} (once)", file=sys.stderr)
        venv.create(environment, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        packages = ENVIRONMENTS[backend.environment]
        done = subprocess.run([*install, *packages], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NotInstalled(f"pip cannot install {' '.join(packages)}: {done.stderr.strip()[-500:]}")
        (environment / "complete").touch()
    return str(python)


def versions(backend: Backend, python: str) -> dict[str, str]:
    """Return the versions of the packages that a backend's environment was made for."""
    names = [name.partition("<")[0] for name in ENVIRONMENTS.get(backend.environment, ("pyNN", "numpy", "neo"))]
    code = "import sys, importlib.metadata as m; print(*(m.version(name) for name in sys.argv[1:]), sep='\\n')"
    done = subprocess.run([python, "-c", code, *names], capture_output=True, text=True, check=False)
    return dict(zip(names, done.stdout.split(), strict=True)) if done.returncode == 0 else {}
