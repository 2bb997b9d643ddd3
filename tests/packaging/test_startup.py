"""What the start-up hook costs those who never ask for the package."""

from __future__ import annotations

import sys
import timeit
from pathlib import Path

import pytest
from environment import ROOT, Environment

LINE = (ROOT / "pynn_annarchy_finder.pth").read_text()


@pytest.mark.packaging
def test_nothing_is_imported_at_start_up(inner: Environment, wheel: Path) -> None:
    inner.install(wheel)
    code = "import sys; print([name for name in sys.modules if 'ynn' in name.lower()])"
    assert inner.execute(code).strip() == "[]"
    assert "namespace(find_spec=" in inner.execute("import sys; print(sys.meta_path)")


def test_hook_is_one_line_and_quick() -> None:
    """0.2 ms would be 1 % of an interpreter's start on a slow machine; it takes about a quarter of that."""
    assert LINE.count("\n") == 1 and LINE.startswith("import ")
    meta_path = list(sys.meta_path)
    try:
        seconds = min(timeit.repeat(lambda: exec(LINE, {}), number=20, repeat=20)) / 20
    finally:
        sys.meta_path[:] = meta_path
    assert seconds < 2e-4


def test_other_names_are_left_alone() -> None:
    meta_path = list(sys.meta_path)
    try:
        exec(LINE, {})
        hook = sys.meta_path[-1]
    finally:
        sys.meta_path[:] = meta_path
    for name in ("pyNN", "pyNN.annarchy2", "pyNN.nest", "annarchy", "pyNN.annarchy.populations"):
        assert hook.find_spec(name) is None, name
