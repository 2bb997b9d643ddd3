"""Models of neurons and synapses that ANNarchy's users know, in the equation language.

A class is made when it is first asked for, because reading equations loads sympy.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

_IZHIKEVICH = dict(
    parameters="""
        a = 0.02        # 1/ms, rate of recovery
        b = 0.2         # 1/ms, coupling of recovery to v
        c = -65.0       # mV, potential after a spike
        d = 8.0         # mV/ms, jump of u at a spike
        noise = 0.0     # mV/ms, standard deviation of the noise of each step
        i_offset = 0.0  # mV/ms, constant input
        v_thresh = 30.0 # mV, where a spike is detected
        tau_refrac = 0.0
    """,
    equations="""
        I = g_exc - g_inh + noise*Normal(0.0, 1.0) + i_offset
        dv/dt = 0.04*v^2 + 5.0*v + 140.0 - u + I : init=-65.0, explicit
        du/dt = a*(b*v - u) : init=-13.0, explicit
    """,
    spike="v > v_thresh",
    reset="v = c; u += d",
    refractory="tau_refrac",
    units={"v": "mV", "u": "mV/ms", "I": "mV/ms"},
    description="""Izhikevich's neuron (2003, doi 10.1109/TNN.2003.820440) with the parameters of regular spiking.

    Input is a step of the right-hand side that lasts one time step: weights are in mV/ms. PyNN's `Izhikevich` is
    another model: its d is 2, and its weights are steps of v.
    """,
)
_LEAKY_INTEGRATOR = dict(
    parameters="""
        tau = 10.0  # ms, time constant
        B = 0.0     # baseline
        T = 0.0     # threshold of the rate
        noise = 0.0 # standard deviation of what is added to the input in each step
    """,
    equations="""
        tau*dx/dt + x = sum(exc) - sum(inh) + B + noise*Normal(0.0, 1.0) : init=0.0
        r = pos(x - T) : init=0.0
    """,
    description="A rate-coded neuron: leaky integration of its input, and the part of that which is above a threshold.",
)
_HEBB = dict(
    parameters="eta = 0.01 : projection; w_min = 0.0 : projection; w_max = 1e9 : projection",
    equations="dw/dt = eta*pre.r*post.r : min=w_min, max=w_max",
    description="Hebb's rule: the weight grows with the product of the rates.",
)
_OJA = dict(
    parameters="""
        tau = 2000.0 : projection
        alpha = 1.0 : projection
        w_min = 0.0 : projection
        w_max = 1e9 : projection
    """,
    equations="tau*dw/dt = pre.r*post.r - alpha*post.r^2*w : min=w_min, max=w_max",
    description="Oja's rule (1982, doi 10.1007/BF00275687): Hebb's, with a decay that keeps the weights' norm near 1.",
)
_IBCM = dict(
    parameters="eta = 0.01 : projection; tau = 2000.0 : projection; w_min = 0.0 : projection; w_max = 1e9 : projection",
    equations="""
        tau*dtheta/dt + theta = post.r^2 : postsynaptic
        dw/dt = eta*post.r*(post.r - theta)*pre.r : min=w_min, max=w_max
    """,
    description="""The rule of Intrator and Cooper (1992, doi 10.1016/S0893-6080(05)80003-6).

    Weights grow where the target's rate is above its threshold theta, the running mean of the squared rate, and shrink
    below.
    """,
)

NEURONS: dict[str, dict[str, Any]] = {"IzhikevichRS": _IZHIKEVICH, "LeakyIntegrator": _LEAKY_INTEGRATOR}
SYNAPSES: dict[str, dict[str, Any]] = {"Hebb": _HEBB, "IBCM": _IBCM, "Oja": _OJA}
NAMES = frozenset({*NEURONS, *SYNAPSES})


@functools.cache
def built_in(name: str) -> type:
    """Return the class of one of the models in `NAMES`."""
    from .neuron import Neuron
    from .synapse import Synapse

    make: Callable[..., type] = Neuron if name in NEURONS else Synapse
    return make(name=name, **(NEURONS.get(name) or SYNAPSES[name]))
