"""The second stage of the pipeline for continuous synapses: equations to statements (`RowsModel` to `Behaviour`).

==============  ====================================================================================================
function        what it does
==============  ====================================================================================================
psp             nothing; its result is what the synapse transmits
learn_shared    one step of the equations that have one value for the projection
learn_row       likewise, one for each target
learn           likewise, one for each synapse
==============  ====================================================================================================
"""

from __future__ import annotations

from .builder import Builder
from .ir import Behaviour, Body, Propagator
from .model import RowsModel
from .symbols import State

FUNCTIONS = {"projection": "learn_shared", "postsynaptic": "learn_row", "local": "learn"}


def integrate_rows(model: RowsModel) -> Behaviour:
    """Return what the functions of a model do.

    Raises
    ------
    EquationError
        If a method does not apply to its equation.
    """
    propagators: list[Propagator] = []
    internal: dict[State, float] = {}
    bodies = {"psp": Body((), model.psp.value)}
    for locality, name in FUNCTIONS.items():
        builder = Builder(propagators=propagators, internal=internal)
        builder.equations(model.equations[locality])
        builder.bounds(model.equations[locality])
        bodies[name] = Body(tuple(builder.sections))
    return Behaviour(bodies, tuple(propagators), internal)
