"""Poisson processes whose rate is a number, an equation, or what rate-coded cells transmit."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from ..cells import UNHEARD
from .neuron import Neuron, UserCell
from .variables import parameter_text

_PARAMETER = "rates = 10.0"
_EQUATION = "rates = {} : always"
_DRAW = "_draw = Uniform(0.0, 1.0)"
_SPIKE = "_draw < rates*dt/1000.0"


def PoissonPopulation(
    rates: Any = None,
    parameters: str | Mapping[str, Any] = "",
    refractory: float | str | None = None,
    name: str = "PoissonPopulation",
    *,
    target: str | None = None,
) -> UserCell:
    """Return the cell type of Poisson processes, for ``Population(100, PoissonPopulation(rates=20.0))``.

    In each step a cell spikes with the probability ``rates*dt/1000``, and once at most: no rate is above 1000/dt.

    Parameters
    ----------
    rates
        In Hz. A number, or anything else that a parameter may be: one for each cell, a RandomDistribution... It is a
        parameter of the cells then, 10 by default. Or an expression of the equation language, such as
        ``"100*(1 + sin(2*pi*t/500))/2"``; then it is a variable, which can be recorded.
    parameters
        That the expression reads, as in `Neuron`; ``population.set`` changes them.
    refractory
        In ms: a number or an expression. The rate while a cell may spike is `rates`, so its mean rate is lower.
    name
        Of the class.
    target
        Instead of `rates`: the rate in Hz is ``sum(target)``, what rate-coded cells transmit to this receptor type.

    Raises
    ------
    ValueError
        If both `rates` and `target` are given, or parameters that no expression can read.
    EquationError
        If the expression is not of the language.
    """
    if target is not None:
        if rates is not None:
            raise ValueError(f"rates = {rates!r} and target = {target!r}: the rate is either of them")
        rates = f"sum({target})"
    written = isinstance(rates, str)
    text = parameter_text(parameters)
    if text.strip() and not written:
        raise ValueError(f"parameters = {parameters!r}: only an expression for the rates can read them")
    if written:
        return _class([_EQUATION.format(rates), _DRAW], text, refractory, name)()
    kind = _class if isinstance(refractory, str) else _constant_class  # an expression may read what will be another
    made = kind((_DRAW,), _PARAMETER, refractory, name)
    return made() if rates is None else made(rates=rates)


def _class(equations: Iterable[str], parameters: str, refractory: float | str | None, name: str) -> type[UserCell]:
    made = Neuron(
        parameters=parameters,
        equations=equations,
        spike=_SPIKE,
        reset="_draw = 1.0",  # a model needs a variable
        refractory=refractory,
        name=name,
        description="Poisson processes.",
        units={"rates": "Hz"},
    )
    if not made.receptor_types:
        made.receptor_types = UNHEARD
    return made


_constant_class = functools.cache(_class)
