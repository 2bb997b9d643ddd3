"""Device code by NVRTC, which needs no GPU, and the cache of it."""

import pytest

from pynn_annarchy.native import build
from pynn_annarchy.native.cuda.program_cache import Nvrtc
from pynn_annarchy.native.errors import CompilerError, DeviceError

TEXT = 'extern "C" __global__ void fill(double* x, long n) { if (threadIdx.x < n) x[threadIdx.x] = 1; }'


@pytest.fixture
def nvrtc(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "cache_directory", lambda: tmp_path)
    try:
        return Nvrtc()
    except DeviceError as problem:
        pytest.skip(str(problem))


def test_compiled_once(nvrtc, tmp_path, monkeypatch):
    code = nvrtc.cubin(TEXT, "sm_90")
    assert code[1:4] == b"ELF"
    assert len(list(tmp_path.glob("*.cubin"))) == 1
    monkeypatch.setattr(nvrtc, "_compiled", lambda *_: pytest.fail("it was compiled again"))
    assert nvrtc.cubin(TEXT, "sm_90") == code


def test_other_architectures_are_others(nvrtc, tmp_path):
    nvrtc.cubin(TEXT, "sm_90")
    nvrtc.cubin(TEXT, "sm_80")
    assert len(list(tmp_path.glob("*.cubin"))) == 2


def test_the_compiler_is_quoted(nvrtc, tmp_path):
    with pytest.raises(CompilerError, match=r"(?s)NVRTC 1\d\.\d+ failed.*network\.cu\(1\): error"):
        nvrtc.cubin("nonsense", "sm_90")
    assert not list(tmp_path.glob("*.cubin"))


class Missing:
    @staticmethod
    def nvrtcVersion():
        raise OSError("libnvrtc.so: cannot open")


def test_a_missing_library_is_named():
    with pytest.raises(DeviceError, match=r"looked for NVRTC \(libnvrtc\), libnvrtc.so: cannot open.*\[cuda\]"):
        Nvrtc(Missing())
