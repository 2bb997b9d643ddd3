"""The standard cells as equation text, one `NeuronText` for each of PyNN's point-neuron cell types.

Names are PyNN's; units are ms, mV, nA, nF and uS throughout. A parameter that PyNN gives in nS (``a``, ``q_sfa``,
``q_rr``, ``g_leak``) is in uS here: the translation tables scale it. Array parameters of `GIF_cond_exp` are written out
as ``tau_eta_1`` to ``tau_eta_3`` and so on. A variable with a leading underscore is internal and cannot be recorded.

Conventions, the same for all cells: a weight is the *peak* of the conductance or current that one spike causes;
synaptic variables and adaptation evolve during refractoriness, v is held; a spike is due when v >= threshold after the
input that arrives at the end of the step was added; a cell does not spike while it is refractory.

This module is data for `setup.py` too, so it imports nothing of PyNN and nothing of sympy.
"""

from __future__ import annotations

from collections.abc import Mapping

from pynn_annarchy.native.spec import NeuronText

_UNITS = {"v": "mV", "isyn_exc": "nA", "isyn_inh": "nA", "gsyn_exc": "uS", "gsyn_inh": "uS"}


# ---- pieces: parameters ----------------------------------------------------------------------------------------------

MEMBRANE = """
    v_rest = -65.0      # mV, resting potential
    cm = 1.0            # nF, membrane capacitance
    tau_m = 20.0        # ms, membrane time constant
    tau_refrac = 0.1    # ms, refractory period
    i_offset = 0.0      # nA, constant current
    v_reset = -65.0     # mV, potential after a spike
"""
THRESHOLD = """
    v_thresh = -50.0    # mV, spike threshold
"""


def _time_constants(excitatory: float, inhibitory: float) -> str:
    return f"""
    tau_syn_E = {excitatory}     # ms, excitatory synaptic time constant
    tau_syn_I = {inhibitory}     # ms, inhibitory synaptic time constant
"""


def _reversal_potentials(excitatory: float, inhibitory: float) -> str:
    return f"""
    e_rev_E = {excitatory}       # mV, reversal potential of excitatory input
    e_rev_I = {inhibitory}     # mV, reversal potential of inhibitory input
"""


# ---- pieces: what an arriving spike does -----------------------------------------------------------------------------


_EULER = "2.718281828459045"


def exponential(variable: str, tau: str) -> str:
    """Return the kinetics of a response that jumps by the weight and decays."""
    return f"    d{variable}/dt = -{variable}/{tau} : init=0, always\n"


def alpha(variable: str, tau: str, source: str) -> str:
    """Return the kinetics of w*(t/tau)*exp(1 - t/tau), whose peak, at t = tau, is the weight w."""
    return (
        f"    d{source}/dt = -{source}/{tau} : init=0, always\n"
        f"    d{variable}/dt = ({_EULER}*{source} - {variable})/{tau} : init=0, always\n"
    )


_CURR_EXP = exponential("isyn_exc", "tau_syn_E") + exponential("isyn_inh", "tau_syn_I")
_COND_EXP = exponential("gsyn_exc", "tau_syn_E") + exponential("gsyn_inh", "tau_syn_I")
_CURR_ALPHA = alpha("isyn_exc", "tau_syn_E", "_x_exc") + alpha("isyn_inh", "tau_syn_I", "_x_inh")
_COND_ALPHA = alpha("gsyn_exc", "tau_syn_E", "_x_exc") + alpha("gsyn_inh", "tau_syn_I", "_x_inh")

_ONTO_CURRENT = {"excitatory": "isyn_exc", "inhibitory": "isyn_inh"}
_ONTO_CONDUCTANCE = {"excitatory": "gsyn_exc", "inhibitory": "gsyn_inh"}
_ONTO_ALPHA = {"excitatory": "_x_exc", "inhibitory": "_x_inh"}
_ONTO_V = {"excitatory": "v", "inhibitory": "v"}


# ---- pieces: currents and the membrane -------------------------------------------------------------------------------

INJECTED = "i_offset + i_inj"
_SYNAPTIC_CURRENT = "isyn_exc + isyn_inh"


def _synaptic_conductance(v: str = "v") -> str:
    return f"gsyn_exc*(e_rev_E - {v}) + gsyn_inh*(e_rev_I - {v})"


def leaky(current: str, method: str) -> str:
    """Return the membrane equation of a leaky integrate-and-fire cell under a current in nA."""
    return f"    dv/dt = (v_rest - v)/tau_m + ({current})/cm : init=-65.0, {method}\n"


V_TO_RESET = "v = v_reset"


def _units(*more: str, **named: str) -> dict[str, str]:
    """Return the units of v, of the synaptic variables named, and of others given as name=unit."""
    return {"v": _UNITS["v"], **{name: _UNITS[name] for name in more}, **named}


_CURR_UNITS = _units("isyn_exc", "isyn_inh")
_COND_UNITS = _units("gsyn_exc", "gsyn_inh")


# ---- leaky integrate-and-fire, current-based: linear, solved exactly -------------------------------------------------

IF_curr_exp = NeuronText(
    name="IF_curr_exp",
    parameters=MEMBRANE + THRESHOLD + _time_constants(5.0, 5.0),
    equations=_CURR_EXP + leaky(f"{_SYNAPTIC_CURRENT} + {INJECTED}", "exact"),
    spike="v >= v_thresh",
    reset=V_TO_RESET,
    refractory="tau_refrac",
    receptors=_ONTO_CURRENT,
    units=_CURR_UNITS,
)

IF_curr_alpha = NeuronText(
    name="IF_curr_alpha",
    parameters=MEMBRANE + THRESHOLD + _time_constants(0.5, 0.5),
    equations=_CURR_ALPHA + leaky(f"{_SYNAPTIC_CURRENT} + {INJECTED}", "exact"),
    spike="v >= v_thresh",
    reset=V_TO_RESET,
    refractory="tau_refrac",
    receptors=_ONTO_ALPHA,
    units=_CURR_UNITS,
)

# Weights are steps of v in mV.
IF_curr_delta = NeuronText(
    name="IF_curr_delta",
    parameters=MEMBRANE + THRESHOLD,
    equations=leaky(INJECTED, "exact"),
    spike="v >= v_thresh",
    reset=V_TO_RESET,
    refractory="tau_refrac",
    receptors=_ONTO_V,
    units=_units(),
)


# ---- leaky integrate-and-fire, conductance-based: linear in v with coefficients that change in time ------------------

IF_cond_exp = NeuronText(
    name="IF_cond_exp",
    parameters=MEMBRANE + THRESHOLD + _time_constants(5.0, 5.0) + _reversal_potentials(0.0, -70.0),
    equations=_COND_EXP + leaky(f"{_synaptic_conductance()} + {INJECTED}", "magnus"),
    spike="v >= v_thresh",
    reset=V_TO_RESET,
    refractory="tau_refrac",
    receptors=_ONTO_CONDUCTANCE,
    units=_COND_UNITS,
)

IF_cond_alpha = NeuronText(
    name="IF_cond_alpha",
    parameters=MEMBRANE + THRESHOLD + _time_constants(0.3, 0.5) + _reversal_potentials(0.0, -70.0),
    equations=_COND_ALPHA + leaky(f"{_synaptic_conductance()} + {INJECTED}", "magnus"),
    spike="v >= v_thresh",
    reset=V_TO_RESET,
    refractory="tau_refrac",
    receptors=_ONTO_ALPHA,
    units=_COND_UNITS,
)

# Muller et al. 2007, doi 10.1162/neco.2007.19.11.2958: two conductances that every spike opens further, one slow
# (adaptation), one fast and strong (relative refractoriness).
IF_cond_exp_gsfa_grr = NeuronText(
    name="IF_cond_exp_gsfa_grr",
    parameters=MEMBRANE
    + THRESHOLD
    + _time_constants(5.0, 5.0)
    + _reversal_potentials(0.0, -70.0)
    + """
    tau_sfa = 100.0     # ms, time constant of spike-frequency adaptation
    e_rev_sfa = -75.0   # mV, its reversal potential
    q_sfa = 0.015       # uS, its increase at a spike
    tau_rr = 2.0        # ms, time constant of relative refractoriness
    e_rev_rr = -75.0    # mV, its reversal potential
    q_rr = 3.0          # uS, its increase at a spike
""",
    equations=exponential("g_s", "tau_sfa")
    + exponential("g_r", "tau_rr")
    + _COND_EXP
    + leaky(
        f"{_synaptic_conductance()} + g_s*(e_rev_sfa - v) + g_r*(e_rev_rr - v) + {INJECTED}",
        "magnus",
    ),
    spike="v >= v_thresh",
    reset="v = v_reset; g_s += q_sfa; g_r += q_rr",
    refractory="tau_refrac",
    receptors=_ONTO_CONDUCTANCE,
    units=_units("gsyn_exc", "gsyn_inh", g_s="uS", g_r="uS"),
)

# The FACETS chip fixes cm, tau_refrac and e_rev_E; PyNN has no parameters for them.
IF_facets_hardware1 = NeuronText(
    name="IF_facets_hardware1",
    parameters="""
    g_leak = 0.04       # uS, leak conductance
    v_rest = -65.0      # mV, resting potential
    v_reset = -80.0     # mV, potential after a spike
    v_thresh = -55.0    # mV, spike threshold
    cm = 0.2            # nF, membrane capacitance
    tau_refrac = 1.0    # ms, refractory period
"""
    + _time_constants(30.0, 30.0)
    + _reversal_potentials(0.0, -80.0),
    equations=_COND_EXP
    + f"    dv/dt = (g_leak*(v_rest - v) + {_synaptic_conductance()} + i_inj)/cm : init=-65.0, magnus\n",
    spike="v >= v_thresh",
    reset=V_TO_RESET,
    refractory="tau_refrac",
    receptors=_ONTO_CONDUCTANCE,
    units=_COND_UNITS,
)


# ---- generalised integrate-and-fire with escape noise ----------------------------------------------------------------


_GIF_TIMES = ((1, 1.0), (2, 10.0), (3, 100.0))


def _each_filter(template: str, joint: str = "") -> str:
    """Return the template written out for the three exponentials of a filter."""
    return joint.join(template.format(k=k) for k in (1, 2, 3))


_I_ETA = "i_eta = " + _each_filter("_eta_{k}", " + ")
_V_T = "v_t = v_t_star + " + _each_filter("_gamma_{k}", " + ")

# Mensi et al. 2012, doi 10.1152/jn.00408.2011; Pozzorini et al. 2015, doi 10.1371/journal.pcbi.1004275. The sums i_eta
# and v_t are formed again at a spike, so that they are recorded with its jump.
GIF_cond_exp = NeuronText(
    name="GIF_cond_exp",
    parameters=MEMBRANE.replace("tau_refrac = 0.1", "tau_refrac = 4.0")
    + _time_constants(5.0, 5.0)
    + _reversal_potentials(0.0, -70.0)
    + """
    delta_v = 0.5       # mV, sharpness of the threshold
    v_t_star = -48.0    # mV, threshold without recent spikes
    lambda0 = 1.0       # Hz, hazard at threshold
"""
    + "".join(f"    tau_eta_{k} = {tau}     # ms\n    tau_gamma_{k} = {tau}   # ms\n" for k, tau in _GIF_TIMES)
    + _each_filter(
        "    a_eta_{k} = 1.0      # nA, jump of the spike-triggered current\n"
        "    a_gamma_{k} = 1.0    # mV, jump of the threshold\n"
    ),
    equations=_each_filter("    d_eta_{k}/dt = -_eta_{k}/tau_eta_{k} : init=0, always\n")
    + _each_filter("    d_gamma_{k}/dt = -_gamma_{k}/tau_gamma_{k} : init=0, always\n")
    + _COND_EXP
    + leaky(f"{_synaptic_conductance()} - {_each_filter('_eta_{k}', ' - ')} + {INJECTED}", "magnus")
    + f"    {_I_ETA} : init=0, always\n"
    + f"    {_V_T} : init=-48.0, always\n",
    spike="Uniform(0, 1) < 1 - exp(-0.001*lambda0*dt*exp((v - v_t)/delta_v))",
    reset="; ".join(
        (V_TO_RESET, _each_filter("_eta_{k} += a_eta_{k}", "; "), _each_filter("_gamma_{k} += a_gamma_{k}", "; "))
        + (_I_ETA, _V_T)
    ),
    refractory="tau_refrac",
    receptors=_ONTO_CONDUCTANCE,
    units=_units("gsyn_exc", "gsyn_inh", i_eta="nA", v_t="mV"),
)


# ---- adaptive exponential integrate-and-fire -------------------------------------------------------------------------


ADAPTIVE = """
    cm = 0.281          # nF, membrane capacitance
    tau_refrac = 0.1    # ms, refractory period
    v_spike = -40.0     # mV, where a spike is detected
    v_reset = -70.6     # mV, potential after a spike
    v_rest = -70.6      # mV, resting potential
    tau_m = 9.3667      # ms, membrane time constant
    i_offset = 0.0      # nA, constant current
    a = 0.004           # uS, coupling of adaptation to v
    b = 0.0805          # nA, jump of w at a spike
    delta_T = 2.0       # mV, sharpness of the upstroke
    tau_w = 144.0       # ms, time constant of adaptation
    v_thresh = -50.4    # mV, where the upstroke begins
"""

# Above v_spike the upstroke has no meaning: the right-hand sides see v cut off there. Where delta_T is small or v_spike
# high, the exponential is out of hand before: 1e6 mV/ms pass any v_spike in 1e-4 ms, as good as at once.
_CUT = """
    _v = min(v, v_spike)
    _upstroke = min(delta_T*exp((_v - v_thresh)/delta_T), 1e6*tau_m) if delta_T > 0 else 0
"""


def adaptive(
    name: str, parameters: str, kinetics: str, current: str, receptors: Mapping[str, str], units: Mapping[str, str]
) -> NeuronText:
    """Return the model of Brette & Gerstner 2005, doi 10.1152/jn.00686.2005; where delta_T is 0, without upstroke.

    ``kinetics`` are the equations of synaptic variables, ``current`` in nA is theirs at the potential ``_v``.
    """
    return NeuronText(
        name=name,
        parameters=ADAPTIVE + parameters,
        equations=_CUT
        + kinetics
        + "    dw/dt = (a*(_v - v_rest) - w)/tau_w : init=0, always, rk45\n"
        + "    dv/dt = (v_rest - _v + _upstroke)/tau_m"
        + f" + ({current} - w + {INJECTED})/cm : init=-70.6, rk45\n",
        spike="v >= (v_spike if delta_T > 0 else v_thresh)",
        reset="v = v_reset; w += b",
        refractory="tau_refrac",
        receptors=receptors,
        units={"v": "mV", "w": "nA", **units},
    )


def _with_two_conductances(name: str, kinetics: str, receptors: Mapping[str, str]) -> NeuronText:
    parameters = _time_constants(5.0, 5.0) + _reversal_potentials(0.0, -80.0)
    return adaptive(name, parameters, kinetics, _synaptic_conductance("_v"), receptors, _COND_UNITS)


EIF_cond_exp_isfa_ista = _with_two_conductances("EIF_cond_exp_isfa_ista", _COND_EXP, _ONTO_CONDUCTANCE)
EIF_cond_alpha_isfa_ista = _with_two_conductances("EIF_cond_alpha_isfa_ista", _COND_ALPHA, _ONTO_ALPHA)


# ---- Izhikevich ------------------------------------------------------------------------------------------------------

# Izhikevich 2003, doi 10.1109/TNN.2003.820440. Its current has no capacitance; 1 nA counts as 1000 mV/ms in all
# backends of PyNN. Above the peak of 30 mV v becomes infinite within 0.3 ms: the right-hand sides see it cut off there.
Izhikevich = NeuronText(
    name="Izhikevich",
    parameters="""
    a = 0.02            # 1/ms, rate of recovery
    b = 0.2             # 1/ms, coupling of recovery to v
    c = -65.0           # mV, potential after a spike
    d = 2.0             # mV/ms, jump of u at a spike
    i_offset = 0.0      # nA, constant current
""",
    equations=f"""
    _v = min(v, 30.0)
    du/dt = a*(b*_v - u) : init=-14.0, rk45
    dv/dt = 0.04*_v**2 + 5*_v + 140 - u + 1000*({INJECTED}) : init=-70.0, rk45
""",
    spike="v >= 30.0",
    reset="v = c; u += d",
    receptors=_ONTO_V,
    units=_units(u="mV/ms"),
)


# ---- Hodgkin-Huxley --------------------------------------------------------------------------------------------------


# exprel(x) = (exp(x) - 1)/x: the rates have no hole where their textbook quotients are 0/0.
_GATES = """
    _u = v - v_offset
    dm/dt = 1.28/exprel((13 - _u)/4)*(1 - m) - 1.4/exprel((_u - 40)/5)*m : init=0.0, always, rk45
    dh/dt = 0.128*exp((17 - _u)/18)*(1 - h) - 4/(1 + exp((40 - _u)/5))*h : init=1.0, always, rk45
    dn/dt = 0.16/exprel((15 - _u)/5)*(1 - n) - 0.5*exp((10 - _u)/40)*n : init=0.0, always, rk45
"""

# Traub & Miles 1991 as reduced in Brette et al. 2007, doi 10.1007/s10827-007-0038-6. A spike is the first step at
# whose end v has come down from a maximum above v_offset + 30 mV; none is due for 2 ms after it (NEST's rule). Nothing
# is held.
HH_cond_exp = NeuronText(
    name="HH_cond_exp",
    parameters="""
    gbar_Na = 20.0      # uS, sodium conductance
    gbar_K = 6.0        # uS, potassium conductance
    g_leak = 0.01       # uS, leak conductance
    cm = 0.2            # nF, membrane capacitance
    v_offset = -63.0    # mV, shift of all rates along v
    e_rev_Na = 50.0     # mV, sodium reversal potential
    e_rev_K = -90.0     # mV, potassium reversal potential
    e_rev_leak = -65.0  # mV, leak reversal potential
    i_offset = 0.0      # nA, constant current
"""
    + _time_constants(0.2, 2.0)
    + _reversal_potentials(0.0, -80.0),
    equations="\n    _v_before = v"
    + _GATES
    + _COND_EXP
    + "    dv/dt = (g_leak*(e_rev_leak - v) + gbar_Na*m**3*h*(e_rev_Na - v) + gbar_K*n**4*(e_rev_K - v)"
    + f" + {_synaptic_conductance()} + {INJECTED})/cm : init=-65.0, always, rk45\n",
    spike="v >= v_offset + 30 and v < _v_before",
    refractory="2.0",
    receptors=_ONTO_CONDUCTANCE,
    units=_units("gsyn_exc", "gsyn_inh", m="dimensionless", h="dimensionless", n="dimensionless"),
)


STANDARD_CELLS: tuple[NeuronText, ...] = (
    IF_curr_alpha,
    IF_curr_exp,
    IF_curr_delta,
    IF_cond_alpha,
    IF_cond_exp,
    IF_cond_exp_gsfa_grr,
    IF_facets_hardware1,
    HH_cond_exp,
    EIF_cond_alpha_isfa_ista,
    EIF_cond_exp_isfa_ista,
    Izhikevich,
    GIF_cond_exp,
)
