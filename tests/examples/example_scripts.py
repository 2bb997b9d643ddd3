"""Every script of PyNN's examples: how it is run, what it is compared with and how exactly, or why it is not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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

FIRST_ORDER = "NEURON's fixed step is of first order: at a tenth of the script's step a tenth of the difference is left"
EULER = "PyNN's cell is integrated by Euler's method there, and the drift adds up from spike to spike"
FLAT = "; where v comes near its threshold slowly, that is up to 4 steps"


def neuron(why: str = "", **limits: Any) -> Peer:
    """NEURON at a tenth of the script's step."""
    return Peer("neuron", refine=10, why=FIRST_ORDER + why, **limits)


SCRIPTS = (
    Script("HH_cond_exp2", (NEST,)),
    Script(
        "Izhikevich",
        (
            Peer("nest", refine=10, steps={"*": 1.5}, signals={"*|v": 0.05}, why=EULER),
            neuron(f"; {EULER}", steps={"*": 1.5}, signals={"*|v": 0.05}),
        ),
    ),
    Script("StepCurrentSource", (NEST, neuron(signals={"*|v": 1e-3}))),
    Script("VAbenchmarks-CUBA", (NEST,), file="VAbenchmarks.py", arguments=("CUBA",), random=("*",)),
    Script("VAbenchmarks-COBA", (NEST,), file="VAbenchmarks.py", arguments=("COBA", "--use-views"), random=("*",)),
    Script("brunel", (NEST,), random=("*",)),
    Script(
        "cell_type_demonstration",
        (
            neuron(
                f"; Izhikevich: {EULER}; HH: its gate h starts at 0, not at PyNN's 1, and its rates come from a table "
                "with steps of 1 mV (ours is NEST's, see HH_cond_exp2)",
                steps={"* (HH)": 35, "* (Izhikevich)": 2},
                signals={"*|w": 1e-4, "*|u": 5e-3, "*|v*": 1e-2},
            ),
        ),
        parts={"HH": (1,), "Izhikevich": (4,)},
        figure=True,
    ),
    Script("connections", (NEST, NEURON), printed=r"Number of (?:Synapses|inputs) *: (.*)"),
    Script("current_injection", (NEST, neuron(signals={"*|v": 1e-3})), parts={"random": (3,)}, figure=True),
    Script("gif_neuron", (Peer("nest", refine=10), neuron(steps={"*": 1.5})), parts={"random": (2, 3)}),
    Script("inhomogeneous_network", (NEST, neuron(signals={"*|v": 0.1}))),
    Script("monolith_vs_composed", (NEST,), keep=("data",), figure=True),
    Script("multi_synapse", (NEST,), keep=("data",)),
    Script(
        "multiquantal_synapses",
        (
            Peer(
                "nest",
                divide={"*n=5|*": 5.0},
                since={"*facilitating*": 200.0},
                why="the weight is that of one site there, of all here and in NEURON; and NEST leaves the initial "
                "u, which the script sets, out of account at the first spike",
            ),
        ),
        random=("*",),
    ),
    Script(
        "parameter_changes",
        (
            Peer(
                "nest",
                refine=5,
                signals={"*|v": 0.02},
                why="NEST resets the cell within a step, where its integrator happens to halt, and the drift adds up: "
                "5 steps in 712 ms at the script's step, at a fifth of it what is shown",
            ),
        ),
    ),
    Script("random_distributions", (), about="no data: a figure of PyNN's own random numbers"),
    Script(
        "random_numbers",
        (NEST,),
        keep=("weights_python", "weights_native", "p1", "p2"),
        random=("weights_native*", "p1*", "p2*"),
    ),
    Script("simpleRandomNetwork", (NEST,)),
    Script("simpleRandomNetwork_csa", (neuron(FLAT, steps={"*": 4}, signals={"*|v": 0.1}),)),
    Script("simple_STDP", (NEST,), keep=("weights", "presynaptic_data"), lazy=("weights|*",), figure=True),
    Script(
        "small_network",
        (
            Peer(
                "nest",
                since={"*|v": 0.1},
                why="its sample at 0 ms is of other random numbers than those it starts with",
            ),
        ),
        figure=True,
    ),
    Script("specific_network", (NEST, neuron(signals={"*|v": 0.02}))),
    Script("stdp_network", (NEST,), keep=("exc_connections", "inh_connections", "stim_connections")),
    Script("stochastic_deterministic_comparison", (NEURON,), random=("*stochastic|*",)),
    Script("stochastic_synapses", (NEST,), random=("*stochastic|*",), jumps=("*stochastic|gsyn_inh",)),
    Script(
        "stochastic_tsodyksmarkram",
        (Peer("neuron", signals={"*|v": 5e-3}, why=FIRST_ORDER),),
        random=("*stochastic|*",),
        jumps=("*stochastic|gsyn_inh",),
    ),
    Script(
        "synaptic_input",
        (
            neuron(
                "; it has no IF_curr_delta, and Izhikevich's initial u has no effect there",
                signals={"*|v": 0.01},
                lacks=("* (initial u)",),
            ),
        ),
        parts={"initial u": (9,), "IF_curr_delta": (10, 11)},
    ),
    Script("tsodyksmarkram", (NEST, neuron(signals={"*|v": 2e-3, "*|gsyn_inh": 1e-5})), figure=True),
    Script(
        "update_spike_source_array",
        (
            Peer("nest", odd={"*": 1}, why="a spike within two steps of a new array is lost: NEST has gone on by then"),
            NEURON,
        ),
        keep=("data",),
    ),
    Script("varying_poisson", (NEST,), keep=("data",), random=("*",)),
)

POTJANS_RELEASE = "0.12.4"  # not in 0.13: the cortical column of Potjans and Diesmann, doi 10.1093/cercor/bhs358
POTJANS_SCALE = 0.05  # of cells and of connections of each: 3900 cells
POTJANS = Script(
    "Potjans2014",
    (Peer("nest", lacks=("*v",), why="v of 1 to 22 cells that share a network's fluctuations says little"),),
    file="potjans_driver.py",
    keep=("L23_E", "L23_I", "L4_E", "L4_I", "L5_E", "L5_I", "L6_E", "L6_I"),
    random=("*",),
)

EXCLUDED = {
    "distrib_example.py": "needs mpi4py: shows its communication between processes, simulates nothing",
    "nineml_brunel.py": "needs NineML's libraries, and imports pyNN.neuron whatever simulator is given",
    "nineml_neuron.py": "needs NineML's library and a backend's support for cells written in it",
    "nrn_artificial_cell.py": "NEURON's own artificial cells: imports pyNN.neuron",
}
