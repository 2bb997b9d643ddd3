"""The engine's random numbers as a small library, without the engine."""

from __future__ import annotations

import ctypes
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

HERE = Path(__file__).parent
WORDS = ("step", "element", "stream", "draw")


class Samples:
    """Arrays of random numbers, as functions of the counter's words."""

    def __init__(self, library: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        self._library.unit.restype = ctypes.c_double

    def words(self, seed: int, counter: list[int]) -> list[int]:
        """The four random words of one counter: step, element, stream, draw."""
        out = np.zeros(4, np.uint32)
        given = np.array(counter, np.uint32)
        self._library.philox_words(
            ctypes.c_uint64(seed), ctypes.c_void_p(given.ctypes.data), ctypes.c_void_p(out.ctypes.data)
        )
        return [int(word) for word in out]

    def unit(self, high: int, low: int) -> float:
        """The number in (0, 1) that two words make."""
        return float(self._library.unit(ctypes.c_uint32(high), ctypes.c_uint32(low)))

    def __call__(
        self,
        kind: str,
        n: int,
        *,
        vary: str,
        seed: int = 1,
        step: int = 0,
        element: int = 0,
        stream: int = 0,
        draw: int = 0,
    ) -> NDArray[np.float64]:
        """Return ``n`` numbers ("uniforms", "normals", "exponentials"); `vary` is the word that counts them."""
        out = np.zeros(n)
        counter = np.array([step, element, stream, draw], np.uint32)
        getattr(self._library, kind)(
            ctypes.c_uint64(seed),
            ctypes.c_void_p(counter.ctypes.data),
            ctypes.c_uint32(WORDS.index(vary)),
            ctypes.c_uint32(n),
            ctypes.c_void_p(out.ctypes.data),
        )
        return out

    def gammas(self, shape: float, above: float, n: int, seed: int = 1) -> NDArray[np.float64]:
        """Return gamma variates greater than `above`."""
        out = np.zeros(n)
        self._library.gammas(
            ctypes.c_double(shape),
            ctypes.c_double(above),
            ctypes.c_uint64(seed),
            ctypes.c_uint32(n),
            ctypes.c_void_p(out.ctypes.data),
        )
        return out


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """Compile samples.cpp and load it."""
    library = tmp_path_factory.mktemp("samples") / "samples.so"
    compiler = os.environ.get("CXX") or shutil.which("g++") or shutil.which("c++") or "c++"
    flags = ["-std=c++17", "-O2", "-shared", "-fPIC", f"-I{HERE.parents[1] / 'csrc'}"]
    subprocess.run([*shlex.split(compiler), *flags, str(HERE / "samples.cpp"), "-o", str(library)], check=True)
    return Samples(library)
