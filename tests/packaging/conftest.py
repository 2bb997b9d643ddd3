"""One wheel of this checkout and one of PyNN for the whole session."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from environment import ROOT, Environment, link_dependencies, run

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `make` has just built, else one built here."""
    if given := os.environ.get("PYNN_ANNARCHY_WHEEL"):
        return Path(given).resolve()
    folder = tmp_path_factory.mktemp("wheel")
    run(*PIP, "wheel", "--no-deps", "--no-build-isolation", f"--wheel-dir={folder}", ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def pynn_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PyNN's own wheel, of the version that runs the tests."""
    folder = tmp_path_factory.mktemp("pynn")
    run(*PIP, "download", "--no-deps", "--only-binary=:all:", f"--dest={folder}", f"pyNN=={version('PyNN')}")
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def pynn_older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of an earlier PyNN, to upgrade from."""
    folder = tmp_path_factory.mktemp("pynn-older")
    run(*PIP, "download", "--no-deps", "--only-binary=:all:", f"--dest={folder}", f"pyNN<{version('PyNN')}")
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def pynn_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PyNN's unpacked source distribution."""
    folder = tmp_path_factory.mktemp("pynn-source")
    exact = ("--no-binary=:all:", "--no-build-isolation", f"pyNN=={version('PyNN')}")
    run(*PIP, "download", "--no-deps", f"--dest={folder}", *exact)
    archive = next(folder.glob("*.tar.gz"))
    subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
    return next(path for path in folder.iterdir() if path.is_dir())


@pytest.fixture(scope="session")
def outer_with_pynn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return link_dependencies(tmp_path_factory.mktemp("outer") / "with", without=())


@pytest.fixture(scope="session")
def outer_without_pynn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return link_dependencies(tmp_path_factory.mktemp("outer") / "without", without=("pyNN", "pynn-", "PyNN-"))


@pytest.fixture
def bare(tmp_path: Path, outer_without_pynn: Path) -> Environment:
    """An environment that has everything but PyNN and this package."""
    return Environment.create(tmp_path / "env", outer_without_pynn)


@pytest.fixture
def inner(tmp_path: Path, outer_with_pynn: Path) -> Environment:
    """An environment that finds PyNN outside of itself."""
    return Environment.create(tmp_path / "env", outer_with_pynn)
