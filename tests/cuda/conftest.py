"""The device that these tests run on: one emulated by the CPU, in any case."""

import pytest

from pynn_annarchy.native.cuda.emulated import EmulatedDevice


@pytest.fixture
def device():
    return EmulatedDevice()
