"""Small deterministic networks, run alike on several backends; every function takes the backend as `sim`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SIMTIME = 200.0  # ms
# Steps and times are binary fractions: PyNN's nest backend shifts input times by a delay, and with 0.1 ms that makes
# some of them a little later than a step, so that they come one step late.
TIMESTEP = 0.125  # ms
DRIVE = [[5.0 + 1.75 * k + 0.125 * (k * k % 7) + phase for k in range(63)] for phase in (0.0, 0.375, 1.125, 1.25)]
VOLLEY = [[10.0 + 2.0 * k + 0.25 * i for i in range(6)] for k in range(4)]


@dataclass(frozen=True)
class Network:
    """Four sources, each onto two cells of `cell`; the weights decide how they fire.

    With `ring`, the cells also excite each other in a ring, with delays that differ, so that
    activity goes round after the sources have fallen silent.
    """

    cell: str
    weight: float
    inhibition: float
    parameters: dict[str, float]
    ring: float = 0.0
    volley: bool = False
    fine_in_nest: bool = False

    def timestep(self, backend: str) -> float:
        """Return the step at which a backend is compared.

        NEURON's scheme is of first order, and so is NEST's for Izhikevich; in its EIF cells NEST resets within a step.
        These are compared where the step is short; all else in NEST at an ordinary one.
        """
        if backend == "neuron":
            return 1 / 256
        return 0.005 if self.fine_in_nest else TIMESTEP


def _conductance(**parameters: float) -> dict[str, float]:
    return {"tau_syn_E": 3.0, "tau_syn_I": 6.0, **parameters}


IF = {"tau_refrac": 2.0, "cm": 0.25, "tau_m": 12.0, "v_thresh": -52.0, "v_reset": -61.0, "v_rest": -65.0}

NETWORKS: dict[str, Network] = {
    "IF_cond_exp": Network("IF_cond_exp", 0.009, 0.012, _conductance(**IF)),
    "IF_cond_alpha": Network("IF_cond_alpha", 0.004, 0.003, _conductance(**IF)),
    "IF_curr_exp": Network("IF_curr_exp", 0.6, -0.3, _conductance(**IF)),
    "IF_curr_alpha": Network("IF_curr_alpha", 0.25, -0.1, _conductance(**IF)),
    "IF_curr_exp_dc": Network("IF_curr_exp", 0.1, -0.1, _conductance(**IF, i_offset=0.35)),
    "EIF_cond_exp_isfa_ista": Network(
        "EIF_cond_exp_isfa_ista", 0.02, 0.01, _conductance(i_offset=0.2), fine_in_nest=True
    ),
    "EIF_cond_alpha_isfa_ista": Network(
        "EIF_cond_alpha_isfa_ista", 0.008, 0.003, _conductance(i_offset=0.2), fine_in_nest=True
    ),
    "HH_cond_exp": Network("HH_cond_exp", 0.01, 0.01, _conductance()),
    "Izhikevich": Network("Izhikevich", 0.004, -0.001, {"i_offset": 0.004}, fine_in_nest=True),
    "ring_IF_cond_exp": Network("IF_cond_exp", 0.05, 0.0, _conductance(**IF), ring=0.045, volley=True),
    "ring_IF_curr_alpha": Network("IF_curr_alpha", 2.0, 0.0, _conductance(**IF), ring=1.9, volley=True),
}


def spikes(sim: Any, network: Network, timestep: float = TIMESTEP, **options: Any) -> list[list[float]]:
    """Run and return the spike times of each cell in ms."""
    sim.setup(timestep=timestep, min_delay=TIMESTEP, max_delay=10.0, **options)
    times = VOLLEY if network.volley else DRIVE
    sources = sim.Population(4, sim.SpikeSourceArray(spike_times=times))
    cells = sim.Population(8, getattr(sim, network.cell)(**network.parameters))
    _connect(sim, sources, cells, [(k % 4, k, network.weight * (1 + 0.05 * k), 1.0 + 0.25 * k) for k in range(8)])
    _connect(sim, sources, cells, [((k + 1) % 4, k, network.inhibition, 2.5) for k in range(8)], "inhibitory")
    if network.ring:
        _connect(sim, cells, cells, [(k, (k + 1) % 8, network.ring, 1.5 + 0.375 * k) for k in range(8)])
    cells.record("spikes")
    sim.run(SIMTIME)
    trains = cells.get_data().segments[0].spiketrains
    result = [sorted(round(float(t), 6) for t in train.rescale("ms").magnitude) for train in trains]
    sim.end()
    return result


def _connect(sim: Any, pre: Any, post: Any, rows: list[Any], receptor: str = "excitatory") -> None:
    sim.Projection(pre, post, sim.FromListConnector(rows), sim.StaticSynapse(), receptor_type=receptor)
