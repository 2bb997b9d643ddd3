"""Point neurons of parts: a membrane, and any number of receptors."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from pyNN import errors
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import build_translations, cells

from ..cells import EngineCell
from ..parameter_checks import check_forms
from .composition import RESPONSES, composed, twin
from .receptors import PostSynapticResponse

if TYPE_CHECKING:
    from ..native.kernels import Kernel

__all__ = ["LIF", "AdExp", "PointNeuron"]

_SYNAPTIC = {"e_syn": "e_rev", "tau_syn": "tau_syn"}  # what the standard cells call a response's parameters
_SIDES = (("E", "exc"), ("I", "inh"))


class Membrane:
    """What a membrane is to the engine; mixed in before PyNN's own."""

    piece: ClassVar[str]  # its name among the pieces of `composition`
    default_parameters: ClassVar[Mapping[str, Any]]
    default_initial_values: ClassVar[Mapping[str, Any]]
    recordable: ClassVar[list[str]]
    parameter_scales: ClassVar[Mapping[str, float]] = {}

    def __init__(self, **parameters: Any) -> None:
        check_forms(type(self), parameters)
        super().__init__(**parameters)


class LIF(Membrane, cells.LIF):
    __doc__ = cells.LIF.__doc__
    piece = "LIF"
    translations = build_translations(*((name, name) for name in cells.LIF.default_parameters))


class AdExp(Membrane, cells.AdExp):
    __doc__ = cells.AdExp.__doc__
    piece = "AdExp"
    parameter_scales: ClassVar[Mapping[str, float]] = {"a": 1e-3}  # nS in uS
    translations = build_translations(*((name, name) for name in cells.AdExp.default_parameters))


class PointNeuron(EngineCell, cells.PointNeuron):
    """
    A neuron made of a membrane and receptors.

    Parameters and variables of a receptor have dotted names, as "excitatory.tau_syn" and "excitatory.gsyn". Receptors
    of all kinds may be mixed.

    Arguments:
        `neuron`:
            the membrane, `LIF` or `AdExp`.
        further names:
            a receptor each, by the receptor type that projections know it by.

    Example:
        >>> cell = PointNeuron(AdExp(tau_m=10.0), AMPA=ExpPSR(tau_syn=2.0), GABA=BetaPSR(e_syn=-75.0, tau_rise=1.0))
    """

    kernel_name = "PointNeuron"
    default_parameters: ClassVar[dict[str, Any]] = {}
    translations: ClassVar[dict[str, Any]] = {}
    membrane_piece: ClassVar[str]
    responses: ClassVar[Mapping[str, type[PostSynapticResponse]]] = MappingProxyType({})

    def __new__(cls, neuron: Any = None, **receptors: Any) -> PointNeuron:
        if cls is not PointNeuron:  # a copy of one that has been made
            return object.__new__(cls)
        _check_parts(neuron, receptors)
        return object.__new__(_class_of(type(neuron), {name: type(receptors[name]) for name in sorted(receptors)}))

    def __init__(self, neuron: Any, **receptors: Any) -> None:
        self.neuron = neuron
        self.post_synaptic_receptors = receptors
        for receptor in receptors.values():
            receptor.set_parent(self)
        super(cells.PointNeuron, self).__init__()
        given = {name: neuron.parameter_space[name] for name in neuron.default_parameters}
        for label, receptor in receptors.items():
            given |= {f"{label}.{name}": receptor.parameter_space[name] for name in receptor.own_parameters}
        for name, value in given.items():
            self.parameter_space[name] = deepcopy(value)

    def get_schema(self) -> dict[str, type]:
        return dict.fromkeys(self.default_parameters, float)

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """Return parameters in the engine's units, under the same names: PyNN's table has no room for dotted ones."""
        return self._scaled(parameters, copy, lambda value, scale: value * scale)

    def reverse_translate(self, native_parameters: ParameterSpace) -> ParameterSpace:
        """Return parameters in PyNN's units."""
        return self._scaled(native_parameters, True, lambda value, scale: value / scale)

    def _scaled(self, parameters: ParameterSpace, copy: bool, change: Any) -> ParameterSpace:
        values = deepcopy(parameters) if copy else parameters
        scaled = {
            name: change(value, self.parameter_scales[name]) if name in self.parameter_scales else value
            for name, value in values.items()
        }
        return ParameterSpace(scaled, schema=None, shape=parameters.shape)

    def get_native_names(self, *names: str) -> list[str]:
        """Return the engine's names of parameters: the same."""
        return list(names or self.default_parameters)

    def kernel(self, precision: str) -> Kernel:
        from ..native import kernels

        numbered = self._numbered()
        pieces = tuple(self.responses[label].piece for label in numbered)
        standard = twin(self.membrane_piece, pieces)
        if standard is None:
            return self._named(_compiled(self.membrane_piece, pieces, precision))
        return self._like(kernels.standard(standard, precision))

    def _numbered(self) -> list[str]:
        """Return the receptors by kind: neurons of the same parts are one compiled model, whatever they are called."""
        kinds = list(RESPONSES)
        return sorted(self.responses, key=lambda label: kinds.index(self.responses[label].piece))

    def _named(self, kernel: Kernel) -> Kernel:
        """Return a composed model with the names that the receptors have."""
        names: dict[str, str] = {}
        numbered = self._numbered()
        for number, label in enumerate(numbered, start=1):
            piece = RESPONSES[self.responses[label].piece]
            names |= {f"{name}_{number}": f"{label}.{name}" for name in (*piece.parameters, piece.variable)}
        return _renamed(kernel, names, tuple(numbered))

    def _like(self, kernel: Kernel) -> Kernel:
        """Return a standard cell with the names that the receptors have; what is not asked for is hidden."""
        names: dict[str, str] = {}
        labels = [*self.responses, "_unused"][:2]
        variable = RESPONSES[next(iter(self.responses.values())).piece].variable
        for label, (letter, side) in zip(labels, _SIDES, strict=True):
            names |= {f"{theirs}_{letter}": f"{label}.{ours}" for ours, theirs in _SYNAPTIC.items()}
            names[f"{variable}_{side}"] = f"{label}.{variable}"
        return _renamed(kernel, names, tuple(labels))

    def conductance_based_at(self, receptor: str) -> bool | None:
        response = self.responses.get(receptor)
        return None if response is None else bool(response.conductance_based)  # type: ignore[attr-defined]


@functools.cache
def _compiled(membrane: str, pieces: tuple[str, ...], precision: str) -> Kernel:
    """Return the kernel of a composition; a process reads the same text only once."""
    from ..native import kernels

    return kernels.compiled(composed(membrane, pieces), precision)


def _renamed(kernel: Kernel, names: Mapping[str, str], receptors: tuple[str, ...]) -> Kernel:
    return replace(
        kernel,
        parameters=MappingProxyType({names.get(name, name): value for name, value in kernel.parameters.items()}),
        states=MappingProxyType({names.get(name, name): value for name, value in kernel.states.items()}),
        receptors=receptors,
    )


def _check_parts(neuron: Any, receptors: Mapping[str, Any]) -> None:
    if not isinstance(neuron, Membrane):
        raise TypeError(f"PointNeuron({neuron!r}): a membrane is expected, LIF(...) or AdExp(...)")
    if not receptors:
        raise TypeError("PointNeuron: at least one receptor is expected, such as excitatory=ExpPSR(...)")
    for label, receptor in receptors.items():
        if not isinstance(receptor, PostSynapticResponse):
            raise TypeError(
                f"PointNeuron: {label}={receptor!r} is not an object of CurrExpPostSynapticResponse, "
                "CondExpPostSynapticResponse, CondAlphaPostSynapticResponse or CondBetaPostSynapticResponse"
            )
        if not label.isidentifier() or label.startswith("_"):
            raise errors.InvalidModelError(
                f"PointNeuron: a receptor cannot be called {label!r}, it has to be an identifier"
            )
        if label in {*neuron.default_parameters, *neuron.default_initial_values, *neuron.recordable}:
            raise errors.InvalidModelError(
                f"PointNeuron: a receptor cannot be called {label!r}, which {type(neuron).__name__} has already"
            )


def _class_of(membrane: type, responses: Mapping[str, Any]) -> type[PointNeuron]:
    """Return the class of neurons of these parts, which PyNN asks for names and defaults."""
    own: Any = membrane
    defaults = dict(own.default_parameters)
    units, initial, recordable = dict(own.units), dict(own.default_initial_values), list(own.recordable)
    for label, response in responses.items():
        names = [name for name in response.default_parameters if name != "locations"]
        defaults |= {f"{label}.{name}": response.default_parameters[name] for name in names}
        units |= {f"{label}.{name}": "mV" if name == "e_syn" else "ms" for name in names}
        units |= {f"{label}.{name}": response.units[name] for name in response.recordable}
        initial |= {f"{label}.{name}": value for name, value in response.default_initial_values.items()}
        recordable += [f"{label}.{name}" for name in response.recordable]
    kinds = {response.conductance_based for response in responses.values()}
    return type(
        "PointNeuron",
        (PointNeuron,),
        {
            "__module__": __name__,
            "__doc__": PointNeuron.__doc__,
            "membrane_piece": own.piece,
            "responses": MappingProxyType(dict(responses)),
            "default_parameters": defaults,
            "default_initial_values": initial,
            "translations": build_translations(*((name, name) for name in defaults)),
            "parameter_scales": own.parameter_scales,
            "recordable": recordable,
            "receptor_types": tuple(responses),
            "units": units,
            "injectable": True,
            "conductance_based": kinds.pop() if len(kinds) == 1 else None,
        },
    )
