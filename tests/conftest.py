"""What all tests share."""

from __future__ import annotations

import pytest
from hypothesis import settings

# The same examples in every run, so that a change is judged by what it changed; others are drawn by
# `pytest --hypothesis-profile=explore`.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("repeatable")


def pytest_report_header(config: pytest.Config) -> str:
    """Say which build is tested: a checkout, an installed wheel, or one made for a sanitizer."""
    from pynn_annarchy.native import core

    return f"engine: {core.__file__}"
