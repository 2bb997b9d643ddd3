"""Device code compiled by NVRTC, kept in the folder of compiled models.

NVRTC comes with pip (``nvidia-cuda-nvrtc``) and needs neither a driver, a GPU nor CUDA's headers. Fast maths is off.
Products and sums are contracted to fused multiply-adds, as on the CPU, where processors have them.
"""

from __future__ import annotations

import hashlib
from typing import Any

from .. import build
from ..errors import CompilerError, DeviceError
from .driver import INSTALL, bindings

OPTIONS = ("--std=c++17", "--device-as-default-execution-space", "--prec-div=true", "--prec-sqrt=true")
FUSED = {True: "--fmad=true", False: "--fmad=false"}


class Nvrtc:
    """The run-time compiler.

    Parameters
    ----------
    api
        Its functions: `cuda.bindings.nvrtc`, or what stands for it in tests.

    Raises
    ------
    DeviceError
        If its library cannot be found.
    """

    def __init__(self, api: Any = None) -> None:
        self._api = bindings("nvrtc") if api is None else api
        try:
            self.version: tuple[int, int] = self._call("nvrtcVersion")
        except Exception as problem:
            raise DeviceError(
                f"no device code can be compiled: looked for NVRTC (libnvrtc), {problem}: {INSTALL}"
            ) from problem

    def _call(self, function: str, *arguments: Any) -> Any:
        result, *values = getattr(self._api, function)(*arguments)
        if int(result) != 0:
            raise CompilerError(f"{function} failed: {result}")
        return None if not values else values[0] if len(values) == 1 else tuple(values)

    def cubin(self, source: str, architecture: str, *, exact: bool = False) -> bytes:
        """Return the device code of a text for an architecture such as ``"sm_90"``, from the cache if it is there.

        ``exact``: products and sums are not fused.

        Raises
        ------
        CompilerError
            With what the compiler wrote.
        """
        options = (f"--gpu-architecture={architecture}", *OPTIONS, FUSED[not exact])
        path = build.cache_directory() / f"{self._key(source, options)}.cubin"
        if path.is_file():
            return path.read_bytes()
        with build.locked(path.with_suffix(".lock")):
            if not path.is_file():
                draft = path.with_suffix(".draft")
                draft.write_bytes(self._compiled(source, options))
                draft.replace(path)
        return path.read_bytes()

    def _key(self, source: str, options: tuple[str, ...]) -> str:
        digest = hashlib.sha256()
        for piece in (source, *options, *map(str, self.version)):
            digest.update(piece.encode() + b"\0")
        return digest.hexdigest()[:32]

    def _compiled(self, source: str, options: tuple[str, ...]) -> bytes:
        program = self._call("nvrtcCreateProgram", source.encode(), b"network.cu", 0, None, None)
        try:
            self._call("nvrtcCompileProgram", program, len(options), [option.encode() for option in options])
        except CompilerError as problem:
            log = b" " * self._call("nvrtcGetProgramLogSize", program)
            self._call("nvrtcGetProgramLog", program, log)
            written = log.decode(errors="replace").rstrip(" \0")
            raise CompilerError(f"NVRTC {'.'.join(map(str, self.version))} failed ({problem}):\n{written}") from None
        code = b" " * int(self._call("nvrtcGetCUBINSize", program))
        self._call("nvrtcGetCUBIN", program, code)
        return code
