"""The fourth stage of the pipeline: a program as one C++ struct (`Program` to text).

The struct has the members that csrc/neuron_model.h asks for. It is printed to be read: sections are titled, a user's
equation stands above the line it became, and the order follows the user's text.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence

from . import cxx
from .cxx import DERIVE, Dialect, member
from .ir import Adaptive, DerivedConstant, Let, Note, Program, Propagator, Section, Statement, Store
from .symbols import Quantity, Truth, is_condition

_WIDTH = 118


def print_struct(program: Program) -> str:
    """Return the C++ struct of a model."""
    parts = [
        _declarations(program),
        _struct("Parameters", "double", [parameter.name for parameter in program.parameters]),
        _struct("State", "real", [state.name for state in program.states]),
        _struct("Constants", "real", [constant.symbol.name for constant in program.constants]),
        _struct("Inputs", "real", program.receptors),
        _access(program),
        _derive(program),
        _step(program),
    ]
    body = textwrap.indent("\n".join(parts), "  ", lambda line: bool(line.strip()))
    return f"struct {member(program.name)} {{\n{body}}};\n"


def _declarations(program: Program) -> str:
    flags = [*(["PA_SPIKING"] if program.spikes else []), *(["PA_INJECTABLE"] if program.injectable else [])]
    bit = {parameter: 1 << index for index, parameter in enumerate(program.parameters)}
    depends = [f"{sum(bit[parameter] for parameter in c.depends):#x}u" for c in program.constants]
    lines = [
        f'static constexpr const char* name = "{program.name}";',
        f"static constexpr uint32_t flags = {' | '.join(flags) or '0'};",
        f"static constexpr uint32_t n_params = {len(program.parameters)}, n_constants = {len(program.constants)}, "
        f"n_state = {len(program.states)}, n_inputs = {len(program.receptors)};",
        _array("const char*", "param_names", _quoted(program.parameters)),
        _array("double", "param_defaults", [repr(value) for value in program.parameters.values()]),
        _array("const char*", "constant_names", _quoted(constant.symbol for constant in program.constants)),
        _array("uint64_t", "constant_depends", depends),
        _array("const char*", "state_names", _quoted(program.states)),
        _array("double", "state_inits", [repr(value) for value in program.states.values()]),
        _array("const char*", "input_names", [f'"{receptor}"' for receptor in program.receptors]),
    ]
    return "\n".join(lines) + "\n"


def _quoted(symbols: Iterable[Quantity]) -> list[str]:
    return [f'"{symbol.name}"' for symbol in symbols]


def _array(kind: str, name: str, values: Sequence[str]) -> str:
    values = values or ['""' if kind == "const char*" else "0"]  # C++ has no empty arrays; the count says none
    return _filled(f"static constexpr {kind} {name}[] = {{", values, "};")


def _filled(opening: str, values: Sequence[str], closing: str) -> str:
    """Return a list within braces, on as many lines as it needs."""
    line = opening + ", ".join(values) + closing
    if len(line) <= _WIDTH:
        return line
    wrapped = textwrap.wrap(", ".join(values), _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return opening.rstrip() + "\n" + textwrap.indent("\n".join(wrapped), "    ") + closing


def _struct(name: str, kind: str, members: Sequence[str]) -> str:
    if not members:
        return f"struct {name} {{}};"
    return f"struct {name} {{\n  " + _filled(f"{kind} ", [member(m) for m in members], ";") + "\n};"


def _access(program: Program) -> str:
    def loaded(count: int, element: Callable[[int], str]) -> str:
        return "\n" + _filled("  return {", [element(j) for j in range(count)], "};") + "\n"

    stores = "\n".join(f"  p[{j}][k] = s.{member(state.name)};" for j, state in enumerate(program.states))
    receptors = range(len(program.receptors))
    zeros = "".join(f"  p[{j}][k] = 0;\n" for j in receptors)
    taken = _filled("  const Inputs in{", [f"real(p[{j}][k])" for j in receptors], "};")
    constants = loaded(len(program.constants), lambda j: f"p[{j}][k]")
    states = loaded(len(program.states), lambda j: f"p[{j}][k]")
    return (
        f"\nstatic State load_state(real* const* p, size_t k) {{{states}}}\n"
        f"static void store_state(real* const* p, size_t k, const State& s) {{\n{stores}\n}}\n"
        f"static Constants load_constants(const real* const* p, size_t k) {{{constants}}}\n"
        f"static Inputs take_inputs(acc* const* p, size_t k) {{\n{taken}\n{zeros}  return in;\n}}\n"
    )


def _derive(program: Program) -> str:
    lines = []
    if program.parameters:
        values = [f"params[{index}]" for index in range(len(program.parameters))]
        lines.append(_filled("const Parameters p{", values, "};"))
    for propagator in program.propagators:
        lines += _propagator(propagator)
    for index, constant in enumerate(program.constants):
        lines.append(_constant(index, constant))
    body = textwrap.indent("\n".join(lines), "  ")
    unused = "(void)params, (void)dt_ms, (void)out"
    return "// Constants of one neuron, computed when a parameter has changed.\n" + (
        f"static void derive(const double* params, double dt_ms, double* out) {{\n  {unused};\n{body}\n}}\n"
    )


def _propagator(propagator: Propagator) -> list[str]:
    name, size = propagator.name, propagator.size
    zero = DERIVE.literal("0")
    cells = [(row, column) for row in range(size) for column in range(size)]
    entries = [cxx.text(propagator.matrix[c], DERIVE) if c in propagator.matrix else zero for c in cells]
    span = "dt_ms" if propagator.fraction == 1 else f"{propagator.fraction!r} * dt_ms"
    return [
        _filled(f"const double A{name}[] = {{", entries, "};"),
        f"double P{name}[{size * size}], Q{name}[{size * size}];",
        f"propagator<{size}>(A{name}, {span}, P{name}, Q{name});",
    ]


def _constant(index: int, constant: DerivedConstant) -> str:
    return f"out[{index}] = {cxx.text(constant.value, DERIVE)};  // {constant.symbol.name}"


def _step(program: Program) -> str:
    lines = [f"const real {cxx.draw_name(draw)} = real(x.random.{draw.name});" for draw in program.draws]
    for section in program.sections:
        lines += _section(section)
    lines.append(f"return {'false' if program.spikes is None else program.spikes.name};")
    body = textwrap.indent("\n".join(lines), "  ", lambda line: bool(line.strip()))
    signature = "static inline bool step(State& s, const Constants& c, const Inputs& in, const StepContext& x) {"
    return f"// One step; true if the neuron spikes.\n{signature}\n  (void)c, (void)in, (void)x;\n{body}\n}}\n"


def _section(section: Section) -> list[str]:
    lines = ["", f"// ---- {section.title}"]
    for statement in section.statements:
        lines += _PRINTERS[type(statement)](statement)
    return lines


def _let(let: Let, dialect: Dialect = cxx.STEP) -> list[str]:
    kind = "bool" if isinstance(let.target, Truth) or is_condition(let.value) else "real"
    return [*_comment(let.comment), f"const {kind} {let.target.name} = {cxx.text(let.value, dialect)};"]


def _store(store: Store) -> list[str]:
    return [*_comment(store.comment), f"{cxx.name(store.target)} = {cxx.text(store.value)};"]


def _comment(comment: str) -> list[str]:
    return [f"// {comment}"] if comment else []


def _adaptive(call: Adaptive) -> list[str]:
    size = len(call.start)
    now = [f"{local.name} = y[{j}]" for j, local in enumerate(call.inside)]
    inside = ["using real = double;", _filled("const double ", now, ";")]
    for let in call.body:
        inside += _let(let, cxx.SLOPE)
    for j, (derivative, comment) in enumerate(zip(call.derivatives, call.comments, strict=True)):
        inside += [*_comment(comment), f"dy[{j}] = {cxx.text(derivative, cxx.SLOPE)};"]
    start = [f"double({cxx.name(state)})" for state in call.start]
    substep = cxx.name(call.substep)
    arguments = f"{call.name}_y, x.t_ms, x.dt_ms, {substep}, {call.name}"
    lines = [
        f"const auto {call.name} = [&](double {call.time.name}, const double* y, double* dy) {{",
        f"  (void){call.time.name};",
        *textwrap.indent("\n".join(inside), "  ").split("\n"),
        "};",
        _filled(f"double {call.name}_y[] = {{", start, "};"),
    ]
    if call.watch is None:
        lines.append(f"dopri5<real, {size}>({arguments});")
    else:
        level = f"{call.watch.index}, {cxx.text(call.watch.level)}"
        lines.append(f"const bool {call.watch.crossed.name} = dopri5<real, {size}>({arguments}, {level});")
    ends = [f"{local.name} = real({call.name}_y[{j}])" for j, local in enumerate(call.results) if local is not None]
    return [*lines, _filled("const real ", ends, ";")]


def _note(note: Note) -> list[str]:
    return [f"// {note.comment}  (written out where it is read)"]


_PRINTERS: dict[type[Statement], Callable[..., list[str]]] = {
    Let: _let,
    Store: _store,
    Adaptive: _adaptive,
    Note: _note,
}
