"""The example of hybrid networks decodes what was encoded, as well as theory says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from example_pictures import EXAMPLES, drawn, numbers

AMPLITUDE, MEAN, PERIOD, CELLS = 40.0, 50.0, 1000.0, 400


def expected_error(window: float) -> float:
    """The mean square of a delayed, smoothed sine minus the sine, and the variance of binomial counts."""
    omega = 2 * np.pi / PERIOD
    kernel = np.exp(-1j * omega * (3 + np.arange(window))).mean()  # three steps from the stimulus to the reader
    signal = AMPLITUDE**2 / 2 * abs(1 - kernel) ** 2
    rates = MEAN - AMPLITUDE * np.cos(omega * np.arange(PERIOD))
    return float(np.sqrt(signal + (rates * (1 - rates / 1000)).mean() * 1000 / (CELLS * window)))


def leaky_spikes(duration: int) -> int:
    """The cell's equation, step by step: in the step from t its conductance is the stimulus of two steps before."""
    v, count = 0.0, 0
    rates = MEAN - AMPLITUDE * np.cos(2 * np.pi * np.arange(duration) / PERIOD)
    for step in range(duration):
        drive = 0.04 * rates[step - 2] if step > 1 else 0.0
        v = drive + (v - drive) * np.exp(-1 / 20.0)
        if v > 1:
            v, count = 0.0, count + 1
    return count


def test_hybrid(tmp_path: Path) -> None:
    printed = drawn("hybrid.py", "--duration", "3000", folder=tmp_path)
    windows = numbers(r"(\d+) ms: mean", printed)
    assert windows == [5.0, 20.0, 80.0, 320.0], printed
    means = numbers(r"mean ([\d.]+) Hz", printed)
    # 2 s of 400 cells at 50 Hz: a standard error of 0.25 Hz; intervals: 2 ln 2 of it, and the steps of 1 ms
    assert np.allclose(means[:4], MEAN, atol=1.0) and abs(means[4] - 2 * np.log(2) * MEAN) < 3.0, printed
    errors = numbers(r"error ([\d.]+) Hz", printed)
    assert np.allclose(errors[:4], [expected_error(window) for window in windows], rtol=0.1), printed
    late = numbers(r"late by (\d+) ms", printed)
    assert np.allclose(late[:4], [3 + (window - 1) / 2 for window in windows], atol=4), printed
    assert numbers(r"leaky cell: (\d+) spikes", printed) == [leaky_spikes(3000)], printed
    assert len((EXAMPLES / "hybrid.py").read_text().splitlines()) < 80
