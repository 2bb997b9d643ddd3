"""What the hardware allows: traffic.cpp, compiled with the engine's compiler and flags, and run."""

from __future__ import annotations

import functools
import json
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("traffic.cpp")
TRIAD_BYTES = 200_000_000  # of each of three arrays: several times any cache


@functools.cache
def _program(folder: str) -> Path:
    from pynn_annarchy.native.build import FLAGS, _native
    from pynn_annarchy.native.toolchain import DEFAULT_TOOLCHAIN, find_compiler

    program = Path(folder) / "traffic"
    compiler = find_compiler()
    flags = [flag for flag in FLAGS if flag != "-fPIC"]
    command = [*compiler.command, *flags, *_native(), *DEFAULT_TOOLCHAIN.all_flags(), str(SOURCE), "-o", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{SOURCE.name} does not compile:\n{done.stderr[-2000:]}")
    return program


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="traffic-")


def traffic(what: str, *sizes: int) -> float:
    """Return the result of one of traffic.cpp's measurements.

    Parameters
    ----------
    what
        "triad" or "dense": in GB/s; "scatter", "weights" or "update": in ns for an event or a cell.
    sizes
        As traffic.cpp says: bytes; cells and connections a row; cells; rows and columns.

    Raises
    ------
    RuntimeError
        If it does not compile, or refuses its arguments.
    """
    done = subprocess.run(
        [str(_program(_folder().name)), what, *map(str, sizes)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"traffic {what} {sizes}: {done.stderr.strip() or done.returncode}")
    figures: dict[str, float] = json.loads(done.stdout)
    return figures["GBs"] if "GBs" in figures else figures["ns"]


def bandwidth_GBs(bytes_each: int = TRIAD_BYTES) -> float:
    """Return the memory bandwidth of one core by a triad (McCalpin's STREAM: two arrays read, one written)."""
    return traffic("triad", bytes_each)
