"""PyNN's synapse types, but for those with long-term plasticity."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pyNN import errors
from pyNN.standardmodels import build_translations, synapses

from .. import simulator
from ..synapse_checks import COUNT, SHARE, Limits, check_parameter, readable
from . import synapse_equations
from .response_times import response_times

if TYPE_CHECKING:
    from ..native.kernels import SynapseKernel
    from ..native.spec import SynapseText

__all__ = [
    "MultiQuantalSynapse",
    "SimpleStochasticSynapse",
    "StaticSynapse",
    "StochasticTsodyksMarkramSynapse",
    "TsodyksMarkramSynapse",
]

Index = NDArray[np.intp]
Values = dict[str, Any]  # one number for all connections or an array with one for each

NOT_IN_MODEL = frozenset(("weight", "delay", "dendritic_delay_fraction"))  # parameters that the engine keeps elsewhere
NO_LIMITS: Mapping[str, Limits] = MappingProxyType({})


def unchanged(*names: str) -> dict[str, Any]:
    """Return a table of parameters that keep their names and units: PyNN's are the engine's."""
    return dict(build_translations(*((name, name) for name in names)))


def kernel_of(text: SynapseText, precision: str) -> SynapseKernel:
    """Return a compiled model: as a rule it comes with the package."""
    from ..native import kernels  # here, because a synapse type can be described without the compiled core

    if text.name in kernels.standard_synapse_names():
        return kernels.standard_synapse(text.name, precision)
    return kernels.compiled_synapse(text, precision)


class SynapseType:
    """What a synapse type tells the engine; mixed in before PyNN's own.

    Attributes
    ----------
    variable_limits
        What a state variable may be, where not every number will do.
    weight_bounds
        The parameters that the weight stays between.
    """

    weight_bounds: ClassVar[tuple[str, ...]] = ("w_min", "w_max")
    # none that a connector would make column by column: the projection checks all connections at once
    parameter_checks: ClassVar[Mapping[str, Any]] = {}
    variable_limits: Mapping[str, Limits] = NO_LIMITS
    _default_delay: float | None = None

    def __init__(self, **parameters: Any) -> None:
        known = self.get_parameter_names()  # type: ignore[attr-defined]
        model = type(self).__name__
        for name, value in parameters.items():
            if name not in known:
                raise errors.NonExistentParameterError(name, model, known)
            if value is not None or name not in ("weight", "delay"):  # for which None stands for PyNN's default
                parameters[name] = readable(model, name, value, self.check_value)
        super().__init__(**parameters)
        if "delay" in known and parameters.get("delay") is None:
            self._default_delay = self._get_minimum_delay()

    def _get_minimum_delay(self) -> float:
        """The delay of connections for which none was given, in ms."""
        return simulator.state.lowest_delay

    def renew_default_delay(self) -> None:
        """Make a delay that was not given the shortest one of this simulation: the type may be older than that."""
        delay = self._get_minimum_delay()
        if self._default_delay not in (None, delay) and self._has_delay(self._default_delay):
            self._set_delay(delay)
            self._default_delay = delay

    def _has_delay(self, delay: float | None) -> bool:
        given = self.parameter_space["delay"].base_value  # type: ignore[attr-defined]
        return bool(np.ndim(given) == 0 and given == delay)

    def _set_delay(self, delay: float) -> None:
        self.parameter_space.update(delay=delay)  # type: ignore[attr-defined]

    @property
    def localities(self) -> Mapping[str, str]:
        """Of parameters that several connections share: postsynaptic, or projection for one value for all."""
        return {}

    def constants(self) -> Mapping[str, float]:
        """Return the constants of all models that this one reads, with their values of now."""
        return {}

    @property
    def text(self) -> SynapseText | None:
        """The model in equations; None if a connection has no more than a weight and a delay."""
        return None

    def kernel(self, precision: str) -> SynapseKernel | None:
        """Return the compiled model, if there is one."""
        text = self.text
        return None if text is None else kernel_of(text, precision)

    def check_value(self, name: str, values: Any) -> None:
        """Raise InvalidParameterValueError unless every value of a parameter makes sense."""
        check_parameter(type(self).__name__, name, values)

    def check_projection(self, projection: Any) -> None:
        """Raise ConnectionError, with the reason, if there can be no such synapse between these cells."""

    def further_parameters(self, projection: Any, post: Index) -> Values:
        """Return parameters of the model that the user does not give, for connections onto these cells."""
        return {}

    def initial_values(self, projection: Any, post: Index, parameters: Mapping[str, Any]) -> Values:
        """Return the state variables whose initial values depend on the cells or on other parameters."""
        return {}


class StaticSynapse(SynapseType, synapses.StaticSynapse):
    __doc__ = synapses.StaticSynapse.__doc__

    translations = unchanged(*synapses.StaticSynapse.default_parameters)


class TsodyksMarkramSynapse(SynapseType, synapses.TsodyksMarkramSynapse):
    __doc__ = (
        (synapses.TsodyksMarkramSynapse.__doc__ or "")
        + """
    State variables are `u`, the share of the recovered resources that a spike uses, and the shares `x` of recovered and
    `y` of active ones. Resources stay active for the decay time that the response of the target has when the projection
    is made, `tau_syn_E` or `tau_syn_I` (not at all if input is a step of the potential). The weight (uS, nA or mV) is
    the response if a spike uses all resources:

        du/dt = -u/tau_facil,   dx/dt = (1 - x - y)/tau_rec,   dy/dt = -y/tau_syn
        at a spike  u -> u + U (1 - u),   then the target gets w u x,   x -> x - u x,   y -> y + u x

    >>> import pyNN.annarchy as sim
    >>> step = sim.setup(timestep=0.1)
    >>> source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0, 20.0]))
    >>> cell = sim.Population(1, sim.IF_cond_exp())
    >>> synapse = sim.TsodyksMarkramSynapse(U=0.5, tau_rec=800.0, tau_facil=0.0, weight=0.01, delay=0.5)
    >>> projection = sim.Projection(source, cell, sim.AllToAllConnector(), synapse)
    >>> time = sim.run(10.0)
    >>> projection.get("x", format="list")
    [(0, 0, 0.5)]
    """
    )
    translations = unchanged(*synapses.TsodyksMarkramSynapse.default_parameters)
    default_initial_values: ClassVar[dict[str, float]] = {"u": 0.0, "x": 1.0, "y": 0.0}
    variable_limits = MappingProxyType({"u": SHARE, "x": SHARE, "y": SHARE})
    text = synapse_equations.TsodyksMarkram

    def further_parameters(self, projection: Any, post: Index) -> Values:
        times = response_times(projection.post, projection.receptor_type)
        return {"tau_psc": float(times[0]) if (times == times[0]).all() else times[post]}


class SimpleStochasticSynapse(SynapseType, synapses.SimpleStochasticSynapse):
    __doc__ = (
        (synapses.SimpleStochasticSynapse.__doc__ or "")
        + """
    Arguments:
        `p`:
            the probability, from 0 to 1.
        `weight`, `delay`:
            uS, nA or mV; ms.
    """
    )

    translations = unchanged(*synapses.SimpleStochasticSynapse.default_parameters)
    text = synapse_equations.SimpleStochastic


class StochasticTsodyksMarkramSynapse(SynapseType, synapses.StochasticTsodyksMarkramSynapse):
    __doc__ = (
        (synapses.StochasticTsodyksMarkramSynapse.__doc__ or "")
        + """
    State variables are `u`, the probability of a release at the last spike, and `R`, which is 1 if there is something
    to release, else 0. What is released recovers with the rate 1/tau_rec; `u` is as in `TsodyksMarkramSynapse`.

      Fuhrmann G, Segev I, Markram H, Tsodyks M (2002) Coding of temporal information by activity-dependent synapses.
      Journal of Neurophysiology 87:140-148
    """
    )
    translations = unchanged(*synapses.StochasticTsodyksMarkramSynapse.default_parameters)
    default_initial_values: ClassVar[dict[str, float]] = {"u": 0.0, "R": 1.0}
    variable_limits = MappingProxyType({"u": SHARE, "R": SHARE})
    text = synapse_equations.StochasticTsodyksMarkram


class MultiQuantalSynapse(SynapseType, synapses.MultiQuantalSynapse):
    """
    Synapse with `n` release sites, each of which is a stochastic Tsodyks-Markram synapse with its share of the weight:

      Fuhrmann G, Segev I, Markram H, Tsodyks M (2002) Coding of temporal information by activity-dependent synapses.
      Journal of Neurophysiology 87:140-148

    State variables are `u`, the probability that a site releases at the last spike, and `a`, the number of sites that
    have something to release: at first all of them.

    Arguments:
        `U`:
            use parameter.
        `n`:
            number of release sites.
        `tau_rec`:
            depression time constant (ms).
        `tau_facil`:
            facilitation time constant (ms).
    """

    # PyNN's n is an integer, so that it would truncate 2.5 instead of refusing it
    default_parameters: ClassVar[dict[str, Any]] = {**synapses.MultiQuantalSynapse.default_parameters, "n": 1.0}
    default_initial_values: ClassVar[dict[str, float]] = {"u": 0.0, "a": 1.0}
    translations = unchanged(*synapses.MultiQuantalSynapse.default_parameters)
    variable_limits = MappingProxyType({"u": SHARE, "a": COUNT})
    text = synapse_equations.MultiQuantal

    def initial_values(self, projection: Any, post: Index, parameters: Mapping[str, Any]) -> Values:
        return {"a": parameters["n"]}
