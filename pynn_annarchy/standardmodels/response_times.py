"""How long the response of a cell to a spike lasts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_OF_STANDARD_CELLS = {"excitatory": "tau_syn_E", "inhibitory": "tau_syn_I"}


def response_times(cells: Any, receptor: str) -> NDArray[np.float64]:
    """Return the time constant in ms with which input decays at each cell; 0 where it is a step of the potential."""
    members = getattr(cells, "populations", [cells])
    return np.concatenate([_of_population(population, receptor) for population in members])


def _of_population(population: Any, receptor: str) -> NDArray[np.float64]:
    known = population.celltype.get_parameter_names()
    # of a composed neuron, and of one whose response rises and decays with a time constant each
    candidates = (_OF_STANDARD_CELLS.get(receptor, ""), f"{receptor}.tau_syn", f"{receptor}.tau_decay")
    name = next((name for name in candidates if name in known), None)
    values = 0.0 if name is None else population.get(name)
    return np.broadcast_to(np.asarray(values, dtype=float), (population.size,))
