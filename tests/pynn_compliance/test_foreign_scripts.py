"""Scripts written for other backends run with only the import changed."""

from __future__ import annotations

import re
import runpy
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

SCRIPTS = Path(__file__).parent / "foreign_scripts"


def run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], list[str]]:
    """Run a script with this backend; return its variables and what it was warned of."""
    text, n = re.subn(
        r"(?m)\b(pyNN\.(spiNNaker|nest|neuron)|pynn_genn)\b", "pyNN.annarchy", (SCRIPTS / name).read_text()
    )
    assert n
    script = tmp_path / name
    script.write_text(text)
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        variables = runpy.run_path(str(script))
    return variables, [str(warning.message) for warning in caught if issubclass(warning.category, UserWarning)]


def test_spinnaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, warned = run("spinnaker_synfire.py", tmp_path, monkeypatch)
    assert len(warned) == 6  # setup, neurons per core, two populations, a placement, names of currents
    assert result["simulator_name"] == "ANNarchy"
    firing = sorted((time, cell) for cell, times in enumerate(result["spikes"]) for time in times)
    assert result["rows"].tolist() == [[cell, time] for cell, times in enumerate(result["spikes"]) for time in times]
    assert result["input_current"].max(axis=0) == pytest.approx(np.full(40, 2.0))
    times, cells = np.transpose(firing)
    assert (cells == np.arange(len(firing)) % 40).all() and len(firing) > 80  # more than two rounds, in order
    steps = np.diff(times)
    # from the second cell on every hand-over is alike: the delay, and what the membrane needs to reach the threshold
    assert (steps == steps[0]).all() and steps[0] > 7.0


def test_genn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, warned = run("genn_balanced.py", tmp_path, monkeypatch)
    assert len(warned) == 2 and "use_cpu" in warned[0] and "on_device_init" in warned[1]
    assert all(1.0 < rate < 150.0 for rate in result["rates"])
    for size, pairs in zip(result["sizes"], [320 * 320, 320 * 80, 80 * 320, 80 * 80], strict=True):
        assert abs(size - 0.1 * pairs) < 5 * np.sqrt(0.09 * pairs)
    weights = np.array(result["weights"])
    assert weights.min() >= 0.006 and weights.max() <= 0.01
    assert abs(weights.mean() - 0.008) < 5 * 0.004 / np.sqrt(12 * weights.size)


def test_nest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, warned = run("nest_current.py", tmp_path, monkeypatch)
    (setup,) = [message for message in warned if "setup()" in message]
    assert "recording_precision, spike_precision, t_flush, verbosity (NEST)" in setup
    assert sum("nest." in message for message in warned) == 2
    assert "IF_curr_alpha" in result["models"] and (tmp_path / "data.pkl").exists()
    r = {name: result[name] for name in ("tau_m", "cm", "v_rest", "v_reset", "v_thresh", "tau_refrac")}
    v_end = r["v_rest"] + (result["amplitudes"] + 0.05) * r["tau_m"] / r["cm"]
    interval = r["tau_refrac"] + r["tau_m"] * np.log((v_end - r["v_reset"]) / (v_end - r["v_thresh"]))
    for segment in result["spikes"]:
        for times, expected in zip(segment, interval, strict=True):
            assert len(times) == int((400.0 + r["tau_refrac"]) / expected)
            assert_allclose(np.diff(times), expected, atol=0.02)  # two steps: both ends are on the grid
    for first, second in zip(*result["spikes"], strict=True):
        assert_allclose(first, second, rtol=1e-12)


def test_neuron(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, warned = run("neuron_plasticity.py", tmp_path, monkeypatch)
    (setup,) = warned
    assert "default_maxstep, use_cvode (NEURON)" in setup
    t_post = np.array(result["t_post"])
    assert t_post.shape == (6, 1)
    assert_allclose(result["before"], 0.001)
    # all of the delay is axonal, so a spike of the source is at the synapse after 0.5 ms, and one of the target at once
    late = t_post[:, 0] - (result["t_pre"] + 0.5)
    change = np.where(late > 0, 0.01 * np.exp(-late / 20.0), -0.012 * np.exp(late / 25.0))
    assert_allclose(result["after"], 0.001 + 0.002 * change, rtol=1e-9)
