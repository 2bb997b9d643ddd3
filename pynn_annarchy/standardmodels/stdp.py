"""PyNN's STDPMechanism, which puts the parts of long-term plasticity together, and one with a third factor."""

from __future__ import annotations

import functools
import numbers
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import common, descriptions, errors
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import synapses

from ..synapse_checks import NOT_NEGATIVE, Limits, readable
from .stdp_rules import ClopathRule, Modulation
from .synapse_equations import compose, compose_clopath, compose_modulated
from .synapses import Index, SynapseType, Values, kernel_of, unchanged

if TYPE_CHECKING:
    from ..native.kernels import SynapseKernel
    from ..native.spec import SynapseText

__all__ = ["NeuromodulatedSTDP", "STDPMechanism"]

_OWN = ("weight", "delay", "dendritic_delay_fraction")


class STDPMechanism(SynapseType, synapses.STDPMechanism):
    __doc__ = (
        (synapses.STDPMechanism.__doc__ or "")
        + """
    Every timing dependence goes together with every weight dependence. A voltage dependence stands in the place of the
    timing dependence; it sees the membrane potential without a delay, so its `dendritic_delay_fraction` is 0.

    `w_min` is the weight that weakening leads to and `w_max` the one that strengthening does; for the negative weights
    of inhibitory current-based synapses give a negative `w_max`. A weight that begins outside of its bounds is brought
    within them by its first change.

    `weight` is in uS, nA or mV, as for other synapses; `delay` in ms, `dendritic_delay_fraction` from 0 to 1.

    >>> import pyNN.annarchy as sim
    >>> step = sim.setup(timestep=0.1)
    >>> source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0, 30.0]))
    >>> cell = sim.Population(1, sim.IF_cond_exp(i_offset=1.0))
    >>> rule = sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.01, A_minus=0.012)
    >>> dependence = sim.MultiplicativeWeightDependence(w_min=0.0, w_max=0.04)
    >>> synapse = sim.STDPMechanism(rule, dependence, dendritic_delay_fraction=0.5, weight=0.02, delay=2.0)
    >>> projection = sim.Projection(source, cell, sim.AllToAllConnector(), synapse)
    >>> projection.record("weight", sampling_interval=1.0)
    >>> time = sim.run(50.0)
    >>> projection.get_data().segments[0].analogsignals[0].shape
    (51, 1)
    """
    )

    def __init__(
        self,
        timing_dependence: Any = None,
        weight_dependence: Any = None,
        voltage_dependence: Any = None,
        dendritic_delay_fraction: float | None = None,
        weight: Any = 0.0,
        delay: Any = None,
        **others: Any,
    ) -> None:
        model = type(self).__name__
        _refuse(model, others)
        _check_part(model, "timing_dependence", timing_dependence, "rule")
        _check_part(model, "weight_dependence", weight_dependence, "dependence")
        if voltage_dependence is not None and not isinstance(voltage_dependence, ClopathRule):
            raise TypeError(f"{model}: voltage_dependence={voltage_dependence!r} is neither None nor a ClopathRule")
        self.timing_dependence = timing_dependence
        self.weight_dependence = weight_dependence
        self.voltage_dependence = voltage_dependence
        self._check_combination()
        self.dendritic_delay_fraction = self._fraction(dendritic_delay_fraction)
        self.weight = 0.0 if weight is None else readable(model, "weight", weight)
        # PyNN would replace a delay of 0 by the shortest one; here the projection refuses it
        self._default_delay = self._get_minimum_delay() if delay is None else None
        self.delay = self._default_delay if delay is None else readable(model, "delay", delay)
        self._build_translations()
        self._given_parameters: ParameterSpace | None = None

    def _check_combination(self) -> None:
        model = type(self).__name__
        if self.weight_dependence is None:
            raise errors.NoModelAvailableError(f"{model} needs a weight_dependence, such as AdditiveWeightDependence()")
        if self.timing_dependence is None and self.voltage_dependence is None:
            raise errors.NoModelAvailableError(
                f"{model} needs a timing_dependence, such as SpikePairRule(), or a voltage_dependence"
            )
        if self.timing_dependence is not None and self.voltage_dependence is not None:
            raise errors.NoModelAvailableError(
                f"{model}: {type(self.voltage_dependence).__name__} says when weights change all by itself, it cannot "
                f"be combined with {type(self.timing_dependence).__name__}: leave the timing_dependence out"
            )

    def _fraction(self, fraction: Any) -> float:
        model, by_voltage = type(self).__name__, self.voltage_dependence is not None
        if fraction is None:
            return 0.0 if by_voltage else 1.0
        if not isinstance(fraction, numbers.Real) or isinstance(fraction, bool):
            raise TypeError(f"{model}: dendritic_delay_fraction={fraction!r} is not a number from 0 to 1")
        self.check_value("dendritic_delay_fraction", fraction)
        return float(fraction)

    def check_value(self, name: str, values: Any) -> None:
        super().check_value(name, values)
        if name == "dendritic_delay_fraction" and self.voltage_dependence is not None and np.any(values):
            raise errors.InvalidParameterValueError(
                f"{type(self).__name__}: dendritic_delay_fraction = {np.max(values):g} is not allowed, it has to be 0 "
                f"with a {type(self.voltage_dependence).__name__}: the membrane potential is seen without a delay"
            )

    @property
    def variable_limits(self) -> Mapping[str, Limits]:  # type: ignore[override]
        """Traces count spikes; with a modulator there is its concentration too."""
        return {name: NOT_NEGATIVE for part in self.parts for name in part.traces}

    def _build_translations(self) -> None:
        # PyNN's would change a table that all objects of the class share
        self.translations = {**unchanged(*_OWN), **{k: v for part in self.parts for k, v in part.translations.items()}}

    @property
    def parts(self) -> list[Any]:
        """The parts that have parameters."""
        parts = (self.timing_dependence, self.weight_dependence, self.voltage_dependence)
        return [part for part in parts if part is not None]

    @property
    def recipe(self) -> tuple[Any, ...]:
        """The function that composes the model, and its arguments."""
        dependence = self.weight_dependence.dependence
        if self.voltage_dependence is not None:
            return compose_clopath, dependence
        return compose, self.timing_dependence.rule, dependence

    @property
    def text(self) -> SynapseText:
        return _composed(*self.recipe)

    def kernel(self, precision: str) -> SynapseKernel:
        return _kernel(precision, *self.recipe)

    @property
    def possible_models(self) -> set[str]:
        """The name of the one model that this combination is."""
        return {self.text.name}

    def check_projection(self, projection: Any) -> None:
        cells = getattr(projection.post, "populations", [projection.post])
        reads_v = self.voltage_dependence is not None
        without = [p.label for p in cells if reads_v and "v" not in p.celltype.recordable]
        if without:
            raise errors.ConnectionError(
                f"{type(self.voltage_dependence).__name__} reads the membrane potential v of the post-synaptic cells, "
                f"and those of {without[0]} have none"
            )

    def initial_values(self, projection: Any, post: Index, parameters: Mapping[str, Any]) -> Values:
        if self.voltage_dependence is None:
            return {}
        v = initial_potential(projection.post)[post]
        return {"u_plus": v, "u_minus": v}

    # ---- parameters --------------------------------------------------------------------------------------------------

    def get_parameter_names(self) -> list[str]:
        return [*_OWN, *(name for part in self.parts for name in part.get_parameter_names())]

    def get_schema(self) -> dict[str, type]:
        return dict.fromkeys(self.get_parameter_names(), float)

    @property
    def parameter_space(self) -> ParameterSpace:
        if self._given_parameters is not None:
            return self._given_parameters
        space = ParameterSpace({name: getattr(self, name) for name in _OWN}, dict.fromkeys(_OWN, float))
        values = {name: part.parameter_space[name] for part in self.parts for name in part.get_parameter_names()}
        return ParameterSpace({**dict(space.items()), **values}, self.get_schema())

    @parameter_space.setter
    def parameter_space(self, parameters: ParameterSpace) -> None:
        self._given_parameters = parameters

    def _set_delay(self, delay: float) -> None:
        self.delay = delay

    @property
    def native_parameters(self) -> ParameterSpace:
        return self.translate(self.parameter_space)

    def describe(self, template: str | None = "stdpmechanism_default.txt", engine: str = "default") -> Any:
        """Describe the mechanism and its parts.

        Parameters
        ----------
        template
            Text with fields such as ``$timing_dependence`` for the engine to fill in. None for a dictionary.
        engine
            One of PyNN's template engines.
        """
        described = {}
        for role in ("timing_dependence", "weight_dependence", "voltage_dependence"):
            part = getattr(self, role)
            described[role] = None if part is None else part.describe(template=None)
        context = {**described, "dendritic_delay_fraction": self.dendritic_delay_fraction}
        if template == "stdpmechanism_default.txt":  # a file that PyNN does not have
            parts = ", ".join(type(part).__name__ for part in self.parts)
            return f"{type(self).__name__}({parts}, dendritic_delay_fraction={self.dendritic_delay_fraction:g})"
        return descriptions.render(engine, template, context)


class NeuromodulatedSTDP(STDPMechanism):
    """
    Plasticity with three factors: spikes of the source and of the target change an eligibility `c`, and the
    concentration `n` of a modulator, such as dopamine, makes it a change of the weight:

        dw/dt = c (n - b),   dc/dt = -c/tau_c,   dn/dt = -n/tau_n

      Izhikevich EM (2007) Solving the distal reward problem through linkage of STDP and dopamine signaling. Cerebral
      Cortex 17:2443-2452

      Potjans W, Diesmann M, Morrison A (2010) Enabling functional neural circuit simulations with distributed computing
      of neuromodulated plasticity. Frontiers in Computational Neuroscience 4:141

    Each spike of the modulatory population raises `n` by `1/tau_n`. What the timing dependence would add to the weight
    is added to `c`. Both can be read and recorded, as can the traces of the timing dependence.

    Arguments:
        `modulator`:
            the population, view or assembly whose spikes release the modulator.
        `timing_dependence`, `weight_dependence`, `dendritic_delay_fraction`, `weight`, `delay`:
            as for `STDPMechanism`.
        `tau_c`, `tau_n`:
            time constants of the eligibility and of the concentration (ms).
        `b`:
            the concentration at which weights stay as they are (1/ms).
        `modulator_delay`:
            time from a spike of the modulatory population to its effect (ms); the shortest delay if not given.

    >>> import pyNN.annarchy as sim
    >>> step = sim.setup(timestep=0.1)
    >>> sources = sim.Population(20, sim.SpikeSourcePoisson(rate=30.0))
    >>> cells = sim.Population(5, sim.IF_cond_exp())
    >>> dopamine = sim.Population(1, sim.SpikeSourceArray(spike_times=[50.0]))
    >>> rule, dependence = sim.SpikePairRule(), sim.AdditiveWeightDependence(w_max=0.04)
    >>> synapse = sim.NeuromodulatedSTDP(dopamine, rule, dependence, tau_c=200.0, weight=0.02)
    >>> projection = sim.Projection(sources, cells, sim.AllToAllConnector(), synapse)
    >>> time = sim.run(100.0)
    >>> projection.get(["weight", "c"], format="list")[0][:2]
    (0, 0)
    """

    def __init__(
        self,
        modulator: Any,
        timing_dependence: Any = None,
        weight_dependence: Any = None,
        tau_c: Any = 1000.0,
        tau_n: Any = 200.0,
        b: Any = 0.0,
        modulator_delay: float | None = None,
        dendritic_delay_fraction: float = 1.0,
        weight: Any = 0.0,
        delay: Any = None,
        **others: Any,
    ) -> None:
        _refuse(type(self).__name__, others)
        if not isinstance(modulator, common.BasePopulation | common.Assembly) or not hasattr(
            modulator, "neuron_numbers"
        ):
            raise TypeError(f"modulator={modulator!r} is not a Population, PopulationView or Assembly")
        self.modulator = modulator
        self.modulation = Modulation(tau_c=tau_c, tau_n=tau_n, b=b)
        self.modulator_delay = self._get_minimum_delay() if modulator_delay is None else modulator_delay
        if not isinstance(self.modulator_delay, numbers.Real) or not np.isfinite(self.modulator_delay):
            raise TypeError(f"modulator_delay={modulator_delay!r} is not a time in ms")
        super().__init__(timing_dependence, weight_dependence, None, dendritic_delay_fraction, weight, delay)

    @property
    def parts(self) -> list[Any]:
        return [*super().parts, self.modulation]

    @property
    def recipe(self) -> tuple[Any, ...]:
        return compose_modulated, self.timing_dependence.rule, self.weight_dependence.dependence


@functools.cache
def _composed(composer: Callable[..., SynapseText], *parts: Any) -> SynapseText:
    return composer(*parts)


@functools.cache  # a combination that is not compiled with the package takes 30 ms to find again
def _kernel(precision: str, *recipe: Any) -> SynapseKernel:
    return kernel_of(_composed(*recipe), precision)


def initial_potential(cells: Any) -> Any:
    """Return the initial membrane potential of each cell."""
    members = getattr(cells, "populations", [cells])
    return np.concatenate([np.array(p.initial_values["v"][np.arange(p.size)], dtype=float) for p in members])


def _refuse(model: str, others: Mapping[str, Any]) -> None:
    """Raise TypeError for arguments that there are none of."""
    for name, value in others.items():
        if name in ("fast", "slow"):
            raise TypeError(
                f"{model}: {name}={value!r} belongs to SynapseDynamics of PyNN before 0.8. A synapse now has one "
                "type: long-term plasticity, or short-term (TsodyksMarkramSynapse)"
            )
        raise TypeError(
            f"{model} has no argument {name!r}; parameters of a rule are given to its parts, as in "
            "timing_dependence=SpikePairRule(tau_plus=20.0)"
        )


def _check_part(model: str, role: str, part: Any, mark: str) -> None:
    if part is not None and not hasattr(part, mark):
        raise TypeError(f"{model}: {role}={part!r} is not an object of one of this simulator's classes for it")
