"""Neurons that users write as equations, as cell types."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pyNN import errors
from pyNN.models import BaseCellType
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import StandardModelType

from .. import simulator
from ..cells import AnyName, EngineCell
from ..native.spec import Membrane, NeuronText
from ..native_types.names import same_names
from ..parameter_checks import Numbers
from ..spike_window import RECEPTOR, WINDOW, reads_rate, with_rate
from .constants import Constant, constant_values
from .functions import functions_of, library
from .names import identifier
from .variables import (
    Variable,
    checked_units,
    equation_text,
    names_to_text,
    parameter_text,
    plain_text,
    proper_unit,
)

if TYPE_CHECKING:
    from ..native.kernels import Kernel
    from ..native.model import NeuronModel
    from ..native.population import Population
    from ..native.toolchain import Toolchain

NOTHING: Mapping[str, str] = MappingProxyType({})


class UserCell(EngineCell, StandardModelType, BaseCellType):  # type: ignore[misc]
    """Base of the classes that `Neuron` makes.

    Attributes
    ----------
    text
        The model as its author wrote it.
    shared_parameters
        Parameters that have one value for a whole population.
    stop_condition
        When `simulate_until` stops, for all populations of these cells.
    knows_rate
        Whether the equations read the firing rate that `Population.compute_firing_rate` asks for.
    """

    text: ClassVar[NeuronText]
    model: ClassVar[NeuronModel]
    shared_parameters: ClassVar[frozenset[str]]
    stop_condition: ClassVar[str | None] = None
    knows_rate: ClassVar[bool] = False
    units: ClassVar[Mapping[str, str]]
    standard_names = False
    conductance_based = None  # a weight is what the equations make of it, of either sign
    _kernels: ClassVar[dict[tuple[str, str, Toolchain], Kernel]]

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**{name: _number(value) for name, value in parameters.items()})

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """Return the parameters as they are: PyNN's table would make Python code of names such as lambda."""
        return deepcopy(parameters) if copy else parameters

    reverse_translate = translate

    def kernel(self, precision: str) -> Kernel:
        from ..native import kernels

        toolchain = simulator.state.toolchain
        key = (precision, simulator.state.method, toolchain)
        if key not in self._kernels:
            self._kernels[key] = kernels.compiled(self._current_text(), precision, toolchain)
        return self._kernels[key]

    @classmethod
    def _current_text(cls) -> NeuronText:
        return replace(cls.text, method=simulator.state.method)

    @classmethod
    def source(cls) -> str:
        """Return the C++ that the model is compiled from, with its equations as comments."""
        from ..native import compile

        return compile.header(cls._current_text())

    def constants(self) -> dict[str, float]:
        values = {**self.text.constants, **constant_values()}
        return {name: values[name] for name in self.model.constants}

    def dependent_initial_values(self, population: Population) -> dict[str, Numbers]:
        from ..native.evaluate import evaluate
        from ..native.symbols import Parameter

        values = {**constant_values(), **{name: population.get_parameter(name) for name in population.parameters}}
        known = {Parameter(name): value for name, value in values.items()}
        return {
            state.name: np.broadcast_to(np.asarray(evaluate(value, known), dtype=float), (population.size,))
            for state, value in self.model.initial.items()
            if state.name in self.default_initial_values
        }

    def check_together(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            numbers = np.atleast_1d(value)
            if (numbers != numbers[0]).any():
                raise self._not_shared(name)

    def check_part(self, names: Collection[str]) -> None:
        for name in self.shared_parameters.intersection(names):
            raise self._not_shared(name)

    def _not_shared(self, name: str) -> errors.InvalidParameterValueError:
        return errors.InvalidParameterValueError(
            f"{type(self).__name__}: {name} has one value for the whole population; it cannot differ between cells"
        )


def _number(value: Any) -> Any:
    return value.value if isinstance(value, Constant) else value


def Neuron(
    parameters: str | Mapping[str, Any] = "",
    equations: str | Variable | Iterable[str | Variable] = "",
    spike: str = "",
    reset: str | Iterable[str] = "",
    refractory: str | float | None = None,
    functions: str = "",
    name: str = "Neuron",
    description: str = "",
    *,
    receptors: Mapping[str, str] = NOTHING,
    units: Mapping[str, str] = NOTHING,
    stop_condition: str | None = None,
) -> type[UserCell]:
    """Return a cell type class for a neuron model written in the equation language (docs/language.md).

    Parameters
    ----------
    parameters
        ``name = value`` lines or a dict. Their values are defaults: ``Model(tau=20.0)`` gives others.
    equations
        Differential equations and assignments, in order.
    spike
        The condition of a spike; without one the model is rate-coded and has to define ``r``.
    reset
        Assignments made when the neuron spikes.
    refractory
        In ms: a number, or an expression of parameters and variables.
    functions
        Functions of the model's own, ``f(x) = ...``, one a line.
    name, description
        Of the class.
    receptors
        Receptor type to the variable that weights are added to, beside those that every ``g_<receptor>`` makes.
    units
        Of variables and parameters, for recorded data.
    stop_condition
        When `simulate_until` stops, for all populations of these cells; see `Population.stop_condition`.

    Returns
    -------
    type
        A subclass of `UserCell`.

    Raises
    ------
    EquationError
        If the text is not of the language, with line and column.
    """
    text = NeuronText(
        name=identifier(name, "Neuron"),
        parameters=parameter_text(parameters),
        equations=equation_text(equations),
        spike=plain_text(spike, "spike"),
        reset=equation_text(reset, "reset"),
        refractory=_refractory(refractory),
        receptors=names_to_text(receptors, "receptors"),
        units=names_to_text(units, "units"),
        functions=equation_text(functions or "", "functions"),
        library=library(),
        constants=constant_values(),
        conductances=True,
    )
    plain_text(stop_condition, "stop_condition")
    if reads_rate(text):
        text = with_rate(text)
    made = _cell_type(text, description)
    if stop_condition is not None:
        from ..stopping import StopCondition  # here: it reads the constants of this package

        StopCondition(stop_condition, [*made.default_parameters, *made.default_initial_values, "r"])
    made.stop_condition = stop_condition
    return made


def _refractory(value: str | float | None) -> str:
    """Return the refractory period as text, which is a number of ms or an expression."""
    if value is None or isinstance(value, str):
        return value or ""
    if not isinstance(value, numbers.Real) or isinstance(value, bool) or not 0 <= value < math.inf:
        raise ValueError(f"refractory = {value!r}: a number of ms, 0 or greater, or an expression is expected")
    return repr(float(value))


def _cell_type(text: NeuronText, description: str) -> type[UserCell]:
    from ..native.errors import EquationError
    from ..native.integrate import integrate
    from ..native.parse import declared_parameters, ignored_flags, parse

    model = parse(text)
    for warning in ignored_flags(text):
        warnings.warn(warning, stacklevel=3)
    integrate(model)  # raises if a method does not apply
    states = {state.name: value for state, value in model.states.items() if not state.name.startswith("_")}
    if model.spike is None and "r" not in states:
        raise EquationError(
            "a model without a spike condition is rate-coded: its equations have to define 'r', "
            f"and define {', '.join(map(repr, states)) or 'nothing'}"
        )
    declared = declared_parameters(text)
    parameters = {symbol.name: d.value for symbol, d in declared.items() if symbol.name != WINDOW}
    flags = {symbol.name: declaration.flags for symbol, declaration in declared.items()}
    shared = frozenset(name for name in parameters if "population" in flags[name])
    checked_units(text.units, ("spikes", *parameters, *states))
    return type(
        text.name,
        (UserCell,),
        {
            "__doc__": description or f"The model {text.name}.",
            "__module__": __name__,
            "kernel_name": text.name,
            "text": text,
            "model": model,
            "_kernels": {},
            "functions": functions_of(text),
            "shared_parameters": shared,
            "knows_rate": RECEPTOR in model.receptors,
            "linked_parameters": tuple(sorted(shared)),
            "default_parameters": parameters,
            "default_initial_values": states,
            "recordable": [*(["spikes"] if model.spike else []), *states],
            "receptor_types": _receptor_types(model),
            "injectable": model.injectable,
            "membrane": _membrane(model, parameters),
            "translations": same_names(parameters),
            "units": {name: _unit(name, text) for name in ("spikes", *parameters, *states)},
        },
    )


def _receptor_types(model: NeuronModel) -> tuple[str, ...]:
    """Return what connections may be onto: conductances and weighted sums."""
    sums = [name[4:-1] for name in model.continuous if name.startswith("sum(")]
    names = dict.fromkeys([*(name for name in model.receptors if name != RECEPTOR), *(name for name in sums if name)])
    return AnyName(names or ["all"]) if "" in sums else tuple(names)


def _membrane(model: NeuronModel, parameters: Mapping[str, float]) -> Membrane:
    """Return where gap junctions find the membrane: v, and a capacitance in nF with the name cm or C."""
    capacitance = next((name for name in ("cm", "C") if name in parameters), Membrane().capacitance)
    resets = any(equation.target.name == "v" for equation in model.reset) and model.refractory is not None
    return Membrane(capacitance, "v", resets)


def _unit(name: str, text: NeuronText) -> str:
    return proper_unit(text.units.get(name, "ms" if name in ("spikes", "t_last") else "dimensionless"))
