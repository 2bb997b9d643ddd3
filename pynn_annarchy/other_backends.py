"""What scripts for other PyNN backends carry that has no meaning here: accepted, with one warning.

The tables are data: which keyword or call belongs to which backend. A name that is in none of them is an error where
Python makes it one, or a warning of its own in `setup()`, so that a misspelled keyword is not taken for a foreign one.
"""

from __future__ import annotations

import difflib
import functools
import warnings
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

Keywords = Mapping[str, tuple[str, ...]]
NONE: Mapping[str, Any] = MappingProxyType({})
F = TypeVar("F", bound=Callable[..., Any])

SETUP: Keywords = MappingProxyType(
    {
        "NEST": ("recording_precision", "rng_type", "spike_precision", "t_flush", "verbosity"),
        "NEURON": ("atol", "default_maxstep", "rtol", "use_cvode"),
        "SpiNNaker": (
            "database_socket_addresses",
            "debug",
            "graph_label",
            "machine",
            "n_boards_required",
            "n_chips_required",
            "time_scale_factor",
        ),
        "GeNN": ("backend", "model_name", "num_processes", "rank", "use_cpu"),
        "ANNarchy": (
            "paradigm",
            "show_time",
            "sparse_matrix_format",
            "suppress_warnings",
            "verbose",
            "visible_cores",
        ),
    }
)
# what other backends call the seed of the simulator's own random numbers; these do have a meaning here
SEEDS = ("rng_seed", "rng_seeds", "rng_seeds_seed", "grng_seed", "native_rng_baseseed")

POPULATION: Keywords = MappingProxyType(
    {
        "SpiNNaker": (
            "additional_parameters",
            "allow_delay_extensions",
            "constraints",
            "drop_late_spikes",
            "incoming_spike_buffer_size",
            "max_expected_summed_weight",
            "max_rate",
            "n_colour_bits",
            "n_steps_per_timestep",
            "n_synapse_cores",
            "neurons_per_core",
            "ring_buffer_sigma",
            "seed",
            "spikes_per_second",
            "splitter",
        ),
    }
)
PROJECTION: Keywords = MappingProxyType(
    {"GeNN": ("num_threads_per_spike", "use_procedural"), "SpiNNaker": ("download_synapses", "partition_id")}
)
# PyNN's common code has other names for these than the backends, whose scripts use theirs
PROJECTION_SYNONYMS: Mapping[str, str] = MappingProxyType(
    {"presynaptic_population": "presynaptic_neurons", "postsynaptic_population": "postsynaptic_neurons"}
)
NATIVE_RNG: Keywords = MappingProxyType({"GeNN": ("host_rng",)})
CONNECTOR: Keywords = MappingProxyType({"GeNN": ("on_device_init", "use_sparse"), "SpiNNaker": ("verbose",)})

# what sPyNNaker calls the synaptic currents of current-based cells
CURRENTS: Mapping[str, str] = MappingProxyType({"gsyn_exc": "isyn_exc", "gsyn_inh": "isyn_inh"})

_AS_MATRIX = "make the matrix of weights and use DenseMatrixConnector or SparseMatrixConnector"
_AS_EQUATIONS = "the equations are those of a leaky integrate-and-fire cell, see IF_curr_delta and IF_curr_exp"
_FIXED = "use create_synapse() and prune_synapse() of a projection, or the rules of a Synapse (docs/language.md)"

# Names that the modules of other backends have and that cannot work here; what to do instead.
ABSENT: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("IntFire1", "IntFire2", "IntFire4"), ("NEURON", _AS_EQUATIONS)),
        **dict.fromkeys(("Convolution", "ConvolutionConnector", "KernelConnector"), ("SpiNNaker", _AS_MATRIX)),
        **dict.fromkeys(("PoolDense", "PoolDenseConnector"), ("SpiNNaker", _AS_MATRIX)),
        **dict.fromkeys(("StructuralMechanismSTDP", "StructuralMechanismStatic"), ("SpiNNaker", _FIXED)),
        **dict.fromkeys(("LastNeuronSelection", "RandomSelection"), ("SpiNNaker", _FIXED)),
        **dict.fromkeys(("DistanceDependentFormation", "RandomByWeightElimination"), ("SpiNNaker", _FIXED)),
        "SpiNNakerProjection": ("SpiNNaker", "the class of all projections is Projection"),
        "external_devices": ("SpiNNaker", "no hardware can be attached; use SpikeSourceArray"),
        "extra_models": ("SpiNNaker", "list_standard_models() and native_cell_type() have what there is"),
        "get_machine": ("SpiNNaker", "there is no machine to ask; leave it out"),
        "nineml": ("NEURON", "9ML models are run by pyNN.neuron"),
    }
)


def warn_of_ignored(call: str, names: Iterable[str], table: Keywords, stacklevel: int) -> None:
    """Say in one warning which keywords are ignored, and whose they are."""
    given = sorted(names)
    parts = []
    for backend, keywords in table.items():
        theirs = [name for name in given if name in keywords]
        if theirs:
            parts.append(f"{', '.join(theirs)} ({backend})")
    if parts:
        _warn(f"{call}: these keywords of other backends have no meaning here: {'; '.join(parts)}", stacklevel + 1)


def warn_of_unknown(call: str, names: Iterable[str], ours: Iterable[str], table: Keywords, stacklevel: int) -> None:
    """Say of each name that no backend has it, and which keyword may have been meant."""
    ours = sorted(ours)
    for name in sorted(names):
        nearest = difflib.get_close_matches(name, [*ours, *belongs_to(table)], n=1)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"those of pyNN.annarchy are {', '.join(ours)}"
        _warn(f"{call}: {name!r} is no keyword of any backend and is ignored; {hint}", stacklevel + 1)


def _warn(message: str, stacklevel: int) -> None:
    warnings.warn(f"pyNN.annarchy: {message}", stacklevel=stacklevel + 1)


def own_name(celltype: Any, variable: str) -> str:
    """Return the name that a cell type has for a variable which a script may call as sPyNNaker does."""
    current = CURRENTS.get(variable, variable)
    return current if current in celltype.recordable and variable not in celltype.recordable else variable


def warn_of_currents(celltype: Any, variables: Iterable[str], stacklevel: int) -> None:
    """Say in one warning which conductances are currents."""
    renamed = [name for name in variables if own_name(celltype, name) != name]
    if renamed:
        ours = ", ".join(own_name(celltype, name) for name in renamed)
        _warn(
            f"record(): {', '.join(renamed)} of {type(celltype).__name__} (SpiNNaker) are currents in nA, called "
            f"{ours} here; they are recorded under the name that was given",
            stacklevel + 1,
        )


def belongs_to(table: Keywords) -> frozenset[str]:
    """Return all names of a table."""
    return frozenset(name for names in table.values() for name in names)


def forgiving(what: str, table: Keywords = NONE, synonyms: Mapping[str, str] = NONE) -> Callable[[F], F]:
    """Make a callable accept the keywords of other backends.

    Parameters
    ----------
    what
        Its name, for the warning.
    table
        Keywords that are taken away, with one warning for all of them.
    synonyms
        Other backends' names of parameters, and their names here.

    Returns
    -------
    function
        The decorator. What it returns has the additional keywords as attribute `foreign_keywords`.
    """
    foreign = belongs_to(table)

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def accept(*args: Any, **kwargs: Any) -> Any:
            theirs = foreign.intersection(kwargs)
            if theirs:
                warn_of_ignored(what, theirs, table, stacklevel=2)
                kwargs = {name: value for name, value in kwargs.items() if name not in theirs}
            for name, ours in synonyms.items():
                if name in kwargs:
                    if ours in kwargs:
                        raise TypeError(f"{what}: {name} and {ours} are the same argument, give one of them")
                    kwargs[ours] = kwargs.pop(name)
            return function(*args, **kwargs)

        accept.foreign_keywords = foreign.union(synonyms)  # type: ignore[attr-defined]
        return accept  # type: ignore[return-value]

    return decorate


# ---- calls -----------------------------------------------------------------------------------------------------------


def _tuning(backend: str, call: str) -> None:
    _warn(f"{call} tunes {backend} and has no meaning here", stacklevel=3)


def set_number_of_neurons_per_core(neuron_type: Any, max_permitted: Any) -> None:
    """Do nothing but warn: there are no cores to distribute neurons over (sPyNNaker)."""
    _tuning("SpiNNaker", "set_number_of_neurons_per_core()")


def set_number_of_synapse_cores(neuron_type: Any, n_synapse_cores: int | None) -> None:
    """Do nothing but warn: there are no cores for synapses (sPyNNaker)."""
    _tuning("SpiNNaker", "set_number_of_synapse_cores()")


def set_allow_delay_extensions(neuron_type: Any, allow_delay_extensions: bool) -> None:
    """Do nothing but warn: every delay is possible (sPyNNaker)."""
    _tuning("SpiNNaker", "set_allow_delay_extensions()")


def register_binary_search_path(search_path: str) -> None:
    """Do nothing but warn: there are no binaries to find (sPyNNaker)."""
    _tuning("SpiNNaker", "register_binary_search_path()")


def register_database_notification_request(hostname: str, notify_port: int, ack_port: int) -> None:
    """Do nothing but warn: there is no database to be told about (sPyNNaker)."""
    _tuning("SpiNNaker", "register_database_notification_request()")


class PopulationTuning:
    """Methods of sPyNNaker's populations that place cells on its machine."""

    def add_placement_constraint(self, x: int, y: int, p: int | None = None) -> None:
        """Do nothing but warn: there are no chips."""
        _tuning("SpiNNaker", "add_placement_constraint()")

    def set_mapping_constraint(self, constraint_dict: Mapping[str, int]) -> None:
        """Do nothing but warn: there are no chips."""
        _tuning("SpiNNaker", "set_mapping_constraint()")

    def set_constraint(self, constraint: Any) -> None:
        """Do nothing but warn: there are no chips."""
        _tuning("SpiNNaker", "set_constraint()")

    def set_max_atoms_per_core(self, max_atoms_per_core: Any) -> None:
        """Do nothing but warn: there are no cores to distribute neurons over."""
        _tuning("SpiNNaker", "set_max_atoms_per_core()")


class NestKernel:
    """What scripts for pyNN.nest do to NEST itself, as ``sim.nest``."""

    def set_verbosity(self, level: Any) -> None:
        """Do nothing but warn: there are no messages to suppress."""
        _tuning("NEST", "nest.set_verbosity()")

    def SetKernelStatus(self, params: Mapping[str, Any]) -> None:
        """Do nothing but warn: there is no NEST kernel."""
        _tuning("NEST", f"nest.SetKernelStatus({', '.join(params)})")

    def Install(self, module_name: str) -> None:
        """Raise NotImplementedError: a module for NEST holds models that the script is going to use."""
        raise NotImplementedError(f"nest.Install({module_name!r}): NEST's extension modules run in pyNN.nest only")

    def __setattr__(self, name: str, value: Any) -> None:
        """Do nothing but warn: attributes of NEST are properties of its kernel."""
        _tuning("NEST", f"nest.{name}")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"sim.nest.{name}: this is pyNN.annarchy, there is no NEST below it")


def missing(module: str, name: str) -> AttributeError:
    """Return the error for a name that the module does not have."""
    if name in ABSENT:
        backend, instead = ABSENT[name]
        return AttributeError(f"{name} belongs to PyNN's {backend} module and cannot work here: {instead}")
    return AttributeError(f"module {module!r} has no attribute {name!r}")
