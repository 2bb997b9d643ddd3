"""The notebook runs from top to bottom, draws, and is kept without output."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from example_pictures import EXAMPLES
from nbclient import NotebookClient

import pynn_annarchy


def test_tour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = nbformat.read(EXAMPLES / "tour.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    path = os.pathsep.join([str(Path(pynn_annarchy.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", path.rstrip(os.pathsep))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the test run's own, which draws nothing into notebooks
    # As a checkout on PYTHONPATH has no start-up hook, the package is imported first; an installed one needs no help.
    code[0].source = f"import pynn_annarchy\n{code[0].source}"
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = "".join(output.get("text", "") for cell in code for output in cell.outputs)
    assert "did you mean 'tau'?" in printed
    assert int(printed.split(" spikes")[0]) > 100
    assert sum("image/png" in output.get("data", {}) for cell in code for output in cell.outputs) == 2
