"""Print what a peer of this backend makes of the cases: ``python make_reference.py nest > data/nest.json``."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from importlib import import_module, metadata
from typing import Any

import numpy as np
import pyNN
from cases import CASES, clone, connections
from peer_networks import NETWORKS, spikes

CONNECTIVITY_OF = ("nest", "brian2")
SPIKES_OF = ("nest", "neuron")


def versions(backend: str) -> dict[str, str]:
    simulator = import_module(backend).__version__
    return {"pyNN": pyNN.__version__, backend: simulator, "numpy": np.__version__, "neo": metadata.version("neo")}


def reference(backend: str) -> dict[str, Any]:
    sim = import_module(f"pyNN.{backend}")
    made: dict[str, Any] = {"versions": versions(backend), "failures": {}}
    if backend in CONNECTIVITY_OF:
        made["connections"] = {}
        for name in (*CASES, "clone"):
            try:
                made["connections"][name] = clone(sim) if name == "clone" else connections(sim, CASES[name])
            except Exception as error:  # a peer's defect is a result too
                made["failures"][name] = f"{type(error).__name__}: {error}"
    if backend in SPIKES_OF:
        made["spikes"] = {}
        options = {"spike_precision": "on_grid"} if backend == "nest" else {}
        for name, network in NETWORKS.items():
            try:
                made["spikes"][name] = spikes(sim, network, network.timestep(backend), **options)
            except Exception as error:
                made["failures"][name] = f"{type(error).__name__}: {error}"
    return made


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):
        result = reference(sys.argv[1])
    print(json.dumps(result))
