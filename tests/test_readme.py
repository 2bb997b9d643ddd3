"""The README's examples run as printed, and its tables name only what exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text()


EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def output(code: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_example_runs(tmp_path: Path) -> None:
    text = output(EXAMPLES[0], tmp_path)
    printed = re.fullmatch(r"([\d.]+) spikes per cell; v of two cells: \(501, 2\)\n", text)
    assert printed, text
    assert 0.0 < float(printed[1]) < 250.0


def test_example_of_equations_runs(tmp_path: Path) -> None:
    assert len(EXAMPLES) == 2
    assert 0.0 < float(output(EXAMPLES[1], tmp_path)) < 0.1


def test_named_classes_exist() -> None:
    import pyNN.annarchy as sim

    for section in ("Cells", "Current sources", "Synapses", "STDP: timing", "STDP: weights"):
        rows = re.findall(rf"^\| {section}: (.*?) \|", README, re.MULTILINE)
        names = re.findall(r"`(\w+)`", " ".join(rows))
        assert names
        for name in names:
            assert hasattr(sim, name), f"the README's rows {section!r} name {name}, which is not there"
        if section == "Cells":
            assert set(names) == set(sim.list_standard_models())


def test_named_files_exist() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (Path(__file__).parents[1] / target).exists(), target
