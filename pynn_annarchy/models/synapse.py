"""Synapses that users write as equations, as synapse types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from pyNN.models import BaseSynapseType
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import StandardModelType

from .. import simulator
from ..native.spec import SynapseText
from ..native_types.names import same_names
from ..standardmodels.synapses import SynapseType
from ..synapse_checks import check_finite
from .constants import Constant, constant_values
from .functions import library
from .names import identifier
from .row_values import Index, add_rows
from .variables import Variable, checked_units, equation_text, names_to_text, parameter_text, plain_text

if TYPE_CHECKING:
    from ..native.kernels import RowsKernel, SynapseKernel
    from ..native.model import RowsModel, SynapseModel
    from ..native.parse_structure import Rule
    from ..native.toolchain import Toolchain

NOTHING: Mapping[str, str] = MappingProxyType({})
WEIGHT = "w"


class UserSynapse(SynapseType, StandardModelType, BaseSynapseType):  # type: ignore[misc]
    """Base of the classes that `Synapse` makes.

    Attributes
    ----------
    text
        The model as its author wrote it.
    direct
        Whether what continuous synapses transmit goes where spikes go, and not to a weighted sum.
    """

    direct: ClassVar[bool] = False
    text: ClassVar[SynapseText]
    model: ClassVar[RowsModel | SynapseModel]
    pruning_rule: ClassVar[Rule | None] = None
    creating_rule: ClassVar[Rule | None] = None
    weight_bounds = ()  # names of parameters are the author's own
    _kernels: ClassVar[dict[tuple[str, str, Toolchain], SynapseKernel | RowsKernel]]

    def __init__(self, **parameters: Any) -> None:
        given = {name: v.value if isinstance(v, Constant) else v for name, v in parameters.items()}
        if WEIGHT in given and WEIGHT not in self.default_parameters:
            given["weight"] = given.pop(WEIGHT)
        super().__init__(**given)

    def get_schema(self) -> dict[str, type]:
        return dict.fromkeys(self.default_parameters, float)

    def check_value(self, name: str, values: Any) -> None:
        check_finite(type(self).__name__, name, values)

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """Return the parameters as they are: PyNN's table would make Python code of names such as lambda."""
        return deepcopy(parameters) if copy else parameters

    reverse_translate = translate

    @classmethod
    def _current_text(cls) -> SynapseText:
        return replace(cls.text, method=simulator.state.method)

    def kernel(self, precision: str) -> SynapseKernel | RowsKernel:  # type: ignore[override]
        from ..native import kernels

        toolchain = simulator.state.toolchain
        key = (precision, simulator.state.method, toolchain)
        if key not in self._kernels:
            text = self._current_text()
            if text.continuous:
                self._kernels[key] = replace(kernels.compiled_rows(text, precision, toolchain), direct=self.direct)
            else:
                kernel = kernels.compiled_synapse(text, precision, toolchain)
                self._kernels[key] = replace(kernel, punctual=self._is_seen())
        return self._kernels[key]

    @classmethod
    def _is_seen(cls) -> bool:
        """Whether it can be seen when a spike arrives, beside what the target gets: then it has to do so in time."""
        from ..native.symbols import TIME

        changed = {equation.target for equation in cls.model.pre} & set(cls.model.states)
        return bool(changed) or TIME in set().union(*(equation.value.free_symbols for equation in cls.model.pre))

    @classmethod
    def source(cls) -> str:
        """Return the C++ that the model is compiled from, with its equations as comments."""
        from ..native import compile

        return compile.header(cls._current_text())

    def connect(self, projection: Any, kernel: RowsKernel, pre: Index, post: Index, values: Mapping[str, Any]) -> Any:
        """Make the connections of a projection in the engine, of a model that is continuous."""
        return add_rows(projection, kernel, projection.pre.neuron_numbers[pre], post, values)

    def initial_values(self, projection: Any, post: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
        from ..native.evaluate import evaluate
        from ..native.symbols import Parameter

        constants = {**self.text.constants, **constant_values()}
        known = {Parameter(name): value for name, value in {**constants, **parameters}.items()}
        values = {state.name: evaluate(value, known) for state, value in self.model.initial.items()}
        return {name: value for name, value in values.items() if name in self.default_initial_values}

    def further_parameters(self, projection: Any, post: Any) -> dict[str, Any]:
        return self.constants()

    @property
    def localities(self) -> Mapping[str, str]:
        """Of which connections each parameter is: local, postsynaptic or projection."""
        return self.model.localities

    def constants(self) -> dict[str, float]:
        """Return the constants that the model reads, with their values of now."""
        values = {**self.text.constants, **constant_values()}
        return {name: values[name] for name in self.model.constants}


def Synapse(
    parameters: str | Mapping[str, Any] = "",
    equations: str | Variable | Iterable[str | Variable] = "",
    psp: str | None = None,
    operation: str = "sum",
    pre_spike: str | Iterable[str] = "",
    post_spike: str | Iterable[str] = "",
    functions: str = "",
    pruning: str = "",
    creating: str = "",
    name: str = "Synapse",
    description: str = "",
    *,
    units: Mapping[str, str] = NOTHING,
) -> type[UserSynapse]:
    """Return a synapse type class for a synapse model written in the equation language (docs/language.md).

    Parameters
    ----------
    parameters
        ``name = value`` lines or a dict. Their values are defaults: ``Model(tau=20.0)`` gives others. A flag says how
        many values there are: ``projection`` (one), ``postsynaptic`` (one for each target), else one for each synapse.
    equations
        Differential equations and assignments, in order; the same flags.
    psp
        What is transmitted in every step; ``w*pre.r`` for a model without spikes.
    operation
        How what arrives at one target is joined: "sum", "max", "min" or "mean".
    pre_spike, post_spike
        Assignments at the arrival of a spike of the source, and when the target spikes. Such a model is driven by
        spikes. What the target gets at a spike is ``g_target += ...`` in `pre_spike`; it is the weight if there is
        neither a `pre_spike` nor a `psp`.
    functions
        Functions of the model's own, ``f(x) = ...``, one a line.
    pruning, creating
        ``condition : proba=...``: when a connection is removed once `Projection.start_pruning` has been called, and,
        with ``w=...`` and ``d=...``, when one that is missing is made after `Projection.start_creating`.
    name, description
        Of the class.
    units
        Of variables and parameters, for recorded data.

    Returns
    -------
    type
        A subclass of `UserSynapse`.

    Raises
    ------
    EquationError
        If the text is not of the language, with line and column.

    Examples
    --------
    >>> Oja = Synapse(
    ...     parameters="tau = 5000.0 : projection; alpha = 8.0 : projection",
    ...     equations="tau*dw/dt = pre.r*post.r - alpha*post.r^2*w : min=0.0",
    ... )
    """
    given = {"pre_spike": pre_spike, "post_spike": post_spike}
    spikes = {part: equation_text("" if text is None else text, part) for part, text in given.items()}
    psp = plain_text(psp, "psp")
    driven = any(part.strip() for part in spikes.values())
    if spikes["pre_spike"].strip() and not psp and not _gives_input(spikes["pre_spike"]):
        spikes["pre_spike"] += "\ng_target += 0"
    text = SynapseText(
        name=identifier(name, "Synapse"),
        parameters=parameter_text(parameters),
        equations=equation_text(equations),
        psp=psp or ("" if driven else "w*pre.r"),
        operation=operation,
        functions=equation_text(functions or "", "functions"),
        library=library(),
        constants=constant_values(),
        units=names_to_text(units, "units"),
        pruning=plain_text(pruning, "pruning"),
        creating=plain_text(creating, "creating"),
        **spikes,
    )
    return _synapse_type(text, description)


def _gives_input(pre_spike: str) -> bool:
    """Whether a text says what the target gets, which a text that is none of the language does not need to."""
    from ..native.tokens import scan

    return any(token.text == "g_target" for token in scan(pre_spike, "pre_spike"))


def _synapse_type(text: SynapseText, description: str) -> type[UserSynapse]:
    from ..native.compile import model_of
    from ..native.parse_structure import CREATING, PRUNING, parse_rule

    model = model_of(text)
    rules = {f"{part}_rule": parse_rule(text, part, model) for part in (PRUNING, CREATING)}
    own = {symbol.name: value for symbol, value in model.parameters.items() if symbol.name != WEIGHT}
    own = {name: value for name, value in own.items() if name not in model.constants}
    weights = {symbol.name: value for symbol, value in {**model.parameters, **model.states}.items()}
    parameters: dict[str, Any] = {"weight": weights[WEIGHT], "delay": None, **own}
    states = {state.name: value for state, value in model.states.items() if not state.name.startswith("_")}
    checked_units(text.units, (*parameters, *states, WEIGHT))
    return type(
        text.name,
        (UserSynapse,),
        {
            "__doc__": description or f"The model {text.name}.",
            "__module__": __name__,
            "text": text,
            "model": model,
            "_kernels": {},
            **rules,
            "default_parameters": parameters,
            "default_initial_values": {name: value for name, value in states.items() if name != WEIGHT},
            "translations": same_names(parameters),
        },
    )
