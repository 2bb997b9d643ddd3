"""A model after parsing: the user's statements as sympy expressions, each with its own text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import Place
from .symbols import Draw, Expr, Local, Parameter, Post, Pre, Reduced, State


@dataclass(frozen=True)
class Flags:
    """What stands behind the colon of an equation.

    Attributes
    ----------
    init
        The initial value, with default values of the parameters that it may be made of.
    initial
        Its expression if it is made of parameters, else None.
    """

    init: float = 0.0
    initial: Expr | None = None
    minimum: Expr | None = None
    maximum: Expr | None = None
    method: str | None = None
    always: bool = False
    event_driven: bool = False


@dataclass(frozen=True)
class Equation:
    """``d<target>/dt = value`` (derivative) or ``target = value``."""

    target: State | Local
    value: Expr
    derivative: bool
    flags: Flags
    text: str
    place: Place


@dataclass(frozen=True)
class Condition:
    """A condition and the user's text of it."""

    value: Expr
    text: str


@dataclass(frozen=True)
class NeuronModel:
    """A neuron model in expressions.

    Attributes
    ----------
    parameters
        Parameter to default value, in the user's order.
    states
        State variable to initial value, in the order of their first equations.
    always
        The states that evolve while the neuron is refractory.
    equations
        In the user's order.
    spike, reset, refractory
        None and empty for a model without them; refractory is in ms.
    receptors
        Receptor type to the state that input is added to.
    draws
        The random numbers that the model uses in a step.
    transient
        States that hold what arrived at the end of the last step, and nothing else.
    initial
        Initial values that are made of parameters.
    constants
        The parameters that are constants of all models.
    continuous
        Inputs that are read at the beginning of a step: weighted sums, as ``sum(exc)``, each with a state of the same
        name that keeps it, and reductions over the population, as ``mean(r)``.
    """

    name: str
    parameters: Mapping[Parameter, float]
    states: Mapping[State, float]
    always: frozenset[State]
    equations: tuple[Equation, ...]
    spike: Condition | None
    reset: tuple[Equation, ...]
    refractory: Condition | None
    receptors: Mapping[str, State]
    draws: tuple[Draw, ...]
    injectable: bool
    transient: frozenset[State] = frozenset()
    initial: Mapping[State, Expr] = field(default_factory=dict)
    constants: tuple[str, ...] = ()
    continuous: tuple[str, ...] = ()


@dataclass(frozen=True)
class SynapseModel:
    """A synapse model in expressions.

    Attributes
    ----------
    parameters, states, draws
        As in :class:`NeuronModel`.
    event_driven
        Equations that are advanced over the time since the last event, in the user's order.
    clocked
        Equations that are evaluated in every step, in the user's order.
    pre, post, modulator
        What spikes do, in order; a variable that lives within one such section is a `Local`.
    input
        The locals of ``pre`` that the target gets.
    bounds
        State to the flags of the equation that declares it.
    remote
        Variables of the target.
    psp
        What is transmitted in every step, None if nothing is.
    localities
        Of the parameters, as in :class:`RowsModel`.
    initial, constants
        As in :class:`NeuronModel`.

    States that stand for variables of neurons have names with a dot: ``_source.v`` is what the source had when what
    arrives now was sent, ``_pre.v`` and ``_post.v`` are changes of the source and of the target.
    """

    name: str
    parameters: Mapping[Parameter, float]
    states: Mapping[State, float]
    event_driven: tuple[Equation, ...]
    clocked: tuple[Equation, ...]
    pre: tuple[Equation, ...]
    post: tuple[Equation, ...]
    modulator: tuple[Equation, ...]
    input: tuple[Local, ...]
    bounds: Mapping[State, Flags]
    remote: tuple[Post, ...]
    draws: tuple[Draw, ...]
    psp: Condition | None = None
    localities: Mapping[str, str] = field(default_factory=dict)
    initial: Mapping[State, Expr] = field(default_factory=dict)
    constants: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowsModel:
    """A model of continuous synapses in expressions.

    Attributes
    ----------
    parameters, states, draws
        As in :class:`NeuronModel`. The weight ``w`` is one of either.
    localities
        Of each parameter and variable: ``"local"``, ``"postsynaptic"`` or ``"projection"``.
    psp, operation
        What a synapse transmits, and how that of one target's synapses is joined.
    equations
        By locality, each in the user's order.
    pre, post, reduced
        What the text reads of sources and targets, and reductions over the populations.
    initial, constants
        As in :class:`NeuronModel`.
    """

    name: str
    parameters: Mapping[Parameter, float]
    states: Mapping[State, float]
    localities: Mapping[str, str]
    psp: Condition
    operation: str
    equations: Mapping[str, tuple[Equation, ...]]
    pre: tuple[Pre, ...]
    post: tuple[Post, ...]
    reduced: tuple[Reduced, ...]
    draws: tuple[Draw, ...]
    constants: tuple[str, ...] = ()
    initial: Mapping[State, Expr] = field(default_factory=dict)


Model = NeuronModel | SynapseModel | RowsModel
