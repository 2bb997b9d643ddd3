"""Every script of PyNN's examples: how it is run and compared, or why it is not."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Script:
    """A script that runs here.

    Attributes
    ----------
    case : the name of its reference, the file's unless a file has several cases
    arguments : what it gets behind the simulator's name
    peers : the backends that can run it
    keep : names of the data that it leaves in memory and writes nowhere
    printed : pattern of the lines of its output whose numbers are its result
    random : patterns of keys (``source|name``) that depend on random numbers of the simulator
    random_cells : cells of every population that is recorded which depend on such numbers, the others do not
    lazy : patterns of keys of weights that peers bring up to date only when a pre-synaptic spike arrives
    tolerance : for patterns of keys, the largest difference to a peer, see `example_comparison.compare`
    figure : whether the test asks for its figure too
    """

    case: str
    peers: tuple[str, ...] = ("nest", "neuron")
    file: str = ""
    arguments: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    printed: str = ""
    random: tuple[str, ...] = ()
    random_cells: tuple[int, ...] = ()
    lazy: tuple[str, ...] = ()
    tolerance: dict[str, dict[str, float]] = field(default_factory=dict)
    figure: bool = False

    def __post_init__(self) -> None:
        if not self.file:
            object.__setattr__(self, "file", f"{self.case}.py")


SCRIPTS = (
    Script("HH_cond_exp2", peers=("nest",)),
    Script("Izhikevich", figure=True),
    Script("StepCurrentSource"),
    Script("VAbenchmarks-CUBA", file="VAbenchmarks.py", arguments=("CUBA",), random=("*",)),
    Script("VAbenchmarks-COBA", file="VAbenchmarks.py", arguments=("COBA", "--use-views"), random=("*",)),
    Script("brunel", random=("*",)),
    Script("cell_type_demonstration", peers=("neuron",), figure=True),
    Script("connections", printed=r"Number of (?:Synapses|inputs) *: (.*)"),
    Script("current_injection", random_cells=(3,), figure=True),
    Script("gif_neuron", random_cells=(2, 3)),
    Script("inhomogeneous_network"),
    Script("monolith_vs_composed", keep=("data",), figure=True),
    Script("multi_synapse", keep=("data",)),
    Script("multiquantal_synapses", peers=("nest",), random=("*",)),
    Script("parameter_changes"),
    Script("random_distributions", peers=()),
    Script(
        "random_numbers",
        keep=("weights_python", "weights_native", "p1", "p2"),
        random=("weights_native*", "p1*", "p2*"),
    ),
    Script("simpleRandomNetwork"),
    Script("simpleRandomNetwork_csa", peers=("neuron",)),
    Script("simple_STDP", keep=("weights", "presynaptic_data"), lazy=("weights|*",), figure=True),
    Script("small_network", figure=True),
    Script("specific_network"),
    Script("stdp_network", keep=("exc_connections", "inh_connections", "stim_connections")),
    Script("stochastic_deterministic_comparison", peers=("neuron",), random=("*stochastic|*",)),
    Script("stochastic_synapses", random=("*stochastic|*",)),
    Script("stochastic_tsodyksmarkram", peers=("neuron",), random=("*stochastic|*",)),
    Script("synaptic_input", peers=("neuron",)),
    Script("tsodyksmarkram", figure=True),
    Script("update_spike_source_array", keep=("data",)),
    Script("varying_poisson", peers=("nest",), keep=("data",), random=("*",)),
)

EXCLUDED = {
    "distrib_example.py": "needs mpi4py: shows its communication between processes, simulates nothing",
    "nineml_brunel.py": "needs NineML's libraries, and imports pyNN.neuron whatever simulator is given",
    "nineml_neuron.py": "needs NineML's library and a backend's support for cells written in it",
    "nrn_artificial_cell.py": "NEURON's own artificial cells: imports pyNN.neuron",
}
