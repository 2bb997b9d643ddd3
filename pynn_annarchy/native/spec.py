"""What the engine is told, as frozen data: the text of a model, and nothing of where it came from.

This module imports only the standard library, so that a description costs nothing to define and `setup.py` can read
the standard models without PyNN or sympy being loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class NeuronText:
    """A neuron model as its author wrote it, in the equation language.

    Parameters
    ----------
    name
        A C identifier, unique among compiled models.
    parameters
        ``name = value`` lines (or separated by ``;``), a comment after ``#``.
    equations
        ODEs (``dv/dt = ...``, also ``tau*dv/dt = ...``) and assignments (``i = ...``), in order, each with optional
        flags after a colon: ``init=`` a number or an expression of parameters, ``min=``, ``max=``, a method (``exact``,
        ``magnus``, ``rk45``, ``rk4``, ``midpoint``, ``explicit``, ``implicit``, ``exponential``) and ``always``, for a
        variable that also evolves while the neuron is refractory (the default only for names that start with ``g_``).
        Consecutive ODEs are one coupled system. Names known everywhere: ``t``, ``dt`` (ms), ``t_last`` (ms, time of the
        neuron's last spike), ``i_inj`` (nA, injected current), ``Uniform(a, b)``, ``Normal(m, s)`` and so on.
    spike
        The condition, evaluated at the end of a step after arriving input was added; empty for a model without spikes.
    reset
        Assignments (``v = v_reset``, ``w += b``) made when the neuron spikes.
    refractory
        Expression in ms; rounded to the nearest whole number of steps.
    receptors
        Receptor type, in PyNN's order, to the state variable that an arriving weight is added to. Input that arrives
        for a variable which is held during refractoriness is dropped while the neuron is refractory.
    units
        Variable to unit, for recording.
    functions
        Functions of the model's own, ``f(x) = ...``, one a line.
    library
        Functions that all models know, in the order of their definition; a later one of the same name, or one of the
        model's own, hides an earlier one.
    constants
        Values of names that all models know. Those that the model reads are parameters of it, after its own.
    method
        The method of differential equations without a flag; empty for the one that suits each best.
    conductances
        Whether every ``g_<receptor>`` that is read or defined makes a receptor type. One without an equation is what
        arrived at the end of the last step.
    """

    name: str
    parameters: str
    equations: str
    spike: str = ""
    reset: str = ""
    refractory: str = ""
    receptors: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    functions: str = ""
    library: str = ""
    constants: Mapping[str, float] = field(default_factory=dict)
    method: str = ""
    conductances: bool = False


@dataclass(frozen=True)
class Membrane:
    """What a model's equations say of its membrane, and a compiled kernel does not.

    Attributes
    ----------
    capacitance
        In nF: a number, or the name of the parameter. 1 nA on it changes v as fast as 1 nA of injected current does.
    variable
        The membrane potential, a state variable in mV.
    resets
        Whether a spike sets the potential and holds it while the neuron is refractory.
    """

    capacitance: str | float = "cm"
    variable: str = "v"
    resets: bool = True


@dataclass(frozen=True)
class CxxText:
    """A model of neurons or of continuous synapses that is written in C++, for the programs of devices.

    Attributes
    ----------
    name
        Of its struct: see csrc/neuron_model.h and csrc/rows_struct.h.
    headers
        Of csrc/, that the text needs.
    text
        The struct, and what it needs.
    """

    name: str
    headers: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class SynapseText:
    """A synapse model as its author wrote it, in the equation language.

    Parameters
    ----------
    name
        A C identifier, unique among compiled models.
    parameters
        As in :class:`NeuronText`.
    equations
        ODEs and assignments, in order, with flags: ``init=``, ``min=``, ``max=``, a method, and ``event-driven`` for
        those that are advanced over the time ``elapsed`` since the synapse's last event whenever one happens (an ODE
        has to be linear for that and is solved exactly; an assignment reads ``elapsed`` itself). Without that flag an
        equation is evaluated in every step; an ODE with the method ``exact`` that reads nothing of what changes between
        events is event-driven, too. ``w`` is the weight. Names known everywhere: ``t``, ``dt``, ``elapsed``,
        ``since_pre``, ``since_post`` (ms since the last earlier event of that kind, 0 for one that happened at this
        very time), ``t_pre`` (when the last spike that has arrived before was sent), ``t_post`` (when the last spike of
        the target reached the synapse), ``post.<name>`` (a state variable of the target), ``pre.<name>`` (of the
        source, as it was when what arrives now was sent), and random numbers.
    pre_spike
        Assignments at the arrival of a spike of the source. ``g_target += <expression>`` is what the target gets,
        ``g_target += w``, before all else, if the text has neither that nor a ``psp``. With the flag ``unless_post`` an
        assignment is left out if the target's last spike was in the same step as the source's.
    post_spike, modulator_spike
        Assignments when a spike of the target, or of the projection's modulatory population, reaches the synapse. All
        three may change variables of neurons: ``post.<name> += <expression>``, ``pre.<name> -= <expression>``.
    units
        Variable to unit, for recording.
    psp
        What the synapse transmits in every step, in ``w``, variables, and variables of both neurons (``pre.r``,
        ``post.r``). A model with spikes, too, has no ``g_target``; what it transmits goes where that would go.

        A model without spikes is one of continuous synapses; its equations are evaluated in every step and may read
        both neurons, too, also weighted sums (``pre.sum(exc)``) and reductions over the populations (``mean(pre.r)``,
        ``max``, ``min``, ``norm1``, ``norm2``), and have the flags ``postsynaptic`` (one value for each target) and
        ``projection`` (one for all), as parameters may.
    operation
        How what arrives at one target is joined: ``"sum"``, ``"max"``, ``"min"`` or ``"mean"``.
    pruning, creating
        Rules of structural plasticity, ``condition : proba=..., w=..., d=...``: when a synapse is removed, and when one
        that is missing is made. They are not compiled.
    functions, library, constants, method
        As in :class:`NeuronText`.
    """

    name: str
    parameters: str
    equations: str
    pre_spike: str = ""
    post_spike: str = ""
    modulator_spike: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    psp: str = ""
    operation: str = "sum"
    functions: str = ""
    library: str = ""
    constants: Mapping[str, float] = field(default_factory=dict)
    method: str = ""
    pruning: str = ""
    creating: str = ""

    @property
    def continuous(self) -> bool:
        """Whether it is a model of continuous synapses, to which spikes mean nothing."""
        return bool(self.psp.strip()) and not (self.pre_spike + self.post_spike + self.modulator_spike).strip()
