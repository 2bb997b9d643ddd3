"""The device that these tests run on: one emulated by the CPU, or the GPU that `pytest --device` names."""

import pytest

from pynn_annarchy.native.cuda.devices import gpu_index
from pynn_annarchy.native.cuda.emulated import EmulatedDevice
from pynn_annarchy.native.cuda.nvidia import NvidiaDevice


@pytest.fixture
def device(request):
    index = gpu_index(request.config.getoption("--device") or "cuda-emulated")
    return EmulatedDevice() if index is None else NvidiaDevice(index)
