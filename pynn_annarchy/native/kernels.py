"""Where compiled models come from: modules built with the package, or a compiler just in time."""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from .spec import CxxText, NeuronText, SynapseText
from .toolchain import DEFAULT_TOOLCHAIN, Toolchain

if TYPE_CHECKING:
    from .ir import Program

_ABI_VERSION = 3
_SPIKING, _INJECTABLE, _SOURCE = 1, 2, 4
_POST, _MODULATED, _CLOCKED, _TRANSMITS = 1, 2, 16, 32
_PRECISION = {(8, 8): "double", (8, 4): "mixed", (4, 4): "single"}
_ISA_VARIABLE = "PYNN_ANNARCHY_ISA"


@dataclass(frozen=True)
class Kernel:
    """A compiled neuron model.

    Attributes
    ----------
    name
        Of the model.
    address
        Of its ``pa_neuron_kernel`` (csrc/abi.h), valid as long as the process lives.
    parameters, states
        Name to default value, in the kernel's order; names of internal states begin with an underscore.
    receptors
        Receptor types, in the order of the kernel's inputs.
    spiking, injectable, source
        Whether it emits spikes, takes injected current, is a spike source.
    precision
        ``"double"``, ``"mixed"`` or ``"single"``.
    text
        The equations it was compiled from just in time, or what it is for a device; None for those that come with the
        package.
    """

    name: str
    address: int
    parameters: Mapping[str, float]
    states: Mapping[str, float]
    receptors: tuple[str, ...]
    spiking: bool
    injectable: bool
    source: bool
    precision: str
    text: NeuronText | CxxText | None = None


@dataclass(frozen=True)
class SynapseKernel:
    """A compiled synapse model.

    Attributes
    ----------
    name
        Of the model.
    address
        Of its ``pa_synapse_kernel`` (csrc/abi.h), valid as long as the process lives.
    parameters, variables
        Name to default or initial value, in the kernel's order; names of internal variables begin with an underscore.
        One variable is ``w``, the weight.
    post
        State variables of the target that it reads.
    has_post, modulated, clocked
        Whether spikes of the target, and of a modulatory population, matter to it; whether it has equations that are
        evaluated in every step.
    precision
        ``"double"``, ``"mixed"`` or ``"single"``.
    transmits
        Whether the target gets something in every step.
    punctual
        Whether arrivals have to wait for their time in any case, because somebody looks.
    text
        Its equations, None for a model that was compiled with the package.
    """

    name: str
    address: int
    parameters: Mapping[str, float]
    variables: Mapping[str, float]
    post: tuple[str, ...]
    has_post: bool
    modulated: bool
    clocked: bool
    precision: str
    transmits: bool = False
    punctual: bool = False
    text: SynapseText | None = field(default=None, compare=False)

    @property
    def sources(self) -> tuple[str, ...]:
        """State variables of the source that it reads."""
        return tuple(name.removeprefix("_source.") for name in self.variables if name.startswith("_source."))

    @property
    def changes(self) -> tuple[tuple[str, str], ...]:
        """State variables of the source (``"pre"``) and of the target (``"post"``) that it adds to."""
        parts = [name[1:].partition(".") for name in self.variables if name.startswith(("_pre.", "_post."))]
        return tuple((side, name) for side, _, name in parts)

    @property
    def linked(self) -> bool:
        """Whether it reads variables of its source, or changes those of neurons."""
        return bool(self.sources or self.changes)

    @property
    def needs_late(self) -> bool:
        """Whether anything but spikes of the source matters to it, so that arrivals have to wait for their time."""
        with_neurons = bool(self.post) or self.linked
        return self.has_post or self.modulated or self.clocked or self.transmits or with_neurons or self.punctual


@dataclass(frozen=True)
class RowsKernel:
    """A compiled model of continuous synapses.

    Attributes
    ----------
    name
        Of the model.
    address
        Of its ``pa_rows_kernel`` (csrc/abi_rows.h), valid as long as the process lives.
    parameters, variables
        Name to default or initial value, in the kernel's order. One of them is ``w``, the weight.
    localities
        Of each parameter and variable: ``"local"``, ``"postsynaptic"`` or ``"projection"``.
    pre, post
        State variables of sources and targets that it reads.
    globals
        Reductions that it reads, as ``"mean(pre.r)"``.
    draws, learns
        Whether it draws random numbers for each synapse; whether it has equations of its own.
    precision
        ``"double"``, ``"mixed"`` or ``"single"``.
    direct
        Whether what is transmitted goes where spikes go, and not to a weighted sum.
    operation
        How what the synapses of a target transmit is joined: ``"sum"``, ``"mean"``, ``"max"`` or ``"min"``.
    text
        Its equations.
    """

    name: str
    address: int
    parameters: Mapping[str, float]
    variables: Mapping[str, float]
    localities: Mapping[str, str]
    pre: tuple[str, ...]
    post: tuple[str, ...]
    globals: tuple[str, ...]
    draws: bool
    learns: bool
    precision: str
    direct: bool = False
    operation: str = "sum"
    text: SynapseText | CxxText | None = field(default=None, compare=False)


_HEAD = (
    ("abi_version", ctypes.c_uint32),
    ("state_bytes", ctypes.c_uint32),
    ("acc_bytes", ctypes.c_uint32),
    ("flags", ctypes.c_uint32),
    ("name", ctypes.c_char_p),
    ("n_params", ctypes.c_uint32),
    ("param_names", ctypes.POINTER(ctypes.c_char_p)),
    ("param_defaults", ctypes.POINTER(ctypes.c_double)),
    ("n_constants", ctypes.c_uint32),
    ("constant_names", ctypes.POINTER(ctypes.c_char_p)),
    ("constant_depends", ctypes.POINTER(ctypes.c_uint64)),
    ("n_state", ctypes.c_uint32),
    ("state_names", ctypes.POINTER(ctypes.c_char_p)),
    ("state_inits", ctypes.POINTER(ctypes.c_double)),
)


class _Struct(ctypes.Structure):
    """pa_neuron_kernel of csrc/abi.h."""

    _fields_ = (
        *_HEAD,
        ("n_inputs", ctypes.c_uint32),
        ("input_names", ctypes.POINTER(ctypes.c_char_p)),
        ("derive", ctypes.c_void_p),
        ("update", ctypes.c_void_p),
    )


class _SynapseStruct(ctypes.Structure):
    """pa_synapse_kernel of csrc/abi.h, whose variables are called state here."""

    _fields_ = (
        *_HEAD,
        ("n_post", ctypes.c_uint32),
        ("post_names", ctypes.POINTER(ctypes.c_char_p)),
        ("derive", ctypes.c_void_p),
        ("arrive", ctypes.c_void_p),
        ("catch_up", ctypes.c_void_p),
        ("tick", ctypes.c_void_p),
        ("observe", ctypes.c_void_p),
    )


class _RowsStruct(ctypes.Structure):
    """pa_rows_kernel of csrc/abi_rows.h, whose ``draws`` is called flags and whose variables state here."""

    _fields_ = (
        *_HEAD[:8],
        ("param_locality", ctypes.POINTER(ctypes.c_uint32)),
        *_HEAD[8:],
        ("variable_locality", ctypes.POINTER(ctypes.c_uint32)),
        ("n_pre", ctypes.c_uint32),
        ("pre_names", ctypes.POINTER(ctypes.c_char_p)),
        ("n_post", ctypes.c_uint32),
        ("post_names", ctypes.POINTER(ctypes.c_char_p)),
        ("n_globals", ctypes.c_uint32),
        ("global_names", ctypes.POINTER(ctypes.c_char_p)),
        ("derive", ctypes.c_void_p),
        ("sum", ctypes.c_void_p),
        ("learn", ctypes.c_void_p),
    )


def _check(version: int) -> None:
    if version != _ABI_VERSION:
        raise RuntimeError(
            f"a compiled model has version {version} of the interface, this package has {_ABI_VERSION}: "
            "install the package again"
        )


def at(address: int) -> Kernel:
    """Return the description of the kernel at an address."""
    struct = _Struct.from_address(address)
    _check(struct.abi_version)
    return Kernel(
        name=struct.name.decode(),
        address=address,
        parameters=_mapping(struct.param_names, struct.param_defaults, struct.n_params),
        states=_mapping(struct.state_names, struct.state_inits, struct.n_state),
        receptors=tuple(struct.input_names[j].decode() for j in range(struct.n_inputs)),
        spiking=bool(struct.flags & _SPIKING),
        injectable=bool(struct.flags & _INJECTABLE),
        source=bool(struct.flags & _SOURCE),
        precision=_PRECISION[struct.state_bytes, struct.acc_bytes],
    )


def synapse_at(address: int) -> SynapseKernel:
    """Return the description of the synapse kernel at an address."""
    struct = _SynapseStruct.from_address(address)
    _check(struct.abi_version)
    return SynapseKernel(
        name=struct.name.decode(),
        address=address,
        parameters=_mapping(struct.param_names, struct.param_defaults, struct.n_params),
        variables=_mapping(struct.state_names, struct.state_inits, struct.n_state),
        post=tuple(struct.post_names[j].decode() for j in range(struct.n_post)),
        has_post=bool(struct.flags & _POST),
        modulated=bool(struct.flags & _MODULATED),
        clocked=bool(struct.flags & _CLOCKED),
        transmits=bool(struct.flags & _TRANSMITS),
        precision=_PRECISION[struct.state_bytes, struct.acc_bytes],
    )


_LOCALITIES = ("local", "postsynaptic", "projection")


def rows_at(address: int) -> RowsKernel:
    """Return the description of the kernel of continuous synapses at an address."""
    struct = _RowsStruct.from_address(address)
    _check(struct.abi_version)
    parameters = _mapping(struct.param_names, struct.param_defaults, struct.n_params)
    variables = _mapping(struct.state_names, struct.state_inits, struct.n_state)
    localities = {name: _LOCALITIES[struct.param_locality[j]] for j, name in enumerate(parameters)}
    localities |= {name: _LOCALITIES[struct.variable_locality[j]] for j, name in enumerate(variables)}
    return RowsKernel(
        name=struct.name.decode(),
        address=address,
        parameters=parameters,
        variables=variables,
        localities=MappingProxyType(localities),
        pre=_names(struct.pre_names, struct.n_pre),
        post=_names(struct.post_names, struct.n_post),
        globals=_names(struct.global_names, struct.n_globals),
        draws=bool(struct.flags),
        learns=bool(struct.learn),
        precision=_PRECISION[struct.state_bytes, struct.acc_bytes],
    )


def _names(names: ctypes.Array[ctypes.c_char_p], n: int) -> tuple[str, ...]:
    return tuple(_text(names[j]) for j in range(n))


def _mapping(
    names: ctypes.Array[ctypes.c_char_p], values: ctypes.Array[ctypes.c_double], n: int
) -> Mapping[str, float]:
    return MappingProxyType({_text(names[j]): float(values[j]) for j in range(n)})


def _text(name: object) -> str:
    assert isinstance(name, bytes)
    return name.decode()


def standard(name: str, precision: str = "double") -> Kernel:
    """Return a model that was compiled with the package.

    Raises
    ------
    KeyError
        If there is no model of that name; the message lists those there are.
    """
    return at(_found(name, _module("models", precision).addresses, "model"))


def standard_synapse(name: str, precision: str = "double") -> SynapseKernel:
    """Return a synapse model that was compiled with the package.

    Raises
    ------
    KeyError
        If there is no model of that name; the message lists those there are.
    """
    return synapse_at(_found(name, _module("synapses", precision).synapses, "synapse model"))


def _found(name: str, addresses: Mapping[str, int], what: str) -> int:
    if name not in addresses:
        raise KeyError(f"no standard {what} {name!r}; there are {', '.join(sorted(addresses))}")
    return addresses[name]


def standard_names() -> tuple[str, ...]:
    """Return the names of the models that were compiled with the package."""
    return tuple(_module("models", "double").addresses)


def standard_synapse_names() -> tuple[str, ...]:
    """Return the names of the synapse models that were compiled with the package."""
    return tuple(_module("synapses", "double").synapses)


def compiled(text: NeuronText, precision: str = "double", toolchain: Toolchain = DEFAULT_TOOLCHAIN) -> Kernel:
    """Return a model compiled from its text, just in time or from the cache on disk.

    Raises
    ------
    EquationError
        If the text is not of the equation language.
    CompilerError
        If there is no C++ compiler.
    """
    program, shared = _loaded(text, precision, toolchain)
    kernel = at(_call(shared, "pa_neuron_kernel_get"))
    return replace(kernel, parameters=_values(program.model.parameters), states=_values(program.states), text=text)


def compiled_synapse(
    text: SynapseText, precision: str = "double", toolchain: Toolchain = DEFAULT_TOOLCHAIN
) -> SynapseKernel:
    """Return a synapse model compiled from its text, just in time or from the cache on disk.

    Raises
    ------
    EquationError
        If the text is not of the equation language.
    CompilerError
        If there is no C++ compiler.
    """
    program, shared = _loaded(text, precision, toolchain)
    kernel = synapse_at(_call(shared, "pa_synapse_kernel_get"))
    values = _values(program.model.parameters), _values(program.states)
    return replace(kernel, parameters=values[0], variables=values[1], text=text)


def compiled_rows(text: SynapseText, precision: str = "double", toolchain: Toolchain = DEFAULT_TOOLCHAIN) -> RowsKernel:
    """Return a model of continuous synapses compiled from its text, just in time or from the cache on disk.

    Raises
    ------
    EquationError
        If the text is not of the equation language.
    CompilerError
        If there is no C++ compiler.
    """
    from .model import RowsModel

    program, shared = _loaded(text, precision, toolchain)
    kernel = rows_at(_call(shared, "pa_rows_kernel_get"))
    values = _values(program.model.parameters), _values(program.states)
    assert isinstance(program.model, RowsModel)
    return replace(kernel, parameters=values[0], variables=values[1], operation=program.model.operation, text=text)


def _values(values: Mapping[Any, float]) -> Mapping[str, float]:
    return MappingProxyType({symbol.name: float(value) for symbol, value in values.items()})


def _loaded(text: NeuronText | SynapseText, precision: str, toolchain: Toolchain) -> tuple[Program, ctypes.CDLL]:
    """Return a model's program and its library, which is the same for all default and initial values."""
    from . import build, compile

    program = compile.program(text)
    source = compile.library_source(compile.without_defaults(program))
    path = build.library(source, precision, toolchain)
    try:
        shared = ctypes.CDLL(str(path))
    except OSError:  # a damaged file: build it once more, and let a second failure speak
        shared = ctypes.CDLL(str(build.rebuild(path, source, precision, toolchain)))
    return program, shared


def _call(shared: ctypes.CDLL, name: str) -> int:
    get = shared[name]
    get.restype = ctypes.c_void_p
    return int(get())


@functools.cache
def _module(kind: str, precision: str) -> ModuleType:
    if precision not in _PRECISION.values():
        raise ValueError(f"precision must be one of {', '.join(_PRECISION.values())}, not {precision!r}")
    return importlib.import_module(f"{__package__}._{kind}_{instruction_set()}_{precision}")


@functools.cache
def instruction_set() -> str:
    """Return which of the package's builds this processor runs: ``"avx2"`` or ``"baseline"``."""
    chosen = os.environ.get(_ISA_VARIABLE)
    if chosen is not None:
        if chosen not in ("avx2", "baseline"):
            raise ValueError(f"{_ISA_VARIABLE} must be avx2 or baseline, not {chosen!r}")
        return chosen
    built = importlib.util.find_spec(f"{__package__}._models_avx2_double") is not None  # not for universal2 Pythons
    return "avx2" if built and {"avx2", "fma"} <= _processor_flags() else "baseline"


def _processor_flags() -> set[str]:
    """Return the names of this processor's instruction sets, as far as the system tells."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return set()
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
            line = next((line for line in lines if line.startswith("flags")), "")
            return set(line.partition(":")[2].split())
    except OSError:
        return _darwin_flags()


def _darwin_flags() -> set[str]:
    """Return the same on macOS, whose C library tells it by name."""
    if platform.system() != "Darwin":
        return set()
    library = ctypes.CDLL(None)
    found = set()
    for name, key in (("avx2", b"hw.optional.avx2_0"), ("fma", b"hw.optional.fma")):
        value, size = ctypes.c_int(0), ctypes.c_size_t(4)
        if library.sysctlbyname(key, ctypes.byref(value), ctypes.byref(size), None, 0) == 0 and value.value:
            found.add(name)
    return found
