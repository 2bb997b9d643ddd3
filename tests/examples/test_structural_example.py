"""The map of `examples/structural_plasticity.py` is finer than formation alone would make it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from example_pictures import drawn, numbers

SIZE, FORMED = 12, 2.5


def test_structural_plasticity(tmp_path: Path) -> None:
    printed = drawn("structural_plasticity.py", "--seconds", "30", folder=tmp_path)
    per_cell, weak = numbers(r"([\d.]+) (?:synapses|%)", printed)
    first, last, weighted = numbers(r"([\d.]+)(?: at first| at the end|$)", printed.splitlines()[1])
    along = np.minimum(np.arange(SIZE), SIZE - np.arange(SIZE)) ** 2
    squares = along[:, None] + along
    formed = np.exp(-squares / (2 * FORMED**2))
    # 2304 synapses at places drawn evenly: 5 standard errors of their mean square
    assert abs(first**2 - squares.mean()) < 5 * squares.std() / np.sqrt(2304) + 0.1, printed
    alone = np.sqrt((squares * formed).sum() / formed.sum())
    assert weighted < last < first - 1 and weighted < alone - 0.3, (alone, printed)
    assert 10 < per_cell < 50 and 5 < weak < 60, printed
