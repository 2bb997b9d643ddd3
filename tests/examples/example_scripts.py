"""Every script of PyNN's examples: how it is run, what it is compared with and how exactly, or why it is not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Peer:
    """A backend that a script is compared with. Patterns are of keys, ``source|name``.

    Attributes
    ----------
    refine : both run at a time step that is this many times smaller than the script's
    steps : for patterns, how many of the script's time steps spikes may be apart; 1 if none fits
    odd : for patterns, how many spikes (or channels of weights) may have no counterpart; 0 if none fits
    signals : for patterns, how much samples may differ in the signal's unit; a millionth of the largest if none fits
    divide : for patterns, by what a peer's signals are divided
    since : for patterns, the time in ms before which signals are not compared
    lacks : patterns of keys that are not compared
    why : the reasons for all of these
    """

    simulator: str
    refine: int = 1
    steps: Mapping[str, float] = field(default_factory=dict)
    odd: Mapping[str, int] = field(default_factory=dict)
    signals: Mapping[str, float] = field(default_factory=dict)
    divide: Mapping[str, float] = field(default_factory=dict)
    since: Mapping[str, float] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Script:
    """A script that runs here.

    Attributes
    ----------
    case : the name of its reference, the file's unless a file has several cases
    peers : the backends that can run it
    arguments : what it gets behind the simulator's name
    keep : names of the data that it leaves in memory and writes nowhere
    printed : pattern of the lines of its output whose numbers are its result
    parts : cells whose data get a key ``... (name)`` of their own
    random : patterns of keys that depend on random numbers of the simulator; ``... (random)`` always does
    jumps : patterns of random signals that are compared by the number and the size of their jumps
    lazy : patterns of keys of weights that peers bring up to date only when a pre-synaptic spike arrives
    about : what the table says of a script without a peer
    figure : whether it draws a figure when it is told to
    """

    case: str
    peers: tuple[Peer, ...]
    file: str = ""
    arguments: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    printed: str = ""
    parts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    random: tuple[str, ...] = ()
    jumps: tuple[str, ...] = ()
    lazy: tuple[str, ...] = ()
    about: str = ""
    figure: bool = False

    def __post_init__(self) -> None:
        if not self.file:
            object.__setattr__(self, "file", f"{self.case}.py")


NEST, NEURON = Peer("nest"), Peer("neuron")

FIRST_ORDER = (
    "NEURON's fixed step is of first order, and every crossing of a threshold and every spike between two steps waits for "
    "the next: what is left at a tenth of the script's step is a tenth of the difference at the script's"
)
NEITHER = "PyNN's cell is of first order in its time step there (forward Euler), exact here: 8 steps apart in 100 ms at the script's"
CRITICAL = "; a few spikes are missed or won by microvolts, in whichever backend"


def neuron(refine: int = 10, why: str = "", **limits: object) -> Peer:
    """NEURON at smaller steps."""
    return Peer("neuron", refine=refine, why=FIRST_ORDER + why, **limits)  # type: ignore[arg-type]


SCRIPTS = (
    Script("HH_cond_exp2", (NEST,)),
    Script("Izhikevich", (NEST,)),
    Script("StepCurrentSource", (NEST, neuron(signals={"*|v": 1e-3}))),
    Script("VAbenchmarks-CUBA", (NEST,), file="VAbenchmarks.py", arguments=("CUBA",), random=("*",)),
    Script("VAbenchmarks-COBA", (NEST,), file="VAbenchmarks.py", arguments=("COBA", "--use-views"), random=("*",)),
    Script("brunel", (NEST,), random=("*",)),
    Script("cell_type_demonstration", (neuron(),), parts={"HH": (1,), "Izhikevich": (4,)}, figure=True),
    Script("connections", (NEST, NEURON), printed=r"Number of (?:Synapses|inputs) *: (.*)"),
    Script("current_injection", (NEST, neuron(signals={"*|v": 1e-3})), parts={"random": (3,)}, figure=True),
    Script("gif_neuron", (Peer("nest", refine=10), neuron()), parts={"random": (2, 3)}),
    Script("inhomogeneous_network", (NEST, neuron())),
    Script("monolith_vs_composed", (NEST,), keep=("data",), figure=True),
    Script("multi_synapse", (NEST,), keep=("data",)),
    Script("multiquantal_synapses", (NEST,), random=("*",)),
    Script("parameter_changes", (NEST,)),
    Script("random_distributions", ()),
    Script(
        "random_numbers",
        (NEST,),
        keep=("weights_python", "weights_native", "p1", "p2"),
        random=("weights_native*", "p1*", "p2*"),
    ),
    Script("simpleRandomNetwork", (NEST, neuron())),
    Script("simpleRandomNetwork_csa", (neuron(),)),
    Script("simple_STDP", (NEST,), keep=("weights", "presynaptic_data"), lazy=("weights|*",), figure=True),
    Script("small_network", (NEST, neuron()), figure=True),
    Script("specific_network", (NEST, neuron())),
    Script("stdp_network", (NEST,), keep=("exc_connections", "inh_connections", "stim_connections")),
    Script("stochastic_deterministic_comparison", (NEURON,), random=("*stochastic|*",)),
    Script("stochastic_synapses", (NEST,), random=("*stochastic|*",), jumps=("*stochastic|gsyn_inh",)),
    Script("stochastic_tsodyksmarkram", (NEURON,), random=("*stochastic|*",), jumps=("*stochastic|gsyn_inh",)),
    Script("synaptic_input", (neuron(),), parts={"IF_curr_delta": (10, 11)}),
    Script("tsodyksmarkram", (NEST, neuron()), figure=True),
    Script("update_spike_source_array", (NEST,), keep=("data",)),
    Script("varying_poisson", (NEST,), keep=("data",), random=("*",)),
)

EXCLUDED = {
    "distrib_example.py": "needs mpi4py: shows its communication between processes, simulates nothing",
    "nineml_brunel.py": "needs NineML's libraries, and imports pyNN.neuron whatever simulator is given",
    "nineml_neuron.py": "needs NineML's library and a backend's support for cells written in it",
    "nrn_artificial_cell.py": "NEURON's own artificial cells: imports pyNN.neuron",
}
