"""Connectors without anything random or given: all to all, one to one."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import connectors as common

from .arguments import self_connections
from .base import Callback, PointConnector, numbers_on_both_sides
from .columns import Columns
from .drawn import each_pair


class AllToAllConnector(PointConnector, common.AllToAllConnector):
    __doc__ = common.AllToAllConnector.__doc__

    def __init__(
        self,
        allow_self_connections: bool | str = True,
        location_selector: Any = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        allow_self_connections = self_connections(allow_self_connections)
        # PyNN's constructor refuses 'NoMutual', which its connect() then knows
        super().__init__(True, location_selector, safe, callback)
        self.allow_self_connections = allow_self_connections

    def connect(self, projection: Any) -> None:
        """Connect all pairs that are allowed."""
        from ..native import connect  # here: the package can be imported without its compiled core

        if self._leave_for_later(projection, None, each_pair(projection, self.allow_self_connections, 1.0)):
            return
        rule = numbers_on_both_sides(projection, self.allow_self_connections)
        n_pre, n_post = projection.shape
        self._connect_columns(projection, Columns.of(connect.below_counted(0, 1.0, n_pre, n_post, rule)))


class OneToOneConnector(PointConnector, common.OneToOneConnector):
    __doc__ = common.OneToOneConnector.__doc__

    def __init__(self, location_selector: Any = None, safe: bool = True, callback: Callback = None) -> None:
        super().__init__(location_selector, safe, callback)

    def connect(self, projection: Any) -> None:
        """Connect cell k to cell k, as far as both sides go."""
        both = np.arange(min(projection.shape))
        self._connect_pairs(projection, both, both)
