"""What is said and done about GPUs, with a driver that is none: this runs where there is no GPU."""

import gc

import numpy as np
import pyNN.annarchy as sim
import pytest

from pynn_annarchy.native.cuda import devices, driver, nvidia
from pynn_annarchy.native.cuda.device import Launch
from pynn_annarchy.native.cuda.driver import Driver
from pynn_annarchy.native.cuda.halves import Halves
from pynn_annarchy.native.cuda.nvidia import NvidiaDevice
from pynn_annarchy.native.errors import DeviceError

from .fake_driver import FakeApi


def device(index=0, **about):
    return NvidiaDevice(index, Driver(FakeApi(**about)))


def test_the_cpu_is_there():
    first = sim.devices()[0]
    assert (first.device, first.compute_capability) == ("cpu", None)
    assert first.multiprocessors >= 1
    assert first.memory_bytes > 2**20


def test_gpus_are_listed(monkeypatch):
    monkeypatch.setattr(driver, "load", lambda: Driver(FakeApi()))
    monkeypatch.setattr(nvidia, "load", lambda: Driver(FakeApi()))
    found = devices.devices()[1:]
    assert [(gpu.device, gpu.name) for gpu in found] == [("cuda:0", "GPU A"), ("cuda:1", "GPU B")]
    assert (found[0].compute_capability, found[0].multiprocessors, found[0].memory_bytes) == ((9, 0), 4, 1 << 20)


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:-1", "cuda:x", "CUDA", ""])
def test_a_name_of_nothing(name):
    if name:
        with pytest.raises(ValueError, match=r"allowed are 'cpu', 'cuda', 'cuda:0'"):
            sim.setup(device=name)
    assert devices.gpu_index("cuda") == devices.gpu_index("cuda:0") == 0
    assert devices.gpu_index("cuda:12") == 12


def test_a_gpu_that_is_not_there_loses_nothing(monkeypatch):
    def missing():
        raise DeviceError("no GPU can be used: looked for everything")

    monkeypatch.setattr(nvidia, "load", missing)
    sim.setup()
    cells = sim.Population(3, sim.IF_curr_exp())
    with pytest.raises(DeviceError, match="device='cuda': no GPU can be used: looked for everything"):
        sim.setup(device="cuda")
    assert cells.size == 3
    sim.run(1.0)


def test_the_environment_chooses(monkeypatch):
    monkeypatch.setattr(nvidia, "load", lambda: Driver(FakeApi(names=("GPU A",))))
    monkeypatch.setenv("PYNN_ANNARCHY_DEVICE", "cuda:7")
    with pytest.raises(DeviceError, match=r"device='cuda:7': there is no GPU 7; there are cuda:0 \(GPU A\)"):
        sim.setup()


def test_what_is_missing_is_named(monkeypatch):
    with pytest.raises(DeviceError, match=r"looked for NVIDIA's driver.*CUDA_ERROR_100: it went wrong"):
        driver.started(Driver(FakeApi(failing={"cuInit": 100})))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(DeviceError, match="sees no GPU, CUDA_VISIBLE_DEVICES=''"):
        driver.started(Driver(FakeApi(names=())))
    with pytest.raises(DeviceError, match=r"cuda-bindings, which is not installed.*pynn-annarchy\[cuda\]"):
        driver.bindings("no_such_module")


def test_memory():
    gpu = device(memory_bytes=4096)
    memory = gpu.memory(800)
    numbers = np.arange(50.0)
    memory.upload(numbers, 80)
    np.testing.assert_array_equal(memory.download(np.float64, 50, 80), numbers)
    memory.fill(255)
    assert memory.download(np.int64, 100).tolist() == [-1] * 100
    with pytest.raises(ValueError, match="there are 800"):
        memory.upload(numbers, 401)
    with pytest.raises(ValueError, match="there are 800"):
        memory.download(np.uint8, 1, -1)
    with pytest.raises(MemoryError, match=r"asked for on GPU A: 0.0 of 0.0 MiB are free"):
        gpu.memory(4000)
    del memory
    gc.collect()
    assert gpu.memory(4000).nbytes == 4000


def test_copies_go_on_while_others_are_asked_for():
    api = FakeApi()
    gpu = NvidiaDevice(0, Driver(api))
    halves = Halves(gpu)
    halves.reserve(1000)
    for half in (0, 1):
        memory = halves._memory[half]
        memory.upload(np.arange(100.0) + half)
        halves.begin_copy(half, [(0, 80), (160, 0), (240, 8)])
    assert [len(copies) for copies in api.copies.values()] == [4]  # empty ones are none
    halves.wait()
    for half in (0, 1):
        np.testing.assert_array_equal(halves.view(half, np.float64, 10), np.arange(10.0) + half)
        assert halves.view(half, np.float64, 1, 240) == 30.0 + half
    del halves, memory
    gc.collect()
    assert (api.host, api.copies, api.kept) == ({}, {}, {})
    api.failing["cuMemHostAlloc"] = 2
    with pytest.raises(MemoryError, match="page-locked memory asked for on the host"):
        gpu.host_memory(1 << 20)


def test_halves_that_do_not_fit_leave_room_for_smaller_ones():
    halves = Halves(device(memory_bytes=4096))
    with pytest.raises(MemoryError, match="asked for on GPU A"):
        halves.reserve(3000)
    halves.reserve(2000)
    assert halves.view(1, np.uint8, 2000).size == 2000
    with pytest.raises(ValueError, match="there are 2000"):
        halves.view(0, np.uint64, 250, 8)


class Code:
    def cubin(self, source, architecture, *, exact=False):
        return f"{architecture}: {source}".encode()


def test_programs():
    api = FakeApi()
    gpu = NvidiaDevice(0, Driver(api), Code())
    assert (api.retained, api.released) == ([], [])
    program = gpu.compile("text", ("pa_run",))
    assert api.loaded == [b"sm_90: text"]
    assert program.resident_blocks("pa_run", 256) == 4 * 8
    program.launch("pa_run", 32, 256, (1 << 63, -1, np.int64(5)), cooperative=True)
    gpu.synchronise()
    assert api.launched == [("pa_run", 32, 256, [-(1 << 63), -1, 5])]
    launch = Launch("pa_run", 3, 64, (7, -2))
    graph = program.graph([launch, Launch("pa_run", 1, 1, (8, 9))])
    graph.launch()
    assert api.launched[1:] == [("pa_run", 3, 64, [7, -2]), ("pa_run", 1, 1, [8, 9])]
    del graph
    gc.collect()
    assert api.destroyed == [2]
    assert gpu.cooperative and not device(cooperative=0).cooperative
    api.failing["cuCtxSynchronize"] = 700
    with pytest.raises(DeviceError, match="cuCtxSynchronize failed: CUDA_ERROR_700: it went wrong"):
        gpu.synchronise()
    del program, gpu
    gc.collect()
    assert (api.retained, api.released) == ([0], [0])
