"""Connectors whose weights are a function of the distance: the kernels of neural fields and receptive fields."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any

import numpy as np
from pyNN import connectors as common

from .arguments import number, self_connections
from .base import Callback, PointConnector, allowed
from .neighbours import Neighbours


class KernelConnector(PointConnector, common.Connector):  # type: ignore[misc]
    """Connects the pairs of cells between which a kernel gives a weight that is not negligible.

    Memory grows with the number of connections, not with that of pairs; the time does so where the kernel is narrow.
    """

    def __init__(
        self, limit: float, allow_self_connections: bool | str, location_selector: Any, safe: bool, callback: Callback
    ) -> None:
        allow_self_connections = self_connections(allow_self_connections)
        self.limit = number("limit", limit)
        if not 0 <= self.limit <= 1:
            raise ValueError(f"limit={limit} is not a fraction of the amplitude: expected a number from 0 to 1")
        super().__init__(location_selector, safe, callback)
        self.allow_self_connections = allow_self_connections

    @abstractmethod
    def weight(self, distance: Any) -> Any:
        """Return the weight of a connection of this length."""

    @property
    @abstractmethod
    def smallest_weight(self) -> float:
        """The absolute value of the smallest weight for which a connection is made."""

    @property
    @abstractmethod
    def reach(self) -> float:
        """A distance beyond which no weight is as great as that."""

    def connect(self, projection: Any) -> None:
        """Find the pairs, and connect them with these weights. They win over those of the synapse type."""
        ends = projection.pre.positions.T, projection.post.positions.T
        is_allowed = allowed(projection, self.allow_self_connections)
        blocks, done = [], 0
        for sources, targets, distances in Neighbours(projection.space, *ends, self.reach):
            weights = self.weight(distances)
            row, column = np.nonzero(np.abs(weights) >= self.smallest_weight)
            pre, post, weight = sources[column], targets[row], weights[row, column]
            kept = slice(None) if is_allowed is None else is_allowed(pre, post)
            blocks.append((pre[kept], post[kept], weight[kept]))
            self.report(done / projection.post.size)
            done += targets.size
        pre, post, weight = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        self._connect_values(projection, pre, post, weight=weight)


class GaussianConnector(KernelConnector):
    """Connect with weights that fall off with the distance d as ``amplitude * exp(-d**2 / (2 * sigma**2))``.

    The weights win over those of the synapse type, which gives the delays and all other parameters.

    Parameters
    ----------
    amplitude
        The weight at distance 0. Negative for inhibitory synapses of current-based cells.
    sigma
        The width, in the units of the positions.
    limit
        Where the weight is less than this fraction of the amplitude, no connection is made. With 0, all pairs are
        connected.
    allow_self_connections
        Whether a cell may be connected to itself; 'NoMutual' also leaves out one direction of each pair.
    location_selector
        Has no meaning for point neurons.
    safe
        Whether the signs of weights are checked.
    callback
        Called with the fraction done.
    """

    parameter_names = ("amplitude", "sigma", "limit", "allow_self_connections")

    def __init__(
        self,
        amplitude: float,
        sigma: float,
        limit: float = 0.01,
        allow_self_connections: bool | str = True,
        location_selector: Any = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        self.amplitude = number("amplitude", amplitude)
        if self.amplitude == 0:
            raise ValueError("amplitude=0 gives no weights")
        self.sigma = _width("sigma", sigma)
        super().__init__(limit, allow_self_connections, location_selector, safe, callback)

    @property
    def smallest_weight(self) -> float:
        """The fraction `limit` of the amplitude."""
        return self.limit * abs(self.amplitude)

    @property
    def reach(self) -> float:
        """Where the kernel has fallen to the limit."""
        return _reach(self.amplitude, self.sigma, self.smallest_weight)

    def weight(self, distance: Any) -> Any:
        """Return the weight of a connection of this length."""
        return self.amplitude * _bell(distance, self.sigma)


class DifferenceOfGaussiansConnector(KernelConnector):
    """Connect with weights ``amp_pos * exp(-d**2 / (2 * sigma_pos**2)) - amp_neg * exp(-d**2 / (2 * sigma_neg**2))``.

    The weights win over those of the synapse type, which gives the delays and all other parameters. Where they have
    both signs, PyNN's check of signs has to be switched off by ``safe=False``.

    Parameters
    ----------
    amp_pos, sigma_pos
        Amplitude and width of the first Gaussian.
    amp_neg, sigma_neg
        Amplitude and width of the one that is subtracted.
    limit
        Where the weight is less than this fraction of the greater amplitude, no connection is made. With 0, all pairs
        are connected.
    allow_self_connections
        Whether a cell may be connected to itself; 'NoMutual' also leaves out one direction of each pair.
    location_selector
        Has no meaning for point neurons.
    safe
        Whether the signs of weights are checked.
    callback
        Called with the fraction done.
    """

    parameter_names = ("amp_pos", "sigma_pos", "amp_neg", "sigma_neg", "limit", "allow_self_connections")

    def __init__(
        self,
        amp_pos: float,
        sigma_pos: float,
        amp_neg: float,
        sigma_neg: float,
        limit: float = 0.01,
        allow_self_connections: bool | str = True,
        location_selector: Any = None,
        safe: bool = True,
        callback: Callback = None,
    ) -> None:
        self.amp_pos, self.amp_neg = number("amp_pos", amp_pos), number("amp_neg", amp_neg)
        if self.amp_pos == self.amp_neg == 0:
            raise ValueError("amp_pos=0 and amp_neg=0 give no weights")
        self.sigma_pos, self.sigma_neg = _width("sigma_pos", sigma_pos), _width("sigma_neg", sigma_neg)
        super().__init__(limit, allow_self_connections, location_selector, safe, callback)

    @property
    def smallest_weight(self) -> float:
        """The fraction `limit` of the greater amplitude; the kernel itself may be 0 in the middle."""
        return self.limit * max(abs(self.amp_pos), abs(self.amp_neg))

    @property
    def reach(self) -> float:
        """Where both Gaussians have fallen to half of the limit, so that it is above their sum and their difference."""
        half = 0.5 * self.smallest_weight
        return max(_reach(self.amp_pos, self.sigma_pos, half), _reach(self.amp_neg, self.sigma_neg, half))

    def weight(self, distance: Any) -> Any:
        """Return the weight of a connection of this length."""
        return self.amp_pos * _bell(distance, self.sigma_pos) - self.amp_neg * _bell(distance, self.sigma_neg)


def _width(name: str, value: Any) -> float:
    sigma = number(name, value)
    if sigma <= 0:
        raise ValueError(f"{name}={value} is not a width: expected a number greater than 0")
    return sigma


def _bell(distance: Any, sigma: float) -> Any:
    return np.exp(-0.5 * np.square(np.asarray(distance) / sigma))


def _reach(amplitude: float, sigma: float, weight: float) -> float:
    """Return the distance beyond which a Gaussian is less than `weight`."""
    if weight == 0:
        return math.inf
    return sigma * math.sqrt(2 * math.log(max(abs(amplitude) / weight, 1)))
