"""Build and run the network of PyNN's Potjans2014 example; started in the folder of its modules, which are imported.

Its own main program, microcircuit.py, runs with NEST only, and writes files in a format that Neo has given up.
"""

from __future__ import annotations

import sys
from importlib import import_module

sim = import_module(f"pyNN.{sys.argv[1]}")
network = import_module("network")

sim.setup(timestep=0.1, min_delay=0.1, max_delay=20.0)
column = network.Network(sim)
column.setup(sim)
sim.run(500.0)
L23_E, L23_I, L4_E, L4_I, L5_E, L5_I, L6_E, L6_I = (
    column.pops[layer][kind] for layer in ("L23", "L4", "L5", "L6") for kind in "EI"
)
