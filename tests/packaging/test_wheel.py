"""What is in the wheel and in the source distribution, and that the wheel is enough to compile a user's model."""

from __future__ import annotations

import platform
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from environment import ROOT, Environment, run

pytestmark = pytest.mark.packaging


def test_wheel_holds_what_is_needed_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.split("/")[0] for name in names}
    assert {name for name in tops if not name.endswith(".dist-info")} == {
        "pynn_annarchy",
        "pynn_annarchy_finder.pth",
        "pynn_annarchy_finder.py",
    }
    kinds = ("*.h", "*.cuh")
    headers = {f"pynn_annarchy/{path.relative_to(ROOT)}" for kind in kinds for path in (ROOT / "csrc").rglob(kind)}
    python = {str(path.relative_to(ROOT)) for path in (ROOT / "pynn_annarchy").rglob("*.py")}
    assert headers | python <= names
    assert {name for name in names if name.startswith("pynn_annarchy/csrc/")} == headers
    assert not [name for name in names if name.endswith((".cpp", ".pyx", ".pyc"))]
    assert any(name.endswith("licenses/LICENSE") for name in names)
    isas = ["baseline", "avx2"] if platform.machine() == "x86_64" else ["baseline"]
    modules = {Path(name).name.split(".")[0] for name in names if name.endswith(".so")}
    precisions = ("double", "mixed", "single")
    kinds = ("models", "synapses")
    models = {f"_{k}_{isa}_{precision}" for k in kinds for isa in isas for precision in precisions}
    assert modules == {"core", "connect"} | models


def test_source_distribution_holds_every_source(tmp_path: Path) -> None:
    metadata, output = ("egg_info", f"--egg-base={tmp_path}"), ("sdist", f"--dist-dir={tmp_path}")
    run(sys.executable, "setup.py", "-q", *metadata, *output, cwd=ROOT)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for folder, kinds in (("csrc", ("*.h", "*.cuh", "*.cpp")), ("pynn_annarchy", ("*.py", "*.pyx"))):
        sources = {str(path.relative_to(ROOT)) for kind in kinds for path in (ROOT / folder).rglob(kind)}
        assert sources <= names
    assert {"setup.py", "pyproject.toml", "pynn_annarchy_finder.py", "pynn_annarchy_finder.pth", "LICENSE"} <= names


def test_installed_package_compiles_a_model(inner: Environment, wheel: Path, tmp_path: Path) -> None:
    """The headers are found in the installed package, and the result goes to the user's cache, not beside the code."""
    inner.install(wheel)
    before = {path for path in inner.files() if path.suffix != ".pyc"}
    code = """
from pynn_annarchy.native.kernels import compiled
from pynn_annarchy.native.spec import NeuronText
text = NeuronText(
    name="leak", parameters="tau = 10.0", equations="dv/dt = -v/tau : init=0", receptors={"excitatory": "v"}
)
print(compiled(text).receptors)
"""
    output = inner.execute(code, HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert output.strip() == "('excitatory',)"
    assert {path for path in inner.files() if path.suffix != ".pyc"} == before
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
