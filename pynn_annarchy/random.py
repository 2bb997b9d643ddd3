"""Random numbers for building a network."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pyNN import random
from pyNN.random import (
    GSLRNG,
    AbstractRNG,
    NumpyRNG,
    RandomDistribution,
    WrappedRNG,
    available_distributions,
    get_mpi_config,
)

from . import simulator
from .other_backends import NATIVE_RNG, warn_of_ignored

if TYPE_CHECKING:
    from .native.drawn import Distribution

__all__ = [
    "GSLRNG",
    "AbstractRNG",
    "NativeRNG",
    "NumpyRNG",
    "RandomDistribution",
    "WrappedRNG",
    "available_distributions",
    "get_mpi_config",
]

_NATIVE_FROM = 1 << 12  # numbers at a time
# What native code does with normal numbers outside of their limits.
_OUTSIDE = {"normal": "kept", "normal_clipped": "redrawn", "normal_clipped_to_boundary": "moved"}


def _without_host(construct: Callable[..., None]) -> Callable[..., None]:
    """Make a constructor ignore, with a warning, PyNN GeNN's first argument: what draws numbers off its device."""

    @functools.wraps(construct)
    def accept(self: Any, *args: Any, **kwargs: Any) -> None:
        if args and isinstance(args[0], AbstractRNG):
            args, kwargs = args[1:], {"host_rng": args[0], **kwargs}
        if "host_rng" in kwargs:
            warn_of_ignored("NativeRNG()", ["host_rng"], NATIVE_RNG, stacklevel=2)
            kwargs = {name: value for name, value in kwargs.items() if name != "host_rng"}
        construct(self, *args, **kwargs)

    return accept


class NativeRNG(random.NativeRNG, WrappedRNG):
    """A generator of the counter-based kind that the engine uses (Philox), with all of PyNN's distributions.

    Without a seed it takes one from that of the simulation, another for each generator.
    """

    translations: ClassVar[Mapping[str, tuple[str, Mapping[str, str]]]] = {
        "binomial": ("binomial", {"n": "n", "p": "p"}),
        "gamma": ("gamma", {"k": "shape", "theta": "scale"}),
        "exponential": ("exponential", {"beta": "scale"}),
        "lognormal": ("lognormal", {"mu": "mean", "sigma": "sigma"}),
        "normal": ("normal", {"mu": "loc", "sigma": "scale"}),
        "normal_clipped": ("normal_clipped", {"mu": "mu", "sigma": "sigma", "low": "low", "high": "high"}),
        "normal_clipped_to_boundary": (
            "normal_clipped_to_boundary",
            {"mu": "mu", "sigma": "sigma", "low": "low", "high": "high"},
        ),
        "poisson": ("poisson", {"lambda_": "lam"}),
        "uniform": ("uniform", {"low": "low", "high": "high"}),
        "uniform_int": ("integers", {"low": "low", "high": "high"}),
        "vonmises": ("vonmises", {"mu": "mu", "kappa": "kappa"}),
    }

    @_without_host
    def __init__(self, seed: int | None = None, parallel_safe: bool = True) -> None:
        WrappedRNG.__init__(self, seed, parallel_safe)
        self.generator = np.random.Generator(np.random.Philox(_entropy(seed)))

    def _next(self, distribution: str, n: int, parameters: Mapping[str, float]) -> NDArray[Any]:
        try:
            method, names = self.translations[distribution]
        except KeyError:
            raise ValueError(f"{distribution!r} is none of {', '.join(self.translations)}") from None
        if set(parameters) != set(names):
            raise KeyError(f"{distribution} has the parameters {', '.join(names)}, not {', '.join(parameters)}")
        if (native := self.native(distribution, n, parameters)) is not None:
            return replace(native, key=self.key()).numbers(n, _threads())
        arguments = {names[name]: value for name, value in parameters.items()}
        draw = getattr(self, method, None) or getattr(self.generator, method)
        return np.asarray(draw(size=n, **arguments))

    def native(self, distribution: str, n: int, parameters: Mapping[str, float]) -> Distribution | None:
        """Return what native code draws n numbers from, with a key that is drawn first; None if it does not do it."""
        from .native.drawn import Distribution  # here: the package can be imported without its compiled core

        low, high = parameters.get("low", -np.inf), parameters.get("high", np.inf)
        if n < _NATIVE_FROM or not low <= high:  # which numpy or PyNN complain of
            return None
        if distribution == "uniform" and np.isfinite(high - low):
            return Distribution("uniform", low, high)
        if distribution not in _OUTSIDE or not (
            parameters["sigma"] >= 0.0 and np.isfinite([parameters["mu"], parameters["sigma"]]).all()
        ):
            return None
        return Distribution("normal", parameters["mu"], parameters["sigma"], _OUTSIDE[distribution], low, high)

    def normal_clipped(self, mu: float, sigma: float, low: float, high: float, size: int) -> NDArray[np.float64]:
        """Return normal numbers; those outside [low, high] are drawn again."""
        values: NDArray[np.float64] = self._clipped(lambda n: self.generator.normal(mu, sigma, n), low, high, size)
        return values

    def normal_clipped_to_boundary(
        self, mu: float, sigma: float, low: float, high: float, size: int
    ) -> NDArray[np.float64]:
        """Return normal numbers; those outside [low, high] are moved to its boundary."""
        return np.clip(self.generator.normal(mu, sigma, size), low, high)

    def permutation(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the elements in random order."""
        return self.generator.permutation(array)

    def key(self) -> int:
        """Return 64 random bits, from which native code makes all the numbers that a connector needs."""
        return int(self.generator.integers(0, 1 << 64, dtype=np.uint64))

    def __deepcopy__(self, memo: dict[int, Any]) -> NativeRNG:
        copy = type(self).__new__(type(self))
        WrappedRNG.__init__(copy, self.seed, self.parallel_safe)
        copy.generator = deepcopy(self.generator, memo)
        return copy


def _threads() -> int:
    """Return how many threads may draw."""
    return int(simulator.state.network.threads) if simulator.state.is_open else 1


def _entropy(seed: int | None) -> np.random.SeedSequence:
    if seed is not None:
        return np.random.SeedSequence(seed)
    if not simulator.state.is_open:
        return np.random.SeedSequence()
    simulator.state.native_rngs += 1
    return np.random.SeedSequence((simulator.state.seed, simulator.state.native_rngs))
