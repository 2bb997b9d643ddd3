"""The last stage of the pipeline: C++ source to a shared library, compiled once and kept in a cache on disk.

The key of a library is a hash of all that it is made from: source, headers, flags, precision, processor, and the
compiler (its path, size and date, so that asking needs no process). A library appears under its name by one atomic
rename, and a lock lets processes that want the same one share the build.
"""

from __future__ import annotations

import contextlib
import hashlib
import platform
import re
import shlex
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import MappingProxyType

from .errors import CompilerError
from .settings import setting, variable
from .toolchain import DEFAULT_TOOLCHAIN, Compiler, Toolchain, find_compiler

PRECISIONS = MappingProxyType(
    {"double": ("double", "double"), "mixed": ("double", "float"), "single": ("float", "float")}
)

# Floating-point traps and errno are never looked at; without them, selections and square roots become vector code.
# Contraction to fused multiply-adds is stated, because the default differs between compilers. Loops over neurons are
# told to have no dependences between neurons; GCC 12, where it makes copies and zeros of parts of such a loop, takes
# it to hold within a neuron, too, and zeroed input before it was read: so it is not to take loops apart.
FLAGS = (
    "-std=c++17",
    "-O3",
    "-fPIC",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",
    "-fno-tree-loop-distribution",
    "-fno-tree-loop-distribute-patterns",
    "-fvisibility=hidden",
)
_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
_COMMENT = re.compile(r"[ \t]*//[^\n]*")  # a source is the same model whatever its comments say


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


def library(source: str, precision: str, toolchain: Toolchain = DEFAULT_TOOLCHAIN) -> Path:
    """Return the shared library of a C++ source, building it if the cache does not have it.

    Without a compiler, a library that was once built from the same source for this processor does.

    Raises
    ------
    CompilerError
        If there is no compiler, or it fails.
    """
    folder = cache_directory()
    arguments = (*FLAGS, *_native(), "-shared", "-fno-plt", *defines(precision), *toolchain.all_flags())
    built = folder / f"{_key(source, precision)}.built"
    try:
        compiler = find_compiler(toolchain.compiler)
    except CompilerError:
        with contextlib.suppress(OSError):
            earlier = folder / Path(built.read_text(encoding="utf-8").strip()).name
            if earlier.is_file() and not toolchain.compiler:
                return earlier
        raise
    path = folder / f"{_key(source, *compiler.command, compiler.identity, *arguments)}.so"
    if path.is_file():
        return path
    with locked(path.with_suffix(".lock")):
        if not path.is_file():
            _build(source, compiler, arguments, path)
            _name(built, path)
    return path


def _name(built: Path, path: Path) -> None:
    """Write which library was last built from a source."""
    draft = path.with_suffix(".name")
    draft.write_text(path.name, encoding="utf-8")
    draft.replace(built)


def rebuild(path: Path, source: str, precision: str, toolchain: Toolchain = DEFAULT_TOOLCHAIN) -> Path:
    """Replace a library that turned out to be damaged."""
    path.unlink(missing_ok=True)
    return library(source, precision, toolchain)


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


def _key(source: str, *others: str) -> str:
    digest = hashlib.sha256()
    text, headers = _COMMENT.sub("", source), included(source).values()
    for piece in [text, *others, _processor(), *headers]:
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

    folder = Path(setting("cache_dir") or platformdirs.user_cache_dir("pynn-annarchy"))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as problem:
        warnings.warn(
            f"compiled models cannot be kept in {folder} ({problem.strerror}): they are built again in every process. "
            f"Set {variable('cache_dir')} to a folder that can be written.",
            stacklevel=2,
        )
        return Path(tempfile.mkdtemp(prefix="pynn-annarchy-"))


def empty_cache() -> int:
    """Remove all compiled models from the cache and return how many; what is loaded stays usable."""
    folder = cache_directory()
    libraries = list(folder.glob("*.so"))
    for pattern in ("*.built", "*.so", "*.cpp", "*.cubin"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
    return len(libraries)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
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
        if setting("verbose"):
            print(f"compiling a model: {shlex.join(command)}", file=sys.stderr)
        finished = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if finished.returncode != 0:
            raise CompilerError(f"the C++ compiler failed:\n  {shlex.join(command)}\n{finished.stderr}")
        draft.replace(text)
        result.replace(path)
