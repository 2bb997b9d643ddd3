"""`import pyNN.annarchy` works however the package and PyNN were installed: one test for each way."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from environment import ROOT, Environment

pytestmark = pytest.mark.packaging
PROBE = (Path(__file__).parent / "probe.py").read_text()


def probe(environment: Environment) -> str:
    output = environment.execute(PROBE)
    assert "probe passed" in output
    return output


def test_from_a_wheel(bare: Environment, wheel: Path, pynn_wheel: Path) -> None:
    bare.install(wheel, pynn_wheel)
    probe(bare)


def test_from_source(bare: Environment, wheel: Path, pynn_wheel: Path) -> None:
    """``pip install .``; `wheel` is named so that what was compiled for it is used again."""
    bare.install(pynn_wheel, ROOT)
    probe(bare)


def test_editable(bare: Environment, wheel: Path, pynn_wheel: Path, tmp_path: Path) -> None:
    """``pip install -e .`` in a copy of the checkout, with the wheel's compiled modules in place to save time."""
    checkout = tmp_path / "checkout"
    skipped = shutil.ignore_patterns(".git", ".venv", "*.egg-info", "*cache*", "asan", "tsan", "Results", "wheel")
    shutil.copytree(ROOT, checkout, ignore=skipped)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(checkout, [name for name in archive.namelist() if name.endswith(".so")])
    bare.install("--editable", checkout, pynn_wheel)
    probe(bare)
    assert str(checkout) in bare.execute("import pynn_annarchy; print(pynn_annarchy.__file__)")
    bare.pip("uninstall", "--yes", "pynn-annarchy")
    assert "None" in bare.execute("import importlib.util; print(importlib.util.find_spec('pyNN.annarchy'))")


def test_after_pynn_is_reinstalled(bare: Environment, wheel: Path, pynn_wheel: Path) -> None:
    bare.install(wheel, pynn_wheel)
    bare.install("--force-reinstall", pynn_wheel)
    probe(bare)


def test_after_pynn_is_upgraded(bare: Environment, wheel: Path, pynn_older: Path, pynn_wheel: Path) -> None:
    bare.install(pynn_older, wheel)
    bare.install("--upgrade", pynn_wheel)
    probe(bare)


def test_pynn_is_an_editable_checkout(bare: Environment, wheel: Path, pynn_checkout: Path) -> None:
    bare.install("--editable", pynn_checkout)
    bare.install(wheel)
    assert str(pynn_checkout) in probe(bare)
    assert not list(pynn_checkout.rglob("*annarchy*")), "something was written into PyNN's checkout"


def test_pynn_is_in_an_outer_environment(inner: Environment, wheel: Path) -> None:
    inner.install(wheel)
    assert not (inner.site / "pyNN").exists()
    probe(inner)


def test_both_are_in_an_outer_environment(tmp_path: Path, inner: Environment, wheel: Path) -> None:
    """A virtual environment made with access to the outer one's packages, which reads the outer `.pth` files too."""
    inner.install(wheel)
    innermost = Environment.create(tmp_path / "innermost", tmp_path)
    (innermost.site / "outer.pth").write_text(f"import site; site.addsitedir({str(inner.site)!r})\n")
    probe(innermost)


def test_target_folder(inner: Environment, wheel: Path, tmp_path: Path) -> None:
    """``pip install --target``, where no `.pth` file is read: importing the package registers the other name."""
    inner.install("--target", tmp_path / "target", wheel)
    code = "import pynn_annarchy, pyNN.annarchy, pyNN.annarchy.cells as c; print(pyNN.annarchy is pynn_annarchy, c)"
    output = inner.execute(code, PYTHONPATH=str(tmp_path / "target"))
    assert output.startswith("True <module 'pynn_annarchy.cells'")


def test_uninstall_leaves_no_file(bare: Environment, wheel: Path, pynn_wheel: Path) -> None:
    bare.install(pynn_wheel)
    bare.execute("import pyNN.utility, pyNN.common")
    before = {path for path in bare.files() if path.suffix != ".pyc"}
    bare.install(wheel)
    probe(bare)
    bare.pip("uninstall", "--yes", "pynn-annarchy")
    left = {path for path in bare.files() if path.suffix != ".pyc" or "annarchy" in path.name}
    assert left == before
    missing = "import importlib.util as u; print(u.find_spec('pyNN.annarchy'), u.find_spec('pynn_annarchy'))"
    assert bare.execute(missing).split() == ["None", "None"]


@pytest.mark.parametrize("gone", ["pynn_annarchy_finder.py", "pynn_annarchy", "pynn_annarchy/__init__.py", "pyNN"])
def test_half_uninstalled(bare: Environment, wheel: Path, pynn_wheel: Path, gone: str) -> None:
    """Python starts without a word, and the import fails as it does for any module that is not there."""
    bare.install(wheel, pynn_wheel)
    path = bare.site / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert bare.execute("import sys") == ""
    failing = subprocess.run([bare.python, "-c", "import pyNN.annarchy"], capture_output=True, text=True, cwd=bare.root)
    missing = "pynn_annarchy_finder" if gone == "pynn_annarchy_finder.py" else "pyNN"
    assert f"ModuleNotFoundError: No module named '{missing}" in failing.stderr
