"""The cache of compiled models: nothing is compiled twice, processes share a build, and failures say what to do."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pynn_annarchy.native import build, compile, kernels
from pynn_annarchy.native.errors import CompilerError
from pynn_annarchy.native.spec import NeuronText

TEXT = NeuronText(name="Decay", parameters="tau = 10.0", equations="dv/dt = -v/tau : init=1.0")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("PYNN_ANNARCHY_CACHE_DIR", str(folder))
    build.cache_directory.cache_clear()
    return folder


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A compiler that writes a line for every time it is called, slowly enough for processes to meet."""
    log = tmp_path / "calls"
    log.touch()
    real = build.find_compiler().command[0]
    wrapper = tmp_path / "counting-c++"
    wrapper.write_text(f'#!/bin/sh\necho call >> "{log}"\nsleep 0.3\nexec "{real}" "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CXX", str(wrapper))
    return log


def count(calls: Path) -> int:
    return len(calls.read_text().splitlines())


def test_a_second_load_compiles_nothing(cache: Path, calls: Path) -> None:
    first = kernels.compiled(TEXT)
    assert count(calls) == 1
    assert kernels.compiled(TEXT) == first
    assert count(calls) == 1
    kernels.compiled(TEXT, "single")
    assert count(calls) == 2
    assert len(list(cache.glob("*.so"))) == 2
    assert not list(cache.glob("build-*"))


def test_a_change_of_a_default_or_of_a_comment_compiles_nothing(cache: Path, calls: Path) -> None:
    first = kernels.compiled(TEXT)
    other = NeuronText(name="Decay", parameters="tau = 20.0  # slow", equations="dv/dt = -v/tau : init=3.0")
    second = kernels.compiled(other)
    assert count(calls) == 1
    assert (first.parameters, first.states) == ({"tau": 10.0}, {"v": 1.0})
    assert (second.parameters, second.states, second.address) == ({"tau": 20.0}, {"v": 3.0}, first.address)


def test_a_change_of_an_equation_is_another_model(cache: Path, calls: Path) -> None:
    kernels.compiled(TEXT)
    kernels.compiled(NeuronText(name="Decay", parameters="tau = 10.0", equations="dv/dt = -2*v/tau : init=1.0"))
    assert count(calls) == 2


def test_processes_share_one_build(cache: Path, calls: Path) -> None:
    script = (
        "from pynn_annarchy.native import kernels, spec\n"
        f"print(kernels.compiled(spec.{TEXT!r}).name)"
    )  # fmt: skip
    root = str(Path(build.__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment, cwd=cache.parent
        )
        for _ in range(3)
    ]
    assert [process.communicate(timeout=120)[0].strip() for process in running] == ["Decay"] * 3
    assert count(calls) == 1


def test_a_damaged_library_is_built_again(cache: Path, calls: Path) -> None:
    path = compile.compiled(TEXT, "mixed")
    path.write_bytes(b"not a library")
    assert kernels.compiled(TEXT, "mixed").precision == "mixed"
    assert count(calls) == 2


def test_no_compiler(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CompilerError, match=r"there is no C\+\+ compiler.*sudo apt install g\+\+.*pip install ziglang"):
        kernels.compiled(TEXT)


def test_the_compiler_that_cxx_names_is_missing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler -O2")
    with pytest.raises(CompilerError, match="'no-such-compiler -O2' that CXX names is not there"):
        kernels.compiled(TEXT)


def test_options_in_cxx_are_used_and_no_shell_reads_them(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trap = tmp_path / "trap"
    command = build.find_compiler().command[0]
    monkeypatch.setenv("CXX", f"{command} '-DTRAP=;touch {trap};'")
    assert kernels.compiled(TEXT).name == "Decay"
    assert not trap.exists()


def test_a_failing_compiler_is_quoted(cache: Path) -> None:
    with pytest.raises(CompilerError, match=r"the C\+\+ compiler failed:[\s\S]*nonsense"):
        build.library("nonsense nonsense;", "double")
    assert not list(cache.glob("*.so"))


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("PYNN_ANNARCHY_CACHE_DIR", str(blocked))
    build.cache_directory.cache_clear()
    with pytest.warns(UserWarning, match="cannot be kept in .*file"):
        assert kernels.compiled(TEXT).name == "Decay"


def test_unknown_precision() -> None:
    with pytest.raises(ValueError, match="one of double, mixed, single, not 'half'"):
        kernels.compiled(TEXT, "half")


@pytest.fixture(autouse=True)
def forget() -> object:
    yield
    build.cache_directory.cache_clear()
