"""The last stage of the pipeline: C++ source to a shared library, compiled once and kept in a cache on disk.

The key of a library is a hash of all that it is made from: source, headers, flags, precision, processor, and the
compiler (its path, size and date, so that asking needs no process). A library appears under its name by one atomic
rename, and a lock lets processes that want the same one share the build.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from .errors import CompilerError

PRECISIONS = MappingProxyType(
    {"double": ("double", "double"), "mixed": ("double", "float"), "single": ("float", "float")}
)

# Floating-point traps and errno are never looked at; without them, selections and square roots become vector code.
# Contraction to fused multiply-adds is stated, because the default differs between compilers.
FLAGS = (
    "-std=c++17",
    "-O3",
    "-fPIC",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",
    "-fvisibility=hidden",
)
_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
_COMMENT = re.compile(r"[ \t]*//[^\n]*")  # a source is the same model whatever its comments say
_CACHE_VARIABLE = "PYNN_ANNARCHY_CACHE_DIR"


def defines(precision: str) -> tuple[str, ...]:
    """Return the compiler's definitions of a precision."""
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, not {precision!r}")
    real, acc = PRECISIONS[precision]
    return (f"-DPA_REAL={real}", f"-DPA_ACC={acc}")


def include_directory() -> Path:
    """Return the folder of the C++ headers: in the package if it is installed, else in the source checkout."""
    here = Path(__file__).resolve().parent
    for folder in (here.parent / "csrc", here.parent.parent / "csrc"):
        if (folder / "neuron_model.h").is_file():
            return folder
    raise FileNotFoundError(f"the C++ headers are missing from {here.parent / 'csrc'}: the installation is incomplete")


def library(source: str, precision: str) -> Path:
    """Return the shared library of a C++ source, building it if the cache does not have it.

    Raises
    ------
    CompilerError
        If there is no compiler, or it fails.
    """
    compiler = find_compiler()
    arguments = (*FLAGS, *_native(), "-shared", "-fno-plt", *defines(precision))
    folder = cache_directory()
    path = folder / f"{_key(source, compiler, arguments)}.so"
    if path.is_file():
        return path
    with _lock(path.with_suffix(".lock")):
        if not path.is_file():
            _build(source, compiler, arguments, path)
    return path


def rebuild(path: Path, source: str, precision: str) -> Path:
    """Replace a library that turned out to be damaged."""
    path.unlink(missing_ok=True)
    return library(source, precision)


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler: the command, and what changes when another version is installed."""

    command: tuple[str, ...]
    identity: str


def find_compiler() -> Compiler:
    """Return the compiler that ``CXX`` names, else the first one found."""
    chosen = os.environ.get("CXX", "").strip()
    for candidate in [chosen] if chosen else ["c++", "g++", "clang++"]:
        words = shlex.split(candidate)
        path = shutil.which(words[0])
        if path is not None:
            return Compiler((path, *words[1:]), _identity(path))
    if not chosen and importlib.util.find_spec("ziglang") is not None:
        return Compiler((sys.executable, "-m", "ziglang", "c++"), f"ziglang {_distribution('ziglang')}")
    what = f"the C++ compiler {chosen!r} that CXX names is not there" if chosen else "there is no C++ compiler"
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


def _native() -> tuple[str, ...]:
    """Return the flag that asks for this processor's instructions."""
    return ("-march=native",) if platform.machine() in ("x86_64", "AMD64", "i686") else ("-mcpu=native",)


@cache
def _processor() -> str:
    """Return what distinguishes processors that one cache directory may serve."""
    with contextlib.suppress(OSError), Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
        found = {line for line in lines if line.startswith(("flags", "Features", "model name", "CPU part"))}
        return "".join(sorted(found))
    return f"{platform.machine()} {platform.processor()}"


def _key(source: str, compiler: Compiler, arguments: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    text, headers = _COMMENT.sub("", source), included(source).values()
    for piece in [text, *compiler.command, compiler.identity, *arguments, _processor(), *headers]:
        digest.update(piece.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:32]


def included(source: str) -> dict[str, str]:
    """Return name and text of every header of ours that a source includes, directly or not."""
    folder = include_directory()
    found: dict[str, str] = {}
    waiting = _INCLUDE.findall(source)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = (folder / name).read_text(encoding="utf-8")
            waiting += _INCLUDE.findall(found[name])
    return {name: found[name] for name in sorted(found)}


@cache
def cache_directory() -> Path:
    """Return the folder of compiled models; one for this process alone if the user's cannot be written."""
    import platformdirs

    folder = Path(os.environ.get(_CACHE_VARIABLE) or platformdirs.user_cache_dir("pynn-annarchy"))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as problem:
        warnings.warn(
            f"compiled models cannot be kept in {folder} ({problem.strerror}): they are built again in every process. "
            f"Set {_CACHE_VARIABLE} to a folder that can be written.",
            stacklevel=2,
        )
        return Path(tempfile.mkdtemp(prefix="pynn-annarchy-"))


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold a lock between processes; the system releases it if the process dies."""
    import fcntl

    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(source: str, compiler: Compiler, arguments: tuple[str, ...], path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="build-") as scratch:
        text = path.with_suffix(".cpp")
        draft = Path(scratch) / text.name
        draft.write_text(source, encoding="utf-8")
        result = Path(scratch) / path.name
        command = [*compiler.command, *arguments, f"-I{include_directory()}", str(draft), "-o", str(result)]
        finished = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if finished.returncode != 0:
            raise CompilerError(f"the C++ compiler failed:\n  {shlex.join(command)}\n{finished.stderr}")
        draft.replace(text)
        result.replace(path)
