"""Ctrl-C and failing callbacks stop a run at the end of a window, with everything readable."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest
from networks import Recurrent, assert_same

from pynn_annarchy.native.cuda.network import CudaNetwork

pytestmark = pytest.mark.threaded

LONG = 50_000_000


@pytest.fixture(autouse=True)
def ctrl_c_raises():
    """A shell makes what it starts in the background deaf to Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_leaves_consistent_data(models, threads):
    made = Recurrent(models, threads=threads)
    made.network.run(10)
    timer = threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        made.network.run(LONG)
    assert time.monotonic() - begin < 5.0
    step = made.network.step
    assert 10 < step < LONG
    assert isinstance(made.network, CudaNetwork) or (step - 10) % made.network.window_steps == 0
    assert made.v.samples().shape[0] == step // 5 + 1
    made.network.run(100)
    uninterrupted = Recurrent(models, threads=3 - threads)
    uninterrupted.network.run(step + 100)
    assert_same(made.result(), uninterrupted.result())


def test_progress_is_called_with_the_step_about_every_100_ms(models):
    made = Recurrent(models, record=False)
    steps, times = [], []

    def progress(step):
        steps.append(step)
        times.append(time.monotonic())
        if len(steps) == 5:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        made.network.run(LONG, progress)
    assert steps == sorted(set(steps)) and made.network.step == steps[-1]
    assert np.diff(times).min() > 0.05
    assert made.network.run(5) == 5


def test_a_running_network_refuses_to_be_changed(models):
    made = Recurrent(models)
    for change in (
        lambda step: made.network.add_population(models("Lif"), 1),
        lambda step: made.network.run(1),
        lambda step: made.network.reset(),
        lambda step: made.exc.set_state("v", 0.0),
        lambda step: made.v.clear(),
        lambda step: made.v.stop(),
        lambda step: made.records[0].events(),
        lambda step: made.records[0].clear(),
    ):
        before = made.network.step
        with pytest.raises(RuntimeError, match="running"):
            made.network.run(LONG, change)
        assert made.network.step > before
    made.network.add_population(models("Lif"), 1)
    assert made.network.run(3) == 3


def test_other_python_threads_run_meanwhile(models):
    made = Recurrent(models, record=False)
    ticks = []

    def tick():
        for _ in range(20):
            time.sleep(0.005)
            ticks.append(made.network.step)

    ticker = threading.Thread(target=tick)

    def stop(step):
        if len(ticks) == 20:
            raise StopIteration

    ticker.start()
    with pytest.raises(StopIteration):
        made.network.run(LONG, stop)
    ticker.join()
    assert set(ticks) == {0}
