"""Rows CO01 to CO09: compiler, flags, configuration file, launcher, keywords of `setup`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pyNN.annarchy as sim
import pytest

from pynn_annarchy.native import build, toolchain
from pynn_annarchy.native.errors import CompilerError, DeviceError, SettingsError

ROOT = Path(sim.__file__).resolve().parents[1]
SCRIPT = """
import sys, json
import pyNN.annarchy as sim
from pynn_annarchy import simulator
sim.setup(timestep=0.1)
M = sim.Neuron("tau = 10.0", "tau*dr/dt = 1 - r : exact")
p = sim.Population(1, M()); sim.run(10.0)
network = simulator.state.network
print(json.dumps({"arguments": sys.argv[1:], "folder": sys.path[0], "threads": network.threads,
                  "precision": network.precision, "r": float(p.r[0])}))
"""


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty cache, no configuration file, and no variables of ours."""
    for name in [name for name in os.environ if name.startswith("PYNN_ANNARCHY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYNN_ANNARCHY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PYNN_ANNARCHY_CONFIG", str(tmp_path / "config.json"))
    build.cache_directory.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    build.cache_directory.cache_clear()
    sim.setup()


def counting(folder: Path) -> Path:
    """A compiler that notes what it is called with."""
    wrapper = folder / "counting-c++"
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/calls"\nexec "{build.find_compiler().command[0]}" "$@"\n')
    wrapper.chmod(0o755)
    return wrapper


def model(slope: float) -> type:
    return sim.Neuron(equations=f"dr/dt = {slope} : explicit")


def rate(cell: type, duration: float = 4.0) -> float:
    cells = sim.Population(1, cell())
    sim.run(duration)
    return float(cells.r[0])


class TestCompiler:
    def test_CO01_compiler_and_flags(self, fresh: Path) -> None:
        wrapper = counting(fresh)
        sim.setup(compiler=str(wrapper), compiler_flags="-O1 -DTHEIRS='a b'")
        assert rate(model(0.25)) == pytest.approx(1.0)
        (call,) = (fresh / "calls").read_text().splitlines()
        assert "-O1 -DTHEIRS=a b" in call
        sim.setup(compiler=str(wrapper), compiler_flags=["-O1", "-DTHEIRS=a b"])  # the same: nothing is compiled
        assert rate(model(0.25)) == pytest.approx(1.0)
        sim.setup(compiler=str(wrapper), compiler_flags=["-O2"])  # others are another library
        assert rate(model(0.25)) == pytest.approx(1.0)
        assert len((fresh / "calls").read_text().splitlines()) == 2

    def test_CO01_by_variable(self, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYNN_ANNARCHY_COMPILER", str(counting(fresh)))
        monkeypatch.setenv("PYNN_ANNARCHY_COMPILER_FLAGS", "-O1")
        sim.setup()
        assert rate(model(0.5)) == pytest.approx(2.0)
        assert " -O1 " in (fresh / "calls").read_text()

    def test_CO01_a_compiler_that_is_not_there(self, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(CompilerError, match=r"'no-such-c\+\+' that setup\(compiler=...\) names is not there"):
            sim.setup(compiler="no-such-c++")
        monkeypatch.setenv("PYNN_ANNARCHY_COMPILER", "no-such-c++")
        sim.setup()
        with pytest.raises(CompilerError, match="PYNN_ANNARCHY_COMPILER or the configuration file names is not there"):
            sim.Population(1, model(0.125)())
        with pytest.raises(TypeError, match="neither a text nor a sequence of texts"):
            sim.setup(compiler_flags=[1])

    def test_standard_models_ignore_it(self, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYNN_ANNARCHY_COMPILER", "no-such-c++")
        sim.setup()
        sim.Population(1, sim.IF_cond_exp())
        sim.run(1.0)

    @pytest.mark.skipif(toolchain.importlib.util.find_spec("ziglang") is None, reason="ziglang is not installed")
    def test_a_compiler_from_pip(self, fresh: Path) -> None:
        sim.setup(compiler=f"{sys.executable} -m ziglang c++")
        assert rate(model(0.75)) == pytest.approx(3.0)

    def test_CO02_warm_without_a_compiler(self, fresh: Path) -> None:
        """In another process, which finds no compiler at all."""
        script = fresh / "script.py"
        script.write_text(SCRIPT)
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        results = []
        for found in (environment, environment | {"PATH": "", "CXX": ""}):
            command = [sys.executable, "-m", "pynn_annarchy", "run", str(script)]
            done = subprocess.run(command, capture_output=True, text=True, cwd=fresh, env=found, check=False)
            assert done.returncode == 0, done.stderr
            results.append(json.loads(done.stdout))
        assert results[0] == results[1]
        assert results[0]["r"] == pytest.approx(1 - np.exp(-1), rel=1e-12)

    @pytest.mark.parametrize("precision", ["double", "mixed", "single"])
    def test_CO03_precision(self, fresh: Path, precision: str) -> None:
        sim.setup(timestep=0.1, precision=precision)
        found = rate(sim.Neuron(equations="dr/dt = 0.1 : explicit"), 100.0)
        assert abs(found - 10.0) < (1e-3 if precision == "single" else 1e-12)
        assert (abs(found - 10.0) > 1e-9) == (precision == "single")  # a thousand roundings


class TestConfiguration:
    def write(self, folder: Path, text: str) -> None:
        (folder / "config.json").write_text(text)

    def test_CO06_settings_and_their_order(self, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        network = lambda: sim.simulator.state.network  # noqa: E731
        self.write(fresh, '{"threads": 2, "precision": "mixed"}')
        sim.setup()
        assert (network().threads, network().precision) == (2, "mixed")
        monkeypatch.setenv("PYNN_ANNARCHY_PRECISION", "single")
        sim.setup()
        assert (network().threads, network().precision) == (2, "single")
        sim.setup(threads=1, precision="double")
        assert (network().threads, network().precision) == (1, "double")

    def test_CO06_the_compiler(self, fresh: Path) -> None:
        self.write(fresh, json.dumps({"compiler": str(counting(fresh)), "compiler_flags": "-O1"}))
        sim.setup()
        assert rate(model(1.5)) == pytest.approx(6.0)
        assert " -O1 " in (fresh / "calls").read_text()

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('{"threads": 2,}', "config.json, line 1, column 1"),
            ('{"thread": 2}', "unknown setting 'thread'; did you mean 'threads'?"),
            ('{"colour": 2}', "unknown setting 'colour'; there are threads, precision"),
            ('{"threads": "two"}', "threads is 'two', which is not a whole number"),
            ('{"threads": true}', "threads is True, which is not a whole number"),
            ("[1]", r"holds \[1\]; expected one JSON object"),
        ],
    )
    def test_CO06_errors(self, fresh: Path, text: str, message: str) -> None:
        self.write(fresh, text)
        with pytest.raises(SettingsError, match=message):
            sim.setup()

    def test_a_bad_variable(self, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYNN_ANNARCHY_THREADS", "many")
        with pytest.raises(SettingsError, match="PYNN_ANNARCHY_THREADS='many' is not a whole number"):
            sim.setup()


class TestLauncher:
    def run(self, folder: Path, *arguments: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "pynn_annarchy", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
        assert (done.returncode == 0) == ok, done.stderr
        return done

    def test_CO07_options_and_the_scripts_own(self, fresh: Path) -> None:
        (fresh / "scripts").mkdir()
        (fresh / "scripts" / "one.py").write_text(SCRIPT)
        options = ["--precision", "single", "-j", "2", "--verbose", "--clean"]
        done = self.run(fresh, "run", *options, "scripts/one.py", "-j", "9", "--gpu", "x")
        found = json.loads(done.stdout)
        assert found["arguments"] == ["-j", "9", "--gpu", "x"]
        assert Path(found["folder"]) == (fresh / "scripts").resolve()
        assert (found["threads"], found["precision"]) == (2, "single")
        assert "compiling a model:" in done.stderr
        assert "compiled models: 1 in" in self.run(fresh, "cache").stdout
        assert "removed 1 models" in self.run(fresh, "cache", "--clean").stdout
        assert "compiled models: 0 in" in self.run(fresh, "cache").stdout

    def test_CO07_errors(self, fresh: Path) -> None:
        assert "missing.py is not a file" in self.run(fresh, "run", "missing.py", ok=False).stderr
        (fresh / "one.py").write_text(SCRIPT)
        assert "device='cuda:99': " in self.run(fresh, "run", "--gpu=99", "one.py", ok=False).stderr
        assert "invalid choice: 'half'" in self.run(fresh, "run", "--precision", "half", "one.py", ok=False).stderr
        assert "pynn-annarchy" in self.run(fresh, "--version").stdout


class TestKeywords:
    @pytest.mark.parametrize(
        ("keyword", "message"),
        [
            ("num_threads", "did you mean 'threads'"),
            ("presicion", "did you mean 'precision'"),
            ("suppress_warnings", "ANNarchy"),
        ],
    )
    def test_CO08_one_warning(self, keyword: str, message: str) -> None:
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            sim.setup(**{keyword: True})
        assert len(found) == 1 and message in str(found[0].message)

    def test_CO08_device(self) -> None:
        sim.setup(device="cpu")
        with pytest.raises(ValueError, match="device='gpu'; allowed are 'cpu', 'cuda', 'cuda:0' and so on"):
            sim.setup(device="gpu")
        gpus = len(sim.devices()) - 1
        with pytest.raises(DeviceError, match=f"device='cuda:{gpus}': "):
            sim.setup(device=f"cuda:{gpus}")

    def test_CO09_seed(self) -> None:
        def trains(seed: int) -> list[list[float]]:
            sim.setup(seed=seed)
            noise = sim.Population(5, sim.SpikeSourcePoisson(rate=100.0))
            noise.record("spikes")
            sim.run(200.0)
            return [train.magnitude.tolist() for train in noise.get_data().segments[0].spiketrains]

        assert trains(1) == trains(1) != trains(2)


def test_two_processes_share_one_build(fresh: Path) -> None:
    """Both get the library; the compiler is called once."""
    (fresh / "script.py").write_text(SCRIPT)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "CXX": str(counting(fresh))}
    command = [sys.executable, "-m", "pynn_annarchy", "run", "script.py"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=fresh, env=environment) for _ in range(2)]
    results = [json.loads(process.communicate()[0]) for process in both]
    assert results[0] == results[1]
    assert len((fresh / "calls").read_text().splitlines()) == 1
