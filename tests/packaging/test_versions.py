"""Row EQ38: the equation language works with the oldest versions of what the package asks for."""

from __future__ import annotations

import sys
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from environment import ROOT, Environment
from packaging.requirements import Requirement

pytestmark = pytest.mark.packaging

NEEDS_LATER = {"numpy": ((3, 13), "2.1.0")}  # the first with a wheel for this Python
TESTS = ("codegen/test_parse.py", "codegen/test_golden_models.py", "features/test_eq_vocabulary.py")


def oldest(wheel: Path) -> list[str]:
    """Return the dependencies of a wheel, each at its lower bound."""
    (metadata,) = (path for path in zipfile.Path(wheel).iterdir() if path.name.endswith(".dist-info"))
    pinned = []
    for requirement in map(Requirement, PathDistribution(metadata).requires or ()):  # type: ignore[arg-type]
        if requirement.marker is not None:
            continue  # of an extra
        (bound,) = [part.version for part in requirement.specifier if part.operator == ">="]
        python, later = NEEDS_LATER.get(requirement.name, ((9,), ""))
        pinned.append(f"{requirement.name}=={later if sys.version_info >= python else bound}")
    return pinned


def test_EQ38_oldest_versions(tmp_path: Path, wheel: Path) -> None:
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    environment = Environment.create(tmp_path / "env", nothing)
    pins = oldest(wheel)
    assert len(pins) >= 8
    environment.pip("install", *pins, "pytest>=8", "hypothesis", "scipy", wheel)
    found = environment.execute("import sympy, numpy; print(sympy.__version__, numpy.__version__)").split()
    assert f"sympy=={found[0]}".startswith(next(pin for pin in pins if pin.startswith("sympy")))
    printed = environment.execute(
        "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))",
        "-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"),
        *(str(ROOT / "tests" / name) for name in TESTS),
        PYNN_ANNARCHY_CACHE_DIR=str(tmp_path / "models"),
    )  # fmt: skip
    assert "passed" in printed
