"""What all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# The same examples in every run, so that a change is judged by what it changed; others are drawn by
# `pytest --hypothesis-profile=explore`.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the suite run on other devices."""
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


def pytest_report_header(config: pytest.Config) -> str:
    """Say which build is tested: a checkout, an installed wheel, or one made for a sanitizer."""
    from pynn_annarchy.native import core

    return f"engine: {core.__file__}; device: {config.getoption('--device') or 'cpu'}"
