"""PyNN's own scenario tests: found in its source distribution, and run on this backend in a process of their own."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import platformdirs

import pynn_annarchy

PYNN = version("pyNN")
SCENARIOS = "test/system/scenarios"
TIME_LIMIT_S = 900

# Takes the place of upstream's module: every scenario runs on this backend, whichever backends upstream names.
FIXTURES = """
import pynn_annarchy  # registers pyNN.annarchy where the package is not installed
import pyNN.annarchy
import pytest


def run_with_simulators(*names):
    return pytest.mark.parametrize("sim", [pytest.param(pyNN.annarchy, id="annarchy")])
"""

# Upstream's scenarios ask for files to be written by end(), and some never call it.
CONFTEST = """
import pytest

from .fixtures import pyNN


@pytest.fixture(autouse=True)
def nothing_left_to_write():
    yield
    pyNN.annarchy.simulator.state.write_on_end = []
"""


class Unavailable(Exception):
    """The source distribution cannot be had."""


@dataclass(frozen=True)
class Outcome:
    """What became of a scenario."""

    status: str  # "passed", "failed" or "skipped"
    details: str


def source_distribution(release: str = PYNN) -> Path:
    """The archive of a version: the one that PYNN_SDIST names, an earlier download, or a new one.

    PYNN_SDIST is of the installed version; of another, that in PYNN_SDIST_0_12_4 and so on.
    """
    variable = "PYNN_SDIST" + ("" if release == PYNN else f"_{release.replace('.', '_')}")
    if given := os.environ.get(variable):
        return Path(given)
    cached = platformdirs.user_cache_path("pynn-annarchy") / "sdist" / f"pynn-{release}.tar.gz"
    if not cached.exists():
        _download(cached, release)
    return cached


def _download(target: Path, release: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.parent / f"download-{os.getpid()}"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", f"pyNN=={release}", "--no-deps"]
    command += ["--no-binary=:all:", "--no-build-isolation", f"--dest={folder}"]
    try:
        process = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        archives = list(folder.glob("*.tar.gz"))
        if process.returncode or not archives:
            raise Unavailable(f"pip cannot download pyNN {release}: {process.stderr[-800:] or process.stdout[-800:]}")
        archives[0].replace(target)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"pip did not download pyNN {release} within two minutes") from None
    finally:
        for left in folder.glob("*"):
            left.unlink()
        if folder.exists():
            folder.rmdir()


def unpack_scenarios(folder: Path) -> Path:
    """Write upstream's scenarios to a folder, with our fixtures beside them; return the folder that they are in."""
    with tarfile.open(source_distribution()) as archive:
        names = {Path(member.name).parts[0] for member in archive.getmembers()}
        if len(names) != 1:
            raise Unavailable(f"{source_distribution()} is not a source distribution")
        root = names.pop()
        info = archive.extractfile(f"{root}/PKG-INFO")
        if info is None or f"\nVersion: {PYNN}\n" not in info.read().decode():
            raise Unavailable(f"{source_distribution()} is not of pyNN {PYNN}, which is installed")
        destination = folder / "scenarios"
        destination.mkdir()
        for member in archive.getmembers():
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None and str(Path(member.name).parent) == f"{root}/{SCENARIOS}":
                (destination / Path(member.name).name).write_bytes(content.read())
    (destination / "fixtures.py").write_text(FIXTURES)
    (destination / "conftest.py").write_text(CONFTEST)
    return destination


def unpack_example(name: str, folder: Path) -> Path:
    """Write one of upstream's example scripts, unchanged, to a folder; return its path."""
    with tarfile.open(source_distribution()) as archive:
        members = [member for member in archive.getmembers() if member.name.endswith(f"/examples/{name}")]
        content = archive.extractfile(members[0]) if members else None
        if content is None:
            raise Unavailable(f"{source_distribution()} has no example {name}")
        script = folder / name
        script.write_bytes(content.read())
    return script


def scenario_names(folder: Path) -> list[str]:
    """``module::function`` of each test in a folder of scenarios."""
    return [
        f"{path.stem}::{node.name}"
        for path in sorted(folder.glob("test_*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def run_scenarios(folder: Path) -> dict[str, Outcome]:
    """Run all scenarios of a folder on this backend."""
    report = folder.parent / "report.xml"
    work = folder.parent / "work"
    work.mkdir()
    (folder.parent / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", folder, "-q", "--tb=short", f"--junitxml={report}"]
    command += ["-c", folder.parent / "pytest.ini", f"--rootdir={folder.parent}", "-p", "no:cacheprovider"]
    path = os.pathsep.join([str(Path(pynn_annarchy.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"MPLBACKEND": "Agg", "PYTHONPATH": path.rstrip(os.pathsep)}
    process = subprocess.run(
        list(map(str, command)),
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
        check=False,
    )
    if not report.exists():
        raise RuntimeError(f"pytest ended with {process.returncode}:\n{process.stdout[-4000:]}{process.stderr[-4000:]}")
    outcomes = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        module = case.attrib["classname"].rpartition(".")[2]
        name = case.attrib["name"].partition("[")[0]
        outcomes[f"{module}::{name}"] = _outcome(case)
    return outcomes


def _outcome(case: ElementTree.Element) -> Outcome:
    for tag, status in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        found = case.find(tag)
        if found is not None:
            return Outcome(status, f"{found.attrib.get('message', '')}\n{found.text or ''}")
    return Outcome("passed", "")
