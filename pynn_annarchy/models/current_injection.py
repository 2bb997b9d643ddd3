"""Rate-coded cells that drive spiking ones directly."""

from __future__ import annotations

import functools
from typing import Any

from .synapse import Synapse, UserSynapse


@functools.cache
def _class() -> type[UserSynapse]:
    base = Synapse("w = 1.0", psp="w*pre.r", name="CurrentInjection")
    members = {"__doc__": CurrentInjection.__doc__, "__module__": __name__, "direct": True}
    return type("CurrentInjection", (base,), members)


def CurrentInjection(**parameters: Any) -> UserSynapse:
    """Return a synapse type that adds rates of rate-coded cells to what spiking cells integrate, in every step.

    What reaches a cell at the time t is the sum of ``weight*r(t - delay)`` over its sources. It goes where spikes of
    the receptor type go: ``g_exc`` of a model without an equation for it is just that sum, any other conductance or
    current grows by it in every step.

    Parameters
    ----------
    parameters
        `weight`, in the unit of the conductance or current for each unit of the rate; 1 if it is not given. `delay` in
        ms, as of any synapse.
    """
    return _class()(**parameters)
