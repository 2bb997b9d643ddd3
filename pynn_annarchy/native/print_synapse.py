"""A synapse's program as one C++ struct, with the members that csrc/synapse_model.h asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import sympy

from . import symbols
from .cxx import BRANCH, STEP, Dialect, member
from .ir import Adaptive, Body, Exponential, Program, Section, Statement, Store, expressions
from .model import SynapseModel
from .printer import array, derive, function, load, metadata, print_struct, store, struct, structs
from .row_variables import row_variables
from .symbols import Quantity, State, Truth
from .target_variables import target_variables

_ARGUMENTS = "State& s, const Constants& c, const Post& post, const SynapseContext& x"
_WEIGHT, _ALL = Truth("x.held_weight"), Truth("x.held")  # members of SynapseContext
_VECTOR = frozenset({"vexp", "phi1", "exprel", "std::sqrt", "minimum", "maximum", "sign", "std::abs", ""})


def print_synapse(program: Program, model: SynapseModel) -> str:
    """Return the C++ struct of a synapse model."""
    bodies, states = program.bodies, list(program.states)
    remote = [symbol.name for symbol in model.remote]
    vector = all(map(_is_vector, bodies.values()))
    draws = any(body.draws for body in bodies.values())
    rows = row_variables(model)
    advances, skips = bool(bodies["advance"].sections), all(e.derivative for e in model.event_driven)
    advanced, arrived = _changes(bodies["advance"]), _changes(bodies["on_pre"])
    # What is advanced in two steps is advanced all the same; assignments may mean it otherwise.
    stays = all(e.derivative for e in rows.others) and advanced.isdisjoint(arrived)
    heard = _changes(bodies["on_post"]) | _changes(bodies["on_modulator"])
    targets = target_variables(model) if stays else None
    of_target = frozenset[State]() if targets is None else targets.states
    dialect = STEP if vector else BRANCH
    parts = [
        *metadata(program, _flags(program, model), {"n_variables": len(states), "n_post": len(remote)}, "variable"),
        array("const char*", "post_names", [f'"{name}"' for name in remote]),
        f"static constexpr bool vector = {_bool(vector)}, draws = {_bool(draws)};",
        f"static constexpr bool advances = {_bool(advances)}, skips = {_bool(skips)}, stays = {_bool(stays)};",
        f"static constexpr uint64_t row_variables = {_bits(states, rows.states)};",
        f"static constexpr uint64_t row_parameters = {_bits(model.parameters, rows.parameters)};",
        f"static constexpr bool echoes = {_bool(targets is not None)};",
        f"static constexpr bool heeds = {_bool(targets is not None and targets.heeded)};",
        f"static constexpr uint64_t target_variables = {_bits(states, of_target)};",
        f"static constexpr uint64_t target_parameters = "
        f"{_bits(model.parameters, frozenset() if targets is None else targets.parameters)};\n",
        *structs(program),
        struct("Post", "real", remote) + "\n",
        load("State", "load_state", len(states)),
        store("store_pre", states, (arrived if stays else advanced | arrived) - rows.states),
        store("store_post", states, advanced | heard),
        store("store_heard", states, (advanced | heard) - of_target),
        store("store_row", states, rows.states),
        store("store_tick", states, _changes(bodies["tick"])),
        _value(states),
        _either(states),
        load("Constants", "load_constants", len(program.constants)),
        load("Post", "load_post", len(remote)) + "\n",
        derive(program, "synapse"),
        "// Event-driven equations, over the time since the last event.",
        function(f"void advance({_ARGUMENTS})", _held(bodies["advance"], _ALL), dialect=dialect) + "\n",
        "// Those of variables that follow from arrivals alone, over the time since the last one.",
        function(f"void advance_row({_ARGUMENTS})", _held(bodies["advance_row"], _ALL), dialect=dialect) + "\n",
        "// A spike of the source; what the target gets.",
        function(f"real on_pre({_ARGUMENTS})", _held(bodies["on_pre"], _ALL), dialect=dialect) + "\n",
        "// A spike of the target.",
        function(f"void on_post({_ARGUMENTS})", _held(bodies["on_post"]), dialect=dialect) + "\n",
        "// A spike of the modulatory population.",
        function(f"void on_modulator({_ARGUMENTS})", _held(bodies["on_modulator"]), dialect=dialect) + "\n",
        "// One step of the equations that are not event-driven.",
        function(f"void tick({_ARGUMENTS})", _held(bodies["tick"]), dialect=dialect) + "\n",
        _transmission(model, bodies, dialect),
    ]
    return print_struct(program, parts)


def _flags(program: Program, model: SynapseModel) -> list[str]:
    last_pre = program.reads(symbols.SINCE_PRE)
    last_post = program.reads(symbols.SINCE_POST, symbols.LAST_POST)
    asked = {
        "PA_SYNAPSE_POST": bool(model.post) or last_post,
        "PA_SYNAPSE_MODULATED": bool(model.modulator),
        "PA_SYNAPSE_LAST_PRE": last_pre,
        "PA_SYNAPSE_LAST_POST": last_post,
        "PA_SYNAPSE_CLOCKED": bool(model.clocked),
        "PA_SYNAPSE_TRANSMITS": model.psp is not None,
        "PA_SYNAPSE_TIMELESS": not program.bodies["advance"].sections,
    }
    return [flag for flag, wanted in asked.items() if wanted]


def _transmission(model: SynapseModel, bodies: Mapping[str, Body], dialect: Dialect) -> str:
    if model.psp is None:
        return ""
    signature = f"real psp(const {_ARGUMENTS})"
    title = f"// What the target gets in every step: {model.psp.text}"
    return f"{title}\n{function(signature, bodies['psp'], dialect=dialect)}\n"


def _held(body: Body, others: Truth | None = None) -> Body:
    """The same, but the weight, and other variables, keep their values where the switches of a projection say so."""

    def guarded(statement: Statement) -> Statement:
        switch = _WEIGHT if isinstance(statement, Store) and statement.target.name == "w" else others
        if not isinstance(statement, Store) or switch is None:
            return statement
        return replace(statement, value=symbols.Select(switch, statement.target, statement.value))

    sections = (Section(section.title, tuple(map(guarded, section.statements))) for section in body.sections)
    return replace(body, sections=tuple(sections))


def _changes(body: Body) -> set[State]:
    return {s.target for section in body.sections for s in section.statements if isinstance(s, Store)}


def _is_vector(body: Body) -> bool:
    """Whether a function calls nothing that would keep a loop over synapses scalar."""
    statements = [statement for section in body.sections for statement in section.statements]
    if any(isinstance(statement, (Adaptive, Exponential)) for statement in statements):
        return False
    if any(not draw.name.startswith("uniform") for draw in body.draws):
        return False
    found = [e for statement in statements for e in expressions(statement)]
    found += [] if body.result is None else [body.result]
    calls = {call.cpp for e in found for call in e.atoms(symbols.Elementary)}
    powers = {power for e in found for power in e.atoms(sympy.Pow) if not power.exp.is_Integer}
    return calls <= _VECTOR and not powers


def _bits(symbols: Iterable[Quantity], chosen: Collection[Quantity]) -> str:
    return f"{sum(1 << k for k, symbol in enumerate(symbols) if symbol in chosen):#x}u"


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _either(states: Iterable[State]) -> str:
    values = ", ".join(f"select(first, a.{member(state.name)}, b.{member(state.name)})" for state in states)
    return f"static State either(bool first, const State& a, const State& b) {{\n  return {{{values}}};\n}}"


def _value(states: Iterable[State]) -> str:
    values = ", ".join(f"s.{member(state.name)}" for state in states)
    return (
        "static real value(const State& s, uint32_t which) {\n"
        f"  const real all[] = {{{values}}};\n  return all[which];\n}}"
    )
