"""What all tests share."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from hypothesis import settings

# The same examples in every run, so that a change is judged by what it changed; others are drawn by
# `pytest --hypothesis-profile=explore`.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("repeatable")

_REFUSAL = re.compile(r".*cannot be \w+( \w+)? on a GPU yet.*")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the suite run on other devices: what is refused there by name is skipped, with the refusal as the reason."""
    parser.addoption("--device", default="", help="simulate on this device wherever a test leaves it open: cuda, ...")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the device as a user would who cannot change the script."""
    if config.getoption("--device"):
        os.environ["PYNN_ANNARCHY_DEVICE"] = config.getoption("--device")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the package without a device."""
    if config.getoption("--device"):
        for item in items:
            if item.get_closest_marker("cpu"):
                item.add_marker(pytest.mark.skip(reason="is about the package without a device"))


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[object]:
    """Skip a test that asks the device for what it has not yet."""
    try:
        return (yield)
    except Exception as problem:
        refusal = _REFUSAL.search(str(problem))
        if not pyfuncitem.config.getoption("--device") or refusal is None:
            raise
        pytest.skip(refusal[0])


def pytest_report_header(config: pytest.Config) -> str:
    """Say which build is tested: a checkout, an installed wheel, or one made for a sanitizer."""
    from pynn_annarchy.native import core

    return f"engine: {core.__file__}; device: {config.getoption('--device') or 'cpu'}"
