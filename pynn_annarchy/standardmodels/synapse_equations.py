"""The standard synapses as equation text, the plastic ones composed from one description of each part.

Names and units are PyNN's. ``w`` is the weight; a variable with a leading underscore is internal.

A rule of spike timing says by what share of the weight's range an event strengthens or weakens the synapse; a weight
dependence says how that depends on how much of the range is left. ``w_min`` is where weakening leads and ``w_max``
where strengthening does, whichever is the greater: with ``w_min = 0`` and ``w_max = -5`` an inhibitory weight of a
current-based cell grows in strength towards -5. Every change is followed by clipping to the range.

A trace stands for all earlier events, not for those of the very same time: events that coincide at the synapse are not
paired with each other, as in NEST.

This module is data for `setup.py` too, so it imports nothing of PyNN and nothing of sympy.
"""

from __future__ import annotations

from dataclasses import dataclass

from pynn_annarchy.native.spec import SynapseText

# ---- how a change depends on the weight ------------------------------------------------------------------------------

_RANGE = """
    w_min = 0.0         # the weight that weakening leads to
    w_max = 1.0         # the weight that strengthening leads to
"""
_EXPONENTS = """
    mu_plus = 0.5       # exponent of what is left of the range when strengthening
    mu_minus = 0.5      # and when weakening
"""
_LEFT_UP = "max((w_max - w)/(w_max - w_min), 0)"
_LEFT_DOWN = "max((w - w_min)/(w_max - w_min), 0)"
_SPAN = "(w_max - w_min)"
_DIRECTION = "sign(w_max - w_min)"


def _clipped(weight: str) -> str:
    return f"clip({weight}, min(w_min, w_max), max(w_min, w_max))"


@dataclass(frozen=True)
class WeightDependence:
    """Factors, from 0 to 1 within the range, of strengthening and of weakening."""

    name: str
    up: str
    down: str
    parameters: str = _RANGE


ADDITIVE = WeightDependence("Additive", "1", "1")
MULTIPLICATIVE = WeightDependence("Multiplicative", _LEFT_UP, _LEFT_DOWN)
ADDITIVE_MULTIPLICATIVE = WeightDependence("AdditivePotentiationMultiplicativeDepression", "1", _LEFT_DOWN)
# Guetig et al. 2003, doi 10.1523/JNEUROSCI.23-09-03697.2003
GUTIG = WeightDependence(
    "Gutig", f"pow({_LEFT_UP}, mu_plus)", f"pow({_LEFT_DOWN}, mu_minus)", parameters=_RANGE + _EXPONENTS
)

WEIGHT_DEPENDENCES = (ADDITIVE, MULTIPLICATIVE, ADDITIVE_MULTIPLICATIVE, GUTIG)


# ---- rules of spike timing -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trace:
    """A variable that every event of one kind raises by 1 and that decays in between."""

    name: str
    tau: str

    @property
    def decay(self) -> str:
        """The equation between events."""
        return f"    d{self.name}/dt = -{self.name}/{self.tau} : init=0, event-driven\n"

    @property
    def raised(self) -> str:
        """What an event does."""
        return f"    {self.name} += 1\n"

    @property
    def of_earlier_sources(self) -> str:
        """The value without the source's spikes of this very time, of which there may be several."""
        return f"({self.name} - (if since_pre == 0: _arrived else: 0))"

    @property
    def of_earlier_targets(self) -> str:
        """The value without the target's spike of this very time, of which there is one at most."""
        return f"({self.name} - (if since_post == 0: 1 else: 0))"


@dataclass(frozen=True)
class TimingRule:
    """By how much events change a weight, in units of `scale`, before the dependence on the weight.

    Attributes
    ----------
    pre, post
        The traces of events of the source and of the target.
    up_at_post, up_at_pre, down_at_pre
        Strengthening and weakening; empty if there is none.
    scale
        The weight's range, or only its direction if changes are in the weight's own unit.
    """

    name: str
    parameters: str
    pre: tuple[Trace, ...]
    post: tuple[Trace, ...]
    up_at_post: str
    down_at_pre: str
    up_at_pre: str = ""
    scale: str = _SPAN


def _pair_rule() -> TimingRule:
    """Return the rule of Song, Miller & Abbott 2000, doi 10.1038/78829, for all pairs of spikes."""
    x, y = Trace("x", "tau_plus"), Trace("y", "tau_minus")
    return TimingRule(
        name="SpikePair",
        parameters="""
    tau_plus = 20.0     # ms, decay of the strengthening that a source's spike prepares
    tau_minus = 20.0    # ms, decay of the weakening that a target's spike prepares
    A_plus = 0.01       # strengthening by a pair, in units of the weight's range
    A_minus = 0.01      # weakening by a pair
""",
        pre=(x,),
        post=(y,),
        up_at_post=f"A_plus*{x.of_earlier_sources}",
        down_at_pre=f"A_minus*{y.of_earlier_targets}",
    )


def _triplet_rule() -> TimingRule:
    """Return the all-to-all rule of Pfister & Gerstner 2006, doi 10.1523/JNEUROSCI.1425-06.2006, equations 3 and 4."""
    r1, r2 = Trace("r1", "tau_plus"), Trace("r2", "tau_x")
    o1, o2 = Trace("o1", "tau_minus"), Trace("o2", "tau_y")
    return TimingRule(
        name="PfisterSpikeTriplet",
        parameters="""
    tau_plus = 16.8     # ms, decay of r1
    tau_minus = 33.7    # ms, decay of o1
    tau_x = 101.0       # ms, decay of r2
    tau_y = 125.0       # ms, decay of o2
    A2_plus = 5e-10     # strengthening by a pair, in units of the weight's range
    A2_minus = 7e-3     # weakening by a pair
    A3_plus = 6.2e-3    # strengthening by a triplet of the source and two spikes of the target
    A3_minus = 2.3e-4   # weakening by a triplet of the target and two spikes of the source
""",
        pre=(r1, r2),
        post=(o1, o2),
        up_at_post=f"{r1.of_earlier_sources}*(A2_plus + A3_plus*{o2.of_earlier_targets})",
        down_at_pre=f"{o1.of_earlier_targets}*(A2_minus + A3_minus*{r2.of_earlier_sources})",
    )


def _vogels_rule() -> TimingRule:
    """Return the rule of Vogels et al. 2011, doi 10.1126/science.1211095, whose alpha is 2*rho*tau."""
    x, y = Trace("x", "tau"), Trace("y", "tau")
    return TimingRule(
        name="Vogels2011",
        parameters="""
    tau = 20.0          # ms, decay of the traces
    eta = 1e-10         # learning rate, in the weight's unit
    rho = 3.0           # Hz, the target's rate that the rule leads to
""",
        pre=(x,),
        post=(y,),
        up_at_post=f"eta*{x.of_earlier_sources}",
        up_at_pre=f"eta*{y.of_earlier_targets}",
        down_at_pre="eta*2*rho*1e-3*tau",
        scale=_DIRECTION,
    )


SPIKE_PAIR = _pair_rule()
PFISTER_TRIPLET = _triplet_rule()
VOGELS = _vogels_rule()

TIMING_RULES = (SPIKE_PAIR, PFISTER_TRIPLET, VOGELS)

# How many spikes of the source have arrived at this very time: a source may spike more than once in a step.
_COUNT = "    _arrived = if since_pre == 0: _arrived + 1 else: 1\n"
_ARRIVED = "    d_arrived/dt = 0 : init=0, event-driven\n"


def _change(rule: TimingRule, weight: WeightDependence, up: str, down: str) -> str:
    terms = f"{up}*{weight.up}" * bool(up) + f" - {down}*{weight.down}" * bool(down)
    return f"{rule.scale}*({terms})"


def _traces(rule: TimingRule) -> str:
    return "".join(trace.decay for trace in (*rule.pre, *rule.post))


def compose(rule: TimingRule, weight: WeightDependence) -> SynapseText:
    """Return the model that a rule of spike timing and a weight dependence make."""
    at_pre = _clipped(f"w + {_change(rule, weight, rule.up_at_pre, rule.down_at_pre)}")
    at_post = _clipped(f"w + {_change(rule, weight, rule.up_at_post, '')}")
    return SynapseText(
        name=f"{rule.name}_{weight.name}",
        parameters=rule.parameters + weight.parameters,
        equations=_ARRIVED + _traces(rule),
        pre_spike=f"    w = {at_pre}\n    g_target += w\n{_COUNT}{''.join(trace.raised for trace in rule.pre)}",
        post_spike=f"    w = {at_post}\n{''.join(trace.raised for trace in rule.post)}",
    )


# ---- the third factor ------------------------------------------------------------------------------------------------

_DOPAMINE = """
    tau_c = 1000.0      # ms, decay of the eligibility
    tau_n = 200.0       # ms, decay of the concentration
    b = 0.0             # 1/ms, the concentration at which nothing is learnt
"""
# c and n decay exponentially, so the integral of c*(n - b) over a time is closed; exprel(x) = (exp(x) - 1)/x
_LEARNT = "c*elapsed*(n*exprel(-elapsed*(1/tau_c + 1/tau_n)) - b*exprel(-elapsed/tau_c))"


def compose_modulated(rule: TimingRule, weight: WeightDependence) -> SynapseText:
    """Return the model in which events change an eligibility c, and a modulator's concentration n makes it weight.

    dw/dt = c*(n - b): Izhikevich 2007, doi 10.1093/cercor/bhl152, with the baseline of Potjans, Diesmann & Morrison
    2010, doi 10.3389/fncom.2010.00141. A spike of the modulatory population raises n by 1/tau_n.
    """
    at_pre = _change(rule, weight, rule.up_at_pre, rule.down_at_pre)
    at_post = _change(rule, weight, rule.up_at_post, "")
    return SynapseText(
        name=f"Modulated_{rule.name}_{weight.name}",
        parameters=_DOPAMINE + rule.parameters + weight.parameters,
        equations=(
            f"    w = {_clipped(f'w + {_LEARNT}')} : init=0, event-driven\n"
            "    dc/dt = -c/tau_c : init=0, event-driven\n"
            "    dn/dt = -n/tau_n : init=0, event-driven\n" + _ARRIVED + _traces(rule)
        ),
        pre_spike=f"    c += {at_pre}\n    g_target += w\n{_COUNT}{''.join(trace.raised for trace in rule.pre)}",
        post_spike=f"    c += {at_post}\n{''.join(trace.raised for trace in rule.post)}",
        modulator_spike="    n += 1/tau_n\n",
        units={"n": "1/ms"},
    )


# ---- voltage -------------------------------------------------------------------------------------------------------

_CLOPATH = """
    A_LTD = 14e-5       # 1/mV, weakening, in units of the weight's range
    A_LTP = 8e-5        # 1/mV**2, strengthening
    theta_plus = -45.3  # mV, potential above which the synapse is strengthened
    theta_minus = -70.6 # mV, averaged potential above which it is changed
    tau_x = 15.0        # ms, decay of the source's trace x
    tau_plus = 7.0      # ms, of the averaged potential u_plus
    tau_minus = 10.0    # ms, of the averaged potential u_minus
    v_clamp = 33.0      # mV, potential that stands for a spike
    t_clamp = 2.0       # ms, time that it lasts
"""
# half a step, because the times are sums of steps that are no binary fractions
_DURING_SPIKE = "since_post < t_clamp - 0.5*dt"


def compose_clopath(weight: WeightDependence) -> SynapseText:
    """Return the voltage-based model of Clopath et al. 2010, doi 10.1038/nn.2479, equations 1 to 3.

    An integrate-and-fire cell has no spike in its potential, so one is put in its place after each spike, as in NEST's
    cells for this rule. The integral of the strengthening is a sum over steps of values at their beginning.
    """
    up = f"{_SPAN}*{weight.up}*A_LTP*x*pos(_v - theta_plus)*pos(u_plus - theta_minus)*dt"
    down = f"{_SPAN}*{weight.down}*A_LTD*pos(u_minus - theta_minus)"
    return SynapseText(
        name=f"Clopath_{weight.name}",
        parameters=_CLOPATH + weight.parameters,
        equations=(
            f"    _v = if {_DURING_SPIKE}: v_clamp else: post.v\n"
            f"    w = {_clipped(f'w + {up}')} : init=0\n"
            "    dx/dt = -x/tau_x : init=0, exact\n"
            "    du_plus/dt = (_v - u_plus)/tau_plus : init=-70.6, exact\n"
            "    du_minus/dt = (_v - u_minus)/tau_minus : init=-70.6, exact\n"
        ),
        pre_spike=f"    w = {_clipped(f'w - {down}')}\n    g_target += w\n    x += 1/tau_x\n",
        units={"u_plus": "mV", "u_minus": "mV", "x": "1/ms"},
    )


# ---- short-term plasticity and chance --------------------------------------------------------------------------------

_FACILITATED = "    u = if tau_facil > 0: u*exp(-elapsed/tau_facil) else: 0 : init=0, event-driven\n"
_USE = "    u += U*(1 - u)\n"
_SHORT_TERM = """
    U = 0.5             # share of the resources that a first spike uses
    tau_rec = 100.0     # ms, recovery
    tau_facil = 0.0     # ms, facilitation; 0 for none
"""

# Tsodyks, Uziel & Markram 2000, doi 10.1523/JNEUROSCI.20-01-j0003.2000: resources are recovered (x), active (y) or
# inactive (z = 1 - x - y). What is active becomes inactive with the time constant of the target's response. The part of
# y that is inactive after a time a, (exp(-a/tau_rec) - exp(-a/tau_psc))*tau_rec/(tau_rec - tau_psc), is written without
# the singularity at equal time constants and without overflow: the slower exponential is factored out.
_PASSED = (
    "if tau_psc > 0: elapsed/tau_psc*exp(-elapsed/max(tau_psc, tau_rec))*exprel(-elapsed*abs(1/tau_psc - 1/tau_rec)) "
    "else: exp(-elapsed/tau_rec) - _left"
)
TsodyksMarkram = SynapseText(
    name="TsodyksMarkram",
    parameters=_SHORT_TERM + "    tau_psc = 5.0       # ms, of the target's response; 0 for a step of the potential\n",
    equations=(
        _FACILITATED
        + "    _left = if tau_psc > 0: exp(-elapsed/tau_psc) else: (if elapsed > 0: 0 else: 1) : event-driven\n"
        + f"    _passed = {_PASSED} : event-driven\n"
        + "    x = 1 - y*_left - (1 - x - y)*exp(-elapsed/tau_rec) - y*_passed : init=1, event-driven\n"
        + "    y = y*_left : init=0, event-driven\n"
    ),
    pre_spike=_USE + "    g_target += w*u*x\n    y += u*x\n    x -= u*x\n",
)

SimpleStochastic = SynapseText(
    name="SimpleStochastic",
    parameters="    p = 0.5             # probability that a spike is transmitted\n",
    equations="",
    pre_spike="    g_target += if Uniform(0, 1) < p: w else: 0\n",
)

# Probability that a site has not recovered since the spike before, or since the beginning.
_STILL_EMPTY = "exp(-min(since_pre, t)/tau_rec)"

# Fuhrmann et al. 2002, doi 10.1152/jn.00258.2001: one site, whose resource is there (R = 1) or not.
StochasticTsodyksMarkram = SynapseText(
    name="StochasticTsodyksMarkram",
    parameters=_SHORT_TERM,
    equations=_FACILITATED + "    dR/dt = 0 : init=1, event-driven\n",
    pre_spike=(
        f"    R = if Uniform(0, 1) > (1 - R)*{_STILL_EMPTY}: 1 else: 0\n"
        + _USE
        + "    _released = if Uniform(0, 1) < u: R else: 0\n"
        + "    g_target += w*_released\n"
        + "    R -= _released\n"
    ),
)

# The same with n sites, each of which has its share of the weight; a of them have their resource.
MultiQuantal = SynapseText(
    name="MultiQuantal",
    parameters="""
    U = 0.5             # probability that a site releases at a first spike
    n = 1               # number of sites
    tau_rec = 800.0     # ms, recovery
    tau_facil = 0.0     # ms, facilitation; 0 for none
""",
    equations=_FACILITATED + "    da/dt = 0 : init=1, event-driven\n",
    pre_spike=(
        f"    a += Binomial(max(n - a, 0), 1 - {_STILL_EMPTY})\n"
        + _USE
        + "    _released = Binomial(a, u)\n"
        + "    g_target += w*_released/n\n"
        + "    a -= _released\n"
    ),
)

# ---- what is compiled with the package -------------------------------------------------------------------------------

STANDARD_SYNAPSES = (
    TsodyksMarkram,
    SimpleStochastic,
    StochasticTsodyksMarkram,
    MultiQuantal,
    *(compose(SPIKE_PAIR, weight) for weight in WEIGHT_DEPENDENCES),
    compose(VOGELS, ADDITIVE),
    compose(PFISTER_TRIPLET, ADDITIVE),
    compose_clopath(ADDITIVE),
    compose_modulated(SPIKE_PAIR, ADDITIVE),
)
