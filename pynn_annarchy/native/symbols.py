"""The leaves and the functions that expressions are made of.

Every kind of name is a class of sympy symbol of its own, so that a parameter and a local variable of one name stay
apart and names that sympy defines itself (``E I S N Q beta gamma lambda``) mean nothing special. The functions are
classes of our own without automatic simplification: what sympy does to its own ones costs time, and depends on its
version.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import sympy

Expr = Any  # sympy has no useful static types: an expression is a sympy.Expr whose leaves are the classes below


class Quantity(sympy.Symbol):  # type: ignore[misc]
    """A named real number; ``static`` if it follows from parameters and the time step alone."""

    static: ClassVar[bool] = False

    def __new__(cls, name: str) -> Quantity:
        return super().__new__(cls, name, real=True)  # type: ignore[no-any-return]


class Parameter(Quantity):
    """A parameter of the model."""

    static = True


class TimeStep(Quantity):
    """The time step in ms."""

    static = True


class Entry(Quantity):
    """An element of a matrix that is computed in ``derive``; its name is its C++ text."""

    static = True


class State(Quantity):
    """A state variable, at its current value."""


class Context(Quantity):
    """Something the engine tells the step: injected current, time."""


class Input(Quantity):
    """What arrived at a receptor at the end of the step."""


class Post(Quantity):
    """A state variable of a synapse's target."""


class Pre(Quantity):
    """A variable of a synapse's source."""


class Reduced(Quantity):
    """A number made of a variable of all neurons of a population."""


class Draw(Quantity):
    """A random number of this neuron in this step, or of this synapse at this event; its name says which distribution
    and which draw."""


class Local(Quantity):
    """A variable of the generated function."""


class Held(Quantity):
    """What the first half of a step leaves for the second."""


class Derived(Quantity):
    """A constant that ``derive`` computes."""


PI = sympy.Float(3.141592653589793)
DT = TimeStep("dt")
TIME = Context("t_ms")
INJECTED = Context("injected")
ELAPSED = Context("elapsed")
SINCE_PRE, SINCE_POST = Context("since_pre"), Context("since_post")
LAST_POST = Context("t_post")
EMITTED, TRAVELLED = Context("t_emitted"), Context("travelled")  # of a spike that arrives: when it was sent, its age


def is_static(expression: Expr) -> bool:
    """Whether an expression depends on parameters and the time step only."""
    return all(symbol.static for symbol in expression.free_symbols)


class Elementary(sympy.Function):  # type: ignore[misc]
    """A function of real numbers: its C++ spelling, and its value if all its arguments are numbers."""

    is_commutative = True
    is_real = True
    cpp: ClassVar[str] = ""
    fold: ClassVar[Callable[..., float]]

    @classmethod
    def eval(cls, *arguments: Expr) -> Expr | None:
        """Return the value if it is a number already, else None (sympy's protocol)."""
        if not all(argument.is_Number for argument in arguments):
            return None
        try:
            value = cls.fold(*(float(argument) for argument in arguments))
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        return number(value) if math.isfinite(value) else None


def number(value: float) -> Expr:
    """Return the sympy number of exactly this value; whole numbers as integers, so that ``x**2.0`` is a product."""
    if value == int(value) and abs(value) < 2**53:
        return sympy.Integer(int(value))
    return sympy.Float(value)


def _function(name: str, count: int, cpp: str, fold: Callable[..., float]) -> type[Elementary]:
    return type(name, (Elementary,), {"nargs": count, "cpp": cpp, "fold": staticmethod(fold), "__module__": __name__})


def _exprel(x: float) -> float:
    return math.expm1(x) / x if x != 0 else 1.0


Exp = _function("Exp", 1, "vexp", math.exp)
Sqrt = _function("Sqrt", 1, "std::sqrt", math.sqrt)
Power = _function("Power", 2, "std::pow", math.pow)
Phi1 = _function("Phi1", 1, "phi1", _exprel)
Minimum = _function("Minimum", 2, "minimum", min)
Maximum = _function("Maximum", 2, "maximum", max)
Nearest = _function("Nearest", 1, "std::nearbyint", round)
Exprel = _function("Exprel", 1, "exprel", _exprel)
Absolute = _function("Absolute", 1, "std::abs", abs)
FiniteRate = _function("FiniteRate", 1, "finite_rate", lambda x: min(max(x, -1e30), 1e30))
# Of a uniform random number, and never of numbers only.
Binomial = _function("Binomial", 3, "binomial", lambda u, n, p: math.nan)
GammaVariate = _function("GammaVariate", 2, "gamma_variate", lambda u, shape: math.nan)
Floor = _function("Floor", 1, "std::floor", math.floor)

FUNCTIONS: dict[str, type[Elementary]] = {
    "exp": Exp,
    "log": _function("Log", 1, "std::log", math.log),
    "log10": _function("Log10", 1, "std::log10", math.log10),
    "log2": _function("Log2", 1, "std::log2", math.log2),
    "log1p": _function("Log1p", 1, "std::log1p", math.log1p),
    "expm1": _function("Expm1", 1, "std::expm1", math.expm1),
    "sqrt": Sqrt,
    "sin": _function("Sin", 1, "std::sin", math.sin),
    "cos": _function("Cos", 1, "std::cos", math.cos),
    "tan": _function("Tan", 1, "std::tan", math.tan),
    "asin": _function("Asin", 1, "std::asin", math.asin),
    "acos": _function("Acos", 1, "std::acos", math.acos),
    "atan": _function("Atan", 1, "std::atan", math.atan),
    "atan2": _function("Atan2", 2, "std::atan2", math.atan2),
    "sinh": _function("Sinh", 1, "std::sinh", math.sinh),
    "cosh": _function("Cosh", 1, "std::cosh", math.cosh),
    "tanh": _function("Tanh", 1, "std::tanh", math.tanh),
    "asinh": _function("Asinh", 1, "std::asinh", math.asinh),
    "acosh": _function("Acosh", 1, "std::acosh", math.acosh),
    "atanh": _function("Atanh", 1, "std::atanh", math.atanh),
    "erf": _function("Erf", 1, "std::erf", math.erf),
    "cbrt": _function("Cbrt", 1, "std::cbrt", lambda x: math.copysign(abs(x) ** (1 / 3), x)),
    "abs": Absolute,
    "floor": Floor,
    "ceil": _function("Ceil", 1, "std::ceil", math.ceil),
    "round": Nearest,
    "sign": _function("Sign", 1, "sign", lambda x: float((x > 0) - (x < 0))),
    "exprel": Exprel,
    "modulo": _function("Modulo", 2, "std::fmod", math.fmod),
}


class Truth(Quantity):
    """A truth value: a flag variable of the generated function, or the constants ``true`` and ``false``."""


class Constant(Truth):
    """``true`` or ``false``."""

    static = True


TRUE = Constant("true")
FALSE = Constant("false")


def _truth(value: bool) -> Quantity:
    return TRUE if value else FALSE


class Condition(sympy.Function):  # type: ignore[misc]
    """Something that is true or false."""

    is_commutative = True


class Comparison(Condition):
    """A comparison of two numbers."""

    nargs = 2

    @staticmethod
    def holds(left: float, right: float) -> bool:
        """Whether the comparison is true of two numbers."""
        raise NotImplementedError

    @classmethod
    def eval(cls, left: Expr, right: Expr) -> Expr | None:
        """Return the truth if both sides are numbers already, else None (sympy's protocol)."""
        return _truth(cls.holds(float(left), float(right))) if left.is_Number and right.is_Number else None


class Less(Comparison):
    """left < right."""

    @staticmethod
    def holds(left: float, right: float) -> bool:
        """Whether the comparison is true of two numbers."""
        return left < right


class LessEqual(Comparison):
    """left <= right."""

    @staticmethod
    def holds(left: float, right: float) -> bool:
        """Whether the comparison is true of two numbers."""
        return left <= right


class Equal(Comparison):
    """left == right."""

    @staticmethod
    def holds(left: float, right: float) -> bool:
        """Whether the comparison is true of two numbers."""
        return left == right


class Both(Condition):
    """left and right."""

    nargs = 2

    @classmethod
    def eval(cls, left: Expr, right: Expr) -> Expr | None:
        """Return the result if one side decides it (sympy's protocol)."""
        if FALSE in (left, right):
            return FALSE
        if left == TRUE:
            return right
        return left if right == TRUE else None


class Either(Condition):
    """left or right."""

    nargs = 2

    @classmethod
    def eval(cls, left: Expr, right: Expr) -> Expr | None:
        """Return the result if one side decides it (sympy's protocol)."""
        if TRUE in (left, right):
            return TRUE
        if left == FALSE:
            return right
        return left if right == FALSE else None


class Negation(Condition):
    """not operand."""

    nargs = 1

    @classmethod
    def eval(cls, operand: Expr) -> Expr | None:
        """Return the opposite of a constant, and undo another negation (sympy's protocol)."""
        if isinstance(operand, Constant):
            return _truth(operand == FALSE)
        return operand.args[0] if isinstance(operand, Negation) else None


def is_condition(expression: Expr) -> bool:
    """Whether an expression is true or false, rather than a number."""
    return isinstance(expression, (Condition, Truth))


class Select(sympy.Function):  # type: ignore[misc]
    """``Select(condition, a, b)``: a where the condition holds, else b."""

    nargs = 3
    is_commutative = True
    is_real = True

    @classmethod
    def eval(cls, condition: Expr, chosen: Expr, other: Expr) -> Expr | None:
        """Return what is selected if that is known (sympy's protocol)."""
        if condition == TRUE or chosen == other:
            return chosen
        if condition == FALSE:
            return other
        return None
