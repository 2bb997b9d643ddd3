"""The generated source: golden files for reading in review, the same text in every process, any name a user may
choose."""

from __future__ import annotations

import dataclasses
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from driver import Neurons

from pynn_annarchy.native import build, compile, kernels
from pynn_annarchy.native.spec import NeuronText

GOLDEN = Path(__file__).parent / "golden"
UPDATE = "PYNN_ANNARCHY_UPDATE_GOLDEN"  # set it to write the files anew, and read the difference before committing

CONDUCTANCE = NeuronText(
    name="Conductance",
    parameters="tau = 20.0; cm = 1.0; v_rest = -65.0; e_exc = 0.0; tau_exc = 5.0; v_thresh = -50.0; tau_refrac = 2.0",
    equations="""
        dg_exc/dt = -g_exc/tau_exc
        dv/dt = (v_rest - v)/tau + (g_exc*(e_exc - v) + i_inj)/cm : init=-65.0
    """,
    spike="v >= v_thresh",
    reset="v = v_rest",
    refractory="tau_refrac",
    receptors={"excitatory": "g_exc"},
)
ADAPTIVE = NeuronText(
    name="Adaptive",
    parameters="c = 200.0; g = 10.0; e = -70.0; slope = 2.0; v_t = -50.0; a = 2.0; b = 60.0; tau_w = 120.0; v_r = -58",
    equations="""
        _upstroke = g*slope*exp((v - v_t)/slope)   # pA
        c*dv/dt = g*(e - v) + _upstroke - w + 1000*i_inj : init=-70.0
        tau_w*dw/dt = a*(v - e) - w
    """,
    spike="v > 0",
    reset="v = v_r; w += b",
)


@pytest.mark.parametrize("text", [CONDUCTANCE, ADAPTIVE], ids=lambda text: text.name)
def test_golden(text: NeuronText) -> None:
    path, printed = GOLDEN / f"{text.name}.h", compile.header(text)
    if os.environ.get(UPDATE):
        path.write_text(printed)
    assert printed == path.read_text()


def test_the_users_equations_stand_in_the_source() -> None:
    source = compile.header(ADAPTIVE)
    for line in ("c*dv/dt = g*(e - v) + _upstroke - w + 1000*i_inj : init=-70.0", "w += b", "v > 0"):
        assert f"// {line}\n" in source


def test_the_same_text_in_every_process(tmp_path: Path) -> None:
    """The order of sets of strings differs from process to process; that of the source must not."""
    script = (
        "from pynn_annarchy.native import compile, spec\n"
        f"print(compile.header(spec.{CONDUCTANCE!r}) + compile.header(spec.{ADAPTIVE!r}))"
    )  # fmt: skip
    root = str(Path(build.__file__).resolve().parents[2])
    printed = set()
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONPATH": root, "PYTHONHASHSEED": seed}
        printed.add(
            subprocess.run(
                [sys.executable, "-c", script], env=environment, cwd=tmp_path, capture_output=True, check=True
            ).stdout
        )
    assert len(printed) == 1
    assert len(printed.pop()) > 5000


NAMES = """
    E I S N Q O beta gamma lambda zeta class double new delete and_eq int real acc flag State Constants
    Parameters Inputs step derive s c p x y k in out name flags select vexp phi1 minimum NAN INFINITY
    INT64_MAX M_PI PA_REAL PA_CHUNK uint32_t std pa w Work near begin finish active spikes _Bool __x v_next slope Random
""".split()


def test_every_name_can_be_a_parameter_and_a_variable() -> None:
    for kind in range(2):
        named = NAMES[kind::2]
        parameters = "; ".join(f"{name} = {k}" for k, name in enumerate(named))
        equations = "; ".join(f"d{name}/dt = -{name}" for name in NAMES[1 - kind :: 2])
        reads = " + ".join(named)
        text = NeuronText(
            name="Names",
            parameters=parameters,
            equations=f"{equations}\n sum_of_all = {reads}",
            spike="sum_of_all > 1e9",
        )
        cell = Neurons(kernels.compiled(text))
        cell.step()
        assert cell["sum_of_all"][0] == sum(range(len(named)))
        assert list(cell.kernel.parameters) == named


@pytest.mark.parametrize("name", "double State Halved Loop Random select real exp E NAN PA_CHUNK std".split())
def test_every_name_can_be_a_models(name: str) -> None:
    kernel = kernels.compiled(NeuronText(name=name, parameters="", equations="x = ite(x > 0, exp(x), 1)"))
    assert kernel.name == name


def test_a_model_without_parameters_inputs_or_spikes() -> None:
    kernel = kernels.compiled(NeuronText(name="Bare", parameters="", equations="x = 2*x + 1"))
    assert (kernel.parameters, kernel.receptors, kernel.spiking, kernel.injectable) == ({}, (), False, False)
    cell = Neurons(kernel)
    cell.step(3)
    assert cell["x"][0] == 7


GCC_X86 = platform.machine() == "x86_64" and "Free Software Foundation" in subprocess.run(
    [*build.find_compiler().command, "--version"], capture_output=True, text=True, check=False
).stdout  # fmt: skip


LINEAR = NeuronText(name="Linear", parameters="tau = 20.0", equations="dv/dt = (i_inj - v)/tau")


@pytest.mark.skipif(not GCC_X86, reason="reads GCC's report of its vectoriser, for AVX2")
@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
@pytest.mark.parametrize("model, loops", [("linear", [0]), ("conductance", [1, 2]), ("random", [1, 2])])
def test_the_loops_over_neurons_are_vector_code(tmp_path: Path, precision: str, model: str, loops: list[int]) -> None:
    """With refractoriness, input, threshold and reset; a selection printed as ?: would break this."""
    spike = "Uniform(0, 1) < exp(v - v_thresh)" if model == "random" else "v >= v_thresh"
    text = dataclasses.replace(LINEAR if model == "linear" else CONDUCTANCE, spike=spike.replace("v_thresh", "15.0"))
    source = tmp_path / "model.cpp"
    source.write_text(compile.source(text))
    header = build.include_directory() / "neuron_model.h"
    lines = [1 + k for k, line in enumerate(header.read_text().split("\n"), 1) if "pragma GCC ivdep" in line]
    command = [
        *build.find_compiler().command, *build.FLAGS, "-mavx2", "-mfma", *build.defines(precision), "-fopt-info-vec",
        f"-I{header.parent}", "-c", str(source), "-o", str(tmp_path / "model.o"),
    ]  # fmt: skip
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    for loop in loops:
        vector = rf"neuron_model\.h:{lines[loop]}:\d+: optimized: loop vectorized using 32 byte vectors"
        assert re.search(vector, report), report


def test_metadata() -> None:
    kernel = kernels.compiled(CONDUCTANCE)
    assert list(kernel.parameters) == ["tau", "cm", "v_rest", "e_exc", "tau_exc", "v_thresh", "tau_refrac"]
    assert dict(kernel.states) == {"g_exc": 0.0, "v": -65.0, "_refractory": 0.0}
    assert (kernel.receptors, kernel.spiking, kernel.injectable, kernel.source) == (("excitatory",), True, True, False)


def test_a_module_of_many_models(tmp_path: Path) -> None:
    """What setup.py builds, in the smallest form: one translation unit, loaded as a Python module."""
    import importlib.util
    import sysconfig

    source = tmp_path / "_models_here.cpp"
    source.write_text(compile.module_source([CONDUCTANCE, ADAPTIVE], [], "_models_here"))
    library = tmp_path / "_models_here.so"
    command = [
        *build.find_compiler().command, *build.FLAGS, "-O1", "-shared", *build.defines("double"),
        f"-I{build.include_directory()}", f"-I{sysconfig.get_paths()['include']}", str(source), "-o", str(library),
    ]  # fmt: skip
    if sys.platform == "darwin":
        command += ["-undefined", "dynamic_lookup"]
    subprocess.run(command, check=True)
    spec = importlib.util.spec_from_file_location("_models_here", library)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert list(module.addresses) == ["Conductance", "Adaptive"]
    one, other = Neurons(kernels.at(module.addresses["Adaptive"]), 5), Neurons(kernels.compiled(ADAPTIVE), 5)
    for cell in (one, other):
        cell.injected[:] = 0.5
        cell.step(300)
    assert one.spikes
    np.testing.assert_allclose(one["w"], other["w"], rtol=1e-9)
