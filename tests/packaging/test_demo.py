"""`make demo`: what it runs, with and without a network, and what it says when the system lacks something."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from environment import ROOT, run

pytestmark = pytest.mark.packaging
CHECK = ROOT / "tools" / "check_system.sh"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the demonstration needs of a checkout, so that it writes its results elsewhere."""
    for name in ("tools/demo.py", "examples/vogels_abbott.py"):
        (tmp_path / name).parent.mkdir()
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_runs_pynns_own_benchmark(checkout: Path) -> None:
    printed = run(sys.executable, "tools/demo.py", "COBA", cwd=checkout)
    rate = re.search(r"Excitatory rate +: ([\d.]+) Hz", printed)
    assert rate and 5.0 < float(rate[1]) < 40.0, printed
    assert "Simulation time" in printed
    picture = checkout / "Results" / "VAbenchmarks_COBA_annarchy.png"
    assert f"The spikes are drawn in {picture}" in printed
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_runs_the_projects_own_without_a_network(checkout: Path) -> None:
    printed = run(sys.executable, "tools/demo.py", "COBA", cwd=checkout, PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    assert "cannot be fetched" in printed
    assert re.search(r"COBA: 4000 cells, excitatory [\d.]+ Hz", printed)
    assert (checkout / "Results" / "vogels_abbott.png").exists()


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A folder that can be all of PATH: a shell and the few commands that the check uses."""
    for name in ("sh", "uname", "python3", "g++"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / name).symlink_to(sys.executable if name == "python3" else found)
    return tmp_path


def check(commands: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [commands / "sh", CHECK, "python3"],
        env={"PATH": str(commands), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )


def pretend(command: Path, script: str) -> None:
    command.unlink()
    command.write_text(f"#!{command.parent / 'sh'}\n{script}\n")
    command.chmod(0o755)


def test_a_complete_system_is_accepted_silently(commands: Path) -> None:
    for name in ("as", "ld"):
        (commands / name).symlink_to(shutil.which(name) or name)
    done = check(commands)
    assert (done.returncode, done.stderr) == (0, "")


def test_missing_compiler_is_named(commands: Path) -> None:
    (commands / "g++").unlink()
    done = check(commands)
    assert done.returncode == 1
    assert "a C++17 compiler ('g++')" in done.stderr
    if os.uname().sysname == "Linux":
        assert done.stderr.endswith("sudo apt-get install g++\n")


def test_missing_python_is_named(commands: Path) -> None:
    (commands / "python3").unlink()
    assert "apt-get install python3 python3-venv python3-dev" in check(commands).stderr


def test_missing_parts_of_python_are_named(commands: Path) -> None:
    pretend(commands / "python3", 'case "$2" in *version_info*) exit 0 ;; esac\nexit 1')
    done = check(commands)
    assert done.returncode == 1
    assert "venv module" in done.stderr and "C headers" in done.stderr
    assert "apt-get install python3-venv python3-dev" in done.stderr


def test_old_python_is_named(commands: Path) -> None:
    pretend(commands / "python3", "echo Python 3.8.1\nexit 1")
    done = check(commands)
    assert done.returncode == 1
    assert "needs Python 3.10 or later; 'python3' is Python 3.8.1" in done.stderr
