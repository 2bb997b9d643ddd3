"""One step of v' = a(t) + k(t) v by the Magnus expansion of order 4, from a and k at three moments of the step.

With the integrals K and A of k and a over the step, and K1 and A1 those of k and a times the distance from the middle
in units of the step, v becomes v + phi1(K) D, where D = (1 + K1) A + K (v - A1) = K v + A + (K1 A - K A1). Where a and
k are linear in what moves during the step, as in all cells with synaptic conductances, D is written as a polynomial of
it with coefficients that are computed before the run: the bracket is a commutator, so that of two conductances with
reversal potentials only the product of the one and the other is left, and there is half as much to compute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from .ir import Let
from .linear import ZERO, affine
from .methods import MAGNUS_NODES
from .symbols import DT, INJECTED, Expr, Local, Phi1, State, is_static

_ONE = sympy.Integer(1)


def advanced(variable: State, growth: Sequence[Expr], drive: Sequence[Expr]) -> tuple[list[Let], Expr]:
    """Return definitions, and the value of a variable at the end of the step in their terms.

    Parameters
    ----------
    variable
        The variable v of ``v' = drive + growth * v``.
    growth, drive
        Their values at the three moments `methods.MAGNUS_NODES` of the step.
    """
    rate, change = Local(f"{variable.name}_rate"), Local(f"{variable.name}_change")
    lets = [Let(rate, _integral(growth))]
    moments = _Moments.of(growth, drive)
    if moments is None:
        more, slope = _composed(variable, growth, drive)
    else:
        more, slope = _collected(variable.name, moments)
    return [*lets, *more, Let(change, slope + rate * variable)], variable + Phi1(rate) * change


def _integral(values: Sequence[Expr]) -> Expr:
    if len(set(values)) == 1:
        return DT * values[0]
    return DT * sympy.Add(*(sympy.Float(weight) * x for (_, weight), x in zip(MAGNUS_NODES, values, strict=True)))


def _moment(values: Sequence[Expr]) -> Expr:
    if len(set(values)) == 1:
        return ZERO
    nodes = zip(MAGNUS_NODES, values, strict=True)
    return DT * sympy.Add(*(sympy.Float(offset * weight) * x for (offset, weight), x in nodes if offset != 0))


def _composed(variable: State, growth: Sequence[Expr], drive: Sequence[Expr]) -> tuple[list[Let], Expr]:
    """Return D without K v, whatever a and k are."""
    name = variable.name
    rate, force = Local(f"{name}_rate"), Local(f"{name}_force")
    lets, slope = [Let(force, _integral(drive))], force
    if len(set(growth)) > 1:
        gain = Local(f"{name}_gain")
        lets.append(Let(gain, 1 + _moment(growth)))
        slope = gain * force
    if len(set(drive)) > 1:
        lag = Local(f"{name}_lag")
        lets.append(Let(lag, _moment(drive)))
        slope = slope - rate * lag
    return lets, slope


@dataclass(frozen=True)
class _Moments:
    """The coefficients of k and a in each of what moves (and 1, for the rest), at the nodes.

    Attributes
    ----------
    moving
        What moves, that which may be the same for all neurons first.
    """

    moving: tuple[Expr, ...]
    growth: dict[Expr, list[Expr]]
    drive: dict[Expr, list[Expr]]

    @classmethod
    def of(cls, growth: Sequence[Expr], drive: Sequence[Expr]) -> _Moments | None:
        """Return them, or None where a or k is not linear in what moves."""
        read = frozenset().union(*(value.free_symbols for value in (*growth, *drive)))
        moving = sorted((x for x in read if not x.static), key=lambda x: (x != INJECTED, str(x)))
        forms = [affine(value, moving) for value in (*growth, *drive)]
        found: list[dict[Expr, Expr]] = []
        for form in forms:
            if form is None or not all(map(is_static, (*form.coefficients.values(), form.rest))):
                return None
            found.append({**form.coefficients, _ONE: form.rest})
        count = len(growth)
        by_term = {x: [form.get(x, ZERO) for form in found] for x in (*moving, _ONE)}
        return cls(
            tuple(moving),
            {x: values[:count] for x, values in by_term.items()},
            {x: values[count:] for x, values in by_term.items()},
        )

    def linear(self, x: Expr) -> Expr:
        """Return the coefficient of x itself in D, or of 1."""
        return _integral(self.drive[x]) + self.product(x, _ONE)

    def product(self, x: Expr, y: Expr) -> Expr:
        """Return the coefficient of x y in D, of which the two kinds of neither order are one."""
        if self._is_parallel(x, y):
            return ZERO
        return self._bracket(x, y) if x == y else self._bracket(x, y) + self._bracket(y, x)

    def _bracket(self, x: Expr, y: Expr) -> Expr:
        forward = _moment(self.growth[x]) * _integral(self.drive[y])
        return forward - _integral(self.growth[x]) * _moment(self.drive[y])

    def _is_parallel(self, x: Expr, y: Expr) -> bool:
        """Whether x and y pull v to the same potential at all times, so that it is all one in which order they act."""
        ratios = {
            drive / growth if growth != 0 else None
            for z in (x, y)
            for growth, drive in zip(self.growth[z], self.drive[z], strict=True)
        }
        return len(ratios) == 1 and None not in ratios


def _collected(name: str, moments: _Moments) -> tuple[list[Let], Expr]:
    """Return D without K v as a polynomial: a sum of each x times what it and those before it pull.

    What the injected current adds stands apart, so that it leaves the loop over neurons where all have the same.
    """
    lets: list[Let] = []
    terms: list[Expr] = []
    steady: Expr = moments.linear(_ONE)
    for index, x in enumerate(moments.moving):
        pull, before = moments.linear(x), moments.moving[:index]
        if x == INJECTED:
            steady += x * (pull + x * moments.product(x, x))
            continue
        if INJECTED in before and moments.product(x, INJECTED) != 0:
            lets.append(Let(Local(f"{name}_by_{x.name}"), pull + INJECTED * moments.product(x, INJECTED)))
            pull = lets[-1].target
        others = [y for y in (*before, x) if y != INJECTED]
        terms.append(x * (pull + sympy.Add(*(y * moments.product(x, y) for y in others))))
    drive = Local(f"{name}_drive")
    return [Let(drive, steady), *lets], drive + sympy.Add(*terms)
