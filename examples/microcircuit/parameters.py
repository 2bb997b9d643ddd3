"""The numbers of Potjans and Diesmann's model of a cortical microcircuit (2014, doi 10.1093/cercor/bhs358, table 5).

One mm^2 of early sensory cortex: 77,169 cells in four layers, excitatory (E) and inhibitory (I), and 0.3 billion
connections. The optimised initial values and the rates at full scale are those that van Albada et al. 2015 (doi
10.1371/journal.pcbi.1004490) and Rhodes et al. 2019 (doi 10.1098/rsta.2019.0160) publish with the model.
"""

from __future__ import annotations

import numpy as np

POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
EXTERNAL = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])  # inputs from outside, to each cell
EXTERNAL_Hz = 8.0  # each of them

# The probability that there is at least one connection from a cell of a column's population to one of a row's.
PROBABILITIES = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
    ]
)

CELL = {  # IF_curr_exp
    "cm": 0.25, "tau_m": 10.0, "tau_refrac": 2.0, "tau_syn_E": 0.5, "tau_syn_I": 0.5,
    "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0,
}  # fmt: skip
INITIAL_mV = np.array([-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43])
INITIAL_SPREAD_mV = np.array([5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48])

POTENTIAL_mV = 0.15  # the peak that one excitatory spike causes
INHIBITION = -4.0  # strength of an inhibitory connection relative to an excitatory one
DOUBLED = (0, 2)  # target and source of the connections of twice the strength: L4E to L23E
WEIGHT_SPREAD = 0.1  # relative to the mean
DELAYS_ms = (1.5, 0.75)  # of excitatory and inhibitory connections
DELAY_SPREAD = 0.5

FULL_RATES_Hz = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])  # to make up for inputs left out


def connections() -> np.ndarray:
    """Return how many connections there are from each column's population to each row's, at full scale.

    Pairs are drawn independently and with repetition, so that the probability of none is (1 - 1/pairs)^n.
    """
    pairs = np.outer(SIZES, SIZES).astype(float)
    return np.rint(np.log1p(-PROBABILITIES) / np.log1p(-1.0 / pairs)).astype(np.int64)


def weight_nA() -> float:
    """Return the jump of synaptic current that gives `POTENTIAL_mV`, by the peak of the response in closed form."""
    tau_m, tau_s, cm = CELL["tau_m"], CELL["tau_syn_E"], CELL["cm"]
    peak = np.log(tau_m / tau_s) / (1 / tau_s - 1 / tau_m)  # ms after the spike
    response = tau_m * tau_s / (tau_m - tau_s) / cm * (np.exp(-peak / tau_m) - np.exp(-peak / tau_s))  # mV for 1 nA
    return float(POTENTIAL_mV / response)
