"""A model after parsing: the user's statements as sympy expressions, each with its own text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import Place
from .symbols import Draw, Expr, Local, Parameter, Post, State


@dataclass(frozen=True)
class Flags:
    """What stands behind the colon of an equation."""

    init: float = 0.0
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


Model = NeuronModel | SynapseModel
