"""Networks of cells that are joined by gap junctions, and their exact solutions."""

from __future__ import annotations

import numpy as np
from coupled_reference import passive, solve_coupled
from device_network import Network
from published import CELLS

from pynn_annarchy.native import kernels
from pynn_annarchy.native.coupling import Membrane
from pynn_annarchy.native.network import StepCurrent

MEMBRANE = {"HH_cond_exp": Membrane(resets=False), "Izhikevich": Membrane(capacitance=1e-3)}
CAPACITANCE = np.array([1.0, 0.25, 0.4, 2.0, 0.1, 0.7, 1.3, 0.5])
TAU = np.array([20.0, 10.0, 15.0, 30.0, 8.0, 25.0, 12.0, 18.0])
CURRENT = np.array([0.5, 0.0, -0.1, 0.0, 0.0, 0.02, 0.0, 0.3])
INITIAL = np.array([10.0, -5.0, 0.0, 3.0, 7.0, -2.0, 1.0, 4.0])


def matrix(size, edges):
    """Return the symmetric matrix of conductances of a list (i, j, g)."""
    found = np.zeros((size, size))
    for i, j, g in edges:
        found[i, j] += g
        found[j, i] += g
    return found


def chain(size, conductance):
    return [(k, k + 1, conductance) for k in range(size - 1)]


class Passive:
    """The first cells of the table above as IF_curr_exp that never spike, with a resting potential of 0."""

    def __init__(self, size, edges, *, dt=0.1, precision="double", tau=TAU, current=CURRENT, initial=INITIAL):
        self.net = Network(dt_ms=dt, precision=precision)
        parameters = {"cm": CAPACITANCE[:size], "tau_m": tau[:size], "i_offset": current[:size]}
        parameters |= {"v_rest": np.zeros(size), "v_thresh": np.full(size, 1e9)}
        kernel = kernels.standard("IF_curr_exp", precision)
        self.cells = self.net.add_population(kernel, size, parameters, {"v": initial[:size]})
        i, j, g = (np.array(column) for column in zip(*edges, strict=True))
        self.junctions = self.net.add_gap_junctions(i, j, conductance=g)
        self.signal = self.cells.record("v", np.arange(size))

    def run(self, steps):
        self.net.run(steps)
        return self.signal.samples()


def exact(size, edges, steps, dt=0.1, tau=TAU, initial=INITIAL):
    return passive(CAPACITANCE[:size], tau[:size], matrix(size, edges), CURRENT[:size], initial[:size], dt, steps)


def pair(name, rate, dt, duration, precision="double", threads=1):
    """Run two cells, one with 0.6 times the current of the other; return samples, spikes and the reference."""
    cell = CELLS[name]
    conductance = rate * cell.parameters.get("cm", {"Izhikevich": 1e-3}.get(name, 0.2))
    amplitude = {"HH_cond_exp": 0.3, "Izhikevich": 0.012, "IF_facets_hardware1": 0.6}.get(name, 1.2)
    currents = amplitude * np.array([1.0, 0.6])
    silent = {"lambda0": 0.0} if name == "GIF_cond_exp" else {}
    net = Network(dt_ms=dt, precision=precision, threads=threads)
    cells = net.add_population(kernels.standard(name, precision), 2, silent)
    for k, current in enumerate(currents):
        net.add_current(StepCurrent(np.array([0]), np.array([current]))).inject([k])
    net.add_gap_junctions([0], [1], conductance=conductance, membranes={cells: MEMBRANE.get(name, Membrane())})
    signal, record = cells.record("v", [0, 1]), cells.record_spikes([0, 1])
    net.run(round(duration / dt))
    reference = solve_coupled(
        cell, [silent] * 2, matrix(2, [(0, 1, conductance)]), dt=dt, duration=duration,
        initial_v=[cell.initial["v"]] * 2, current_nA=currents,
    )  # fmt: skip
    spikes = [(round(float(t), 9), int(k)) for k, t in zip(*record.events(), strict=True)]
    return signal.samples(), spikes, reference
