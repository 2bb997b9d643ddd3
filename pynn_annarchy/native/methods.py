"""The integrators as data: what tells one from the other, for `schemes` to apply.

==============  ==============================================  ==========================================
name            solves                                          error of one step of length h
==============  ==============================================  ==========================================
exact           linear systems with constant coefficients       rounding
magnus          one variable, linear in itself                  O(h^5)  (Magnus expansion, two Gauss nodes)
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
    """An explicit Runge-Kutta method: stage j is taken at ``nodes[j]`` of the step from ``matrix[j]`` of earlier slopes."""

    nodes: tuple[float, ...]
    matrix: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]


TABLEAUS: Mapping[str, Tableau] = MappingProxyType(
    {
        "explicit": Tableau((0.0,), ((),), (1.0,)),
        "midpoint": Tableau((0.0, 0.5), ((), (0.5,)), (0.0, 1.0)),
        "rk4": Tableau(
            (0.0, 0.5, 0.5, 1.0), ((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6)
        ),
    }
)

# Gauss-Legendre nodes of order 4, and the weight of the commutator: Blanes, Casas, Oteo & Ros 2009,
# doi 10.1016/j.physrep.2008.11.001, eq. 254.
MAGNUS_NODES = (0.5 - math.sqrt(3) / 6, 0.5 + math.sqrt(3) / 6)
MAGNUS_COMMUTATOR = math.sqrt(3) / 6

FIXED_STEP = frozenset({*TABLEAUS, "exponential", "implicit"})
