"""The integrators as data: what tells one from the other, for `schemes` to apply.

==============  ==============================================  ==========================================
name            solves                                          error of one step of length h
==============  ==============================================  ==========================================
exact           linear systems with constant coefficients       rounding
magnus          one variable, linear in itself                  O(h^5)  (Magnus expansion, three nodes)
rk45            anything                                        below the tolerance (Dormand-Prince, adaptive)
rk4             anything                                        O(h^5)
midpoint        anything                                        O(h^3)
explicit        anything                                        O(h^2)  (Euler)
exponential     one variable, linear in itself                  O(h^2), exact if nothing else changes
implicit        systems linear in their variables               O(h^2), stable at any h (backward Euler)
==============  ==============================================  ==========================================
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Tableau:
    """An explicit Runge-Kutta method: stage j is taken at ``nodes[j]`` of the step from ``matrix[j]`` of the slopes."""

    nodes: tuple[float, ...]
    matrix: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]


TABLEAUS: Mapping[str, Tableau] = MappingProxyType(
    {
        "explicit": Tableau((0.0,), ((),), (1.0,)),
        "midpoint": Tableau((0.0, 0.5), ((), (0.5,)), (0.0, 1.0)),
        "rk4": Tableau((0.0, 0.5, 0.5, 1.0), ((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6)),
    }
)

# What the Magnus expansion needs of the coefficients is their mean and their first moment over the step: Blanes, Casas,
# Oteo & Ros 2009, doi 10.1016/j.physrep.2008.11.001. Gauss-Legendre quadrature with three nodes, given by
# their distance from the middle of the step and their weights: two would do for order 4, but an alpha function with a
# time constant of 0.3 ms needs the third (IF_cond_alpha: an error of 5e-5 mV at dt = 0.1 ms becomes 1e-7), and where
# the coefficients are solved exactly the third costs nothing in the step.
MAGNUS_NODES = ((-math.sqrt(0.15), 5 / 18), (0.0, 8 / 18), (math.sqrt(0.15), 5 / 18))

METHODS = ("exact", "magnus", "rk45", "rk4", "midpoint", "explicit", "implicit", "exponential")
FIXED_STEP = frozenset({*TABLEAUS, "exponential", "implicit"})
