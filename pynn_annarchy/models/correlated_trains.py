"""Spike trains that share a fluctuating rate."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from pyNN import errors

from ..cells import UNHEARD
from ..native_types.names import same_names
from ..parameter_checks import Numbers
from .neuron import Neuron, UserCell

_GIVEN = ("corr", "rates", "tau")
_DERIVED = ("mu", "sigma")
_CUT_OFF = 8.0  # a normal variable that is 0 so many standard deviations below its mean is never negative in doubles
_PARAMETERS = "\n".join(f"{name} = 1.0 : population" for name in (*_GIVEN, *_DERIVED))
# The mean of independent standard normal numbers times the square root of how many there are is one, too, which all
# cells know. Reductions are those of the beginning of a step, so the first one is that of the second step.
_EQUATIONS = """
    _noise = _noise
    _one = _one : init=1.0
    _steps = _steps + 1.0
    _common = mean(_noise)*norm2(_one)
    _kept = if _steps > 2.5: exp(-dt/tau) else: 0.0
    x = mu + _kept*(x - mu) + sigma*sqrt(1.0 - _kept*_kept)*_common : init=mu
    _noise = Normal(0.0, 1.0)
    _draw = Uniform(0.0, 1.0)
"""


class CorrelatedTrains(UserCell):
    """Cells of which all have one rate, which fluctuates."""

    def check_together(self, values: Mapping[str, Any]) -> None:
        super().check_together(values)
        rates, corr, tau = (float(np.ravel(values[name])[0]) for name in ("rates", "corr", "tau"))
        for name, value, right, allowed in (
            ("rates", rates, 0 <= rates < math.inf, "finite and 0 or greater"),
            ("corr", corr, 0 <= corr <= 1, "from 0 to 1"),
            ("tau", tau, 0 < tau < math.inf, "finite and greater than 0"),
        ):
            if not right:
                raise errors.InvalidParameterValueError(
                    f"{type(self).__name__}: {name} = {value:g} is not allowed, it has to be {allowed}"
                )

    def dependent_parameters(self, linked: Mapping[str, Any]) -> dict[str, float | Numbers]:
        """Return the mean and the standard deviation of the process that makes the rate, before negative values go."""
        rates, corr, tau = (float(np.ravel(linked[name])[0]) for name in ("rates", "corr", "tau"))
        mu, sigma = unrectified(rates, math.sqrt(corr * rates * 1000.0 / (2.0 * tau)))
        return {"mu": mu, "sigma": sigma}


def HomogeneousCorrelatedSpikeTrains(
    rates: float = 10.0,
    corr: float = 0.0,
    tau: float = 20.0,
    refractory: float | str | None = None,
    name: str = "HomogeneousCorrelatedSpikeTrains",
) -> UserCell:
    """Return the cell type of spike trains with one rate and the same correlation between any two of them.

    All cells of a population are Poisson processes of one rate, the positive part of an Ornstein-Uhlenbeck process
    (Brette 2009, doi 10.1162/neco.2009.12-07-657, section 3). The covariance of two trains at the lag s is
    ``corr*rates/(2*tau)*exp(-|s|/tau)``, so that `corr` is the correlation of their counts in windows much longer than
    `tau`. It is exact as long as the rate seldom touches 0 (its standard deviation is
    ``sqrt(corr*rates/(2*tau))``); where it does, the mean and the covariance at the lag 0 still are.

    Parameters
    ----------
    rates
        In Hz, 0 or greater.
    corr
        From 0 to 1.
    tau
        In ms, greater than 0.
    refractory
        In ms: a number or an expression.
    name
        Of the class.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        If one of them is out of its range.

    Notes
    -----
    `rates`, `corr` and `tau` are parameters, which ``population.set`` may change between two runs, for a whole
    population only. The variable `x` is the common rate in Hz, before negative values are taken as 0.
    """
    kind = _class if isinstance(refractory, str) else _constant_class  # an expression may read what will be another
    return kind(refractory, name)(rates=rates, corr=corr, tau=tau)


def _class(refractory: float | str | None, name: str) -> type[UserCell]:
    base = Neuron(_PARAMETERS, _EQUATIONS, spike="_draw < x*dt/1000.0", reset="_draw = 1.0", refractory=refractory,
                  name=name, units={"x": "Hz"})  # fmt: skip
    parameters = {name: base.default_parameters[name] for name in _GIVEN}
    return type(
        base.__name__,
        (CorrelatedTrains, base),
        {
            "__doc__": HomogeneousCorrelatedSpikeTrains.__doc__,
            "__module__": __name__,
            "default_parameters": parameters,
            "translations": same_names(parameters),
            "shared_parameters": frozenset(_GIVEN),
            "linked_parameters": _GIVEN,
            "receptor_types": UNHEARD,
        },
    )


_constant_class = functools.cache(_class)


def unrectified(mean: float, deviation: float) -> tuple[float, float]:
    """Return the mean and the standard deviation of the normal variable whose positive part has these.

    With z = mu/sigma, the positive part of z + a standard normal number has the mean z P(z) + p(z) and the second
    moment (z^2 + 1) P(z) + z p(z), of the density p and the distribution P. The ratio of its deviation and its mean
    falls with z, so z is found by bisection.
    """
    if deviation * _CUT_OFF <= mean or deviation == 0:
        return mean, deviation
    wanted = (deviation / mean) ** 2
    low, high = -12.0, _CUT_OFF
    for _ in range(100):
        z = (low + high) / 2
        first, second = _moments(z)
        if second / first**2 - 1.0 > wanted:
            low = z
        else:
            high = z
    sigma = mean / _moments(high)[0]
    return high * sigma, sigma


def _moments(z: float) -> tuple[float, float]:
    density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    distribution = 0.5 * math.erfc(-z / math.sqrt(2.0))
    return z * distribution + density, (z * z + 1.0) * distribution + z * density
