"""Which weights and delays connections may have."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from pyNN import errors
from pyNN.standardmodels.base import excitatory_receptor_types, inhibitory_receptor_types

from .. import simulator


def check_weights(weight: Any, projection: Any, *, sign: bool, what: str = "a weight") -> None:
    """Raise unless all weights are finite and, if `sign`, have the sign that PyNN asks for."""
    weights = np.asarray(weight, dtype=float)
    lowest, highest = (weights.min(), weights.max()) if weights.size else (0.0, 0.0)  # NaN if one is
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        bad = weights[~np.isfinite(weights)][0]
        raise errors.InvalidWeightError(f"{what} is {bad}; weights have to be finite numbers")
    kind = projection.receptor_type
    conductance_based = is_conductance(projection.post, kind)
    if not sign or conductance_based is None:  # nobody but its author knows what a weight is
        return
    if conductance_based or kind in excitatory_receptor_types:
        allowed, rule = 1.0, "positive for conductance-based and/or excitatory synapses"
    elif kind in inhibitory_receptor_types:
        allowed, rule = -1.0, "negative for current-based, inhibitory synapses"
    else:
        return
    if min(allowed * lowest, allowed * highest) < 0.0:
        wrong = weights[allowed * weights < 0.0][0]
        raise errors.ConnectionError(f"{what} is {wrong:g}; weights must be {rule} (receptor {kind!r})")


def is_conductance(cells: Any, receptor: str) -> bool | None:
    """Return whether weights onto a receptor of some cells are conductances, None if nobody but their author knows."""
    members = getattr(cells, "populations", [cells])
    kinds = {member.celltype.conductance_based_at(receptor) for member in members}
    return None if None in kinds else all(kinds)


def delays_to_steps(delay: Any) -> Any:
    """Return delays in ms as the nearest whole numbers of time steps; raise ConnectionError if one is out of range."""
    from ..native import connect  # here: the package can be imported without its compiled core
    from ..native.projection import MAX_DELAY_STEPS

    state = simulator.state
    delays = np.asarray(delay, dtype=float)
    # a bound that is not a multiple of dt leaves only whole steps inside it
    lowest = max(1, math.ceil(state.lowest_delay / state.dt - 1e-6))
    highest = min(MAX_DELAY_STEPS, math.floor(min(state.highest_delay / state.dt, 1e18) + 1e-6))
    if not delays.size:
        return np.empty(delays.shape, np.uint16)
    if lowest <= highest:
        steps, wrong = connect.to_steps(delays, state.dt, lowest, highest, state.network.threads)
    else:  # no whole step is between the bounds
        steps, wrong = None, float(delays.flat[0])
    if steps is None:
        raise errors.ConnectionError(
            f"a delay is {wrong:g} ms, which is out of range "
            f"[{lowest * state.dt:g}, {highest * state.dt:g}] ms (min_delay and max_delay of setup())"
        )
    return int(steps[0]) if delays.ndim == 0 else steps


def steps_to_delays(steps: Any) -> Any:
    """Return whole numbers of time steps as delays in ms."""
    return np.round(np.asarray(steps) * simulator.state.dt, 12)  # 3 steps of 0.1 ms are 0.3 ms
