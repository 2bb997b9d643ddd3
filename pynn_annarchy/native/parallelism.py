"""How many threads help."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .network import Network

AUTO = "auto"

# Measured on a two-core AMD EPYC. Rates of spikes are not known beforehand: 10 Hz is what many networks have.
_NEURON_ns, _EVENT_ns, _VALUE_ns, _RATE_Hz = 2.5, 2.0, 0.5, 10.0
# What a thread must have to do in a window: meeting costs 1 microsecond if each has a core to itself.
_WORTH_ns = 4000.0


def available_threads() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def helpful_threads(network: Network) -> int:
    """Return how many of a network's threads have enough to do between two exchanges of spikes, at least 1."""
    spiking, continuous = network.n_synapses
    events = spiking * _RATE_Hz * network.dt_ms / 1000.0
    step_ns = network.size * _NEURON_ns + events * _EVENT_ns + continuous * _VALUE_ns
    return max(1, min(network.threads, int(step_ns * network.window_steps / _WORTH_ns)))
