"""Compiled models of these tests go to a cache of their own; what a test defines for all models ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pynn_annarchy import simulator
from pynn_annarchy.native import build


@pytest.fixture(scope="session", autouse=True)
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYNN_ANNARCHY_CACHE_DIR", str(folder))
        build.cache_directory.cache_clear()
        yield folder
    build.cache_directory.cache_clear()


@pytest.fixture(autouse=True)
def names() -> Iterator[None]:
    """Forget the constants and functions of other tests."""
    yield
    for known in (simulator.state.constants, simulator.state.functions, simulator.state.function_texts):
        known.clear()
