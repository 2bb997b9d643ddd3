"""A neuron's program as one C++ struct, with the members that csrc/neuron_model.h asks for."""

from __future__ import annotations

from .ir import Program
from .model import NeuronModel
from .printer import array, derive, filled, function, load, metadata, print_struct, store, struct, structs

_STEP = "bool step(State& s, const Constants& c, const Inputs& in, const StepContext& x)"


def print_neuron(program: Program, model: NeuronModel) -> str:
    """Return the C++ struct of a neuron model."""
    receptors = (*model.receptors, *model.continuous)
    flags = [*(["PA_SPIKING"] if model.spike else []), *(["PA_INJECTABLE"] if model.injectable else [])]
    counts = {"n_state": len(program.states), "n_inputs": len(receptors)}
    parts = [
        *metadata(program, flags, counts, "state"),
        array("const char*", "input_names", [f'"{receptor}"' for receptor in receptors]) + "\n",
        *structs(program),
        struct("Inputs", "real", receptors) + "\n",
        load("State", "load_state", len(program.states)),
        store("store_state", list(program.states), program.states),
        load("Constants", "load_constants", len(program.constants)),
        _take_inputs(receptors) + "\n",
        derive(program, "neuron"),
        "// One step; true if the neuron spikes.",
        function(_STEP, program.bodies["step"], "false") + "\n",
    ]
    return print_struct(program, parts)


def _take_inputs(receptors: tuple[str, ...]) -> str:
    count = range(len(receptors))
    taken = filled("  const Inputs in{", [f"real(p[{j}][k])" for j in count], "};")
    zeros = "".join(f"  p[{j}][k] = 0;\n" for j in count)
    return f"static Inputs take_inputs(acc* const* p, size_t k) {{\n{taken}\n{zeros}  return in;\n}}"
