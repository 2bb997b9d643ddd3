"""The program of continuous synapses as one C++ struct, with the members that csrc/rows_model.h asks for."""

from __future__ import annotations

from collections.abc import Collection

from .cxx import member
from .integrate_rows import FUNCTIONS
from .ir import Program
from .model import RowsModel
from .parse_rows import LOCAL, LOCALITIES, POSTSYNAPTIC, PROJECTION, WEIGHT
from .printer import array, derive, function, load, metadata, print_struct, quoted, store, struct, structs
from .symbols import Quantity, State

_ARGUMENTS = "State& s, const Constants& c, const Pre& pre, const Post& post, const Globals& all, const RowsContext& x"
_OPERATIONS = {"sum": "kSum", "max": "kMax", "min": "kMin", "mean": "kMean"}
_LOAD = {LOCAL: "load_local", POSTSYNAPTIC: "load_row", PROJECTION: "load_shared"}
_STORE = {LOCAL: "store_local", POSTSYNAPTIC: "store_row", PROJECTION: "store_shared"}


def print_rows(program: Program, model: RowsModel) -> str:
    """Return the C++ struct of a model of continuous synapses."""
    bodies, states = program.bodies, list(program.states)
    remote = {"Pre": model.pre, "Post": model.post, "Globals": model.reduced}
    counts = {"n_variables": len(states)} | {f"n_{k.lower()}": len(v) for k, v in remote.items()}
    learned = {name: bool(bodies[name].sections) for name in FUNCTIONS.values()}
    switches = {"draws": bool(bodies["psp"].draws or bodies["learn"].draws), "learns": learned["learn"],
                "learns_row": learned["learn_row"], "learns_shared": learned["learn_shared"]}  # fmt: skip
    parts = [
        *metadata(program, [], counts, "variable"),
        _localities("param", model.parameters, model),
        _localities("variable", states, model),
        array("const char*", "pre_names", quoted(model.pre)),
        array("const char*", "post_names", quoted(model.post)),
        array("const char*", "global_names", quoted(model.reduced)),
        f"static constexpr Operation operation = Operation::{_OPERATIONS[model.operation]};",
        f"static constexpr bool {', '.join(f'{k} = {str(v).lower()}' for k, v in switches.items())};\n",
        *structs(program),
        *(struct(name, "real", [symbol.name for symbol in read]) for name, read in remote.items()),
        "",
        *(_load(_LOAD[locality], states, _of(locality, states, model)) for locality in LOCALITIES),
        *(store(_STORE[locality], states, _of(locality, states, model) - {State(WEIGHT)}) for locality in LOCALITIES),
        store("store_weight", states, {State(WEIGHT)}),
        load("Constants", "load_constants", len(program.constants)),
        *(load(name, f"load_{name.lower()}", len(read)) for name, read in remote.items()),
        "",
        derive(program, "synapse"),
        f"// What a synapse transmits: {model.psp.text}",
        function(f"real psp({_ARGUMENTS.replace('State', 'const State', 1)})", bodies["psp"]) + "\n",
        "// One step of the equations of the projection, of a target, of a synapse.",
        *(function(f"void {name}({_ARGUMENTS})", bodies[name]) + "\n" for name in FUNCTIONS.values()),
    ]
    return print_struct(program, parts)


def _of(locality: str, states: Collection[State], model: RowsModel) -> set[State]:
    return {state for state in states if model.localities.get(state.name, LOCAL) == locality}


def _localities(what: str, symbols: Collection[Quantity], model: RowsModel) -> str:
    names = {LOCAL: "PA_LOCAL", POSTSYNAPTIC: "PA_POSTSYNAPTIC", PROJECTION: "PA_PROJECTION"}
    values = [names[model.localities.get(symbol.name, LOCAL)] for symbol in symbols]
    return array("uint32_t", f"{what}_locality", values)


def _load(name: str, states: list[State], chosen: Collection[State]) -> str:
    lines = [f"  s.{member(state.name)} = p[{j}][k];\n" for j, state in enumerate(states) if state in chosen]
    return f"static void {name}(State& s, real* const* p, size_t k) {{\n{''.join(lines)}}}"
