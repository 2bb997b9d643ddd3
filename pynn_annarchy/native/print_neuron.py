"""A neuron's program as one C++ struct, with the members that csrc/neuron_model.h asks for."""

from __future__ import annotations

from . import cxx
from .halves import Halves, halves
from .ir import Program
from .model import NeuronModel
from .printer import array, derive, filled, function, load, metadata, print_struct, store, struct, structs

_ARGUMENTS = "State& s, const Constants& c, const Inputs& in, const StepContext& x"
_STEP = f"bool step({_ARGUMENTS})"
_BEGIN = f"flag begin({_ARGUMENTS}, Work& w)"
_FINISH = "bool finish(State& s, const Constants& c, const Work& w, const StepContext& x)"


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
        *_step(program),
    ]
    return print_struct(program, parts)


def _step(program: Program) -> list[str]:
    body = program.bodies["step"]
    parts = halves(body)
    if parts is None:
        return ["// One step; true if the neuron spikes.", function(_STEP, body, "false") + "\n"]
    names = [held.name for held in parts.held]
    first, second = Halves.stored(parts.first), Halves.stored(parts.second)
    far = " | ".join(f"outside({cxx.text(argument)})" for argument in parts.arguments)
    return [
        f"static constexpr uint32_t n_work = {len(names)};",
        struct("Work", "real", names),
        load("Work", "load_work", len(names)),
        store("store_work", parts.held, parts.held, "Work"),
        store("store_first", list(program.states), first),
        store("store_second", list(program.states), second) + "\n",
        "// A step up to phi1; negative if an argument of that is so far from 0 that no polynomial will do.",
        function(_BEGIN, parts.first, far) + "\n",
        "// The rest of the step; true if the neuron spikes.",
        "template <bool kNear>\n" + function(_FINISH, parts.second, "false", cxx.NEAR) + "\n",
    ]


def _take_inputs(receptors: tuple[str, ...]) -> str:
    count = range(len(receptors))
    taken = filled("  const Inputs in{", [f"real(p[{j}][k])" for j in count], "};")
    zeros = "".join(f"  p[{j}][k] = 0;\n" for j in count)
    return f"static Inputs take_inputs(acc* const* p, size_t k) {{\n{taken}\n{zeros}  return in;\n}}"
