"""Which C++ compiler builds the models that do not come with the package, and with which flags beside our own."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from .errors import CompilerError
from .settings import setting, variable


@dataclass(frozen=True)
class Toolchain:
    """What a script has chosen to compile models with.

    Attributes
    ----------
    compiler
        A command, as a shell would read it; empty leaves it to the settings, ``CXX``, or what is found.
    flags
        To be added to the package's own.
    """

    compiler: str = ""
    flags: tuple[str, ...] = ()

    def all_flags(self) -> tuple[str, ...]:
        """Return the flags that the script and the user's settings add."""
        return (*shlex.split(setting("compiler_flags") or ""), *self.flags)


DEFAULT_TOOLCHAIN = Toolchain()


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler: the command, and what changes when another version is installed."""

    command: tuple[str, ...]
    identity: str


def find_compiler(named: str = "") -> Compiler:
    """Return the compiler that is named here, in the user's settings or in ``CXX``, else the first one found."""
    chosen, where = named, "setup(compiler=...)"
    if not chosen:
        chosen, where = setting("compiler") or "", f"{variable('compiler')} or the configuration file"
    if not chosen:
        chosen, where = os.environ.get("CXX", "").strip(), "CXX"
    for candidate in [chosen] if chosen else ["c++", "g++", "clang++"]:
        words = shlex.split(candidate) or [candidate]
        path = shutil.which(words[0])
        if path is not None:
            return Compiler((path, *words[1:]), _identity(path))
    if not chosen and importlib.util.find_spec("ziglang") is not None:
        return Compiler((sys.executable, "-m", "ziglang", "c++"), f"ziglang {_distribution('ziglang')}")
    what = f"the C++ compiler {chosen!r} that {where} names is not there" if chosen else "there is no C++ compiler"
    raise CompilerError(
        f"{what}. Standard models need none; a model of your own does. Install one, for example with "
        "'sudo apt install g++' (Debian, Ubuntu), 'sudo dnf install gcc-c++' (Fedora), 'xcode-select --install' "
        "(macOS), 'conda install cxx-compiler', or 'pip install ziglang' (whose first use takes some minutes); or name "
        "one in the environment variable CXX."
    )


def _identity(path: str) -> str:
    real = Path(path).resolve()
    state = real.stat()
    return f"{real} {state.st_size} {state.st_mtime_ns}"


def _distribution(name: str) -> str:
    from importlib.metadata import version

    return version(name)
