"""Connectors without anything random or given: all to all, one to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pyNN import connectors as common

from .base import PointConnector, check_self_connections


class AllToAllConnector(PointConnector, common.AllToAllConnector):
    __doc__ = common.AllToAllConnector.__doc__

    def __init__(
        self,
        allow_self_connections: bool | str = True,
        location_selector: Any = None,
        safe: bool = True,
        callback: Callable[[float], Any] | None = None,
    ) -> None:
        check_self_connections(allow_self_connections, no_mutual=True)
        # PyNN's constructor refuses 'NoMutual', which its connect() then knows
        super().__init__(True, location_selector, safe, callback)
        self.allow_self_connections = allow_self_connections


class OneToOneConnector(PointConnector, common.OneToOneConnector):
    __doc__ = common.OneToOneConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Connect cell k to cell k, as far as both sides go."""
        both = np.arange(min(projection.shape))
        self._connect_pairs(projection, both, both)
