"""The parts of long-term plasticity: rules of timing, of voltage, of a modulator, and dependences on the weight."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

from pyNN import errors
from pyNN.standardmodels import synapses
from pyNN.standardmodels.base import StandardModelType, STDPTimingDependence

from ..synapse_checks import check_range, readable
from . import synapse_equations
from .synapse_equations import TimingRule, WeightDependence
from .synapses import unchanged

__all__ = [
    "AdditivePotentiationMultiplicativeDepression",
    "AdditiveWeightDependence",
    "ClopathRule",
    "GutigWeightDependence",
    "MultiplicativeWeightDependence",
    "PfisterSpikeTripletRule",
    "SpikePairRule",
    "Vogels2011Rule",
]


class Part:
    """Mixed in before one of PyNN's parts of a plasticity rule."""

    default_parameters: ClassVar[Mapping[str, Any]]
    translations: ClassVar[Mapping[str, Any]]
    traces: ClassVar[tuple[str, ...]] = ()  # variables that are sums over spikes, and so not negative

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.translations = unchanged(*cls.default_parameters)
        if hasattr(cls, "rule"):
            cls.traces = tuple(trace.name for trace in (*cls.rule.pre, *cls.rule.post))
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        arguments = [inspect.Parameter(n, kind, default=v) for n, v in cls.default_parameters.items()]
        cls.__signature__ = inspect.Signature(arguments)  # type: ignore[attr-defined]

    def __init__(self, *values: Any, **parameters: Any) -> None:
        model, known = type(self).__name__, list(self.default_parameters)
        if len(values) > len(known):
            raise TypeError(f"{model} has {len(known)} parameters, {', '.join(known)}, but {len(values)} were given")
        given = dict(zip(known, values, strict=False))
        for name, value in parameters.items():
            if name not in known:
                raise errors.NonExistentParameterError(name, model, known)
            if name in given:
                raise TypeError(f"{model}: {name} is given twice")
            given[name] = value
        super().__init__(**{name: readable(model, name, value) for name, value in given.items()})


# ---- timing ----------------------------------------------------------------------------------------------------------


class SpikePairRule(Part, synapses.SpikePairRule):
    __doc__ = (
        (synapses.SpikePairRule.__doc__ or "")
        + """
    With the traces `x` of the source's and `y` of the target's spikes, which every spike raises by 1, and the factors
    f+ and f- of the weight dependence:

        dx/dt = -x/tau_plus,   dy/dt = -y/tau_minus
        at the target's spikes  w -> w + (w_max - w_min) A_plus f+ x
        at the source's spikes  w -> w - (w_max - w_min) A_minus f- y

      Song S, Miller KD, Abbott LF (2000) Competitive Hebbian learning through spike-timing-dependent synaptic
      plasticity. Nature Neuroscience 3:919-926

    So the amplitudes are in units of the weight's range. The traces can be read and recorded. Spikes that coincide at
    the synapse are not paired with each other.
    """
    )
    rule: ClassVar[TimingRule] = synapse_equations.SPIKE_PAIR


class Vogels2011Rule(Part, synapses.Vogels2011Rule):
    __doc__ = (
        (synapses.Vogels2011Rule.__doc__ or "")
        + """
    With the traces `x` of the source's and `y` of the target's spikes (equations 6 and 7 of the supplement, for all
    pairs of spikes), and the factors f+ and f- of the weight dependence, which the paper does not have:

        dx/dt = -x/tau,   dy/dt = -y/tau
        at the target's spikes  w -> w + eta f+ x
        at the source's spikes  w -> w + eta (f+ y - 2 rho tau f-)

    Arguments:
        `tau`:
            time constant of the traces `x` of the source's and `y` of the target's spikes, in milliseconds.
        `eta`:
            learning rate, in the unit of the weight.
        `rho`:
            the rate of the target that the rule leads to, in spikes per second.
    """
    )
    rule: ClassVar[TimingRule] = synapse_equations.VOGELS


class PfisterSpikeTripletRule(Part, STDPTimingDependence):
    """
    The amplitude of the weight change depends on pairs and on triplets of spikes, all of them:

      Pfister J-P, Gerstner W (2006) Triplets of spikes in a model of spike timing-dependent plasticity. Journal of
      Neuroscience 26:9673-9682, equations 1 to 4

    Every spike of the source raises its traces `r1` and `r2` by 1, every one of the target `o1` and `o2`. With the
    factors f+ and f- of the weight dependence and, as in the paper, `r2` and `o2` of before the spike:

        dr1/dt = -r1/tau_plus,   dr2/dt = -r2/tau_x,   do1/dt = -o1/tau_minus,   do2/dt = -o2/tau_y
        at the target's spikes  w -> w + (w_max - w_min) f+ r1 (A2_plus + A3_plus o2)
        at the source's spikes  w -> w - (w_max - w_min) f- o1 (A2_minus + A3_minus r2)

    So the amplitudes are in units of the weight's range. The traces can be read and recorded. Default values are those
    that the paper fits to visual cortex.

    >>> import pyNN.annarchy as sim
    >>> step = sim.setup(timestep=0.1)
    >>> sources = sim.Population(20, sim.SpikeSourcePoisson(rate=30.0))
    >>> cells = sim.Population(5, sim.IF_cond_exp())
    >>> rule = sim.PfisterSpikeTripletRule(A3_plus=0.01)
    >>> synapse = sim.STDPMechanism(rule, sim.AdditiveWeightDependence(w_max=0.04), weight=0.02)
    >>> projection = sim.Projection(sources, cells, sim.AllToAllConnector(), synapse)
    >>> time = sim.run(100.0)
    >>> projection.get("weight", format="array").shape
    (20, 5)

    Arguments:
        `tau_plus`, `tau_x`:
            time constants of `r1` and `r2`, in milliseconds.
        `tau_minus`, `tau_y`:
            time constants of `o1` and `o2`, in milliseconds.
        `A2_plus`, `A3_plus`:
            strengthening by a pair (source before target), and by that with an earlier spike of the target.
        `A2_minus`, `A3_minus`:
            weakening by a pair (target before source), and by that with an earlier spike of the source.
    """

    default_parameters: ClassVar[dict[str, float]] = {
        "tau_plus": 16.8,
        "tau_minus": 33.7,
        "tau_x": 101.0,
        "tau_y": 125.0,
        "A2_plus": 5e-10,
        "A2_minus": 7e-3,
        "A3_plus": 6.2e-3,
        "A3_minus": 2.3e-4,
    }
    rule: ClassVar[TimingRule] = synapse_equations.PFISTER_TRIPLET


# ---- voltage ---------------------------------------------------------------------------------------------------------


class STDPVoltageDependence(StandardModelType):
    """Base class for models of how the weight depends on the target's membrane potential."""


class ClopathRule(Part, STDPVoltageDependence):
    """
    The weight change depends on the target's membrane potential:

      Clopath C, Buesing L, Vasilaki E, Gerstner W (2010) Connectivity reflects coding: a model of voltage-based STDP
      with homeostasis. Nature Neuroscience 13:344-352, equations 1 to 3

    With the target's potential `v`, [ ]+ for what is above 0, and the factors f+ and f- of the weight dependence:

        dx/dt = -x/tau_x,   du_plus/dt = (v - u_plus)/tau_plus,   du_minus/dt = (v - u_minus)/tau_minus
        all the time  dw/dt = (w_max - w_min) f+ A_LTP x [v - theta_plus]+ [u_plus - theta_minus]+
        at the source's spikes  w -> w - (w_max - w_min) f- A_LTD [u_minus - theta_minus]+,   x -> x + 1/tau_x

    Given as the `voltage_dependence` of an `STDPMechanism` that has no `timing_dependence`. The homeostasis of the
    paper is not included: `A_LTD` is constant. Variables that can be read and recorded are the source's trace `x` and
    the averaged potentials `u_plus` and `u_minus`, which begin with the potential that the target has when the
    projection is made.

    Arguments:
        `A_LTD`, `A_LTP`:
            amplitudes, in units of the weight's range per mV and per mV².
        `theta_plus`, `theta_minus`:
            thresholds for the potential and for its averages (mV).
        `tau_x`, `tau_plus`, `tau_minus`:
            time constants of `x`, `u_plus` and `u_minus` (ms).
        `v_clamp`, `t_clamp`:
            potential and duration of the spike that is put in the place of the one which an integrate-and-fire cell
            does not have (mV, ms). `t_clamp = 0` for cells whose potential shows their spikes.

    >>> import pyNN.annarchy as sim
    >>> step = sim.setup(timestep=0.1)
    >>> sources = sim.Population(20, sim.SpikeSourcePoisson(rate=30.0))
    >>> cells = sim.Population(5, sim.EIF_cond_exp_isfa_ista())
    >>> dependence = sim.AdditiveWeightDependence(w_max=0.04)
    >>> synapse = sim.STDPMechanism(None, dependence, voltage_dependence=sim.ClopathRule(), weight=0.02)
    >>> projection = sim.Projection(sources, cells, sim.AllToAllConnector(), synapse)
    >>> projection.record(["weight", "u_minus"], sampling_interval=10.0)
    >>> time = sim.run(100.0)
    >>> [signal.shape for signal in projection.get_data().segments[0].analogsignals]
    [(11, 100), (11, 100)]
    """

    default_parameters: ClassVar[dict[str, float]] = {
        "A_LTD": 14e-5,
        "A_LTP": 8e-5,
        "theta_plus": -45.3,
        "theta_minus": -70.6,
        "tau_x": 15.0,
        "tau_plus": 7.0,
        "tau_minus": 10.0,
        "v_clamp": 33.0,
        "t_clamp": 2.0,
    }
    traces = ("x",)


# ---- a modulator -----------------------------------------------------------------------------------------------------


class Modulation(Part, StandardModelType):
    """How an eligibility becomes weight: see `NeuromodulatedSTDP`."""

    default_parameters: ClassVar[dict[str, float]] = {"tau_c": 1000.0, "tau_n": 200.0, "b": 0.0}
    traces = ("n",)


# ---- dependence on the weight ----------------------------------------------------------------------------------------


class Bounded(Part):
    """A part that has the bounds of the weight."""

    default_parameters: ClassVar[Mapping[str, Any]] = {"w_min": 0.0, "w_max": 1.0}
    dependence: ClassVar[WeightDependence]

    def __init__(self, *values: Any, **parameters: Any) -> None:
        super().__init__(*values, **parameters)
        bounds = [self.parameter_space[name].base_value for name in ("w_min", "w_max")]  # type: ignore[attr-defined]
        if all(isinstance(bound, int | float) for bound in bounds):
            check_range(type(self).__name__, *bounds)


class AdditiveWeightDependence(Bounded, synapses.AdditiveWeightDependence):
    __doc__ = (
        (synapses.AdditiveWeightDependence.__doc__ or "")
        + """
    f+ = f- = 1 (Song S, Miller KD, Abbott LF (2000) Nature Neuroscience 3:919-926).
    """
    )
    dependence = synapse_equations.ADDITIVE


class MultiplicativeWeightDependence(Bounded, synapses.MultiplicativeWeightDependence):
    __doc__ = (
        (synapses.MultiplicativeWeightDependence.__doc__ or "")
        + """
    f+ = (w_max - w)/(w_max - w_min) and f- = (w - w_min)/(w_max - w_min) (Rubin J, Lee DD, Sompolinsky H (2001)
    Physical Review Letters 86:364-367).
    """
    )
    dependence = synapse_equations.MULTIPLICATIVE


class AdditivePotentiationMultiplicativeDepression(Bounded, synapses.AdditivePotentiationMultiplicativeDepression):
    __doc__ = (
        (synapses.AdditivePotentiationMultiplicativeDepression.__doc__ or "")
        + """
    f+ = 1 and f- = (w - w_min)/(w_max - w_min) (van Rossum MCW, Bi GQ, Turrigiano GG (2000) Journal of Neuroscience
    20:8812-8821).
    """
    )
    dependence = synapse_equations.ADDITIVE_MULTIPLICATIVE


class GutigWeightDependence(Bounded, synapses.GutigWeightDependence):
    __doc__ = (
        (synapses.GutigWeightDependence.__doc__ or "")
        + """
    f+ = ((w_max - w)/(w_max - w_min))^mu_plus and f- = ((w - w_min)/(w_max - w_min))^mu_minus (Gütig R, Aharonov R,
    Rotter S, Sompolinsky H (2003) Journal of Neuroscience 23:3697-3714).
    """
    )
    default_parameters: ClassVar[Mapping[str, Any]] = synapses.GutigWeightDependence.default_parameters
    dependence = synapse_equations.GUTIG
