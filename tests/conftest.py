"""What all tests share."""

from __future__ import annotations

import pytest


def pytest_report_header(config: pytest.Config) -> str:
    """Say which build is tested: a checkout, an installed wheel, or one made for a sanitizer."""
    from pynn_annarchy.native import core

    return f"engine: {core.__file__}"
