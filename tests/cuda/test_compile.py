"""Device programs compiled by NVRTC, which needs no GPU; skipped where it is not installed."""

import pytest

from pynn_annarchy.native import kernels
from pynn_annarchy.native.cuda.drawing import drawing_source
from pynn_annarchy.native.cuda.program_cache import Nvrtc
from pynn_annarchy.native.cuda.row_layout import layout_source
from pynn_annarchy.native.cuda.source import device_source
from pynn_annarchy.native.errors import DeviceError

from .plastic_network import GRADED, OF_A_USER, READER
from .rate_network import LEAKY, RATE, SYNAPSES
from .test_links import TEXTS


@pytest.fixture(scope="module")
def nvrtc():
    try:
        return Nvrtc()
    except DeviceError as problem:
        pytest.skip(str(problem))


def compiled(nvrtc, source):
    """Return the size of the device code."""
    return len(nvrtc.cubin(source, "sm_90"))


@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_a_network(nvrtc, precision):
    names = ("IF_cond_exp", "SpikeSourcePoisson", "SpikeSourceArray")
    source = device_source([kernels.standard(name, precision) for name in names], precision)
    assert compiled(nvrtc, source) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("name", kernels.standard_names())
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


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_synapses_with_links_to_neurons(nvrtc, text):
    source = device_source([kernels.standard("IF_cond_exp")], "double", [kernels.compiled_synapse(text)])
    assert compiled(nvrtc, source) > 1000


@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_a_rate_coded_network(nvrtc, precision):
    cells = [kernels.compiled(text, precision) for text in (RATE, LEAKY)]
    rows = [kernels.compiled_rows(text, precision) for text in SYNAPSES.values()]
    assert compiled(nvrtc, device_source(cells, precision, rows=rows)) > 1000


def test_a_program_has_no_code_for_what_its_network_has_not(nvrtc):
    cells = [kernels.standard("IF_cond_exp")]
    sizes = [compiled(nvrtc, device_source(cells, "double", **more))
             for more in ({}, {"coupled": True}, {"coupled": True, "continuous": True})]  # fmt: skip
    assert 1000 < 1.2 * sizes[0] < sizes[1] < sizes[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", kernels.standard_synapse_names())
def test_every_standard_synapse(nvrtc, name):
    source = device_source([kernels.standard("IF_cond_exp")], "double", [kernels.standard_synapse(name)])
    assert compiled(nvrtc, source) > 1000


def test_construction(nvrtc):
    assert compiled(nvrtc, layout_source()) > 1000
    assert len(nvrtc.cubin(drawing_source(), "sm_90", exact=True)) > 1000


def test_nothing_is_left_to_include():
    source = device_source([kernels.standard("IF_cond_exp")], "double")
    assert '#include "' not in source
    inside = source.partition("#ifdef __CUDACC_RTC__")[2].partition("#else")[0]
    assert "numeric_limits" in inside
    assert "#include" not in inside
