"""Upstream's scenario tests, each of them run on this backend and reported as a test here."""

from __future__ import annotations

import os
import tarfile
import tempfile
from functools import cache
from pathlib import Path

import pytest
import upstream

pytestmark = pytest.mark.slow

# The list is exact: an excluded scenario that passes fails here, just as one that is not listed and fails.
EXCLUDED = {
    "test_scenario5::test_scenario5": "needs cells with several compartments",
}


FOLDER = tempfile.TemporaryDirectory(prefix="pynn-scenarios-")  # deleted with the process


@cache
def scenarios() -> Path | str:
    """The folder that upstream's scenarios are in, or why they cannot be had."""
    try:
        return upstream.unpack_scenarios(Path(FOLDER.name))
    except (upstream.Unavailable, OSError, tarfile.TarError) as error:
        return str(error)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "scenario" in metafunc.fixturenames:
        folder = scenarios()
        names = upstream.scenario_names(folder) if isinstance(folder, Path) else ["none"]
        metafunc.parametrize("scenario", names)


@pytest.fixture(scope="module")
def outcomes() -> dict[str, upstream.Outcome]:
    folder = scenarios()
    if isinstance(folder, str):
        reason = f"NO SCENARIO WAS RUN: {folder}. Set PYNN_SDIST to the archive pynn-{upstream.PYNN}.tar.gz"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return upstream.run_scenarios(folder)


def test_scenario(scenario: str, outcomes: dict[str, upstream.Outcome]) -> None:
    outcome = outcomes[scenario]
    if scenario in EXCLUDED:
        assert outcome.status != "passed", "passes, so it has to be taken off the list of exclusions"
        pytest.xfail(EXCLUDED[scenario])
    if outcome.status != "passed":
        pytest.fail(f"{outcome.status}: {outcome.details}", pytrace=False)


def test_that_exclusions_exist(outcomes: dict[str, upstream.Outcome]) -> None:
    assert EXCLUDED.keys() <= outcomes.keys()


def test_that_all_scenarios_are_run(outcomes: dict[str, upstream.Outcome]) -> None:
    folder = scenarios()
    assert isinstance(folder, Path)
    assert set(upstream.scenario_names(folder)) == outcomes.keys()
    assert len(outcomes) >= 66
