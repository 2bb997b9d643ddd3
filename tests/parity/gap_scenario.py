"""Four pairs of cells and gap junctions between some of them: the scenario of PyNN's test_electrical_synapse."""

from __future__ import annotations

from typing import Any

TIMESTEP = 0.1  # ms
SAMPLING = 0.5  # ms
DURATION = 160.0  # ms
CONDUCTANCE = 1.0  # uS
JUNCTIONS = [(0, 0), (0, 1), (2, 2), (3, 2)]  # of a cell of the first population and one of the second
LEVEL = 10.0  # mV, whose upward crossing is a spike in pyNN.neuron


def populations(sim: Any) -> tuple[Any, Any]:
    """Return two populations of four cells; one cell of each gets a current from 100 ms on."""
    cells = [sim.Population(4, sim.HH_cond_exp()) for _ in range(2)]
    source = sim.StepCurrentSource(amplitudes=[1.0], times=[100.0])
    cells[0][0:1].inject(source)
    cells[1][2:3].inject(source)
    return cells[0], cells[1]
