"""Kernels for the engine's tests, compiled from the C++ files beside this one: no generated model takes part."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pynn_annarchy.native import core, kernels
from pynn_annarchy.native.spec import CxxText

HERE = Path(__file__).parent
TYPES = {"double": ("double", "double"), "mixed": ("double", "float"), "single": ("float", "float")}


def cxx_text(source: str, name: str) -> CxxText:
    """Return what a device compiles of a model in one of these files."""
    headers, _, rest = (HERE / source).read_text().partition("namespace {\n")
    return CxxText(name, tuple(re.findall('#include "(.*)"', headers)), rest.partition("}  // namespace\n")[0])


@dataclass(frozen=True)
class TestKernel:
    """The part of ``native.kernels.Kernel`` that a network uses."""

    __test__ = False
    name: str
    address: int
    parameters: dict[str, float]
    states: dict[str, float]
    receptors: tuple[str, ...]
    spiking: bool
    injectable: bool
    source: bool
    precision: str
    text: CxxText


class Models:
    """Kernels by name for each precision."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kernels: dict[str, dict[str, Any]] = {}

    def __call__(self, name: str, precision: str = "double") -> Any:
        if precision not in self._kernels:
            self._kernels[precision] = self._load(precision)
        return self._kernels[precision][name]

    def _library(self, source: str, precision: str) -> ctypes.CDLL:
        compiler = os.environ.get("CXX") or shutil.which("g++") or shutil.which("c++") or "c++"
        library = self._folder / f"{source}_{precision}.so"
        real, acc = TYPES[precision]
        flags = ["-ffp-contract=off", *os.environ.get("PYNN_ANNARCHY_TEST_CXXFLAGS", "").split()]
        command = [*compiler.split(), "-std=c++17", "-O2", "-shared", "-fPIC", f"-I{HERE.parents[1] / 'csrc'}", *flags]
        command += [f"-DPA_REAL={real}", f"-DPA_ACC={acc}", str(HERE / source), "-o", str(library)]
        subprocess.run(command, check=True)
        return ctypes.CDLL(str(library))

    def _load(self, precision: str) -> dict[str, Any]:
        return self._neurons("models.cpp", 5, precision)

    def _neurons(self, source: str, count: int, precision: str) -> dict[str, Any]:
        library = self._library(source, precision)
        get = library.test_kernel
        get.restype = ctypes.c_void_p
        found = {}
        for number in range(count):
            address = get(number)
            info = core.kernel_info(address)
            found[info["name"]] = TestKernel(
                name=info["name"],
                address=address,
                parameters=info["parameters"],
                states=info["states"],
                receptors=info["receptors"],
                spiking=bool(info["flags"] & 1),
                injectable=bool(info["flags"] & 2),
                source=bool(info["flags"] & 4),
                precision=precision,
                text=cxx_text(source, info["name"]),
            )
        return found


class SynapseModels(Models):
    """The same for synapses with state."""

    def _load(self, precision: str) -> dict[str, Any]:
        get = self._library("synapses.cpp", precision).test_synapse
        get.restype = ctypes.c_void_p
        found = [kernels.synapse_at(get(number)) for number in range(7)]
        return {kernel.name: kernel for kernel in found}


class ContinuousModels(Models):
    """Neurons and synapses of continuous transmission."""

    def _load(self, precision: str) -> dict[str, Any]:
        library = self._library("continuous.cpp", precision)
        get = library.test_rows
        get.restype = ctypes.c_void_p
        found = dict(self._neurons("continuous.cpp", 1, precision))
        for number in range(6):
            kernel = kernels.rows_at(get(number))
            operation = kernel.name.lower() if kernel.name in ("Max", "Min", "Mean") else "sum"
            found[kernel.name] = replace(kernel, operation=operation, text=cxx_text("continuous.cpp", kernel.name))
        return found


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Call with a model's name (and a precision) to get its kernel."""
    return Models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def synapse_models(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SynapseModels:
    """Call with a synapse model's name (and a precision) to get its kernel."""
    if request.config.getoption("--device"):
        pytest.skip("models against csrc/abi.h alone are for the CPU; tests/cuda has others")
    return SynapseModels(tmp_path_factory.mktemp("synapses"))


@pytest.fixture(scope="session")
def continuous_models(tmp_path_factory: pytest.TempPathFactory) -> ContinuousModels:
    """Call with the name of a model of continuous.cpp (and a precision) to get its kernel."""
    return ContinuousModels(tmp_path_factory.mktemp("continuous"))
