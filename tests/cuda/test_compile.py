"""Device programs compiled by NVRTC, which needs no GPU; skipped where it is not installed."""

import ctypes
import importlib.util
import shutil
from pathlib import Path

import pytest

from pynn_annarchy.native import kernels
from pynn_annarchy.native.cuda.source import device_source
from pynn_annarchy.native.cuda.unsupported import UNSUPPORTED

from .plastic_network import GRADED, OF_A_USER, READER

OPTIONS = (b"--gpu-architecture=sm_90", b"--std=c++17", b"--device-as-default-execution-space")


def candidates():
    packages = importlib.util.find_spec("nvidia")
    for folder in packages.submodule_search_locations or () if packages is not None else ():
        yield from sorted(Path(folder).glob("**/libnvrtc.so.*"))
    nvcc = shutil.which("nvcc")
    if nvcc is not None:
        yield from sorted(Path(nvcc).resolve().parents[1].glob("lib*/libnvrtc.so.*"))


@pytest.fixture(scope="module")
def nvrtc():
    found = next(candidates(), None)
    if found is None:
        pytest.skip("NVRTC is not installed: pip install nvidia-cuda-nvrtc")
    return ctypes.CDLL(str(found))


def compiled(nvrtc, source):
    """Return the size of the device code, or fail with the compiler's log."""
    program, size = ctypes.c_void_p(), ctypes.c_size_t()
    assert nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"network.cu", 0, None, None) == 0
    result = nvrtc.nvrtcCompileProgram(program, len(OPTIONS), (ctypes.c_char_p * len(OPTIONS))(*OPTIONS))
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    assert result == 0, log.value.decode()
    nvrtc.nvrtcGetCUBINSize(program, ctypes.byref(size))
    return size.value


@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_a_network(nvrtc, precision):
    names = ("IF_cond_exp", "SpikeSourcePoisson", "SpikeSourceArray")
    source = device_source([kernels.standard(name, precision) for name in names], precision)
    assert compiled(nvrtc, source) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in kernels.standard_names() if name not in UNSUPPORTED])
def test_every_standard_cell(nvrtc, name):
    assert compiled(nvrtc, device_source([kernels.standard(name)], "double")) > 1000


@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_a_network_that_learns(nvrtc, precision):
    names = ("IF_cond_exp", "SpikeSourcePoisson")
    cells = [kernels.standard(name, precision) for name in names]
    synapses = [kernels.standard_synapse(name, precision) for name in ("SpikePair_Additive", "TsodyksMarkram")]
    assert compiled(nvrtc, device_source(cells, precision, synapses)) > 1000


@pytest.mark.parametrize("text", [GRADED, OF_A_USER, READER], ids=lambda text: text.name)
def test_synapses_of_a_user(nvrtc, text):
    source = device_source([kernels.standard("IF_cond_exp")], "double", [kernels.compiled_synapse(text)])
    assert compiled(nvrtc, source) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("name", kernels.standard_synapse_names())
def test_every_standard_synapse(nvrtc, name):
    source = device_source([kernels.standard("IF_cond_exp")], "double", [kernels.standard_synapse(name)])
    assert compiled(nvrtc, source) > 1000


def test_nothing_is_left_to_include():
    source = device_source([kernels.standard("IF_cond_exp")], "double")
    assert '#include "' not in source
    inside = source.partition("#ifdef __CUDACC_RTC__")[2].partition("#else")[0]
    assert "numeric_limits" in inside
    assert "#include" not in inside
