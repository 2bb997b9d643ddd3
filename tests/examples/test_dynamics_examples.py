"""The examples without learning reproduce what the papers that they name say of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from example_pictures import drawn, numbers


def test_izhikevich(tmp_path: Path) -> None:
    """Izhikevich 2003: irregular firing at a few spikes per second, with alpha and gamma rhythms above chance."""
    printed = drawn("izhikevich.py", "--duration", "5", folder=tmp_path)
    rate, variation = numbers(r"([\d.]+)(?= spikes per second|\n)", printed.splitlines()[0] + "\n")
    assert 3.0 < rate < 15.0 and 0.2 < variation < 1.5, printed
    alpha, gamma, fast = numbers(r"(?:alpha|gamma|100 Hz) ([\d.]+)", printed)
    assert alpha > 10.0 and gamma > 3.0 and fast < 2.0, printed  # independent Poisson trains have 1


def test_neural_field(tmp_path: Path) -> None:
    """The bump stays with the first stimulus, 13 neurons from the next one, and keeps its width."""
    printed = drawn("neural_field.py", folder=tmp_path)
    *distances, mean, widest = numbers(r"(?:: |most |bump )([\d.]+)", printed)
    assert len(distances) == 4 and max(distances) < 3.0, printed
    assert 1.0 < mean <= widest < 4.0, printed


def rest(salience: np.ndarray, dopamine: float) -> np.ndarray:
    """What the output nucleus of Gurney, Prescott and Redgrave's model comes to rest at."""

    def output(activity: np.ndarray, threshold: float) -> np.ndarray:
        return np.clip(activity - threshold, 0.0, 1.0)

    direct, indirect = output((1 + dopamine) * salience, 0.2), output((1 - dopamine) * salience, 0.2)

    def change(activity: np.ndarray) -> np.ndarray:
        stn, gpe = np.split(activity, 2)
        drive = 0.9 * output(stn, -0.25).sum()
        return np.concatenate([salience - output(gpe, -0.2) - stn, drive - indirect - gpe])

    activity = np.full(2 * salience.size, 0.1)
    while np.abs(step := change(activity)).max() > 1e-9:  # fsolve does not get over the kinks of `output`
        activity += 0.05 * step
    stn, gpe = np.split(activity, 2)
    drive = 0.9 * output(stn, -0.25).sum()
    return output(drive - direct - 0.3 * output(gpe, -0.2), -0.2)


def test_action_selection(tmp_path: Path) -> None:
    """Outputs are those of the model's equations at rest; dopamine makes selection easier."""
    printed = drawn("action_selection.py", folder=tmp_path)
    rows = np.reshape(numbers(r"[\d.]+(?:e-\d+)?", "\n".join(printed.splitlines()[:5])), (5, 5))
    for first, second, *outputs in rows:
        expected = rest(np.array([first, second, 0.0, 0.0, 0.0, 0.0]), 0.2)
        np.testing.assert_allclose(outputs, expected[:3], atol=1e-4)
    counts = np.reshape(numbers(r"(?:none|one|both) (\d+)", printed), (3, 3))
    assert counts.sum(axis=1) == pytest.approx([121, 121, 121])
    assert counts[0, 0] > counts[1, 0] > counts[2, 0] and counts[1, 2] < counts[2, 2], printed
