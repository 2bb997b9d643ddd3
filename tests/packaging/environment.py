"""Real virtual environments to install into, cheap enough to make one per test.

A new environment has no packages of its own. What the package depends on is lent to it from the environment that runs
the tests: a folder of links, entered in the new environment by a `.pth` file, as an outer environment would be.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("pynn_annarchy", "__editable__")


def run(*command: str | Path, cwd: Path | None = None, **variables: str) -> str:
    """Run a command that must succeed; return its output."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=kept | variables, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def link_dependencies(folder: Path, *, without: tuple[str, ...]) -> Path:
    """Fill a folder with links to what is installed here, save this package and what `without` names."""
    folder.mkdir()
    for scheme in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for item in Path(scheme).iterdir():
            hidden = item.name.startswith((*OURS, *without)) or item.suffix == ".pth" or item.name == "__pycache__"
            if not hidden and not (folder / item.name).exists():
                (folder / item.name).symlink_to(item)
    return folder


@dataclass(frozen=True)
class Environment:
    """A virtual environment at `root`."""

    root: Path

    @classmethod
    def create(cls, root: Path, outer: Path) -> Environment:
        """Make one that sees the packages in the folder `outer` after its own."""
        venv.create(root, with_pip=False, symlinks=True)
        made = cls(root)
        (made.site / "zz_outer.pth").write_text(f"{outer}\n")
        return made

    @property
    def python(self) -> Path:
        return self.root / "bin" / "python"

    @property
    def site(self) -> Path:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.root / "lib" / version / "site-packages"

    def pip(self, *arguments: str | Path) -> str:
        quiet = ("--disable-pip-version-check", "--quiet")
        return run(sys.executable, "-m", "pip", "--python", self.python, *quiet, *arguments)

    def install(self, *arguments: str | Path) -> str:
        return self.pip("install", "--no-deps", "--no-index", "--no-build-isolation", *arguments)

    def execute(self, code: str, *arguments: str, **variables: str) -> str:
        """Run a program in it, away from the checkout."""
        return run(self.python, "-c", code, *arguments, cwd=self.root, **variables)

    def files(self) -> set[Path]:
        """Return what lies in it, folders aside."""
        return {path.relative_to(self.root) for path in self.root.rglob("*") if not path.is_dir()}
