"""The fourth stage of the pipeline: a program as one C++ struct (`Program` to text), what all models share of it.

`print_neuron` and `print_synapse` put a struct together as csrc/neuron_model.h and csrc/synapse_model.h ask for it. It
is printed to be read: sections are titled, a user's equation stands above the line it became, and the order follows the
user's text.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from . import cxx
from .cxx import DERIVE, Dialect, member
from .ir import Adaptive, Body, DerivedConstant, Exponential, Let, Note, Program, Propagator, Statement, Store
from .symbols import Quantity, Truth, is_condition

_WIDTH = 118


def print_struct(program: Program, parts: Iterable[str]) -> str:
    """Return the C++ struct of a model, of its parts."""
    body = textwrap.indent("\n".join(parts), "  ", lambda line: bool(line.strip()))
    return f"struct {member(program.name)} {{\n{body}}};\n"


def metadata(program: Program, flags: Sequence[str], counts: Mapping[str, int], states: str) -> list[str]:
    """Return the declarations that begin a struct; its state variables go by the name ``states``."""
    bit = {parameter: 1 << index for index, parameter in enumerate(program.model.parameters)}
    depends = [f"{sum(bit[parameter] for parameter in c.depends):#x}u" for c in program.constants]
    numbers = {"n_params": len(bit), "n_constants": len(program.constants), **counts}
    return [
        f'static constexpr const char* name = "{program.name}";',
        f"static constexpr uint32_t flags = {' | '.join(flags) or '0'};",
        f"static constexpr uint32_t {', '.join(f'{name} = {count}' for name, count in numbers.items())};",
        array("const char*", "param_names", quoted(program.model.parameters)),
        array("double", "param_defaults", [repr(value) for value in program.model.parameters.values()]),
        array("const char*", "constant_names", quoted(constant.symbol for constant in program.constants)),
        array("uint64_t", "constant_depends", depends),
        array("const char*", f"{states}_names", quoted(program.states)),
        array("double", f"{states}_inits", [repr(value) for value in program.states.values()]),
    ]


def structs(program: Program) -> list[str]:
    """Return the structs that every model has."""
    return [
        struct("Parameters", "double", [parameter.name for parameter in program.model.parameters]),
        struct("State", "real", [state.name for state in program.states]),
        struct("Constants", "real", [constant.symbol.name for constant in program.constants]),
    ]


def quoted(symbols: Iterable[Quantity]) -> list[str]:
    """Return names as C++ strings."""
    return [f'"{symbol.name}"' for symbol in symbols]


def array(kind: str, name: str, values: Sequence[str]) -> str:
    """Return the declaration of a constant array."""
    values = values or ['""' if kind == "const char*" else "0"]  # C++ has no empty arrays; the count says none
    return filled(f"static constexpr {kind} {name}[] = {{", values, "};")


def filled(opening: str, values: Sequence[str], closing: str) -> str:
    """Return a list within braces, on as many lines as it needs."""
    line = opening + ", ".join(values) + closing
    if len(line) <= _WIDTH:
        return line
    wrapped = textwrap.wrap(", ".join(values), _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return opening.rstrip() + "\n" + textwrap.indent("\n".join(wrapped), "    ") + closing


def struct(name: str, kind: str, members: Sequence[str]) -> str:
    """Return a plain struct of members of one type."""
    if not members:
        return f"struct {name} {{}};"
    return f"struct {name} {{\n  " + filled(f"{kind} ", [member(m) for m in members], ";") + "\n};"


def load(kind: str, name: str, count: int) -> str:
    """Return the function that loads one element of arrays, the members of a struct in their order."""
    constant = "" if kind == "State" else "const "
    values = filled("  return {", [f"p[{j}][k]" for j in range(count)], "};")
    return f"static {kind} {name}({constant}real* const* p, size_t k) {{\n{values}\n}}"


def store(name: str, numbers: Sequence[Quantity], chosen: Collection[Quantity], kind: str = "State") -> str:
    """Return the function that stores some of the state variables, or members of another struct."""
    struct_name = {"State": "s", "Work": "w"}[kind]
    chosen_ones = [(j, number) for j, number in enumerate(numbers) if number in chosen]
    lines = [f"  p[{j}][k] = {struct_name}.{member(number.name)};\n" for j, number in chosen_ones]
    return f"static void {name}(real* const* p, size_t k, const {kind}& {struct_name}) {{\n{''.join(lines)}}}"


def derive(program: Program, what: str) -> str:
    """Return the function that computes the constants of one neuron, or of what it is."""
    lines = []
    if program.model.parameters:
        values = [f"params[{index}]" for index in range(len(program.model.parameters))]
        lines.append(filled("const Parameters p{", values, "};"))
    for propagator in program.propagators:
        lines += _propagator(propagator)
    for index, constant in enumerate(program.constants):
        lines.append(_constant(index, constant))
    body = textwrap.indent("\n".join(lines), "  ")
    unused = "(void)params, (void)dt_ms, (void)out"
    return f"// Constants of one {what}, computed when a parameter has changed.\n" + (
        f"static void derive(const double* params, double dt_ms, double* out) {{\n  {unused};\n{body}\n}}\n"
    )


def _propagator(propagator: Propagator) -> list[str]:
    name, size = propagator.name, propagator.size
    zero = DERIVE.literal("0")
    cells = [(row, column) for row in range(size) for column in range(size)]
    entries = [cxx.text(propagator.matrix[c], DERIVE) if c in propagator.matrix else zero for c in cells]
    span = "dt_ms" if propagator.fraction == 1 else f"{propagator.fraction!r} * dt_ms"
    return [
        filled(f"const double A{name}[] = {{", entries, "};"),
        f"double P{name}[{size * size}], Q{name}[{size * size}];",
        f"propagator<{size}>(A{name}, {span}, P{name}, Q{name});",
    ]


def _constant(index: int, constant: DerivedConstant) -> str:
    return f"out[{index}] = {cxx.text(constant.value, DERIVE)};  // {constant.symbol.name}"


def function(signature: str, body: Body, default: str = "", dialect: Dialect = cxx.STEP) -> str:
    """Return a function of the model; ``default`` is what it returns if the body has no result."""
    names = [argument.rpartition(" ")[2].lstrip("&") for argument in signature[:-1].partition("(")[2].split(",")]
    lines = [f"const real {cxx.draw_name(draw)} = real(x.random.{draw.name});" for draw in body.draws]
    for section in body.sections:
        lines += ["", f"// ---- {section.title}"]
        for statement in section.statements:
            lines += _PRINTERS[type(statement)](statement, dialect)
    result = default if body.result is None else cxx.text(body.result, dialect)
    lines += [f"return {result};"] if result else []
    inside = textwrap.indent("\n".join(lines), "  ", lambda line: bool(line.strip()))
    unused = ", ".join(f"(void){name}" for name in names if name != "s")
    return f"static inline {signature} {{\n  {unused};\n{inside}\n}}"


def _let(let: Let, dialect: Dialect) -> list[str]:
    kind = "bool" if isinstance(let.target, Truth) or is_condition(let.value) else "real"
    return [*_comment(let.comment), f"const {kind} {let.target.name} = {cxx.text(let.value, dialect)};"]


def _store(store: Store, dialect: Dialect) -> list[str]:
    return [*_comment(store.comment), f"{cxx.name(store.target)} = {cxx.text(store.value, dialect)};"]


def _comment(comment: str) -> list[str]:
    return [f"// {comment}"] if comment else []


def _adaptive(call: Adaptive, dialect: Dialect) -> list[str]:
    size = len(call.start)
    now = [f"{local.name} = y[{j}]" for j, local in enumerate(call.inside)]
    inside = ["using real = double;", filled("const double ", now, ";")]
    for let in call.body:
        inside += _let(let, cxx.BRANCH)
    for j, (derivative, comment) in enumerate(zip(call.derivatives, call.comments, strict=True)):
        inside += [*_comment(comment), f"dy[{j}] = {cxx.text(derivative, cxx.BRANCH)};"]
    start = [f"double({cxx.name(state)})" for state in call.start]
    substep = cxx.name(call.substep)
    arguments = f"{call.name}_y, x.t_ms, x.dt_ms, {substep}, {call.name}"
    lines = [
        f"const auto {call.name} = [&](double {call.time.name}, const double* y, double* dy) {{",
        f"  (void){call.time.name};",
        *textwrap.indent("\n".join(inside), "  ").split("\n"),
        "};",
        filled(f"double {call.name}_y[] = {{", start, "};"),
    ]
    if call.watch is None:
        lines.append(f"dopri5<real, {size}>({arguments});")
    else:
        level = f"{call.watch.index}, {cxx.text(call.watch.level, dialect)}"
        lines.append(f"const bool {call.watch.crossed.name} = dopri5<real, {size}>({arguments}, {level});")
    ends = [f"{local.name} = real({call.name}_y[{j}])" for j, local in enumerate(call.results) if local is not None]
    return [*lines, filled("const real ", ends, ";")]


def _exponential(call: Exponential, dialect: Dialect) -> list[str]:
    name, size = call.name, call.size
    entries = [f"double({cxx.text(entry, dialect)})" for entry in call.matrix]
    return [
        filled(f"const double {name}_a[] = {{", entries, "};"),
        f"double {name}_p[{size * size}], {name}_q[{size * size}];",
        f"propagator<{size}>({name}_a, double({cxx.text(call.time, dialect)}), {name}_p, {name}_q);",
    ]


def _note(note: Note, _: Dialect) -> list[str]:
    return [f"// {note.comment}  (written out where it is read)"]


_PRINTERS: dict[type[Statement], Callable[..., list[str]]] = {
    Let: _let,
    Store: _store,
    Adaptive: _adaptive,
    Exponential: _exponential,
    Note: _note,
}
