"""Expressions as C++ text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sympy

from . import symbols
from .symbols import (
    Context,
    Derived,
    Draw,
    Elementary,
    Expr,
    Held,
    Input,
    Parameter,
    Post,
    Pre,
    Reduced,
    State,
    TimeStep,
)

# Words that a member of a struct cannot have as its name: C++ keywords, and macros of the headers a model includes.
_TAKEN = frozenset(
    """alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl
    concept const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype default delete
    do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable
    namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast
    requires return short signed sizeof static static_assert static_cast struct switch template this thread_local throw
    true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq NAN INFINITY
    HUGE_VAL HUGE_VALF HUGE_VALL EOF NULL OVERFLOW UNDERFLOW DOMAIN SING PLOSS TLOSS EDOM ERANGE EILSEQ
    linux unix isnan isinf isfinite isnormal signbit offsetof assert errno stdin stdout stderr""".split()
)


# Names of the generated code and of namespace pa: a member could hide a type, a model could be mistaken for a function.
_OURS = frozenset(
    """real acc flag State Constants Parameters Inputs Random StepContext Philox4 Update Dopri5 Tolerance philox
    to_unit vexp phi1 near_zero phi1_if Phi1Near in_registers Halved Loop Chunk step_alone in_halves n_work near
    outside kNear Work begin finish store_work load_work store_first store_second exprel select minimum maximum sign
    power propagator dopri5 push_spike update_chunks export_neuron pa std name flags load_state store_state
    load_constants take_inputs derive step update definition exported fill Exported abs sqrt exp log sin cos tan pow
    floor ceil binomial Post SynapseContext Group Copies TargetValues UniformConstants Occasion EventList Waiting
    load_post store_pre store_post store_tick value advance on_pre on_post on_modulator tick vector advances skips
    arrive catch_up observe export_synapse to_double at_least_one run_group context_at load_one load_target
    advance_to arrive_alone tick_alone log_factorial finite_rate RowsContext RowGroup RowWalk Pre Globals Operation
    load_pre load_globals load_shared load_row load_local store_shared store_row store_local store_weight psp learn
    learn_row learn_shared psp_at psp_group joined row_value sum_rows learn_at learn_group learn_row_of learn_rows
    export_rows some reduced folded operation_of draws learns learns_row learns_shared operation all pre post
    take_events arrive_at arrive_group tick_at tick_group next_spike earlier_in_step hear hear_at hear_alone
    hear_group hear_some kSilence kNoEvent""".split()
)
_MACROS = ("FP_", "M_", "MATH_", "PA_", "INT", "UINT", "PTRDIFF_", "SIG_", "SIZE_", "WCHAR_", "WINT_")


def member(name: str) -> str:
    """Return a user's name, or one as ``sum(exc)``, as the name of a C++ member or struct."""
    name = re.sub(r"\W+", "__", name)  # no name that a user gives has two underscores
    reserved = len(name) > 1 and name[0] == "_" and (name[1] == "_" or name[1].isupper())
    return f"{name}_" if reserved or name in _TAKEN or name in _OURS or name.startswith(_MACROS) else name


@dataclass(frozen=True)
class Dialect:
    """How numbers, selections and some functions are written."""

    literal: Callable[[str], str]
    select: str
    functions: Mapping[str, str] = field(default_factory=dict)


def _real(digits: str) -> str:
    return f"real({digits})"


def _double(digits: str) -> str:
    return digits if "." in digits or "e" in digits else f"{digits}.0"


# In a vector loop; in code for one neuron or synapse at a time, such as an adaptive integrator's slopes; in derive, in
# double.
STEP = Dialect(_real, "select({}, {}, {})")
NEAR = Dialect(_real, STEP.select, {"phi1": "x.phi1<kNear>"})  # in a loop that knows whether arguments are near 0
BRANCH = Dialect(_real, "({} ? {} : {})")
DERIVE = Dialect(_double, "({} ? {} : {})", {"vexp": "std::exp", "phi1": "exprel"})


def name(symbol: Expr) -> str:
    """Return how a variable is written."""
    prefixes = {
        State: "s",
        Parameter: "p",
        Derived: "c",
        Input: "in",
        Context: "x",
        Post: "post",
        Pre: "pre",
        Reduced: "all",
        Held: "w",
    }
    if isinstance(symbol, TimeStep):
        return "dt_ms"
    if isinstance(symbol, Draw):
        return draw_name(symbol)
    prefix = prefixes.get(type(symbol))
    return symbol.name if prefix is None else f"{prefix}.{member(symbol.name)}"


def draw_name(draw: Draw) -> str:
    """Return the variable that holds a random number."""
    return str(draw.name).replace("(", "_").replace(")", "")


def text(expression: Expr, dialect: Dialect = STEP) -> str:
    """Return an expression as C++, without parentheses around it."""
    if expression.is_Symbol:
        return name(expression)
    if expression.is_Number:
        return _number(expression, dialect)
    if isinstance(expression, sympy.Add):
        return _sum(expression, dialect)
    if isinstance(expression, sympy.Mul):
        return _product(expression, dialect)
    if isinstance(expression, sympy.Pow):
        return _power(expression, dialect)
    if isinstance(expression, symbols.Select):
        return _selection(expression, dialect)
    if isinstance(expression, symbols.Condition):
        return _condition(expression, dialect)
    if isinstance(expression, Elementary):
        spelling = dialect.functions.get(expression.cpp, expression.cpp)
        return f"{spelling}({', '.join(text(argument, dialect) for argument in expression.args)})"
    raise TypeError(f"no C++ for {type(expression).__name__}")


def _selection(expression: Expr, dialect: Dialect) -> str:
    if "?" in dialect.select:
        return dialect.select.format(*(_operand(argument, dialect) for argument in expression.args))
    condition, chosen, other = (text(argument, dialect) for argument in expression.args)
    return dialect.select.format(condition, chosen, other)


def _number(expression: Expr, dialect: Dialect) -> str:
    value = float(expression)
    digits = str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(abs(value))
    digits = digits.lstrip("-")
    return f"-{dialect.literal(digits)}" if value < 0 else dialect.literal(digits)


def _operand(expression: Expr, dialect: Dialect) -> str:
    """Return an expression with parentheses where an operator could tear it apart."""
    written = text(expression, dialect)
    if isinstance(expression, (sympy.Add, sympy.Mul)) or written.startswith("-"):
        return f"({written})"
    if isinstance(expression, sympy.Pow) and not written.endswith(")"):
        return f"({written})"
    return f"({written})" if isinstance(expression, symbols.Condition) and written[0] != "!" else written


def _sum(expression: Expr, dialect: Dialect) -> str:
    """Return a sum as a chain of fused multiply-adds: plain terms first, then products."""
    terms = [(isinstance(term, (sympy.Mul, sympy.Function)), text(term, dialect)) for term in expression.args]
    terms.sort(key=lambda term: (term[1].startswith("-"), term[0], term[1]))
    written = terms[0][1]
    for _, term in terms[1:]:
        written += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
    return written


def _product(expression: Expr, dialect: Dialect) -> str:
    coefficient, rest = expression.as_coeff_Mul()
    sign = "-" if coefficient < 0 else ""
    above = [] if abs(coefficient) == 1 else [_number(abs(coefficient), dialect)]
    below: list[str] = []
    for factor in sympy.Mul.make_args(rest):
        if isinstance(factor, sympy.Pow) and factor.exp.is_Integer and factor.exp < 0:
            below.append(_operand(sympy.Pow(factor.base, -factor.exp), dialect))
        else:
            above.append(_operand(factor, dialect))
    above.sort(key=lambda factor: (not factor.startswith(("c.", "real", "p.")), factor))
    numerator = " * ".join(above) or dialect.literal("1")
    if not below:
        return sign + numerator
    below.sort()
    return f"{sign}{numerator} / {below[0] if len(below) == 1 else '(' + ' * '.join(below) + ')'}"


def _power(expression: Expr, dialect: Dialect) -> str:
    base, exponent = expression.args
    if not exponent.is_Integer:
        return f"std::pow({text(base, dialect)}, {text(exponent, dialect)})"
    if exponent < 0:
        return f"{dialect.literal('1')} / {_operand(sympy.Pow(base, -exponent), dialect)}"
    if exponent == 2 and base.is_Symbol:
        return f"{text(base, dialect)} * {text(base, dialect)}"
    return f"power<{exponent}>({text(base, dialect)})"


_OPERATORS = {"Less": "<", "LessEqual": "<=", "Equal": "==", "Both": "&", "Either": "|"}


def _condition(expression: Expr, dialect: Dialect) -> str:
    operands = [_operand(argument, dialect) for argument in expression.args]
    if isinstance(expression, symbols.Negation):
        return f"!{operands[0] if operands[0].startswith('(') else '(' + operands[0] + ')'}"
    return f" {_OPERATORS[type(expression).__name__]} ".join(operands)
