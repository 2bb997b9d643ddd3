"""The examples that learn reproduce what the papers that they name say of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from example_pictures import drawn, numbers


def test_bars(tmp_path: Path) -> None:
    """Foldiak 1990: every bar has a unit of its own; a weight onto a bar is larger than those beside it."""
    printed = drawn("bars.py", folder=tmp_path)
    found, contrast = numbers(r"([\d.]+)(?= of 16 bars|$)", printed.strip())
    assert found == 16 and contrast > 0.5, printed


def test_receptive_fields(tmp_path: Path) -> None:
    """Oja's rule: the principal component, of length 1. BCM: one of the six images each, to which the response is 6."""
    oja, bcm = drawn("receptive_fields.py", folder=tmp_path).split("BCM")
    length, likeness = numbers(r"(?:length|likeness) ([\d.]+)", oja)
    assert length == pytest.approx(1.0, abs=0.02) and likeness > 0.999, oja
    assert numbers(r"(\d) orientations", bcm) == [6], bcm
    response, second = numbers(r"(?:most|second) ([\d.]+)", bcm)
    assert response == pytest.approx(6.0, rel=0.1) and second < 0.05, bcm  # the threshold is a mean of 60 images only


def test_homeostasis(tmp_path: Path) -> None:
    """The rate comes back to the goal, and weights of a cell are all multiplied by the same factor."""
    printed = drawn("homeostasis.py", folder=tmp_path)
    ends = numbers(r"in the end ([\d.]+) Hz", printed)
    assert ends == pytest.approx([10.0] * 3, rel=0.04), printed  # 600 to 1200 spikes each
    factors = numbers(r"times ([\d.]+)", printed)
    assert factors[2] < 0.8 < 1.25 < factors[1], printed
    assert max(numbers(r"differ by ([-+.\de]+)", printed)) < 1e-11, printed  # 1e5 steps of rounding


def test_stdp(tmp_path: Path) -> None:
    """Song, Miller and Abbott 2000: weights go to both ends, and those of correlated sources win."""
    printed = drawn("stdp.py", "--duration", "60", folder=tmp_path)
    assert re.findall(r"^(correlated|others): ", printed, re.MULTILINE) == ["correlated", "others"], printed
    strong, weak = (numbers(rf"{pattern} 0\.\d: ([\d.]+)", printed) for pattern in ("above", "below"))
    assert strong[0] > 0.5 and weak[0] < 0.05, printed
    assert strong[1] < 0.05 and weak[1] > 0.5, printed
    first, last = numbers(r"([\d.]+) Hz", printed)
    assert last > first, printed
