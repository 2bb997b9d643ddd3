"""The standard cells as their papers define them, for `reference.solve`; nothing here is read from the package."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from reference import Array, Cell


def _decay(age: float, tau: float) -> float:
    return float(np.exp(-age / tau))


def _alpha(age: float, tau: float) -> float:
    return float(age / tau * np.exp(1.0 - age / tau))


_LIF = {
    "v_rest": -65.0,
    "cm": 1.0,
    "tau_m": 20.0,
    "tau_refrac": 0.1,
    "i_offset": 0.0,
    "v_reset": -65.0,
    "v_thresh": -50.0,
}
_CONDUCTANCE = {"tau_syn_E": 5.0, "tau_syn_I": 5.0, "e_rev_E": 0.0, "e_rev_I": -70.0}


def _at_threshold(y: Array, before: Array, p: Mapping[str, float]) -> bool:
    return bool(y[0] >= p["v_thresh"])


def _to_reset(y: Array, p: Mapping[str, float]) -> Array:
    return np.array([p["v_reset"], *y[1:]])


def _lif_current(y: Array, exc: float, inh: float, current: float, p: Mapping[str, float]) -> list[float]:
    return [(p["v_rest"] - y[0]) / p["tau_m"] + (exc + inh + current + p["i_offset"]) / p["cm"]]


def _conductance_current(v: float, exc: float, inh: float, p: Mapping[str, float]) -> float:
    return exc * (p["e_rev_E"] - v) + inh * (p["e_rev_I"] - v)


def _lif_conductance(y: Array, exc: float, inh: float, current: float, p: Mapping[str, float]) -> list[float]:
    total = _conductance_current(y[0], exc, inh, p) + current + p["i_offset"]
    return [(p["v_rest"] - y[0]) / p["tau_m"] + total / p["cm"]]


def _gsfa_grr(y: Array, exc: float, inh: float, current: float, p: Mapping[str, float]) -> list[float]:
    v, g_s, g_r = y
    adaptation = g_s * (p["e_rev_sfa"] - v) + g_r * (p["e_rev_rr"] - v)
    slope = _lif_conductance(y, exc, inh, current + adaptation, p)[0]
    return [slope, -g_s / p["tau_sfa"], -g_r / p["tau_rr"]]


def _facets(y: Array, exc: float, inh: float, current: float, p: Mapping[str, float]) -> list[float]:
    return [(p["g_leak"] * (p["v_rest"] - y[0]) + _conductance_current(y[0], exc, inh, p) + current) / 0.2]


def _adex(y: Array, exc: float, inh: float, current: float, p: Mapping[str, float]) -> list[float]:
    """Brette & Gerstner 2005, eqs. 1-3; nothing is cut off: a grid reference is not followed past v_spike."""
    v, w = min(y[0], p["v_spike"]), y[1]
    g_leak = p["cm"] / p["tau_m"]
    upstroke = g_leak * p["delta_T"] * np.exp((v - p["v_thresh"]) / p["delta_T"]) if p["delta_T"] > 0 else 0.0
    total = upstroke - g_leak * (v - p["v_rest"]) + _conductance_current(v, exc, inh, p) - w + current + p["i_offset"]
    return [total / p["cm"], (p["a"] * (v - p["v_rest"]) - w) / p["tau_w"]]


def _izhikevich(y: Array, exc: float, inh: float, current: float, p: Mapping[str, float]) -> list[float]:
    v, u = min(y[0], 30.0), y[1]
    return [0.04 * v * v + 5.0 * v + 140.0 - u + 1e3 * (current + p["i_offset"]), p["a"] * (p["b"] * v - u)]


def _vtrap(x: float) -> float:
    return 1.0 if x == 0.0 else float(x / np.expm1(x))


def _traub(y: Array, exc: float, inh: float, current: float, p: Mapping[str, float]) -> list[float]:
    """Brette et al. 2007, appendix 2, with the shift V_T = v_offset."""
    v, m, h, n = y
    u = v - p["v_offset"]
    sodium = p["gbar_Na"] * m * m * m * h * (v - p["e_rev_Na"])
    potassium = p["gbar_K"] * n * n * n * n * (v - p["e_rev_K"])
    leak = p["g_leak"] * (v - p["e_rev_leak"])
    total = _conductance_current(v, exc, inh, p) + current + p["i_offset"] - sodium - potassium - leak
    return [
        total / p["cm"],
        0.32 * 4.0 * _vtrap((13.0 - u) / 4.0) * (1.0 - m) - 0.28 * 5.0 * _vtrap((u - 40.0) / 5.0) * m,
        0.128 * np.exp((17.0 - u) / 18.0) * (1.0 - h) - 4.0 / (1.0 + np.exp((40.0 - u) / 5.0)) * h,
        0.032 * 5.0 * _vtrap((15.0 - u) / 5.0) * (1.0 - n) - 0.5 * np.exp((10.0 - u) / 40.0) * n,
    ]


def _gif(y: Array, exc: float, inh: float, current: float, p: Mapping[str, float]) -> list[float]:
    """Pozzorini et al. 2015, eqs. 1-4: the spike-triggered current is subtracted."""
    eta, gamma = y[1:4], y[4:7]
    slope = _lif_conductance(y, exc, inh, current - float(np.sum(eta)), p)[0]
    decays = [-x / p[f"tau_eta_{k}"] for k, x in enumerate(eta, 1)]
    return [slope, *decays, *(-x / p[f"tau_gamma_{k}"] for k, x in enumerate(gamma, 1))]


_ADEX = {
    "cm": 0.281,
    "tau_refrac": 0.1,
    "v_spike": -40.0,
    "v_reset": -70.6,
    "v_rest": -70.6,
    "tau_m": 9.3667,
    "i_offset": 0.0,
    "a": 0.004,
    "b": 0.0805,
    "delta_T": 2.0,
    "tau_w": 144.0,
    "v_thresh": -50.4,
    "e_rev_E": 0.0,
    "tau_syn_E": 5.0,
    "e_rev_I": -80.0,
    "tau_syn_I": 5.0,
}


def _adaptive_exponential(kernel: Callable[[float, float], float]) -> Cell:
    return Cell(
        parameters=_ADEX,
        initial={"v": -70.6, "w": 0.0},
        rhs=_adex,
        fires=lambda y, before, p: bool(y[0] >= (p["v_spike"] if p["delta_T"] > 0 else p["v_thresh"])),
        reset=lambda y, p: np.array([p["v_reset"], y[1] + p["b"]]),
        kernel=kernel,
    )


def _leaky(more: Mapping[str, float], rhs: Callable[..., list[float]], kernel: object) -> Cell:
    return Cell({**_LIF, **more}, {"v": -65.0}, rhs, _at_threshold, _to_reset, kernel)  # type: ignore[arg-type]


_GIF = {
    "tau_refrac": 4.0,
    "delta_v": 0.5,
    "v_t_star": -48.0,
    "lambda0": 1.0,
    **{f"tau_{x}_{k}": tau for x in ("eta", "gamma") for k, tau in ((1, 1.0), (2, 10.0), (3, 100.0))},
    **{f"a_{x}_{k}": 1.0 for x in ("eta", "gamma") for k in (1, 2, 3)},
}

CELLS: dict[str, Cell] = {
    "IF_curr_alpha": _leaky({"tau_syn_E": 0.5, "tau_syn_I": 0.5}, _lif_current, _alpha),
    "IF_curr_exp": _leaky({"tau_syn_E": 5.0, "tau_syn_I": 5.0}, _lif_current, _decay),
    "IF_curr_delta": _leaky({}, _lif_current, None),
    "IF_cond_alpha": _leaky({**_CONDUCTANCE, "tau_syn_E": 0.3, "tau_syn_I": 0.5}, _lif_conductance, _alpha),
    "IF_cond_exp": _leaky(_CONDUCTANCE, _lif_conductance, _decay),
    "IF_cond_exp_gsfa_grr": Cell(
        parameters={
            **_LIF,
            **_CONDUCTANCE,
            "tau_sfa": 100.0,
            "e_rev_sfa": -75.0,
            "q_sfa": 0.015,
            "tau_rr": 2.0,
            "e_rev_rr": -75.0,
            "q_rr": 3.0,
        },
        initial={"v": -65.0, "g_s": 0.0, "g_r": 0.0},
        rhs=_gsfa_grr,
        fires=_at_threshold,
        reset=lambda y, p: np.array([p["v_reset"], y[1] + p["q_sfa"], y[2] + p["q_rr"]]),
        kernel=_decay,
    ),
    "IF_facets_hardware1": Cell(
        parameters={
            "g_leak": 0.04,
            "tau_syn_E": 30.0,
            "tau_syn_I": 30.0,
            "v_reset": -80.0,
            "e_rev_E": 0.0,
            "e_rev_I": -80.0,
            "v_rest": -65.0,
            "v_thresh": -55.0,
        },
        initial={"v": -65.0},
        rhs=_facets,
        fires=_at_threshold,
        reset=_to_reset,
        kernel=_decay,
        refractory_ms=lambda p: 1.0,
    ),
    "HH_cond_exp": Cell(
        parameters={
            "gbar_Na": 20.0,
            "gbar_K": 6.0,
            "g_leak": 0.01,
            "cm": 0.2,
            "v_offset": -63.0,
            "e_rev_Na": 50.0,
            "e_rev_K": -90.0,
            "e_rev_leak": -65.0,
            "e_rev_E": 0.0,
            "e_rev_I": -80.0,
            "tau_syn_E": 0.2,
            "tau_syn_I": 2.0,
            "i_offset": 0.0,
        },
        initial={"v": -65.0, "m": 0.0, "h": 1.0, "n": 0.0},
        rhs=_traub,
        fires=lambda y, before, p: bool(y[0] >= p["v_offset"] + 30.0 and y[0] < before[0]),
        reset=lambda y, p: y,
        kernel=_decay,
        refractory_ms=lambda p: 2.0,
        holds_v=False,
    ),
    "EIF_cond_alpha_isfa_ista": _adaptive_exponential(_alpha),
    "EIF_cond_exp_isfa_ista": _adaptive_exponential(_decay),
    "Izhikevich": Cell(
        parameters={"a": 0.02, "b": 0.2, "c": -65.0, "d": 2.0, "i_offset": 0.0},
        initial={"v": -70.0, "u": -14.0},
        rhs=_izhikevich,
        fires=lambda y, before, p: bool(y[0] >= 30.0),
        reset=lambda y, p: np.array([p["c"], y[1] + p["d"]]),
        kernel=None,
        refractory_ms=lambda p: 0.0,
    ),
    "GIF_cond_exp": Cell(
        parameters={**_LIF, **_CONDUCTANCE, **_GIF},
        initial={"v": -65.0, **{f"{x}_{k}": 0.0 for x in ("eta", "gamma") for k in (1, 2, 3)}},
        rhs=_gif,
        fires=lambda y, before, p: False,
        reset=lambda y, p: np.array(
            [
                p["v_reset"],
                *(y[k] + p[f"a_eta_{k}"] for k in (1, 2, 3)),
                *(y[3 + k] + p[f"a_gamma_{k}"] for k in (1, 2, 3)),
            ]
        ),
        kernel=_decay,
    ),
}
